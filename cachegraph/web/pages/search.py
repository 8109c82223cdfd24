"""Search: packages, stacks and hashes by how they begin, and specs by Spack's syntax."""

import re
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from cachegraph.errors import CacheGraphError
from cachegraph.model.schema import SPEC
from cachegraph.model.stack_key import StackKey
from cachegraph.web.addresses import (
    SEARCH,
    package_address,
    spec_address,
    stack_address,
    with_parameters,
)
from cachegraph.web.links import Part
from cachegraph.web.page import Page, Redirect, Section, View, tables_section

_MOST = 20
_HASH = re.compile(r"/?([a-z2-7]{4,32})").fullmatch


class Suggestion(NamedTuple):
    """Something whose name begins as asked, what it is, and its page."""

    text: str
    kind: str
    address: str


def suggestions(view: View, text: str) -> list[Suggestion]:
    """The packages, stacks and hashes that begin with a text; of each kind the first few."""
    return [*_suggestions(view, text.strip())] if text.strip() else []


def _suggestions(view: View, text: str) -> Iterator[Suggestion]:
    if not text.startswith("/"):
        for name in view.asker.packages(text.lower())[:_MOST]:
            yield Suggestion(name, "package", package_address(name))
        found = (key for key in view.asker.stacks() if _begins(key, text))
        for key, _ in zip(found, range(_MOST), strict=False):
            yield Suggestion(key, "stack", stack_address(key))
    if match := _HASH(text):
        for hash_ in view.asker.graph.store.keys(SPEC, match[1])[:_MOST]:
            yield Suggestion(f"/{hash_}", "hash", spec_address(hash_))


def _begins(key: str, text: str) -> bool:
    return key.startswith(text) or StackKey.parse(key).name.startswith(text)


def search(view: View) -> Page | Redirect:
    """What fits: the page itself if a package, a stack or a hash is named in full."""
    text = view.one("q").strip()
    found = suggestions(view, text)
    if not view.flag("list") and (address := _exact(text, found)):
        return Redirect(address)
    sections = [partial(_named, found)] if found else []
    if text:
        sections.append(partial(_specs, view, text, is_name=bool(found)))
    return Page(
        SEARCH,
        f"Search: {text}" if text else "Search",
        sections,
        lambda: view.asker.ask("find", spec=text).answer,
        "search.html",
        about={"text": text},
    )


def _exact(text: str, found: list[Suggestion]) -> str | None:
    """The one page that a text names."""
    named = [one.address for one in found if one.text == text]
    hashes = [one.address for one in found if one.kind == "hash"]
    if text.startswith("/") and len(hashes) == 1:
        return hashes[0]
    return named[0] if named else None


def _named(found: list[Suggestion]) -> Section:
    links = [Part(f"{one.text} ({one.kind})", one.address) for one in found]
    return Section("named", "Names that begin so", links=links)


def _specs(view: View, text: str, *, is_name: bool) -> Section:
    """The specs that fit, or why the text is no spec, unless it is the beginning of a name."""
    try:
        asked = view.asker.ask("find", spec=text)
    except CacheGraphError as error:
        return Section("specs", "Specs that fit", error="" if is_name else error.message)
    path = with_parameters(SEARCH, {})
    return tables_section(view, asked, path, "specs", "Specs that fit")

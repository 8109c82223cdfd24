"""The pages, each by its address; every function makes one page from answers."""

import re
from collections.abc import Callable, Sequence
from urllib.parse import unquote

from cachegraph.errors import NotFoundError
from cachegraph.model.stack_key import DEVELOP, StackKey
from cachegraph.web.addresses import (
    package_address,
    release_address,
    segment,
    stack_address,
    with_parameters,
)
from cachegraph.web.page import Page, Redirect, View
from cachegraph.web.pages import home, package, questions, search, spec, stack

Found = Page | Redirect
_SLOW = {"blame", "what-if", "duplicates", "verify", "diff", "causes", "changes"}
"""Parts of the addresses of pages that may take more than a second on a large store."""
_MOST_PARTS = 5
_PART = re.compile(r"part-([1-9][0-9]{0,5})").fullmatch
_HINT = "begin at the first page, or search"


def page_at(view: View, parts: Sequence[str]) -> Found:
    """The page whose address has these parts; NotFoundError if there is none."""
    if len(parts) > _MOST_PARTS:
        raise NotFoundError("no page has such an address", _HINT)
    parts = [_name(view, part) for part in parts]
    if not parts:
        return home.home(view)
    first, *rest = parts
    if first in _PAGES and (found := _PAGES[first](view, rest)) is not None:
        return found
    if first in questions.NAMES and not rest:
        return questions.ask_page(view, first)
    raise NotFoundError(f"no page /{'/'.join(parts)}/", _HINT)


def is_slow(parts: Sequence[str]) -> bool:
    """Whether a page may take so long that others should not wait for it."""
    return bool(parts) and (parts[0] in _SLOW or parts[-1] in _SLOW)


def _name(view: View, part: str) -> str:
    """The name that a part of an address spells; a long one is looked up."""
    if "==" in part:
        names = [*view.asker.packages(), *view.asker.stacks()]
        names += [piece for key in view.asker.stacks() for piece in StackKey.parse(key)]
        return next((name for name in names if segment(name) == part), part)
    try:
        return unquote(part.replace("=", "%"), errors="surrogatepass") if "=" in part else part
    except UnicodeDecodeError:
        return part


def _release(view: View, rest: Sequence[str]) -> Found | None:
    return home.release(view, *rest) if len(rest) in (1, 2) else None


def _packages(view: View, rest: Sequence[str]) -> Found | None:
    return home.packages(view, *rest) if len(rest) <= 1 else None


def _package(view: View, rest: Sequence[str]) -> Found | None:
    """A package; its old address on cache.spack.io, /package/RELEASE/NAME/specs/, leads to it.

    So does that of a part, which only a site of files has.
    """
    match rest:
        case [name]:
            return package.package(view, name)
        case [name, part] if match := _PART(part):
            if not view.is_static:
                return Redirect(package_address(name))
            return package.package(view, name, int(match[1]))
        case [release, name] | [release, name, "specs"]:
            kept = {"release": [release]}
            return Redirect(with_parameters(package_address(name), kept))
    return None


def _tag(view: View, rest: Sequence[str]) -> Found | None:
    """The old addresses of releases, /tag/RELEASE/?stack=NAME, lead to those or to the stack."""
    if len(rest) > 1:
        return None
    release = rest[0] if rest else DEVELOP
    if name := view.one("stack"):
        return Redirect(stack_address(str(StackKey(release, name))))
    return Redirect(release_address(release))


def _spec(view: View, rest: Sequence[str]) -> Found | None:
    return spec.spec(view, rest[0]) if len(rest) == 1 else None


def _stack(view: View, rest: Sequence[str]) -> Found | None:
    return stack.stack(view, *rest) if len(rest) in (2, 3) else None


def _overlap(view: View, rest: Sequence[str]) -> Found | None:
    match rest:
        case [one_release, one, other_release, other]:
            keys = StackKey(one_release, one), StackKey(other_release, other)
            return questions.overlap(view, *map(str, keys))
    return None if rest else questions.ask_page(view, "overlap")


def _why(view: View, rest: Sequence[str]) -> Found | None:
    match rest:
        case [left, right]:
            return questions.why(view, left, right)
    return None if rest else questions.ask_page(view, "why")


def _what_if(view: View, rest: Sequence[str]) -> Found | None:
    return None if rest else questions.what_if(view)


def _questions(view: View, rest: Sequence[str]) -> Found | None:
    return None if rest else questions.questions(view)


def _search(view: View, rest: Sequence[str]) -> Found | None:
    return None if rest else search.search(view)


_PAGES: dict[str, Callable[[View, Sequence[str]], Found | None]] = {
    "release": _release,
    "packages": _packages,
    "package": _package,
    "tag": _tag,
    "spec": _spec,
    "stack": _stack,
    "overlap": _overlap,
    "why": _why,
    "what-if": _what_if,
    "questions": _questions,
    "search": _search,
}

"""Makes HTML of pages with Jinja, in parts: what is ready is sent while the rest is computed."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from cachegraph.errors import CacheGraphError, StoreError
from cachegraph.output.printable import printable
from cachegraph.web.addresses import HOME, JSON, PACKAGES, QUESTIONS_PAGE, SEARCH
from cachegraph.web.links import Cell, Part
from cachegraph.web.neighbours import as_svg
from cachegraph.web.page import Page, Section

_FLUSH = "<!-- flush -->"
Link = Callable[[str], str | None]
"""Makes of the address of a page what a link to it says, or None if it leads nowhere."""


def _shown(value: object) -> str:
    """Text in which nothing changes the direction of writing, or is a control character."""
    return value if isinstance(value, Markup) else printable(str(value))


class Renderer:
    """Renders pages; ``link`` makes their links, and ``policy`` goes into files."""

    def __init__(self, link: Link, *, policy: str = "") -> None:
        self._env = Environment(
            loader=PackageLoader("cachegraph.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_shown,
            auto_reload=False,
        )
        self._env.globals |= {
            "link": link,
            "version": version("cachegraph"),
            "policy": policy,
            "flush": Markup(_FLUSH),  # a text of ours
            "HOME": HOME,
            "PACKAGES": PACKAGES,
            "QUESTIONS": QUESTIONS_PAGE,
            "SEARCH": SEARCH,
            "shown": lambda one: Markup(part_html(one, link)),  # it escapes
            "content": lambda one: Markup(cell_html(one, link)),  # it escapes
            "neighbours": lambda found: Markup(as_svg(found, link)),  # it escapes
        }
        self._env.globals["tables"] = self._env.get_template("tables.html").module

    def parts(self, page: Page, query: str = "", **more: Any) -> Iterator[str]:
        """The HTML of a page; a part ends before each section that is still to be made.

        ``query`` are the parameters of its address, which its JSON document has, too.
        """
        template = self._env.get_template(page.template)
        context = {
            "page": page,
            "sections": _made(page),
            "json": f"{JSON}?{query}" if query else JSON,
            **page.about,
            **more,
        }
        found: list[str] = []
        for piece in template.generate(context):
            if piece != _FLUSH:
                found.append(piece)
            elif found:
                yield "".join(found)
                found.clear()
        yield "".join(found)

    def error(self, status: int, message: str, hint: str, **more: Any) -> str:
        """The page of an error."""
        template = self._env.get_template("error.html")
        return template.render(status=status, message=message, hint=hint, **more)


def _made(page: Page) -> Iterator[Section]:
    """The sections; one that cannot be made says why, unless the store cannot be read."""
    for make in page.sections:
        try:
            yield make()
        except StoreError:
            raise
        except CacheGraphError as error:
            yield Section("error", "", error=error.message)


def document(page: Page) -> bytes:
    """The JSON document of a page."""
    import orjson

    found = page.document()
    with suppress(TypeError):  # lone surrogates, and integers of more than 64 bits
        return orjson.dumps(found)
    import json

    return json.dumps(found, separators=(",", ":")).encode()


def cell_html(cell: Cell, link: Link) -> str:
    """The content of a cell. A template would take four times as long for each of many."""
    return "".join([part_html(one, link) for one in cell.parts])


def part_html(part: Part, link: Link) -> str:
    """A part of a cell as a link, or as text."""
    text = escape(printable(part.text))
    title = f' title="{escape(printable(part.title))}"' if part.title else ""
    if part.address is not None and (to := link(part.address)):
        return f'<a href="{escape(to)}"{title}>{text}</a>'
    return f"<span{title}>{text}</span>" if title else str(text)


def path_of(address: str) -> str:
    """The address of a page without its parameters."""
    return urlsplit(address).path

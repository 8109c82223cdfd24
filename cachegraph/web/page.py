"""What a page is made of, and what the functions that make pages are given."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from cachegraph.errors import UsageError
from cachegraph.output.tables import Table
from cachegraph.web.addresses import with_parameters
from cachegraph.web.asking import Asked, Asker
from cachegraph.web.links import Links, Part, TableView, release_of

Parameters = Mapping[str, Sequence[str]]


class Section(NamedTuple):
    """A part of a page under a heading: sentences, a picture as SVG, tables, links."""

    name: str
    title: str
    tables: Sequence[TableView] = ()
    text: str = ""
    picture: str = ""
    links: Sequence[Part] = ()
    error: str = ""
    template: str = ""
    """A template of its own, which gets ``data``."""
    data: Any = None


class Page(NamedTuple):
    """A page; its sections are made one after another, while what is before them is shown."""

    address: str
    title: str
    sections: Iterable[Callable[[], Section]]
    document: Callable[[], Mapping[str, Any]]
    """Makes the JSON document of the page: the answer that it shows."""
    template: str = "page.html"
    scope: str = ""
    about: Mapping[str, Any] = {}
    """What its template shows besides."""
    crumbs: Sequence[Part] = ()


class Redirect(NamedTuple):
    """Another address, where the page is."""

    address: str


class View:
    """A request for a page: its parameters, whom to ask, and how to link."""

    def __init__(self, asker: Asker, parameters: Parameters, *, is_static: bool = False) -> None:
        self.asker = asker
        self.parameters = parameters
        self.is_static = is_static
        """Whether the page becomes a file, which takes no parameters."""

    @cached_property
    def links(self) -> Links:
        """Finds the pages of what is in tables."""
        return Links(self.asker.stacks(), {one["name"] for one in self.asker.releases()})

    def one(self, name: str, default: str = "") -> str:
        """The last value of a parameter."""
        return (self.parameters.get(name) or (default,))[-1]

    def all(self, name: str) -> list[str]:
        """The values of a parameter that are not empty."""
        return [value for value in self.parameters.get(name, ()) if value]

    def number(self, name: str, default: int, most: int) -> int:
        """A parameter that is a number from 1 on; UsageError if it is something else."""
        text = self.one(name)
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= most):
            raise UsageError(f"{name}={text}: not a number from 1 to {most}")
        return int(text)

    def choice(self, name: str, choices: Sequence[str], default: str) -> str:
        """A parameter that is one of several; UsageError if it is something else."""
        text = self.one(name, default)
        if text not in choices:
            raise UsageError(f"{name}={text}: not one of {', '.join(choices)}")
        return text

    def flag(self, name: str) -> bool:
        """Whether a parameter is given and is no 0."""
        return self.one(name) not in ("", "0", "false")

    def tables(self, asked: Asked, path: str) -> list[TableView]:
        """The tables of an answer; of a long one a page, as the parameters choose."""
        links, release = self.links, release_of(asked.answer)
        section, number = self.one("section"), self.number("page", 1, 1_000_000)
        found = asked.tables()
        if section:
            found = [table for table in found if table.section == section]
        return [
            links.table(
                table,
                release,
                number if section else 1,
                "" if self.is_static else self._address(path, table),
            )
            for table in found
            if table.rows or table.note
        ]

    def _address(self, path: str, table: Table) -> str:
        """Where one page of a table is by itself, to which the number of the page is added."""
        kept = {k: v for k, v in self.parameters.items() if k not in ("section", "page")}
        return with_parameters(path, {**kept, "section": table.section})


def tables_section(view: View, asked: Asked, path: str, name: str, title: str = "") -> Section:
    """A section of all tables of an answer, with its notes."""
    notes = " ".join(f"{note}." for note in asked.answer.get("notes", ()))
    return Section(name, title, view.tables(asked, path), notes)

"""Where pages lead: what has a page, and how the cells of tables become links to it."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from cachegraph.model.stack_key import StackKey
from cachegraph.output.folding import hide_common_variants, numeric_columns, take_common
from cachegraph.output.printable import printable
from cachegraph.output.tables import Table, with_short_digests, with_short_hashes
from cachegraph.web.addresses import (
    package_address,
    release_address,
    spec_address,
    stack_address,
)

PAGE_ROWS = 200
_MOST_WORDS = 24
"""Values of a cell that is a list."""
_HASHES = {"hash", "from", "to", "nearest", "hashes", "missing"}
_PACKAGES = {"package", "depends on"}
_STACKS = {"key", "stack", "stacks", "with", "held by", "in stacks"}
_RELEASES = {"release", "releases"}
_BETWEEN = re.compile(r"(, | )")
_HASH = re.compile(r"/([a-z2-7]{32})")


class Part(NamedTuple):
    """A part of a cell: its text, where it leads if anywhere, and its whole text if it is cut."""

    text: str
    address: str | None = None
    title: str | None = None


class Cell(NamedTuple):
    """A cell of a table."""

    parts: Sequence[Part]
    is_number: bool = False


class TableView(NamedTuple):
    """A table as a page shows it: ``common`` is what all rows have in common, by column."""

    name: str
    note: str
    common: Sequence[tuple[str, Cell]]
    heads: Sequence[tuple[str, bool]]
    """The name of each column, and whether it has numbers."""
    rows: Sequence[Sequence[Cell]]
    total: int
    hides_variants: bool
    page: int = 1
    pages: int = 1
    address: str = ""
    """Where one page of the table by itself is; empty if there is nowhere."""


class Links:
    """Finds the pages of what is named in cells."""

    def __init__(self, stacks: Collection[str], releases: Collection[str]) -> None:
        self._stacks = stacks
        self._releases = releases

    def table(
        self, table: Table, release: str = "", page: int = 1, address: str = "", *, most: int = 0
    ) -> TableView:
        """A page of the rows of a table; names of stacks without a release are of ``release``."""
        size = most or PAGE_ROWS
        rows = table.rows[(page - 1) * size : page * size]
        heads = [*table.columns]
        cells = [[printable(str(value)) for value in row] for row in rows]
        hides = len(cells) > 1 and hide_common_variants(heads, cells)
        common = take_common(table, heads, cells) if len(cells) > 1 else []
        numeric = numeric_columns(table, heads)
        return TableView(
            table.section,
            with_short_hashes(printable(table.note)),
            [(head, self._cell(head, text, release)) for head, text in common],
            [*zip(heads, numeric, strict=True)],
            [
                [
                    self._cell(head, text, release, is_number=number)
                    for head, text, number in zip(heads, row, numeric, strict=True)
                ]
                for row in cells
            ],
            len(table.rows),
            hides,
            page,
            max(1, -(-len(table.rows) // size)),
            address,
        )

    def _cell(self, head: str, text: str, release: str, *, is_number: bool = False) -> Cell:
        return Cell([*self._parts(head, text, release)], is_number)

    def _parts(self, head: str, text: str, release: str) -> Iterator[Part]:
        if head in _PACKAGES and text:
            yield Part(text, package_address(text.split("@", maxsplit=1)[0]))
        elif head in _RELEASES and text in self._releases:
            yield Part(text, release_address(text))
        elif head in _HASHES and text.startswith("/"):
            words, left = _first_words(text)
            yield from map(hash_part, words)
            yield from left
        elif head in _STACKS:
            words, left = _first_words(text)
            yield from (Part(word, self._stack(word, release)) for word in words)
            yield from left
        else:
            short = with_short_digests(with_short_hashes(text))
            yield Part(short, None, text if short != text else None)

    def _stack(self, name: str, release: str) -> str | None:
        for key in (name, f"{release}/{name}"):
            if key in self._stacks:
                return stack_address(key)
        return None


def _first_words(text: str) -> tuple[list[str], list[Part]]:
    """The first words of a list with what is between them, and how many are left out."""
    words = _BETWEEN.split(text)
    left = (len(words) + 1) // 2 - _MOST_WORDS
    if left <= 0:
        return words, []
    return words[: 2 * _MOST_WORDS - 1], [Part(f" and {left} more")]


def hash_part(word: str) -> Part:
    """The beginning of a hash with its slash, which leads to the page of its spec."""
    match = _HASH.fullmatch(word)
    if match is None:
        return Part(word)
    return Part(with_short_hashes(word), spec_address(match[1]), word)


def release_of(answer: Mapping[str, Any]) -> str:
    """The one release that an answer is about, else nothing."""
    releases = answer.get("scope", {}).get("releases", ())
    if len(releases) == 1:
        return str(releases[0])
    stacks = {
        StackKey.parse(one["key"]).release for one in answer.get("stacks", ()) if "key" in one
    }
    return stacks.pop() if len(stacks) == 1 else ""

"""Properties as a file store keeps them: columns of numbers of texts, cut into blocks of nodes."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import gt, itemgetter
from typing import Any

from cachegraph.model.schema import DIGEST, STRINGS, Kind, Property
from cachegraph.stores.file.database import Database
from cachegraph.stores.file.id_sets import unpack, unsealed

BLOCK = 15
WITHIN = (1 << BLOCK) - 1
SEPARATOR = "\x1f"
_NONE = bytes(WITHIN + 1)


class Column(dict[int, Sequence[int]]):
    """The blocks of one property, each read when first looked at; 0 is an absent value."""

    def __init__(self, database: Database, label: str, of: Property) -> None:
        super().__init__()
        self._database = database
        self._label = label
        self.of = of

    def __missing__(self, block: int) -> Sequence[int]:
        rows = self._database.rows(
            "SELECT texts FROM property WHERE label = ? AND name = ? AND block = ?",
            self._label,
            self.of.name,
            block,
        )
        with self._database.explained():
            numbers = self[block] = unpack(unsealed(rows[0][0])) if rows else _NONE
        return numbers

    def at(self, parts: Iterable[tuple[int, Sequence[int]]]) -> list[int]:
        """The numbers of the values at places in blocks."""
        found: list[int] = []
        with self._database.explained():
            for block, places in parts:
                # Many at once, without a step of the interpreter for each.
                at_once = itemgetter(*places)(self[block])
                found += at_once if len(places) > 1 else (at_once,)
        return found


def by_block(nodes: list[int]) -> Iterator[tuple[int, Sequence[int]]]:
    """The nodes as places in blocks; in rising order they are few and long parts."""
    if any(map(gt, nodes, nodes[1:])):
        yield from ((node >> BLOCK, [node & WITHIN]) for node in nodes)
        return
    start = 0
    while start < len(nodes):
        block = nodes[start] >> BLOCK
        end = bisect_left(nodes, (block + 1) << BLOCK, start)
        yield block, [node & WITHIN for node in nodes[start:end]]
        start = end


def stored(of: Kind, value: Any) -> str:
    """The text of a value in the file; a list is joined, as splitting is quicker than JSON."""
    return SEPARATOR.join(value) if of is STRINGS else of.encode(value)


def decoded(of: Property, number: int, text: Callable[[int], str]) -> Any:
    """The value that a number other than 0 stands for."""
    if of.kind is DIGEST:
        return f"{number:016x}"
    if of.kind is STRINGS:
        return tuple(text(number).split(SEPARATOR)) if text(number) else ()
    return of.kind.decode(text(number))

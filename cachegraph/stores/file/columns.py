"""Property values as a file store keeps them: columns of text numbers, cut into blocks of nodes."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import gt, itemgetter
from typing import Any

from cachegraph.model.schema import DIGEST, STRINGS, Kind, Property
from cachegraph.stores.file.database import Database
from cachegraph.stores.file.id_sets import unpack, unseal

BLOCK_BITS = 15
BLOCK_MASK = (1 << BLOCK_BITS) - 1
SEPARATOR = "\x1f"
_AS_JSON = "\x1e"
_ABSENT = bytes(BLOCK_MASK + 1)


class Column(dict[int, Sequence[int]]):
    """The blocks of one property, each read on first use; the number 0 is an absent value."""

    def __init__(self, database: Database, label: str, property_: Property) -> None:
        super().__init__()
        self._database = database
        self._label = label
        self._name = property_.name

    def __missing__(self, block: int) -> Sequence[int]:
        sql = "SELECT texts FROM property WHERE label = ? AND name = ? AND block = ?"
        rows = self._database.rows(sql, self._label, self._name, block)
        with self._database.store_errors():
            numbers = self[block] = unpack(unseal(rows[0][0])) if rows else _ABSENT
        return numbers

    def numbers_at(self, places_by_block: Iterable[tuple[int, Sequence[int]]]) -> list[int]:
        """The numbers at the places of each block, one after another."""
        numbers: list[int] = []
        with self._database.store_errors():
            for block, places in places_by_block:
                # All places in one call, without an interpreter step for each.
                at_places = itemgetter(*places)(self[block])
                numbers += at_places if len(places) > 1 else (at_places,)
        return numbers


def by_block(nodes: list[int]) -> Iterator[tuple[int, Sequence[int]]]:
    """The nodes as a block and the places in it; sorted nodes give one long part for each block."""
    if any(map(gt, nodes, nodes[1:])):
        yield from ((node >> BLOCK_BITS, [node & BLOCK_MASK]) for node in nodes)
        return
    start = 0
    while start < len(nodes):
        block = nodes[start] >> BLOCK_BITS
        end = bisect_left(nodes, (block + 1) << BLOCK_BITS, start)
        yield block, [node & BLOCK_MASK for node in nodes[start:end]]
        start = end


def encode_value(kind: Kind, value: Any) -> str:
    """The text of a value; a list is joined, because splitting is faster than reading JSON.

    A list that would be split in another way is JSON after a mark.
    """
    if kind is not STRINGS:
        return kind.encode(value)
    text = SEPARATOR.join(value)
    is_split_alike = text and text.count(SEPARATOR) == len(value) - 1 and text[0] != _AS_JSON
    return text if is_split_alike or not value else _AS_JSON + kind.encode(value)


def decode_value(kind: Kind, number: int, text: Callable[[int], str]) -> Any:
    """The value that a number other than 0 stands for; ``text`` looks up the text of a number."""
    if kind is DIGEST:
        return f"{number:016x}"
    if kind is STRINGS:
        joined = text(number)
        if joined.startswith(_AS_JSON):
            return kind.decode(joined[1:])
        return tuple(joined.split(SEPARATOR)) if joined else ()
    return kind.decode(text(number))

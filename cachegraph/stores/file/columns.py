"""Property values as a file store keeps them: columns of text numbers, cut into blocks of nodes."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from operator import gt, itemgetter
from typing import Any

from cachegraph.model.kinds import DIGEST, STRINGS, Kind
from cachegraph.model.schema import Property
from cachegraph.stores.file.blocks import Blocks
from cachegraph.stores.file.packing import unpack

BLOCK_BITS = 15
BLOCK_MASK = (1 << BLOCK_BITS) - 1
SEPARATOR = "\x1f"
_AS_JSON = "\x1e"
_ABSENT = bytes(BLOCK_MASK + 1)


class Column(dict[int, Sequence[int]]):
    """The blocks of one property, each read on first use; the number 0 is an absent value."""

    def __init__(self, blocks: Blocks, label: str, property_: Property) -> None:
        super().__init__()
        self._blocks = blocks
        self.area = f"{label}.{property_.name}"

    def errors(self) -> AbstractContextManager[None]:
        """Turns the errors of a damaged block into StoreErrors."""
        return self._blocks.errors()

    def __missing__(self, block: int) -> Sequence[int]:
        data = self._blocks.read(self.area, block)
        with self._blocks.errors():
            numbers = self[block] = unpack(memoryview(data)) if data else _ABSENT
        return numbers


def numbers_of(columns: Sequence[Column], nodes: Sequence[int]) -> list[list[int]]:
    """The numbers of nodes in each of the columns, in the order of the nodes."""
    found: list[list[int]] = [[] for _ in columns]
    if columns:
        with columns[0].errors():
            for block, places in by_block(nodes):
                for column, numbers in zip(columns, found, strict=True):
                    numbers.extend(_at_places(column[block], places))
    return found


def _at_places(numbers: Sequence[int], places: Sequence[int]) -> Sequence[int]:
    """The numbers at places, in one call: without an interpreter step for each."""
    if isinstance(places, range):
        numbers[places[-1]]  # IndexError if there are fewer
        return numbers[places.start : places.stop]
    return itemgetter(*places)(numbers) if len(places) > 1 else (numbers[places[0]],)


def by_block(nodes: Sequence[int], bits: int = BLOCK_BITS) -> Iterator[tuple[int, Sequence[int]]]:
    """The nodes as a block and the places in it; sorted nodes give one long part for each block."""
    mask = (1 << bits) - 1
    if isinstance(nodes, range):
        for first in range(nodes.start & ~mask, nodes.stop, mask + 1):
            end = min(nodes.stop - first, mask + 1)
            yield first >> bits, range(max(nodes.start - first, 0), end)
        return
    if any(map(gt, nodes, nodes[1:])):
        yield from ((node >> bits, [node & mask]) for node in nodes)
        return
    start = 0
    while start < len(nodes):
        block = nodes[start] >> bits
        end = bisect_left(nodes, (block + 1) << bits, start)
        yield block, [node & mask for node in nodes[start:end]]
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

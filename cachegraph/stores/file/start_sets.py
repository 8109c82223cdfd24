"""The relationships of one type from one label to another, as sets of starts.

Each block has the starts of those that have one end and the same properties.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from cachegraph.model.schema import RelationshipType
from cachegraph.stores.file.blocks import Blocks
from cachegraph.stores.file.id_sets import IdSet, decode, decode_union, intersects, members_in
from cachegraph.stores.file.keys import id_limit, keys_area

_END_BITS = 32
_MASK = (1 << _END_BITS) - 1
# To read the sets of one end takes as long as to read those of some ends among all others.
_MANY = 4


def block_number(end: int, text_number: int) -> int:
    """The number of the block for an end and the text number of properties."""
    return (end << _END_BITS) + text_number


class StartSets:
    """Reads the sets of starts of one relationship type."""

    def __init__(self, blocks: Blocks, type_: RelationshipType) -> None:
        self._blocks = blocks
        self._area = type_.name
        self._starts_area = keys_area(type_.start.label)
        self._ends_area = keys_area(type_.end.label)

    def _limit(self) -> int:
        """A number that is larger than every start."""
        return id_limit(self._blocks, self._starts_area)

    def _numbers(self) -> Sequence[int]:
        """The numbers of all blocks; StoreError if the end of one is no node."""
        numbers = self._blocks.directory(self._area).numbers
        limit = id_limit(self._blocks, self._ends_area)
        with self._blocks.errors():
            if len(numbers) and numbers[-1] >> _END_BITS >= limit:
                raise ValueError("relationships lead to a node that is not there")
        return numbers

    def _all_blocks(self) -> list[tuple[int, bytes]]:
        return self._blocks.read_all(self._area) if len(self._numbers()) else []

    def _blocks_with(self, starts: IdSet) -> list[tuple[int, bytes]]:
        """All blocks, less those that are known to have none of the starts."""
        from cachegraph.stores.file.spans import may_hold

        numbers = may_hold(self._blocks, self._area, starts)
        if numbers is None or 2 * len(numbers) > len(self._numbers()):
            return self._all_blocks()
        return [(number, self._blocks.read(self._area, number)) for number in sorted(numbers)]

    def count(self) -> int:
        """The number of relationships."""
        return sum(self._blocks.directory(self._area).sizes)

    def numbers(self, end: int) -> Sequence[int]:
        """The numbers of the blocks of an end."""
        directory = self._blocks.directory(self._area)
        return directory.numbers[directory.between(*_range(end))]

    def to(self, end: int) -> list[tuple[int, IdSet]]:
        """The text number of properties, and the starts that have them, of an end."""
        if not self.numbers(end):
            return []
        blocks = self._blocks.read_between(self._area, *_range(end))
        limit = self._limit()
        with self._blocks.errors():
            return [(number & _MASK, decode(blob, limit)) for number, blob in blocks]

    def to_any(self, ends: Iterable[int]) -> IdSet:
        """The starts of relationships to any of the ends."""
        ends = {*ends}
        if _MANY * len(ends) > len(self._numbers()):
            limit, blocks = self._limit(), self._all_blocks()
            with self._blocks.errors():
                blobs = (blob for number, blob in blocks if number >> _END_BITS in ends)
                return decode_union(blobs, limit)
        parts = [self._blocks.read_between(self._area, *_range(end)) for end in ends]
        limit = self._limit()
        with self._blocks.errors():
            return decode_union((blob for _, blob in chain.from_iterable(parts)), limit)

    def ends(self) -> set[int]:
        """All ends."""
        return {number >> _END_BITS for number in self._numbers()}

    def ends_from(self, starts: IdSet) -> IdSet:
        """The ends of relationships from any of the starts."""
        blocks = self._blocks_with(starts)
        with self._blocks.errors():
            return IdSet([n >> _END_BITS for n, blob in blocks if intersects(blob, starts)])

    def from_(self, starts: IdSet) -> list[tuple[int, int, Iterable[int]]]:
        """The end, the text number of properties, and which of the starts have these."""
        blocks = self._blocks_with(starts)
        with self._blocks.errors():
            return [(n >> _END_BITS, n & _MASK, members_in(blob, starts)) for n, blob in blocks]

    def all(self) -> Iterator[tuple[int, int, IdSet]]:
        """For all blocks: the end, the text number of properties, and the starts."""
        limit = self._limit()
        for number, blob in self._all_blocks():
            with self._blocks.errors():
                starts = decode(blob, limit)
            yield number >> _END_BITS, number & _MASK, starts


def _range(end: int) -> tuple[int, int]:
    """The numbers of the blocks of an end: the first that it may have, and that of the next end."""
    return block_number(end, 0), block_number(end + 1, 0)

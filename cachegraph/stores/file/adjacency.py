"""Reads relationships within one label, such as dependencies, from a file store.

Each node may have a few of them, so they are stored as lists of neighbours, in both directions, in
blocks of nodes. ``adjacency_writer`` writes them.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import cache
from itertools import chain, compress, filterfalse, repeat
from operator import sub
from typing import NamedTuple

from cachegraph.model.schema import RelationshipType
from cachegraph.stores.file.blocks import Blocks, Directory
from cachegraph.stores.file.id_sets import IdSet
from cachegraph.stores.file.keys import id_limit, keys_area
from cachegraph.stores.file.packing import are_below, decode

OUTGOING, INCOMING = range(2)
# Measured with a million dependencies: from 64 to 1024 nodes a block no time changes by more than
# a fifth, except for scattered reads, which take twice as long with the largest blocks.
BLOCK_BITS = 8
BLOCK_MASK = (1 << BLOCK_BITS) - 1
_PAIRS_AT_ONCE = 1 << 16


class Block(NamedTuple):
    """The neighbours of the nodes of one block, one after another, each node's sorted."""

    bounds: Sequence[int]
    """Where the neighbours of each node begin, and where those of the last node end."""
    ids: Sequence[int]
    texts: Sequence[int]
    """The text numbers of all properties that occur in the block."""
    places: Sequence[int]
    """For each neighbour the place of its properties in ``texts``; empty if there is only one."""

    def numbers(self, start: int, end: int) -> Iterable[int]:
        """The text numbers of the properties of the neighbours from start to end."""
        if not self.places:
            return [*self.texts] * len(self.ids[start:end])
        return map(self.texts.__getitem__, self.places[start:end])


_EMPTY = Block(bytes(BLOCK_MASK + 2), b"", b"", b"")


class Direction(dict[int, Block]):
    """The blocks of one type in one direction, each read on first use."""

    def __init__(self, blocks: Blocks, type_: RelationshipType, direction: int) -> None:
        super().__init__()
        self._blocks = blocks
        self._keys_area = keys_area(type_.end.label)
        self.area = f"{type_.name} {('out', 'in')[direction]}"

    @property
    def directory(self) -> Directory:
        """Which blocks are in the file, and how many relationships each has."""
        return self._blocks.directory(self.area)

    @property
    def end(self) -> int:
        """A number that is larger than every node that has relationships."""
        numbers = self.directory.numbers
        return numbers[-1] + 1 << BLOCK_BITS if len(numbers) else 0

    def errors(self) -> AbstractContextManager[None]:
        """Turns the errors of a damaged block into StoreErrors."""
        return self._blocks.errors()

    def __missing__(self, number: int) -> Block:
        block = self[number] = self.read(number)
        return block

    def read(self, number: int) -> Block:
        """The block as it is in the file."""
        data = self._blocks.read(self.area, number)
        if not data:
            return _EMPTY
        limit = id_limit(self._blocks, self._keys_area)
        with self._blocks.errors():
            block = Block(*decode(data))
            bounds, ids, texts, places = block
            if not len(ids) == bounds[-1] == self.directory.size(number):
                raise ValueError("a block of neighbours has another size than the store lists")
            is_placed = len(places) == len(ids) or (not len(places) and len(texts) == 1)
            if len(bounds) != BLOCK_MASK + 2 or not is_placed:
                raise ValueError("a block of neighbours does not fit together")
            if number << BLOCK_BITS >= limit or not are_below(ids, limit):
                raise ValueError("a node has a neighbour that is not there")
            return block

    def neighbours(self, node: int) -> Sequence[int]:
        """The neighbours of a node, sorted."""
        bounds, ids, _, _ = self[node >> BLOCK_BITS]
        place = node & BLOCK_MASK
        return ids[bounds[place] : bounds[place + 1]]

    def neighbours_of_any(self, nodes: Iterable[int]) -> set[int]:
        """The neighbours of all the nodes together."""
        parts: list[Sequence[int]] = []
        for node in sorted(nodes):
            bounds, ids, _, _ = self[node >> BLOCK_BITS]
            place = node & BLOCK_MASK
            parts.append(ids[bounds[place] : bounds[place + 1]])
        return {*chain.from_iterable(parts)}


Step = Callable[[set[int], set[int]], set[int]]
"""From the last level of a breadth-first search, and all nodes seen, to the next level."""


class _MatchingEnds(dict[int, Sequence[int]]):
    """For each start the ends of the relationships whose properties match."""

    def __init__(self, outgoing: Direction, matches: Callable[[int], bool]) -> None:
        super().__init__()
        self._outgoing = outgoing
        self._matches = cache(matches)

    def __missing__(self, start: int) -> Sequence[int]:
        block, place = self._outgoing[start >> BLOCK_BITS], start & BLOCK_MASK
        first, last = block.bounds[place], block.bounds[place + 1]
        matches = map(self._matches, block.numbers(first, last))
        with self._outgoing.errors():
            ends = self[start] = [*compress(block.ids[first:last], matches)]
        return ends


class Adjacency:
    """The relationships of one type within a label."""

    def __init__(self, blocks: Blocks, type_: RelationshipType) -> None:
        self.outgoing = Direction(blocks, type_, OUTGOING)
        """The relationships by their starts."""
        self._incoming = Direction(blocks, type_, INCOMING)
        self._blocks = blocks

    def count(self) -> int:
        """The number of relationships."""
        return sum(self.outgoing.directory.sizes)

    def starts_of(self, end: int) -> IdSet:
        """The nodes with a relationship to the end."""
        return IdSet(self._incoming.neighbours(end))

    def ends_of(self, starts: Iterable[int]) -> IdSet:
        """The nodes to which a relationship leads from any of the starts."""
        return IdSet(chain.from_iterable(map(self.outgoing.neighbours, starts)))

    def breadth_first(
        self, starts: Iterable[int], matches: Callable[[int], bool] | None = None, *, reverse: bool
    ) -> Iterator[set[int]]:
        """The nodes one relationship away from the starts, then two, and so on; each node once.

        ``matches`` takes the text number of a relationship's properties: only relationships for
        which it is true are followed.
        """
        step = self._step(reverse) if matches is None else self._matching_step(matches, reverse)
        level = {*starts}
        seen = {*level}
        while level := step(level, seen):
            # To copy the larger one is quicker than to add to the smaller.
            more = seen if len(seen) < len(level) else level
            seen = {*level} if more is seen else seen
            seen |= more
            yield level

    def _step(self, reverse: bool) -> Step:
        forward, back = self.outgoing, self._incoming
        if reverse:
            forward, back = back, forward
        size = back.end

        def step(level: set[int], seen: set[int]) -> set[int]:
            if size - len(seen) >= len(level):
                return forward.neighbours_of_any(level) - seen
            # Fewer nodes are unseen than are in the level: to look back from each is quicker.
            unseen = [*filterfalse(seen.__contains__, range(size))]
            return {node for node in unseen if not level.isdisjoint(back.neighbours(node))}

        return step

    def _matching_step(self, matches: Callable[[int], bool], reverse: bool) -> Step:
        ends = _MatchingEnds(self.outgoing, matches)

        def step(level: set[int], seen: set[int]) -> set[int]:
            if not reverse:
                return set().union(*map(ends.__getitem__, level)) - seen
            # Properties are stored in the outgoing direction only.
            near = self._incoming.neighbours_of_any(level) - seen
            return {node for node in near if not level.isdisjoint(ends[node])}

        return step

    def starts_by_properties(self, end: int) -> Iterator[tuple[int, IdSet]]:
        """The text number of properties, and the starts of the relationships to the end with it."""
        by_number: dict[int, list[int]] = defaultdict(list)
        for start in self._incoming.neighbours(end):
            block, place = self.outgoing[start >> BLOCK_BITS], start & BLOCK_MASK
            last = block.bounds[place + 1]
            with self._blocks.errors():
                at = bisect_left(block.ids, end, block.bounds[place], last)
                if at == last or block.ids[at] != end:
                    raise ValueError("the two directions of a relationship do not agree")
                by_number[next(iter(block.numbers(at, at + 1)))].append(start)
        return ((number, IdSet(starts)) for number, starts in by_number.items())

    def adjacent(self, starts: Iterable[int]) -> Iterator[tuple[Sequence[int], Sequence[int]]]:
        """For each start its ends, and the text numbers of the properties."""
        blocks = self.outgoing
        # One object for each number: what is compared often then stays in the processor's cache.
        same: dict[int, int] = {}
        shared: dict[int, list[int]] = {}
        with blocks.errors():
            for start in starts:
                number, place = start >> BLOCK_BITS, start & BLOCK_MASK
                bounds, ids, texts, places = blocks[number]
                if number not in shared:
                    shared[number] = [same.setdefault(text, text) for text in texts]
                first, last = bounds[place], bounds[place + 1]
                ends = ids[first:last]
                if places:
                    yield ends, [*map(shared[number].__getitem__, places[first:last])]
                else:
                    yield ends, shared[number] * len(ends)

    def pairs(self) -> Iterator[tuple[int, list[int], list[int]]]:
        """All relationships, many at a time: text number of the properties, starts and ends."""
        parts: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        count = 0
        for number, size in self.outgoing.directory.items():
            block = self.outgoing.read(number)
            degrees = map(sub, block.bounds[1:], block.bounds)
            nodes = range(number << BLOCK_BITS, number + 1 << BLOCK_BITS)
            starts = chain.from_iterable(map(repeat, nodes, degrees))
            with self._blocks.errors():
                for start, end, text in zip(starts, block.ids, block.numbers(0, size), strict=True):
                    part = parts[text]
                    part[0].append(start)
                    part[1].append(end)
            count += size
            if count >= _PAIRS_AT_ONCE:
                yield from ((text, *part) for text, part in parts.items())
                parts.clear()
                count = 0
        yield from ((text, *part) for text, part in parts.items())

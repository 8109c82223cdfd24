"""Reads relationships within one label, such as dependencies, from a file store.

Each node may have a few of them, so they are stored as lists of neighbours, in both directions, in
blocks of nodes. ``adjacency_writer`` writes them.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, cached_property
from itertools import chain, compress, repeat
from operator import sub
from typing import NamedTuple

from cachegraph.stores.file.database import Database
from cachegraph.stores.file.id_sets import IdSet, pack, seal, unpack, unseal

OUTGOING, INCOMING = range(2)
# Measured with a million dependencies: from 64 to 1024 nodes a block no time changes by more than
# a fifth, except for scattered reads, which take twice as long with the largest blocks.
BLOCK_BITS = 8
BLOCK_MASK = (1 << BLOCK_BITS) - 1
# The number under which the sizes of all blocks are stored: so a missing block is noticed.
SIZES = -1
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
            return [*self.texts] * (end - start)
        return map(self.texts.__getitem__, self.places[start:end])


_EMPTY = Block(bytes(BLOCK_MASK + 2), b"", b"", b"")


class Direction(dict[int, Block]):
    """The blocks of one type in one direction, each read on first use."""

    def __init__(self, database: Database, type_: str, direction: int) -> None:
        super().__init__()
        self._database = database
        self._type = type_
        self._direction = direction

    @cached_property
    def sizes(self) -> list[int]:
        """How many relationships each block has."""
        if not self._database.has_tables:
            return []
        with self._database.store_errors():
            return [*self._columns(SIZES)[0]]

    def __missing__(self, number: int) -> Block:
        block = self[number] = self.read(number)
        return block

    def read(self, number: int) -> Block:
        """The block as it is in the file."""
        with self._database.store_errors():
            if number < 0:
                raise ValueError("a node has a number that none can have")
            size = self.sizes[number] if number < len(self.sizes) else 0
            if not size:
                return _EMPTY
            block = Block(*self._columns(number))
            if not len(block.ids) == block.bounds[BLOCK_MASK + 1] == size:
                raise ValueError("a block of neighbours has another size than the store lists")
            return block

    def _columns(self, number: int) -> list[Sequence[int]]:
        sql = "SELECT data FROM neighbours WHERE type = ? AND direction = ? AND block = ?"
        rows = self._database.rows(sql, self._type, self._direction, number)
        if not rows:
            raise ValueError("a block of neighbours is missing")
        return decode(rows[0][0], self.block_name(number))

    def block_name(self, number: int) -> bytes:
        """The bytes that a block begins with, to notice a block in the place of another."""
        return f"{self._type} {self._direction} {number}".encode()

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
        ends = self[start] = [*compress(block.ids[first:last], matches)]
        return ends


class Adjacency:
    """The relationships of one type within a label."""

    def __init__(self, database: Database, type_: str) -> None:
        self._outgoing = Direction(database, type_, OUTGOING)
        self._incoming = Direction(database, type_, INCOMING)
        self._database = database

    def count(self) -> int:
        """The number of relationships."""
        return sum(self._outgoing.sizes)

    def starts_of(self, end: int) -> IdSet:
        """The nodes with a relationship to the end."""
        return IdSet(self._incoming.neighbours(end))

    def ends_of(self, starts: Iterable[int]) -> IdSet:
        """The nodes to which a relationship leads from any of the starts."""
        return IdSet(chain.from_iterable(map(self._outgoing.neighbours, starts)))

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
            seen |= level
            yield level

    def _step(self, reverse: bool) -> Step:
        forward, back = self._outgoing, self._incoming
        if reverse:
            forward, back = back, forward
        size = len(back.sizes) << BLOCK_BITS

        def step(level: set[int], seen: set[int]) -> set[int]:
            if size - len(seen) >= len(level):
                return forward.neighbours_of_any(level) - seen
            # Fewer nodes are unseen than are in the level: to look back from each is quicker.
            unseen = {*range(size)} - seen
            return {node for node in unseen if not level.isdisjoint(back.neighbours(node))}

        return step

    def _matching_step(self, matches: Callable[[int], bool], reverse: bool) -> Step:
        ends = _MatchingEnds(self._outgoing, matches)

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
            block, place = self._outgoing[start >> BLOCK_BITS], start & BLOCK_MASK
            last = block.bounds[place + 1]
            at = bisect_left(block.ids, end, block.bounds[place], last)
            with self._database.store_errors():
                if at == last or block.ids[at] != end:
                    raise ValueError("the two directions of a relationship do not agree")
            by_number[next(iter(block.numbers(at, at + 1)))].append(start)
        return ((number, IdSet(starts)) for number, starts in by_number.items())

    def adjacent(self, starts: Iterable[int]) -> Iterator[tuple[Sequence[int], Sequence[int]]]:
        """For each start its ends, and the text numbers of the properties."""
        blocks = self._outgoing
        # One object for each number: what is compared often then stays in the processor's cache.
        same: dict[int, int] = {}
        shared: dict[int, list[int]] = {}
        for start in starts:
            number, place = start >> BLOCK_BITS, start & BLOCK_MASK
            bounds, ids, texts, places = blocks[number]
            if number not in shared:
                shared[number] = [same.setdefault(text, text) for text in texts]
            first, last = bounds[place], bounds[place + 1]
            if places:
                yield ids[first:last], [*map(shared[number].__getitem__, places[first:last])]
            else:
                yield ids[first:last], shared[number] * (last - first)

    def pairs(self) -> Iterator[tuple[int, list[int], list[int]]]:
        """All relationships, many at a time: text number of the properties, starts and ends."""
        parts: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        count = 0
        for number, size in enumerate(self._outgoing.sizes):
            block = self._outgoing.read(number)
            degrees = map(sub, block.bounds[1:], block.bounds)
            nodes = range(number << BLOCK_BITS, number + 1 << BLOCK_BITS)
            starts = chain.from_iterable(map(repeat, nodes, degrees))
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


def encode(name: bytes, *columns: Sequence[int]) -> bytes:
    """Columns of numbers as bytes, after a name, with a checksum."""
    parts = (name, *map(pack, columns))
    return seal(b"".join([len(part).to_bytes(4, "little") + part for part in parts]))


def decode(blob: bytes, name: bytes) -> list[Sequence[int]]:
    """The columns that ``encode`` wrote; ValueError if they are damaged or under another name."""
    data = unseal(blob)
    parts: list[memoryview] = []
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "little")
        parts.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    if not parts or parts[0] != name:
        raise ValueError("a block of the store is in the place of another")
    return [unpack(part) for part in parts[1:]]

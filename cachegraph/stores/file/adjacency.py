"""Relationships within one label, such as dependencies, as they are kept in a file store.

Every node of a label may be the end of a few of them, so they are kept as lists of neighbours, in
both directions, in blocks of nodes. Writing them has its own module.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, compress
from typing import NamedTuple

from cachegraph.stores.file.database import Database
from cachegraph.stores.file.id_sets import IdSet, pack, sealed, unpack, unsealed

OUT, INTO = range(2)
# Measured with a million dependencies: from 64 to 1024 nodes a block nothing changes by more than
# a fifth, but scattered questions, which take twice as long with the largest.
BLOCK = 8
WITHIN = (1 << BLOCK) - 1
# In the place of a block: how many relationships each block has, so that none can get lost.
SIZES = -1
_PART = 1 << 16


class Block(NamedTuple):
    """The neighbours of the nodes of one block, one after another, each node's in rising order."""

    bounds: Sequence[int]
    """Where the neighbours of each node begin, and where the last ones end."""
    ids: Sequence[int]
    texts: Sequence[int]
    """The numbers of the texts of the properties that occur in the block."""
    places: Sequence[int]
    """For each neighbour the place in ``texts``; nothing when there is but one."""

    def numbers(self, start: int, end: int) -> Iterable[int]:
        """The numbers of the texts of the properties of neighbours."""
        if not self.places:
            return [*self.texts] * (end - start)
        return map(self.texts.__getitem__, self.places[start:end])


_EMPTY = Block(bytes(WITHIN + 2), b"", b"", b"")


class Direction(dict[int, Block]):
    """The blocks of one type in one direction, each read when first looked at."""

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
        with self._database.explained():
            return [*self._columns(SIZES)[0]]

    def __missing__(self, block: int) -> Block:
        found = self[block] = self.read(block)
        return found

    def read(self, block: int) -> Block:
        """The block as it is in the file."""
        with self._database.explained():
            if block < 0:
                raise ValueError("a node has a number that none can have")
            size = self.sizes[block] if block < len(self.sizes) else 0
            if not size:
                return _EMPTY
            found = Block(*self._columns(block))
            if not len(found.ids) == found.bounds[WITHIN + 1] == size:
                raise ValueError("a block of neighbours is not what the list of blocks says")
            return found

    def _columns(self, block: int) -> list[Sequence[int]]:
        rows = self._database.rows(
            "SELECT data FROM neighbours WHERE type = ? AND direction = ? AND block = ?",
            self._type,
            self._direction,
            block,
        )
        if not rows:
            raise ValueError("a block of neighbours is missing")
        return decode(rows[0][0], self.name(block))

    def name(self, block: int) -> bytes:
        """What a block begins with: one in another's place is no block at all."""
        return f"{self._type} {self._direction} {block}".encode()

    def of(self, node: int) -> Sequence[int]:
        """The neighbours of a node."""
        bounds, ids, _, _ = self[node >> BLOCK]
        place = node & WITHIN
        return ids[bounds[place] : bounds[place + 1]]

    def of_all(self, nodes: Iterable[int]) -> set[int]:
        """The neighbours of any of the nodes."""
        parts: list[Sequence[int]] = []
        for node in sorted(nodes):
            bounds, ids, _, _ = self[node >> BLOCK]
            place = node & WITHIN
            parts.append(ids[bounds[place] : bounds[place + 1]])
        return {*chain.from_iterable(parts)}


Step = Callable[[set[int], set[int]], set[int]]
"""From the nodes that were found last, and all that were found, to those that are new."""


class _Fitting(dict[int, Sequence[int]]):
    """For each start those of its neighbours to which a fitting relationship leads."""

    def __init__(self, out: Direction, fits: Callable[[int], bool]) -> None:
        super().__init__()
        self._out = out
        self._fits = fits
        self._known: dict[int, bool] = {}

    def __missing__(self, start: int) -> Sequence[int]:
        block, place = self._out[start >> BLOCK], start & WITHIN
        first, last = block.bounds[place], block.bounds[place + 1]
        fitting = map(self._fit, block.numbers(first, last))
        found = self[start] = [*compress(block.ids[first:last], fitting)]
        return found

    def _fit(self, number: int) -> bool:
        if number not in self._known:
            self._known[number] = self._fits(number)
        return self._known[number]


class Adjacency:
    """The relationships of one type within a label."""

    def __init__(self, database: Database, type_: str) -> None:
        self._out, self._into = (Direction(database, type_, way) for way in (OUT, INTO))
        self._database = database

    def count(self) -> int:
        """How many there are."""
        return sum(self._out.sizes)

    def starts_of(self, end: int) -> IdSet:
        """The nodes that one leads from, to the end."""
        return IdSet(self._into.of(end))

    def ends_of(self, starts: Iterable[int]) -> IdSet:
        """The nodes that one leads to, from any of the starts."""
        return IdSet(chain.from_iterable(map(self._out.of, starts)))

    def breadth_first(
        self, starts: Iterable[int], fits: Callable[[int], bool] | None = None, *, reverse: bool
    ) -> Iterator[set[int]]:
        """What is one relationship away from the starts, then two, and so on; each node once.

        Only over relationships of which the number of the properties' text fits.
        """
        step = self._step(reverse) if fits is None else self._fitting_step(fits, reverse)
        edge = {*starts}
        found = {*edge}
        while edge := step(edge, found):
            found |= edge
            yield edge

    def _step(self, reverse: bool) -> Step:
        way, back = (self._into, self._out) if reverse else (self._out, self._into)
        size = len(back.sizes) << BLOCK

        def step(edge: set[int], found: set[int]) -> set[int]:
            if size - len(found) >= len(edge):
                return way.of_all(edge) - found
            # Fewer are left than were found last: to ask each of them is quicker.
            return {node for node in {*range(size)} - found if not edge.isdisjoint(back.of(node))}

        return step

    def _fitting_step(self, fits: Callable[[int], bool], reverse: bool) -> Step:
        ends = _Fitting(self._out, fits)

        def step(edge: set[int], found: set[int]) -> set[int]:
            if not reverse:
                return set().union(*map(ends.__getitem__, edge)) - found
            # Only a start knows the texts.
            near = self._into.of_all(edge) - found
            return {node for node in near if not edge.isdisjoint(ends[node])}

        return step

    def starts_by_properties(self, end: int) -> Iterator[tuple[int, IdSet]]:
        """The nodes that one leads from, to the end, by the number of its properties' text."""
        found: dict[int, list[int]] = defaultdict(list)
        for start in self._into.of(end):
            block, place = self._out[start >> BLOCK], start & WITHIN
            last = block.bounds[place + 1]
            at = bisect_left(block.ids, end, block.bounds[place], last)
            with self._database.explained():
                if at == last or block.ids[at] != end:
                    raise ValueError("the two directions of a relationship do not agree")
            found[next(iter(block.numbers(at, at + 1)))].append(start)
        return ((number, IdSet(starts)) for number, starts in found.items())

    def adjacent(self, starts: Iterable[int]) -> Iterator[tuple[Sequence[int], Sequence[int]]]:
        """The neighbours of each start, with the numbers of their properties' texts."""
        blocks = self._out
        # One object for each number: what is compared often is then in the processor's cache.
        same: dict[int, int] = {}
        shared: dict[int, list[int]] = {}
        for start in starts:
            number, place = start >> BLOCK, start & WITHIN
            bounds, ids, texts, places = blocks[number]
            if number not in shared:
                shared[number] = [same.setdefault(text, text) for text in texts]
            first, last = bounds[place], bounds[place + 1]
            if places:
                yield ids[first:last], [*map(shared[number].__getitem__, places[first:last])]
            else:
                yield ids[first:last], shared[number] * (last - first)

    def pairs(self) -> Iterator[tuple[int, list[int], list[int]]]:
        """All relationships, in long parts: number of the properties' text, starts, and ends."""
        parts: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        waiting = 0
        for number, size in enumerate(self._out.sizes):
            block = self._out.read(number)
            starts = chain.from_iterable(
                [(number << BLOCK) + place] * (block.bounds[place + 1] - block.bounds[place])
                for place in range(WITHIN + 1)
            )
            for start, end, text in zip(starts, block.ids, block.numbers(0, size), strict=True):
                part = parts[text]
                part[0].append(start)
                part[1].append(end)
            waiting += size
            if waiting >= _PART:
                yield from ((text, *part) for text, part in parts.items())
                parts.clear()
                waiting = 0
        yield from ((text, *part) for text, part in parts.items())


def encode(name: bytes, *columns: Sequence[int]) -> bytes:
    """Columns of numbers as bytes, after the name, with a checksum."""
    parts = (name, *map(pack, columns))
    return sealed(b"".join([len(part).to_bytes(4, "little") + part for part in parts]))


def decode(blob: bytes, name: bytes) -> list[Sequence[int]]:
    """The columns that ``encode`` wrote; ValueError when bytes are damaged or of another name."""
    data = unsealed(blob)
    parts: list[memoryview] = []
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "little")
        parts.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    if not parts or parts[0] != name:
        raise ValueError("a block of the store is in the place of another")
    return [unpack(part) for part in parts[1:]]

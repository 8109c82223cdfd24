"""Relationships within one label, gathered in memory, and the blocks of them that change."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise, repeat

from cachegraph.stores.file.adjacency import BLOCK, INTO, OUT, SIZES, WITHIN, Direction, encode
from cachegraph.stores.file.database import Database

Neighbours = dict[int, int]
"""The neighbours of one node, each with the number of the text of its properties, or 0."""


class AdjacencyWriter:
    """The relationships of one type within a label, in one transaction."""

    def __init__(self, database: Database, type_: str) -> None:
        self._database = database
        self._type = type_
        self._gathered: dict[int, Neighbours] = defaultdict(dict)
        self._ways = [Direction(database, type_, way) for way in (OUT, INTO)]

    def prepare(self) -> None:
        """Makes the lists of blocks of a new store: they are always there."""
        for direction in self._ways:
            direction.sizes = []
        self._write_sizes()

    def add(self, starts: Iterable[int], ends: Iterable[int], number: int) -> None:
        """Gathers relationships; the first properties that are known stay."""
        gathered = self._gathered
        for start, end in zip(starts, ends, strict=True):
            neighbours = gathered[start]
            if not neighbours.get(end):
                neighbours[end] = number

    def flush(self) -> None:
        """Writes what was gathered, in the blocks that it changes."""
        if not self._gathered:
            return
        new: dict[int, list[int]] = defaultdict(list)
        for block, starts in _by_block(self._gathered):
            nodes = self._read(OUT, block)
            changed = [
                _join(nodes[start & WITHIN], self._gathered.pop(start), start, new)
                for start in starts
            ]
            if any(changed):
                self._write(OUT, block, nodes)
        for block, ends in _by_block(new):
            nodes = self._read(INTO, block)
            for end in ends:
                nodes[end & WITHIN].update(zip(new.pop(end), repeat(0)))
            self._write(INTO, block, nodes)
        self._write_sizes()

    def discard(self, starts: Iterable[int], end: int) -> None:
        """Takes the relationships from these starts to the end out."""
        known = {*self._ways[INTO].of(end)}
        self._take_out({(start, end) for start in starts if start in known})

    def remove(self, nodes: Iterable[int]) -> None:
        """Takes all relationships at the nodes out."""
        out, into = self._ways
        pairs: set[tuple[int, int]] = set()
        for node in nodes:
            pairs.update(zip(repeat(node), out.of(node)))
            pairs.update(zip(into.of(node), repeat(node)))
        self._take_out(pairs)

    def _take_out(self, pairs: set[tuple[int, int]]) -> None:
        if not pairs:
            return
        for way in (OUT, INTO):
            leaving: dict[int, list[int]] = defaultdict(list)
            for pair in pairs:
                leaving[pair[way]].append(pair[1 - way])
            for block, nodes in _by_block(leaving):
                before = self._read(way, block)
                for node in nodes:
                    for other in leaving[node]:
                        before[node & WITHIN].pop(other, None)
                self._write(way, block, before)
        self._write_sizes()

    def _read(self, way: int, block: int) -> list[Neighbours]:
        found = self._ways[way].read(block)
        numbers = [*found.numbers(0, len(found.ids))]
        return [
            dict(zip(found.ids[first:last], numbers[first:last], strict=True))
            for first, last in pairwise(found.bounds)
        ]

    def _write(self, way: int, block: int, nodes: list[Neighbours]) -> None:
        direction = self._ways[way]
        direction.pop(block, None)
        bounds, ids, numbers = [0], list[int](), list[int]()
        for neighbours in nodes:
            if neighbours:
                rising = sorted(neighbours)
                ids += rising
                if way == OUT:
                    numbers += map(neighbours.__getitem__, rising)
            bounds.append(len(ids))
        texts = sorted({*numbers}) or [0]
        place_of = {number: place for place, number in enumerate(texts)}
        places = [*map(place_of.__getitem__, numbers)] if len(texts) > 1 else []
        sizes = direction.sizes
        sizes += repeat(0, block + 1 - len(sizes))
        sizes[block] = len(ids)
        self._store(way, block, encode(direction.name(block), bounds, ids, texts, places))

    def _write_sizes(self) -> None:
        for way, direction in enumerate(self._ways):
            self._store(way, SIZES, encode(direction.name(SIZES), direction.sizes))

    def _store(self, way: int, block: int, data: bytes) -> None:
        sql = "INSERT OR REPLACE INTO neighbours VALUES (?, ?, ?, ?)"
        self._database.write(sql, [(self._type, way, block, data)])


def _join(known: Neighbours, found: Neighbours, start: int, new: dict[int, list[int]]) -> bool:
    """Adds what was found of a start to what is known; whether that changes anything.

    ``new`` takes the start at every end that is new.
    """
    if not known:
        known.update(found)
        for end in found:
            new[end].append(start)
        return True
    changed = False
    for end, number in found.items():
        before = known.get(end)
        if before is None:
            new[end].append(start)
        elif before or not number:
            continue
        known[end] = number
        changed = True
    return changed


def _by_block(nodes: Iterable[int]) -> Iterator[tuple[int, Iterator[int]]]:
    return groupby(sorted(nodes), lambda node: node >> BLOCK)

"""Writes relationships within one label: collects them in memory, then rewrites changed blocks."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise, repeat

from cachegraph.model.schema import RelationshipType
from cachegraph.stores.file.adjacency import (
    BLOCK_BITS,
    BLOCK_MASK,
    INCOMING,
    OUTGOING,
    Block,
    Direction,
)
from cachegraph.stores.file.blocks import Blocks, Row
from cachegraph.stores.file.overflow import Overflow
from cachegraph.stores.file.packing import decode, encode

Neighbours = dict[int, int]
"""The neighbours of one node, each with the text number of its properties, or 0."""
# Blocks written at once: some megabytes.
_AT_ONCE = 1 << 10


class AdjacencyWriter:
    """The relationships of one type within a label, in one transaction."""

    def __init__(self, blocks: Blocks, type_: RelationshipType) -> None:
        self._blocks = blocks
        self._pending: dict[int, Neighbours] = defaultdict(dict)
        self.pending = 0
        """How many relationships are collected."""
        self._spilled = Overflow(), Overflow()
        self._changed: tuple[list[Row], list[Row]] = ([], [])
        self._directions = [Direction(blocks, type_, way) for way in (OUTGOING, INCOMING)]

    def add(self, starts: Sequence[int], ends: Iterable[int], number: int) -> None:
        """Collects relationships; one that is added twice keeps its first known properties."""
        pending = self._pending
        self.pending += len(starts)
        for start, end in zip(starts, ends, strict=True):
            neighbours = pending[start]
            if not neighbours.get(end):
                neighbours[end] = number

    def spill(self) -> None:
        """Takes the collected relationships out of memory, without reading the file.

        To merge them into the blocks each time would read and write all incoming ones each time.
        """
        incoming: dict[int, list[int]] = defaultdict(list)
        for start, neighbours in self._pending.items():
            for end in neighbours:
                incoming[end].append(start)
        self._spill(OUTGOING, self._pending)
        self._pending.clear()
        self.pending = 0
        self._spill(INCOMING, incoming)

    def _spill(self, way: int, nodes: Mapping[int, Iterable[int]]) -> None:
        parts = []
        for block, of_block in _by_block(nodes):
            new: list[Neighbours] = [{} for _ in range(BLOCK_MASK + 1)]
            for node in of_block:
                others = nodes[node]
                new[node & BLOCK_MASK] = (
                    others if isinstance(others, dict) else dict.fromkeys(others, 0)
                )
            parts.append((block, _encode(new, way)[1]))
        self._spilled[way].add(parts)

    def _merge_spilled(self) -> None:
        """Merges what was spilled into the blocks: first as a whole, then the other direction."""
        for way, spilled in zip((OUTGOING, INCOMING), self._spilled, strict=True):
            for block, parts in spilled.take():
                nodes = self._read(way, block)
                for part in parts:
                    new = _neighbours(Block(*decode(part)))
                    for known, added in zip(nodes, new, strict=True):
                        _add(known, added)
                self._note(way, block, nodes)
                if len(self._changed[way]) >= _AT_ONCE:
                    self._write()
        self._write()

    def flush(self) -> None:
        """Writes the collected relationships into the blocks that they change."""
        if self._spilled[OUTGOING].is_used:
            self.spill()
            self._merge_spilled()
        elif self._pending:
            self._merge_pending()

    def _merge_pending(self) -> None:
        self.pending = 0
        new_starts: dict[int, list[int]] = defaultdict(list)
        for block, starts in _by_block(self._pending):
            nodes = self._read(OUTGOING, block)
            changed = False
            for start in starts:
                known, added = nodes[start & BLOCK_MASK], self._pending.pop(start)
                changed |= _merge(known, added, start, new_starts)
            if changed:
                self._note(OUTGOING, block, nodes)
        for block, ends in _by_block(new_starts):
            nodes = self._read(INCOMING, block)
            for end in ends:
                nodes[end & BLOCK_MASK].update(zip(new_starts.pop(end), repeat(0)))
            self._note(INCOMING, block, nodes)
        self._write()

    def discard(self, starts: Iterable[int], end: int) -> None:
        """Deletes the relationships from the starts to the end."""
        known = {*self._directions[INCOMING].neighbours(end)}
        self._delete({(start, end) for start in starts if start in known})

    def remove(self, nodes: Iterable[int]) -> None:
        """Deletes all relationships at the nodes."""
        outgoing, incoming = self._directions
        pairs: set[tuple[int, int]] = set()
        for node in nodes:
            pairs.update(zip(repeat(node), outgoing.neighbours(node)))
            pairs.update(zip(incoming.neighbours(node), repeat(node)))
        self._delete(pairs)

    def _delete(self, pairs: set[tuple[int, int]]) -> None:
        if not pairs:
            return
        for way in (OUTGOING, INCOMING):
            others: dict[int, list[int]] = defaultdict(list)
            for pair in pairs:
                others[pair[way]].append(pair[1 - way])
            for block, nodes in _by_block(others):
                neighbours = self._read(way, block)
                for node in nodes:
                    for other in others[node]:
                        neighbours[node & BLOCK_MASK].pop(other, None)
                self._note(way, block, neighbours)
        self._write()

    def _read(self, way: int, block: int) -> list[Neighbours]:
        stored = self._directions[way].read(block)
        with self._blocks.errors():
            return [*_neighbours(stored)]

    def _note(self, way: int, block: int, nodes: list[Neighbours]) -> None:
        """Keeps a block in its new form until all are written."""
        self._directions[way].pop(block, None)
        self._changed[way].append((block, *_encode(nodes, way)))

    def _write(self) -> None:
        """Writes the blocks that changed; deletes those that have no relationships any more."""
        for direction, rows in zip(self._directions, self._changed, strict=True):
            self._blocks.write(direction.area, [row for row in rows if row[1]])
            self._blocks.delete(direction.area, [number for number, size, _ in rows if not size])
            rows.clear()


def _neighbours(block: Block) -> Iterator[Neighbours]:
    """The neighbours of each node of a block."""
    ids = block.ids
    numbers = [*block.numbers(0, len(ids))]
    for first, last in pairwise(block.bounds):
        yield dict(zip(ids[first:last], numbers[first:last], strict=True))


def _encode(nodes: Iterable[Neighbours], way: int) -> tuple[int, bytes]:
    """How many neighbours the nodes of a block have, and the block as bytes."""
    bounds, ids, numbers = [0], list[int](), list[int]()
    for neighbours in nodes:
        if neighbours:
            ordered = sorted(neighbours)
            ids += ordered
            if way == OUTGOING:
                numbers += map(neighbours.__getitem__, ordered)
        bounds.append(len(ids))
    texts = sorted({*numbers}) or [0]
    place_of = {number: place for place, number in enumerate(texts)}
    places = [*map(place_of.__getitem__, numbers)] if len(texts) > 1 else []
    return len(ids), encode(bounds, ids, texts, places)


def _add(known: Neighbours, added: Neighbours) -> None:
    """Adds neighbours; one that is known keeps its first known properties."""
    if not known:
        known.update(added)
        return
    for end, number in added.items():
        if not known.get(end):
            known[end] = number


def _merge(known: Neighbours, added: Neighbours, start: int, new: dict[int, list[int]]) -> bool:
    """Merges added neighbours of a start into the known ones; whether that changes anything.

    ``new`` gets the start under each end that was not known.
    """
    if not known:
        known.update(added)
        for end in added:
            new[end].append(start)
        return True
    changed = False
    for end, number in added.items():
        before = known.get(end)
        if before is None:
            new[end].append(start)
        elif before or not number:
            continue
        known[end] = number
        changed = True
    return changed


def _by_block(nodes: Iterable[int]) -> Iterator[tuple[int, Iterator[int]]]:
    return groupby(sorted(nodes), lambda node: node >> BLOCK_BITS)

"""Writes relationships within one label: collects them in memory, then rewrites changed blocks."""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, repeat
from operator import or_, sub

from cachegraph.model.schema import RelationshipType
from cachegraph.stores.file.adjacency import (
    BLOCK_BITS,
    BLOCK_MASK,
    INCOMING,
    OUTGOING,
    Direction,
)
from cachegraph.stores.file.blocks import Blocks, Row
from cachegraph.stores.file.overflow import Overflow
from cachegraph.stores.file.packing import encode, join_parts, split_parts

Links = dict[int, int]
"""The relationships at the nodes of a block, each with the text number of its properties, or 0.

A relationship is one number, which sorts as its block is ordered: the place of the node in the
block, and after it, in 32 bits, its neighbour.
"""
_Collected = tuple[int, "array[int]", "array[int]"]
_BITS = 32
_NEIGHBOUR = (1 << _BITS) - 1
_PLACES = range(0, BLOCK_MASK + 1 << _BITS, 1 << _BITS)
# Blocks written at once: some megabytes.
_AT_ONCE = 1 << 8


class AdjacencyWriter:
    """The relationships of one type within a label, in one transaction."""

    def __init__(self, blocks: Blocks, type_: RelationshipType) -> None:
        self._blocks = blocks
        # Starts, ends and text numbers of what is collected: twelve bytes for each relationship.
        self._pending = array("I"), array("I"), array("I")
        self._spilled = Overflow(), Overflow()
        self._changed: tuple[list[Row], list[Row]] = ([], [])
        self._directions = [Direction(blocks, type_, way) for way in (OUTGOING, INCOMING)]

    @property
    def pending(self) -> int:
        """How many relationships are collected."""
        return len(self._pending[0])

    @property
    def is_used(self) -> bool:
        """Whether it has collected relationships that are not in the file yet."""
        return bool(self.pending) or self._spilled[OUTGOING].is_used

    def add(self, starts: Sequence[int], ends: Sequence[int], number: int) -> None:
        """Collects relationships; one that is added twice keeps its first known properties."""
        columns = starts, ends, repeat(number, len(starts))
        for column, numbers in zip(self._pending, columns, strict=True):
            column.extend(numbers)

    def spill(self) -> None:
        """Takes the collected relationships out of memory, without reading the file.

        To merge them into the blocks each time would read and write all incoming ones each time.
        """
        for way, spilled in zip((OUTGOING, INCOMING), self._spilled, strict=True):
            collected = self._collected(way)
            spilled.add((block, join_parts(map(bytes, columns))) for block, *columns in collected)
        self._forget()

    def _forget(self) -> None:
        for column in self._pending:
            del column[:]

    def _collected(self, way: int) -> Iterator[_Collected]:
        """The collected links of each block, by number, and of outgoing ones the text numbers."""
        links: dict[int, array[int]] = defaultdict(partial(array, "Q"))
        numbers: dict[int, array[int]] = defaultdict(partial(array, "I"))
        starts, ends, texts = self._pending
        if way == OUTGOING:
            for start, end, text in zip(starts, ends, texts, strict=True):
                block = start >> BLOCK_BITS
                links[block].append((start & BLOCK_MASK) << _BITS | end)
                numbers[block].append(text)
        else:
            for start, end in zip(starts, ends, strict=True):
                links[end >> BLOCK_BITS].append((end & BLOCK_MASK) << _BITS | start)
        for block in sorted(links):
            yield block, links.pop(block), numbers.pop(block, array("I"))

    def _taken(self, way: int) -> Iterator[_Collected]:
        """The spilled links of each block, as ``_collected`` has them."""
        for block, parts in self._spilled[way].take():
            links, numbers = array("Q"), array("I")
            for part in parts:
                new_links, new_numbers = split_parts(memoryview(part))
                links.frombytes(new_links)
                numbers.frombytes(new_numbers)
            yield block, links, numbers

    def flush(self) -> None:
        """Writes the collected relationships into the blocks that they change."""
        if self._spilled[OUTGOING].is_used:
            self.spill()
            collected = self._taken
        else:
            collected = self._collected
        for block, links, numbers in collected(OUTGOING):
            self._merge(block, links, numbers)
        for block, links, _ in collected(INCOMING):
            self._merge_incoming(block, links)
        self._write()
        self._forget()

    def _merge(self, block: int, links: Sequence[int], numbers: Sequence[int]) -> None:
        """Merges outgoing links into a block; one that is known keeps its known properties."""
        known = self._read(OUTGOING, block)
        if not known:
            known = dict(zip(links, numbers, strict=True))
            if len(known) == len(links):
                self._note(OUTGOING, block, known)
                return
            known.clear()
        changed = False
        for link, number in zip(links, numbers, strict=True):
            before = known.get(link)
            if before is None or (number and not before):
                known[link] = number
                changed = True
        if changed:
            self._note(OUTGOING, block, known)

    def _merge_incoming(self, block: int, links: Iterable[int]) -> None:
        known = self._read(INCOMING, block)
        count = len(known)
        known.update(zip(links, repeat(0)))
        if len(known) > count:
            self._note(INCOMING, block, known)

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
        for way in (OUTGOING, INCOMING):
            gone: dict[int, list[int]] = defaultdict(list)
            for pair in pairs:
                node, other = pair[way], pair[1 - way]
                gone[node >> BLOCK_BITS].append((node & BLOCK_MASK) << _BITS | other)
            for block, links in gone.items():
                known = self._read(way, block)
                for link in links:
                    known.pop(link, None)
                self._note(way, block, known)
        self._write()

    def _read(self, way: int, number: int) -> Links:
        block = self._directions[way].read(number)
        with self._blocks.errors():
            places = chain.from_iterable(
                map(repeat, _PLACES, map(sub, block.bounds[1:], block.bounds))
            )
            texts = block.numbers(0, len(block.ids))
            return dict(zip(map(or_, places, block.ids), texts, strict=True))

    def _note(self, way: int, number: int, links: Links) -> None:
        """Keeps a block in its new form; writes those that are kept if they are many."""
        self._directions[way].pop(number, None)
        self._changed[way].append((number, len(links), _encode(links, way)))
        if len(self._changed[way]) >= _AT_ONCE:
            self._write()

    def _write(self) -> None:
        """Writes the blocks that changed; deletes those that have no relationships any more."""
        for direction, rows in zip(self._directions, self._changed, strict=True):
            self._blocks.write(direction.area, [row for row in rows if row[1]])
            self._blocks.delete(direction.area, [number for number, size, _ in rows if not size])
            rows.clear()


def _encode(links: Links, way: int) -> bytes:
    """The links of a block as bytes."""
    ordered = sorted(links)
    bounds = [bisect_left(ordered, place) for place in _PLACES]
    numbers = [*map(links.__getitem__, ordered)] if way == OUTGOING else []
    texts = sorted({*numbers}) or [0]
    place_of = {number: place for place, number in enumerate(texts)}
    places = [*map(place_of.__getitem__, numbers)] if len(texts) > 1 else []
    return encode([*bounds, len(ordered)], [link & _NEIGHBOUR for link in ordered], texts, places)

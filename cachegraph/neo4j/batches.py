"""Orders the relationships of a graph by their starts, and gives them out in batches."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import accumulate, chain
from typing import NamedTuple

from cachegraph.model.elements import Pairs, Properties, Relationships
from cachegraph.model.schema import NodeType, RelationshipType
from cachegraph.neo4j.texts import END, NEXT

# The numbers of a start and an end are packed into one integer.
_HALF = 32
_END_MASK = (1 << _HALF) - 1
# Pairs are sorted for 4,096 starts at a time.
_PART = 12


Rows = list[tuple[str, list[tuple[int, list[str]]]]]
"""A start and its ends, by the index of the properties of the relationships to them."""


class RelationshipBatch(NamedTuple):
    """Relationships of one type, by their starts."""

    type: RelationshipType
    properties: Sequence[Properties]
    rows: Rows

    def from_starts(self, starts: Set[str]) -> "RelationshipBatch":
        """The relationships from some of the starts."""
        return self._replace(rows=[row for row in self.rows if row[0] in starts])

    @property
    def size(self) -> int:
        """The number of relationships."""
        return sum(len(ends) for _, some in self.rows for _, ends in some)

    def texts(self) -> list[str]:
        """A text for each start; empty if a key has a mark."""
        texts = []
        for start, some in self.rows:
            lists = [END.join([str(number), *ends]) for number, ends in some]
            texts.append(text := NEXT.join([start, *lists]))
            ends = sum([len(ends) for _, ends in some])
            if text.count(NEXT) != len(some) or text.count(END) != ends:
                return []
        return texts

    def relationships(self) -> Iterator[tuple[str, str, Properties]]:
        """Start, end and properties of each relationship."""
        for start, some in self.rows:
            for number, ends in some:
                for end in ends:
                    yield start, end, self.properties[number]


class OutgoingRelationships:
    """Takes relationships in any order, in eight bytes each, and gives them out by their starts."""

    def __init__(self) -> None:
        self._keys: dict[NodeType, list[str]] = {}
        self._numbers: dict[NodeType, dict[str, int]] = {}
        self._pairs: dict[RelationshipType, dict[tuple[object, ...], array[int]]] = {}
        self._properties: dict[RelationshipType, dict[tuple[object, ...], Properties]] = {}

    def number(self, type_: NodeType, keys: Sequence[str]) -> None:
        """Numbers nodes; every start and end has to be numbered before it is used."""
        known = self._keys.setdefault(type_, [])
        numbers = range(len(known), len(known) + len(keys))
        self._numbers.setdefault(type_, {}).update(zip(keys, numbers, strict=True))
        known += keys

    def add(self, element: Relationships | Pairs) -> None:
        """Adds relationships."""
        type_ = element.type
        values = tuple([element.properties.get(p.name) for p in type_.properties])
        self._properties.setdefault(type_, {}).setdefault(values, element.properties)
        pairs = self._pairs.setdefault(type_, {}).setdefault(values, array("Q"))
        starts = map(self._numbers[type_.start].__getitem__, element.starts)
        numbers = self._numbers[type_.end]
        if isinstance(element, Pairs):
            ends = map(numbers.__getitem__, element.ends)
            pairs.extend([start << _HALF | end for start, end in zip(starts, ends, strict=True)])
        else:
            end = numbers[element.end]
            pairs.extend([start << _HALF | end for start in starts])

    def batches(
        self, label: NodeType, size: int
    ) -> Iterator[tuple[list[str], list[RelationshipBatch], list[RelationshipBatch]]]:
        """The keys of at most ``size`` nodes of a label, and all relationships from them.

        Every node comes once, and after the nodes of its label to which its relationships lead.
        In a cycle that is impossible: those that lead to a later node are
        deferred, and are the third value of the last batch.
        """
        order, deferred = self._ordered(label)
        keys = self._keys.get(label, [])
        for first in range(0, len(order), size):
            batch = [keys[number] for number in order[first : first + size]]
            places = range(first, first + len(batch))
            relationships = [
                self._batch(type_, rows)
                for type_ in self._pairs
                if type_.start is label and (rows := self._rows(type_, order, places))
            ]
            yield batch, relationships, deferred if first + size >= len(order) else []

    def _batch(self, type_: RelationshipType, rows: Rows) -> RelationshipBatch:
        return RelationshipBatch(type_, [*self._properties[type_].values()], rows)

    def _ordered(self, label: NodeType) -> tuple[Sequence[int], list[RelationshipBatch]]:
        """The nodes in order, and deferred relationships; sorts pairs by the place of the start."""
        count = len(self._keys.get(label, ()))
        own_types = [type_ for type_ in self._pairs if type_.start is label]
        needed = array("Q")
        for type_ in own_types:
            if type_.same_label:
                for pairs in self._pairs[type_].values():
                    needed.extend(pairs)
        order = _order(count, needed)
        place = array("Q", bytes(8 * count))
        for i, number in enumerate(order):
            place[number] = i
        deferred = [self._take_deferred(type_, place) for type_ in own_types if type_.same_label]
        for type_ in own_types:
            for values, pairs in self._pairs[type_].items():
                self._pairs[type_][values] = _by_place(pairs, place)
        return order, [batch for batch in deferred if batch.rows]

    def _take_deferred(self, type_: RelationshipType, place: Sequence[int]) -> RelationshipBatch:
        """Removes and returns the relationships that lead to a later node."""
        keys = self._keys[type_.start]
        rows = []
        for number, (values, pairs) in enumerate(self._pairs[type_].items()):
            later = {pair for pair in pairs if place[pair & _END_MASK] >= place[pair >> _HALF]}
            if later:
                self._pairs[type_][values] = array("Q", [p for p in pairs if p not in later])
                rows += [
                    (keys[p >> _HALF], [(number, [keys[p & _END_MASK]])]) for p in sorted(later)
                ]
        return self._batch(type_, rows)

    def _rows(self, type_: RelationshipType, order: Sequence[int], places: range) -> Rows:
        """The rows of a batch, of the starts at some places in the order."""
        starts, ends = self._keys[type_.start], self._keys[type_.end]
        rows: dict[int, list[tuple[int, list[str]]]] = {}
        for number, pairs in enumerate(self._pairs[type_].values()):
            first = bisect_left(pairs, places.start << _HALF)
            last = bisect_left(pairs, places.stop << _HALF)
            for pair in pairs[first:last]:
                of_start = rows.setdefault(pair >> _HALF, [])
                if not of_start or of_start[-1][0] != number:
                    of_start.append((number, []))
                of_start[-1][1].append(ends[pair & _END_MASK])
        return [(starts[order[place]], rows[place]) for place in sorted(rows)]


def _by_place(pairs: Iterable[int], place: Sequence[int]) -> "array[int]":
    """The pairs, each with the place of its start instead of the start, sorted."""
    parts = [array("Q") for _ in range((len(place) >> _PART) + 1)]
    for pair in pairs:
        here = place[pair >> _HALF]
        parts[here >> _PART].append(here << _HALF | pair & _END_MASK)
    # To sort all at once would make a list of five times the size.
    return array("Q", chain.from_iterable(map(sorted, parts)))


def _order(count: int, pairs: Sequence[int]) -> Sequence[int]:
    """The numbers sorted so that an end comes before its start; those in cycles come last."""
    missing, bounds = array("Q", bytes(8 * count)), array("Q", bytes(8 * (count + 1)))
    for pair in pairs:
        missing[pair >> _HALF] += 1
        bounds[pair & _END_MASK] += 1
    # Where the starts of each end begin, once each start is put before the others of its end.
    bounds = array("Q", accumulate(bounds))
    by_end = array("Q", bytes(8 * len(pairs)))
    for pair in pairs:
        end = pair & _END_MASK
        bounds[end] = at = bounds[end] - 1
        by_end[at] = pair >> _HALF
    ready = [number for number in range(count) if not missing[number]]
    for number in ready:
        for start in by_end[bounds[number] : bounds[number + 1]]:
            missing[start] -= 1
            if not missing[start]:
                ready.append(start)
    return ready + [number for number in range(count) if missing[number]]

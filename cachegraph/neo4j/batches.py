"""The relationships of a graph by where they start: kept as numbers, given out in batches."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from cachegraph.model.elements import Pairs, Properties, Relationships
from cachegraph.model.schema import NodeType, RelationshipType

# A start and an end are kept as one number.
_HALF = 32
_END = (1 << _HALF) - 1


class Joined(NamedTuple):
    """Relationships of one type: the properties that occur, and for each start its ends.

    An end is its key and the place of its relationship's properties.
    """

    type: RelationshipType
    properties: Sequence[Properties]
    rows: Sequence[tuple[str, list[tuple[str, int]]]]

    def of(self, starts: Set[str]) -> "Joined":
        """Those of some starts."""
        return self._replace(rows=[row for row in self.rows if row[0] in starts])

    @property
    def size(self) -> int:
        """How many relationships they are."""
        return sum(len(ends) for _, ends in self.rows)


class Outgoing:
    """Takes relationships in any order and gives them by start: eight bytes for each."""

    def __init__(self) -> None:
        self._keys: dict[NodeType, list[str]] = {}
        self._numbers: dict[NodeType, dict[str, int]] = {}
        self._pairs: dict[RelationshipType, dict[tuple[object, ...], array[int]]] = {}
        self._properties: dict[RelationshipType, dict[tuple[object, ...], Properties]] = {}

    def number(self, type_: NodeType, keys: Sequence[str]) -> None:
        """Makes nodes known, which starts and ends have to be."""
        known = self._keys.setdefault(type_, [])
        self._numbers.setdefault(type_, {}).update(
            zip(keys, range(len(known), len(known) + len(keys)), strict=True)
        )
        known += keys

    def add(self, element: Relationships | Pairs) -> None:
        """Takes relationships in."""
        type_ = element.type
        said = tuple([element.properties.get(p.name) for p in type_.properties])
        self._properties.setdefault(type_, {}).setdefault(said, element.properties)
        pairs = self._pairs.setdefault(type_, {}).setdefault(said, array("Q"))
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
    ) -> Iterator[tuple[list[str], list[Joined], list[Joined]]]:
        """So many nodes of a label at a time, each once, with all relationships from it.

        A node comes after those of its label to which its relationships lead. Where they lead in
        a circle that cannot be: the third are relationships to nodes that come later, of earlier
        batches too; they are given with the last batch.
        """
        order, late = self._ordered(label)
        keys = self._keys.get(label, [])
        for first in range(0, len(order), size):
            batch = [keys[number] for number in order[first : first + size]]
            joined = [
                Joined(type_, [*self._properties[type_].values()], rows)
                for type_, found in self._pairs.items()
                if type_.start is label
                and (rows := self._rows(type_, found, order, range(first, first + len(batch))))
            ]
            yield batch, joined, late if first + size >= len(order) else []

    def _ordered(self, label: NodeType) -> tuple[Sequence[int], list[Joined]]:
        """The nodes in order; pairs are sorted by the place of their start in it."""
        count = len(self._keys.get(label, ()))
        within = [type_ for type_ in self._pairs if type_.start is label and type_.same_label]
        needed = array("Q")
        for type_ in within:
            for pairs in self._pairs[type_].values():
                needed.extend(pairs)
        order = _order(count, needed)
        place = array("Q", bytes(8 * count))
        for i, number in enumerate(order):
            place[number] = i
        late = [self._late(type_, place) for type_ in within]
        for type_, found in self._pairs.items():
            if type_.start is label:
                for said, pairs in found.items():
                    placed = [place[pair >> _HALF] << _HALF | pair & _END for pair in pairs]
                    found[said] = array("Q", sorted(placed))
        return order, [joined for joined in late if joined.rows]

    def _late(self, type_: RelationshipType, place: Sequence[int]) -> Joined:
        """Takes out what leads to a node that comes later."""
        keys = self._keys[type_.start]
        rows = []
        for number, (said, pairs) in enumerate(self._pairs[type_].items()):
            late = {pair for pair in pairs if place[pair & _END] >= place[pair >> _HALF]}
            if late:
                self._pairs[type_][said] = array("Q", [p for p in pairs if p not in late])
                rows += [(keys[p >> _HALF], [(keys[p & _END], number)]) for p in sorted(late)]
        return Joined(type_, [*self._properties[type_].values()], rows)

    def _rows(
        self,
        type_: RelationshipType,
        found: Mapping[tuple[object, ...], Sequence[int]],
        order: Sequence[int],
        places: range,
    ) -> list[tuple[str, list[tuple[str, int]]]]:
        starts, ends = self._keys[type_.start], self._keys[type_.end]
        rows: dict[int, list[tuple[str, int]]] = {}
        for number, pairs in enumerate(found.values()):
            first, beyond = (
                bisect_left(pairs, place << _HALF) for place in (places.start, places.stop)
            )
            for pair in pairs[first:beyond]:
                rows.setdefault(pair >> _HALF, []).append((ends[pair & _END], number))
        return [(starts[order[place]], rows[place]) for place in sorted(rows)]


def _order(count: int, pairs: Sequence[int]) -> Sequence[int]:
    """Numbers so that the end of each pair comes before its start; those in circles come last."""
    waits = array("Q", bytes(8 * count))
    for pair in pairs:
        waits[pair >> _HALF] += 1
    by_end = sorted((pair & _END) << _HALF | pair >> _HALF for pair in pairs)
    free = [number for number in range(count) if not waits[number]]
    for number in free:
        at = bisect_left(by_end, number << _HALF)
        while at < len(by_end) and by_end[at] >> _HALF == number:
            start = by_end[at] & _END
            waits[start] -= 1
            if not waits[start]:
                free.append(start)
            at += 1
    return free + [number for number in range(count) if waits[number]]

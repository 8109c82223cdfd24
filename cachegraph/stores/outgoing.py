"""The relationships of a graph by where they start: kept as numbers, given out in batches."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from typing import NamedTuple

from cachegraph.elements import Pairs, Properties, Relationships
from cachegraph.schema import SPEC, NodeType, RelationshipType

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

    def batches(self, size: int) -> Iterator[tuple[list[str], list[Joined]]]:
        """So many nodes at a time, each once with all relationships from it."""
        for found in self._pairs.values():
            for said, pairs in found.items():
                found[said] = array("Q", sorted(pairs))
        for label in self._keys:
            types = [type_ for type_ in self._pairs if type_.start is label]
            if not types and label is not SPEC:
                continue
            keys = self._keys[label]
            for first in range(0, len(keys), size):
                batch = (self._joined(type_, first, first + size) for type_ in types)
                yield keys[first : first + size], [joined for joined in batch if joined.rows]

    def _joined(self, type_: RelationshipType, first: int, beyond: int) -> Joined:
        found = self._pairs[type_]
        parts = []
        for number, pairs in enumerate(found.values()):
            inside = pairs[bisect_left(pairs, first << _HALF) : bisect_left(pairs, beyond << _HALF)]
            parts.append(zip(inside, repeat(number)))
        starts, ends = self._keys[type_.start], self._keys[type_.end]
        rows: dict[int, list[tuple[str, int]]] = {}
        for pair, number in chain.from_iterable(parts):
            rows.setdefault(pair >> _HALF, []).append((ends[pair & _END], number))
        said = [*self._properties[type_].values()]
        return Joined(type_, said, [(starts[start], rows[start]) for start in sorted(rows)])

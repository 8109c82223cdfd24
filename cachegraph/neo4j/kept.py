"""What was read of a graph while it is asked, so that nothing is fetched twice."""

from array import array
from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import repeat
from typing import Any

_UNREAD: Any = object()
_NONE = -1


class Kept:
    """Nodes of one label by their keys: sets that were read, texts of properties, relationships.

    A column has a pointer for each node; equal texts are one object. A relationship takes eight
    bytes.
    """

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._keys: list[str] = []
        self._columns: dict[str, list[str | None]] = {}
        self._texts: dict[str, str] = {}
        self.sets: dict[object, Set[str]] = {}
        """Sets of keys that were read, by what they were asked for."""
        self._first = array("q")
        self._counts = array("i")
        self._ends, self._uses = array("i"), array("i")
        self._use_places: dict[str, int] = {}
        self._use_texts: list[str] = []

    def places(self, keys: Sequence[str]) -> list[int]:
        """The place of each key, old or new."""
        known = self._places
        try:
            return [*map(known.__getitem__, keys)]
        except KeyError:
            new = [key for key in dict.fromkeys(keys) if key not in known]
        known.update(zip(new, range(len(known), len(known) + len(new)), strict=True))
        self._keys += new
        return [*map(known.__getitem__, keys)]

    def unread(self, keys: Sequence[str], names: Iterable[str]) -> list[str]:
        """Those of the keys of which not all of the properties were read, each once."""
        places = self.places(keys)
        missing: set[int] = set()
        for name in names:
            column = self._column(name)
            missing.update([place for place in places if column[place] is _UNREAD])
        return [*map(self._keys.__getitem__, sorted(missing))]

    def _column(self, name: str) -> list[str | None]:
        column = self._columns.setdefault(name, [])
        column += repeat(_UNREAD, len(self._keys) - len(column))
        return column

    def add(self, keys: Sequence[str], columns: Mapping[str, Iterable[str | None]]) -> None:
        """Keeps texts of properties of nodes; a column for each property, by its name."""
        places, known = self.places(keys), self._texts
        for name, texts in columns.items():
            column = self._column(name)
            for place, text in zip(places, texts, strict=True):
                column[place] = text and known.setdefault(text, text)

    def texts(self, keys: Sequence[str], names: Iterable[str]) -> list[list[str | None]]:
        """A column of texts of each of the properties; all were read."""
        places = self.places(keys)
        return [[*map(self._column(name).__getitem__, places)] for name in names]

    def unread_starts(self, keys: Sequence[str]) -> list[str]:
        """Those of the keys whose relationships were not read, each once."""
        places = {*self.places(keys)}
        self._grow()
        counts = self._counts
        return [self._keys[place] for place in sorted(places) if counts[place] == _NONE]

    def _grow(self) -> None:
        new = len(self._keys) - len(self._counts)
        self._counts.extend(repeat(_NONE, new))
        self._first.extend(repeat(0, new))

    def add_ends(
        self, starts: list[str], counts: Iterable[int], ends: list[str], uses: list[str]
    ) -> None:
        """Keeps the relationships from nodes: how many each has, their ends, and their texts.

        A text is that of the properties of a relationship.
        """
        places = self.places(starts)
        self._grow()
        first = len(self._ends)
        for place, count in zip(places, counts, strict=True):
            self._first[place], self._counts[place] = first, count
            first += count
        self._ends.extend(self.places(ends))
        known = self._use_places
        for use in {*uses}.difference(known):
            known[use] = len(known)
            self._use_texts.append(use)
        self._uses.extend(map(known.__getitem__, uses))

    def ends(self, start: str) -> tuple[list[str], list[str]]:
        """The relationships from a node that were read."""
        place = self._places[start]
        first = self._first[place]
        here = slice(first, first + self._counts[place])
        ends = map(self._keys.__getitem__, self._ends[here])
        return [*ends], [*map(self._use_texts.__getitem__, self._uses[here])]

    def all_ends(self, starts: Iterable[str]) -> set[str]:
        """The ends of the relationships from any of the starts, which were read."""
        every: set[int] = set()
        for place in map(self._places.__getitem__, starts):
            first = self._first[place]
            every.update(self._ends[first : first + self._counts[place]])
        return {*map(self._keys.__getitem__, every)}

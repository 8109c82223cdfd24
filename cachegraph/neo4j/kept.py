"""What was read of a graph while it is asked, so that nothing is fetched twice."""

from array import array
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

_UNREAD = -1


class _Numbers(dict[str | None, int]):
    """A number for each text, given when it is met first, and the texts by their numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[Any] = []

    def __missing__(self, text: str | None) -> int:
        number = self[text] = len(self.texts)
        self.texts.append(text)
        return number


class Kept:
    """Nodes of one label by their keys: sets that were read, texts of properties, relationships.

    A property of a node takes four bytes, and a relationship eight; equal texts are one object.
    """

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._keys: list[str] = []
        self._columns: dict[str, array[int]] = {}
        self._texts = _Numbers()
        self.sets: dict[object, Set[str]] = {}
        """Sets of keys that were read, by what they were asked for."""
        self._first = array("q")
        self._counts = array("i")
        self._ends, self._uses = array("i"), array("i")
        self._use_texts = _Numbers()

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
            if len(missing) == len(places):
                break
            column = self._column(name)
            missing.update([place for place in places if column[place] == _UNREAD])
        return [*map(self._keys.__getitem__, sorted(missing))]

    def _column(self, name: str) -> "array[int]":
        column = self._columns.setdefault(name, array("i"))
        _grow(column, len(self._keys), _UNREAD)
        return column

    def add(self, keys: Sequence[str], columns: Mapping[str, Iterable[str | None]]) -> None:
        """Keeps texts of properties of nodes; a column for each property, by its name."""
        places, number = self.places(keys), self._texts.__getitem__
        for name, texts in columns.items():
            column = self._column(name)
            for place, one in zip(places, map(number, texts), strict=True):
                column[place] = one

    def texts(self, keys: Sequence[str], names: Iterable[str]) -> list[list[str | None]]:
        """A column of texts of each of the properties; all were read."""
        places, texts = self.places(keys), self._texts.texts
        columns = map(self._column, names)
        return [[texts[column[place]] for place in places] for column in columns]

    def unread_starts(self, keys: Sequence[str]) -> list[str]:
        """Those of the keys whose relationships were not read, each once."""
        places = {*self.places(keys)}
        _grow(self._counts, len(self._keys), _UNREAD)
        counts = self._counts
        return [self._keys[place] for place in sorted(places) if counts[place] == _UNREAD]

    def add_ends(
        self, starts: list[str], counts: Iterable[int], ends: list[str], uses: list[str]
    ) -> None:
        """Keeps the relationships from nodes: how many each has, their ends, and their texts.

        A text is that of the properties of a relationship.
        """
        places = self.places(starts)
        _grow(self._counts, len(self._keys), _UNREAD)
        _grow(self._first, len(self._keys), 0)
        first = len(self._ends)
        for place, count in zip(places, counts, strict=True):
            self._first[place], self._counts[place] = first, count
            first += count
        self._ends.extend(self.places(ends))
        self._uses.extend(map(self._use_texts.__getitem__, uses))

    def ends(self, start: str) -> tuple[list[str], list[str]]:
        """The relationships from a node that were read."""
        place = self._places[start]
        first = self._first[place]
        here = slice(first, first + self._counts[place])
        ends = map(self._keys.__getitem__, self._ends[here])
        return [*ends], [*map(self._use_texts.texts.__getitem__, self._uses[here])]

    def all_ends(self, starts: Iterable[str]) -> set[str]:
        """The ends of the relationships from any of the starts, which were read."""
        every: set[int] = set()
        for place in map(self._places.__getitem__, starts):
            first = self._first[place]
            every.update(self._ends[first : first + self._counts[place]])
        return {*map(self._keys.__getitem__, every)}


def _grow(column: "array[int]", size: int, filler: int) -> None:
    """Makes a column as long as it has to be."""
    if len(column) < size:
        column.extend(array(column.typecode, [filler]) * (size - len(column)))

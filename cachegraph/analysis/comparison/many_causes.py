"""Finds the root causes of very many pairs of specs, with NumPy.

Few sets of causes are distinct: each pair has the number of its set, and which sets the dependency
pairs of a pair have is looked up as the bytes of their numbers.
"""

from collections.abc import Iterable
from itertools import starmap

import numpy as np

from cachegraph.analysis.comparison.facts import Facts, Pair
from cachegraph.analysis.comparison.pair_arrays import Numbers, pair_numbers, pairs_of
from cachegraph.analysis.comparison.pair_levels import Level, PairLevels
from cachegraph.analysis.comparison.root_causes import CauseSet, RootCauses
from cachegraph.model.graph import ArrayGraph
from cachegraph.model.schema import SPEC

_UNKNOWN = -1
_NUMBER = np.dtype(np.int32)
"""The type of the numbers of sets of causes."""


class ManyCauses(RootCauses):
    """Finds the root causes of so many pairs of a graph that it is worth reading it as arrays."""

    def __init__(self, graph: ArrayGraph, known: Facts | None = None) -> None:
        super().__init__(graph, known)
        self._graph = graph
        self._sets: list[CauseSet] = []
        self._numbers: dict[int, int] = {}
        self._united = _Unions(self)
        self._from_above: dict[tuple[int, int], int] = {}
        self._names: dict[int, str] = {}

    def of(self, pairs: Iterable[Pair]) -> list[CauseSet]:
        wanted = [*pairs]
        left, right = np.array(wanted, np.int64).reshape(-1, 2).T
        levels = PairLevels(self._graph, self.differences)
        compared = levels.compare(pair_numbers(left, right))
        below = levels.compare_below(compared.dependencies)
        self._package = levels.arrays.package
        causes = self._causes_below(below)
        if causes is None:  # in a cycle, which no hashes allow
            return super().of(wanted)
        numbers = causes[np.searchsorted(below.pairs, compared.dependencies)]
        found = self._united.of_each(numbers, compared.owners, np.arange(len(wanted))).tolist()
        for place, own in compared.own.items():
            found[place] = self.number_of_union([self._number(self.of_own(own)), found[place]])
        return [*map(self._sets.__getitem__, found)]

    def _causes_below(self, level: Level) -> Numbers | None:
        """The number of the causes of each pair; None if pairs depend on themselves."""
        causes = np.full(len(level.pairs), _UNKNOWN, _NUMBER)
        specs, _ = pairs_of(level.pairs)
        if level.own:
            own = np.array([*level.own])
            numbers = np.array([self._number(self.of_own(one)) for one in level.own.values()])
            causes[own] = self._seen_from_above(numbers, specs[own])
        # The dependency pairs of the pairs that are left.
        owners, targets = level.owners, np.searchsorted(level.pairs, level.dependencies)
        waiting = np.flatnonzero(causes == _UNKNOWN)
        while len(waiting):
            known = causes[targets]
            is_blocked = np.zeros(len(causes), np.bool_)
            is_blocked[owners[known == _UNKNOWN]] = True
            ready = waiting[~is_blocked[waiting]]
            if not len(ready):
                return None
            united = self._united.of_each(known, owners, ready)
            causes[ready] = self._seen_from_above(united, specs[ready])
            waiting = waiting[is_blocked[waiting]]
            kept = is_blocked[owners]
            owners, targets = owners[kept], targets[kept]
        return causes

    def _seen_from_above(self, numbers: Numbers, specs: Numbers) -> Numbers:
        """The numbers of the causes of pairs as they are for what depends on the left specs."""
        has_common = np.array([bool(one.common) for one in self._sets], np.bool_)
        places = np.flatnonzero(has_common[numbers])
        packages = self._package[specs[places]]
        columns = numbers[places].tolist(), packages.tolist(), specs[places].tolist()
        found = numbers.astype(_NUMBER)
        found[places] = [*starmap(self._number_from_above, zip(*columns, strict=True))]
        return found

    def _number_from_above(self, number: int, package: int, spec: int) -> int:
        key = number, package
        if key not in self._from_above:
            if package not in self._names:
                ((name,),) = self._graph.values(SPEC, [spec], ("package",))
                self._names[package] = name or "?"
            causes = self.seen_from_above(self._sets[number], self._names[package])
            self._from_above[key] = self._number(causes)
        return self._from_above[key]

    def _number(self, causes: CauseSet) -> int:
        """The number of a set, of which there is one object for all equal sets."""
        number = self._numbers.setdefault(id(causes), len(self._sets))
        if number == len(self._sets):
            self._sets.append(causes)
        return number

    def number_of_union(self, numbers: Iterable[int]) -> int:
        """The number of the causes that are in any of the sets with these numbers."""
        return self._number(self.union([*map(self._sets.__getitem__, numbers)]))


class _Unions(dict[bytes, int]):
    """The numbers of unions of sets of causes, by the bytes of the numbers of the sets."""

    def __init__(self, causes: ManyCauses) -> None:
        super().__init__()
        self._causes = causes

    def __missing__(self, numbers: bytes) -> int:
        sets = np.frombuffer(numbers, _NUMBER).tolist()
        found = self[numbers] = self._causes.number_of_union(sets)
        return found

    def of_each(self, numbers: Numbers, owners: Numbers, wanted: Numbers) -> Numbers:
        """For each wanted owner the union of the sets that it has; ``owners`` are sorted."""
        data = numbers.astype(_NUMBER).tobytes()
        starts, ends = (
            (np.searchsorted(owners, wanted, side) * _NUMBER.itemsize).tolist()
            for side in ("left", "right")
        )
        parts = map(data.__getitem__, starmap(slice, zip(starts, ends, strict=True)))
        return np.fromiter(map(self.__getitem__, parts), _NUMBER, len(wanted))

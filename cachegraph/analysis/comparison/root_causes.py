"""Finds the root causes for which pairs of specs have different hashes.

The search goes from a pair to its dependency pairs and stops where two specs differ themselves.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypedDict

from cachegraph.analysis.comparison.differences import (
    COMMON_CHOICES,
    Comparison,
    Difference,
    Differences,
    sort_key,
)
from cachegraph.analysis.comparison.facts import Facts, Pair
from cachegraph.model.graph import Handle, SpecGraph

Path = tuple[str, ...]
"""The packages on the way from a spec to one of its dependencies, both included."""
Change = tuple[str | None, ...]
"""A difference without its package."""


class Cause(TypedDict):
    """A root cause of two hashes: what differs, of which package, and the path to it.

    ``kind`` is one of version, variant, flag, compiler, os, target, external, recipe, namespace,
    dependency, provider, deptypes. A side that has no value is None. ``path`` has the packages from
    the spec that was compared to ``package``; ``depth`` is the number of dependencies on it.
    """

    package: str
    kind: str
    attribute: str
    left: str | None
    right: str | None
    path: list[str]
    depth: int


def root_causes_with_paths(
    differences: Differences, left: Handle, right: Handle
) -> tuple[list[Cause], list[Pair]]:
    """The root causes of one pair with their shortest paths, the nearest first.

    Returns also the pairs at which the search ended without a recorded difference.
    """
    differences.read([left, right])
    level: dict[Pair, Path] = {(left, right): (differences.package(left),)}
    seen = {*level}
    found: list[tuple[Path, Difference]] = []
    unexplained: list[Pair] = []
    while level:
        below: dict[Pair, Path] = {}
        for (pair, path), compared in zip(level.items(), differences.compare(level), strict=True):
            found += [(path, difference) for difference in compared.own]
            if not compared.own and not compared.dependencies:
                unexplained.append(pair)
            # Below a dependency that differs itself, the rest may follow from that.
            for other in compared.dependencies if len(path) == 1 or not compared.own else ():
                if other not in seen:
                    longer = (*path, differences.package(other[0]))
                    below[other] = min(longer, below.get(other, longer))
        seen |= below.keys()
        level = below
    return [*_causes(found)], unexplained


def _causes(found: list[tuple[Path, Difference]]) -> Iterator[Cause]:
    """The causes, nearest first; a common choice that repeats one further up is left out."""
    found.sort(key=lambda each: (len(each[0]), each[0], sort_key(each[1]), *map(str, each[1][3:])))
    changes: set[Change] = set()
    for path, difference in found:
        change = difference[1:]
        if difference.kind not in COMMON_CHOICES or change not in changes:
            changes.add(change)
            depth = len(path) - 1
            yield {**difference._asdict(), "path": [*path], "depth": depth}  # type: ignore[typeddict-item]


class CauseSet(NamedTuple):
    """The root causes of a pair, of common choices only the occurrence nearest to the pair."""

    causes: frozenset[Difference]
    common: Mapping[Change, tuple[Path, Difference]]

    def all(self) -> list[Difference]:
        """All causes."""
        return [*self.causes, *(difference for _, difference in self.common.values())]

    def __len__(self) -> int:
        return len(self.causes) + len(self.common)


class RootCauses:
    """Finds the root causes of many pairs; pairs with equal causes get the same ``CauseSet``.

    A dependency pair is explained once, however many pairs depend on it.
    """

    def __init__(self, graph: SpecGraph, known: Facts | None = None) -> None:
        self.differences = Differences(graph, known)
        self._of_pair: dict[Pair, CauseSet] = {}
        self._shared_sets: dict[Any, CauseSet] = {}
        self._unions: dict[frozenset[int], CauseSet] = {}

    def of(self, pairs: Iterable[Pair]) -> list[CauseSet]:
        """The root causes of each pair, as ``root_causes_with_paths`` finds them."""
        comparisons, below = self.differences.compare_all(pairs)
        self._explain(below)
        return [*map(self._of_comparison, comparisons)]

    def _explain(self, pairs: list[Pair]) -> None:
        """Finds the causes of dependency pairs: of each after those of its own dependencies."""
        of_pair, compared = self._of_pair, self.differences.compared
        begun: set[Pair] = set()
        while pairs:
            pair = pairs[-1]
            if pair in of_pair:
                pairs.pop()
                continue
            own, below = compared[pair]
            known = [each for each in map(of_pair.get, below) if each is not None]
            # Met again with an unknown dependency, a pair is in a cycle, which no hashes allow.
            if not own and len(known) < len(below) and pair not in begun:
                begun.add(pair)
                pairs += [other for other in below if other not in of_pair]
                continue
            causes = self.of_own(own) if own else self.union(known)
            if causes.common:
                causes = self.seen_from_above(causes, self.differences.package(pair[0]))
            of_pair[pair] = causes
            pairs.pop()

    def _of_comparison(self, comparison: Comparison) -> CauseSet:
        own, pairs = comparison
        below = self.union([self._of_pair[pair] for pair in pairs])
        return self.union([self.of_own(own), below]) if own else below

    def seen_from_above(self, causes: CauseSet, package: str) -> CauseSet:
        """The causes of a pair of the package, with the paths from what depends on it."""
        common = {c: ((package, *path), d) for c, (path, d) in causes.common.items()}
        return self._shared(CauseSet(causes.causes, common))

    def union(self, sets: list[CauseSet]) -> CauseSet:
        """The causes in any of the sets; of a common choice the shortest path."""
        members = frozenset(map(id, sets))
        if len(members) == 1:
            return sets[0]
        if members not in self._unions:
            common: dict[Change, tuple[Path, Difference]] = {}
            for each in sets:
                for change, nearest in each.common.items():
                    other = common.get(change, nearest)
                    common[change] = min(other, nearest, key=lambda way: (len(way[0]), way[0]))
            union = CauseSet(frozenset().union(*(each.causes for each in sets)), common)
            self._unions[members] = self._shared(union)
        return self._unions[members]

    def of_own(self, own: tuple[Difference, ...]) -> CauseSet:
        """The causes that are differences of a pair itself."""
        common: dict[Change, tuple[Path, Difference]] = {
            d[1:]: ((), d) for d in own if d.kind in COMMON_CHOICES
        }
        causes = frozenset(d for d in own if d.kind not in COMMON_CHOICES)
        return self._shared(CauseSet(causes, common))

    def _shared(self, found: CauseSet) -> CauseSet:
        """The object that stands for all equal sets, which are recognized and counted by it."""
        return self._shared_sets.setdefault((found.causes, frozenset(found.common.items())), found)

"""Compares very many pairs of specs, and level by level their dependency pairs, with NumPy."""

from typing import NamedTuple

import numpy as np

from cachegraph.analysis.comparison.differences import (
    COVERS_RECIPE,
    Difference,
    Differences,
)
from cachegraph.analysis.comparison.pair_arrays import (
    Numbers,
    PairArrays,
    distinct,
    pair_numbers,
    pairs_of,
)
from cachegraph.model.graph import ArrayGraph
from cachegraph.model.schema import SPEC


class Level(NamedTuple):
    """Pairs that were compared, with their own differences and their dependency pairs."""

    pairs: Numbers
    own: dict[int, tuple[Difference, ...]]
    """The differences of the pairs that differ themselves, by their places."""
    owners: Numbers
    """For each dependency pair the place of the pair that it belongs to, sorted."""
    dependencies: Numbers

    def without_dependencies_of_own(self) -> "Level":
        """The same, less the dependency pairs of pairs that differ themselves."""
        if not self.own:
            return self
        kept = ~np.isin(self.owners, [*self.own])
        return self._replace(owners=self.owners[kept], dependencies=self.dependencies[kept])


class PairLevels:
    """Compares pairs level by level, in arrays."""

    def __init__(self, graph: ArrayGraph, differences: Differences) -> None:
        self._differences = differences
        self.arrays = PairArrays(graph)
        tokens, places = np.unique(self.arrays.formats, return_index=True)
        tokens, places = tokens[tokens != 0], places[tokens != 0]
        formats = graph.values(SPEC, places.tolist(), ("specfile_version",))
        is_old = [version < COVERS_RECIPE for (version,) in formats]
        self.arrays.leave_out(tokens[np.array(is_old, np.bool_)])

    def compare(self, pairs: Numbers) -> Level:
        """Compares pairs, given as numbers."""
        compared = self.arrays.compare(*pairs_of(pairs))
        others = np.flatnonzero(~compared.simple)
        own: dict[int, tuple[Difference, ...]] = {}
        owners, dependencies = [compared.owners], [compared.dependencies]
        left, right = pairs_of(pairs[others])
        of_others = self._differences.compare(zip(left.tolist(), right.tolist(), strict=True))
        for place, one in zip(others.tolist(), of_others, strict=True):
            if one.own:
                own[place] = one.own
            if one.dependencies:
                ends = np.array(one.dependencies, np.int64)
                owners.append(np.full(len(ends), place))
                dependencies.append(pair_numbers(ends[:, 0], ends[:, 1]))
        all_owners = np.concatenate(owners)
        order = np.argsort(all_owners, kind="stable")
        return Level(pairs, own, all_owners[order], np.concatenate(dependencies)[order])

    def compare_below(self, pairs: Numbers) -> Level:
        """Compares the distinct dependency pairs of those compared, level by level, as one level.

        Below a pair that differs itself nothing is compared.
        """
        levels: list[Level] = []
        seen = np.zeros(0, np.int64)
        while True:
            both = distinct(np.concatenate([seen, pairs]))
            new = both[~np.isin(both, seen, assume_unique=True)]
            if not len(new):
                break
            seen = both
            levels.append(self.compare(new).without_dependencies_of_own())
            pairs = levels[-1].dependencies
        places = [np.searchsorted(seen, level.pairs) for level in levels]
        own = {
            int(at[place]): differences
            for level, at in zip(levels, places, strict=True)
            for place, differences in level.own.items()
        }
        empty = np.zeros(0, np.int64)
        owners = np.concatenate(
            [empty, *(at[one.owners] for one, at in zip(levels, places, strict=True))]
        )
        order = np.argsort(owners, kind="stable")
        dependencies = np.concatenate([empty, *(one.dependencies for one in levels)])
        return Level(seen, own, owners[order], dependencies[order])

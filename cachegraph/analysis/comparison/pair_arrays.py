"""Compares very many pairs of specs at once, in NumPy arrays.

Only pairs that are simple: of equal properties, which use the same packages in the same way, each
package once. In index files that are nearly all, and take a tenth of the time. ``Differences``
compares the others.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cachegraph.analysis.comparison.facts import PLACES, READ
from cachegraph.model.graph import ArrayGraph
from cachegraph.model.schema import DEPENDS_ON, SPEC

Numbers = NDArray[Any]
"""Integers of any type."""
Flags = NDArray[np.bool_]
_PAIR_BITS = 32  # of one spec in the number of a pair


def pair_numbers(left: Numbers, right: Numbers) -> Numbers:
    """A number for each pair, in which both specs are."""
    return left.astype(np.int64) << _PAIR_BITS | right.astype(np.int64)


def pairs_of(numbers: Numbers) -> tuple[Numbers, Numbers]:
    """The left and the right specs of pairs, from their numbers."""
    return numbers >> _PAIR_BITS, numbers & (1 << _PAIR_BITS) - 1


def distinct(numbers: Numbers) -> Numbers:
    """Each number once, sorted; a third of the time of ``unique``, which hashes them."""
    in_order = np.sort(numbers)
    is_first = np.ones(len(in_order), np.bool_)
    np.not_equal(in_order[1:], in_order[:-1], out=is_first[1:])
    return in_order[is_first]


class Compared(NamedTuple):
    """Pairs that were compared: which are simple, and the dependency pairs of these that differ."""

    simple: Flags
    owners: Numbers
    """For each dependency pair the place of the pair that it belongs to, sorted."""
    dependencies: Numbers
    """The dependency pairs, as numbers."""


class PairArrays:
    """The properties and dependencies of all specs of a graph, as arrays."""

    def __init__(self, graph: ArrayGraph) -> None:
        columns = graph.token_arrays(SPEC, READ)
        self._columns = [column for column in columns if len(column) and np.ptp(column)]
        """The properties in which any two specs differ."""
        self.package = columns[PLACES["package"]]
        """For each spec the token of its package."""
        self.formats = columns[PLACES["specfile_version"]]
        """For each spec the token of its format; 0 of a spec whose dependencies are unknown."""
        bounds, ends, uses = graph.adjacent_arrays(DEPENDS_ON)
        self._first, self._degrees = bounds[:-1], np.diff(bounds)
        # Each start with the package of an end, in one number.
        packages = int(self.package.max(initial=0)) + 1
        by_package = np.repeat(np.arange(len(self._degrees)) * packages, self._degrees)
        by_package += self.package[ends].astype(np.int64)
        order = np.argsort(by_package, kind="stable")
        by_package = by_package[order]
        is_again = by_package[1:] == by_package[:-1]
        self._is_complex = np.zeros(len(self._degrees), np.bool_)
        self._is_complex[by_package[1:][is_again] // packages] = True
        # The order is that of the starts still.
        self._ends = ends[order]
        self._kinds = by_package
        """The package and the use of each dependency."""
        self._kinds %= packages
        self._kinds *= int(uses.max(initial=0)) + 1
        self._kinds += uses[order].astype(np.int64)

    def leave_out(self, formats: Numbers) -> None:
        """No pair of a spec of one of the formats, given as tokens, is simple."""
        size = len(self.formats)
        self._is_complex[:size] |= np.isin(self.formats, formats)

    def compare(self, left: Numbers, right: Numbers) -> Compared:
        """Compares the specs at the same places."""
        simple = ~(self._is_complex[left] | self._is_complex[right])
        simple &= self._degrees[left] == self._degrees[right]
        for column in self._columns:
            simple &= column[left] == column[right]
        places = np.flatnonzero(simple & (self.formats[left] != 0))
        degrees = self._degrees[left[places]]
        owners = np.repeat(places, degrees)
        # The place of each dependency among those of its spec.
        offsets = np.arange(len(owners)) - np.repeat(np.cumsum(degrees) - degrees, degrees)
        ours = self._first[left][owners] + offsets
        theirs = self._first[right][owners] + offsets
        simple[owners[self._kinds[ours] != self._kinds[theirs]]] = False
        ends, others = self._ends[ours], self._ends[theirs]
        differing = (ends != others) & simple[owners]
        pairs = pair_numbers(ends[differing], others[differing])
        return Compared(simple, owners[differing], pairs)

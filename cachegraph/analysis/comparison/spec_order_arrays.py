"""Puts very many specs in an order in which each comes after its dependencies, in NumPy arrays."""

from collections.abc import Callable, Collection

import numpy as np
from numpy.typing import NDArray

from cachegraph.analysis.comparison.facts import Facts
from cachegraph.model.graph import ArrayGraph
from cachegraph.model.schema import DEPENDS_ON

Numbers = NDArray[np.int64]
_SPEC_BITS = 32
_AT_ONCE = 1 << 16


def order_in_arrays(
    graph: ArrayGraph, facts: Facts, specs: Collection[int]
) -> tuple[list[int], Callable[[int], list[int]]] | None:
    """The specs in order, all their dependencies among them, and the dependents of each.

    None if specs depend on themselves. The specs that need none come first, then those that need
    only these, and so on.
    """
    bounds, ends, _ = graph.adjacent_arrays(DEPENDS_ON)
    nodes = np.sort(np.fromiter(specs, np.int64, len(specs)))
    waiting = np.zeros(len(bounds) - 1, np.int64)
    waiting[nodes] = np.diff(bounds)[nodes]
    starts = np.repeat(np.arange(len(waiting), dtype=np.uint32), np.diff(bounds))
    among = waiting[starts] > 0
    # To sort numbers of both is a third of the time of sorting the places of one.
    users = ends[among].astype(np.int64)
    users <<= _SPEC_BITS
    users |= starts[among]
    users.sort()
    degrees = np.bincount(users >> _SPEC_BITS, minlength=len(waiting))
    users &= (1 << _SPEC_BITS) - 1
    last = np.cumsum(degrees)
    first = last - degrees
    levels = [nodes[waiting[nodes] == 0]]
    while len(level := levels[-1]):
        counts = np.bincount(users[_ranges(first[level], degrees[level])], minlength=len(waiting))
        waiting -= counts
        levels.append(np.flatnonzero((waiting == 0) & (counts > 0)))
    order = [*facts.same(np.concatenate(levels).tolist())]
    if len(order) < len(nodes):
        return None
    every: list[int] = []
    for place in range(0, len(users), _AT_ONCE):  # all of them would be as many objects more
        every += facts.same(users[place : place + _AT_ONCE].tolist())
    # Their items are ints, those of an array of NumPy are not.
    begin, end = first.data, last.data
    return order, lambda spec: every[begin[spec] : end[spec]]


def _ranges(first: Numbers, lengths: Numbers) -> Numbers:
    """The numbers of ranges, one after another."""
    before = np.cumsum(lengths) - lengths
    return np.repeat(first - before, lengths) + np.arange(lengths.sum())

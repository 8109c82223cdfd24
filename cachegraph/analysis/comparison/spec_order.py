"""Specs in an order in which each comes after its dependencies."""

from collections.abc import Callable, Collection
from importlib.util import find_spec
from typing import NamedTuple

from cachegraph.analysis.comparison.facts import Facts
from cachegraph.analysis.dependencies.traversal import children_first
from cachegraph.model.graph import ArrayGraph, Handle, SpecGraph

_MANY_SPECS = 20_000
"""From so many specs on it is worth it to read all dependencies of the graph as arrays."""


class SpecOrder(NamedTuple):
    """Specs and all their dependencies, in order."""

    order: list[Handle]
    """The specs, each after its dependencies; a cycle is cut somewhere."""
    in_cycles: frozenset[Handle]
    """Those that depend on themselves, or on such specs; only damaged data has any."""
    dependents: Callable[[Handle], list[Handle]]
    """The direct dependents of a spec."""


def in_order(graph: SpecGraph, facts: Facts, specs: Collection[Handle]) -> SpecOrder:
    """The order of specs that were read, all their dependencies among them."""
    if len(specs) >= _MANY_SPECS and isinstance(graph, ArrayGraph) and find_spec("numpy"):
        from cachegraph.analysis.comparison.spec_order_arrays import order_in_arrays

        if found := order_in_arrays(graph, facts, specs):
            return SpecOrder(found[0], frozenset(), found[1])
    dependents: dict[Handle, list[Handle]] = {spec: [] for spec in specs}
    waiting: dict[Handle, int] = {}
    for spec in specs:
        ends = facts.ends(spec)
        waiting[spec] = len(ends)
        for own in map(dependents.__getitem__, ends):
            own.append(spec)
    order = [spec for spec, count in waiting.items() if not count]
    for spec in order:
        for dependent in dependents[spec]:
            waiting[dependent] = count = waiting[dependent] - 1
            if not count:
                order.append(dependent)
    in_cycles = frozenset({*specs}.difference(order) if len(order) < len(specs) else ())
    order += children_first({spec: in_cycles.intersection(facts.ends(spec)) for spec in in_cycles})
    return SpecOrder(order, in_cycles, dependents.__getitem__)

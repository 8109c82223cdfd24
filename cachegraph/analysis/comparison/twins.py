"""Pairs specs of two sides that look the same by what uses them, and by what they use."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import product

from cachegraph.analysis.dependencies.traversal import children_first
from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.schema import DEPENDS_ON, SPEC

Twins = tuple[list[Handle], list[Handle]]
"""Specs of the left and of the right of which each may be a rebuild of any other."""

# Larger groups stay in the order that they come in: all pairs of them would be compared.
_MOST_PAIRS = 2_500


class _Side:
    """The specs of a side, and what uses each of them."""

    def __init__(self, graph: SpecGraph, specs: Iterable[Handle]) -> None:
        order = [*specs]
        ends = (ends for ends, _ in graph.adjacent(DEPENDS_ON, order))
        self.dependencies: dict[Handle, Sequence[Handle]] = dict(zip(order, ends, strict=True))
        self.dependents: dict[Handle, set[Handle]] = defaultdict(set)
        for spec, needed in self.dependencies.items():
            for end in needed:
                self.dependents[end].add(spec)
        (packages,) = graph.tokens(SPEC, order, ("package",))
        package = dict(zip(order, packages, strict=True))
        self.using: dict[Handle, set[Hashable]] = {
            spec: {package[one] for one in self.dependents[spec]} for spec in order
        }

    def depths(self) -> Mapping[Handle, int]:
        """How long the longest way is to each spec from one that nothing uses."""
        found = dict.fromkeys(self.dependencies, 0)
        for spec in reversed(children_first(self.dependencies)):
            for end in self.dependencies.get(spec, ()):
                if end in found:
                    found[end] = max(found[end], found[spec] + 1)
        return found


def pair_twins(
    graph: SpecGraph,
    left: Iterable[Handle],
    right: Iterable[Handle],
    groups: Sequence[Twins],
    paired: dict[Handle, Handle],
) -> list[Twins]:
    """The groups reordered, so that specs at the same place are used for the same.

    ``paired`` are the pairs that are known. First come pairs that look the same, then those of
    which most dependents are paired, then those that most packages both use, then those with most
    dependencies in common; else the order stays. Dependents are paired before what they use.
    """
    ours, theirs = _Side(graph, left), _Side(graph, right)
    depths = ours.depths()
    places = sorted(
        range(len(groups)), key=lambda one: (min(depths[spec] for spec in groups[one][0]), one)
    )
    found: dict[int, Twins] = {}
    for place in places:
        old, new = groups[place]
        if len(old) * len(new) <= _MOST_PAIRS:
            old, new = _in_order(graph, (old, new), ours, theirs, paired)
        found[place] = old, new
        paired.update(zip(old, new, strict=False))
    return [found[place] for place in range(len(groups))]


def _in_order(
    graph: SpecGraph,
    twins: Twins,
    ours: _Side,
    theirs: _Side,
    paired: Mapping[Handle, Handle],
) -> Twins:
    """The twins of one group, the best pair first, then the best of the others, and so on."""
    alike = [graph.tokens(SPEC, some, ("alike",))[0] for some in twins]

    def rank(pair: tuple[int, int]) -> tuple[int, ...]:
        one, other = twins[0][pair[0]], twins[1][pair[1]]
        users = {*map(paired.get, ours.dependents[one])} & theirs.dependents[other]
        used = {paired.get(end, end) for end in ours.dependencies[one]}
        return (
            alike[0][pair[0]] != alike[1][pair[1]],
            -len(users),
            -len(ours.using[one] & theirs.using[other]),
            -len(used.intersection(theirs.dependencies[other])),
            *pair,
        )

    left, right = [*range(len(twins[0]))], [*range(len(twins[1]))]
    pairs: list[tuple[int, int]] = []
    for one, other in sorted(product(left, right), key=rank):
        if one in left and other in right:
            left.remove(one)
            right.remove(other)
            pairs.append((one, other))
    return (
        [twins[0][one] for one in (*(pair[0] for pair in pairs), *left)],
        [twins[1][other] for other in (*(pair[1] for pair in pairs), *right)],
    )

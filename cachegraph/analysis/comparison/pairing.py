"""Matches the specs of two sides: which of them are rebuilds of one another, which changed."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from cachegraph.analysis.comparison.levels import LEVELS
from cachegraph.model.graph import Handle, Members, SpecGraph
from cachegraph.model.schema import SPEC


class MatchedSpecs(NamedTuple):
    """The specs of two sides that have none in common."""

    rebuilt: list[tuple[Handle, Handle]]
    """Pairs of equal package, version and variants."""
    changed: list[tuple[list[Handle], list[Handle]]]
    """The other specs of each package that both sides have some of."""
    removed: list[Handle]
    added: list[Handle]


def match_specs(graph: SpecGraph, left: Members, right: Members) -> MatchedSpecs:
    """Matches the specs of two sides that have none in common; the lists are in no order.

    Of a package, version and variants as many are rebuilt as both sides have, alike ones first.
    """
    matched = MatchedSpecs([], [], [], [])
    ours, theirs = _by_spec_level(graph, left), _by_spec_level(graph, right)
    rest: dict[Hashable, tuple[list[Handle], list[Handle]]] = defaultdict(lambda: ([], []))
    for key in ours.keys() | theirs.keys():
        old, new = ours.get(key, []), theirs.get(key, [])
        if len(old) > 1 or len(new) > 1:
            old, new = pair_lookalikes(graph, old, new)
        matched.rebuilt.extend(zip(old, new, strict=False))
        package = key[0]
        rest[package][0].extend(old[len(new) :])
        rest[package][1].extend(new[len(old) :])
    for old, new in rest.values():
        if old and new:
            matched.changed.append((old, new))
        else:
            matched.removed.extend(old)
            matched.added.extend(new)
    return matched


def _by_spec_level(graph: SpecGraph, specs: Members) -> dict[tuple[Hashable, ...], list[Handle]]:
    """The specs by the tokens of package, version and variants."""
    nodes = [*specs]
    columns = graph.tokens(SPEC, nodes, LEVELS["spec"])
    found: dict[tuple[Hashable, ...], list[Handle]] = defaultdict(list)
    for key, spec in zip(zip(*columns, strict=True), nodes, strict=True):
        found[key].append(spec)
    return found


def pair_lookalikes(
    graph: SpecGraph, left: Sequence[Handle], right: Sequence[Handle]
) -> tuple[list[Handle], list[Handle]]:
    """Both sides reordered, so that specs at the same place belong together.

    Specs that are alike come first, in the order of ``alike`` and hashes; then all others.
    """
    ours, theirs = _by_look(graph, left), _by_look(graph, right)
    counts = {look: min(len(ours[look]), len(theirs[look])) for look in ours.keys() & theirs.keys()}
    return _in_order(ours, counts), _in_order(theirs, counts)


def _in_order(looks: dict[str, list[Handle]], counts: Mapping[str, int]) -> list[Handle]:
    """The specs of one side: first as many of each look as ``counts`` says, then the others."""
    paired = (looks[look][: counts[look]] for look in sorted(counts))
    others = (looks[look][counts.get(look, 0) :] for look in sorted(looks))
    return [*chain.from_iterable(paired), *chain.from_iterable(others)]


def _by_look(graph: SpecGraph, specs: Sequence[Handle]) -> dict[str, list[Handle]]:
    """The specs by the digest of their looks, sorted by hash."""
    found: dict[str, list[Handle]] = defaultdict(list)
    values = graph.values(SPEC, specs, ("hash", "alike"))
    for (_, look), spec in sorted(zip(values, specs, strict=True)):
        found[look or ""].append(spec)
    return found

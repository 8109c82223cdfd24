"""Matches the specs of two sides: which of them are rebuilds of one another, which changed."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from cachegraph.analysis.comparison.levels import LEVELS
from cachegraph.analysis.comparison.twins import pair_twins
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

    Of equal package, version and variants, as many are rebuilt as the smaller side has; those that
    are alike first, and of these those that are used for the same.
    """
    matched = MatchedSpecs([], [], [], [])
    ours, theirs = _by_spec_level(graph, left), _by_spec_level(graph, right)
    both = {key: (ours.get(key, []), theirs.get(key, [])) for key in ours.keys() | theirs.keys()}
    single = {old[0]: new[0] for old, new in both.values() if len(old) == len(new) == 1}
    several = {
        key: pair_lookalikes(graph, *some)
        for key, some in both.items()
        if all(some) and max(map(len, some)) > 1
    }
    if several:
        first = [old[0] for old, _ in several.values()]
        hashes = graph.values(SPEC, first, ("hash",))
        keys = [key for _, key in sorted(zip(hashes, several, strict=True), key=itemgetter(0))]
        twins = pair_twins(graph, left, right, [several[key] for key in keys], single)
        both.update(zip(keys, twins, strict=True))
    rest: dict[Hashable, tuple[list[Handle], list[Handle]]] = defaultdict(lambda: ([], []))
    for key, (old, new) in both.items():
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
    """The specs by the tokens of package, version and variants; alone if the package is unknown."""
    nodes = [*specs]
    columns = graph.tokens(SPEC, nodes, LEVELS["spec"])
    found: dict[tuple[Hashable, ...], list[Handle]] = defaultdict(list)
    for key, spec in zip(zip(*columns, strict=True), nodes, strict=True):
        found[key if key[0] else ((spec,),)].append(spec)
    return found


def pair_lookalikes(
    graph: SpecGraph, left: Sequence[Handle], right: Sequence[Handle]
) -> tuple[list[Handle], list[Handle]]:
    """Both sides reordered, so that specs at the same place belong together.

    Specs that are alike come first, in the order of ``alike`` and hashes; then all others.
    """
    ours, theirs = _by_alike(graph, left), _by_alike(graph, right)
    counts = {
        alike: min(len(ours[alike]), len(theirs[alike])) for alike in ours.keys() & theirs.keys()
    }
    return _in_order(ours, counts), _in_order(theirs, counts)


def _in_order(by_alike: dict[str, list[Handle]], counts: Mapping[str, int]) -> list[Handle]:
    """The specs of one side: of each ``alike`` as many as ``counts`` says, then the others."""
    paired = (by_alike[alike][: counts[alike]] for alike in sorted(counts))
    others = (specs[counts.get(alike, 0) :] for alike, specs in sorted(by_alike.items()))
    return [*chain.from_iterable(paired), *chain.from_iterable(others)]


def _by_alike(graph: SpecGraph, specs: Sequence[Handle]) -> dict[str, list[Handle]]:
    """The specs by ``alike``, sorted by hash."""
    found: dict[str, list[Handle]] = defaultdict(list)
    values = graph.values(SPEC, specs, ("hash", "alike"))
    for (_, alike), spec in sorted(zip(values, specs, strict=True)):
        found[alike or ""].append(spec)
    return found

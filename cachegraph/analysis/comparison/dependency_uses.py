"""Compares how two specs use their dependencies: packages, deptypes, providers of virtuals."""

from collections.abc import Hashable, Iterable, Iterator, Set
from typing import NamedTuple

from cachegraph.analysis.comparison.facts import Dependencies, Facts, Pair
from cachegraph.analysis.comparison.pairing import pair_lookalikes
from cachegraph.model.graph import Handle, SpecGraph

UseDifference = tuple[str, str, str | None, str | None]
"""The kind and attribute of a difference, and its text on the left and on the right."""


class PairedDependencies(NamedTuple):
    """The dependencies of two specs that are not the same on both sides, paired by package."""

    pairs: list[Pair]
    left_only: list[Handle]
    right_only: list[Handle]


def pair_dependencies(
    graph: SpecGraph, facts: Facts, left: Dependencies, right: Dependencies
) -> PairedDependencies:
    """Pairs the dependencies of one package that differ in hash, deptypes or virtuals."""
    by_package: dict[Hashable, tuple[list[Handle], list[Handle]]] = {}
    for side, (own, other) in enumerate(((left, right), (right, left))):
        for end, use in own.items():
            if other.get(end) != use:
                by_package.setdefault(facts.package_token(end), ([], []))[side].append(end)
    paired = PairedDependencies([], [], [])
    for ours, theirs in by_package.values():
        if len(ours) > 1 or len(theirs) > 1:
            ours, theirs = pair_lookalikes(graph, ours, theirs)  # noqa: PLW2901  # the same, in order
        paired.pairs.extend(zip(ours, theirs, strict=False))
        paired.left_only.extend(ours[len(theirs) :])
        paired.right_only.extend(theirs[len(ours) :])
    return paired


def use_differences(
    facts: Facts,
    left: Dependencies,
    right: Dependencies,
    paired: PairedDependencies,
    *,
    virtuals_recorded: bool,
) -> Iterator[UseDifference]:
    """The differences in the use of dependencies: providers, then packages, then deptypes.

    Where another package provides a virtual, the provider is the difference, and the two packages
    are no differences of their own. Providers are compared only if both sides record virtuals.
    """
    changed = [pair for pair in paired.pairs if left[pair[0]] != right[pair[1]]]
    ours = _providers(facts, left, [*(pair[0] for pair in changed), *paired.left_only])
    theirs = _providers(facts, right, [*(pair[1] for pair in changed), *paired.right_only])
    one_sided = {*paired.left_only, *paired.right_only}
    swapped = _swapped(facts, ours, theirs, one_sided) if virtuals_recorded else {}
    for virtual, providers in swapped.items():
        one, other = (end if end is None else facts.name_and_version(end) for end in providers)
        yield "provider", virtual, one, other
    for end in paired.left_only:
        if swapped.keys().isdisjoint(facts.virtuals(left[end])):
            yield "dependency", facts.package(end), facts.name_and_version(end), None
    for end in paired.right_only:
        if swapped.keys().isdisjoint(facts.virtuals(right[end])):
            yield "dependency", facts.package(end), None, facts.name_and_version(end)
    for one, other in changed:
        types = facts.deptypes(left[one]), facts.deptypes(right[other])
        if types[0] != types[1]:
            yield "deptypes", facts.package(one), ",".join(types[0]), ",".join(types[1])


def _providers(
    facts: Facts, dependencies: Dependencies, ends: Iterable[Handle]
) -> dict[str, Handle]:
    """The virtuals that some of the dependencies provide, each with its provider."""
    return {virtual: end for end in ends for virtual in facts.virtuals(dependencies[end])}


def _swapped(
    facts: Facts, left: dict[str, Handle], right: dict[str, Handle], one_sided: Set[Handle]
) -> dict[str, tuple[Handle | None, Handle | None]]:
    """Virtual packages whose provider differs, with the provider on each side (None if unused)."""
    swapped = {}
    for virtual in sorted(left.keys() | right.keys()):
        providers = left.get(virtual), right.get(virtual)
        packages = {None if end is None else facts.package(end) for end in providers}
        # Where one side alone uses the virtual and its provider, the dependency is the difference.
        if len(packages) > 1 and not (None in providers and one_sided & {*providers}):
            swapped[virtual] = providers
    return swapped

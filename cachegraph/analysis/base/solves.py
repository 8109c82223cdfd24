"""What was concretized together, and which values its packages need of each other."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from typing import NamedTuple

from cachegraph.analysis.base.builds import Build, Builds, closure, topmost
from cachegraph.analysis.comparison.facts import Facts
from cachegraph.model.spec import by_variant_name

Attributes = Mapping[str, str]
"""The version, variants and flags of a build, by name."""


class Solve(NamedTuple):
    """Builds that the concretizer chose together, in which each package has one value."""

    stack: int
    roots: AbstractSet[Build]
    builds: AbstractSet[Build]


def solves_of(builds: Builds, facts: Facts) -> list[Solve]:
    """The solves of the stacks: of a stack that has each package once it is the whole stack.

    That is what ``unify: true`` makes. Of others each root and all that it needs is one; builds
    that no root needs have one of the topmost of them as their root.
    """
    found = []
    for place, held in enumerate(builds.held):
        roots = {*builds.roots[place]}
        roots |= topmost(held - closure(roots, builds.needs), builds.needs)
        if len({facts.package(build) for build in held}) == len(held):
            found.append(Solve(place, roots, held))
        else:
            found += [Solve(place, {root}, closure([root], builds.needs)) for root in roots]
    return found


def attributes(facts: Facts, build: Build) -> Attributes:
    """The version, variants and flags of a build, by name."""
    found = by_variant_name(facts.value(build, "variants"))
    found |= by_variant_name(facts.value(build, "flags"))
    version = facts.value(build, "version")
    return found if version is None else {"version": version, **found}


class NeededValue(NamedTuple):
    """A value of a build, and the packages that need it."""

    attribute: str
    value: str
    packages: Sequence[str]


class Demand:
    """Who needs which values of packages, by what depends on them in each solve.

    A package needs a value if it directly depends on it in every solve that has the value, and in
    no solve on another: hdf5 in all solves with zlib-ng ~new_strategies, and in no other.
    """

    def __init__(self, builds: Builds, facts: Facts, solves: Iterable[Solve]) -> None:
        self._facts = facts
        self._dependents: defaultdict[str, list[tuple[Build, set[str]]]] = defaultdict(list)
        for solve in solves:
            for build, packages in self._dependents_in(solve, builds).items():
                self._dependents[facts.package(build)].append((build, packages))
        self.attributes = cache(lambda build: attributes(facts, build))
        self._needing = cache(self._find_needing)

    def _dependents_in(self, solve: Solve, builds: Builds) -> Mapping[Build, set[str]]:
        found: dict[Build, set[str]] = {build: set() for build in solve.builds}
        for build in solve.builds:
            package = self._facts.package(build)
            for end in builds.needs[build]:
                found[end].add(package)
        return found

    def needed(self, build: Build, other: Build) -> Iterator[NeededValue]:
        """The values of a build that another one has not, and that some package needs.

        If the version is among them it is all: variants may be there because of it.
        """
        own, others = self.attributes(build), self.attributes(other)
        package = self._facts.package(build)
        for name, value in own.items():
            if others.get(name) != value and (needing := self._needing(package, name, value)):
                yield NeededValue(name, value, needing)
                if name == "version":
                    return

    def _find_needing(self, package: str, name: str, value: str) -> Sequence[str]:
        """The packages that need the value."""
        always: set[str] | None = None
        elsewhere: set[str] = set()
        for build, packages in self._dependents[package]:
            if self.attributes(build).get(name) == value:
                always = packages if always is None else always & packages
            else:
                elsewhere |= packages
        return sorted((always or set()) - elsewhere)

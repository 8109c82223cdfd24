"""Gives several stacks the builds of one of them, for all packages that others have too.

A stack cannot take a build that a root's request excludes, if something needs another value than
the build has, or if the build needs what the stack cannot take. What a stack keeps is built anew
where anything that it depends on becomes another build.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from typing import NamedTuple

from cachegraph.analysis.base.builds import Build, Builds, Needs, closure
from cachegraph.analysis.base.requests import Requests
from cachegraph.analysis.base.solves import Demand, Solve, solves_of
from cachegraph.analysis.comparison.facts import Facts
from cachegraph.analysis.dependencies.traversal import children_first

PLACE = ("platform", "os", "target")
REQUESTED, NEEDED, DEPENDENCY, EXTERNAL = "requested", "needed", "dependency", "external"
REASONS = (REQUESTED, NEEDED, EXTERNAL, *PLACE, DEPENDENCY)
"""Why a stack cannot take a build."""


class Refusal(NamedTuple):
    """A build that a stack keeps, as it cannot take the one that is offered, and why."""

    stack: int
    build: Build
    offered: Build
    reason: str
    """One of ``REASONS``."""
    attribute: str = ""
    value: str = ""
    """What is needed instead of what the offered build has."""
    by: tuple[str, ...] = ()
    """The requests, or the packages that need the value or cannot be taken."""


class Unified(NamedTuple):
    """What stacks become if they take builds of one of them."""

    donor: int
    base: AbstractSet[Build]
    """The builds that are offered: those for names of other stacks, and all that they need."""
    builds: Builds
    taken: Mapping[int, int]
    """How many builds of other hashes each stack gives up for one that is offered."""
    refusals: Sequence[Refusal]


class _NewBuild:
    """A build that does not exist yet: as a spec, but with other dependencies."""


class Unifier:
    """Stacks with what is known of their builds, to be unified with one of them after another."""

    def __init__(self, builds: Builds, facts: Facts, requests: Sequence[Requests]) -> None:
        self._builds, self._facts, self._requests = builds, facts, requests
        self._solves = solves_of(builds, facts)
        self._demand = Demand(builds, facts, self._solves)
        order = children_first(builds.needs)
        self._places = {build: place for place, build in enumerate(order)}
        self._linked = cache(self._find_linked)
        self._package = {build: facts.package(build) for build in builds.union}
        self._names = [{self._package[build] for build in held} for held in builds.held]

    def likely_donors(self, most: int) -> list[int]:
        """The places of so many stacks, those first that have most names in common with others."""
        names = Counter(name for some in self._names for name in some)
        common = [sum(names[name] - 1 for name in some) for some in self._names]
        return sorted(range(len(common)), key=lambda place: (-common[place], place))[:most]

    def base(self, donor: int) -> set[Build]:
        """The builds of one stack for all names that others have too, and all that they need."""
        others = (names for place, names in enumerate(self._names) if place != donor)
        names = set[str]().union(*others)
        held = self._builds.held[donor]
        return closure((b for b in held if self._package[b] in names), self._builds.needs)

    def unify(self, donor: int) -> Unified:
        """What the stacks become if the others take what they can of one of them."""
        base = self.base(donor)
        offers: defaultdict[str, list[Build]] = defaultdict(list)
        for build in sorted(base, key=self._places.__getitem__):
            offers[self._package[build]].append(build)
        rebuilt = _Rebuilt(self._builds, self._facts)
        held = [set[Build]() for _ in self._builds.held]
        held[donor] |= self._builds.held[donor]
        refusals: dict[Refusal, None] = {}
        taken: dict[int, set[Build]] = defaultdict(set)
        for solve in self._solves:
            if solve.stack != donor:
                offered, refused = self._offered(solve, offers, base)
                refusals |= dict.fromkeys(refused)
                taken[solve.stack] |= offered.keys()
                ordered = sorted(solve.builds, key=self._places.__getitem__)
                now = rebuilt.rebuild(ordered, offered)
                roots = [now[root] for root in solve.roots]
                held[solve.stack] |= closure(roots, rebuilt.needs)
        counts = Counter({place: len(some) for place, some in taken.items()})
        unified = self._builds._replace(held=held, needs=rebuilt.needs)
        return Unified(donor, base, unified, counts, [*refusals])

    def _offered(
        self, solve: Solve, offers: Mapping[str, Sequence[Build]], base: AbstractSet[Build]
    ) -> tuple[dict[Build, Build], list[Refusal]]:
        """The builds of a solve that are given up, each for an offered one; and those kept."""
        offered: dict[Build, Build] = {}
        for build in solve.builds - base:
            if of_package := offers.get(self._package[build]):
                offered[build] = min(of_package, key=lambda one: self._distance(build, one))
        refusals = []
        refused: set[Build] = set()
        for build, one in offered.items():
            if self._facts.is_described(build) and self._facts.is_described(one):
                found = [*self._refusals(solve, build, one)]
                refusals += found
                refused |= {build} if found else set()
            else:
                refused.add(build)
        for build in refused:
            del offered[build]
        return offered, [*refusals, *self._follow(solve, offered)]

    def _distance(self, build: Build, other: Build) -> int:
        """In how many attributes two builds of a package differ."""
        own, others = self._demand.attributes(build), self._demand.attributes(other)
        return sum(own.get(name) != others.get(name) for name in own.keys() | others.keys())

    def _refusals(self, solve: Solve, build: Build, offered: Build) -> Iterator[Refusal]:
        """Why a build cannot be given up for the offered one, whatever that depends on."""
        facts, stack = self._facts, solve.stack
        for name in PLACE:
            if facts.value(build, name) != facts.value(offered, name):
                value = facts.value(build, name) or ""
                yield Refusal(stack, build, offered, name, name, value)
                return
        if facts.value(build, "external") or facts.value(offered, "external"):
            yield Refusal(stack, build, offered, EXTERNAL)
        if against := self._requests[stack].against(solve.roots, build, offered):
            yield Refusal(stack, build, offered, REQUESTED, by=against)
        for attribute, value, packages in self._demand.needed(build, offered):
            yield Refusal(stack, build, offered, NEEDED, attribute, value, tuple(packages))

    def _follow(self, solve: Solve, offered: dict[Build, Build]) -> Iterator[Refusal]:
        """Takes out of ``offered`` what needs at run time what the solve has another build of."""
        package = self._package
        present: defaultdict[str, set[Build]] = defaultdict(set)
        for build in solve.builds:
            present[package[build]].add(offered.get(build, build))
        ends = frozenset[Build]().union(*map(self._linked, offered.values()))
        missing = {end for end in ends if present.get(package[end], {end}) != {end}}
        refused = [build for build, one in offered.items() if self._linked(one) & missing]
        while refused:
            kept = [(build, offered.pop(build)) for build in refused]
            for build, one in kept:
                by = sorted({package[end] for end in self._linked(one) & missing})
                yield Refusal(solve.stack, build, one, DEPENDENCY, by=tuple(by))
            # Now other builds than the offered ones are there.
            missing |= {one for _, one in kept}
            refused = [build for build, one in offered.items() if self._linked(one) & missing]

    def _find_linked(self, build: Build) -> AbstractSet[Build]:
        """What a build needs but to be built: that must be the same in the whole solve.

        What it was built with need not, once it is built.
        """
        needs: Needs = self._builds.needs
        found: set[Build] = set()
        waiting = [build]
        while waiting:
            for end, use in needs[waiting.pop()].items():
                if end not in found and self._facts.deptypes(use) != ("build",):
                    found.add(end)
                    waiting.append(end)
        return found


class _Rebuilt:
    """Builds with other dependencies: equal ones are one, and may be one that is there."""

    def __init__(self, builds: Builds, facts: Facts) -> None:
        self._facts = facts
        self.needs: dict[Build, Mapping[Build, Hashable]] = {**builds.needs}
        self._known: dict[Hashable, Build] = {}
        for build, needs in builds.needs.items():
            self._known.setdefault(self._key(build, needs), build)

    def rebuild(
        self, builds: Sequence[Build], offered: Mapping[Build, Build]
    ) -> Mapping[Build, Build]:
        """What becomes of each of the builds, which come after what they need."""
        now: dict[Build, Build] = {}
        for build in builds:
            if build in offered:
                now[build] = offered[build]
                continue
            old = self.needs[build]
            if all(now.get(end, end) == end for end in old):
                now[build] = build
                continue
            needs = {now.get(end, end): use for end, use in old.items()}
            key = self._key(build, needs)
            if key not in self._known:
                self._known[key] = new = _NewBuild()
                self.needs[new] = needs
            now[build] = self._known[key]
        return now

    def _key(self, build: Build, needs: Mapping[Build, Hashable]) -> Hashable:
        return self._facts.tokens(build), frozenset(needs.items())

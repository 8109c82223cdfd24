"""Who needs which value of an attribute: dependents that come with one value only, and roots."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, reduce
from itertools import compress
from operator import itemgetter, or_
from typing import NamedTuple, NotRequired, TypedDict

from cachegraph.analysis.comparison.pins import Pin, requirements, value_test
from cachegraph.analysis.comparison.rehash import PinnedSpecs
from cachegraph.analysis.selection.stacks import StackSelection
from cachegraph.errors import UsageError
from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.schema import ROOT_OF, SPEC
from cachegraph.syntax import Pattern, parse
from cachegraph.syntax.versions import parse_version

# Of more roots that were concretized alone, those with the first hashes stand for all: the bits of
# so many take 50 MB in a graph of 100,000 specs.
_MOST_ROOTS = 4_096

Attribute = tuple[str | None, str, str]
"""A package, and the kind and the attribute of a pin; without a package that of all specs."""


class Demand(TypedDict):
    """A value of an attribute, and the package that needs it.

    A package needs a value if it depends on the pinned package in each solve that has the value,
    and in none with another value. With a ``request`` it is a root that asks for it in a stack.
    """

    package: str
    value: str
    request: NotRequired[str]
    stack: NotRequired[str]


class _Occurrences(NamedTuple):
    """Where the values of an attribute are: solves are bits of a number."""

    solves: dict[str, int]
    """For each value, the solves that have it."""
    specs: Counter[str]
    """For each value, how many specs have it, or use such a provider."""
    uses: dict[tuple[str, str], int]
    """For each value and package, the solves in which the package uses it."""


class Demands:
    """Who needs which value of the attributes of packages in stacks.

    A solve is what was concretized together. It is a stack if this has one spec of each package, as
    with ``unify: true``; else all that one of the roots needs.
    """

    def __init__(
        self, graph: SpecGraph, specs: PinnedSpecs, selection: Sequence[StackSelection]
    ) -> None:
        self._graph, self._specs, self._selection = graph, specs, selection
        self._occurrences: dict[Attribute, _Occurrences] = {}

    @cached_property
    def _solves(self) -> dict[Handle, int]:
        """The solves that each spec is part of, as bits of a number."""
        starts: dict[Handle, int] = defaultdict(int)
        bit = 1
        for solve in self._distinct_solves():
            for spec in solve:
                starts[spec] |= bit
            bit <<= 1
        dependents, solves_of = self._specs.dependents, starts.__getitem__
        for spec in reversed(self._specs.order):
            starts[spec] = reduce(or_, map(solves_of, dependents(spec)), starts[spec])
        return starts

    def _distinct_solves(self) -> Iterator[Iterable[Handle]]:
        """The specs of each solve, or the one that all others are dependencies of."""
        every, roots = {*self._specs.order}, set[Handle]()
        for one in self._selection:
            specs = [spec for spec in one.specs if spec in every]
            if len({*map(self._specs.package, specs)}) == len(specs):
                yield specs
            else:
                in_stack = {*specs}
                roots |= (one.roots & in_stack) or (self._specs.starts & in_stack)
        # A spec whose dependencies are not recorded is a solve that tells nothing.
        named = [*filter(self._specs.facts.is_described, roots)]
        hashes = self._graph.values(SPEC, named, (SPEC.key.name,))
        by_hash = sorted(zip(hashes, named, strict=True), key=itemgetter(0))
        yield from ([root] for _, root in by_hash[:_MOST_ROOTS])

    @cached_property
    def _requests(self) -> list[tuple[StackSelection, str, Iterable[Handle]]]:
        """The requests of roots: the stack, the text, and the specs that it is of."""
        return [
            (one, text, roots)
            for one in self._selection
            if one.node is not None
            for (requests, _), roots in self._graph.starts_by_properties(ROOT_OF, one.node)
            for text in requests or ()
        ]

    def _occur(self, attribute: Attribute) -> _Occurrences:
        if attribute not in self._occurrences:
            self._occurrences[attribute] = self._find(*attribute)
        return self._occurrences[attribute]

    def _find(self, package: str | None, kind: str, attribute: str) -> _Occurrences:
        found = _Occurrences(defaultdict(int), Counter(), defaultdict(int))
        specs, solves = self._specs, self._solves
        if kind == "provider":
            for spec, provider in specs.provided(attribute):
                found.specs[provider] += 1
                found.solves[provider] |= solves[spec]
                found.uses[provider, specs.package(spec)] |= solves[spec]
            return found
        for spec in specs.by_package.get(package or "", ()):
            value = specs.value(spec, kind, attribute)
            if value is not None:
                found.specs[value] += 1
                found.solves[value] |= solves[spec]
                for dependent in specs.dependents(spec):
                    found.uses[value, specs.package(dependent)] |= solves[dependent]
        return found

    def find_only(self, attributes: Iterable[Attribute]) -> None:
        """Finds where values of these are, and forgets where specs are: a tenth of the memory."""
        for attribute in attributes:
            self._occur(attribute)
        self.__dict__.pop("_solves", None)

    def values(self, attribute: Attribute) -> list[str]:
        """The values that occur, the most common first."""
        counts = self._occur(attribute).specs
        return sorted(counts, key=lambda value: (-counts[value], value))

    def needed(self, attribute: Attribute) -> dict[str, list[Demand]]:
        """The values that somebody needs, with those who do, roots first."""
        found: dict[str, list[Demand]] = {}
        values = self.values(attribute)
        if len(values) > 1:
            for value, demand in (*self._asked(attribute, values), *self._used(attribute)):
                found.setdefault(value, []).append(demand)
        return found

    def _used(self, attribute: Attribute) -> Iterator[tuple[str, Demand]]:
        occurrences = self._occur(attribute)
        values_of: dict[str, list[str]] = defaultdict(list)
        for value, package in occurrences.uses:
            values_of[package].append(value)
        for package, values in sorted(values_of.items()):
            (value, *others) = values
            if not others and occurrences.uses[value, package] == occurrences.solves[value]:
                yield value, {"package": package, "value": value}

    def _asked(self, attribute: Attribute, values: Sequence[str]) -> Iterator[tuple[str, Demand]]:
        """The requests of roots that only some of the values fit, with each of these."""
        names = values if attribute[1] == "provider" else [attribute[0] or ""]
        every = {*self._specs.order}
        for one, text, roots in self._requests:
            # Most requests name neither, and need not be parsed.
            if any(name in text for name in names) and (pattern := _parsed(text)):
                packages = {self._specs.package(root) for root in roots if root in every}
                for package in sorted(packages):
                    fitting = _fitting(pattern, package, attribute, values)
                    for value in fitting if len(fitting) < len(values) else ():
                        demand = Demand(package=package, value=value, request=text, stack=one.key)
                        yield value, demand

    def best(self, attribute: Attribute) -> str | None:
        """The value that roots ask for, else one that a package needs, else the most common one.

        Of several versions that packages need it is the oldest: the newest that can be had is what
        a solver takes. Of other values it is the one that most solves have: that a package comes
        with it each time is less of an accident.
        """
        needed, ranked = self.needed(attribute), self.values(attribute)
        if not needed:
            return ranked[0] if ranked else None
        asked = {v for v, demands in needed.items() if any("request" in one for one in demands)}
        if attribute[1] == "version" and not asked:
            return min(needed, key=parse_version)
        solves = self._occur(attribute).solves
        some = [value for value in ranked if value in (asked or needed)]
        return max(some, key=lambda value: solves[value].bit_count())

    def provided_by(self, pins: Iterable[Pin]) -> dict[str, list[str]]:
        """The virtuals that the pinned packages provide, each with all packages that do so."""
        packages = {pin.package for pin in pins}
        if not any(map(self._provides, packages)):
            return {}
        return {
            virtual: sorted(some)
            for virtual, some in sorted(self._providers.items())
            if not packages.isdisjoint(some)
        }

    def _provides(self, package: str | None) -> bool:
        """Whether a package provides any virtual to what depends on it."""
        facts, dependents = self._specs.facts, self._specs.dependents
        uses = {
            facts.dependencies(one)[spec]
            for spec in self._specs.by_package.get(package or "", ())
            for one in dependents(spec)
        }
        return any(map(facts.virtuals, uses))

    def require(self, text: str, pins: Iterable[Pin]) -> dict[str, list[str]]:
        """What Spack is to require for a pin: its values, and that no other provider is taken.

        A virtual that several packages provide is left as it is.
        """
        found = requirements(text)
        for virtual, packages in self.provided_by(pins).items():
            if len(packages) == 1:
                found.setdefault(virtual, packages)
        return found

    @cached_property
    def _providers(self) -> dict[str, set[str]]:
        """For each virtual that is used the packages that provide it."""
        found: dict[str, set[str]] = defaultdict(set)
        facts = self._specs.facts
        # Few uses are different, and most are of no virtual.
        _, uses = self._specs.ends_and_uses()
        virtuals = {use: names for use in {*uses} if (names := facts.virtuals(use))}
        if not virtuals:
            return found
        pairs = zip(*self._specs.ends_and_uses(), strict=True)
        _, uses = self._specs.ends_and_uses()
        for end, use in {*compress(pairs, map(virtuals.__contains__, uses))}:
            for virtual in virtuals[use]:
                found[virtual].add(facts.package(end))
        return found

    def of_pin(self, pin: Pin) -> tuple[list[Demand], list[Demand]]:
        """Those who need a value that is pinned, and those who need another."""
        accepts = pin.accepts()
        needed_by: list[Demand] = []
        against: list[Demand] = []
        for value, demands in self.needed(pin[:3]).items():
            (needed_by if accepts(value) else against).extend(demands)
        # A request that a pinned value fits as well as others does not speak against the pin.
        fine = {(one["stack"], one["request"]) for one in needed_by if "request" in one}
        return needed_by, [
            one for one in against if (one.get("stack"), one.get("request")) not in fine
        ]


def _parsed(text: str) -> Pattern | None:
    """What a request means; None of one of another Spack, or with conditions not supported."""
    try:
        return parse(text)
    except UsageError:
        return None


def _fitting(
    pattern: Pattern, package: str, attribute: Attribute, values: Iterable[str]
) -> list[str]:
    """The values of an attribute that a request of a root allows; none if it does not say."""
    pinned, kind, name = attribute
    if kind == "provider":
        named = {one.pattern.name for one in pattern.dependencies}
        return [value for value in values if value in named]
    parts = [one.pattern for one in pattern.dependencies if one.pattern.name == pinned]
    parts += [pattern] if package == pinned else []
    tests = [test for part in parts if (test := value_test(part, kind, name))]
    return [value for value in values if tests and all(test(value) for test in tests)]

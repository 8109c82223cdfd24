"""Which specs roots still need under pins, and which of them the pins do not change."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from cachegraph.analysis.comparison.pins import Pin
from cachegraph.model.graph import Handle

if TYPE_CHECKING:
    from cachegraph.analysis.comparison.rehash import PinnedSpecs

_NONE: frozenset[str] = frozenset()


class PinnedUses:
    """What specs depend on under pins.

    Of specs that become equal, one that has the pinned values already tells what all of them depend
    on. Where none has them, what only specs of other values depend on is left out.
    """

    def __init__(self, specs: "PinnedSpecs", pins: Sequence[Pin]) -> None:
        self._specs = specs
        self._providers = self._accepted_providers(pins)
        self.pinned: list[Handle] = []
        """The specs that a pin of their package, or of what they use, concerns."""
        self.unmet: dict[Handle, int] = defaultdict(int)
        """The specs that have other values than the pinned ones, and for how many pins."""
        self._left_out: dict[Handle, frozenset[str]] = defaultdict(frozenset)
        for pin in pins:
            if pin.kind != "provider":
                self._add(pin)
        if self._providers:
            self._add_users()

    def _accepted_providers(self, pins: Sequence[Pin]) -> dict[str, set[str]]:
        """For each virtual of which the provider is pinned, the packages that may provide it.

        A virtual that no such package provides to any spec is left out: another may do as well.
        """
        accepted: dict[str, set[str]] = {}
        for pin in pins:
            if pin.kind == "provider":
                known = {package for _, package in self._specs.provided(pin.attribute)}
                if some := {*filter(pin.accepts(), known)}:
                    accepted[pin.attribute] = some
        return accepted

    def _add(self, pin: Pin) -> None:
        specs, accepts = self._specs, pin.accepts()
        some = specs.order if pin.package is None else specs.by_package[pin.package]
        met: set[str] = set()
        unmet: list[Handle] = []
        for spec in some:
            value = specs.value(spec, pin.kind, pin.attribute)
            # What has no compiler, such as an external, is built by none.
            if accepts(value) or (pin.kind == "compiler" and value is None):
                met.update(self._packages(spec))
            else:
                unmet.append(spec)
        for spec in unmet:
            self.unmet[spec] += 1
            if pin.package is not None and len(unmet) < len(some):
                self._left_out[spec] |= {*self._packages(spec)} - met
        self.pinned += some if pin.package is not None else unmet

    def _add_users(self) -> None:
        """Adds the specs for which a package provides a virtual that is not the pinned one."""
        facts = self._specs.facts
        for spec in self._specs.order:
            uses = facts.dependencies(spec).items()
            if any(
                virtual in self._providers for _, use in uses for virtual in facts.virtuals(use)
            ):
                self.pinned.append(spec)
                if any(self._is_replaced(end, use) for end, use in uses):
                    self.unmet[spec] += 1

    def _packages(self, spec: Handle) -> Iterator[str]:
        return map(self._specs.package, self._specs.facts.dependencies(spec))

    def _is_replaced(self, end: Handle, use: object) -> bool:
        """Whether another package provides a virtual of this use under the pins."""
        virtuals = self._providers.keys() & {*self._specs.facts.virtuals(use)}
        return any(self._specs.package(end) not in self._providers[one] for one in virtuals)

    def ends(self, spec: Handle) -> Iterable[Handle]:
        """What a spec depends on under the pins."""
        dependencies = self._specs.facts.dependencies(spec)
        if spec not in self.unmet:
            return dependencies
        left_out = self._left_out.get(spec, _NONE)
        return [
            end
            for end, use in dependencies.items()
            if self._specs.package(end) not in left_out
            and not (self._providers and self._is_replaced(end, use))
        ]

    def telling(self, first: Mapping[Handle, Handle]) -> dict[Handle, Handle]:
        """Of equal specs the one that has most of the pinned values, by the first of them."""
        found: dict[Handle, Handle] = {}
        for spec in self.pinned:
            other = found.setdefault(first[spec], spec)
            if self.unmet.get(spec, 0) < self.unmet.get(other, 0):
                found[first[spec]] = spec
        return found

    def reached(self, starts: Iterable[Handle], first: Mapping[Handle, Handle]) -> set[Handle]:
        """The specs that the starts need: of those that are equal the first."""
        telling = self.telling(first)
        if self._needs_the_same(telling, first):
            return {*first.values()}
        waiting = [*{first[start] for start in starts}]
        found = {*waiting}
        while waiting:
            spec = waiting.pop()
            new = {first[end] for end in self.ends(telling.get(spec, spec))} - found
            found |= new
            waiting += new
        return found

    def _needs_the_same(
        self, telling: Mapping[Handle, Handle], first: Mapping[Handle, Handle]
    ) -> bool:
        """Whether the pins leave out no dependency, so that all specs are needed as before."""
        dependencies = self._specs.facts.dependencies
        for spec in self.pinned:
            one = telling[first[spec]]
            ends = dependencies(spec).keys() if one != spec or spec in self.unmet else ()
            if ends and {*map(first.__getitem__, ends)} != {
                *map(first.__getitem__, self.ends(one))
            }:
                return False
        return True

    def unchanged(self) -> set[Handle]:
        """The specs whose hash the pins leave as it is: they and all below have the values."""
        found: set[Handle] = set()
        for spec in self._specs.order:
            if spec not in self.unmet and self._specs.facts.dependencies(spec).keys() <= found:
                found.add(spec)
        return found


def starts(specs: "PinnedSpecs", roots: Iterable[Handle]) -> set[Handle]:
    """The specs that are needed whatever becomes of others: roots, and those nothing depends on.

    All other specs are needed by these.
    """
    dependencies = specs.facts.dependencies
    needed = {*chain.from_iterable(map(dependencies, specs.order))}
    found = {*roots, *(spec for spec in specs.specs if spec not in needed)}
    seen: set[Handle] = set()
    for spec in specs.order:
        if not dependencies(spec).keys() <= seen:
            # Damaged data has circles, in which every spec has a dependent.
            return {*specs.specs}
        seen.add(spec)
    return found

"""Which specs roots still need under pins, and which of them the pins do not change."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from cachegraph.analysis.comparison.pins import Pin
from cachegraph.model.graph import Handle

if TYPE_CHECKING:
    from cachegraph.analysis.comparison.rehash import PinnedSpecs

_NONE: frozenset[str] = frozenset()


class PinnedUses:
    """What specs depend on under pins.

    Of specs that become equal, those that have the pinned values already tell what all of them
    depend on. Where none has them, what all specs of its value depend on, and none of the pinned
    value, is left out.
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
        some = self._specs.order if pin.package is None else self._specs.by_package[pin.package]
        accepts = pin.accepts()
        met, unmet = self._split(pin, accepts, some)
        # What a value needs that only other stacks have is told by these.
        if pin.package is not None and not met:
            met, _ = self._split(pin, accepts, self._specs.others_of(pin.package))
        needed = set[str]().union(*map(self._packages, met)) if unmet else set()
        for specs in unmet.values():
            for spec in specs:
                self.unmet[spec] += 1
            if pin.package is not None and met:
                # What only some specs of a value need follows from something else.
                left_out = frozenset.intersection(*map(self._packages, specs)) - needed
                for spec in specs:
                    self._left_out[spec] |= left_out
        concerned = some if pin.package is not None else chain.from_iterable(unmet.values())
        self.pinned += concerned

    def _split(
        self, pin: Pin, accepts: Callable[[str | None], bool], some: Iterable[Handle]
    ) -> tuple[list[Handle], dict[str | None, list[Handle]]]:
        """The specs that have a pinned value, and those of each other value."""
        met: list[Handle] = []
        unmet: dict[str | None, list[Handle]] = defaultdict(list)
        for spec in some:
            value = self._specs.value(spec, pin.kind, pin.attribute)
            # What has no compiler, such as an external, is built by none.
            is_met = accepts(value) or (pin.kind == "compiler" and value is None)
            (met if is_met else unmet[value]).append(spec)
        return met, unmet

    def _add_users(self) -> None:
        """Adds the specs for which a package provides a virtual that is not the pinned one."""
        facts = self._specs.facts
        for spec in self._specs.order:
            ends, uses = facts.ends_and_uses(spec)
            if any(virtual in self._providers for use in uses for virtual in facts.virtuals(use)):
                self.pinned.append(spec)
                if any(map(self._is_replaced, ends, uses)):
                    self.unmet[spec] += 1

    def _packages(self, spec: Handle) -> frozenset[str]:
        return frozenset(map(self._specs.package, self._specs.facts.ends(spec)))

    def _is_replaced(self, end: Handle, use: object) -> bool:
        """Whether another package provides a virtual of this use under the pins."""
        virtuals = self._providers.keys() & {*self._specs.facts.virtuals(use)}
        return any(self._specs.package(end) not in self._providers[one] for one in virtuals)

    def ends(self, spec: Handle) -> Iterable[Handle]:
        """What a spec depends on under the pins."""
        ends, uses = self._specs.facts.ends_and_uses(spec)
        if spec not in self.unmet:
            return ends
        left_out = self._left_out.get(spec, _NONE)
        return [
            end
            for end, use in zip(ends, uses, strict=True)
            if self._specs.package(end) not in left_out
            and not (self._providers and self._is_replaced(end, use))
        ]

    def telling(self, first: Mapping[Handle, Handle]) -> dict[Handle, list[Handle]]:
        """Of equal specs those that have most of the pinned values, by the first of them."""
        equal: dict[Handle, list[Handle]] = defaultdict(list)
        for spec in self.pinned:
            equal[first[spec]].append(spec)
        unmet = self.unmet
        for one, specs in equal.items():
            if len(specs) > 1:
                least = min(unmet.get(spec, 0) for spec in specs)
                equal[one] = [spec for spec in specs if unmet.get(spec, 0) == least]
        return equal

    def pinned_ends(self, first: Mapping[Handle, Handle]) -> dict[Handle, set[Handle]]:
        """What specs that a pin concerns depend on: of specs that are equal the first."""
        return {
            one: {first[end] for spec in specs for end in self.ends(spec)}
            for one, specs in self.telling(first).items()
        }

    def needed(self, first: Mapping[Handle, Handle]) -> set[Handle]:
        """The specs that are needed under the pins: of those that are equal the first."""
        pinned_ends = self.pinned_ends(first)
        if self._needs_the_same(pinned_ends, first):
            return {*first.values()}
        return self._reached(self._specs.starts, pinned_ends, first)

    def needed_by_each(self, first: Mapping[Handle, Handle]) -> Iterator[set[Handle]]:
        """The same of each of the stacks alone, with what is below them."""
        pinned_ends = self.pinned_ends(first)
        needs_the_same = self._needs_the_same(pinned_ends, first)
        for stack, starts in self._specs.starts_by_stack:
            if needs_the_same:
                yield {first[spec] for spec in stack}
            else:
                yield self._reached(starts, pinned_ends, first)

    def _reached(
        self,
        starts: Iterable[Handle],
        pinned_ends: Mapping[Handle, set[Handle]],
        first: Mapping[Handle, Handle],
    ) -> set[Handle]:
        """The specs that the starts need: of those that are equal the first."""
        ends_of = self._specs.facts.ends
        waiting = [*{first[start] for start in starts}]
        found = {*waiting}
        while waiting:
            spec = waiting.pop()
            ends = pinned_ends.get(spec)
            if ends is None:
                ends = {*map(first.__getitem__, ends_of(spec))}
            new = ends - found
            found |= new
            waiting += new
        return found

    def _needs_the_same(
        self, pinned_ends: Mapping[Handle, set[Handle]], first: Mapping[Handle, Handle]
    ) -> bool:
        """Whether the pins change no dependency, so that all specs are needed as before."""
        ends_of = self._specs.facts.ends
        return all(
            pinned_ends[first[spec]] == {*map(first.__getitem__, ends_of(spec))}
            for spec in self.pinned
        )

    def unchanged(self) -> list[Handle]:
        """The specs whose hash the pins leave as it is: they and all below have the values."""
        changed = {*self.unmet, *self._specs.in_cycles}
        waiting = [*changed]
        for spec in waiting:
            new = {*self._specs.dependents(spec)} - changed
            changed |= new
            waiting += new
        return [spec for spec in self._specs.order if spec not in changed]


def starts_of_stack(
    specs: "PinnedSpecs", stack: Iterable[Handle], roots: Iterable[Handle]
) -> set[Handle]:
    """The specs of a stack that are needed whatever becomes of others, which these need.

    Those are the roots and, as not all roots are known everywhere, the specs that nothing needs.
    """
    every = {*stack}
    needed = {*chain.from_iterable(map(specs.facts.ends, every))}
    return {*roots} & every | every - needed

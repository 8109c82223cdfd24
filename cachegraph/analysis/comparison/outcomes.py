"""What pins come to: the builds that are left, which of them are new, which other stacks have."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from itertools import chain
from typing import NamedTuple

from cachegraph.analysis.comparison.facts import Pair
from cachegraph.analysis.comparison.pins import Pin
from cachegraph.analysis.comparison.reached import PinnedUses
from cachegraph.analysis.comparison.rehash import PinnedSpecs
from cachegraph.model.graph import Handle


class Outcome(NamedTuple):
    """What is left of specs under pins."""

    left: Set[Handle]
    """The builds that are needed still, each as the first of the specs that become it."""
    new: int
    """How many builds of these no spec is yet, neither of the stacks nor of others."""
    shared: int
    """How many builds of these other stacks hold."""
    uses: PinnedUses
    first: Mapping[Handle, Handle]
    """For each spec the first one that is equal to it."""

    def in_several(self) -> int:
        """How many builds of these two or more of the stacks need."""
        seen, several = set[Handle](), set[Handle]()
        for needed in self.uses.needed_by_each(self.first):
            some = self.left & needed
            several |= seen & some
            seen |= some
        return len(several)


class Outcomes:
    """Finds what pins come to, also against other stacks, which are not pinned."""

    def __init__(self, specs: PinnedSpecs) -> None:
        self._specs = specs

    def of(self, pins: Sequence[Pin]) -> Outcome:
        """What a number of pins come to."""
        specs = self._specs
        first = specs.rehash(pins).first
        uses = PinnedUses(specs, pins)
        reached = uses.needed(first)
        left = reached.intersection(map(first.__getitem__, specs.specs))
        existing = self._existing(pins, uses, first, reached)
        new = len(left - existing.keys())
        others = specs.others
        shared = sum(existing.get(spec) in others for spec in left) if others else 0
        return Outcome(left, new, shared, uses, first)

    def _existing(
        self,
        pins: Sequence[Pin],
        uses: PinnedUses,
        first: Mapping[Handle, Handle],
        reached: Collection[Handle],
    ) -> dict[Handle, Handle]:
        """For each hash under pins, by its first spec, a spec that has it already, if any does."""
        others, unchanged = self._specs.others, uses.unchanged()
        if not others:
            return dict(zip(map(first.__getitem__, unchanged), unchanged, strict=True))
        existing: dict[Handle, Handle] = {}
        for spec in unchanged:
            if existing.setdefault(first[spec], spec) not in others:
                existing[first[spec]] = spec
        telling = uses.telling(first)
        wanted = (
            (spec, telling.get(spec, [spec]))
            for spec in self._specs.order
            if first[spec] == spec and spec in reached and spec not in existing
        )

        def needs(spec: Handle) -> set[Handle]:
            return {first[end] for end in uses.ends(spec)}

        for wave in _waves(wanted, needs, frozenset(existing)):
            possible = [(spec, one) for spec, one in wave if existing.keys() >= needs(one)]
            self._specs.read_others({self._specs.package(one) for _, one in possible})
            for spec, one in possible:
                ends = {end: existing[first[end]] for end in uses.ends(one)}
                found = self._in_others(one, ends, pins, is_met=one not in uses.unmet)
                existing.update({} if found is None else {spec: found})
        return existing

    def _in_others(
        self, spec: Handle, needs: Mapping[Handle, Handle], pins: Sequence[Pin], *, is_met: bool
    ) -> Handle | None:
        """The spec of another stack that is what a spec becomes, with its dependencies replaced.

        Of a spec that is to have another value it is not known what else that value needs.
        """
        facts, package = self._specs.facts, self._specs.package(spec)
        own = [pin for pin in pins if pin.package in (None, package) and pin.kind != "provider"]
        key = self._specs.key(spec, () if is_met else own)
        uses = facts.dependencies(spec)
        wanted = {(needs[end], uses[end]) for end in needs}
        packages = {*map(facts.package, needs)}
        for other in self._specs.others_of(package):
            needed = facts.dependencies(other).items()
            if not is_met:
                needed = {use for use in needed if facts.package(use[0]) in packages}  # type: ignore[assignment]
            if wanted == needed and self._specs.key(other, () if is_met else own) == key:
                values = ((pin, self._specs.value(other, pin.kind, pin.attribute)) for pin in own)
                if all(pin.accepts()(value) for pin, value in values):
                    return other
        return None


def _waves(
    wanted: Iterable[tuple[Handle, Sequence[Handle]]],
    needs: Callable[[Handle], set[Handle]],
    known: Set[Handle],
) -> list[list[Pair]]:
    """Hashes that may exist in waves, each with a spec that tells what it needs.

    What it needs is known or in an earlier wave, so that a whole wave is looked for at once.
    ``wanted`` has the hashes, by their first specs, in an order in which each comes after what it
    needs, and for each the specs that tell.
    """
    number: dict[Handle, int] = {}
    waves: defaultdict[int, list[Pair]] = defaultdict(list)
    for spec, ones in wanted:
        below = {one: needs(one) - known for one in ones}
        possible = {one: ends for one, ends in below.items() if number.keys() >= ends}
        if possible:
            ends = chain.from_iterable(possible.values())
            number[spec] = here = max((number[end] + 1 for end in ends), default=0)
            waves[here] += [(spec, one) for one in possible]
    return [waves[here] for here in sorted(waves)]

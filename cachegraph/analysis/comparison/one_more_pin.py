"""Counts the specs that stay distinct with one more pin, hashing again only what it changes."""

from collections import ChainMap, Counter
from collections.abc import Mapping, Sequence

from cachegraph.analysis.comparison.pins import Pin
from cachegraph.analysis.comparison.reached import PinnedUses
from cachegraph.analysis.comparison.rehash import PinnedSpecs
from cachegraph.model.graph import Handle


class OneMorePin:
    """Counts for pins that each come on top of the same other pins."""

    def __init__(self, specs: PinnedSpecs, pins: Sequence[Pin]) -> None:
        self._specs, self._pins = specs, pins
        self._before = specs.rehash(pins)
        first = self._before.first
        self._uses = PinnedUses(specs, pins)
        self._ends = self._uses.pinned_ends(first)
        self._needed = self._uses.needed(first)
        self._held = frozenset(specs.specs)
        self._populations = Counter(map(first.__getitem__, specs.specs))
        for one in self._populations.keys() - self._needed:
            del self._populations[one]

    def count(self, pin: Pin) -> int:
        """How many specs stay distinct and needed with that pin as well."""
        self._before.forget()
        pins = [*self._pins, pin]
        uses = PinnedUses(self._specs, pins)
        if pin.package is None:
            return self._count_needed(uses, self._specs.rehash_all(pins).first)
        _, _, first = self._before.changes(pin)
        if not self._needs_the_same(uses, first):
            return self._count_needed(uses, {**self._before.first, **first})
        changes: Counter[Handle] = Counter()
        for spec in self._held.intersection(first):  # & would go through all specs
            old = self._before.first[spec]
            if old in self._needed:
                changes[first[spec]] += 1
                changes[old] -= 1
        populations = self._populations
        return len(populations) + sum(
            (populations[one] + change > 0) - (populations[one] > 0)
            for one, change in changes.items()
        )

    def _count_needed(self, uses: PinnedUses, first: Mapping[Handle, Handle]) -> int:
        return len(uses.needed(first).intersection(map(first.__getitem__, self._specs.specs)))

    def _needs_the_same(self, uses: PinnedUses, changed: Mapping[Handle, Handle]) -> bool:
        """Whether what is needed depends on the same specs as before the pin, or their equals."""
        before = self._before.first
        first = ChainMap(dict(changed), before)
        ends_with_pin = uses.pinned_ends(first)
        for spec in uses.pinned:
            old = before[spec]
            if old in self._needed:
                ends = self._ends.get(old) or self._specs.facts.ends(old)
                if {*map(first.__getitem__, ends)} != ends_with_pin[first[spec]]:
                    return False
        return True

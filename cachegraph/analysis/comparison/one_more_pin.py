"""Counts the specs that stay distinct with one more pin, hashing again only what it changes."""

from collections import ChainMap, Counter, defaultdict
from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush

from cachegraph.analysis.comparison.pins import Pin
from cachegraph.analysis.comparison.reached import PinnedUses
from cachegraph.analysis.comparison.rehash import Key, PinnedSpecs
from cachegraph.model.graph import Handle


class OneMorePin:
    """Counts for pins that each come on top of the same other pins.

    A pin of a package changes the hashes of its specs and of what depends on those that become
    equal: of 18,000 specs few hundred, while hashing all takes 0.1 s for each of some 200 pins.
    """

    def __init__(self, specs: PinnedSpecs, pins: Sequence[Pin]) -> None:
        self._specs, self._pins = specs, pins
        self._before = specs.rehash(pins)
        _, self._common_packages = specs.keys(pins)
        self._places = {spec: place for place, spec in enumerate(specs.order)}
        self._dependents: dict[Handle, list[Handle]] = defaultdict(list)
        for spec in specs.order:
            for end in specs.facts.dependencies(spec):
                self._dependents[end].append(spec)
        first = self._before.first
        self._uses = PinnedUses(specs, pins)
        self._ends = self._uses.pinned_ends(first)
        self._needed = self._uses.needed(first)
        self._counted = frozenset(spec for spec in specs.specs if first[spec] in self._needed)
        self._populations = Counter(first[spec] for spec in self._counted)

    def count(self, pin: Pin) -> int:
        """How many specs stay distinct and needed with that pin as well."""
        pins = [*self._pins, pin]
        if pin.package is None:
            return len(self._specs.distinct(pins))
        first = self._changed(pin, pin.package)
        uses = PinnedUses(self._specs, pins)
        if not self._needs_the_same(uses, first):
            every = {**self._before.first, **first}
            needed = uses.needed(every)
            return len(needed.intersection(map(every.__getitem__, self._specs.specs)))
        changes: Counter[Handle] = Counter()
        for spec in self._counted & first.keys():
            changes[first[spec]] += 1
            changes[self._before.first[spec]] -= 1
        populations = self._populations
        return len(populations) + sum(
            (populations[one] + change > 0) - (populations[one] > 0)
            for one, change in changes.items()
        )

    def _needs_the_same(self, uses: PinnedUses, changed: Mapping[Handle, Handle]) -> bool:
        """Whether what is needed depends on the same specs as before the pin, or their equals."""
        before = self._before.first
        first = ChainMap(dict(changed), before)
        ends_with_pin = uses.pinned_ends(first)
        for spec in uses.pinned:
            old = before[spec]
            if old in self._needed:
                ends = self._ends.get(old) or self._specs.facts.dependencies(old)
                if {*map(first.__getitem__, ends)} != ends_with_pin[first[spec]]:
                    return False
        return True

    def _changed(self, pin: Pin, package: str) -> Mapping[Handle, Handle]:
        """The specs that equal another spec than before the pin, and which one.

        A hash of before that has a spec in it which now equals another is not met again, so
        ``seen`` of before stays true.
        """
        specs, before = self._specs, self._before
        pins = [*self._pins, pin]
        keys, common_packages = specs.keys(pins, [package])
        key_of_use = specs.key_of_use(pins)
        changed: dict[Handle, Handle] = {}
        first = ChainMap(changed, before.first)
        seen = ChainMap[Key, Handle]({}, before.seen)
        waiting = [self._places[spec] for spec in keys]
        heapify(waiting)
        queued = {*waiting}
        while waiting:
            spec = specs.order[heappop(waiting)]
            key = keys.get(spec, before.keys[spec])
            alone = spec not in keys and before.occurrences[key] == 1
            if alone or not specs.facts.is_described(spec):
                continue
            packages = common_packages.get(key, self._common_packages.get(key))
            hash_ = key, specs.uses(spec, packages, first, key_of_use)
            equal = seen.setdefault(hash_, spec)
            if equal != before.first[spec]:
                changed[spec] = equal
                new = {self._places[one] for one in self._dependents[spec]} - queued
                queued |= new
                for place in new:
                    heappush(waiting, place)
        return changed

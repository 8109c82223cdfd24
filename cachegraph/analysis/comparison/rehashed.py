"""Computes which specs have equal hashes under pins, and what one more pin changes of that."""

from collections.abc import Container, Hashable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from cachegraph.analysis.comparison.pins import Pin
from cachegraph.model.graph import Handle

if TYPE_CHECKING:
    from cachegraph.analysis.comparison.rehash import PinnedSpecs

Key = Hashable
"""A key that stands for a hash: specs of equal keys differ in their dependencies at most.

Of a spec it is a number, or two: it is looked up very often.
"""
_NOTHING: Mapping[Handle, Handle] = {}


class Rehashed:
    """The specs of a graph under pins: which of them have equal hashes."""

    def __init__(
        self,
        specs: "PinnedSpecs",
        pins: Sequence[Pin],
        keys: dict[Handle, Key],
        common_packages: dict[Key, set[str]],
        first: dict[Handle, Handle],
    ) -> None:
        self._specs = specs
        self.pins = [*pins]
        self.keys = keys
        self.common_packages = common_packages
        """For keys of pinned packages the dependencies that count."""
        self.first = first
        """For each spec the first one that is equal to it, often itself."""
        self._key_of_use = specs.key_of_use(pins)
        self._alike: dict[Key, list[Handle]] | None = None
        self._seen: dict[Key, Mapping[Key, Handle]] = {}

    def uses(
        self,
        spec: Handle,
        packages: Container[str] | None,
        changed: Mapping[Handle, Handle] = _NOTHING,
    ) -> Key:
        """A key of what a spec depends on, of these packages only, or of all with None.

        ``changed`` are specs that equal another one than they do here.
        """
        ends, uses = self._specs.facts.ends_and_uses(spec)
        equal = map(self.first.get, ends, ends)
        if changed:
            equal = map(changed.get, ends, equal)
        if packages is None and self._key_of_use is None:
            return frozenset(zip(equal, uses, strict=True))
        key_of_use, package = self._key_of_use, self._specs.package
        return frozenset(
            (key_of_use and key_of_use(end, use)) or (one, use)
            for one, end, use in zip(equal, ends, uses, strict=True)
            if packages is None or package(end) in packages
        )

    def forget(self) -> None:
        """Forgets the hashes that one more pin was compared with: the next has few in common."""
        self._seen.clear()

    def with_pin(self, pin: Pin) -> "Rehashed":
        """The specs under these pins and one more, of a package."""
        keys, common_packages, changed = self.changes(pin)
        first = {**self.first, **changed}
        earlier = self._earlier(changed)
        if earlier:
            # A third of the time of making all entries again.
            first.update({spec: earlier[one] for spec, one in first.items() if one in earlier})
        found = Rehashed(
            self._specs,
            [*self.pins, pin],
            {**self.keys, **keys},
            {**self.common_packages, **common_packages},
            first,
        )
        # The keys of other packages are the same.
        found._alike = {**self.alike}
        for spec in keys:
            found._alike.pop(self.keys[spec], None)
        _add_alike(found._alike, keys)
        return found

    @property
    def alike(self) -> dict[Key, list[Handle]]:
        """The specs that have each key, of one package all."""
        if self._alike is None:
            self._alike = {}
            _add_alike(self._alike, self.keys)
        return self._alike

    def _earlier(self, changed: Mapping[Handle, Handle]) -> dict[Handle, Handle]:
        """For the specs that changed ones equal now, the first of these if it comes earlier."""
        place = self._specs.places.__getitem__
        earlier: dict[Handle, Handle] = {}
        for spec, one in changed.items():
            if place(spec) < place(earlier.get(one, one)):
                earlier[one] = spec
        return earlier

    def changes(
        self, pin: Pin
    ) -> tuple[dict[Handle, Key], dict[Key, set[str]], dict[Handle, Handle]]:
        """The specs that one more pin of a package changes.

        The keys of its specs; for these the dependencies that count; and the specs that equal
        another spec than before, with that. A pin changes the hashes of the specs of its package
        and of what depends on those that become equal: a few hundred of 18,000.
        """
        assert pin.package is not None, "a pin of all specs changes all"
        specs, before, alike = self._specs, self.first, self.alike
        undescribed = specs.facts.undescribed
        keys, common_packages = specs.keys([*self.pins, pin], [pin.package])
        changed: dict[Handle, Handle] = {}
        seen: dict[Key, Handle] = {}
        waiting = [specs.places[spec] for spec in keys]
        heapify(waiting)
        queued = {*waiting}
        while waiting:
            spec = specs.order[heappop(waiting)]
            key = keys.get(spec)
            if key is None:
                key = self.keys[spec]
                if len(alike[key]) == 1:
                    continue
            if spec in undescribed:
                continue
            packages = common_packages.get(key, self.common_packages.get(key))
            uses = self.uses(spec, packages, changed)
            equal = self._seen_with(key).get(uses)
            if equal is None:
                equal = seen.setdefault((key, uses), spec)
            if equal != before[spec]:
                changed[spec] = equal
                new = {specs.places[one] for one in specs.dependents(spec)} - queued
                queued |= new
                for place in new:
                    heappush(waiting, place)
        return keys, common_packages, changed

    def _seen_with(self, key: Key) -> Mapping[Key, Handle]:
        """The first spec of each hash that has the key.

        With one more pin it stays true: a hash that has a spec in it which then equals another is
        not met again.
        """
        found = self._seen.get(key)
        if found is None:
            seen: dict[Key, Handle] = {}
            packages, undescribed = self.common_packages.get(key), self._specs.facts.undescribed
            for one in self.alike.get(key, ()):
                if one not in undescribed:
                    seen.setdefault(self.uses(one, packages), one)
            found = self._seen[key] = seen
        return found


def _add_alike(alike: dict[Key, list[Handle]], keys: Mapping[Handle, Key]) -> None:
    """Adds specs to those that have their keys."""
    for spec, key in keys.items():
        if key in alike:
            alike[key].append(spec)
        else:
            alike[key] = [spec]

"""The pins that save most builds of several stacks."""

from collections.abc import Iterator
from typing import NamedTuple

from cachegraph.analysis.comparison.one_more_pin import OneMorePin
from cachegraph.analysis.comparison.pins import PINNABLE, Pin, pin_for
from cachegraph.analysis.comparison.ranked_causes import RankedCauses, near_duplicate_groups
from cachegraph.analysis.comparison.rehash import PinnedSpecs
from cachegraph.model.graph import SpecGraph

# In each round so many causes are tried as pins, the most costly first.
_CANDIDATES = 24


class BestPin(NamedTuple):
    """A pin, and how many builds are left with it and those before it."""

    pin: Pin
    left: int


def best_pins(graph: SpecGraph, specs: PinnedSpecs, count: int) -> Iterator[BestPin]:
    """At most so many pins, each the one that saves most after those before; none saves nothing."""
    candidates = _candidates(graph, specs) if count else []
    pinned: list[Pin] = []
    left = len(specs.specs)
    while candidates and len(pinned) < count:
        counts = [*map(OneMorePin(specs, pinned).count, candidates)]
        best = min(range(len(counts)), key=counts.__getitem__)
        if counts[best] >= left:
            return
        left = counts[best]
        pinned.append(candidates.pop(best))
        yield BestPin(pinned[-1], left)


def _candidates(graph: SpecGraph, specs: PinnedSpecs) -> list[Pin]:
    """Pins of the most costly causes of near-duplicates."""
    pins: dict[tuple[str | None, str, str], Pin] = {}
    for cause in RankedCauses(graph, near_duplicate_groups(graph, specs.specs)).rows(()):
        if len(pins) == _CANDIDATES:
            break
        package, kind, attribute = cause["package"], cause["kind"], cause["attribute"]
        if kind in PINNABLE and attribute != "features":
            value = specs.commonest(package, kind, attribute)
            pin = pin_for(package, kind, attribute, value or "")
            pins.setdefault(pin[:3], pin)
    return [*pins.values()]

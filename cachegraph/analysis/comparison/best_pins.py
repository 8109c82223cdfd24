"""The pins that save the most builds, one after another."""

from collections.abc import Iterator
from typing import NamedTuple

from cachegraph.analysis.comparison.candidate_pins import candidate_pins
from cachegraph.analysis.comparison.demands import Demands
from cachegraph.analysis.comparison.one_more_pin import OneMorePin
from cachegraph.analysis.comparison.pins import Pin
from cachegraph.analysis.comparison.ranked_causes import RankedCauses, near_duplicate_groups
from cachegraph.analysis.comparison.rehash import PinnedSpecs
from cachegraph.model.graph import SpecGraph


class BestPin(NamedTuple):
    """A pin, and how many builds are left with it and those before it."""

    pin: Pin
    left: int


def best_pins(
    graph: SpecGraph, specs: PinnedSpecs, demands: Demands, pinned: list[Pin], left: int
) -> Iterator[BestPin]:
    """Adds pins to ``pinned``, each the one that saves most after those before; none saves nothing.

    ``left`` is the number of builds that are left with the pins that are there.
    """
    groups = near_duplicate_groups(graph, specs.specs)
    candidates = candidate_pins(RankedCauses(graph, groups, known=specs.facts).rows(()), demands)
    demands.find_only(pin[:3] for pin in pinned)
    del groups
    while candidates:
        counts = [*map(OneMorePin(specs, pinned).count, candidates)]
        best = min(range(len(counts)), key=counts.__getitem__)
        if counts[best] >= left:
            return
        left = counts[best]
        pinned.append(candidates.pop(best))
        yield BestPin(pinned[-1], left)

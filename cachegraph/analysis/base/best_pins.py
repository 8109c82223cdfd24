"""The pins that save most builds of several stacks."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cachegraph.analysis.comparison.candidate_pins import candidate_pins
from cachegraph.analysis.comparison.demands import Demands
from cachegraph.analysis.comparison.one_more_pin import OneMorePin
from cachegraph.analysis.comparison.pins import Pin
from cachegraph.analysis.comparison.ranked_causes import RankedCauses, near_duplicate_groups
from cachegraph.analysis.comparison.rehash import PinnedSpecs
from cachegraph.analysis.selection.stacks import StackSelection
from cachegraph.model.graph import SpecGraph


class BestPin(NamedTuple):
    """A pin, and how many builds are left with it and those before it."""

    pin: Pin
    left: int


def best_pins(
    graph: SpecGraph, specs: PinnedSpecs, selection: Sequence[StackSelection], count: int
) -> Iterator[BestPin]:
    """At most so many pins, each the one that saves most after those before; none saves nothing."""
    causes = RankedCauses(graph, near_duplicate_groups(graph, specs.specs)).rows(())
    candidates = candidate_pins(causes, Demands(graph, specs, selection))
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

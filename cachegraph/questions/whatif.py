"""How many builds would be left if some attributes were the same for all: an upper bound.

Every spec that a pin touches, and all above it, is hashed again with that attribute left out. What
then is equal could be one build. That it could is a bound: the concretizer may choose otherwise.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from cachegraph.analysis.comparison.pins import PINNABLE, Pin, pin_for, pins_of
from cachegraph.analysis.comparison.ranked_causes import RankedCauses, near_duplicates
from cachegraph.analysis.comparison.rehash import PinnedSpecs
from cachegraph.analysis.selection.stacks import StackSelection, notes, select_stacks, specs_in_any
from cachegraph.errors import UsageError
from cachegraph.model.graph import CypherGraph, Handle, SpecGraph

if TYPE_CHECKING:
    from cachegraph.questions.answers.causes import Step, WhatIfAnswer

# Of the causes so many are tried as pins in each round, the most costly first.
_TRIED = 24


class WhatIf(NamedTuple):
    """What pins would save in stacks; with ``best`` those few that save the most are found."""

    pins: Sequence[str]
    stacks: Sequence[str] = ()
    release: str | None = None
    best: int = 0
    ignore_runtime: bool = False

    def walk(self, graph: SpecGraph) -> "WhatIfAnswer":
        """The answer from a graph."""
        given = self._given()
        return self._saved(graph, self._chosen(graph), given)

    def ask(self, graph: CypherGraph) -> "WhatIfAnswer":
        """The answer from the part that whatif.cypher gives; of groups, from the whole graph."""
        given = self._given()
        chosen = self._chosen(graph)
        if any(one.group_of for one in chosen):
            return self._saved(graph, chosen, given)
        part = graph.subgraph("whatif", {"stacks": [one.key for one in chosen]})
        return self._saved(part, [one.in_subgraph(part) for one in chosen], given)

    def _given(self) -> list[tuple[str, list[Pin]]]:
        """The pins that are asked about, by their texts."""
        if not self.pins and self.best < 1:
            raise UsageError("no pin", "give some, such as 'zlib-ng ~new_strategies', or --best 3")
        return [(text, pins_of(text)) for text in self.pins]

    def _chosen(self, graph: SpecGraph) -> list[StackSelection]:
        return select_stacks(graph, self.stacks, self.release, ignore_runtime=self.ignore_runtime)

    def _saved(
        self, graph: SpecGraph, chosen: list[StackSelection], given: list[tuple[str, list[Pin]]]
    ) -> "WhatIfAnswer":
        masked = PinnedSpecs(graph, specs_in_any(chosen))
        for _, pins in given:
            masked.check(pins)
        steps: list[tuple[str, list[Handle]]] = []
        pinned: list[Pin] = []
        for text, pins in given:
            pinned += pins
            steps.append((text, masked.left(pinned)))
        left = steps[-1][1] if steps else masked.members
        if self.best:
            steps += self._best(_candidates(graph, masked), masked, pinned, len(left))
        return self._answer(chosen, masked, steps)

    def _best(
        self, candidates: list[Pin], masked: PinnedSpecs, pinned: list[Pin], count: int
    ) -> "list[tuple[str, list[Handle]]]":
        """Greedily, the pins that save the most after those before them, which leave ``count``."""
        steps: list[tuple[str, list[Handle]]] = []
        for _ in range(self.best):
            tried = [(masked.left([*pinned, pin]), pin) for pin in candidates]
            if not tried:
                break
            left, pin = min(tried, key=lambda each: len(each[0]))
            if len(left) >= count:
                break
            count = len(left)
            pinned.append(pin)
            candidates.remove(pin)
            steps.append((pin.text, left))
        return steps

    def _answer(
        self,
        chosen: list[StackSelection],
        masked: PinnedSpecs,
        steps: list[tuple[str, list[Handle]]],
    ) -> "WhatIfAnswer":
        left = steps[-1][1] if steps else masked.members
        builds = len(masked.members)
        before, after = (Counter(map(masked.package, specs)) for specs in (masked.members, left))
        rows: list[Step] = []
        last = builds
        for text, specs in steps:
            rows.append({"pin": text, "after": len(specs), "saved": last - len(specs)})
            last = len(specs)
        return {
            "question": "what-if",
            "stacks": [one.size() for one in chosen],
            "pins": [text for text, _ in steps],
            "builds": builds,
            "after": len(left),
            "saved": builds - len(left),
            "upper_bound": True,
            "steps": rows,
            "packages": [
                {"package": package, "builds": count, "after": after[package]}
                for package, count in sorted(before.items())
                if after[package] < count
            ],
            "undescribed": masked.undescribed,
            **notes(chosen, masked.unknown()),
        }


def _candidates(graph: SpecGraph, masked: PinnedSpecs) -> list[Pin]:
    """The causes of near-duplicates, as pins of the value that most of the builds have."""
    blamed = RankedCauses(graph, near_duplicates(graph, masked.members))
    pins: dict[tuple[str | None, str, str], Pin] = {}
    for package, kind, attribute in blamed.ranked():
        if kind in PINNABLE and attribute != "features":
            value = masked.commonest(package, kind, attribute)
            pin = pin_for(package, kind, attribute, value or "")
            pins.setdefault(pin[:3], pin)
    return [*islice(pins.values(), _TRIED)]

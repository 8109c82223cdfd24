"""What pins come to, as rows of answers."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple, TypedDict

from cachegraph.analysis.comparison.demands import Demand, Demands
from cachegraph.analysis.comparison.outcomes import Outcome
from cachegraph.analysis.comparison.pins import Pin
from cachegraph.analysis.comparison.rehash import PinnedSpecs
from cachegraph.analysis.sizes import redundant_bytes, sizes_among
from cachegraph.model.graph import Handle


class PinStep(TypedDict):
    """A pin, the builds left with it and the pins before it, and the builds that it saves.

    Of those left ``new`` are builds that no spec is yet. ``needed_by`` are those who need the
    value, ``against`` those who need another. ``provides`` has the virtuals that the package
    provides, each with all packages that do so, and ``require`` what Spack is to require.
    """

    pin: str
    after: int
    saved: int
    new: int
    needed_by: list[Demand]
    against: list[Demand]
    provides: dict[str, list[str]]
    require: dict[str, list[str]]


class UnionWithOthers(TypedDict):
    """What pins do to the union with other stacks, which are not pinned.

    These are the other stacks of the releases, but root; ``shared`` are the builds that both have.
    """

    stacks: int
    specs: int
    union: int
    union_after: int
    shared: int
    shared_after: int


class Step(NamedTuple):
    """A pin, and what it comes to with the pins before it.

    That is the number of builds that are left, and how many of them are new.
    """

    text: str
    pins: list[Pin]
    left: int
    new: int


def step_rows(demands: Demands, steps: Sequence[Step], builds: int) -> list[PinStep]:
    """The rows of pins, each on top of those before it, of so many builds."""
    rows: list[PinStep] = []
    for text, pins, left, new in steps:
        found = [demands.of_pin(pin) for pin in pins]
        row: PinStep = {
            "pin": text,
            "after": left,
            "saved": (rows[-1]["after"] if rows else builds) - left,
            "new": new,
            "needed_by": [*chain.from_iterable(needed for needed, _ in found)],
            "against": [*chain.from_iterable(against for _, against in found)],
            "provides": demands.provided_by(pins),
            "require": demands.require(text, pins),
        }
        rows.append(row)
    return rows


def union_with_others(stacks: int, specs: PinnedSpecs, outcome: Outcome) -> UnionWithOthers:
    """The union of the specs with those of so many other stacks, now and under the pins."""
    others = specs.others
    shared = len(others & {*specs.specs})
    return {
        "stacks": stacks,
        "specs": len(others),
        "union": len(others) + len(specs.specs) - shared,
        "union_after": len(others) + len(outcome.left) - outcome.shared,
        "shared": shared,
        "shared_after": outcome.shared,
    }


def saved_bytes(sizes: Mapping[Handle, int], specs: PinnedSpecs, outcome: Outcome) -> int:
    """The bytes of the archives that pins save, by the known sizes."""
    equal: dict[Handle, list[Handle]] = defaultdict(list)
    gone: list[Handle] = []
    for spec in specs.specs:
        one = outcome.first[spec]
        (equal[one] if one in outcome.left else gone).append(spec)
    redundant = redundant_bytes(sizes_among(sizes, some) for some in equal.values())
    return redundant.get("redundant_bytes", 0) + sum(sizes_among(sizes, gone))

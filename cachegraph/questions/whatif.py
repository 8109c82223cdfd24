"""How many builds pins would save."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Annotated, NamedTuple, NotRequired, TypedDict

from cachegraph.analysis.comparison.one_more_pin import OneMorePin
from cachegraph.analysis.comparison.pins import PINNABLE, Pin, pin_for, pins_of
from cachegraph.analysis.comparison.ranked_causes import RankedCauses, near_duplicate_groups
from cachegraph.analysis.comparison.rehash import PinnedSpecs
from cachegraph.analysis.rows import Notes, StackSize
from cachegraph.analysis.selection.stacks import notes, roots_in_any, specs_in_any
from cachegraph.analysis.sizes import known_sizes, redundant_bytes, sizes_among
from cachegraph.errors import UsageError
from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.schema import PACKAGE
from cachegraph.output.tables import Table, counted, shown_bytes, table_of
from cachegraph.questions.parameters import Argument, InStacks, Option, Selected, SubgraphQuestion

# In each round of --best so many causes are tried as pins, the most costly first.
_CANDIDATES = 24


class PinStep(TypedDict):
    """A pin, the builds left with it and the pins before it, and the builds that it saves."""

    pin: str
    after: int
    saved: int


class PackageBuilds(TypedDict):
    """A package, its builds now, and those left with the pins."""

    package: str
    builds: int
    after: int


class SavedBytes(TypedDict):
    """Bytes of archives that would be saved; absent if no size is known."""

    saved_bytes: NotRequired[int]


class WhatIfAnswer(Notes, SavedBytes):
    """The answer of ``what-if``; ``saved`` is an upper bound.

    Of builds that become one, ``saved_bytes`` are those of all archives but the largest.

    The dependencies of ``undescribed`` builds are not recorded: these builds stay distinct.
    """

    question: str
    stacks: list[StackSize]
    pins: list[str]
    builds: int
    after: int
    saved: int
    upper_bound: bool
    steps: list[PinStep]
    packages: list[PackageBuilds]
    undescribed: int


class WhatIf(SubgraphQuestion[WhatIfAnswer]):
    """Count the builds that pins would save at most.

    A pin is a package with one or more attributes in quotes, which all its specs are to agree in:
    a version, variants, flags, %compiler, os= or target=. ^mpi=openmpi pins the provider of a
    virtual. The specs of the package and all that depends on them are hashed again without these
    attributes, and specs of equal hashes count as one build. The recipe is taken to follow from a
    pinned version, and so is a dependency that only some of the pinned specs have. The number is
    an upper bound because the concretizer may choose otherwise.

    Examples:
      cachegraph what-if "zlib-ng +new_strategies" --release e4s-24.11
      cachegraph what-if --best 3 --release e4s-24.11
    """

    pins: Annotated[Sequence[str], Argument("[PIN...]", PACKAGE)] = ()
    stacks: InStacks = ()
    best: Annotated[
        int,
        Option(
            "Find K more pins, one after another, each the one that saves the most.",
            "K",
            least=0,
            most=100,
        ),
    ] = 0
    statement = "whatif"

    def select(self, graph: SpecGraph) -> Selected:
        if not self.pins and self.best < 1:
            raise UsageError("no pin", "give some, such as 'zlib-ng ~new_strategies', or --best 3")
        _ = self._parsed_pins
        return super().select(graph)

    @cached_property
    def _parsed_pins(self) -> list[list[Pin]]:
        """The attributes of each pin; UsageError on what is no pin."""
        return [pins_of(text) for text in self.pins]

    def walk(self, graph: SpecGraph, selection: Selected) -> WhatIfAnswer:
        specs = PinnedSpecs(graph, specs_in_any(selection), roots_in_any(graph, selection))
        for pins in self._parsed_pins:
            specs.check(pins)
        steps: list[_Step] = []
        pinned: list[Pin] = []
        for text, pins in zip(self.pins, self._parsed_pins, strict=True):
            pinned += pins
            steps.append(_Step(text, specs.distinct(pinned)))
        if self.best:
            left = steps[-1].left if steps else specs.specs
            steps += self._best(specs, _candidates(graph, specs), pinned, len(left))
        sizes = known_sizes(graph, specs.specs)
        equal = specs.equal(pinned) if sizes else ()
        saved = redundant_bytes(sizes_among(sizes, one) for one in equal)
        return self._answer(selection, specs, steps, saved.get("redundant_bytes"))

    def _best(
        self, specs: PinnedSpecs, candidates: list[Pin], pinned: list[Pin], count: int
    ) -> "Iterator[_Step]":
        """Adds pins to ``pinned``, each the candidate that saves the most of ``count`` builds."""
        for _ in range(self.best):
            if not candidates:
                return
            counts = [*map(OneMorePin(specs, pinned).count, candidates)]
            best = min(range(len(counts)), key=counts.__getitem__)
            if counts[best] >= count:
                return
            count = counts[best]
            pinned.append(candidates.pop(best))
            yield _Step(pinned[-1].text, specs.distinct(pinned))

    def _answer(
        self,
        selection: Selected,
        specs: PinnedSpecs,
        steps: "list[_Step]",
        saved_bytes: int | None,
    ) -> WhatIfAnswer:
        left = steps[-1].left if steps else specs.specs
        builds = len(specs.specs)
        rows: list[PinStep] = []
        for text, rest in steps:
            count = rows[-1]["after"] if rows else builds
            rows.append({"pin": text, "after": len(rest), "saved": count - len(rest)})
        saved: SavedBytes = {} if saved_bytes is None else {"saved_bytes": saved_bytes}
        before, after = (Counter(map(specs.package, some)) for some in (specs.specs, left))
        return {
            "question": "what-if",
            "stacks": [one.size() for one in selection],
            "pins": [step.text for step in steps],
            "builds": builds,
            "after": len(left),
            "saved": builds - len(left),
            **saved,
            "upper_bound": True,
            "steps": rows,
            "packages": [
                {"package": package, "builds": count, "after": after[package]}
                for package, count in sorted(before.items())
                if after[package] < count
            ],
            "undescribed": specs.undescribed,
            **notes(selection, specs.note_unrecorded()),
        }

    exit_code = "Exit with 1 when the pins would save a build."
    found_in = "saved"

    sections = ("steps", "packages")

    def tables(self, answer: WhatIfAnswer) -> Iterator[Table]:
        builds, saved = counted(answer["builds"], "build"), answer["saved"]
        note = f"Of {builds} at most {saved} would be saved, and at least {answer['after']} left."
        if "saved_bytes" in answer:
            note += f" The saved ones have {shown_bytes(answer['saved_bytes'])} of archives."
        cells = {"saves at most": "saved", "leaves": "after"}
        yield table_of("steps", ("pin", *cells), answer["steps"], note, **cells)
        yield table_of("packages", ("package", "builds", "after"), answer["packages"])


class _Step(NamedTuple):
    """A pin, and the specs that stay distinct under it and the pins before it."""

    text: str
    left: list[Handle]


def _candidates(graph: SpecGraph, specs: PinnedSpecs) -> list[Pin]:
    """Pins of the most costly causes of near-duplicates, to the value that most builds have."""
    pins: dict[tuple[str | None, str, str], Pin] = {}
    for cause in RankedCauses(graph, near_duplicate_groups(graph, specs.specs)).rows(()):
        if len(pins) == _CANDIDATES:
            break
        package, kind, attribute = cause["package"], cause["kind"], cause["attribute"]
        if kind in PINNABLE and attribute != "features":
            value = max(Counter(specs.value(s,kind,attribute) or "" for s in specs.by_package[package]).items(), key=lambda t: t[1])[0]
            pin = pin_for(package, kind, attribute, value or "")
            pins.setdefault(pin[:3], pin)
    return [*pins.values()]

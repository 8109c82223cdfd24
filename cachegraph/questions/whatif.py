"""How many builds pins would save."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain, islice
from typing import Annotated, NotRequired, TypedDict

from cachegraph.analysis.comparison.best_pins import best_pins
from cachegraph.analysis.comparison.demands import Demands
from cachegraph.analysis.comparison.outcomes import Outcome, Outcomes
from cachegraph.analysis.comparison.pin_checks import check_pins
from cachegraph.analysis.comparison.pin_rows import (
    PinStep,
    Step,
    UnionWithOthers,
    saved_bytes,
    step_rows,
    union_with_others,
)
from cachegraph.analysis.comparison.pins import Pin, pins_of
from cachegraph.analysis.comparison.rehash import PinnedSpecs
from cachegraph.analysis.rows import Notes, StackSize
from cachegraph.analysis.selection.among_others import AmongOthers, among_others
from cachegraph.analysis.selection.stacks import notes, specs_in_any
from cachegraph.analysis.sizes import known_sizes
from cachegraph.errors import UsageError
from cachegraph.model.graph import SpecGraph
from cachegraph.model.schema import PACKAGE
from cachegraph.output.cause_tables import first_demands
from cachegraph.output.packages_yaml import others_sentence, packages_yaml
from cachegraph.output.tables import Cell, Table, counted, shown_bytes, table_of
from cachegraph.questions.parameters import Argument, InStacks, Option, Selected, StackQuestion


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

    Builds are saved that become equal to others, and those that nothing needs any more: what only
    other values than the pinned ones need, and then what no root depends on. Of those ``after`` the
    pins ``new`` are builds that no spec is yet. Two or more of the stacks hold ``shared`` builds,
    and ``shared_after`` the pins. Of builds that become one, ``saved_bytes`` are
    those of all archives but the largest.

    The dependencies of ``undescribed`` builds are not recorded: these builds stay distinct.
    ``others`` is absent if there are no other stacks, and ``yaml`` if it was not asked for.
    """

    question: str
    stacks: list[StackSize]
    pins: list[str]
    builds: int
    after: int
    saved: int
    new: int
    shared: int
    shared_after: int
    upper_bound: bool
    steps: list[PinStep]
    packages: list[PackageBuilds]
    undescribed: int
    others: NotRequired[UnionWithOthers]
    yaml: NotRequired[str]


class WhatIf(StackQuestion[WhatIfAnswer]):
    """Count the builds that pins would save at most.

    A pin is a package with one or more attributes in quotes, which all its specs are to agree in:
    a version, variants, flags, %compiler, os= or target=. ^mpi=openmpi pins the provider of a
    virtual. The specs of the package and all that depends on them are hashed again without these
    attributes, and specs of equal hashes count as one build. The recipe is taken to follow from a
    pinned version, and so is a dependency that only some of the pinned specs have. What no root
    needs any more goes. The number is an upper bound because the concretizer may choose otherwise.

    --best pins the value that somebody needs: a root that asks for it, or a package that depends
    on the pinned one wherever it has this value and nowhere else. Without any it is the commonest.
    --yaml prints packages.yaml for the stacks, to include in their spack.yaml.

    Examples:
      cachegraph what-if "zlib-ng ~new_strategies" --release e4s-24.11
      cachegraph what-if --best 3 --release e4s-24.11 --yaml
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
    yaml: Annotated[bool, Option("Print the pins as packages.yaml, for Spack.")] = False

    def select(self, graph: SpecGraph) -> Selected:
        if not self.pins and self.best < 1:
            raise UsageError("no pin", "give some, such as 'zlib-ng ~new_strategies', or --best 3")
        _ = self._parsed_pins
        return among_others(graph, super().select(graph), ignore_runtime=self.ignore_runtime)

    @cached_property
    def _parsed_pins(self) -> list[list[Pin]]:
        """The attributes of each pin; UsageError on what is no pin."""
        return [pins_of(text) for text in self.pins]

    def walk(self, graph: SpecGraph, selection: Selected) -> WhatIfAnswer:
        others = selection.others if isinstance(selection, AmongOthers) else []
        specs = PinnedSpecs(graph, specs_in_any(selection), selection, specs_in_any(others))
        for pins in self._parsed_pins:
            check_pins(graph, specs, pins)
        outcomes = Outcomes(specs)
        demands = Demands(graph, specs, selection)
        steps: list[Step] = []
        pinned: list[Pin] = []
        outcome = None
        for text, pins in zip(self.pins, self._parsed_pins, strict=True):
            pinned += pins
            outcome = outcomes.of(pinned)
            steps.append(Step(text, pins, len(outcome.left), outcome.new))
        left = steps[-1].left if steps else len(specs.specs)
        for one in islice(best_pins(graph, specs, demands, pinned, left), self.best):
            outcome = outcomes.of(pinned)
            steps.append(Step(one.pin.text, [one.pin], len(outcome.left), outcome.new))
        outcome = outcome or outcomes.of([])
        answer = self._answer(selection, specs, steps, outcome)
        answer["steps"] = step_rows(demands, steps, len(specs.specs))
        if others:
            answer["others"] = union_with_others(len(others), specs, outcome)
        sizes = known_sizes(graph, specs.specs)
        if sizes:
            answer["saved_bytes"] = saved_bytes(sizes, specs, outcome)
        if self.yaml:
            answer["yaml"] = packages_yaml(answer)
        return answer

    def _answer(
        self, selection: Selected, specs: PinnedSpecs, steps: list[Step], outcome: Outcome
    ) -> WhatIfAnswer:
        builds, left = len(specs.specs), len(outcome.left)
        held = Counter(chain.from_iterable(one.specs for one in selection))
        before, after = (Counter(map(specs.package, some)) for some in (specs.specs, outcome.left))
        return {
            "question": "what-if",
            "stacks": [one.size() for one in selection],
            "pins": [step.text for step in steps],
            "builds": builds,
            "after": left,
            "saved": builds - left,
            "new": outcome.new,
            "shared": sum(count > 1 for count in held.values()),
            "shared_after": outcome.in_several(),
            "upper_bound": True,
            "steps": [],
            "packages": [
                {"package": package, "builds": count, "after": after[package]}
                for package, count in sorted(before.items())
                if after[package] < count
            ],
            "undescribed": specs.undescribed,
            **notes(selection, specs.note_unrecorded()),  # type: ignore[typeddict-item]  # optional keys are missing
        }

    exit_code = "Exit with 1 when the pins would save a build."
    found_in = "saved"

    sections = ("steps", "packages")

    def text(self, answer: WhatIfAnswer) -> str | None:
        return answer.get("yaml")

    def tables(self, answer: WhatIfAnswer) -> Iterator[Table]:
        builds, saved = counted(answer["builds"], "build"), answer["saved"]
        note = f"Of {builds} at most {saved} would be saved, and at least {answer['after']} left,"
        note += f" of which {answer['new']} are new builds."
        if len(answer["stacks"]) > 1:
            note += f" The stacks would share {answer['shared_after']}, not {answer['shared']}."
        if "saved_bytes" in answer:
            note += f" The saved ones have {shown_bytes(answer['saved_bytes'])} of archives."
        note = f"{note} {others_sentence(answer)}".strip()
        cells: dict[str, Cell] = {
            "saves at most": "saved",
            "leaves": "after",
            "new": "new",
            "needed by": lambda row: first_demands(row["needed_by"]),
            "against": lambda row: first_demands(row["against"], values=True),
        }
        yield table_of("steps", ("pin", *cells), answer["steps"], note, **cells)
        yield table_of("packages", ("package", "builds", "after"), answer["packages"])

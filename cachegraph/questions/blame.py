"""What makes specs near-duplicates, ranked by the redundant builds."""

from collections.abc import Iterator
from itertools import chain
from typing import Annotated

from cachegraph.analysis.comparison.candidate_pins import pin_against
from cachegraph.analysis.comparison.demands import Demands
from cachegraph.analysis.comparison.ranked_causes import (
    RankedCause,
    RankedCauses,
    add_roots,
    near_duplicate_groups,
)
from cachegraph.analysis.comparison.rehash import PinnedSpecs
from cachegraph.analysis.rows import Notes, StackSize
from cachegraph.analysis.selection.stacks import (
    excluded_packages,
    notes,
    specs_in_any,
)
from cachegraph.analysis.sizes import RedundantBytes, known_sizes, redundant_bytes, sizes_among
from cachegraph.model.graph import SpecGraph
from cachegraph.output.cause_tables import ranked_causes_table
from cachegraph.output.packages_yaml import require_line
from cachegraph.output.tables import (
    Table,
    counted,
    shown_bytes,
    stacks_table,
)
from cachegraph.questions.parameters import Option, Selected, StackQuestion

_FIXED = 10


class BlameAnswer(Notes, RedundantBytes):
    """The answer of ``blame``; ``unknown`` redundant builds have no recorded cause."""

    question: str
    stacks: list[StackSize]
    groups: int
    redundant: int
    unknown: int
    causes: list[RankedCause]


class Blame(StackQuestion[BlameAnswer]):
    """Rank the causes of near-duplicates by the builds that they make redundant.

    Near-duplicates are alike (package, version, variants, flags, compiler, platform, os, target)
    but have different hashes; of each group all builds but one are redundant. Each is compared with
    the earlier spec of its group, of 12 at most, with the fewest causes. A build may have several
    causes: "alone" counts the builds for which only that package differs. Without stacks, all
    stacks of the release but root are searched.

    --fix ends each of the ten largest causes with the line of packages.yaml that removes it: a pin
    to the value that somebody needs, as what-if --best finds it. What follows from other choices,
    such as a recipe, has none.

    Examples:
      cachegraph blame --release e4s-24.11
      cachegraph blame --release e4s-24.11 --fix
      cachegraph blame e4s-24.11/gcc-cuda --markdown
    """

    fix: Annotated[bool, Option("End the ten largest causes with a pin that removes each.")] = False

    def walk(self, graph: SpecGraph, selection: Selected) -> BlameAnswer:
        groups = near_duplicate_groups(graph, specs_in_any(selection))
        sizes = known_sizes(graph, chain.from_iterable(groups))
        without = excluded_packages(ignore_runtime=self.ignore_runtime)
        ranked = RankedCauses(graph, groups, sizes, without)
        rows = ranked.rows(selection)
        add_roots(graph, selection, rows, ranked.specs())
        if self.fix:
            _add_fixes(graph, selection, rows)
        return {
            "question": "blame",
            "stacks": [one.size() for one in selection],
            "groups": len(groups),
            "redundant": sum(len(group) - 1 for group in groups),
            "unknown": ranked.unknown,
            **redundant_bytes(sizes_among(sizes, group) for group in groups if sizes),
            "causes": rows,
            **notes(selection, ranked.note_unrecorded(groups)),
        }

    exit_code = "Exit with 1 when there are near-duplicates."
    found_in = "groups"

    sections = ("stacks", "causes")
    main_section = "causes"

    def tables(self, answer: BlameAnswer) -> Iterator[Table]:
        yield stacks_table(answer["stacks"])
        builds = counted(answer["redundant"], "redundant build")
        note = f"{counted(answer['groups'], 'group')} of near-duplicates with {builds}"
        if "redundant_bytes" in answer:
            note += f", {shown_bytes(answer['redundant_bytes'])} of archives"
        if answer["unknown"]:
            note += f"; {answer['unknown']} without a recorded cause"
        yield ranked_causes_table(answer, note)


def _add_fixes(graph: SpecGraph, selection: Selected, rows: list[RankedCause]) -> None:
    """Adds the pins to the largest causes that come with no other."""
    specs = PinnedSpecs(graph, specs_in_any(selection), selection)
    demands = Demands(graph, specs, selection)
    for row in [row for row in rows if "comes_with" not in row][:_FIXED]:
        if pin := pin_against(row, demands):
            row["pin"] = pin.text
            row["fix"] = require_line(demands.require(pin.text, [pin]))

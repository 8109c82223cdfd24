"""Why two specs have different hashes."""

from collections.abc import Iterator
from typing import Annotated

from cachegraph.analysis.comparison.differences import Differences
from cachegraph.analysis.comparison.facts import Pair
from cachegraph.analysis.comparison.root_causes import Cause, root_causes_with_paths
from cachegraph.analysis.rows import Notes, SpecRow, key_of, spec_rows
from cachegraph.analysis.selection.specs import one_spec
from cachegraph.analysis.selection.stacks import notes
from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.schema import SPEC
from cachegraph.output.cause_tables import causes_table
from cachegraph.output.tables import (
    Cell,
    Table,
    counted,
    hash_cell,
    spec_table,
    with_short_hashes,
)
from cachegraph.questions import Question
from cachegraph.questions.parameters import Argument


class WhyAnswer(Notes):
    """The answer of ``why``."""

    question: str
    left: SpecRow
    right: SpecRow
    causes: list[Cause]


class Why(Question[Pair, WhyAnswer]):
    """Explain why two specs have different hashes, by the root causes.

    The two specs are compared, then their dependencies down to those that differ themselves: in
    version, variant, flag, compiler, os, target, external, recipe, namespace, dependency, provider
    of a virtual, or deptypes. Each cause is printed once, with its shortest path. What is below a
    cause is not searched, as it may follow from the cause; but a version is printed with the recipe
    that it brings, and a variant with the dependency.

    Each is named by its hash, or by a spec that only it fits, such as 'hdf5@1.14 +mpi'.

    Examples:
      cachegraph why /kc2bmnx /tqdtzdz
    """

    left: Annotated[str, Argument("/HASH|SPEC", SPEC)]
    right: Annotated[str, Argument("/HASH|SPEC", SPEC)]

    def select(self, graph: SpecGraph) -> Pair:
        return one_spec(graph, self.left), one_spec(graph, self.right)

    def walk(self, graph: SpecGraph, selection: Pair) -> WhyAnswer:
        differences = Differences(graph)
        causes, unexplained = root_causes_with_paths(differences, *selection)
        (left,), (right,) = (spec_rows(graph, [spec]) for spec in selection)
        return {
            "question": "why",
            "left": left,
            "right": right,
            "causes": causes,
            **notes((), _notes(graph, differences, selection, unexplained)),
        }

    exit_code = "Exit with 1 when there is a cause."
    found_in = "causes"

    sections = ("specs", "causes")
    main_section = "causes"

    def tables(self, answer: WhyAnswer) -> Iterator[Table]:
        yield spec_table("specs", [answer["left"], answer["right"]])
        causes = answer["causes"]
        paths = {tuple(cause["path"]) for cause in causes}
        note = f"{counted(len(paths), 'place')} where they differ"
        columns = ("where", "kind", "attribute", "left", "right")
        note = note if causes else "No cause is recorded."
        cells: dict[str, Cell] = {"where": lambda cause: " > ".join(cause["path"])}
        yield causes_table(columns, causes, note, **cells)


def _notes(
    graph: SpecGraph, differences: Differences, pair: Pair, unexplained: list[Pair]
) -> Iterator[str]:
    """Sentences on what cannot be known of the two specs."""
    names = [_short_hash(graph, spec) for spec in pair]
    if pair[0] == pair[1]:
        yield f"{names[0]} is one spec: there is nothing that differs"
        return
    undescribed = [
        name for name, spec in zip(names, pair, strict=True) if not differences.is_described(spec)
    ]
    if undescribed:
        yield (
            f"no dependencies are recorded of {' and '.join(undescribed)}: whether the specs "
            "differ in dependencies, flags or the recipe cannot be known"
        )
    else:
        # Sorted, as the order of the pairs depends on the store.
        yield from sorted(_unexplained_note(graph, differences, *pair) for pair in unexplained)


def _unexplained_note(
    graph: SpecGraph, differences: Differences, left: Handle, right: Handle
) -> str:
    """A sentence on two specs that have no recorded difference."""
    package = differences.package(left)
    both = f"{_short_hash(graph, left)} and {_short_hash(graph, right)}"
    if differences.is_described(left) and differences.is_described(right):
        return f"{package}: {both} differ in nothing that is recorded"
    return f"{package}: what {both} need is not recorded"


def _short_hash(graph: SpecGraph, spec: Handle) -> str:
    return with_short_hashes(hash_cell(key_of(graph, SPEC, spec)))

"""How many specs of each package stacks hold by target, and where they hold none."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Annotated, Any, TypedDict

from cachegraph.analysis.rows import Notes
from cachegraph.analysis.selection.names import notes_on_names, packages_named
from cachegraph.analysis.selection.stacks import notes, specs_in_any
from cachegraph.answers.asked import Grid
from cachegraph.errors import UsageError
from cachegraph.model.graph import CypherGraph, SpecGraph
from cachegraph.model.schema import PACKAGE, SPEC
from cachegraph.output.tables import Table, counted, stack_names
from cachegraph.questions.parameters import Argument, InStacks, Option, Selected, StackQuestion

STACK = "stack"
COLUMNS = ("target", "os", "compiler", "platform", STACK)
Counts = Mapping[tuple[str | None, str | None], int]
"""How many specs there are of a package and a value, which is None where it is unknown or none."""


class Uncounted(TypedDict):
    """A package, and how many of its specs are in no cell: their value is unknown or none."""

    package: str
    specs: int


class CoverageAnswer(Notes):
    """The answer of ``coverage``: row i is of package i, the most holes first.

    ``columns`` are the values of all specs in the stacks, of whichever package; ``holes`` counts
    cells that are 0. A package without any value has no row: it is in ``unknown``.
    """

    question: str
    by: str
    stacks: list[str]
    columns: list[str]
    rows: list[str]
    cells: list[list[int]]
    holes: int
    unknown: list[Uncounted]


class Coverage(StackQuestion[CoverageAnswer]):
    """Count the specs of each package by target, and show where there are none.

    Packages with the most holes (cells without a spec) come first. Columns are the targets of all
    specs in the stacks; without --in, of all stacks but root. PACKAGE may be a pattern, such as
    'py-*', or a virtual package, such as mpi: then the packages that provide it are meant.

    Specs whose target (or os, compiler) is unknown are in no cell, nor are those without one, as
    most Python packages are without a compiler. A note counts them; the JSON lists them by package.

    Examples:
      cachegraph coverage
      cachegraph coverage py-mpi4py --by os --in e4s --in hep
    """

    packages: Annotated[Sequence[str], Argument("[PACKAGE...]", PACKAGE)] = ()
    by: Annotated[str, Option("What the columns are.", choices=COLUMNS)] = "target"
    stacks: InStacks = ()
    names_specs = True

    def select(self, graph: SpecGraph) -> Selected:
        if self.by not in COLUMNS:
            raise UsageError(f"no coverage by {self.by}", f"it is by {', '.join(COLUMNS)}")
        for name in self.packages:
            packages_named(graph, name)
        return super().select(graph)

    def walk(self, graph: SpecGraph, selection: Selected) -> CoverageAnswer:
        if self.by != STACK:
            values = graph.values(SPEC, specs_in_any(selection), ("package", self.by))
            return self._answer(graph, selection, Counter(values))
        counts: Counter[Any] = Counter()
        for one in selection:
            packages = Counter(graph.values(SPEC, one.specs, ("package",)))
            counts.update({(package, one.key): count for (package,), count in packages.items()})
        return self._answer(graph, selection, counts)

    def cypher(self, graph: CypherGraph, selection: Selected) -> CoverageAnswer:
        rows = graph.rows("coverage", self.parameters(selection, by=self.by))
        counts = {(row["package"], row["value"]): row["specs"] for row in rows}
        return self._answer(graph, selection, counts)

    def _answer(self, graph: SpecGraph, selection: Selected, counts: Counts) -> CoverageAnswer:
        keys = [one.key for one in selection]
        columns = _known(keys if self.by == STACK else (value for _, value in counts))
        packages = _known(package for package, _ in counts)
        named = {name: packages_named(graph, name) for name in self.packages}
        missing = [name for name, some in named.items() if packages.isdisjoint(some)]
        if named:
            packages &= {*chain.from_iterable(named.values())}
        packages_with_value = {package for package, value in counts if value is not None}
        cells = {
            package: [counts.get((package, value), 0) for value in sorted(columns)]
            for package in packages & packages_with_value
        }
        rows = sorted(cells, key=lambda package: (-cells[package].count(0), package))
        return {
            "question": "coverage",
            "by": self.by,
            "stacks": keys,
            "columns": sorted(columns),
            "rows": rows,
            "cells": [cells[package] for package in rows],
            "holes": sum(row.count(0) for row in cells.values()),
            "unknown": [
                {"package": package, "specs": counts[package, None]}
                for package in sorted(packages)
                if (package, None) in counts
            ],
            **notes(
                selection,
                [*notes_on_names(named), *(f"none of the stacks holds {name}" for name in missing)],
            ),
        }

    exit_code = "Exit with 1 when there is a hole."
    found_in = "holes"

    def is_empty(self, answer: CoverageAnswer) -> bool:
        return not (answer["rows"] or answer["unknown"])

    sections = ("coverage",)

    def grids(self, answer: CoverageAnswer) -> dict[str, Grid]:
        columns, cells = answer["columns"], answer["cells"]
        return {"coverage": Grid("package", answer["rows"], columns, cells)}

    def tables(self, answer: CoverageAnswer) -> Iterator[Table]:
        named = zip(answer["rows"], answer["cells"], strict=True)
        rows = [(package, cells.count(0), *cells) for package, cells in named]
        heads = answer["columns"]
        if answer["by"] == STACK:
            names = stack_names(heads)
            heads = [names([key]) for key in heads]
        yield Table("coverage", ("package", "holes", *heads), rows, _note(answer))


def _known(values: Iterable[str | None]) -> set[str]:
    return {value for value in values if value is not None}


def _note(answer: CoverageAnswer) -> str:
    by, unknown = answer["by"], answer["unknown"]
    packages = counted(len(answer["rows"]), "package")
    values = counted(len(answer["columns"]), "value")
    note = f"{counted(answer['holes'], 'hole')} in {packages} by {values} of {by}"
    if unknown:
        specs = counted(sum(row["specs"] for row in unknown), "spec")
        note += f"; not counted: {specs} of {counted(len(unknown), 'package')} without {by}"
    return note

"""For what the packages of stacks are there, and where they are missing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cachegraph.analysis.selection.lookup import check_package
from cachegraph.analysis.selection.stacks import (
    StackSelection,
    notes,
    select_stacks,
)
from cachegraph.errors import UsageError
from cachegraph.model.graph import CypherGraph, SpecGraph
from cachegraph.model.schema import SPEC

if TYPE_CHECKING:
    from cachegraph.questions.answers.spread import CoverageAnswer, Unknown

STACK = "stack"
COLUMNS = ("target", "os", "compiler", "platform", STACK)

# How many specs there are of a package and a value, which is None where it is unknown or none.
Counts = Mapping[tuple[str | None, str | None], int]


class Coverage(NamedTuple):
    """How many specs of each package there are for each target, or another thing to be built for.

    Of all packages when none is named, in all stacks but the root when none is named.
    """

    packages: Sequence[str] = ()
    by: str = "target"
    stacks: Sequence[str] = ()
    release: str | None = None
    ignore_runtime: bool = False

    def walk(self, graph: SpecGraph) -> "CoverageAnswer":
        """The answer from a graph."""
        chosen = self._chosen(graph)
        if self.by != STACK:
            values = graph.values(SPEC, specs_in_any(chosen), ("package", self.by))
            return self._answer(chosen, Counter(values))
        counts: Counter[Any] = Counter()
        for one in chosen:
            found = Counter(graph.values(SPEC, one.specs, ("package",)))
            counts.update({(package, one.key): count for (package,), count in found.items()})
        return self._answer(chosen, counts)

    def ask(self, graph: CypherGraph) -> "CoverageAnswer":
        """The answer of coverage.cypher; of groups, which it does not know, that of the walk."""
        chosen = self._chosen(graph)
        if any(one.group_of for one in chosen):
            return self.walk(graph)
        keys = [one.key for one in chosen]
        said = {
            "stacks": keys,
            "by": self.by,
            "without": excluded_packages(ignore_runtime=self.ignore_runtime),
        }
        rows = graph.rows("coverage", said)
        return self._answer(chosen, {(row["package"], row["value"]): row["specs"] for row in rows})

    def _chosen(self, graph: SpecGraph) -> list[StackSelection]:
        if self.by not in COLUMNS:
            raise UsageError(f"no coverage by {self.by}", f"it is by {', '.join(COLUMNS)}")
        for name in self.packages:
            check_package(graph, name)
        return select_stacks(graph, self.stacks, self.release, ignore_runtime=self.ignore_runtime)

    def _answer(self, chosen: list[StackSelection], counts: Counts) -> "CoverageAnswer":
        keys = [one.key for one in chosen]
        values = keys if self.by == STACK else [value for _, value in counts]
        columns = sorted({value for value in values if value is not None})
        held = {package for package, _ in counts if package is not None}
        wanted = held & {*self.packages} if self.packages else held
        there = {package for package, value in counts if value is not None}
        matrix = {
            package: [counts.get((package, value), 0) for value in columns]
            for package in wanted & there
        }
        rows = sorted(matrix, key=lambda package: (-matrix[package].count(0), package))
        unknown: list[Unknown] = [
            {"package": package, "specs": counts[package, None]}
            for package in sorted(wanted)
            if (package, None) in counts
        ]
        missing = [f"no chosen stack holds {name}" for name in self.packages if name not in held]
        return {
            "question": "coverage",
            "by": self.by,
            "stacks": keys,
            "columns": columns,
            "rows": rows,
            "cells": [matrix[package] for package in rows],
            "holes": sum(cells.count(0) for cells in matrix.values()),
            "unknown": unknown,
            **notes(chosen, missing),
        }

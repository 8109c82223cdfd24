"""What one stack alone holds, and what would be lost with it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cachegraph.analysis.comparison.levels import equal_row, equal_rows, in_order
from cachegraph.analysis.rows import check_level, equal_at, row_order, rows
from cachegraph.analysis.selection.stacks import (
    StackSelection,
    notes,
    select_stacks,
)
from cachegraph.model.graph import CypherGraph, Members, SpecGraph
from cachegraph.model.schema import RELEASE, SPEC
from cachegraph.model.stack_key import StackKey
from cachegraph.questions.dangling import dangling

if TYPE_CHECKING:
    from cachegraph.questions.answers import Notes
    from cachegraph.questions.answers.membership import UniqueAnswer

_VERSION = ("package", "version")
_CELL = ("package", "target")


class Unique(NamedTuple):
    """What none of the other stacks of its release holds, or with ``all_releases`` none at all.

    ``root``, which holds everything, does not count. Of a group of a stack the others are also
    what the stack's other roots need.
    """

    stack: str
    level: str = "hash"
    release: str | None = None
    all_releases: bool = False
    ignore_runtime: bool = False

    def walk(self, graph: SpecGraph) -> "UniqueAnswer":
        """The answer from a graph."""
        one, among = self._chosen(graph)
        others = specs_in_any(among)
        mine = equal_at(graph, self.level, one.specs) - equal_at(graph, self.level, others)
        specs = equal_rows(graph, self.level, one.specs, {token: [one.key] for token in mine})
        return self._answer(
            one,
            among,
            size=one.size(),
            specs=specs,
            versions=_only(graph, _VERSION, one.specs, others),
            cells=_only(graph, _CELL, one.specs, others),
            roots=dangling(graph, among, one.specs - others),
        )

    def ask(self, graph: CypherGraph) -> "UniqueAnswer":
        """The answer of unique.cypher; of a group, which it does not know, that of the walk."""
        one, among = self._chosen(graph)
        if one.group_of:
            return self.walk(graph)
        (row,) = graph.rows(
            "unique",
            {
                "stack": one.key,
                "among": [other.key for other in among],
                "level": self.level,
                "without": excluded_packages(ignore_runtime=self.ignore_runtime),
            },
        )
        return self._answer(
            one,
            among,
            size={"key": one.key, "specs": row["size"]},
            specs=in_order([equal_row(self.level, found) for found in row["specs"]]),
            versions=row["versions"],
            cells=row["cells"],
            roots=[{**root, "missing": sorted(root["missing"])} for root in row["roots"]],
        )

    def _chosen(self, graph: SpecGraph) -> tuple[StackSelection, list[StackSelection]]:
        """The stack, and those that it is compared with."""
        check_level(self.level)
        (one,) = select_stacks(
            graph, [self.stack], self.release, ignore_runtime=self.ignore_runtime
        )
        own = StackKey.parse(one.key).release
        among = [
            other
            for release in (graph.keys(RELEASE) if self.all_releases else [own])
            for other in select_stacks(graph, (), release, ignore_runtime=self.ignore_runtime)
            if other.key != one.key
        ]
        if one.group is not None:
            among = [
                other.without_group(one.group) if other.key == one.group_of else other
                for other in among
            ]
        return one, among

    def _answer(
        self, one: StackSelection, among: list[StackSelection], **found: Any
    ) -> "UniqueAnswer":
        versions, cells, roots = (found[name] for name in ("versions", "cells", "roots"))
        return {
            "question": "unique",
            "level": self.level,
            "stack": found["size"],
            "among": [other.key for other in among],
            "specs": found["specs"],
            "versions": sorted(versions, key=lambda row: (row["package"], row["version"])),
            "cells": sorted(cells, key=lambda row: (row["package"], row["target"])),
            "roots": sorted(roots, key=lambda row: (*row_order(row), row["stack"])),
            **self._notes(one, among),
        }

    def _notes(self, one: StackSelection, among: list[StackSelection]) -> "Notes":
        where = "there" if self.all_releases else "in its release"
        alone = f"{one.key} was compared with nothing: no other stack is {where}"
        return notes([one], [] if among else [alone])


def _only(
    graph: SpecGraph, names: Sequence[str], mine: Members, others: Members
) -> list[dict[str, Any]]:
    """The combinations of the properties that no other spec has."""
    pairs = zip(*graph.tokens(SPEC, mine, names), strict=True)
    found = {pair: spec for pair, spec in zip(pairs, mine, strict=True) if all(pair)}
    for pair in {*zip(*graph.tokens(SPEC, others, names), strict=True)} & found.keys():
        del found[pair]
    return rows(graph, SPEC, sorted(found.values()), names)

"""What several stacks hold."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cachegraph.analysis.comparison.levels import (
    equal_row,
    equal_rows,
    holders,
    in_at_least,
    in_order,
    in_their_order,
)
from cachegraph.analysis.rows import check_level, equal_at
from cachegraph.analysis.selection.stacks import (
    StackSelection,
    notes,
    select_stacks,
    union,
    without,
)
from cachegraph.errors import UsageError
from cachegraph.model.graph import CypherGraph, SpecGraph

if TYPE_CHECKING:
    from cachegraph.questions.answers import StackSize
    from cachegraph.questions.answers.membership import SharedAnswer


class Shared(NamedTuple):
    """What so many of the stacks hold, or more; of all but the root when none is named."""

    stacks: Sequence[str] = ()
    at_least: int = 2
    level: str = "hash"
    release: str | None = None
    ignore_runtime: bool = False

    def walk(self, graph: SpecGraph) -> "SharedAnswer":
        """The answer from a graph."""
        chosen = self._chosen(graph)
        sides = {one.key: equal_at(graph, self.level, one.specs) for one in chosen}
        found = holders(sides, in_at_least(sides.values(), self.at_least))
        specs = equal_rows(graph, self.level, union(chosen), found)
        return self._answer(chosen, [one.size() for one in chosen], specs)

    def ask(self, graph: CypherGraph) -> "SharedAnswer":
        """The answer of shared.cypher; of groups, which it does not know, that of the walk."""
        chosen = self._chosen(graph)
        if any(one.group_of for one in chosen):
            return self.walk(graph)
        keys = [one.key for one in chosen]
        (row,) = graph.rows(
            "shared",
            {
                "stacks": keys,
                "at_least": self.at_least,
                "level": self.level,
                "without": without(self.ignore_runtime),
            },
        )
        specs = in_order([equal_row(self.level, found) for found in row["specs"]])
        return self._answer(chosen, in_their_order(chosen, row["sizes"]), specs)

    def _chosen(self, graph: SpecGraph) -> list[StackSelection]:
        check_level(self.level)
        chosen = select_stacks(graph, self.stacks, self.release, ignore_runtime=self.ignore_runtime)
        if not 1 <= self.at_least <= len(chosen):
            keys = [one.key for one in chosen]
            among = ", ".join(keys if len(keys) <= _FEW else [*keys[:_FEW], "..."])
            raise UsageError(
                f"K has to be from 1 to the number of stacks, {len(keys)}, not {self.at_least}",
                f"the stacks are {among}" if keys else "list them: cachegraph stacks",
            )
        return chosen

    def _answer(
        self, chosen: list[StackSelection], sizes: "list[StackSize]", specs: list[Any]
    ) -> "SharedAnswer":
        return {
            "question": "shared",
            "at_least": self.at_least,
            "level": self.level,
            "stacks": sizes,
            "specs": specs,
            **notes(chosen),
        }


_FEW = 5

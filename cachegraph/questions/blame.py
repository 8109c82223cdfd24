"""What makes specs that look alike be built more than once, ranked by what it costs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from cachegraph.analysis.comparison.ranked_causes import RankedCauses, add_roots, near_duplicates
from cachegraph.analysis.selection.stacks import StackSelection, notes, select_stacks, specs_in_any
from cachegraph.model.graph import CypherGraph, SpecGraph

if TYPE_CHECKING:
    from cachegraph.questions.answers.causes import BlameAnswer


class Blame(NamedTuple):
    """The causes of the near-duplicates in stacks; in all but the root when none is named."""

    stacks: Sequence[str] = ()
    release: str | None = None
    ignore_runtime: bool = False

    def walk(self, graph: SpecGraph) -> "BlameAnswer":
        """The answer from a graph."""
        return _answer(graph, self._chosen(graph))

    def ask(self, graph: CypherGraph) -> "BlameAnswer":
        """The answer from the part of the graph that blame.cypher gives; of groups, of the walk."""
        chosen = self._chosen(graph)
        if any(one.group_of for one in chosen):
            return _answer(graph, chosen)
        part = graph.subgraph("blame", {"stacks": [one.key for one in chosen]})
        return _answer(part, [one.in_subgraph(part) for one in chosen])

    def _chosen(self, graph: SpecGraph) -> list[StackSelection]:
        return select_stacks(graph, self.stacks, self.release, ignore_runtime=self.ignore_runtime)


def _answer(graph: SpecGraph, chosen: list[StackSelection]) -> "BlameAnswer":
    groups = near_duplicates(graph, specs_in_any(chosen))
    blamed = RankedCauses(graph, groups)
    rows = blamed.rows(chosen)
    add_roots(graph, chosen, rows, blamed.specs())
    return {
        "question": "blame",
        "stacks": [one.size() for one in chosen],
        "groups": len(groups),
        "redundant": sum(len(group) - 1 for group in groups),
        "unknown": blamed.unknown,
        "causes": rows,
        **notes(chosen, blamed.note_unrecorded(groups)),
    }

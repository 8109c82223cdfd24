"""What every pair of stacks shares."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from cachegraph.analysis.rows import check_level, equal_at, jaccard
from cachegraph.analysis.selection.stacks import StackSelection, notes, select_stacks
from cachegraph.model.graph import CypherGraph, SpecGraph

if TYPE_CHECKING:
    from cachegraph.questions.answers import MatrixAnswer


class Matrix(NamedTuple):
    """What every pair of the stacks shares; of all but the root when none is named."""

    stacks: Sequence[str] = ()
    release: str | None = None
    level: str = "hash"
    ignore_runtime: bool = False

    def walk(self, graph: SpecGraph) -> "MatrixAnswer":
        """The answer from a graph."""
        chosen = self._chosen(graph)
        sets = [equal_at(graph, self.level, one.specs) for one in chosen]
        sizes = [len(members) for members in sets]
        shared = [[0] * len(sets) for _ in sets]
        for i, left in enumerate(sets):
            row = shared[i]
            row[i] = sizes[i]
            for j in range(i):
                row[j] = shared[j][i] = len(left & sets[j])
        return self._answer(chosen, shared)

    def ask(self, graph: CypherGraph) -> "MatrixAnswer":
        """The answer of matrix.cypher; of parts of stacks, which it does not know, of the walk."""
        chosen = self._chosen(graph)
        if self.ignore_runtime or any(one.group_of for one in chosen):
            return self.walk(graph)
        keys = [one.key for one in chosen]
        at = {key: i for i, key in enumerate(keys)}
        shared = [[0] * len(keys) for _ in keys]
        for row in graph.rows("matrix", {"stacks": keys, "level": self.level}):
            shared[at[row["left"]]][at[row["right"]]] = row["shared"]
        return self._answer(chosen, shared)

    def _chosen(self, graph: SpecGraph) -> list[StackSelection]:
        check_level(self.level)
        return select_stacks(graph, self.stacks, self.release, ignore_runtime=self.ignore_runtime)

    def _answer(self, chosen: list[StackSelection], shared: list[list[int]]) -> "MatrixAnswer":
        sizes = [row[i] for i, row in enumerate(shared)]
        return {
            "question": "matrix",
            "level": self.level,
            "stacks": [one.key for one in chosen],
            "shared": shared,
            "jaccard": [
                [
                    jaccard(both, sizes[i] + size - both)
                    for both, size in zip(row, sizes, strict=True)
                ]
                for i, row in enumerate(shared)
            ],
            **notes(chosen),
        }

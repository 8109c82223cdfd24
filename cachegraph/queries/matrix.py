"""What every pair of stacks shares."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from cachegraph.errors import UsageError
from cachegraph.graph import CypherGraph, Handle, SpecGraph
from cachegraph.queries.names import find_stacks
from cachegraph.queries.rows import LEVELS, equal_at, jaccard
from cachegraph.schema import IN_STACK, STACK

if TYPE_CHECKING:
    from cachegraph.queries.answers import MatrixAnswer


class Matrix(NamedTuple):
    """What every pair of the stacks shares; of all but the root when none is named."""

    stacks: Sequence[str] = ()
    release: str | None = None
    level: str = "hash"

    def walk(self, graph: SpecGraph) -> "MatrixAnswer":
        """The answer from a graph."""
        nodes = self._stacks(graph)
        sets = [equal_at(graph, self.level, graph.into(IN_STACK, node)) for node in nodes]
        sizes = [len(members) for members in sets]
        shared = [[0] * len(sets) for _ in sets]
        for i, left in enumerate(sets):
            row = shared[i]
            row[i] = sizes[i]
            for j in range(i):
                row[j] = shared[j][i] = len(left & sets[j])
        return self._answer([key for (key,) in graph.values(STACK, nodes, ("key",))], shared)

    def ask(self, graph: CypherGraph) -> "MatrixAnswer":
        """The answer of matrix.cypher."""
        nodes = self._stacks(graph)
        keys = [key for (key,) in graph.values(STACK, nodes, ("key",))]
        at = {key: i for i, key in enumerate(keys)}
        shared = [[0] * len(keys) for _ in keys]
        for row in graph.answers("matrix", {"stacks": keys, "level": self.level}):
            shared[at[row["left"]]][at[row["right"]]] = row["shared"]
        return self._answer(keys, shared)

    def _stacks(self, graph: SpecGraph) -> list[Handle]:
        if self.level not in LEVELS:
            raise UsageError(f"no level {self.level}", f"levels are {', '.join(LEVELS)}")
        return find_stacks(graph, self.stacks, self.release)

    def _answer(self, keys: list[str], shared: list[list[int]]) -> "MatrixAnswer":
        sizes = [row[i] for i, row in enumerate(shared)]
        return {
            "question": "matrix",
            "level": self.level,
            "stacks": keys,
            "shared": shared,
            "jaccard": [
                [
                    jaccard(both, sizes[i] + size - both)
                    for both, size in zip(row, sizes, strict=True)
                ]
                for i, row in enumerate(shared)
            ],
        }

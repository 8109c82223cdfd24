"""What every pair of stacks shares."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from cachegraph.errors import UsageError
from cachegraph.graph import SpecGraph
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
        if self.level not in LEVELS:
            raise UsageError(f"no level {self.level}", f"levels are {', '.join(LEVELS)}")
        nodes = find_stacks(graph, self.stacks, self.release)
        sets = [equal_at(graph, self.level, graph.into(IN_STACK, node)) for node in nodes]
        sizes = [len(members) for members in sets]
        shared = [[0] * len(sets) for _ in sets]
        for i, left in enumerate(sets):
            row = shared[i]
            row[i] = sizes[i]
            for j in range(i):
                row[j] = shared[j][i] = len(left & sets[j])
        return {
            "question": "matrix",
            "level": self.level,
            "stacks": [key for (key,) in graph.values(STACK, nodes, ("key",))],
            "shared": shared,
            "jaccard": [
                [
                    jaccard(both, sizes[i] + size - both)
                    for both, size in zip(row, sizes, strict=True)
                ]
                for i, row in enumerate(shared)
            ],
        }

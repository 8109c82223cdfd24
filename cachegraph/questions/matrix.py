"""How much every pair of stacks shares."""

from collections.abc import Iterator
from typing import Any

from cachegraph.analysis.comparison.levels import check_level, equal_at, jaccard
from cachegraph.analysis.comparison.shared_counts import shared_counts
from cachegraph.analysis.rows import Notes
from cachegraph.analysis.selection.stacks import notes
from cachegraph.answers.asked import Grid
from cachegraph.model.graph import CypherGraph, SpecGraph
from cachegraph.output.tables import Table, stack_names
from cachegraph.questions.parameters import Level, Selected, StackQuestion


class MatrixAnswer(Notes):
    """The answer of ``matrix``: row and column i are of stack i, and ``shared[i][i]`` its size."""

    question: str
    level: str
    stacks: list[str]
    shared: list[list[int]]
    jaccard: list[list[float]]


class Matrix(StackQuestion[MatrixAnswer]):
    """Show how much every pair of stacks shares.

    Without stacks, all stacks of the release but root are compared. The matrix has the number of
    specs of each stack on its diagonal; a list of the pairs that share anything follows, those that
    share most first. With --level, specs that are equal at that level count as one.

    Examples:
      cachegraph matrix
      cachegraph matrix --level version e4s hep ml-linux-x86_64-cpu
    """

    level: Level = "hash"

    def select(self, graph: SpecGraph) -> Selected:
        check_level(self.level)
        return super().select(graph)

    def walk(self, graph: SpecGraph, selection: Selected) -> MatrixAnswer:
        tokens = [equal_at(graph, self.level, one.specs) for one in selection]
        below = shared_counts(tokens)
        shared = [
            [*row, *(below[j][i] for j in range(i + 1, len(below)))] for i, row in enumerate(below)
        ]
        return self._answer(selection, shared)

    def cypher(self, graph: CypherGraph, selection: Selected) -> MatrixAnswer:
        place = {one.key: i for i, one in enumerate(selection)}
        shared = [[0] * len(place) for _ in place]
        for row in graph.rows("matrix", {"stacks": [*place], "level": self.level}):
            shared[place[row["left"]]][place[row["right"]]] = row["shared"]
        return self._answer(selection, shared)

    def fits_cypher(self, selection: Selected) -> bool:
        # matrix.cypher leaves out no packages.
        return not self.ignore_runtime and super().fits_cypher(selection)

    def _answer(self, selection: Selected, shared: list[list[int]]) -> MatrixAnswer:
        jaccards = [[0.0] * len(shared) for _ in shared]
        for i, row in enumerate(shared):
            size = row[i]
            for j, both in enumerate(row[: i + 1]):
                jaccards[i][j] = jaccards[j][i] = jaccard(both, size + shared[j][j] - both)
        return {
            "question": "matrix",
            "level": self.level,
            "stacks": [one.key for one in selection],
            "shared": shared,
            "jaccard": jaccards,
            **notes(selection),
        }

    exit_code = "Exit with 1 when two stacks share a spec."

    def found(self, answer: MatrixAnswer) -> bool:
        return any(any(row[:i]) for i, row in enumerate(answer["shared"]))

    sections = ("shared", "pairs")

    def grids(self, answer: MatrixAnswer) -> dict[str, Grid]:
        stacks = answer["stacks"]
        return {
            "shared": Grid("stack", stacks, stacks, answer["shared"]),
            "jaccard": Grid("stack", stacks, stacks, answer["jaccard"]),
        }

    def tables(self, answer: MatrixAnswer) -> Iterator[Table]:
        shown = stack_names(answer["stacks"])
        names = [shown([key]) for key in answer["stacks"]]
        numbers = [*map(str, range(1, len(names) + 1))]
        heads = zip(numbers, names, answer["shared"], strict=True)
        rows = [(number, name, *shared) for number, name, shared in heads]
        yield Table(
            "shared", ("", "stack", *numbers), rows, f"Shared specs, equal by {answer['level']}"
        )
        pairs = _pairs(answer, names)
        total = len(names) * (len(names) - 1) // 2
        note = f"{len(pairs)} of {total} pairs share something"
        yield Table("pairs", ("stack", "with", "shared", "jaccard"), pairs, note)


def _pairs(answer: MatrixAnswer, names: list[str]) -> list[tuple[Any, ...]]:
    """The pairs of stacks that share anything, those that share most first."""
    pairs = []
    for i, right in enumerate(names):
        for j, left in enumerate(names[:i]):
            if shared := answer["shared"][i][j]:
                pairs.append((left, right, shared, answer["jaccard"][i][j]))
    return sorted(pairs, key=lambda pair: (-pair[2], pair[:2]))

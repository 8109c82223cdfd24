"""The specs that several stacks hold."""

from collections.abc import Iterator
from typing import Annotated

from cachegraph.analysis.comparison import levels
from cachegraph.analysis.rows import Notes, StackSize, row_order
from cachegraph.analysis.selection.lookup import first_few
from cachegraph.analysis.selection.stacks import notes, specs_in_any
from cachegraph.errors import UsageError
from cachegraph.model.graph import CypherGraph, SpecGraph
from cachegraph.output.tables import Table, counted_at_level, level_table, stacks_table
from cachegraph.questions.parameters import Level, Option, Selected, StackQuestion


class SharedAnswer(Notes):
    """The answer of ``shared``; each row of ``specs`` is in ``at_least`` or more of the stacks."""

    question: str
    at_least: int
    level: str
    stacks: list[StackSize]
    specs: list[levels.LevelRow]


class Shared(StackQuestion[SharedAnswer]):
    """List the specs that K or more stacks hold, with the stacks of each.

    Without stacks, all stacks of the release but root are compared. With --level, specs that are
    equal at that level count as one, and each row lists their hashes.

    Examples:
      cachegraph shared --at-least 3
      cachegraph shared gcc-cpu e4s-24.11/gcc-cuda
    """

    at_least: Annotated[int, Option("How many stacks must hold a spec.", "K")] = 2
    level: Level = "hash"

    def select(self, graph: SpecGraph) -> Selected:
        levels.check_level(self.level)
        selected = super().select(graph)
        if not 1 <= self.at_least <= len(selected):
            keys = [one.key for one in selected]
            raise UsageError(
                f"K has to be from 1 to the number of stacks, {len(keys)}, not {self.at_least}",
                f"the stacks are {first_few(keys)}" if keys else "list them: cachegraph stacks",
            )
        return selected

    def walk(self, graph: SpecGraph, selection: Selected) -> SharedAnswer:
        tokens = {one.key: levels.equal_at(graph, self.level, one.specs) for one in selection}
        stacks = levels.stacks_by_token(tokens, levels.in_at_least(tokens.values(), self.at_least))
        specs = levels.level_rows(graph, self.level, specs_in_any(selection), stacks)
        return self._answer(selection, [one.size() for one in selection], specs)

    def cypher(self, graph: CypherGraph, selection: Selected) -> SharedAnswer:
        parameters = self.parameters(selection, at_least=self.at_least, level=self.level)
        (row,) = graph.rows("shared", parameters)
        specs = sorted((levels.level_row(self.level, spec) for spec in row["specs"]), key=row_order)
        return self._answer(selection, levels.in_selected_order(selection, row["sizes"]), specs)

    def _answer(
        self, selection: Selected, sizes: list[StackSize], specs: list[levels.LevelRow]
    ) -> SharedAnswer:
        return {
            "question": "shared",
            "at_least": self.at_least,
            "level": self.level,
            "stacks": sizes,
            "specs": specs,
            **notes(selection),
        }

    exit_code = "Exit with 1 when K or more stacks hold a spec."
    found_in = "specs"

    sections = ("stacks", "specs")
    main_section = "specs"

    def tables(self, answer: SharedAnswer) -> Iterator[Table]:
        yield stacks_table(answer["stacks"])
        keys = [stack["key"] for stack in answer["stacks"]]
        count = counted_at_level(answer)
        note = f"{count} in {answer['at_least']} or more of {len(keys)} stacks"
        yield level_table("specs", answer, keys, note)

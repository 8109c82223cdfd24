"""The stacks in the graph."""

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Annotated, NotRequired, TypedDict

from cachegraph.analysis.selection.groups import group_names, roots_by_group
from cachegraph.analysis.selection.lookup import check_release
from cachegraph.model.graph import CypherGraph, SpecGraph
from cachegraph.model.schema import IN_STACK, RELEASE, ROOT_OF, STACK
from cachegraph.model.stack_key import StackKey
from cachegraph.output.tables import Cell, Table, table_of
from cachegraph.questions import Question
from cachegraph.questions.parameters import Option


class StackRow(TypedDict):
    """A stack, the number of its specs, and of its roots.

    ``groups`` are the groups of its roots, if it has any; each is asked for by name, like a stack.
    """

    key: str
    release: str
    name: str
    specs: int
    roots: int
    groups: NotRequired[list[str]]


class StacksAnswer(TypedDict):
    """The answer of ``stacks``, sorted by key."""

    question: str
    stacks: list[StackRow]


class Stacks(Question[None, StacksAnswer]):
    """List the stacks with the number of their specs and roots, and their groups.

    A group of roots can be asked for like a stack, by its name: commands then use the roots of the
    group and all that they depend on.

    Examples:
      cachegraph stacks
      cachegraph stacks --release e4s-24.11
    """

    release: Annotated[str | None, Option("Only stacks of this release.", "NAME", RELEASE)] = None

    def select(self, graph: SpecGraph) -> None:
        """Nothing but a check: NotFoundError unless the graph has the release."""
        if self.release is not None:
            check_release(graph, self.release)

    def walk(self, graph: SpecGraph, selection: None) -> StacksAnswer:
        rows = []
        for key in graph.keys(STACK):
            if self.release in (None, StackKey.parse(key).release):
                node = graph.find(STACK, key)
                groups = sorted(name for name in roots_by_group(graph, node) if name)
                specs, roots = (len(graph.starts_of(of, node)) for of in (IN_STACK, ROOT_OF))
                rows.append(_row(key, specs, roots, groups))
        return {"question": "stacks", "stacks": rows}

    def cypher(self, graph: CypherGraph, selection: None) -> StacksAnswer:
        rows = [
            _row(row["key"], row["specs"], row["roots"], group_names(row["groups"]))
            for row in graph.rows("stacks", {"release": self.release})
        ]
        return {"question": "stacks", "stacks": sorted(rows, key=itemgetter("key"))}

    def tables(self, answer: StacksAnswer) -> Iterator[Table]:
        stacks = answer["stacks"]
        columns = ["key", "specs", "roots"]
        if any("groups" in row for row in stacks):
            columns.append("groups")
        cells: dict[str, Cell] = {"groups": lambda row: ", ".join(row.get("groups", ()))}
        yield table_of("stacks", columns, stacks, "", **cells)


def _row(key: str, specs: int, roots: int, groups: Sequence[str]) -> StackRow:
    release, name = StackKey.parse(key)
    row: StackRow = {"key": key, "release": release, "name": name, "specs": specs, "roots": roots}
    if groups:
        row["groups"] = [*groups]
    return row

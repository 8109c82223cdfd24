"""The releases in the graph."""

from collections.abc import Iterator
from operator import itemgetter
from typing import Any, TypedDict

from cachegraph.analysis.comparison.levels import group_near_duplicates
from cachegraph.model.graph import CypherGraph, Members, SpecGraph
from cachegraph.model.schema import IN_STACK, OF_RELEASE, RELEASE, STACK
from cachegraph.model.stack_key import ROOT, StackKey
from cachegraph.output.tables import Table, table_of
from cachegraph.questions import Question


class ReleaseRow(TypedDict):
    """A release, and the numbers of its stacks and of the specs that any of them holds.

    ``shared`` specs are in two or more of its stacks. Of near-duplicates all but one of each group
    are ``redundant``. Both leave root out.
    """

    name: str
    stacks: int
    specs: int
    shared: int
    redundant: int


class ReleasesAnswer(TypedDict):
    """The answer of ``releases``, sorted by name."""

    question: str
    releases: list[ReleaseRow]


class Releases(Question[None, ReleasesAnswer]):
    """List the releases, with the number of their stacks and specs.

    A spec that several stacks of a release hold counts once, and is shared. Near-duplicates look
    alike and have different hashes: all but one of each group are redundant. What only root holds
    is neither.

    Examples:
      cachegraph releases
    """

    def select(self, graph: SpecGraph) -> None:
        """Nothing: the question is about all releases."""

    def walk(self, graph: SpecGraph, selection: None) -> ReleasesAnswer:
        rows = [_row(graph, name) for name in graph.keys(RELEASE)]
        return {"question": "releases", "releases": rows}

    def cypher(self, graph: CypherGraph, selection: None) -> ReleasesAnswer:
        rows: list[Any] = graph.rows("releases", {})
        return {"question": "releases", "releases": sorted(rows, key=itemgetter("name"))}

    sections = ("releases",)

    def tables(self, answer: ReleasesAnswer) -> Iterator[Table]:
        columns = ("name", "stacks", "specs", "shared", "redundant")
        yield table_of("releases", columns, answer["releases"])


def _row(graph: SpecGraph, name: str) -> ReleaseRow:
    stacks = [*graph.starts_of(OF_RELEASE, graph.find(RELEASE, name))]
    specs: Members = frozenset()
    shared, of_root = specs, specs
    for stack, (key,) in zip(stacks, graph.values(STACK, stacks, (STACK.key.name,)), strict=True):
        held = graph.starts_of(IN_STACK, stack)
        if StackKey.parse(key).name == ROOT:
            of_root = held
        else:
            specs, shared = specs | held, shared | (specs & held)
    groups = group_near_duplicates(graph, specs).values()
    return {
        "name": name,
        "stacks": len(stacks),
        "specs": len(specs | of_root),
        "shared": len(shared),
        "redundant": sum(len(group) - 1 for group in groups),
    }

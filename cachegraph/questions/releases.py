"""The releases in the graph."""

from collections.abc import Iterator
from functools import reduce
from operator import itemgetter, or_
from typing import Any, TypedDict

from cachegraph.model.graph import CypherGraph, Members, SpecGraph
from cachegraph.model.schema import IN_STACK, OF_RELEASE, RELEASE
from cachegraph.output.tables import Table, table_of
from cachegraph.questions import Question


class ReleaseRow(TypedDict):
    """A release, the number of its stacks, and of the specs that any of them holds."""

    name: str
    stacks: int
    specs: int


class ReleasesAnswer(TypedDict):
    """The answer of ``releases``, sorted by name."""

    question: str
    releases: list[ReleaseRow]


class Releases(Question[None, ReleasesAnswer]):
    """List the releases, with the number of their stacks and specs.

    A spec that several stacks of a release hold counts once.

    Examples:
      cachegraph releases
    """

    def select(self, graph: SpecGraph) -> None:
        """Nothing: the question is about all releases."""

    def walk(self, graph: SpecGraph, selection: None) -> ReleasesAnswer:
        none: Members = frozenset()
        rows: list[ReleaseRow] = []
        for name in graph.keys(RELEASE):
            stacks = graph.starts_of(OF_RELEASE, graph.find(RELEASE, name))
            specs = reduce(or_, (graph.starts_of(IN_STACK, stack) for stack in stacks), none)
            rows.append({"name": name, "stacks": len(stacks), "specs": len(specs)})
        return {"question": "releases", "releases": rows}

    def cypher(self, graph: CypherGraph, selection: None) -> ReleasesAnswer:
        rows: list[Any] = graph.rows("releases", {})
        return {"question": "releases", "releases": sorted(rows, key=itemgetter("name"))}

    sections = ("releases",)

    def tables(self, answer: ReleasesAnswer) -> Iterator[Table]:
        yield table_of("releases", ("name", "stacks", "specs"), answer["releases"])

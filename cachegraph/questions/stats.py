"""How many nodes and relationships the graph has."""

from collections.abc import Iterator
from typing import TypedDict

from cachegraph.model.graph import CypherGraph, SpecGraph
from cachegraph.model.schema import NODE_TYPES, RELATIONSHIP_TYPES
from cachegraph.output.tables import Table
from cachegraph.questions import Question


class StatsAnswer(TypedDict):
    """The answer of ``stats``: a count for each label and each relationship type."""

    question: str
    nodes: dict[str, int]
    relationships: dict[str, int]


class Stats(Question[None, StatsAnswer]):
    """Count the nodes of each label and the relationships of each type.

    Prints one row for each label of nodes, then one for each type of relationships. A stub, which
    is a dependency that no source describes, is counted as a node.

    Examples:
      cachegraph stats
    """

    def select(self, graph: SpecGraph) -> None:
        """Nothing: the question is about the whole graph."""

    def walk(self, graph: SpecGraph, selection: None) -> StatsAnswer:
        counts = {type_.label: graph.count(type_) for type_ in NODE_TYPES}
        return self._answer(
            counts | {type_.name: graph.count(type_) for type_ in RELATIONSHIP_TYPES}
        )

    def cypher(self, graph: CypherGraph, selection: None) -> StatsAnswer:
        return self._answer({row["of"]: row["count"] for row in graph.rows("stats", {})})

    def _answer(self, counts: dict[str, int]) -> StatsAnswer:
        return {
            "question": "stats",
            "nodes": {type_.label: counts[type_.label] for type_ in NODE_TYPES},
            "relationships": {type_.name: counts[type_.name] for type_ in RELATIONSHIP_TYPES},
        }

    sections = ("nodes", "relationships")

    def tables(self, answer: StatsAnswer) -> Iterator[Table]:
        yield Table("nodes", ("label", "nodes"), [*answer["nodes"].items()])
        yield Table("relationships", ("type", "relationships"), [*answer["relationships"].items()])

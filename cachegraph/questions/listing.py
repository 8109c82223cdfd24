"""What is in the graph: counts, releases and stacks."""

from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from cachegraph.analysis.selection.groups import each_of, roots_by_group
from cachegraph.analysis.selection.lookup import check_release
from cachegraph.model.graph import CypherGraph, SpecGraph
from cachegraph.model.schema import (
    IN_STACK,
    NODE_TYPES,
    OF_RELEASE,
    RELATIONSHIP_TYPES,
    RELEASE,
    ROOT_OF,
    STACK,
)
from cachegraph.model.stack_key import StackKey

if TYPE_CHECKING:
    from cachegraph.questions.answers import (
        ReleaseRow,
        ReleasesAnswer,
        StackRow,
        StacksAnswer,
        StatsAnswer,
    )


class Stats(NamedTuple):
    """How many nodes of each label and relationships of each type there are."""

    def walk(self, graph: SpecGraph) -> "StatsAnswer":
        """The answer from a graph."""
        return {
            "question": "stats",
            "nodes": {type_.label: graph.count(type_) for type_ in NODE_TYPES},
            "relationships": {type_.name: graph.count(type_) for type_ in RELATIONSHIP_TYPES},
        }

    def ask(self, graph: CypherGraph) -> "StatsAnswer":
        """The answer of stats.cypher."""
        counts = {row["of"]: row["count"] for row in graph.rows("stats", {})}
        return {
            "question": "stats",
            "nodes": {type_.label: counts[type_.label] for type_ in NODE_TYPES},
            "relationships": {type_.name: counts[type_.name] for type_ in RELATIONSHIP_TYPES},
        }


class Releases(NamedTuple):
    """The releases that the graph knows."""

    def walk(self, graph: SpecGraph) -> "ReleasesAnswer":
        """The answer from a graph."""
        rows: list[ReleaseRow] = []
        for name in graph.keys(RELEASE):
            stacks = graph.starts_of(OF_RELEASE, graph.find(RELEASE, name))
            specs = frozenset[object]()
            for stack in stacks:
                specs = graph.starts_of(IN_STACK, stack) | specs  # type: ignore[assignment]  # a set
            rows.append({"name": name, "stacks": len(stacks), "specs": len(specs)})
        return {"question": "releases", "releases": rows}

    def ask(self, graph: CypherGraph) -> "ReleasesAnswer":
        """The answer of releases.cypher."""
        rows: list[Any] = graph.rows("releases", {})
        return {"question": "releases", "releases": sorted(rows, key=itemgetter("name"))}


class Stacks(NamedTuple):
    """The stacks that the graph knows, of one release or of all."""

    release: str | None = None

    def walk(self, graph: SpecGraph) -> "StacksAnswer":
        """The answer from a graph."""
        if self.release is not None:
            check_release(graph, self.release)
        rows: list[StackRow] = []
        for key in graph.keys(STACK):
            if self.release in (None, StackKey.parse(key).release):
                node = graph.find(STACK, key)
                specs = len(graph.starts_of(IN_STACK, node))
                roots = len(graph.starts_of(ROOT_OF, node))
                groups = sorted(filter(None, roots_by_group(graph, node))) if roots else []
                rows.append(_row(key, specs, roots, groups))
        return {"question": "stacks", "stacks": rows}

    def ask(self, graph: CypherGraph) -> "StacksAnswer":
        """The answer of stacks.cypher."""
        if self.release is not None:
            check_release(graph, self.release)
        rows = [
            _row(row["key"], row["specs"], row["roots"], each_of(row["groups"]))
            for row in graph.rows("stacks", {"release": self.release})
        ]
        return {"question": "stacks", "stacks": sorted(rows, key=itemgetter("key"))}


def _row(key: str, specs: int, roots: int, groups: list[str]) -> "StackRow":
    release, name = StackKey.parse(key)
    row: StackRow = {"key": key, "release": release, "name": name, "specs": specs, "roots": roots}
    if groups:
        row["groups"] = groups
    return row

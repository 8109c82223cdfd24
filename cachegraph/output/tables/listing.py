"""What is in the graph."""

from collections.abc import Iterator, Mapping
from typing import Any

from cachegraph.output.tables import Table
from cachegraph.output.tables.rows import listed


def stats_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """Nodes and relationships, counted."""
    yield Table("nodes", ("label", "nodes"), [*answer["nodes"].items()])
    yield Table("relationships", ("type", "relationships"), [*answer["relationships"].items()])


def releases_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """The releases."""
    yield listed("releases", ("name", "stacks", "specs"), answer["releases"])


def stacks_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """The stacks."""
    stacks = answer["stacks"]
    if not any("groups" in row for row in stacks):
        yield listed("stacks", ("key", "specs", "roots"), stacks)
        return
    rows = [{**row, "groups": ", ".join(row.get("groups", ()))} for row in stacks]
    yield listed("stacks", ("key", "specs", "roots", "groups"), rows)

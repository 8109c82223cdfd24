"""What goes in and out, and ad-hoc answers."""

from collections.abc import Iterator, Mapping
from typing import Any

from cachegraph.output.tables import Table
from cachegraph.output.tables.rows import listed


def load_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """How much was copied."""
    counts = (name for name in answer if name not in ("question", "location"))
    yield Table(
        "counts", ("loaded", "count"), [(name.replace("_", " "), answer[name]) for name in counts]
    )


def import_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """What was read, and from where."""
    counted = [
        (name.replace("_", " "), value) for name, value in answer.items() if type(value) is int
    ]
    counted.append(("warnings", len(answer["warnings"])))
    columns = ("location", "format", "format_version", "specs", "warnings")
    yield Table("counts", ("imported", "count"), counted)
    yield listed("sources", columns, answer["sources"])


def query_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """The rows, as they came."""
    from cachegraph.output.cypher_values import cell

    rows = [[cell(value) for value in row] for row in answer["rows"]]
    yield Table("rows", answer["columns"], rows, "" if rows else "No row.")

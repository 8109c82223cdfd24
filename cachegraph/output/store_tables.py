"""The tables of the commands that are no questions: info, remove, load, upgrade, query."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cachegraph.output.tables import Cell, Table, table_of

_FACTS = ("store", "chosen_by", "kind", "bytes", "changed", "store_version", "server", "database")

_VERSIONS = ("store", "version_before", "version")


def info_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """The facts of a store, its releases and stacks, and if asked for its sources."""
    facts = [(name.replace("_", " "), answer[name]) for name in _FACTS if name in answer]
    facts.append(("model version", answer["model_version"]))
    counts = [*answer["nodes"].items(), *answer["relationships"].items()]
    yield Table("store", ("fact", "value"), [*facts, *counts])
    yield _rows("releases", ("name", "stacks", "specs"), answer["releases"], release="name")
    yield _rows("stacks", ("key", "specs", "roots"), answer["stacks"], stack="key")
    if "documents" in answer:
        columns = ("location", "format", "format_version", "specs", "imported_at", "lists")
        lists: dict[str, Cell] = {"lists": lambda row: ", ".join(row["lists"])}
        yield table_of("sources", columns, answer["documents"], "", **lists)


def _rows(
    section: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]], **cells: Cell
) -> Table:
    """The releases or stacks, each with its sources and their last import."""
    (head,) = cells
    shown = (head, *columns[1:], "sources", "imported_at")
    return table_of(section, shown, rows, "", **cells)


def remove_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """The stacks, then what left the graph with them."""
    does = "would be removed" if answer["dry_run"] else "removed"
    yield table_of("stacks", ("stack", "specs", "removed"), answer["stacks"], stack="key")
    counts = [("releases", len(answer["releases"]))]
    counts += [(name.replace("_", " "), n) for name, n in answer.items() if type(n) is int]
    yield Table("counts", (does, "count"), counts)


def load_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """How much was loaded, and how much of it was new."""
    counts = [(name.replace("_", " "), n) for name, n in answer.items() if type(n) is int]
    yield Table("counts", ("loaded", "count"), counts)


def upgrade_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """The store, and its version before and now."""
    facts = [(name.replace("_", " "), answer[name]) for name in _VERSIONS]
    yield Table("store", ("fact", "value"), facts)


def query_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """The rows of a statement, with values as Cypher writes them."""
    from cachegraph.output.cypher_values import cell

    rows = [[*map(cell, row)] for row in answer["rows"]]
    yield Table("rows", answer["columns"], rows, "" if rows else "No row.")

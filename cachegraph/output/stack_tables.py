"""The card of a stack as tables."""

from collections.abc import Iterator, Mapping
from typing import Any

from cachegraph.output.tables import Cell, Table, counted, shown_bytes, table_of

_COUNTS = {"compilers": "compiler", "operating_systems": "os", "targets": "target"}


def stack_tables(stack: Mapping[str, Any]) -> Iterator[Table]:
    """What a stack has, its roots, its counts by compiler, os and target, and what shares it."""
    facts = [(name, stack[name]) for name in ("release", "specs", "packages")]
    facts.append(("roots", len(stack["roots"])))
    if "bytes" in stack:
        facts.append(("size", shown_bytes(stack["bytes"])))
    yield Table("stack", ("", stack["key"]), facts)
    has_groups = any("groups" in row for row in stack["roots"])
    columns = ("package", "version", "hash", *(("groups",) if has_groups else ()), "variants")
    cells: dict[str, Cell] = {"groups": lambda row: ", ".join(row.get("groups", ()))}
    note = counted(len(stack["roots"]), "root")
    yield table_of("roots", columns, stack["roots"], note, **cells)
    for section, name in _COUNTS.items():
        yield Table(section, (name, "specs"), [*stack[section].items()])
    note = "Shares most with" if stack["shares"] else "No other stack of its release shares a spec."
    columns = ("stack", "shared", "jaccard")
    yield table_of("shares", columns, stack["shares"], note, stack="key")

"""Where packages are, and since when."""

from collections.abc import Iterator, Mapping
from typing import Any

from cachegraph.model.stack_key import StackKey
from cachegraph.output.tables import Table


def coverage_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """A row for each package, those with the most holes first."""
    columns = answer["columns"]
    if answer["by"] == "stack" and len({StackKey.parse(key).release for key in columns}) == 1:
        columns = [StackKey.parse(key).name for key in columns]
    rows = [
        (package, cells.count(0), *cells)
        for package, cells in zip(answer["rows"], answer["cells"], strict=True)
    ]
    size = f"{_many(len(rows), 'package')} by {_many(len(columns), 'value')} of {answer['by']}"
    note = f"{_many(answer['holes'], 'hole')} in {size}"
    if unknown := sum(row["specs"] for row in answer["unknown"]):
        packages = _many(len(answer["unknown"]), "package")
        note += f"; not counted: {_many(unknown, 'spec')} of {packages} without {answer['by']}"
    yield Table("coverage", ("package", "holes", *columns), rows, note)


def history_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """A row for each release."""
    rows = [
        (
            row["name"],
            len(row["stacks"]),
            row["specs"],
            row.get("new", ""),
            row.get("gone", ""),
            ", ".join(row["versions"]),
        )
        for row in answer["releases"]
    ]
    columns = ("release", "stacks", "specs", "new", "gone", "versions")
    note = f"{answer['package']} in {_many(len(rows), 'release')}" if rows else "In no release."
    yield Table("releases", columns, rows, note)


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"

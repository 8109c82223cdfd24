"""What was found."""

from collections.abc import Iterator, Mapping
from typing import Any

from cachegraph.output.tables import Table
from cachegraph.output.tables.rows import SPEC_COLUMNS, spec_cells

FOUND_COLUMNS = (*SPEC_COLUMNS[:-1], "stacks", "held by", SPEC_COLUMNS[-1])


def find_tables(answer: Mapping[str, Any]) -> Iterator[Table]:
    """The specs that fit, with how many stacks hold each, and which."""
    rows = []
    for row in answer["specs"]:
        *cells, variants = spec_cells(row)
        rows.append((*cells, len(row["stacks"]), " ".join(row["stacks"]), variants))
    yield Table("specs", FOUND_COLUMNS, rows, _note(answer))


def _note(answer: Mapping[str, Any]) -> str:
    specs = answer["specs"]
    if not specs:
        return f"No spec fits {answer['spec']}."
    versions = {(row.get("package"), row.get("version")) for row in specs}
    stacks = {stack for row in specs for stack in row["stacks"]}
    fit = "fits" if len(specs) == 1 else "fit"
    of, held = _counted(len(versions), "package-version"), _counted(len(stacks), "stack")
    return f"{_counted(len(specs), 'spec')} {fit}: {of}, held by {held}"


def _counted(count: int, name: str) -> str:
    return f"{count} {name}" if count == 1 else f"{count} {name}s"

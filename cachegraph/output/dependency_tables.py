"""Tables of dependencies: how far away specs are, the tree of them, the path between two."""

from collections.abc import Mapping, Sequence
from typing import Any

from cachegraph.model.coded_rows import CodedRows
from cachegraph.model.spec import DependencyUse
from cachegraph.output.tables import (
    SPEC_COLUMNS,
    Cell,
    ListedColumns,
    Table,
    by_deptypes,
    counted,
    table_of,
)

_USE = DependencyUse._fields
_STEP_COLUMNS = ("package", "version", "hash", *_USE)


def distant_specs_table(answer: Mapping[str, Any], by_name: Mapping[str, Sequence[Any]]) -> Table:
    """The table of specs: direct ones with their use, others with how far away they are.

    The values of the specs are given by name. Cells are made column by column, without a step for
    each row: there may be 100,000.
    """
    columns: Sequence[str] = ("depth", *SPEC_COLUMNS)
    if not answer["transitive"]:
        columns = (*SPEC_COLUMNS[:-1], *_USE, SPEC_COLUMNS[-1])
    cells = [_cells(name, by_name[name]) for name in columns]
    return Table("specs", columns, ListedColumns(cells), _note(answer))


def many_specs_table(answer: Mapping[str, Any], rows: CodedRows) -> Table:
    """The same table of specs of which columns are coded."""
    return Table("specs", ("depth", *SPEC_COLUMNS), rows.with_values(_cells, "/"), _note(answer))


def _cells(name: str, values: Sequence[Any]) -> Sequence[Any]:
    if name == "depth":
        return [*map(str, values)]  # rows of nothing but text are printed in half the time
    if name == "hash":
        return ["/" + value for value in values]
    if name in ("variants", *_USE):
        # Many rows have one and the same list, which is put together once.
        same = [*map(id, values)]
        texts = {k: " ".join(v or ()) for k, v in dict(zip(same, values, strict=True)).items()}
        return [*map(texts.__getitem__, same)]
    return ["" if value is None else value for value in values] if None in values else values


def _note(answer: Mapping[str, Any]) -> str:
    count, spec = len(answer["specs"]), answer["spec"]
    if answer["question"] == "deps":
        note = f"{spec} depends on {counted(count, 'spec')}"
    else:
        note = f"{counted(count, 'spec')} depend{'s' * (count == 1)} on {spec}"
    return f"{note}{'' if answer['transitive'] else ', directly'}{by_deptypes(answer)}"


def tree_table(answer: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Table:
    """The table of a tree, whose names are indented by their level."""
    again = sum("again" in row for row in rows)
    note = f"{counted(len(rows), 'line')}, {again} of them repeated{by_deptypes(answer)}"
    cells: dict[str, Cell] = {
        "package": lambda row: "  " * row["level"] + row.get("package", "?"),
        "shown": lambda row: "above" if row.get("again") else "",
    }
    return table_of("tree", (*_STEP_COLUMNS, "shown"), rows, note, **cells)


def path_table(answer: Mapping[str, Any], steps: Sequence[Mapping[str, Any]]) -> Table:
    """The table of a path, from the dependent down."""
    if steps:
        count = counted(len(steps) - 1, "step")
        note = f"{count}, each with its dependency on the next{by_deptypes(answer)}"
    else:
        start, end = answer["spec"], answer["to"]
        if answer["question"] == "dependents":
            start, end = end, start
        note = f"No path: {start} does not depend on {end}{by_deptypes(answer)}."
    return table_of("path", _STEP_COLUMNS, steps, note)

"""Sections of answers as frames of pandas and Polars, which are imported when they are needed."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from cachegraph.answers.asked import Asked, Grid
from cachegraph.errors import UsageError
from cachegraph.output.tables import Table

LIBRARIES = ("pandas", "polars")
Columns = dict[str, list[Any]]


def frame_of(answer: Mapping[str, Any], asked: Asked, section: str | None, library: str) -> Any:
    """A section as a frame of the library; UsageError names the sections and libraries there are.

    Rows are those of the JSON, else those of the table.
    """
    if library not in LIBRARIES:
        raise UsageError(f"no frames of {library}", f"there are those of {', '.join(LIBRARIES)}")
    grids = asked.grids(answer)
    tables = {table.section: table for table in asked.tables(answer)}
    in_json = [name for name, value in answer.items() if _is_rows(value)]
    names = [*dict.fromkeys([*tables, *grids, *in_json])]
    if section is None:
        section = asked.main_section or _main_rows(asked, answer, grids, names)
    if section not in names:
        raise UsageError(f"no section {section}", f"there are {', '.join(names)}")
    if section in grids:
        return _grid_frame(grids[section], library)
    columns = _columns(answer[section], asked.row_keys(section)) if section in in_json else {}
    if not columns and section in tables:
        columns = _table_columns(tables[section])
    return _frame(columns, library)


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)


def _main_rows(
    asked: Asked, answer: Mapping[str, Any], grids: Mapping[str, Grid], names: Sequence[str]
) -> str:
    """The first section that is a grid or has rows in JSON, else the first of all."""
    in_order = [*dict.fromkeys([*(name for name in asked.sections if name in names), *names])]
    filled = (n for n in in_order if n in grids or (answer.get(n) and _is_rows(answer[n])))
    return next(filled, in_order[0])


def _columns(rows: Sequence[Mapping[str, Any]], keys: Any) -> Columns:
    """The values of the rows by key: the keys that they have, and the others they may have."""
    names = dict.fromkeys(name for row in rows for name in row) | dict.fromkeys(keys)
    return {name: [row.get(name) for row in rows] for name in names}


def _table_columns(table: Table) -> Columns:
    rows = [*table.rows]
    return {name: [row[i] for row in rows] for i, name in enumerate(table.columns)}


def _grid_frame(grid: Grid, library: str) -> Any:
    """The grid with its rows as the index in pandas, and as the first column in Polars."""
    columns = {name: [row[i] for row in grid.cells] for i, name in enumerate(grid.columns)}
    if not grid.rows:
        return _frame(columns, library)
    if library == "polars":
        return _frame({grid.name: [*grid.rows], **columns}, library)
    pandas = _imported(library)
    return pandas.DataFrame(columns, index=pandas.Index(grid.rows, name=grid.name))


def _frame(columns: Columns, library: str) -> Any:
    frames = _imported(library)
    if library == "polars":
        return frames.DataFrame(columns, strict=False, infer_schema_length=None)
    series = {name: _pandas_series(frames, values) for name, values in columns.items()}
    return frames.DataFrame(series)


def _pandas_series(pandas: Any, values: list[Any]) -> Any:
    """A column; whole numbers and truth values stay what they are where others are missing."""
    types = {*map(type, values)} - {type(None)}
    if len(types) != 1 or types & {list, dict}:
        return pandas.Series(values, dtype=object)
    if None in values and types <= {int, bool}:
        return pandas.Series(values, dtype="Int64" if types == {int} else "boolean")
    return pandas.Series(values)


def _imported(library: str) -> Any:
    try:
        return import_module(library)
    except ImportError as exc:
        hint = f"pip install {library}, or both: pip install 'cachegraph[frames]'"
        raise UsageError(f"frames of {library} need {library}: {exc}", hint) from exc

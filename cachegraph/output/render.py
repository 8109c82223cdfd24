"""Answers as tables for a terminal, as TSV, CSV or JSON for the rest. Knows a terminal's width."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from cachegraph.output.tables import Table

_FEW = 20
# From so many rows on a quicker writer of JSON has made up for its import.
_LONG = 500
_LEAST = 8
_LEAST_OF = {"package": 20, "differs": 30}
_GAP = "  "
_PATHS = ("location", "where")


def as_json(answer: Mapping[str, Any]) -> str:
    """The answer as one JSON document."""
    if sum(len(part) for part in answer.values() if isinstance(part, list)) > _LONG:
        import orjson

        options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        with suppress(TypeError):  # half characters and huge numbers, which json writes
            return orjson.dumps(answer, option=options).decode()
    import json

    return json.dumps(answer, indent=2, ensure_ascii=False) + "\n"


def as_tsv(tables: Sequence[Table]) -> str:
    """The sections as tab-separated lines under a header, with an empty line between them."""
    return "\n".join(_tab_separated([table.columns, *table.rows]) for table in tables)


def _tab_separated(rows: Sequence[Sequence[Any]]) -> str:
    try:
        text = "\n".join(map("\t".join, rows)) + "\n" * bool(rows)
    except TypeError:  # not all cells are text
        text = "".join(["\t".join(map(str, row)) + "\n" for row in rows])
    # Hardly ever has a value a tab or a line end in it; counting tells.
    if text.count("\t") != sum(map(len, rows)) - len(rows) or text.count("\n") != len(rows):
        text = "".join(["\t".join(map(_flat, row)) + "\n" for row in rows])
    return text


def as_csv(tables: Sequence[Table]) -> str:
    """The sections as CSV, with an empty line between them."""
    import csv
    import io

    parts = []
    for table in tables:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([table.columns, *table.rows])
        parts.append(text.getvalue())
    return "\n".join(parts)


def as_markdown(tables: Sequence[Table]) -> str:
    """The sections as Markdown's tables, those with rows, under their notes."""
    parts = []
    for table in tables:
        lines = [table.note, ""] if table.note else []
        if table.rows:
            ruled = [
                "---:" if numbers else "---" for numbers in _numeric(table.rows, len(table.columns))
            ]
            lines += [_ruled(row) for row in (table.columns, ruled, *table.rows)]
        parts.append("".join(f"{line}\n" for line in lines))
    return "\n".join(filter(None, parts))


def _ruled(row: Sequence[Any]) -> str:
    # A pipe ends a cell, and other marks would mean something.
    cells = (_flat(value).replace("\\", "\\\\").replace("|", "\\|") for value in row)
    return f"| {' | '.join(cell.replace('~', '&#126;').replace('<', '&lt;') for cell in cells)} |"


def _numeric(rows: Sequence[Sequence[Any]], columns: int) -> list[bool]:
    return [all(isinstance(row[place], (int, float)) for row in rows) for place in range(columns)]


def _flat(value: object) -> str:
    return str(value).replace("\t", " ").replace("\n", " ")


def for_terminal(tables: Sequence[Table], *, colour: bool, everything: bool) -> str:
    """The sections as columns that fit the terminal; long ones end early if not ``everything``."""
    import shutil

    width = shutil.get_terminal_size().columns
    return "\n".join(_block(table, width, colour, everything) for table in tables)


def _block(table: Table, width: int, colour: bool, everything: bool) -> str:  # private
    import textwrap

    shown = table.rows if everything else table.rows[:_FEW]
    cells = [[_visible(_flat(value)) for value in row] for row in (table.columns, *shown)]
    widths = _fitted(cells, width)
    numeric = _numeric(shown, len(widths))
    paths = [name in _PATHS for name in table.columns]
    lines = [_line(row, widths, numeric, paths) for row in cells] if table.rows else []
    if colour and lines:
        lines[0] = f"\x1b[1m{lines[0]}\x1b[0m"
    if len(shown) < len(table.rows):
        lines.append(f"... {len(table.rows) - len(shown)} more: --all shows them")
    if table.rows and len(widths) < len(table.columns):
        lines.append(f"... {len(table.columns) - len(widths)} more columns: --csv has them")
    return "".join(f"{line}\n" for line in [*textwrap.wrap(table.note, width), *lines])


def _visible(text: str) -> str:
    """The text without what a terminal would obey: marks of control are spelled out."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _fitted(cells: Sequence[Sequence[str]], width: int) -> list[int]:
    """The widths of the columns that fit: wide ones are cut first, then the last are left out."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    least = [
        min(size, max(len(head), _LEAST_OF.get(head, _LEAST)))
        for head, size in zip(cells[0], widths, strict=True)
    ]
    while (excess := sum(widths) + len(_GAP) * (len(widths) - 1) - width) > 0 and len(widths) > 1:
        room = [size - low for size, low in zip(widths, least, strict=False)]
        widest = max(range(len(widths)), key=room.__getitem__)
        if room[widest]:
            widths[widest] -= min(excess, room[widest])
        else:
            widths.pop()
    return widths


def _line(
    row: Sequence[str], widths: Sequence[int], numeric: Sequence[bool], paths: Sequence[bool]
) -> str:
    fitting = (
        _cut(text, width, path) for text, width, path in zip(row, widths, paths, strict=False)
    )
    cells = (
        text.rjust(width) if right else text.ljust(width)
        for text, width, right in zip(fitting, widths, numeric, strict=False)
    )
    return _GAP.join(cells).rstrip()


def _cut(text: str, width: int, path: bool) -> str:
    """The text, cut to a width: a path at its beginning, where paths are alike."""
    if len(text) <= width:
        return text
    return "\u2026" + text[1 - width :] if path else text[: width - 1] + "\u2026"

"""Writes answers: as JSON, and their tables as TSV, CSV, Markdown or columns for a terminal."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from cachegraph.output.printable import printable, printable_json
from cachegraph.output.tables import CHUNK, Table

# From so many rows on, the faster JSON library makes up for the time of its import.
_LONG_ANSWER = 500
_ROWS_SHOWN = 20
# The width down to which a column may be cut, or the width of its head if that is more.
_LEAST_WIDTH = 8
_LEAST_WIDTHS = {"package": 20, "differs": 30}
_GAP = "  "
_PATHS = ("location", "where")
"""Columns of paths, which are cut at their beginning: paths of one answer begin alike."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How text begins that a spreadsheet would run."""
_ELLIPSIS = "\u2026"
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


def as_json(answer: Mapping[str, Any]) -> Iterator[str]:
    """The answer as one JSON document, in parts; its long lists are never whole in memory."""
    if sum(len(part) for part in answer.values() if isinstance(part, list)) <= _LONG_ANSWER:
        yield _json(answer) + "\n"
        return
    between = "{"
    for name, value in answer.items():
        yield f"{between}\n  {_json(name)}: "
        between = ","
        if not (isinstance(value, list) and value):
            yield _indented(_long_json(value))
            continue
        for first in range(0, len(value), CHUNK):
            # Without the brackets around the items.
            items = _long_json(value[first : first + CHUNK])[1:-2]
            yield _indented(f"{',' if first else '['}{items}")
        yield "\n  ]"
    yield "\n}\n"


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")  # no line ends within a text of JSON


def _long_json(value: Any) -> str:
    import orjson

    # It refuses lone surrogates and integers of more than 64 bits, which json writes.
    with suppress(TypeError):
        return printable_json(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
    return _json(value)


def _json(value: Any) -> str:
    import json

    return printable_json(json.dumps(value, indent=2, ensure_ascii=False))


def as_tsv(tables: Sequence[Table]) -> Iterator[str]:
    """The sections as tab-separated lines under a header, with an empty line between sections."""
    return _sections(tables, _tab_separated)


Rows = Sequence[Sequence[Any]]


def _sections(tables: Sequence[Table], lines: Callable[[Rows], str]) -> Iterator[str]:
    """The parts of the sections, some rows at a time, with an empty line between sections."""
    for number, table in enumerate(tables):
        yield "\n" * bool(number) + lines([table.columns])
        for first in range(0, len(table.rows), CHUNK):
            yield lines(table.rows[first : first + CHUNK])


def _tab_separated(rows: Rows) -> str:
    try:
        text = "\n".join(map("\t".join, rows)) + "\n" * bool(rows)
    except TypeError:  # not all cells are text
        text = "".join(["\t".join(map(str, row)) + "\n" for row in rows])
    # A tab or a line end in a cell is rare: it is quicker to count them than to look for each.
    if text.count("\t") != sum(map(len, rows)) - len(rows) or text.count("\n") != len(rows):
        text = "".join(["\t".join(map(_on_one_line, row)) + "\n" for row in rows])
    return text


def _on_one_line(value: object) -> str:
    return str(value).replace("\t", " ").replace("\n", " ")


def as_csv(tables: Sequence[Table]) -> Iterator[str]:
    """The sections as CSV, with an empty line between sections.

    An apostrophe stands before text that a spreadsheet would take for a formula.
    """
    return _sections(tables, _comma_separated)


def _comma_separated(rows: Rows) -> str:
    import csv
    import io

    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([*map(_no_formula, row)] for row in rows)
    return text.getvalue()


def _no_formula(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def as_markdown(tables: Sequence[Table], heading: str = "") -> Iterator[str]:
    """The sections as Markdown tables under their notes; a section without rows is its note."""
    between = "\n" * bool(heading)
    yield f"{_markdown_cell(heading)}\n" * bool(heading)
    for table in tables:
        if not (table.note or table.rows):
            continue
        yield between + f"{table.note}\n\n" * bool(table.note)
        between = "\n"
        if table.rows:
            yield from _markdown_table(table)


def _markdown_table(table: Table) -> Iterator[str]:
    numeric = _numeric_columns(table.rows, len(table.columns))
    rule = ["---:" if right else "---" for right in numeric]
    yield from (f"{_markdown_row(row)}\n" for row in (table.columns, rule, *table.rows))


def _markdown_row(row: Sequence[Any]) -> str:
    return f"| {' | '.join(map(_markdown_cell, row))} |"


def _markdown_cell(value: object) -> str:
    """The text of a value, with everything escaped that would end the cell or be markup."""
    text = _on_one_line(value).replace("\\", "\\\\").replace("|", "\\|")
    return text.replace("~", "&#126;").replace("<", "&lt;")


def _numeric_columns(rows: Rows, count: int) -> list[bool]:
    """Whether each of so many columns has nothing but numbers."""
    numeric = [True] * count
    for row in rows:
        numeric = [n and isinstance(v, (int, float)) for n, v in zip(numeric, row, strict=True)]
        if not any(numeric):
            break
    return numeric


def for_terminal(
    tables: Sequence[Table], heading: str = "", *, colour: bool, everything: bool
) -> Iterator[str]:
    """The sections as columns that fit the terminal; long ones end early unless ``everything``."""
    import shutil
    import textwrap

    width = shutil.get_terminal_size().columns
    yield "".join(f"{line}\n" for line in textwrap.wrap(printable(heading), width))
    for number, table in enumerate(tables):
        lines = _terminal_lines(table, width, colour, everything)
        yield "\n" * bool(number or heading) + "".join(f"{line}\n" for line in lines)


def _terminal_lines(table: Table, width: int, colour: bool, everything: bool) -> Iterator[str]:
    """The note of a section, the columns that fit, and how many rows and columns are left out."""
    import textwrap

    yield from textwrap.wrap(printable(table.note), width)
    if not table.rows:
        return
    rows = table.rows if everything else table.rows[:_ROWS_SHOWN]
    cells = [[printable(_on_one_line(value)) for value in row] for row in (table.columns, *rows)]
    columns = _columns(cells, _numeric_columns(rows, len(table.columns)), width)
    head, *lines = (_line(row, columns) for row in cells)
    yield f"{_BOLD}{head}{_PLAIN}" if colour else head
    yield from lines
    if len(rows) < len(table.rows):
        yield f"... {len(table.rows) - len(rows)} more: --all shows them"
    if len(columns) < len(table.columns):
        yield f"... {len(table.columns) - len(columns)} more columns: --csv has them"


class _Column(NamedTuple):
    width: int
    numeric: bool
    path: bool

    def cell(self, text: str) -> str:
        """The text at the width of the column, cut or filled."""
        if len(text) > self.width:
            rest = self.width - 1
            text = _ELLIPSIS + text[-rest:] if self.path else text[:rest] + _ELLIPSIS
        return text.rjust(self.width) if self.numeric else text.ljust(self.width)


def _columns(cells: Sequence[Sequence[str]], numeric: Sequence[bool], width: int) -> list[_Column]:
    """The columns that fit into a width, of cells of which the first row is the head."""
    heads = cells[0]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    least = [
        min(size, max(len(head), _LEAST_WIDTHS.get(head, _LEAST_WIDTH)))
        for head, size in zip(heads, widths, strict=True)
    ]
    _fit(widths, least, width)
    paths = [head in _PATHS for head in heads]
    return [*map(_Column, widths, numeric, paths)]


def _fit(widths: list[int], least: Sequence[int], width: int) -> None:
    """Narrows the columns that can lose most, then drops the last ones, until the rest fits."""
    while len(widths) > 1 and (excess := sum(widths) + len(_GAP) * (len(widths) - 1) - width) > 0:
        room = [size - low for size, low in zip(widths, least, strict=False)]
        widest = max(range(len(widths)), key=room.__getitem__)
        if room[widest]:
            widths[widest] -= min(excess, room[widest])
        else:
            widths.pop()


def _line(row: Sequence[str], columns: Sequence[_Column]) -> str:
    return _GAP.join(
        [column.cell(text) for column, text in zip(columns, row, strict=False)]
    ).rstrip()

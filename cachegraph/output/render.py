"""Writes answers for programs and documents: as JSON, TSV, CSV or Markdown."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from cachegraph.model.coded_rows import CodedColumns, CodedRows
from cachegraph.output.printable import printable_json
from cachegraph.output.tables import CHUNK, Table, on_one_line, with_short_hashes

# From so many rows on, the faster JSON library makes up for the time of its import.
_LONG_ANSWER = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How text begins that a spreadsheet would run."""


def as_json(answer: Mapping[str, Any]) -> Iterator[str]:
    """The answer as one JSON document, in parts; its long lists are never whole in memory."""
    if sum(len(part) for part in answer.values() if _is_list(part)) <= _LONG_ANSWER:
        yield _json(answer) + "\n"
        return
    between = "{"
    for name, value in answer.items():
        yield f"{between}\n  {_json(name)}: "
        between = ","
        if not (_is_list(value) and value):
            yield _indented(_long_json(value))
            continue
        for first in range(0, len(value), CHUNK):
            # Without the brackets around the items.
            items = _long_json(value[first : first + CHUNK])[1:-2]
            yield _indented(f"{',' if first else '['}{items}")
        yield "\n  ]"
    yield "\n}\n"


def _is_list(value: object) -> bool:
    """Whether it is a list; of a long one the items may be made when they are asked for."""
    return isinstance(value, Sequence) and not isinstance(value, str)


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
    if isinstance(rows, CodedRows):
        return _joined(rows)
    try:
        text = "\n".join(map("\t".join, rows)) + "\n" * bool(rows)
    except TypeError:  # not all cells are text
        text = "".join(["\t".join(map(str, row)) + "\n" for row in rows])
    # A tab or a line end in a cell is rare: it is quicker to count them than to look for each.
    if text.count("\t") != sum(map(len, rows)) - len(rows) or text.count("\n") != len(rows):
        text = "".join(["\t".join(map(on_one_line, row)) + "\n" for row in rows])
    return text


def _joined(rows: CodedRows) -> str:
    """The same, in a fourth of the time: what many rows have alike is one text."""
    *first, last = rows.before
    parts = [_pieces(part, "{}\t") for part in first]
    keys = rows.keys
    if on_one_line(text := "".join(keys)) != text:
        keys = [*map(on_one_line, keys)]
    parts += [_pieces(last, f"{{}}\t{rows.mark}"), keys, _pieces(rows.after, "\t{}\n")]
    texts = [""] * (len(parts) * len(rows))
    for place, part in enumerate(parts):
        texts[place :: len(parts)] = part
    return "".join(texts)


def _pieces(part: CodedColumns, line: str) -> Sequence[str]:
    return part.texts(lambda cells: line.format(_one_line(cells)))


def _one_line(cells: Sequence[Any]) -> str:
    text = "\t".join(map(str, cells))
    if "\n" in text or text.count("\t") >= len(cells):
        return "\t".join(map(on_one_line, cells))
    return text


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
    text = with_short_hashes(on_one_line(value)).replace("\\", "\\\\").replace("|", "\\|")
    return text.replace("~", "&#126;").replace("<", "&lt;")


def _numeric_columns(rows: Rows, count: int) -> list[bool]:
    """Whether each of so many columns has nothing but numbers."""
    numeric = [True] * count
    for row in rows:
        numeric = [n and isinstance(v, (int, float)) for n, v in zip(numeric, row, strict=True)]
        if not any(numeric):
            break
    return numeric

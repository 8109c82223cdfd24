"""Tables and facts as HTML for notebooks: plain elements, with all text escaped."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from cachegraph.output.printable import printable
from cachegraph.output.tables import Table, counted, with_short_hashes

MOST_ROWS = 20
_LONGEST_CELL = 120
_LONGEST_WORD = 40
_LEFT, _RIGHT = "text-align:left;vertical-align:top", "text-align:right;vertical-align:top"


def as_html(
    tables: Iterable[Table], heading: str, notes: Sequence[str] = (), most_rows: int = MOST_ROWS
) -> str:
    """The heading, the notes, and each section as a table of so many rows at most."""
    parts = [f"<p><strong>{_text(heading)}</strong></p>"] if heading else []
    parts += [f"<p>Note: {_text(note)}</p>" for note in notes]
    for table in tables:
        if table.note or table.rows:
            parts += _section(table, most_rows)
    return f"<div>{''.join(parts)}</div>"


def error_as_html(message: str, hint: str | None) -> str:
    """An error with its hint."""
    return f"<p>{_text(message)}</p>" + (f"<p>Hint: {_text(hint)}</p>" if hint else "")


def _section(table: Table, most_rows: int) -> Iterable[str]:
    yield f"<p>{_text(table.note or table.section)}</p>"
    if not table.rows:
        return
    rows = [*table.rows[:most_rows]]
    # A cell that is empty is no header, for those who are read the headers with each cell.
    heads = "".join(f"<th>{_text(name)}</th>" if name else "<td></td>" for name in table.columns)
    yield f"<table><thead><tr>{heads}</tr></thead><tbody>"
    yield from (f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    yield "</tbody></table>"
    if left := len(table.rows) - len(rows):
        yield f"<p>and {counted(left, 'more row')}</p>"


def _cell(value: Any) -> str:
    """A cell: numbers to the right; where hashes or long text are cut, all of it is the title."""
    style = _RIGHT if isinstance(value, (int, float)) else _LEFT
    whole, shown = str(value), with_short_hashes(str(value))
    if len(shown) > _LONGEST_CELL:
        shown = f"{shown[: _LONGEST_CELL - 1]}…"
    if any(len(word) > _LONGEST_WORD for word in shown.split()):
        style += ";overflow-wrap:anywhere"
    title = f' title="{_text(whole)}"' if shown != whole else ""
    return f'<td style="{style}"{title}>{_text(shown)}</td>'


def _text(value: object) -> str:
    return escape(printable(str(value)))

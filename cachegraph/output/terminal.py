"""Lays tables out for a terminal: width goes to what tells rows apart, and nothing is cut."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat, zip_longest
from math import inf
from textwrap import wrap
from typing import NamedTuple

from cachegraph.output.folding import (
    WHOLE,
    Cells,
    hide_common_variants,
    numeric_columns,
    take_common,
)
from cachegraph.output.printable import printable
from cachegraph.output.tables import (
    Table,
    on_one_line,
    with_short_digests,
    with_short_hashes,
)

_GAP = "  "
_MARKS = "/-,=:;"  # a long word may be broken after any of them
_LEAST_ROWS = 3
_NARROW = (32, 20, 12)  # the widths to which columns of text may be narrowed, the best first
_MOST_LINES = 6  # of a cell
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


class Style(NamedTuple):
    """How tables are laid out; ``lines`` bounds what is printed, None prints all rows."""

    width: int
    lines: int | None = None
    colour: bool = False
    verbose: bool = False
    """Whether all variants are shown, and cells however long they are."""
    whole_hashes: bool = False


def for_terminal(tables: Sequence[Table], heading: str, style: Style) -> Iterator[str]:
    """The sections under a heading, as columns that fit the width, or as records where none do."""
    heads = [f"{line}\n" for line in wrap(printable(heading), style.width)]
    yield from heads
    sections: Iterable[_Section] = (_section(table, style) for table in tables)
    shares: Iterable[float] = repeat(inf)
    if style.lines is not None:
        sections = [*sections]
        shares = _shares(sections, style.lines - len(heads))
    for number, (section, share) in enumerate(zip(sections, shares, strict=False)):
        yield "\n" * bool(number or heads)
        for line in section.lines(share):
            yield f"{line}\n"


class _Section(NamedTuple):
    """A table laid out: what stands above its rows, the lines of each, and what stands below."""

    above: list[str]
    rows: Iterable[list[str]]
    total: int
    below: list[str]

    def lines(self, most: float) -> Iterator[str]:
        """The lines, of rows no more than fit; but a few rows in any case."""
        yield from self.above
        shown = printed = 0
        for row in self.rows:
            if shown >= _LEAST_ROWS and printed + len(row) > most:
                break
            yield from row
            shown, printed = shown + 1, printed + len(row)
        if shown < self.total:
            yield f"... {self.total - shown:,} more: --all shows them"
        yield from self.below


def _shares(sections: Sequence[_Section], lines: int) -> list[float]:
    """How many lines the rows of each section may take: short ones all, the others the same."""
    left = lines - sum(len(one.above) + len(one.below) + 2 for one in sections)
    needs = [sum(map(len, one.rows)) for one in sections]
    shares = [0.0] * len(sections)
    for done, place in enumerate(sorted(range(len(sections)), key=needs.__getitem__)):
        shares[place] = min(max(left // (len(sections) - done), 0), needs[place])
        left -= int(shares[place])
    return shares


def _section(table: Table, style: Style) -> _Section:
    """A table with its note and what its rows have in common; more rows than fit are left out."""
    above = wrap(printable(with_short_hashes(table.note)), style.width)
    if not table.rows:
        return _Section(above, [], 0, [])
    cells = [[_text(value, style) for value in row] for row in table.rows[: style.lines]]
    heads = [*table.columns]
    below = []
    if len(table.rows) > 1 and not style.verbose and hide_common_variants(heads, cells):
        below = wrap("Of the variants those that differ are shown: -v shows all.", style.width)
    if common := take_common(table, heads, cells):
        same = "; ".join(map(" ".join, common))
        above += wrap(f"Same in all rows: {same}", style.width)
    laid_out = _laid_out(heads, cells, numeric_columns(table, heads), style)
    above += next(laid_out)
    rows = laid_out if style.lines is None else [*laid_out]
    return _Section(above, rows, len(table.rows), below)


def _text(value: object, style: Style) -> str:
    text = on_one_line(value)
    if not style.whole_hashes:
        text = with_short_hashes(text)
    return printable(text if style.verbose else with_short_digests(text))


def _laid_out(
    heads: Sequence[str], cells: Cells, numeric: Sequence[bool], style: Style
) -> Iterator[list[str]]:
    """The lines of the head, then those of each row."""
    columns = [*zip(heads, *cells, strict=True)]
    found = (_widths(heads, columns, numeric, style.width, most) for most in _NARROW)
    widths = next((widths for widths in found if widths), None)
    if widths is None:
        yield []
        yield from _records(heads, cells, style)
        return
    for number, row in enumerate((heads, *cells)):
        folded = [_folded(text, width, style) for text, width in zip(row, widths, strict=True)]
        lines = [
            _GAP.join(
                part.rjust(width) if right else part.ljust(width)
                for part, width, right in zip(parts, widths, numeric, strict=True)
            ).rstrip()
            for parts in zip_longest(*folded, fillvalue="")
        ]
        is_bold = style.colour and not number
        yield [f"{_BOLD}{line}{_PLAIN}" for line in lines] if is_bold else lines


def _widths(
    heads: Sequence[str],
    columns: Sequence[Sequence[str]],
    numeric: Sequence[bool],
    width: int,
    most: int,
) -> list[int] | None:
    """The widths of columns that fit, if words longer than ``most`` may be broken; else None."""
    natural = [max(map(len, column)) for column in columns]
    least = []
    for head, column, full, right in zip(heads, columns, natural, numeric, strict=True):
        is_whole = right or head in WHOLE
        least.append(full if is_whole else min(most, max(map(_longest_word, column))))
    room = width - len(_GAP) * (len(columns) - 1)
    left = room - sum(least)
    if left < 0:
        return None
    widths = [*least]
    # Those that lack least get all they need; the others the same of what is left.
    waiting = sorted(range(len(columns)), key=lambda place: natural[place] - least[place])
    for done, place in enumerate(waiting):
        more = min(natural[place] - least[place], left // (len(waiting) - done))
        widths[place] += more
        left -= more
    return widths


def _longest_word(text: str) -> int:
    return max(map(len, text.split(" ")))


def _folded(text: str, width: int, style: Style) -> list[str]:
    """The lines of a cell; of very many the first, and how many values are left out."""
    if len(text) <= width:
        return [text]
    lines = _wrapped(text, width)
    if len(lines) <= _MOST_LINES or style.verbose:
        return lines
    shown = lines[: _MOST_LINES - 1]
    left = len(text.split()) - sum(len(line.split()) for line in shown)
    return [*shown, f"and {left} more: -v"[:width]]


def _wrapped(text: str, width: int) -> list[str]:
    """The lines of a text; a word that is too long has lines of its own, broken after a mark."""
    indent = len(text) - len(text.lstrip(" "))
    lines, line = [], " " * indent
    for word in text[indent:].split(" "):
        if line.strip() and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = ""
        *parts, last = _broken(word, width - indent)
        lines += [" " * indent + part for part in parts]
        line = f"{line} {last}" if line.strip() and not parts else " " * indent + last
    return [*lines, line]


def _broken(word: str, width: int) -> Iterator[str]:
    """The parts of a word that fit a width, each ending with a mark if it can."""
    start = 0
    while len(word) - start > width:
        part = word[start : start + width]
        part = part[: max(map(part.rfind, _MARKS)) + 1] or part
        yield part
        start += len(part)
    yield word[start:]


def _records(
    heads: Sequence[str], cells: Iterable[Sequence[str]], style: Style
) -> Iterator[list[str]]:
    """Each row as lines of a name and a value, with an empty line between rows."""
    margin = max(map(len, heads)) + len(_GAP)
    room = max(style.width - margin, _NARROW[-1])
    for number, row in enumerate(cells):
        lines = [""] * bool(number)
        for head, text in zip(heads, row, strict=True):
            folded = _folded(text, room, style) if text else []
            for name, line in zip_longest([head] if folded else [], folded, fillvalue=""):
                bold = f"{_BOLD}{name}{_PLAIN}" if style.colour and name else name
                lines.append(bold + " " * (margin - len(name)) + line)
        yield lines

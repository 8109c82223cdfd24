"""What the rows of a table have in common, so that it can be said once above them."""

from collections import defaultdict
from collections.abc import Sequence

from cachegraph.output.tables import Table

_MANY = 20_000  # rows that are looked at
WHOLE = ("hash", "from", "to", "nearest")
"""Columns whose values are neither folded nor taken out."""
Cells = list[list[str]]


def hide_common_variants(heads: list[str], cells: Cells) -> bool:
    """Leaves only those variants that differ between rows of a package; whether any are hidden."""
    if "variants" not in heads:
        return False
    place = heads.index("variants")
    package = heads.index("package") if "package" in heads else None
    by_package: defaultdict[str, list[list[str]]] = defaultdict(list)
    for row in cells:
        by_package["" if package is None else row[package]].append(row)
    hidden = False
    for rows in by_package.values():
        common = set.intersection(*({*row[place].split(" ")} for row in rows))
        hidden = hidden or bool(common - {""})
        for row in rows:
            row[place] = " ".join(one for one in row[place].split(" ") if one not in common)
    return hidden


def take_common(table: Table, heads: list[str], cells: Cells) -> list[tuple[str, str]]:
    """Removes the columns that have one text in all rows of a table; their names and values."""
    if len(table.rows) == 1 or len(table.rows) > _MANY:
        return []
    numeric = numeric_columns(table, heads)
    common, kept = [], []
    for place, (head, *values) in enumerate(zip(heads, *cells, strict=True)):
        is_common = head not in WHOLE and not numeric[place] and len({*values}) == 1
        if is_common and len(cells) < len(table.rows) and head != "variants":
            column = table.columns.index(head)
            is_common = len({row[column] for row in table.rows}) == 1
        if not is_common:
            kept.append(place)
        elif values[0]:
            common.append((head, values[0]))
    if not kept:
        return []
    heads[:] = [heads[place] for place in kept]
    cells[:] = [[row[place] for place in kept] for row in cells]
    return common


def numeric_columns(table: Table, heads: Sequence[str]) -> list[bool]:
    """Whether a column has nothing but numbers, by the first rows."""
    rows = table.rows[:_MANY]
    places = [table.columns.index(head) for head in heads]
    return [all(isinstance(row[place], (int, float)) for row in rows) for place in places]

"""A drawing of what is around a spec, to walk through: every node is a link."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from cachegraph.output.charts.graphs import Edge, tree_edges
from cachegraph.output.printable import printable
from cachegraph.output.tables import HASH_LENGTH
from cachegraph.web.addresses import spec_address

_MOST = 30
"""Nodes in a column; those left out are counted."""
_ROW, _LETTER, _GAP, _PAD = 30, 7.4, 70, 12
_BEND = 56
"""How far the line between two nodes of one column goes out to the right at most."""
_HEIGHT = 22
_LONGEST = 40


class Node(NamedTuple):
    """A spec in the drawing."""

    hash: str
    label: str
    column: int


class Neighbourhood(NamedTuple):
    """The specs around one, by column: what depends on it, itself, what it depends on."""

    nodes: list[Node]
    uses: list[Edge]
    left_out: dict[int, int]
    """How many specs of a column are left out."""


def neighbourhood(
    centre: Mapping[str, Any],
    dependents: Sequence[Mapping[str, Any]],
    tree: Sequence[Mapping[str, Any]],
    depth: int,
) -> Neighbourhood:
    """What depends on a spec directly, and what it depends on, down to a depth.

    ``dependents`` are rows of that answer, ``tree`` the rows of the tree of ``deps``.
    """
    rows = {row["hash"]: row for row in tree}
    uses = [*dict.fromkeys(tree_edges(tree))]
    below: defaultdict[str, list[str]] = defaultdict(list)
    for use in uses:
        below[use.start].append(use.end)
    columns = [[centre["hash"]]]
    seen = {centre["hash"]}
    for _ in range(depth):
        ends = (end for start in columns[-1] for end in below[start])
        column = [end for end in dict.fromkeys(ends) if end not in seen]
        seen.update(column)
        columns.append(column)
    nodes, left_out = [], {}
    names = {row["hash"]: row for row in dependents} | rows | {centre["hash"]: centre}
    for number, column in ((-1, [row["hash"] for row in dependents]), *enumerate(columns)):
        nodes += [Node(hash_, _label(names[hash_]), number) for hash_ in column[:_MOST]]
        if len(column) > _MOST:
            left_out[number] = len(column) - _MOST
    shown = {node.hash for node in nodes}
    above = [
        Edge(row["hash"], centre["hash"], ", ".join(row.get("deptypes", ()))) for row in dependents
    ]
    kept = [use for use in above + uses if {use.start, use.end} <= shown]
    return Neighbourhood(nodes, kept, left_out)


def _label(row: Mapping[str, Any]) -> str:
    text = printable(f"{row.get('package', '?')}@{row.get('version', '?')}")
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return f"{text} /{row['hash'][:HASH_LENGTH]}"


def as_svg(found: Neighbourhood, link: Callable[[str], str | None]) -> str:
    """The drawing as SVG; ``link`` makes of the address of a page what leads there, if anything."""
    columns: defaultdict[int, list[Node]] = defaultdict(list)
    for node in found.nodes:
        columns[node.column].append(node)
    most = max(map(len, columns.values()))
    places, x = {}, float(_PAD)
    widths = {}
    for number in sorted(columns):
        width = max(_width(node.label) for node in columns[number])
        for place, node in enumerate(columns[number]):
            middle = (place + 0.5) * most / len(columns[number]) * _ROW + _PAD
            places[node.hash, number] = x, middle
            widths[node.hash] = width
        x += width + _GAP
    height = most * _ROW + 2 * _PAD + (_ROW if found.left_out else 0)
    where = {node.hash: places[node.hash, node.column] for node in found.nodes}
    parts = [_line(where[use.start], widths[use.start], where[use.end], use) for use in found.uses]
    parts += [_node(node, where[node.hash], widths[node.hash], link) for node in found.nodes]
    for number, left in found.left_out.items():
        at = places[columns[number][0].hash, number][0]
        text = f"and {left} more: below"
        parts.append(f'<text x="{at:.0f}" y="{height - _PAD:.0f}">{text}</text>')
    size = f'viewBox="0 0 {x - _GAP + _BEND:.0f} {height:.0f}" width="{x - _GAP + _BEND:.0f}"'
    title = "What depends on the spec, the spec, and what it depends on, from left to right"
    return (
        f'<svg class="neighbours" xmlns="http://www.w3.org/2000/svg" {size} height="{height:.0f}" '
        f'role="group" aria-label="{title}">{"".join(parts)}</svg>'
    )


def _width(label: str) -> float:
    return len(label) * _LETTER + 16


def _line(start: tuple[float, float], width: float, end: tuple[float, float], use: Edge) -> str:
    x, y = start[0] + width, start[1]
    if end[0] <= start[0]:  # in the same column, or one before
        out, back = x + min(_BEND, 12 + abs(end[1] - y) / 4), end[0] + width
        bend = f"C {out:.0f} {y:.0f} {out:.0f} {end[1]:.0f} {back:.0f} {end[1]:.0f}"
    else:
        middle = (x + end[0]) / 2
        bend = f"C {middle:.0f} {y:.0f} {middle:.0f} {end[1]:.0f} {end[0]:.0f} {end[1]:.0f}"
    kind = "build" if use.label == "build" else "link"
    title = f"<title>{escape(use.label)}</title>" if use.label else ""
    return f'<path class="{kind}" d="M {x:.0f} {y:.0f} {bend}">{title}</path>'


def _node(
    node: Node, at: tuple[float, float], width: float, link: Callable[[str], str | None]
) -> str:
    x, y = at[0], at[1] - _HEIGHT / 2
    kind = "centre" if node.column == 0 else "node"
    box = f'<rect x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{_HEIGHT}" rx="4"/>'
    text = f'<text x="{x + 8:.0f}" y="{at[1] + 4:.0f}">{escape(node.label)}</text>'
    address = None if node.column == 0 else link(spec_address(node.hash))
    inner = f'<g class="{kind}">{box}{text}</g>'
    return f'<a href="{escape(address)}">{inner}</a>' if address else inner

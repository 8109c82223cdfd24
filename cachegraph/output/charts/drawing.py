"""A layered drawing: what depends stands left of what it depends on."""

from collections.abc import Mapping, Sequence
from typing import Any

from cachegraph.output.charts import PAPER, Chart
from cachegraph.output.charts.bars import BLUE, ORANGE
from cachegraph.output.charts.graphs import drawings_of
from cachegraph.output.charts.labels import width
from cachegraph.output.charts.layers import layered

_MOST = 150  # nodes
_LINE = "#929292"
_ROW = 24
_POINT = 12  # the width of a point before its label
_GAP, _LEAST_GAP, _MOST_GAP = 4, 40, 120  # between layers: for each row, else lines are too steep


def chart(answer: Mapping[str, Any]) -> Chart:
    """Nodes in layers, with lines from each to what it depends on."""
    drawings = [*drawings_of(answer)]
    drawing = next((one for one in drawings if len(one.nodes) <= _MOST), drawings[-1])
    if len(drawing.nodes) > _MOST:
        count = f"{len(drawing.nodes)} specs are too many to read; {_MOST} can be"
        raise ValueError(f"{count}: narrow it down with --deptype or --in, or name a .dot file")
    edges = [(edge.start, edge.end) for edge in drawing.edges]
    layers, pieces = layered([node.key for node in drawing.nodes], edges)
    widths = {node.key: width(node.label) + _POINT for node in drawing.nodes}
    places, ends = _places(widths, layers)
    values = [
        {"label": node.label, "marked": node.is_marked, **places[node.key]}
        for node in drawing.nodes
    ]
    lines = [
        {**places[start], "x": ends[start], "x2": places[end]["x"], "y2": places[end]["y"]}
        for start, end in pieces
    ]
    # Past the labels of its layer a line is level.
    lines += [
        {"x": places[key]["x"] + widths.get(key, 0), "x2": ends[key]}
        | dict.fromkeys(("y", "y2"), places[key]["y"])
        for key in dict.fromkeys(start for start, _ in pieces)
    ]
    shape = f"{len(drawing.nodes)} nodes in {len(layers)} layers, {len(drawing.edges)} lines"
    return Chart(drawing.title, f"{shape}.", _spec(values, lines, layers))


def _places(
    widths: Mapping[str, float], layers: Sequence[Sequence[str]]
) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """Where each node is, and where lines leave its layer: right of the widest label."""
    most = max(map(len, layers))
    places, ends, x = {}, {}, 0.0
    for layer in layers:
        widest = max(widths.get(key, 0) for key in layer)
        for place, key in enumerate(layer):
            places[key] = {"x": x, "y": (place + 0.5) * most / len(layer) * _ROW}
            ends[key] = x + widest
        x += widest + min(max(_GAP * most, _LEAST_GAP), _MOST_GAP)
    return places, ends


def _spec(
    nodes: Sequence[dict[str, Any]],
    lines: Sequence[dict[str, Any]],
    layers: Sequence[Sequence[str]],
) -> dict[str, Any]:
    right = max(node["x"] + width(node["label"]) + _POINT for node in nodes)
    height = max(map(len, layers)) * _ROW
    place: dict[str, Any] = {"type": "quantitative", "axis": None}
    x = {**place, "field": "x", "scale": {"domain": [0, right], "nice": False}}
    y = {**place, "field": "y", "scale": {"domain": [0, height], "nice": False, "reverse": True}}
    ends = {"x": x, "y": y, "x2": {"field": "x2"}, "y2": {"field": "y2"}}
    colour = {"condition": {"test": "datum.marked", "value": ORANGE}, "value": BLUE}
    text = {"x": x, "y": y, "text": {"field": "label"}}
    mark = {"type": "text", "align": "left", "dx": 8, "fontSize": 11}
    halo = {**mark, "stroke": PAPER, "strokeWidth": 4, "strokeJoin": "round"}
    return {
        "width": right,
        "height": height,
        "layer": [
            {
                "data": {"values": lines},
                "mark": {"type": "rule", "color": _LINE},
                "encoding": ends,
            },
            {
                "data": {"values": nodes},
                "mark": {"type": "circle", "size": 60, "opacity": 1},
                "encoding": {"x": x, "y": y, "color": colour},
            },
            {"data": {"values": nodes}, "mark": halo, "encoding": text},
            {"data": {"values": nodes}, "mark": mark, "encoding": text},
        ],
    }

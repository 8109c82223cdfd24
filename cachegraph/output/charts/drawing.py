"""A layered drawing: what depends stands left of what it depends on."""

from collections.abc import Mapping, Sequence
from typing import Any

from cachegraph.output.charts import PAPER, Chart
from cachegraph.output.charts.bars import BLUE, ORANGE
from cachegraph.output.charts.graphs import Drawing, drawings_of
from cachegraph.output.charts.labels import width

_MOST = 150  # nodes
_LINE = "#929292"
_SWEEPS = 6
_ROW = 24
_GAP, _LEAST_GAP, _MOST_GAP = 6, 40, 200  # between layers: for each row, else lines are too steep


def chart(answer: Mapping[str, Any]) -> Chart:
    """Nodes in layers, with lines from each to what it depends on."""
    drawings = [*drawings_of(answer)]
    drawing = next((one for one in drawings if len(one.nodes) <= _MOST), drawings[-1])
    if len(drawing.nodes) > _MOST:
        count = f"{len(drawing.nodes)} specs are too many to read; {_MOST} can be"
        raise ValueError(f"{count}: narrow it down with --deptype or --in, or name a .dot file")
    layers = _layers(drawing)
    places = _places(drawing, layers)
    values = [
        {
            "label": node.label,
            "marked": node.is_marked,
            **places[node.key],
        }
        for node in drawing.nodes
    ]
    ends = {node.key: places[node.key]["x"] + _width(node.label) for node in drawing.nodes}
    lines = [
        {
            "x": ends[edge.start],
            "y": places[edge.start]["y"],
            "x2": places[edge.end]["x"],
            "y2": places[edge.end]["y"],
        }
        for edge in drawing.edges
    ]
    shape = f"{len(drawing.nodes)} nodes in {len(layers)} layers, {len(drawing.edges)} lines"
    return Chart(drawing.title, f"{shape}.", _spec(values, lines, layers))


def _layers(drawing: Drawing) -> list[list[str]]:
    """The keys of the nodes by layer: each node is right of all that depend on it."""
    import networkx

    graph: networkx.DiGraph[str] = networkx.DiGraph()
    graph.add_nodes_from(node.key for node in drawing.nodes)
    graph.add_edges_from((edge.start, edge.end) for edge in drawing.edges)
    if not networkx.is_directed_acyclic_graph(graph):
        raise ValueError("the dependencies have a cycle")
    layers = [[*layer] for layer in networkx.topological_generations(graph)]
    # Each layer by the middle of its neighbours in the layer before or after, to and fro.
    for sweep in range(_SWEEPS):
        to, fro = (graph.pred, layers) if sweep % 2 == 0 else (graph.succ, layers[::-1])
        rank: dict[str, float] = {}
        for layer in fro:
            near = {key: [rank[other] for other in to[key] if other in rank] for key in layer}
            now = {key: place for place, key in enumerate(layer)}
            layer.sort(key=lambda key: (_middle(near[key], now[key]), now[key]))
            rank |= {key: (place + 0.5) / len(layer) for place, key in enumerate(layer)}
    return layers


def _middle(ranks: Sequence[float], otherwise: float) -> float:
    return sum(ranks) / len(ranks) if ranks else otherwise / 1000


def _width(label: str) -> float:
    """How long a label is, with its point."""
    return width(label) + 12


def _places(drawing: Drawing, layers: Sequence[Sequence[str]]) -> dict[str, dict[str, float]]:
    """Where each node is: layers are as far apart as their labels are long."""
    widths = {node.key: _width(node.label) for node in drawing.nodes}
    most = max(map(len, layers))
    found, x = {}, 0.0
    for layer in layers:
        for place, key in enumerate(layer):
            found[key] = {"x": x, "y": (place + 0.5) * most / len(layer) * _ROW}
        x += max(widths[key] for key in layer) + min(max(_GAP * most, _LEAST_GAP), _MOST_GAP)
    return found


def _spec(
    nodes: Sequence[dict[str, Any]],
    lines: Sequence[dict[str, Any]],
    layers: Sequence[Sequence[str]],
) -> dict[str, Any]:
    right = max(node["x"] + _width(node["label"]) for node in nodes)
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

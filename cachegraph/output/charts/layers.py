"""Nodes in layers: each right of all that depend on it, and near to its neighbours."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

_SWEEPS = 6
_BEND = "\0"  # begins the key of a bend, and of no node


class Layered(NamedTuple):
    """The keys of nodes and of bends by layer, and lines between neighbouring layers.

    A line that passes a layer has a bend there, where no node is, and shares it with all lines to
    the same node.
    """

    layers: list[list[str]]
    lines: list[tuple[str, str]]


def is_bend(key: str) -> bool:
    """Whether the key is of a bend."""
    return key.startswith(_BEND)


def layered(nodes: Sequence[str], edges: Sequence[tuple[str, str]]) -> Layered:
    """The nodes in layers, with lines for the edges; ValueError if the edges have a cycle."""
    import networkx

    graph: networkx.DiGraph[str] = networkx.DiGraph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from(edges)
    if not networkx.is_directed_acyclic_graph(graph):
        raise ValueError("the dependencies have a cycle")
    layers = [[*layer] for layer in networkx.topological_generations(graph)]
    numbers = {key: number for number, layer in enumerate(layers) for key in layer}
    lines = [*dict.fromkeys(line for edge in edges for line in _pieces(*edge, numbers))]
    for key in dict.fromkeys(end for _, end in lines if is_bend(end)):
        layers[int(key[1:].partition(" ")[0])].append(key)
    routed = networkx.DiGraph(lines)
    routed.add_nodes_from(nodes)
    # Each layer by the middle of its neighbours in the layer before or after, to and fro.
    for sweep in range(_SWEEPS):
        to, fro = (routed.pred, layers) if sweep % 2 == 0 else (routed.succ, layers[::-1])
        rank: dict[str, float] = {}
        for layer in fro:
            near = {key: [rank[other] for other in to[key] if other in rank] for key in layer}
            now = {key: place for place, key in enumerate(layer)}
            layer.sort(key=lambda key: (_middle(near[key], now[key]), now[key]))
            rank |= {key: (place + 0.5) / len(layer) for place, key in enumerate(layer)}
    return Layered(layers, lines)


def _pieces(start: str, end: str, numbers: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """The lines from layer to layer that make an edge."""
    between = range(numbers[start] + 1, numbers[end])
    return pairwise([start, *(f"{_BEND}{number} {end}" for number in between), end])


def _middle(ranks: Sequence[float], otherwise: float) -> float:
    return sum(ranks) / len(ranks) if ranks else otherwise / 1000

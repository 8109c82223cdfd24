"""Writes the JSON of nodes and edges that NetworkX and D3 read, by NetworkX."""

import os
from collections.abc import Iterable
from pathlib import Path

from cachegraph.exports.files import atomic_bytes
from cachegraph.exports.networkx_graph import graph_of
from cachegraph.model.elements import Element


def export(elements: Iterable[Element], path: str | os.PathLike[str]) -> int:
    """Writes the elements as node-link JSON; returns the number of nodes and relationships.

    Nodes and edges have what they have in NetworkX. UsageError if there are too many, StoreError if
    the file cannot be written.
    """
    import networkx as nx
    import orjson

    graph, count = graph_of(elements, path)
    try:
        made = nx.node_link_data(graph, edges="edges")
    except TypeError:  # before NetworkX 3.4
        made = nx.node_link_data(graph, link="edges")  # type: ignore[call-arg]
    with atomic_bytes(Path(path)) as file:
        file.write(orjson.dumps(made))
    return count

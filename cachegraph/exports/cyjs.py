"""Writes Cytoscape's JSON, by NetworkX: for Cytoscape and Cytoscape.js."""

import os
from collections.abc import Iterable
from pathlib import Path

from cachegraph.exports.files import atomic_bytes
from cachegraph.exports.networkx_graph import add_captions, graph_of
from cachegraph.model.elements import Element
from cachegraph.model.graphml_form import INTERACTION, NAME, attribute


def export(elements: Iterable[Element], path: str | os.PathLike[str]) -> int:
    """Writes the elements as Cytoscape's JSON; returns the number of nodes and relationships.

    Cytoscape shows the ``name`` of a node: there it is what the label is in other formats. A
    property of that name is ``short_name``. UsageError if there are too many, StoreError if the
    file cannot be written.
    """
    import networkx as nx
    import orjson

    graph, count = graph_of(elements, path)
    for data in graph.nodes.values():
        if NAME in data:
            data[attribute(NAME)] = data[NAME]
    add_captions(graph, "caption", INTERACTION)
    for data in graph.nodes.values():
        data[NAME] = data.pop("caption")
    # To Cytoscape.js the data of a graph is an object; NetworkX makes a list.
    text = orjson.dumps(nx.cytoscape_data(graph) | {"data": {}})
    with atomic_bytes(Path(path)) as file:
        file.write(text)
    return count

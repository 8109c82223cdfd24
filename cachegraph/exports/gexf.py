"""Writes GEXF, the format of Gephi, by NetworkX: lists are JSON, as in GraphML."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from cachegraph.exports.files import atomic_bytes
from cachegraph.exports.networkx_graph import add_captions, change_texts, graph_of
from cachegraph.model import elements as model
from cachegraph.model.xml_text import REPLACEMENTS

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_TABLE = str.maketrans(REPLACEMENTS)


def export(elements: Iterable[model.Element], path: str | os.PathLike[str]) -> int:
    """Writes the elements as GEXF; returns the number of nodes and relationships.

    Nodes are named ``Label:key``. UsageError if there are too many, StoreError if the file cannot
    be written.
    """
    from networkx.readwrite.gexf import GEXFWriter

    graph, count = graph_of(elements, path)
    add_captions(graph, "label", "label")
    change_texts(graph, lambda text: text.translate(_TABLE))
    writer = GEXFWriter(graph, prettyprint=False)
    for element in writer.xml.iter("graph"):
        element.attrib.pop("name", None)  # which the schema of GEXF does not have
    for attributes in writer.xml.iter("attributes"):
        for attribute in attributes:
            _mend(attribute, attributes.get("class"))
    with atomic_bytes(Path(path)) as file:
        writer.write(file)
    return count


def _mend(attribute: "Element", of: str | None) -> None:
    """Declares an attribute as Gephi needs it, under our name for it."""
    # To Gephi an integer has 32 bits: the size of an archive may need more.
    if attribute.get("type") == "integer":
        attribute.set("type", "long")
    # NetworkX calls so what is a key: a property of stacks, and the type of a relationship.
    if attribute.get("title") == "networkx_key":
        attribute.set("title", "key" if of == "node" else "kind")

"""The graph of elements in memory, for the formats that NetworkX writes; with a limit."""

import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, cast

from cachegraph.errors import UsageError
from cachegraph.exports import FORMATS, IN_MEMORY
from cachegraph.exports.captions import caption
from cachegraph.model.elements import Element, Nodes
from cachegraph.model.kinds import STRINGS
from cachegraph.model.schema import NODE_TYPES

if TYPE_CHECKING:
    import networkx as nx

MOST = 400_000
"""Nodes and relationships: GEXF of 346,469 took 8 s of CPU and 860 MB, and is 102 MB large."""
_TYPES = {type_.label: type_ for type_ in NODE_TYPES}


def graph_of(
    elements: Iterable[Element], path: str | os.PathLike[str]
) -> "tuple[nx.MultiDiGraph[str], int]":
    """The graph of all elements, and how many nodes and relationships it has.

    UsageError as soon as there are more than the formats in memory are good for.
    """
    from cachegraph.stores.networkx import NetworkXStore

    store, count = NetworkXStore(), 0

    def counted() -> Iterator[Element]:
        nonlocal count
        for element in elements:
            count += len(element.keys if isinstance(element, Nodes) else element.starts)
            if count > MOST:
                others = ", ".join(name for name in FORMATS if name not in IN_MEMORY)
                raise UsageError(
                    f"{os.fspath(path)}: more than {MOST:,} nodes and relationships, too many for "
                    f"this format",
                    f"export a part, with --in STACK or --around SPEC, or all as one of {others}",
                )
            yield element

    store.load(counted())
    return store.graph, count


def add_captions(graph: "nx.MultiDiGraph[str]", of_nodes: str, of_edges: str) -> None:
    """Gives nodes their captions and edges their types, as attributes of these names."""
    for data in graph.nodes.values():
        type_ = _TYPES[data["kind"]]
        data[of_nodes] = caption(type_, data[type_.key.name], data)
    for _, _, name, data in graph.edges(keys=True, data=True):
        data[of_edges] = name


def change_texts(graph: "nx.MultiDiGraph[str]", change: Callable[[str], str]) -> None:
    """Makes each list a text in JSON, and changes all texts, also in the names of nodes."""
    import networkx as nx

    def changed(value: Any) -> Any:
        if isinstance(value, tuple):
            value = STRINGS.encode(value)
        return change(value) if isinstance(value, str) else value

    every = [*graph.nodes.values(), *(data for _, _, data in graph.edges(data=True))]
    for data in every:
        for name, value in data.items():
            data[name] = changed(value)
    renamed = {name: change(name) for name in graph if change(name) != name}
    if renamed:
        nx.relabel_nodes(graph, cast("Any", renamed), copy=False)

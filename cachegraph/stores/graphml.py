"""Reads a GraphML file that cachegraph exported: line by line, else with NetworkX's reader."""

import gzip
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast
from xml.etree.ElementTree import ParseError

import networkx as nx
from networkx.readwrite.graphml import GraphMLReader

from cachegraph.errors import StoreError
from cachegraph.model.elements import Element, Nodes, Properties, Relationships
from cachegraph.model.graphml_form import NAME, attribute
from cachegraph.model.kinds import BOOLEAN, STRINGS
from cachegraph.model.schema import (
    NODE_TYPES,
    RELATIONSHIP_TYPES,
    NodeType,
    Property,
    RelationshipType,
)
from cachegraph.model.xml_text import restore

_PROLOG = re.compile(rb"\s*(<\?xml[^>]*\?>)?\s*(<!--[^>]*-->\s*)*<graphml[\s>]").match
# What may come out of compressed bytes: times their number, and bytes besides. Exports have 14.
_LIMITS = ((40, 4 << 20), (10, 100 << 20))
_EXPORT = "make one: cachegraph export graph.graphml"
_LABELS = {type_.label: type_ for type_ in NODE_TYPES}
_TYPES = {type_.name: type_ for type_ in RELATIONSHIP_TYPES}
_RENAMED = [
    p.name for t in NODE_TYPES for p in (t.key, *t.properties) if attribute(p.name) != p.name
]
Type = TypeVar("Type", NodeType, RelationshipType)


# What NetworkX and expat raise for XML that no export of ours is, besides their own errors.
_UNREADABLE = (
    ParseError,
    nx.NetworkXException,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)


def own_form(path: Path) -> "tuple[nx.MultiDiGraph[str], Mapping[NodeType, list[str]]] | None":
    """The graph of a file just as our export writes it, and its nodes by label; None for others."""
    from cachegraph.stores.graphml_lines import OtherForm, read_lines

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    try:
        with _reading(path), _opened(path) as stream:
            names = read_lines(stream, graph)
    except OtherForm:
        return None
    return graph, {type_: [*of_type.values()] for type_, of_type in names.items()}


def elements(path: Path) -> Iterator[Element]:
    """The nodes and relationships of an exported file; StoreError if the file is anything else."""
    try:
        with _reading(path):
            graph = _read(path)
    except _UNREADABLE as exc:
        raise StoreError(f"{path}: not GraphML of cachegraph: {exc}", _EXPORT) from exc
    for name, data in graph.nodes(data=True):
        with _named(path, f"node {name}"):
            yield _node(name, data)
    for start, end, data in graph.edges(data=True):
        with _named(path, f"edge from {start} to {end}"):
            yield _relationship(graph, start, end, data)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turns errors of the file itself into a StoreError."""
    try:
        yield
    except FileNotFoundError as exc:
        raise StoreError(f"no store at {path}", _EXPORT) from exc
    except (OSError, EOFError, zlib.error) as exc:
        raise StoreError(f"{path}: cannot be read: {exc}", "export it again") from exc


def _opened(path: Path) -> BinaryIO:
    packed = path.name.endswith(".gz")
    return cast("BinaryIO", _Unpacked(path)) if packed else path.open("rb")


@contextmanager
def _named(path: Path, what: str) -> Iterator[None]:
    """Turns errors of one node or edge into a StoreError that names it."""
    try:
        yield
    except KeyError as exc:
        message = f"{path}: GraphML, but not of cachegraph: {what[:100]} is without {exc}"
        raise StoreError(message, _EXPORT) from exc
    except (ValueError, RecursionError) as exc:
        message = f"{path}: GraphML, but not of cachegraph: {what[:100]} {exc}"
        raise StoreError(message, _EXPORT) from exc


class _Unpacked(gzip.GzipFile):
    """A compressed file; StoreError as soon as more comes out than of any export of that size."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._path = path
        size = path.stat().st_size
        self._most = min(times * size + besides for times, besides in _LIMITS)

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        if self.tell() > self._most:
            message = f"{self._path}: larger than {self._most:,} bytes when decompressed"
            raise StoreError(message, "if it is what you mean, decompress it first (gunzip)")
        return data


class _Reader(GraphMLReader):
    """NetworkX's reader, without keeping the text of the nodes and edges that it has read."""

    def add_node(self, graph: Any, element: Any, *rest: Any) -> None:
        super().add_node(graph, element, *rest)
        element.clear()

    def add_edge(self, graph: Any, element: Any, *rest: Any) -> None:
        super().add_edge(graph, element, *rest)
        element.clear()


def _read(path: Path) -> "nx.MultiDiGraph[str]":
    with _opened(path) as stream:
        # Only comments may precede <graphml>: a document type could declare entities that expand
        # without bound, and an exported file has none.
        if not _PROLOG(stream.read(4096)):
            raise StoreError(f"{path}: not GraphML of cachegraph", _EXPORT)
        stream.seek(0)
        graphs = _Reader(force_multigraph=True)(path=stream)
        graph: nx.MultiDiGraph[str] | None = next(graphs, None)
        if graph is None:
            raise StoreError(f"{path}: not GraphML of cachegraph: no graph in it", _EXPORT)
        return graph


def _node(name: str, data: dict[str, Any]) -> Nodes:
    type_ = _type(_LABELS, data)
    data = _own(name, data)
    key = _value(type_.key, data)
    if restore(name) != f"{type_.label}:{key}":
        raise ValueError("is not named after its label and key")
    return Nodes.of(type_, [key], _properties(type_.properties, data))


def _own(name: str, data: dict[str, Any]) -> dict[str, Any]:
    """The properties of a node under their own names.

    Exports before 0.2.0 have them so, and no attribute that holds the name of the node.
    """
    own = {p: data[attribute(p)] for p in _RENAMED if attribute(p) in data}
    return {k: v for k, v in data.items() if (k, v) != (NAME, name)} | own


def _relationship(
    graph: "nx.MultiDiGraph[str]", start: str, end: str, data: dict[str, Any]
) -> Relationships:
    type_ = _type(_TYPES, data)
    for node, label in ((start, type_.start), (end, type_.end)):
        if graph.nodes[node].get("kind") != label.label:
            raise ValueError(f"is a {type_.name}, but {node[:100]} is no {label.label}")
    start_key = restore(start).removeprefix(f"{type_.start.label}:")
    end_key = restore(end).removeprefix(f"{type_.end.label}:")
    return Relationships(type_, [start_key], end_key, _properties(type_.properties, data))


def _type(types: dict[str, Type], data: dict[str, Any]) -> Type:
    kind = data["kind"]
    if kind not in types:
        raise ValueError(f"is of the unknown kind {str(kind)[:100]!r}")
    return types[kind]


def _properties(properties: tuple[Property, ...], data: dict[str, Any]) -> Properties:
    return {p.name: _value(p, data) for p in properties if p.name in data}


def _value(property_: Property, data: dict[str, Any]) -> Any:
    """The value of a property; ValueError if it is not of the property's type."""
    value, kind = data[property_.name], property_.kind
    if kind is BOOLEAN and type(value) is int and value in (0, 1):
        return bool(value)
    if type(value) is not (kind.python if kind is not STRINGS else str):
        raise ValueError(f"has a {property_.name} that is no {kind.name}: {str(value)[:100]!r}")
    if isinstance(value, str):
        value = restore(value)
        return kind.decode(value) if kind is STRINGS else value
    return kind.decode(kind.encode(value))

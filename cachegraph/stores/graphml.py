"""Reads a GraphML file that cachegraph exported, with NetworkX's reader."""

import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import networkx as nx

from cachegraph.errors import StoreError
from cachegraph.model.elements import Element, Nodes, Properties, Relationships
from cachegraph.model.schema import NODE_TYPES, RELATIONSHIP_TYPES, STRINGS, Property
from cachegraph.model.xml_text import restore

_PROLOG = re.compile(rb"\s*(<\?xml[^>]*\?>)?\s*(<!--[^>]*-->\s*)*<graphml[\s>]").match
_EXPORT = "make one: cachegraph export graph.graphml"


def elements(path: Path) -> Iterator[Element]:
    """The nodes and relationships of an exported file; StoreError if the file is anything else."""
    try:
        graph = _read(path)
    except FileNotFoundError as exc:
        raise StoreError(f"no store at {path}", _EXPORT) from exc
    except (OSError, EOFError, zlib.error) as exc:
        raise StoreError(f"{path}: cannot be read: {exc}", "export it again") from exc
    except (ParseError, nx.NetworkXError, ValueError, KeyError, RecursionError) as exc:
        raise StoreError(f"{path}: not GraphML of cachegraph: {exc}", _EXPORT) from exc
    try:
        yield from _nodes(path, graph)
        yield from _relationships(graph)
    except (KeyError, TypeError, ValueError) as exc:
        message = f"{path}: GraphML, but not of cachegraph: a node or edge without {exc}"
        raise StoreError(message, _EXPORT) from exc


def _read(path: Path) -> "nx.MultiDiGraph[str]":
    open_file: Any = gzip.open if path.name.endswith(".gz") else open
    with open_file(path, "rb") as stream:
        # Only comments may precede <graphml>: a document type could declare entities that expand
        # without bound, and an exported file has none.
        if not _PROLOG(stream.read(4096)):
            raise StoreError(f"{path}: not GraphML of cachegraph", _EXPORT)
        stream.seek(0)
        graph: nx.MultiDiGraph[str] = nx.read_graphml(stream, force_multigraph=True)  # type: ignore[assignment]  # forced
        return graph


def _nodes(path: Path, graph: "nx.MultiDiGraph[str]") -> Iterator[Nodes]:
    labels = {type_.label: type_ for type_ in NODE_TYPES}
    for name, data in graph.nodes(data=True):
        type_ = labels[data["kind"]]
        key = restore(data[type_.key.name])
        yield Nodes.of(type_, [key], _properties(type_.properties, data))
        if restore(name) != f"{type_.label}:{key}":
            raise StoreError(f"{path}: node {name} is not named after its label and key")


def _relationships(graph: "nx.MultiDiGraph[str]") -> Iterator[Relationships]:
    types = {type_.name: type_ for type_ in RELATIONSHIP_TYPES}
    for start, end, data in graph.edges(data=True):
        type_ = types[data["kind"]]
        start_key = restore(start).removeprefix(f"{type_.start.label}:")
        end_key = restore(end).removeprefix(f"{type_.end.label}:")
        yield Relationships(type_, [start_key], end_key, _properties(type_.properties, data))


def _properties(properties: tuple[Property, ...], data: dict[str, Any]) -> Properties:
    kinds = {p.name: p.kind for p in properties if p.name in data}
    values = {name: _restored(data[name]) for name in kinds}
    lists = {name: kind.decode(values[name]) for name, kind in kinds.items() if kind is STRINGS}
    return values | lists


def _restored(value: Any) -> Any:
    return restore(value) if isinstance(value, str) else value

"""Reads an exported GraphML file back, through NetworkX. It is data: it declares no entities."""

import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import ParseError

import networkx as nx

from cachegraph.errors import StoreError
from cachegraph.model.elements import Element, Nodes, Properties, Relationships
from cachegraph.model.schema import NODE_TYPES, RELATIONSHIP_TYPES, STRINGS, Property

_PROLOG = re.compile(rb"\s*(<\?xml[^>]*\?>)?\s*(<!--[^>]*-->\s*)*<graphml[\s>]").match
_EXPORT = "make one: cachegraph export graph.graphml"


def elements(path: Path) -> Iterator[Element]:
    """The elements of an exported file; StoreError when it is something else."""
    try:
        graph = _read(path)
    except FileNotFoundError as exc:
        raise StoreError(f"no store at {path}", _EXPORT) from exc
    except (OSError, EOFError, zlib.error) as exc:
        raise StoreError(f"{path}: cannot be read: {exc}", "export it again") from exc
    except (ParseError, nx.NetworkXError, ValueError, KeyError, RecursionError) as exc:
        raise StoreError(f"{path}: not GraphML of cachegraph: {exc}", _EXPORT) from exc
    labels = {type_.label: type_ for type_ in NODE_TYPES}
    types = {type_.name: type_ for type_ in RELATIONSHIP_TYPES}
    try:
        for name, data in graph.nodes(data=True):
            type_ = labels[data["kind"]]
            yield Nodes.of(type_, [data[type_.key.name]], _properties(type_.properties, data))
            if name != f"{type_.label}:{data[type_.key.name]}":
                raise StoreError(f"{path}: node {name} is not named after its label and key")
        for start, end, data in graph.edges(data=True):
            of = types[data["kind"]]
            keys = (
                name.removeprefix(f"{t.label}:") for name, t in ((start, of.start), (end, of.end))
            )
            yield Relationships(of, [next(keys)], next(keys), _properties(of.properties, data))
    except (KeyError, TypeError, ValueError) as exc:
        raise StoreError(
            f"{path}: GraphML, but not of cachegraph: a node or edge without {exc}", _EXPORT
        ) from exc


def _read(path: Path) -> "nx.MultiDiGraph[str]":
    opened: Any = gzip.open if path.name.endswith(".gz") else open
    with opened(path, "rb") as stream:
        _refuse_entities(path, stream)
        stream.seek(0)
        graph: nx.MultiDiGraph[str] = nx.read_graphml(stream, force_multigraph=True)  # type: ignore[assignment]  # forced
        return graph


def _refuse_entities(path: Path, stream: IO[bytes]) -> None:
    """XML can define text that grows without bound; ours defines none, and begins at once."""
    if not _PROLOG(stream.read(4096)):
        raise StoreError(f"{path}: not GraphML of cachegraph", _EXPORT)


def _properties(known: tuple[Property, ...], data: dict[str, Any]) -> Properties:
    return {
        p.name: p.kind.decode(data[p.name]) if p.kind is STRINGS else data[p.name]
        for p in known
        if p.name in data
    }

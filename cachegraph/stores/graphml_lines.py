"""Reads GraphML that is line by line as our export writes it, ten times as fast as NetworkX.

Any other line ends the attempt: then the general reader reads the file, or says what is wrong. On
23,000 nodes and 323,000 relationships this takes 1.0 s of CPU, and by NetworkX 9.
"""

import re
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from cachegraph.model.graphml_form import INTERACTION, NAME, attribute, decode
from cachegraph.model.schema import (
    NODE_TYPES,
    RELATIONSHIP_TYPES,
    NodeType,
    Property,
    RelationshipType,
)
from cachegraph.model.xml_text import restore

if TYPE_CHECKING:
    import networkx as nx

_AT_ONCE = 1 << 20
_LONGEST = 8 << 20
_MOST_KEPT = 100_000
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
)
_GRAPH = '<graph edgedefault="directed">'
_END = ["</graph>", "</graphml>", ""]
_key = re.compile(
    r'<key id="(\w+)" for="(node|edge)" attr\.name="(\w+)" attr\.type="(\w+)"/>'
).fullmatch
_datum = re.compile('<data key="(\\w+)">([^<>"\x00-\x1f\ufffe\uffff]+)').fullmatch
_is_name = re.compile('[^<>"\x00-\x1f\ufffe\uffff]+').fullmatch
_reference = re.compile("&[^;]*;?")
_CHARACTERS = {
    "&amp;": "&",
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&#9;": "\t",
    "&#10;": "\n",
    "&#13;": "\r",
}
_LABELS = {type_.label: type_ for type_ in NODE_TYPES}
_TYPES = {type_.name: type_ for type_ in RELATIONSHIP_TYPES}


class OtherForm(Exception):  # noqa: N818  # nobody sees it
    """The file is not in the form that our export writes."""


Names = dict[NodeType, dict[str, str]]
"""The nodes of each label: as they are written in the file, and their names."""


def read_lines(stream: BinaryIO, graph: "nx.MultiDiGraph[str]") -> Names:
    """Adds the nodes and relationships of an export to an empty graph; returns the nodes' names.

    OtherForm if it is not as our export writes it; the graph is of no use then. Equal relationships
    share one dictionary of properties.
    """
    try:
        lines = _lines(stream)
        if tuple(next(lines, "") for _ in _HEAD) != _HEAD:
            raise OtherForm
        attributes, line = _declared(lines)
        if line != _GRAPH:
            raise OtherForm
        names, line = _read_nodes(lines, attributes["node"], graph)
        line = _read_edges(line, lines, _Edges(attributes["edge"], names), graph)
        if [line, *lines] != _END:
            raise OtherForm
    except (ValueError, LookupError, RecursionError) as exc:
        raise OtherForm from exc
    return names


def _lines(stream: BinaryIO) -> Iterator[str]:
    """The lines, without their ends; UnicodeDecodeError for what is no UTF-8.

    OtherForm for one that is too long: to put it together from many parts would take long.
    """
    decoder = getincrementaldecoder("utf-8")()
    rest = ""
    while data := stream.read(_AT_ONCE):
        lines = (rest + decoder.decode(data)).split("\n")
        rest = lines.pop()
        if len(rest) > _LONGEST:
            raise OtherForm
        yield from lines
    yield rest + decoder.decode(b"", final=True)


Attributes = dict[str, str]
"""The name of each attribute, by its id in the file."""


def _declared(lines: Iterator[str]) -> tuple[dict[str, Attributes], str]:
    """The attributes of nodes and of edges, and the line after them."""
    found: dict[str, Attributes] = {"node": {}, "edge": {}}
    types = {name: type_ for domain in _KINDS.values() for name, (_, type_, _) in domain.items()}
    line = ""
    for line in lines:
        match = _key(line)
        if match is None:
            break
        id_, domain, name, type_ = match.groups()
        # Exports before 0.2.0 declare booleans as such.
        if type_ != types[name] and (type_, types[name]) != ("boolean", "int"):
            raise OtherForm
        found[domain][id_] = name
    return found, line


class _Kind(NamedTuple):
    """The property that an attribute stands for, its type in the file, and what reads its text."""

    property: str
    type: str
    decode: Callable[[str], Any]


def _kinds(
    properties: list[Property], rename: Callable[[str], str], *others: str
) -> dict[str, _Kind]:
    """How each attribute is read."""
    kinds = {name: _Kind(name, "string", str) for name in ("label", "kind", *others)}
    for p in properties:
        # An export before 0.2.0 has the property itself under its name.
        for name in (p.name, rename(p.name)):
            kinds[name] = _Kind(p.name, p.kind.graphml, partial(decode, p.kind))
    return kinds


_KINDS: dict[str, dict[str, _Kind]] = {
    "node": _kinds([p for t in NODE_TYPES for p in (t.key, *t.properties)], attribute),
    "edge": _kinds([p for t in RELATIONSHIP_TYPES for p in t.properties], str, INTERACTION),
}


class _Data(dict[str, tuple[str, Any]]):
    """The property and the value of each data element read so far; emptied when too large."""

    def __init__(self, domain: str, attributes: Attributes) -> None:
        super().__init__()
        kinds = _KINDS[domain]
        self._kinds = {id_: kinds[name] for id_, name in attributes.items()}
        if attribute(NAME) in attributes.values():
            id_ = next(id_ for id_, name in attributes.items() if name == NAME)
            self._kinds[id_] = _Kind(":name", "string", str)

    def __missing__(self, text: str) -> tuple[str, Any]:
        if len(self) > _MOST_KEPT:
            self.clear()
        match = _datum(text)
        if match is None:
            raise OtherForm
        kind = self._kinds[match[1]]
        found = self[text] = kind.property, kind.decode(_plain(match[2]))
        return found

    def of(self, text: str) -> dict[str, Any]:
        """The properties in the data elements of a node or an edge, one after another."""
        pieces = text.split("</data>")
        if pieces.pop():
            raise OtherForm
        found = dict(map(self.__getitem__, pieces))
        if len(found) < len(pieces):
            raise OtherForm
        return found


def _plain(text: str) -> str:
    """The text for which a text in XML stands."""
    if "&" in text:
        text = _reference.sub(lambda match: _CHARACTERS[match[0]], text)
    return restore(text)


_ALLOWED = {t: {"kind", t.key.name, *(p.name for p in t.properties)} for t in NODE_TYPES}


def _read_nodes(
    lines: Iterator[str], attributes: Attributes, graph: "nx.MultiDiGraph[str]"
) -> tuple[Names, str]:
    """Adds the nodes; returns their names, and the line after them."""
    names: Names = {type_: {} for type_ in NODE_TYPES}
    data = _Data("node", attributes)
    line = ""
    for line in lines:
        if not line.startswith('<node id="'):
            break
        _, written, rest = line.split('"', 2)
        if rest[:1] != ">" or not rest.endswith("</node>") or not _is_name(written):
            raise OtherForm
        found = data.of(rest[1 : -len("</node>")])
        type_ = _LABELS[found["kind"]]
        name = f"{type_.label}:{found[type_.key.name]}"
        del found["label"]
        if not found.pop(":name", name) == name == _plain(written):
            raise OtherForm
        if name in graph or not found.keys() <= _ALLOWED[type_]:
            raise OtherForm
        names[type_][written] = name
        graph.add_nodes_from([(name, found)])
    return names, line


class _Type(NamedTuple):
    """What the end of an edge's line says."""

    name: str
    properties: dict[str, Any]
    starts: dict[str, str]
    ends: dict[str, str]


class _Edges(dict[str, _Type]):
    """What each end of an edge's line says, all after the key of its end; few differ."""

    def __init__(self, attributes: Attributes, names: Names) -> None:
        super().__init__()
        self._data = _Data("edge", attributes)
        self._names = names

    def __missing__(self, text: str) -> _Type:
        if text[:1] != ">" or not text.endswith("</edge>"):
            raise OtherForm
        found = self._data.of(text[1 : -len("</edge>")])
        type_: RelationshipType = _TYPES[found.pop("kind")]
        for name in ("label", INTERACTION):
            if found.pop(name, type_.name) != type_.name:
                raise OtherForm
        if not found.keys() <= {p.name for p in type_.properties}:
            raise OtherForm
        read = _Type(type_.name, found, self._names[type_.start], self._names[type_.end])
        self[text] = read
        return read


def _read_edges(
    line: str, lines: Iterator[str], types: _Edges, graph: "nx.MultiDiGraph[str]"
) -> str:
    """Adds the relationships; returns the line after them."""
    # NetworkX's add_edge would take a third of the time of all this.
    succ, pred = graph._succ, graph._pred  # type: ignore[attr-defined]
    while line.startswith("<edge "):
        before, start, between, end, rest = line.split('"', 4)
        if before != "<edge source=" or between != " target=":
            raise OtherForm
        name, properties, starts, ends = types[rest]
        start, end = starts[start], ends[end]
        edges = succ[start].get(end)
        if edges is None:
            succ[start][end] = pred[end][start] = {name: properties}
        elif name in edges:
            raise OtherForm
        else:
            edges[name] = properties
        line = next(lines)
    return line

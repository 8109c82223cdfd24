"""Writes GraphML with labels and types, for NetworkX, igraph, Gephi and Cytoscape; streamed."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from cachegraph.exports.captions import caption_parts
from cachegraph.exports.files import atomic_file
from cachegraph.exports.format_cache import FormatCache
from cachegraph.model.elements import Element, Nodes, Pairs, Relationships
from cachegraph.model.graphml_form import INTERACTION, NAME, attribute, encode
from cachegraph.model.kinds import STRING, Kind
from cachegraph.model.schema import NODE_TYPES, RELATIONSHIP_TYPES, Property
from cachegraph.model.xml_text import REPLACEMENTS

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
)
_UNSAFE = re.compile('[&<>"\\x00-\\x1f\\ufffd-\\uffff]').search
_CONTROL = re.compile("[\x00-\x1f\ufffd-\uffff]").search
_ESCAPED = {"&": "&amp;", '"': "&quot;", "<": "&lt;", ">": "&gt;"}
_TABLE = str.maketrans(REPLACEMENTS | {ord(c): text for c, text in _ESCAPED.items()})
_TABLE |= {code: f"&#{code};" for code in (9, 10, 13)}


def export(elements: Iterable[Element], path: str | os.PathLike[str]) -> int:
    """Writes the elements as GraphML, compressed if the name ends in ``.gz``.

    Returns the number of nodes and relationships. An existing file is replaced once the new one is
    complete; StoreError if it cannot be written.
    """
    count = 0
    with atomic_file(Path(path)) as write:
        write(_HEAD + "".join(_declarations()) + '<graph edgedefault="directed">\n')
        for element in elements:
            if isinstance(element, Nodes):
                write(_nodes(element))
                count += len(element.keys)
            else:
                write(_edges(element))
                count += len(element.starts)
        write("</graph>\n</graphml>\n")
    return count


def _attributes(own: str, properties: Iterable[tuple[str, Kind]]) -> dict[str, tuple[str, Kind]]:
    """The short id and the kind of each attribute; labels that share a name share the attribute."""
    kinds = {"label": STRING, "kind": STRING, own: STRING} | dict(properties)
    domain = "n" if own == NAME else "e"
    return {name: (f"{domain}{n}", kind) for n, (name, kind) in enumerate(kinds.items())}


_OF_NODES = [p for t in NODE_TYPES for p in (t.key, *t.properties)]
_OF_EDGES = [p for t in RELATIONSHIP_TYPES for p in t.properties]
_ATTRIBUTES = {
    "node": _attributes(NAME, [(attribute(p.name), p.kind) for p in _OF_NODES]),
    "edge": _attributes(INTERACTION, [(p.name, p.kind) for p in _OF_EDGES]),
}


def _declarations() -> Iterator[str]:
    for domain, attributes in _ATTRIBUTES.items():
        for name, (id_, kind) in attributes.items():
            names = f'for="{domain}" attr.name="{name}" attr.type="{kind.graphml}"'
            yield f'<key id="{id_}" {names}/>\n'


def _nodes(element: Nodes) -> str:
    type_ = element.type
    columns = zip(_DATA[type_], element.values, strict=False)
    data = _KIND[type_] + "".join([texts[value] for texts, value in columns if value is not None])
    start = f'<node id="{type_.label}:'
    name_starts = f'">{_start(NAME)}{type_.label}:'
    key_starts = f"</data>{_start(attribute(type_.key.name))}"
    label_starts = f"</data>{_start('label')}"
    before, until = caption_parts(type_, element.properties)
    caption = _escape(before)
    return "".join(
        [
            f"{start}{key}{name_starts}{key}{key_starts}{key}{label_starts}{caption}{key[:until]}"
            f"</data>{data}</node>\n"
            for key in _escape_all(element.keys)
        ]
    )


def _start(name: str) -> str:
    """The start of the data element that holds an attribute of a node."""
    return f'<data key="{_ATTRIBUTES["node"][name][0]}">'


def _edges(element: Relationships | Pairs) -> str:
    type_ = element.type
    before = f'<edge source="{type_.start.label}:'
    between = f'" target="{type_.end.label}:'
    data = "".join([_datum("edge", name, type_.name) for name in ("label", "kind", INTERACTION)])
    for p in type_.properties:
        if (value := element.properties.get(p.name)) is not None:
            data += _datum("edge", p.name, _escape(encode(p.kind, value)))
    after = f'">{data}</edge>\n'
    starts = [*_escape_all(element.starts)]
    if not starts:
        return ""
    if isinstance(element, Pairs):
        pairs = zip(starts, _escape_all(element.ends), strict=True)
        return before + (after + before).join(map(between.join, pairs)) + after
    (end,) = _escape_all([element.end])
    after = f"{between}{end}{after}"
    return before + (after + before).join(starts) + after


def _datum(domain: str, name: str, text: str) -> str:
    return f'<data key="{_ATTRIBUTES[domain][name][0]}">{text}</data>'


def _texts(p: Property) -> FormatCache:
    """The data element of each value of a property."""
    name = attribute(p.name)
    return FormatCache(lambda value: _datum("node", name, _escape(encode(p.kind, value))))


_DATA = {type_: [_texts(p) for p in type_.properties] for type_ in NODE_TYPES}
_KIND = {type_: _datum("node", "kind", type_.label) for type_ in NODE_TYPES}


def _escape_all(keys: Iterable[str]) -> Iterable[str]:
    """The keys, _escape; one search tells whether any needs it, and hardly ever one does."""
    keys = [*keys]
    return map(_escape, keys) if _UNSAFE("".join(keys)) else keys


def _escape(text: str) -> str:
    """The text with the characters replaced that XML has no form for, or a meaning."""
    if not _UNSAFE(text):
        return text
    if _CONTROL(text):
        return text.translate(_TABLE)
    for character, reference in _ESCAPED.items():
        text = text.replace(character, reference)
    return text

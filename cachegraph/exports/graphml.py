"""GraphML that NetworkX, igraph and Gephi open with its labels and types. Streamed."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from cachegraph.exports.files import replacing
from cachegraph.exports.spelling import Spellings
from cachegraph.model.elements import Element, Nodes, Pairs, Properties, Relationships
from cachegraph.model.schema import (
    NODE_TYPES,
    RELATIONSHIP_TYPES,
    SOURCE,
    SPEC,
    STRING,
    Kind,
    Property,
)

_HASH = 7
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
)
_UNSAFE = re.compile('[&<>"\\x00-\\x1f\\ufffe\\uffff]').search
_CONTROL = re.compile("[\x00-\x1f\ufffe\uffff]").search
# What XML cannot hold even when escaped becomes the replacement character.
_ILLEGAL = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535), "�")
_ESCAPED = {"&": "&amp;", '"': "&quot;", "<": "&lt;", ">": "&gt;"}
_TABLE = str.maketrans(_ILLEGAL | {ord(c): text for c, text in _ESCAPED.items()})
_TABLE |= {code: f"&#{code};" for code in (9, 10, 13)}


def export_graphml(elements: Iterable[Element], path: str | os.PathLike[str]) -> int:
    """Writes the elements as GraphML, compressed when the name ends in ``.gz``.

    Returns the number of nodes and relationships written. A file of that name is replaced when the
    new one is whole; StoreError when it cannot be written.
    """
    count = 0
    with replacing(Path(path)) as write:
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


def _attributes(domain: str, known: Iterable[Property]) -> dict[str, tuple[str, Kind]]:
    """Short ids for attributes: one a name, whatever the number of labels that have it."""
    kinds = {"label": STRING, "kind": STRING} | {p.name: p.kind for p in known}
    return {name: (f"{domain[0]}{n}", kind) for n, (name, kind) in enumerate(kinds.items())}


_ATTRIBUTES = {
    "node": _attributes("node", [p for t in NODE_TYPES for p in (t.key, *t.properties)]),
    "edge": _attributes("edge", [p for t in RELATIONSHIP_TYPES for p in t.properties]),
}


def _declarations() -> Iterator[str]:
    for domain, attributes in _ATTRIBUTES.items():
        for name, (id_, kind) in attributes.items():
            yield (
                f'<key id="{id_}" for="{domain}" attr.name="{name}" attr.type="{kind.graphml}"/>\n'
            )


def _nodes(element: Nodes) -> str:
    type_ = element.type
    data = _KIND[type_] + "".join(
        [
            known[value]
            for known, value in zip(_DATA[type_], element.values, strict=False)
            if value is not None
        ]
    )
    start = f'<node id="{type_.label}:'
    key_starts = f'"><data key="{_ATTRIBUTES["node"][type_.key.name][0]}">'
    label_starts = f'</data><data key="{_ATTRIBUTES["node"]["label"][0]}">'
    shown = escaped(_shown(element))
    # A spec shows the start of its hash, a source its location, all else its key.
    until = _HASH if type_ is SPEC else 0 if shown else None
    return "".join(
        [
            f"{start}{key}{key_starts}{key}{label_starts}{shown}{key[:until]}</data>{data}</node>\n"
            for key in _safe(element.keys)
        ]
    )


def _shown(element: Nodes) -> str:
    """What a viewer shows of a node before its key, or instead of it."""
    properties = element.properties
    if element.type is SPEC:
        said = [properties[name] for name in ("package", "version") if name in properties]
        return f"{'@'.join(said)} /" if said else "/"
    return str(properties.get("location", "")) if element.type is SOURCE else ""


def _edges(element: Relationships | Pairs) -> str:
    type_ = element.type
    before = f'<edge source="{type_.start.label}:'
    between = f'" target="{type_.end.label}:'
    data = _datum("edge", "label", type_.name) + _datum("edge", "kind", type_.name)
    data += _data("edge", type_.properties, element.properties)
    after = f'">{data}</edge>\n'
    starts = [*_safe(element.starts)]
    if not starts:
        return ""
    if isinstance(element, Pairs):
        pairs = zip(starts, _safe(element.ends), strict=True)
        return before + (after + before).join(map(between.join, pairs)) + after
    (end,) = _safe([element.end])
    after = f"{between}{end}{after}"
    return before + (after + before).join(starts) + after


def _data(domain: str, known: Iterable[Property], properties: Properties) -> str:
    return "".join(
        [
            _datum(domain, p.name, escaped(p.kind.encode(properties[p.name])))
            for p in known
            if properties.get(p.name) is not None
        ]
    )


def _datum(domain: str, name: str, text: str) -> str:
    return f'<data key="{_ATTRIBUTES[domain][name][0]}">{text}</data>'


def _known(of: Property) -> Spellings:
    """The data elements of one property."""
    return Spellings(lambda value: _datum("node", of.name, escaped(of.kind.encode(value))))


_DATA = {type_: [_known(p) for p in type_.properties] for type_ in NODE_TYPES}
_KIND = {type_: _datum("node", "kind", type_.label) for type_ in NODE_TYPES}


def _safe(keys: Iterable[str]) -> Iterable[str]:
    """The keys, escaped; mostly there is nothing to escape, and one look tells."""
    keys = [*keys]
    return map(escaped, keys) if _UNSAFE("".join(keys)) else keys


def escaped(text: str) -> str:
    """The text as XML holds it."""
    if not _UNSAFE(text):
        return text
    if _CONTROL(text):
        return text.translate(_TABLE)
    for character, spelled in _ESCAPED.items():
        text = text.replace(character, spelled)
    return text

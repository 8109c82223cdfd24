"""The values that ad-hoc Cypher returns as cells of a table, written as Cypher writes them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cachegraph.model.schema import NODE_TYPES

_KEYS = {type_.label: type_.key.name for type_ in NODE_TYPES}
# The keys that nodes, relationships and paths have in the JSON of an answer; others are maps.
_NODE = {"id", "labels", "properties"}
_RELATIONSHIP = {"type", "start", "end", "properties"}
_PATH = {"nodes", "relationships"}


def cell(value: Any) -> Any:
    """Numbers and strings as they are, an empty string for null, other values as Cypher text."""
    if value is None:
        return ""
    if isinstance(value, str) or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return value
    return _text(value)


def _text(value: Any) -> str:
    """Such as ``(:Stack {key: "develop/e4s"})``, ``[:IN_STACK]``, ``[1, 2]``, ``{a: 1}``."""
    match value:
        case Mapping():
            return _node_path_or_map(value)
        case str() | int() | float() | None:
            return json.dumps(value, ensure_ascii=False)
        case Sequence():
            return f"[{', '.join(map(_text, value))}]"
    return str(value)


def _node_path_or_map(value: Mapping[str, Any]) -> str:
    if value.keys() == _NODE:
        return _node(value)
    if value.keys() == _RELATIONSHIP:
        return f"[:{value['type']}{_map(value['properties'], ' ')}]"
    if value.keys() == _PATH:
        return _path(value["nodes"], value["relationships"])
    return _map(value) or "{}"


def _node(node: Mapping[str, Any]) -> str:
    """The labels with the key; all properties where no label is one of cachegraph's."""
    labels, properties = node["labels"], node["properties"]
    keys = {_KEYS[label] for label in labels if label in _KEYS} & properties.keys()
    shown = {key: properties[key] for key in sorted(keys)} or properties
    return f"({''.join(f':{label}' for label in labels)}{_map(shown, ' ' if labels else '')})"


def _path(nodes: Sequence[Any], relationships: Sequence[Any]) -> str:
    text = _text(nodes[0])
    for node, relationship in zip(nodes[1:], relationships, strict=True):
        before, after = ("-", "->") if relationship["end"] == node["id"] else ("<-", "-")
        text += f"{before}{_text(relationship)}{after}{_text(node)}"
    return text


def _map(values: Mapping[str, Any], before: str = "") -> str:
    """The map with ``before`` in front of it; an empty string for an empty map."""
    inner = ", ".join(f"{name}: {_text(value)}" for name, value in values.items())
    return f"{before}{{{inner}}}" if inner else ""

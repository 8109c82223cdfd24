"""Values of ad-hoc answers as the cells of a table, as Cypher would write them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cachegraph.model.schema import NODE_TYPES

_KEYS = {type_.label: type_.key.name for type_ in NODE_TYPES}
_NODE = {"id", "labels", "properties"}
_RELATIONSHIP = {"type", "start", "end", "properties"}
_PATH = {"nodes", "relationships"}


def cell(value: Any) -> Any:
    """Numbers and texts as they are, nothing for null, the rest in a short form."""
    if value is None:
        return ""
    if isinstance(value, str) or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return value
    return short(value)


def short(value: Any) -> str:
    """Such as ``(:Stack {key: "develop/e4s"})``, ``[:IN_STACK]``, ``[1, 2]``, ``{a: 1}``."""
    match value:
        case Mapping():
            return _object(value)
        case str() | int() | float() | None:
            return json.dumps(value, ensure_ascii=False)
        case Sequence():
            return f"[{', '.join(map(short, value))}]"
    return str(value)


def _object(value: Mapping[str, Any]) -> str:
    if value.keys() == _NODE:
        return _node(value)
    if value.keys() == _RELATIONSHIP:
        return f"[:{value['type']}{_map(value['properties'], ' ')}]"
    if value.keys() == _PATH:
        return _path(value["nodes"], value["relationships"])
    return _map(value) or "{}"


def _node(node: Mapping[str, Any]) -> str:
    """The labels, and the key, or all properties of what is no label of cachegraph's."""
    labels, properties = node["labels"], node["properties"]
    keys = {_KEYS[label] for label in labels if label in _KEYS} & properties.keys()
    shown = {key: properties[key] for key in sorted(keys)} or properties
    return f"({''.join(f':{label}' for label in labels)}{_map(shown, ' ' if labels else '')})"


def _path(nodes: Sequence[Any], relationships: Sequence[Any]) -> str:
    text = short(nodes[0])
    for node, relationship in zip(nodes[1:], relationships, strict=True):
        before, after = ("-", "->") if relationship["end"] == node["id"] else ("<-", "-")
        text += f"{before}{short(relationship)}{after}{short(node)}"
    return text


def _map(values: Mapping[str, Any], before: str = "") -> str:
    inner = ", ".join(f"{name}: {short(value)}" for name, value in values.items())
    return f"{before}{{{inner}}}" if inner else ""

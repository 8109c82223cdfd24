"""Converts values of the Neo4j driver to values of JSON."""

import math
from typing import Any

_INFINITIES = {math.inf: "Infinity", -math.inf: "-Infinity"}


def to_json(value: Any) -> Any:
    """The value as JSON has it: nodes, relationships and paths are objects, other types are text.

    Dates, times and durations are in ISO 8601, points as Cypher writes them, bytes hexadecimal;
    NaN and Infinity are these words.
    """
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else _INFINITIES.get(value, "NaN")
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    if isinstance(value, dict):
        return {name: to_json(item) for name, item in value.items()}
    return _driver_type(value)


def _driver_type(value: Any) -> Any:
    from neo4j.graph import Node, Path, Relationship
    from neo4j.spatial import Point

    if hasattr(value, "iso_format"):  # first, because a duration is a tuple too
        return _moment(value)
    converters: dict[Any, Any] = {
        Node: _node,
        Relationship: _relationship,
        Path: lambda path: to_json({"nodes": path.nodes, "relationships": path.relationships}),
        Point: _point,
        (list, tuple): lambda values: [*map(to_json, values)],
    }
    for types, convert in converters.items():
        if isinstance(value, types):
            return convert(value)
    return to_json(value.to_native()) if hasattr(value, "to_native") else str(value)


def _node(node: Any) -> dict[str, Any]:
    properties = to_json(dict(sorted(node.items())))
    return {"id": node.element_id, "labels": sorted(node.labels), "properties": properties}


def _relationship(relationship: Any) -> dict[str, Any]:
    start, end = relationship.start_node, relationship.end_node
    return {
        "type": relationship.type,
        "start": None if start is None else start.element_id,
        "end": None if end is None else end.element_id,
        "properties": to_json(dict(sorted(relationship.items()))),
    }


def _point(point: Any) -> str:
    """Such as ``point({srid:7203, x:1.0, y:2.0})``."""
    values = zip("xyz", point, strict=False)
    return f"point({{srid:{point.srid}, {', '.join(f'{name}:{item}' for name, item in values)}}})"


def _moment(value: Any) -> str:
    """ISO 8601, with the name of the time zone if it has one, as Neo4j writes it."""
    zone = getattr(value, "tzinfo", None)
    name = getattr(zone, "zone", None) or getattr(zone, "key", None)
    text = str(value.iso_format())
    return f"{text}[{name}]" if name and name != "UTC" else text

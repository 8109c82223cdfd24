"""Values that Neo4j answers with, as what JSON can say."""

import math
from collections.abc import Mapping
from typing import Any

_ODD = {math.inf: "Infinity", -math.inf: "-Infinity"}


def plain(value: Any) -> Any:
    """The value as JSON's: nodes, relationships and paths are objects, what has no like is text.

    Dates, times and durations are their ISO text, points are as Cypher writes them, bytes are
    hexadecimal; NaN and Infinity are these words.
    """
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else _ODD.get(value, "NaN")
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return _of_neo4j(value)


def _of_neo4j(value: Any) -> Any:
    from neo4j.graph import Node, Path, Relationship
    from neo4j.spatial import Point

    match value:
        case Node():
            return {
                "id": value.element_id,
                "labels": sorted(value.labels),
                "properties": _properties(value),
            }
        case Relationship():
            return {
                "type": value.type,
                "start": _id(value.start_node),
                "end": _id(value.end_node),
                "properties": _properties(value),
            }
        case Path():
            return {
                "nodes": [plain(node) for node in value.nodes],
                "relationships": [plain(relationship) for relationship in value.relationships],
            }
        case Point():
            return _point(value)
        case list() | tuple():
            return [plain(item) for item in value]
    if hasattr(value, "iso_format"):
        return _moment(value)
    return value.to_native() if hasattr(value, "to_native") else str(value)


def _properties(entity: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(item) for name, item in sorted(entity.items())}


def _id(node: Any) -> str | None:
    return None if node is None else node.element_id


def _point(point: Any) -> str:
    """Such as ``point({srid:7203, x:1.0, y:2.0})``."""
    values = zip("xyz", point, strict=False)
    return f"point({{srid:{point.srid}, {', '.join(f'{name}:{item}' for name, item in values)}}})"


def _moment(value: Any) -> str:
    """ISO 8601, and the time zone's name where it has one, as Neo4j writes it."""
    zone = getattr(value, "tzinfo", None)
    name = getattr(zone, "zone", None) or getattr(zone, "key", None)
    text = str(value.iso_format())
    return f"{text}[{name}]" if name and name != "UTC" else text

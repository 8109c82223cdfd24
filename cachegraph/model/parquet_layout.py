"""How a graph lies in Parquet: the folders, the columns, and what ``schema.json`` says of them.

Written by ``exports`` and read by ``stores``; Parquet itself is no concern of this module.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from cachegraph.model.kinds import STRING, Kind
from cachegraph.model.schema import (
    MODEL_VERSION,
    NODE_TYPES,
    RELATIONSHIP_TYPES,
    NodeType,
    RelationshipType,
)

FORMAT = "cachegraph parquet"
VERSION = 1
SCHEMA = "schema.json"
KEY, START, END = "key", "start", "end"
Type = NodeType | RelationshipType
TYPES: tuple[Type, ...] = (*NODE_TYPES, *RELATIONSHIP_TYPES)


def folder(type_: Type) -> str:
    """The folder of a label or type, as a path below that of the graph."""
    if isinstance(type_, NodeType):
        return f"nodes/{type_.label}"
    return f"relationships/{type_.name}"


def columns(type_: Type) -> list[tuple[str, Kind]]:
    """The name and the kind of each column: the keys, then the properties."""
    keys = [KEY] if isinstance(type_, NodeType) else [START, END]
    return [*((name, STRING) for name in keys), *((p.name, p.kind) for p in type_.properties)]


def description(type_: Type, files: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What ``schema.json`` says of a label or type; of each file it knows path, rows and sha256."""
    about: dict[str, Any]
    if isinstance(type_, NodeType):
        about = {"key": type_.key.name}
    else:
        about = {"start": type_.start.label, "end": type_.end.label}
    about["columns"] = {name: kind.name for name, kind in columns(type_)}
    about["count"] = sum(file["rows"] for file in files)
    return {**about, "files": [*files]}


def document(files: Mapping[Type, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """The content of ``schema.json`` for these files."""
    made: dict[str, Any] = {"format": FORMAT, "version": VERSION, "model": MODEL_VERSION}
    for type_ in TYPES:
        group, name = folder(type_).split("/")
        made.setdefault(group, {})[name] = description(type_, files[type_])
    return made

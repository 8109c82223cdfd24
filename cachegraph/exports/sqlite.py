"""Writes plain tables of SQLite, for datasette, sqlite-utils and SQL by hand; streamed.

A table for each label and each relationship type. It is no store of cachegraph: of that form only
cachegraph makes sense.
"""

import os
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import repeat
from pathlib import Path
from typing import Any

from cachegraph.errors import StoreError
from cachegraph.exports.files import atomic_path
from cachegraph.exports.format_cache import FormatCache
from cachegraph.model.elements import Element, Nodes, Pairs
from cachegraph.model.kinds import BOOLEAN, INTEGER, STRINGS
from cachegraph.model.schema import (
    BUILT_AS,
    DEPENDS_ON,
    EXTENDS,
    NODE_TYPES,
    RELATIONSHIP_TYPES,
    NodeType,
    Property,
    RelationshipType,
)

# What the other end is called where both ends have one label.
_OTHER_END = {DEPENDS_ON: "dependency", EXTENDS: "parent", BUILT_AS: "original"}
# For near-duplicates, for the specs of a package, for the stacks of a release.
_INDEXES = {"Spec": ("package", "alike"), "Stack": ("release",)}
_CACHE = "PRAGMA cache_size = -131072"  # 128 MiB: keys come in no order
_VIEWS = """
CREATE VIEW "specs_in_stacks" AS
SELECT "Stack"."release", "Stack"."name" AS "stack", "Spec"."package", "Spec"."version",
  "Spec"."variants", "Spec"."compiler", "Spec"."os", "Spec"."target", "Spec"."hash",
  "ROOT_OF"."spec" IS NOT NULL AS "is_root"
FROM "IN_STACK"
JOIN "Stack" ON "Stack"."key" = "IN_STACK"."stack"
JOIN "Spec" ON "Spec"."hash" = "IN_STACK"."spec"
LEFT JOIN "ROOT_OF" ON "ROOT_OF"."spec" = "IN_STACK"."spec"
  AND "ROOT_OF"."stack" = "IN_STACK"."stack";
CREATE VIEW "dependencies" AS
SELECT "one"."package", "one"."version", "DEPENDS_ON"."spec" AS "hash",
  "other"."package" AS "dependency", "other"."version" AS "dependency_version",
  "DEPENDS_ON"."dependency" AS "dependency_hash", "DEPENDS_ON"."deptypes", "DEPENDS_ON"."virtuals"
FROM "DEPENDS_ON"
JOIN "Spec" AS "one" ON "one"."hash" = "DEPENDS_ON"."spec"
JOIN "Spec" AS "other" ON "other"."hash" = "DEPENDS_ON"."dependency";
"""
_Type = NodeType | RelationshipType


def export(elements: Iterable[Element], path: str | os.PathLike[str]) -> int:
    """Writes the elements as tables; returns the number of nodes and relationships.

    Lists are JSON, booleans 0 or 1. An existing file is replaced once the new one is complete;
    StoreError if it cannot be written.
    """
    count = 0
    log = f"{os.path.realpath(path)}-wal"
    with atomic_path(Path(path)) as part:
        if Path(log).exists():  # it would be taken for that of the new file
            message = f"{os.fspath(path)}: in use: there is its log, {log}"
            raise StoreError(message, "end what uses it, or name another file")
        try:
            with closing(sqlite3.connect(part, isolation_level=None)) as database:
                count = _write(database, elements)
        except sqlite3.Error as exc:
            message = f"{os.fspath(path)}: cannot be written: {exc}"
            raise StoreError(message, "check its folder and the disk") from exc
    return count


def _write(database: sqlite3.Connection, elements: Iterable[Element]) -> int:
    # Nobody sees the file before it is complete, so that no journal has to save it.
    for pragma in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", _CACHE, "BEGIN"):
        database.execute(pragma)
    tables = {type_: _Table(type_) for type_ in (*NODE_TYPES, *RELATIONSHIP_TYPES)}
    for table in tables.values():
        database.execute(table.definition())
    count = 0
    for element in elements:
        table = tables[element.type]
        database.executemany(table.insert, table.rows(element))
        count += len(element.keys if isinstance(element, Nodes) else element.starts)
    for table in tables.values():
        for statement in table.indexes():
            database.execute(statement)
    database.execute("COMMIT")
    database.executescript(_VIEWS)
    database.execute("ANALYZE")
    return count


class _Table:
    """The table of a label or of a relationship type."""

    def __init__(self, type_: _Type) -> None:
        self.name = type_.label if isinstance(type_, NodeType) else type_.name
        self._type = type_
        self._own = [p.name for p in type_.properties]
        self._values = [_values(p) for p in type_.properties]
        marks = ", ".join("?" * (len(self._keys()) + len(self._own)))
        self.insert = f'INSERT INTO "{self.name}" VALUES ({marks})'

    def _keys(self) -> list[tuple[str, NodeType | None]]:
        """The columns of the primary key, and the label to whose key each refers."""
        type_ = self._type
        if isinstance(type_, NodeType):
            return [(type_.key.name, None)]
        other = _OTHER_END.get(type_, _column(type_.end))
        return [(_column(type_.start), type_.start), (other, type_.end)]

    def definition(self) -> str:
        """The statement that makes the table."""
        keys = self._keys()
        columns = [_key_column(name, label) for name, label in keys]
        columns += [f'"{p.name}" {_TYPES.get(p.kind, "TEXT")}' for p in self._type.properties]
        columns.append(f"PRIMARY KEY ({_quoted(name for name, _ in keys)})")
        return f'CREATE TABLE "{self.name}" ({", ".join(columns)}) WITHOUT ROWID'

    def indexes(self) -> Iterator[str]:
        """The statements that make the indexes: the other way round, and where people join."""
        columns = [(name,) for name in _INDEXES.get(self.name, ())]
        if not isinstance(self._type, NodeType):
            columns.append(tuple(name for name, _ in reversed(self._keys())))
        for names in columns:
            yield f'CREATE INDEX "{self.name} by {names[0]}" ON "{self.name}" ({_quoted(names)})'

    def rows(self, element: Element) -> Iterable[Sequence[Any]]:
        """The rows of an element."""
        if isinstance(element, Nodes):
            values = element.values or [None] * len(self._own)
            starts: Iterable[tuple[str, ...]] = zip(element.keys, strict=True)
        else:
            values = [element.properties.get(name) for name in self._own]
            ends = element.ends if isinstance(element, Pairs) else repeat(element.end)
            starts = zip(element.starts, ends, strict=False)
        rest = tuple([change(value) for change, value in zip(self._values, values, strict=True)])
        return ((*keys, *rest) for keys in starts)


_TYPES = {INTEGER: "INTEGER", BOOLEAN: "INTEGER"}


def _values(p: Property) -> Callable[[Any], Any]:
    """What makes a value of SQLite of a value of the property."""
    if p.kind is not STRINGS:
        return lambda value: value
    texts = FormatCache(STRINGS.encode)
    return lambda value: None if value is None else texts[value]


def _column(label: NodeType) -> str:
    """The name of a column of keys of a label: ``operating_system`` for OperatingSystem."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", label.label).lower()


def _quoted(names: Iterable[str]) -> str:
    return ", ".join([f'"{name}"' for name in names])


def _key_column(name: str, label: NodeType | None) -> str:
    refers = f' REFERENCES "{label.label}" ("{label.key.name}")' if label else ""
    return f'"{name}" TEXT NOT NULL{refers}'

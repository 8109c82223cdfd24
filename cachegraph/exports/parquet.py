"""Writes Parquet: a folder that DuckDB, Polars, Spark and Neo4j's bulk import read, and we do.

``nodes/LABEL`` and ``relationships/TYPE`` hold parts, each of one or more row groups; memberships
are in parts by release. Every label and type has a part, so that a pattern of file names always
finds the columns.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cachegraph.errors import UsageError
from cachegraph.exports.files import atomic_folder
from cachegraph.exports.neo4j_parquet import Neo4jFiles
from cachegraph.model import schema
from cachegraph.model.elements import Element, Nodes, Pairs
from cachegraph.model.kinds import BOOLEAN, INTEGER, STRINGS
from cachegraph.model.parquet_layout import KEY, SCHEMA, TYPES, Type, columns, document, folder
from cachegraph.model.schema import NodeType

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

# What DuckDB takes for itself: enough for one thread, and 30 MB of specs in memory while they wait.
_GROUP_ROWS = 122_880
_FILE_ROWS = 16 * _GROUP_ROWS
# Parts that grow side by side: of releases, or all types of a store that does not sort them.
_WAITING_ROWS = 4 * _GROUP_ROWS
_OPEN_FILES = 64
_BY_RELEASE = (schema.IN_STACK, schema.ROOT_OF)


def export(elements: Iterable[Element], path: str | os.PathLike[str]) -> int:
    """Writes a folder of Parquet, ``schema.json``, and scripts for Neo4j's bulk import.

    Returns the number of nodes and relationships. The folder appears only when it is complete;
    StoreError if it cannot be written, or exists and is not empty; UsageError without pyarrow.
    """
    try:
        import pyarrow.parquet  # noqa: F401  # all that follows needs it
    except ImportError as exc:
        message = "Parquet needs pyarrow, which is not installed"
        raise UsageError(message, "pip install 'cachegraph[parquet]'") from exc
    with atomic_folder(Path(path)) as made:
        parts, neo4j = _Parts(made), Neo4jFiles(made)
        for element in elements:
            neo4j.see(element)
            for piece in _pieces(element):
                parts.add(piece)
        files = parts.close()
        neo4j.write([type_ for type_ in TYPES if any(file["rows"] for file in files[type_])])
        text = json.dumps(document(files), ensure_ascii=False, indent=1)
        (made / SCHEMA).write_bytes(f"{text}\n".encode())
    return parts.count


def _pieces(element: Element) -> Iterator[Element]:
    """The element in pieces of a row group: a stack may hold a million specs."""
    rows = element.keys if isinstance(element, Nodes) else element.starts
    if len(rows) <= _GROUP_ROWS:
        yield element
        return
    for at in range(0, len(rows), _GROUP_ROWS):
        piece = slice(at, at + _GROUP_ROWS)
        if isinstance(element, Nodes):
            yield element._replace(keys=element.keys[piece])
        elif isinstance(element, Pairs):
            yield element._replace(starts=element.starts[piece], ends=element.ends[piece])
        else:
            yield element._replace(starts=element.starts[piece])


class _Parts:
    """The parts that are being written, by type and release."""

    def __init__(self, made: Path) -> None:
        self.count = 0
        self._made = made
        self._files: dict[Type, list[dict[str, Any]]] = {type_: [] for type_ in TYPES}
        self._parts: dict[tuple[Type, str | None], _Part] = {}
        self._open: list[_Part] = []
        self._waiting = 0
        self._releases: dict[str, str | None] = {}

    def add(self, element: Element) -> None:
        """Takes the rows of an element, and writes what has become enough."""
        if element.type is schema.STACK and isinstance(element, Nodes):
            release = element.properties.get("release")
            self._releases.update(dict.fromkeys(element.keys, release))
        for release, one in self._by_release(element):
            part = self._parts.get((element.type, release))
            if part is None:
                part = self._parts[element.type, release] = _Part(element.type, release)
            added = part.add(one)
            self.count += added
            self._waiting += added
            if part.waiting >= _GROUP_ROWS:
                self._write(part)
        while self._waiting >= _WAITING_ROWS:
            self._write(max(self._parts.values(), key=lambda part: part.waiting))

    def _by_release(self, element: Element) -> Iterator[tuple[str | None, Element]]:
        """The element with its release, or a part of it for each release."""
        if element.type not in _BY_RELEASE:
            yield None, element
        elif isinstance(element, Pairs):
            rows: dict[str | None, list[tuple[str, str]]] = {}
            for row in zip(element.starts, element.ends, strict=True):
                rows.setdefault(self._releases.get(row[1]), []).append(row)
            for release, pairs in rows.items():
                starts, ends = zip(*pairs, strict=True)
                yield release, Pairs(element.type, starts, ends, element.properties)
        elif not isinstance(element, Nodes):
            yield self._releases.get(element.end), element

    def _write(self, part: "_Part") -> None:
        """Writes the rows of a part that wait; a file that is large enough is closed."""
        self._waiting -= part.waiting
        if part not in self._open:
            if len(self._open) == _OPEN_FILES:
                self._open.pop(0).close()
            files = self._files[part.type]
            name = f"{folder(part.type)}/part-{len(files):05}.parquet"
            files.append(part.open(self._made, name))
            self._open.append(part)
        if part.write() >= _FILE_ROWS:
            self._open.remove(part)
            part.close()

    def close(self) -> dict[Type, list[dict[str, Any]]]:
        """Writes the rest; returns what there is to know of all files."""
        for type_ in TYPES:
            self._parts.setdefault((type_, None), _Part(type_, None))
        for (type_, _), part in self._parts.items():
            if part.waiting or not self._files[type_]:
                self._write(part)
        for part in self._open:
            part.close()
        return self._files


class _Part:
    """Rows of one type, and of one release if it is a membership, on their way into a file."""

    def __init__(self, type_: Type, release: str | None) -> None:
        import pyarrow as pa

        kinds = {BOOLEAN: pa.bool_(), INTEGER: pa.int64(), STRINGS: pa.list_(pa.string())}
        self.type = type_
        self.waiting = 0
        self._release = release
        # Keys and ends differ from row to row; properties are kept once for each element.
        self._keys: tuple[list[str], ...] = ([],) if isinstance(type_, NodeType) else ([], [])
        self._values: list[Sequence[Any]] = []
        self._counts: list[int] = []
        fields = [
            pa.field(name, kinds.get(kind, pa.string()), nullable=index >= len(self._keys))
            for index, (name, kind) in enumerate(columns(type_))
        ]
        self._schema = pa.schema(fields)

    def add(self, element: Element) -> int:
        """Takes the rows of an element; returns how many."""
        if isinstance(element, Nodes):
            count = len(element.keys)
            self._keys[0].extend(element.keys)
            values = element.values or (None,) * len(self.type.properties)
        else:
            count = len(element.starts)
            self._keys[0].extend(element.starts)
            ends = element.ends if isinstance(element, Pairs) else repeat(element.end, count)
            self._keys[1].extend(ends)
            values = tuple([element.properties.get(p.name) for p in self.type.properties])
        self._values.append(values)
        self._counts.append(count)
        self.waiting += count
        return count

    def open(self, made: Path, name: str) -> dict[str, Any]:
        """Begins a file; returns what there is to know of it, complete once it is closed."""
        import pyarrow.parquet as pq

        self._path = made / name
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Hardly any key of a node occurs twice; all else does.
        repeated = [path for path in _paths(self._schema) if path != KEY]
        self._writer: ParquetWriter = pq.ParquetWriter(
            self._path,
            self._schema,
            compression="zstd",
            use_dictionary=repeated,
            dictionary_pagesize_limit=8 << 20,  # holds the ends of a row group: they recur
            store_schema=False,
        )
        self._rows = 0
        about = (
            {"path": name} if self._release is None else {"path": name, "release": self._release}
        )
        self._about: dict[str, Any] = about
        return self._about

    def write(self) -> int:
        """Writes what waits as a row group or several; returns how many rows the file has."""
        table = self._table()
        waited: tuple[list[Any], ...] = (*self._keys, self._values, self._counts)
        for rows in waited:
            rows.clear()  # before the next copy of them is made
        self.waiting = 0
        self._rows += len(table)
        self._writer.write_table(table, row_group_size=_GROUP_ROWS)
        return self._rows

    def _table(self) -> "pa.Table":
        import pyarrow as pa

        fields = [*self._schema][len(self._keys) :]
        made = [pa.array(keys, pa.string()) for keys in self._keys]
        if fields:
            each = map(repeat, range(len(self._counts)), self._counts)
            places = pa.array(chain.from_iterable(each), pa.int32(), size=self.waiting)
            values = zip(*self._values, strict=True) if self._values else repeat(())
            made += [
                pa.array(column, field.type).take(places)
                for field, column in zip(fields, values, strict=False)
            ]
        return pa.Table.from_arrays(made, schema=self._schema)

    def close(self) -> None:
        """Ends the file."""
        self._writer.close()
        with self._path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self._about |= {"rows": self._rows, "sha256": digest}


def _paths(made: "pa.Schema") -> Iterator[str]:
    """The columns as Parquet names them, where a list is a tree."""
    for field in made:
        yield f"{field.name}.list.element" if hasattr(field.type, "value_type") else field.name

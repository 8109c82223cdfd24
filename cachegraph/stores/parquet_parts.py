"""Reads the parts of an exported folder of Parquet, and of that folder nothing but files in it.

Large row groups are refused: a small file can unpack to any size.
"""

import hashlib
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cachegraph.errors import StoreError
from cachegraph.model.elements import Element, Nodes, Pairs
from cachegraph.model.kinds import BOOLEAN, INTEGER, STRINGS, Kind
from cachegraph.model.parquet_layout import Type, columns
from cachegraph.model.schema import NodeType

if TYPE_CHECKING:
    from io import BufferedReader

    import pyarrow as pa
    import pyarrow.parquet as pq

AGAIN = "copy it again from where it came from, or export it again"
CHECK_FILE = "check the file and its permissions"
_HERE = "put the file itself in its place"
_ROWS_AT_ONCE = 1 << 16
# Of a row group, which is read as a whole: exports have some 10 MB, 122,880 rows, a million values.
_LARGEST_GROUP = 256 << 20
_MOST_VALUES = 1 << 23


def open_inside(file: Path, folder: Path) -> "BufferedReader":
    """A regular file of the folder; StoreError for a link out of it, a pipe or a device."""
    found = file.resolve(strict=True)
    if not found.is_relative_to(folder.resolve()):
        raise StoreError(f"{file}: a link that leads out of the folder", _HERE)
    if found.exists() and not (found.is_file() or found.is_dir()):
        raise StoreError(f"{file}: a pipe or a device, where a file is needed", _HERE)
    return found.open("rb")


def read_part(folder: Path, type_: Type, about: Mapping[str, Any]) -> Iterator[Element]:
    """The nodes or relationships of a part, many rows at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = folder / about["path"]
    try:
        with open_inside(file, folder) as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != about["sha256"]:
                raise StoreError(f"{file}: damaged: its bytes are not those exported", AGAIN)
            metadata = pq.read_metadata(stream)
            _check(metadata, type_, about)
            # Equal texts stay one: in Arrow, and then in Python.
            texts = [name for name, kind in columns(type_) if kind not in _ARROW]
            with pq.ParquetFile(stream, metadata=metadata, read_dictionary=texts) as part:
                _check_columns(part.schema_arrow, type_, _TEXT)
                for batch in part.iter_batches(_ROWS_AT_ONCE):
                    yield from _of_batch(type_, batch)
    except FileNotFoundError as exc:
        raise StoreError(f"{file}: a part of the export is missing", AGAIN) from exc
    except (OSError, pa.ArrowException, ValueError, LookupError) as exc:
        if isinstance(exc, OSError) and exc.errno:  # what Arrow cannot decode has no number
            raise StoreError(f"{file}: cannot be read: {exc.strerror}", CHECK_FILE) from exc
        raise StoreError(f"{file}: not as cachegraph writes it: {exc}", AGAIN) from exc


def _check(metadata: "pq.FileMetaData", type_: Type, about: Mapping[str, Any]) -> None:
    """ValueError if a part is not what is said of it, or unpacks to more than any export does."""
    _check_columns(metadata.schema.to_arrow_schema(), type_, "string")
    if metadata.num_rows != about["rows"]:
        raise ValueError("it has another number of rows")
    for number in range(metadata.num_row_groups):
        # Nothing is asked of its columns: for a damaged one PyArrow 26 ends the process.
        group = metadata.row_group(number)
        size, rows = group.total_byte_size, group.num_rows
        if size > _LARGEST_GROUP or rows > _MOST_VALUES:
            raise ValueError(f"a row group of {size:,} bytes and {rows:,} rows")


def _check_columns(schema: "pa.Schema", type_: Type, text: str) -> None:
    fields = [(field.name, str(field.type)) for field in schema]
    if fields != [(name, _ARROW.get(kind, text)) for name, kind in columns(type_)]:
        raise ValueError("it has other columns")


_TEXT = "dictionary<values=string, indices=int32, ordered=0>"
_ARROW = {BOOLEAN: "bool", INTEGER: "int64", STRINGS: "list<element: string>"}


def _of_batch(type_: Type, batch: "pa.RecordBatch") -> Iterator[Element]:
    kinds = [kind for _, kind in columns(type_)]
    values = [_values(kind, column) for kind, column in zip(kinds, batch.columns, strict=True)]
    keys_of = 1 if isinstance(type_, NodeType) else 2
    if any(column.null_count for column in batch.columns[:keys_of]):
        raise ValueError("a key is null")
    if isinstance(type_, NodeType):
        keys, *properties = values
        rows = zip(*properties, strict=True) if properties else [()] * len(keys)
        for key, row in zip(keys, rows, strict=True):
            yield Nodes(type_, [key], row)
        return
    starts, ends, *properties = values
    if not properties:
        yield Pairs(type_, starts, ends)
        return
    equal: dict[tuple[Any, ...], tuple[list[str], list[str]]] = {}
    for start, end, row in zip(starts, ends, zip(*properties, strict=True), strict=True):
        pairs = equal.setdefault(row, ([], []))
        pairs[0].append(start)
        pairs[1].append(end)
    names = [p.name for p in type_.properties]
    for row, pairs in equal.items():
        known = {name: v for name, v in zip(names, row, strict=True) if v is not None}
        yield Pairs(type_, *pairs, known)


def _values(kind: Kind, column: "pa.Array") -> list[Any]:
    """The values of a column; lists by their offsets: five times as fast as what Arrow makes."""
    if kind in (BOOLEAN, INTEGER):
        return column.to_pylist()  # type: ignore[no-any-return]
    if kind is not STRINGS:
        return _texts(column)
    offsets: list[int] = column.offsets.to_pylist()
    # A batch may be a window on more rows.
    first, last = offsets[0], offsets[-1]
    members = column.values.slice(first, last - first)
    if members.null_count:
        raise ValueError("a list has a null in it")
    if len(members) > _MOST_VALUES or members.nbytes > _LARGEST_GROUP:
        raise ValueError(f"lists with {len(members):,} texts of {members.nbytes:,} bytes")
    texts = members.to_pylist()
    lists = [tuple(texts[start - first : end - first]) for start, end in pairwise(offsets)]
    present = column.is_valid().to_pylist()
    return [one if there else None for there, one in zip(present, lists, strict=True)]


def _texts(column: "pa.DictionaryArray") -> list[Any]:
    """The texts of a column; those that are equal are one object."""
    texts = column.dictionary.to_pylist()
    places = column.indices.to_pylist()
    if column.null_count:
        return [None if place is None else texts[place] for place in places]
    return [*map(texts.__getitem__, places)]

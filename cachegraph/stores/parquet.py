"""A folder of Parquet that cachegraph exported, as a store to ask.

It is read into a file store of its own, in a temporary folder: for 100,000 specs with a million
dependencies that takes 5 s and 400 MB, where a graph of NetworkX takes 16 s and 1.3 GB. The sha256
of every part is in ``schema.json``, so that a damaged part is an error and no answer. Of a folder
that somebody made to do harm, nothing outside it is read, and large row groups are refused.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

from cachegraph.errors import StoreError
from cachegraph.model.elements import Element
from cachegraph.model.parquet_layout import FORMAT, SCHEMA, TYPES, VERSION, Type, folder
from cachegraph.model.parquet_layout import description as description_of
from cachegraph.model.schema import MODEL_VERSION, NODE_TYPES, RELATIONSHIP_TYPES
from cachegraph.stores import StoreFacts
from cachegraph.stores.disk_files import file_facts
from cachegraph.stores.file.store import FileStore
from cachegraph.stores.leftovers import own_mark, remove_leftovers
from cachegraph.stores.parquet_parts import AGAIN, CHECK_FILE, open_inside, read_part

_EXPORT = "make one: cachegraph export FOLDER --format parquet"
_PREFIX = "cachegraph-"
_ROOM = "make room there, or name another folder in TMPDIR"
_LARGEST_SCHEMA = 4 << 20
Document = Mapping[str, Any]


class ParquetStore(FileStore):
    """A store with the graph of an export, read-only."""

    def __init__(self, path: str) -> None:
        document = _document(Path(path))
        self._files = [Path(path, file["path"]) for _, file in _files(document, TYPES)]
        try:
            # One that was killed while it read has left its copy.
            remove_leftovers(gettempdir(), _PREFIX)
            self._copy = TemporaryDirectory(
                prefix=f"{_PREFIX}{own_mark()}", ignore_cleanup_errors=True
            )
        except OSError as exc:
            raise StoreError(f"{path}: no temporary folder: {exc.strerror}", _ROOM) from exc
        copy = f"{self._copy.name}/graph.db"
        try:
            _copy(path, document, copy)
            super().__init__(copy)
        except StoreError as exc:
            if not exc.message.startswith(copy):
                raise
            raise StoreError(f"{path}: cannot be copied to {exc.message}", _ROOM) from exc
        finally:
            # What is open stays readable, and nothing is left behind however this process ends;
            # on Windows the folder goes when the store is closed.
            self._copy.cleanup()
        self.location = path

    def facts(self) -> StoreFacts:
        facts = file_facts("parquet", f"{self.location}/{SCHEMA}", map(str, self._files))
        return {**facts, "store": file_facts("", self.location)["store"]}

    def close(self) -> None:
        super().close()
        self._copy.cleanup()


def _copy(path: str, document: Document, copy: str) -> None:
    """Writes the graph of an export to a new file store."""
    with closing(FileStore(copy, write=True)) as store:
        # It lives as long as this process: there is nothing to keep safe from a crash.
        store.database.rows("PRAGMA synchronous = OFF")
        with store.writing():
            for types in (NODE_TYPES, RELATIONSHIP_TYPES):
                store.load(_elements(Path(path), document, types))
                store.flush()
                _check_counts(store, path, document, types)
            _check_counts(store, path, document, NODE_TYPES)
        store.database.rows("PRAGMA journal_mode = DELETE")  # no file beside it


def _document(path: Path) -> Document:
    """What ``schema.json`` says; StoreError if this cachegraph does not write it so."""
    document = _json(path)
    file = path / SCHEMA
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise StoreError(f"{file}: not of cachegraph: no format {FORMAT!r}", _EXPORT)
    for name, known in (("version", VERSION), ("model", MODEL_VERSION)):
        _check_version(path, name, document.get(name), known)
    for type_ in TYPES:
        if not _is_described(document, type_):
            message = f"{file}: {folder(type_)} has other columns, counts or files than an export"
            raise StoreError(message, AGAIN)
    return document


def _json(path: Path) -> Any:
    """The value in ``schema.json``."""
    file = path / SCHEMA
    try:
        with open_inside(file, path) as stream:
            text = stream.read(_LARGEST_SCHEMA + 1)
        if len(text) > _LARGEST_SCHEMA:
            raise StoreError(f"{file}: larger than {_LARGEST_SCHEMA >> 20} MiB", _EXPORT)
        return json.loads(text)
    except FileNotFoundError as exc:
        raise StoreError(f"{path}: no export of cachegraph: it has no {SCHEMA}", _EXPORT) from exc
    except OSError as exc:
        raise StoreError(f"{file}: cannot be read: {exc.strerror}", CHECK_FILE) from exc
    except (ValueError, RecursionError) as exc:
        raise StoreError(f"{file}: no JSON: {exc}", AGAIN) from exc


def _check_version(path: Path, name: str, found: Any, known: int) -> None:
    if type(found) is int and found > known:
        message = f"{path} was written by a newer cachegraph: {name} {found}, known is {known}"
        raise StoreError(message, "upgrade cachegraph")
    if type(found) is not int or found != known:
        message = f"{path}/{SCHEMA}: {name} is {found!r:.100}, not {known}"
        raise StoreError(message, AGAIN)


def _is_described(document: Document, type_: Type) -> bool:
    """Whether what it says of a label or type is what an export says, whatever the files."""
    group, name = folder(type_).split("/")
    try:
        said = document[group][name]
        named = all(
            file["path"] == f"{folder(type_)}/part-{number:05}.parquet"
            and (type(file["rows"]), type(file["sha256"])) == (int, str)
            for number, file in enumerate(said["files"])
        )
        return bool(said["files"]) and named and said == description_of(type_, said["files"])
    except (KeyError, TypeError):
        return False


def _files(document: Document, types: Sequence[Type]) -> Iterator[tuple[Type, dict[str, Any]]]:
    for type_ in types:
        group, name = folder(type_).split("/")
        for file in document[group][name]["files"]:
            yield type_, file


def _elements(path: Path, document: Document, types: Sequence[Type]) -> Iterator[Element]:
    """The nodes or relationships of these types; StoreError if a part is not what it was."""
    try:
        import pyarrow  # noqa: F401  # all that follows needs it
    except ImportError as exc:
        message = f"{path}: Parquet needs pyarrow, which is not installed"
        raise StoreError(message, "pip install 'cachegraph[parquet]'") from exc
    for type_, about in _files(document, types):
        yield from read_part(path, type_, about)


def _check_counts(store: FileStore, path: str, document: Document, types: Sequence[Type]) -> None:
    """StoreError if there are fewer than in the parts, or more: ends that are in no part."""
    for type_ in types:
        group, name = folder(type_).split("/")
        listed, found = document[group][name]["count"], store.count(type_)
        if found < listed:
            message = f"{listed} in its parts, and only {found} different ones"
            raise StoreError(f"{path}/{folder(type_)}: {message}", AGAIN)
        if found > listed:
            message = f"relationships lead to {found - listed} that are not in its parts"
            raise StoreError(f"{path}/{folder(type_)}: {message}", AGAIN)

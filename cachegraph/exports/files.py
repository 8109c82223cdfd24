"""Writes files and folders that appear complete or not at all."""

import gzip
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from errno import EISDIR
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, cast

from cachegraph.errors import StoreError
from cachegraph.stores.disk_files import is_store_file
from cachegraph.stores.leftovers import own_mark, remove_leftovers

_ENDING = ".part"
_LONGEST_NAME = 40
"""Characters of the name that are kept: with the rest they are a name on every file system."""


@contextmanager
def atomic_file(path: Path) -> Iterator[Callable[[str], object]]:
    """A function that writes text; at the end of the ``with`` block the text replaces the file.

    The file is compressed if its name ends in ``.gz``. After an exception it stays as it was. A
    link stays, and what it leads to is replaced; StoreError if that is a store. A pipe or a device
    is written to at once.
    """
    with atomic_bytes(path) as file:
        yield lambda text: file.write(text.encode())


@contextmanager
def atomic_bytes(path: Path) -> Iterator[BinaryIO]:
    """A file to write bytes to, under the same conditions."""
    with _raw(path) as raw:
        if path.name.endswith(".gz"):
            with gzip.GzipFile("", "wb", 6, raw, 0) as packed:
                yield cast("BinaryIO", packed)
        else:
            yield raw


@contextmanager
def _raw(path: Path) -> Iterator[BinaryIO]:
    with _store_errors(path):
        if _is_stream(path):
            with path.open("wb") as raw:
                yield raw
            return
        with atomic_path(path) as part, part.open("xb") as raw:
            yield raw


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A path to make a file at, under the same conditions; StoreError for a pipe or a device."""
    with _store_errors(path):
        if _is_stream(path):
            raise StoreError(f"{path}: a pipe or a device, where a file is needed", "name a file")
        if is_store_file(path):
            raise StoreError(f"{path}: a store of cachegraph", "name another file, or remove it")
        path = Path(os.path.realpath(path))
        part = _temporary(path)
        try:
            yield part
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """A temporary folder to write into; at the end of the ``with`` block it gets the path's name.

    StoreError if the path exists and is not an empty folder.
    """
    with _store_errors(path):
        if path.exists() and not (path.is_dir() and not any(path.iterdir())):
            message = f"{path}: exists already, and is not an empty folder"
            raise StoreError(message, "name a new folder, or remove this one first")
        path = Path(os.path.abspath(path))  # noqa: PTH100  # "." has no name, and links stay links
        part = _temporary(path)
        try:
            part.mkdir()
            yield part
            if path.is_dir():
                path.rmdir()
            part.rename(path)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def _is_stream(path: Path) -> bool:
    """Whether the path is a pipe, a device, or a name for an open file such as ``/dev/stdout``."""
    if path.is_absolute() and path.parts[1:2] in (("dev",), ("proc",)):
        return True
    return path.exists() and not (path.is_file() or path.is_dir())


def _temporary(path: Path) -> Path:
    """A new path beside another, which nobody can guess; removes what killed processes left so."""
    if path.is_dir() and not path.name:
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
    before = f".{path.name[:_LONGEST_NAME]}."
    remove_leftovers(str(path.parent), before, _ENDING)
    return path.with_name(f"{before}{own_mark()}{token_hex(8)}{_ENDING}")


@contextmanager
def _store_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        reason = os.strerror(exc.errno) if exc.errno else exc  # pyarrow tells more than that
        message = f"{path}: cannot be written: {reason}"
        raise StoreError(message, "check its folder and the disk") from exc

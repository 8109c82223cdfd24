"""Writes files and folders that appear complete or not at all."""

import gzip
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cachegraph.errors import StoreError


@contextmanager
def atomic_file(path: Path) -> Iterator[Callable[[str], object]]:
    """A function that writes text; at the end of the ``with`` block the text replaces the file.

    The file is compressed if its name ends in ``.gz``. After an exception it stays as it was.
    """
    part = _temporary(path)
    with _store_errors(path):
        try:
            with part.open("wb") as raw:
                if path.name.endswith(".gz"):
                    with gzip.GzipFile("", "wb", 6, raw, 0) as packed:
                        yield lambda text: packed.write(text.encode())
                else:
                    yield lambda text: raw.write(text.encode())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """A temporary folder to write into; at the end of the ``with`` block it gets the path's name.

    StoreError if the path exists and is not an empty folder.
    """
    path = Path(os.path.abspath(path))  # noqa: PTH100  # "." has no name, and links stay links
    part = _temporary(path)
    with _store_errors(path):
        if path.exists() and not (path.is_dir() and not any(path.iterdir())):
            message = f"{path}: exists already, and is not an empty folder"
            raise StoreError(message, "name a new folder, or remove this one first")
        try:
            part.mkdir()
            yield part
            if path.is_dir():
                path.rmdir()
            part.rename(path)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.part")


@contextmanager
def _store_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        message = f"{path}: cannot be written: {exc.strerror}"
        raise StoreError(message, "check its folder and the disk") from exc

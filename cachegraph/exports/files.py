"""Files and folders that are there in full or not at all."""

import gzip
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cachegraph.errors import StoreError


@contextmanager
def replacing(path: Path) -> Iterator[Callable[[str], object]]:
    """What writes text to a file that takes the place of the path when it is whole."""
    part = _beside(path)
    with _explained(path):
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
def filling(path: Path) -> Iterator[Path]:
    """A folder to write into, which becomes the path when it is whole; StoreError if that is used.

    An empty folder may be there.
    """
    path = Path(os.path.abspath(path))  # noqa: PTH100  # "." has no name, and links stay links
    part = _beside(path)
    with _explained(path):
        if path.exists() and not (path.is_dir() and not any(path.iterdir())):
            raise StoreError(
                f"{path}: is there already, and not empty",
                "name a new folder, or remove this one first",
            )
        try:
            part.mkdir()
            yield part
            if path.is_dir():
                path.rmdir()
            part.rename(path)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.part")


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise StoreError(
            f"{path}: cannot be written: {exc.strerror}", "check its folder and the disk"
        ) from exc

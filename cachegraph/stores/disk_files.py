"""What the file system knows of the files of a store."""

import os
import time
from collections.abc import Iterable

from cachegraph.stores import StoreFacts

APPLICATION = 0x63616772  # "cagr": by this file(1), and we, recognize a store
_HEADER = b"SQLite format 3\0"
_PLACE = 68  # of the application in the header


def is_store_file(path: str | os.PathLike[str]) -> bool:
    """Whether there is a file store at a path, of any version."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123  # pathlib is slow to import
            head = file.read(_PLACE + 4)
    except OSError:
        return False
    return head.startswith(_HEADER) and head[_PLACE:] == APPLICATION.to_bytes(4)


def file_facts(kind: str, path: str, more: Iterable[str] = ()) -> StoreFacts:
    """The kind, the absolute path, the size of all files, and when they last changed."""
    found = [os.stat(file) for file in (path, *more) if os.path.exists(file)]  # noqa: PTH110, PTH116
    # SQLite makes an empty write-ahead log when a file is only read.
    changed = time.gmtime(max((one.st_mtime for one in found if one.st_size), default=0))
    return {
        "store": os.path.abspath(path),  # noqa: PTH100
        "kind": kind,
        "bytes": sum(one.st_size for one in found),
        "changed": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", changed),
    }

"""What the file system knows of the files of a store."""

import os
import time
from collections.abc import Iterable

from cachegraph.stores import StoreFacts


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

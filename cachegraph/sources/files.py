"""Reads files, but nothing that only looks like one: a pipe or a device may have no end.

What a document or the folder of a build cache names may be a link, but not to where nobody named.
"""

import errno
import os
from stat import S_ISREG

_PART = 1 << 20


def read_file(path: str | os.PathLike[str], limit: int, below: str | os.PathLike[str]) -> bytes:
    """The bytes of a regular file below a folder; OSError for others, and for more than limit."""
    check_below(path, below)
    descriptor = open_file(path)  # takes a third less time than open()
    try:
        return read_all(descriptor, limit)
    finally:
        os.close(descriptor)


def lies_below(path: str | os.PathLike[str], folder: str | os.PathLike[str]) -> bool:
    """Whether a path leads to what is below a folder, also where either of them is a link."""
    # Nearly always nothing on the way is a link: to look takes a tenth of the time of realpath.
    top, part = os.fspath(folder), os.fspath(path)
    while part.startswith(f"{top}{os.sep}") and not os.path.islink(part):  # noqa: PTH114
        part = os.path.dirname(part)  # noqa: PTH120
    if part == top and f"{os.sep}{os.pardir}" not in os.fspath(path):
        return True
    try:
        top, real = os.path.realpath(folder), os.path.realpath(path)
        return os.path.commonpath([top, real]) == top
    except (OSError, ValueError):
        return False


def check_below(path: str | os.PathLike[str], folder: str | os.PathLike[str]) -> None:
    """OSError if a path leads to what is not below a folder."""
    if not lies_below(path, folder):
        raise OSError(errno.ELOOP, "a link that leads out of the folder of what names it")


def open_file(path: str | os.PathLike[str], flags: int = os.O_RDONLY) -> int:
    """The descriptor of a regular file; OSError for what is none. Can be the opener of open()."""
    # Without O_NONBLOCK a pipe would be waited for.
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if not S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file")
    return descriptor


def read_all(descriptor: int, limit: int) -> bytes:
    """The bytes of an open file; OSError for more than ``limit`` bytes."""
    expected = os.fstat(descriptor).st_size
    # One byte more shows whether this is all, as it is of whatever lies on a disk.
    data = b"" if expected > limit else os.read(descriptor, expected + 1)
    size = max(expected, len(data))
    parts = [data]
    while len(data) != expected and size <= limit:
        if not (data := os.read(descriptor, _PART)):
            return b"".join(parts)
        parts.append(data)
        size += len(data)
    if size > limit:
        raise OSError(errno.EFBIG, f"larger than {limit >> 20} MiB")
    return parts[0]

"""Texts that are read in parts: bytes in memory, or a file that is too large to be there."""

import hashlib
import os
from collections.abc import Iterator
from typing import Protocol

from cachegraph.errors import FormatError
from cachegraph.sources.files import open_file

_PART = 1 << 20


class Text(Protocol):
    """Bytes of which any part can be read."""

    size: int

    def read(self, start: int, end: int) -> bytes:
        """The bytes from start to end."""


class BytesText:
    """Bytes that are in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)

    def read(self, start: int, end: int) -> bytes:
        return self._data if end - start >= self.size else self._data[start:end]


class FileText:
    """A file, which is opened for each part; FormatError if it has changed in the meantime."""

    def __init__(self, path: str, location: str, limit: int) -> None:
        self._limit = limit
        self._path = path
        self._location = location
        self._state = self._state_of(os.stat(path))  # noqa: PTH116  # once for each document
        self.size = self._state[0]

    @staticmethod
    def _state_of(status: os.stat_result) -> tuple[int, int, int]:
        return status.st_size, status.st_mtime_ns, status.st_ino

    def read(self, start: int, end: int) -> bytes:
        with open(self._path, "rb", buffering=0, opener=open_file) as stream:
            stream.seek(start)
            parts = []
            while start < end and (data := stream.read(end - start)):
                parts.append(data)
                start += len(data)
            if self._state_of(os.fstat(stream.fileno())) == self._state:
                return b"".join(parts)
        hint = "import it again when nothing writes to it"
        raise FormatError(f"{self._location}: changed while it was read", hint)

    def whole(self) -> bytes:
        """All bytes; FormatError if there are more than the limit."""
        if self.size > self._limit:
            message = f"{self._location}: larger than {self._limit >> 20} MiB, and no plain index"
            raise FormatError(message, "if it is what you mean, set CACHEGRAPH_LARGEST to more MiB")
        return self.read(0, self.size)

    def parts(self) -> Iterator[bytes]:
        """The bytes, part by part."""
        for start in range(0, self.size, _PART):
            yield self.read(start, min(start + _PART, self.size))

    def digest(self) -> str:
        """The sha256 of the bytes."""
        digest = hashlib.sha256()
        for part in self.parts():
            digest.update(part)
        return digest.hexdigest()

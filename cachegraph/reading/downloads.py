"""Keeps what an import fetches until its end, so that nothing is fetched in its transaction.

Bytes and errors are kept by address: the second time both come at once, without the network.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from os import SEEK_END
from typing import IO

from cachegraph.errors import FetchError
from cachegraph.reading import remote
from cachegraph.reading.secrets import without_secrets


class _Downloads:
    """Bytes in one file that has no name, and where in it those of each address are."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._ranges: dict[str, tuple[int, int]] = {}
        self._errors: dict[str, FetchError] = {}

    def read(self, url: str, limit: int, named_by: str | None) -> bytes:
        if url in self._errors:
            raise self._errors[url]
        if self._file is not None and url in self._ranges:
            start, size = self._ranges[url]
            self._file.seek(start)
            return self._file.read(size)
        try:
            data = remote.read(url, limit=limit, named_by=named_by)
        except FetchError as exc:
            self._errors[url] = exc
            raise
        self._keep(url, data)
        return data

    def _keep(self, url: str, data: bytes) -> None:
        from tempfile import TemporaryFile, gettempdir

        try:
            if self._file is None:
                self._file = TemporaryFile()  # noqa: SIM115  # closed by close
            start = self._file.seek(0, SEEK_END)
            self._file.write(data)
            self._file.flush()
        except OSError as exc:
            message = f"{without_secrets(url)}: cannot be kept in {gettempdir()}: {exc.strerror}"
            raise FetchError(message, "set TMPDIR to a folder with more space") from exc
        self._ranges[url] = start, len(data)

    def close(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                self._file.close()


_current: ContextVar[_Downloads | None] = ContextVar("downloads of the import", default=None)


@contextmanager
def keeping_downloads() -> Iterator[None]:
    """Within it each address is fetched once, and all of them within one time."""
    downloads = _Downloads()
    token = _current.set(downloads)
    try:
        with remote.in_time():
            yield
    finally:
        _current.reset(token)
        downloads.close()


def read(url: str, *, limit: int, named_by: str | None) -> bytes:
    """The bytes at an address; see ``remote.read``."""
    downloads = _current.get()
    if downloads is None:
        return remote.read(url, limit=limit, named_by=named_by)
    return downloads.read(url, limit, named_by)

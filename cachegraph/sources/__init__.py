"""Bytes become spec records: one module a format, chosen by what is in the bytes."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from cachegraph.errors import CacheGraphError
from cachegraph.spec import Extent, SpecRecord

# Takes note of something bad and returns, or raises it when nothing bad may pass.
Report = Callable[[CacheGraphError], None]


class Document(NamedTuple):
    """Bytes, and where they came from; other files are looked for beside ``path``."""

    location: str
    path: str
    data: bytes


class Contents(NamedTuple):
    """What a document says; ``data`` is all the bytes that were read for it.

    Of a document that is not ``whole`` some records could not be read: what it lacks says nothing.
    """

    format: str
    format_version: str
    records: list[SpecRecord]
    extents: tuple[Extent, ...]
    data: bytes
    whole: bool = True


class Source(Protocol):
    """What every module of this room provides."""

    def accepts(self, document: Document) -> bool:
        """Whether the bytes look like this format; the first 8 KiB are enough to tell."""

    def read(self, document: Document, release: str | None, report: Report) -> Contents:
        """What the document says; FormatError when nothing of it can be read."""

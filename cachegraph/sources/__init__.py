"""Bytes become spec records: one module a format, chosen by what is in the bytes."""

from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from cachegraph.errors import CacheGraphError, FormatError
from cachegraph.model.spec import Extent, Root, SpecRecord
from cachegraph.model.stack_key import LOCAL

# Takes note of something bad and returns, or raises it when nothing bad may pass.
Report = Callable[[CacheGraphError], None]


class Names(NamedTuple):
    """What the specs of a source belong to; None where it is not told."""

    release: str | None = None
    stack: str | None = None


class Document(NamedTuple):
    """Bytes, and where they came from; other files are looked for beside ``path``."""

    location: str
    path: str
    data: bytes
    """What the bytes hold, without compression."""
    digest: str = ""
    """sha256 of the bytes as they are kept."""
    given: Names = Names()
    """The names that the person who imports gave."""
    found: Names = Names()
    """The names that follow from the location, for sources that have none of their own."""
    part_of: str = ""
    """The location of the build cache that this is one of many documents of."""

    @property
    def release(self) -> str:
        """The release of a source that names none itself."""
        return self.given.release or self.found.release or LOCAL

    @property
    def stack(self) -> str:
        """The key of the stack of a source that names none itself."""
        name = self.given.stack or self.found.stack or LOCAL
        return f"{self.release}/{name.replace('/', '-')}"


class Note:
    """Takes note of what is wrong within a document: it is reported, and kept in ``faults``."""

    def __init__(self, location: str, report: Report) -> None:
        self._location = location
        self._report = report
        self.faults: list[CacheGraphError] = []

    def __call__(self, problem: str) -> None:
        error = FormatError(f"{self._location}: {problem}")
        self.faults.append(error)
        self._report(error)


class Contents(NamedTuple):
    """What a document says.

    ``roots``, ``extents`` and ``faults`` are complete when all records have been taken.
    """

    format: str
    format_version: str
    records: Iterable[SpecRecord]
    extents: list[Extent]
    """What the document holds in full."""
    digest: str
    """sha256 of all the bytes that were read for it."""
    roots: list[Root]
    faults: list[CacheGraphError]
    """Why records could not be read: of what it then lacks, the document says nothing."""


class Source(Protocol):
    """What every module of this room provides."""

    def accepts(self, document: Document) -> bool:
        """Whether the bytes look like this format; the first 8 KiB are enough to tell."""

    def read(self, document: Document, report: Report) -> Contents:
        """What the document says; FormatError when nothing of it can be read."""

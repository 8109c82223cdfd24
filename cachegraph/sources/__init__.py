"""Turns bytes into spec records: one module for each format, recognized by its first bytes."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import NamedTuple

from cachegraph.errors import CacheGraphError, FormatError, VersionError
from cachegraph.model.spec import Root, Scope, SpecGroup, SpecRecord
from cachegraph.model.stack_key import LOCAL, StackKey
from cachegraph.model.utf8_text import utf8_text
from cachegraph.sources.parts import FileText
from cachegraph.sources.unexpected import unexpected_errors

_SHOWN = 3
# Records an error and returns, or raises it in a strict import.
ErrorHandler = Callable[[CacheGraphError], object]


class StackNames(NamedTuple):
    """The release and the stack that specs belong to; None if unknown."""

    release: str | None = None
    stack: str | None = None

    def as_text(self) -> "StackNames":
        """The same names, with what is no UTF-8 in them spelled out."""
        return StackNames(*(name and utf8_text(name) for name in self))


class Document(NamedTuple):
    """The bytes of a document and where they came from; further files are read beside ``path``."""

    location: str
    path: str
    data: bytes
    """The bytes, decompressed; of a large file only the first ones."""
    digest: str = ""
    """sha256 of the bytes as stored, perhaps compressed."""
    user_names: StackNames = StackNames()
    """The names that the user chose for the import."""
    path_names: StackNames = StackNames()
    """The names that follow from the location, for formats that contain none."""
    build_cache: str = ""
    """The location of the build cache, if the document is one of the many spec files in it."""
    sizes: Mapping[str, int] = MappingProxyType({})
    """Bytes of the archives in the build cache that the document is in, by DAG hash."""
    held: Scope | None = None
    """What it lists, if the graph holds exactly that: then it need not be parsed."""
    file: FileText | None = None
    """All of a large file, to be read in parts."""

    def whole(self) -> "Document":
        """The document with all bytes in memory."""
        if self.file is None:
            return self
        return self._replace(data=self.file.whole(), file=None)

    @property
    def release(self) -> str:
        """The release of a document whose format contains none."""
        return self.user_names.release or self.path_names.release or LOCAL

    @property
    def stack(self) -> str:
        """The key of the stack of a document whose format contains none."""
        name = self.user_names.stack or self.path_names.stack or LOCAL
        return f"{self.release}/{name.replace('/', '-')}"

    @property
    def whole_stack(self) -> Scope:
        """The scope of a document that lists all of its stack."""
        release, stack = StackKey.parse(self.stack)
        return Scope(release, stack=stack)

    def newer_version(self, what: str, newest: int) -> VersionError:
        """The error of a document in a version that is newer than ``newest``."""
        message = f"{self.location}: {what}; the newest known is {newest}"
        return VersionError(message, "upgrade cachegraph")


class Faults:
    """The faults of a document: the first ones of each kind, and the number of all."""

    _MOST_OF_A_KIND = 20
    _MOST = 1000
    # What is another in each message of a kind: places, numbers, and what was found there.
    _differing = re.compile(r"/[^\s:]*|\[[^\]]*\]|\d+|\bfound .*", re.DOTALL)

    def __init__(self) -> None:
        self.first: list[CacheGraphError] = []
        self._count = 0
        self._by_kind: Counter[str] = Counter()

    def __len__(self) -> int:
        return self._count

    def add(self, error: CacheGraphError) -> bool:
        """Counts a fault; whether it is one of the first, which are kept."""
        self._count += 1
        if len(self.first) >= self._MOST:
            return False
        kind = self._differing.sub("", error.message)
        self._by_kind[kind] += 1
        if self._by_kind[kind] > self._MOST_OF_A_KIND:
            return False
        self.first.append(error)
        return True

    def rest(self, location: str) -> list[CacheGraphError]:
        """One error that counts the faults that are not kept, if there are any."""
        more = self._count - len(self.first)
        return [FormatError(f"{location}: {more:,} more faults like these")] if more else []


class FaultReporter:
    """Reports the first faults of each kind within a document, and counts all in ``faults``."""

    def __init__(self, location: str, report: ErrorHandler) -> None:
        self._location = location
        self._report = report
        self.faults = Faults()

    def __call__(self, fault: str) -> None:
        error = FormatError(f"{self._location}: {fault}")
        if self.faults.add(error):
            self._report(error)


class ParsedDocument(NamedTuple):
    """The contents of a document.

    ``roots`` and ``faults`` are complete only when all records have been read.
    """

    format: str
    format_version: str
    records: Iterable[SpecRecord]
    scopes: list[Scope]
    """What the document lists completely."""
    digest: str
    """sha256 of all bytes that were read for it."""
    roots: list[Root]
    faults: Faults
    """Why some records could not be read; with a fault the scopes are not complete."""
    groups: Sequence[SpecGroup] | None = None
    """The records, if all are in groups; then no spec is in two of them."""


def whole_stack(document: Document) -> Scope | None:
    """The scope of a document of a format that lists a whole stack."""
    return document.whole_stack


class Source(NamedTuple):
    """A format that specs are read from."""

    description: str
    """The documents in a few words, for hints."""
    accepts: Callable[[Document], bool]
    """Whether the bytes look like this format.

    The first 8 KiB are enough to tell, but for an object that begins with other keys.
    """
    parse: Callable[[Document, ErrorHandler], ParsedDocument]
    """The contents of a document; FormatError if nothing of it can be read."""
    scope: Callable[[Document], Scope | None] = whole_stack
    """What a document lists, by its names and its first 8 KiB; None if these do not tell."""
    file_names: tuple[str, ...] = ()
    """Names of files that must be documents: one that cannot be read is an error, not skipped."""
    stack_named_by_folder: bool = False
    """Whether the stack has the name of the folder, whatever the file is called."""
    is_environment: bool = False
    """Whether a document is one environment, all of whose specs belong together."""

    def read(self, document: Document, report: ErrorHandler) -> ParsedDocument:
        """Parses a document; whatever goes wrong is an error with its location."""
        with unexpected_errors(document.location):
            parsed = self.parse(document, report)
        return parsed._replace(records=self._records(document, parsed, report))

    def _records(
        self, document: Document, parsed: ParsedDocument, report: ErrorHandler
    ) -> Iterator[SpecRecord]:
        """The records, up to one that ends the reading; then reports what the faults come to."""
        try:
            with unexpected_errors(document.location):
                yield from parsed.records
        except FormatError as exc:
            parsed.faults.add(exc)
            report(exc)
        for error in parsed.faults.rest(document.location):
            report(error)
        if parsed.faults and (unread := self._unread(document)):
            first = ", ".join(f"/{hash_} ({n:,})" for hash_, n in unread.most_common(_SHOWN))
            more = f" and {len(unread) - _SHOWN:,} more" if len(unread) > _SHOWN else ""
            count = unread.total()
            uses = "1 dependency leads" if count == 1 else f"{count:,} dependencies lead"
            message = f"{uses} to specs that were not read from it: {first}{more}"
            report(FormatError(f"{document.location}: {message}"))

    def _unread(self, document: Document) -> Counter[str]:
        """The dependencies on each spec of which a document has no record that can be read.

        The document is read again, so that those without faults, nearly all, take no time for it.
        """
        uses: Counter[str] = Counter()
        read = set()
        with suppress(CacheGraphError), unexpected_errors(document.location):
            for record in self.parse(document, lambda _: None).records:
                read.add(record.hash)
                uses.update((record.dependencies or {}).keys())
        for hash_ in read:
            uses.pop(hash_, None)
        return uses

"""Imports documents into a store: all that is good goes in, in one transaction."""

import gc
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from os import PathLike
from typing import NamedTuple

from cachegraph.elements import Assembler, Conflict, Nodes, Properties, Relationships
from cachegraph.errors import CacheGraphError, FormatError
from cachegraph.fetch import WANTED, discover, documents
from cachegraph.graph import Handle
from cachegraph.schema import (
    IN_STACK,
    OF_PACKAGE,
    OF_RELEASE,
    PACKAGE,
    RELEASE,
    ROOT_OF,
    SOURCE,
    SPEC,
    STACK,
)
from cachegraph.sources import Contents, Document, Source
from cachegraph.spec import Extent, SpecRecord
from cachegraph.stores import Store
from cachegraph.stores.pruning import prune
from cachegraph.summary import ImportedSource, ImportSummary, Seen

# So many records are loaded at once: fewer have more overhead, more do not help.
_BATCH = 1000

Read = tuple[Document, Source] | None
Progress = Callable[[Iterable[Read], int], Iterator[Read]]


def import_into(
    store: Store,
    locations: Sequence[str | PathLike[str]],
    *,
    release: str | None = None,
    replace: bool = False,
    strict: bool = False,
    progress: Progress = lambda items, _: iter(items),
) -> ImportSummary:
    """Imports what the locations name and tells what came in.

    A bad record or document is a warning and the rest goes in; with ``strict`` the first one is
    raised and nothing goes in. FetchError or FormatError when nothing at all could be read.
    """
    job = _Job(store, release, strict=strict)
    files = discover(locations, job.report)
    with _without_gc(), store.writing():
        job.remember(store)
        for item in progress(documents(files, job.report), len(files)):
            if item is not None:
                job.add(*item)
        job.load()
        if not job.summary.sources:
            raise job.nothing(locations)
        store.flush()
        job.settle(replace=replace)
    job.seen.fill(job.summary)
    return job.summary


@contextmanager
def _without_gc() -> Iterator[None]:
    """Holds garbage collection off: it doubles the time, and an import makes no cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Read(NamedTuple):
    """A document that has been read and waits to be loaded."""

    node: Nodes
    records: Sequence[SpecRecord]
    imported: ImportedSource


class _Job:
    """One import under way."""

    def __init__(self, store: Store, release: str | None, *, strict: bool) -> None:
        self._store = store
        self._release = release
        self._strict = strict
        self._assembler = Assembler()
        self._now = datetime.now(UTC).isoformat(timespec="seconds")
        self._before: set[str] = set()
        self._digests: set[str] = set()
        self._partial: set[Extent] = set()
        self._errors: list[CacheGraphError] = []
        self._batch: list[_Read] = []
        self._waiting = 0
        self.summary = ImportSummary()
        self.seen = Seen()

    def report(self, error: CacheGraphError) -> None:
        """Takes note of something bad, or raises it when the import is strict."""
        if self._strict:
            raise error
        self._errors.append(error)
        self.summary.warnings.append(error.message)

    def remember(self, store: Store) -> None:
        """Takes note of the releases and sources that are there before."""
        self._before = {*store.starting(RELEASE)}
        self._digests = {*store.starting(SOURCE)}

    def add(self, document: Document, source: Source) -> None:
        """Reads one document, and loads what has been read when it is enough for a batch."""
        before = len(self.summary.warnings)
        try:
            contents = source.read(document, self._release, self.report)
        except FormatError as error:
            self.report(error)
            return
        records = contents.records
        hashes = {record[0] for record in records}
        self.seen.specs |= hashes
        self._claim(document, contents)
        warnings = len(self.summary.warnings) - before
        imported = ImportedSource(
            document.location, contents.format, contents.format_version, len(hashes), warnings
        )
        self.summary.sources.append(imported)
        self.seen.add(records)
        node = self._source_node(contents, imported)
        self._batch.append(_Read(node, records, imported))
        self._waiting += len(records)
        if self._waiting >= _BATCH:
            self.load()

    def load(self) -> None:
        """Loads what has been read: at once, or one by one when any spec is met again."""
        batch, self._batch, self._waiting = self._batch, [], 0
        hashes = [record[0] for read in batch for record in read.records]
        if len({*hashes}) == len(hashes) and not self._store.known(hashes):
            self._load(batch, {})
            return
        for read in batch:
            self._load([read], self._store.known([record.hash for record in read.records]))

    def _load(self, batch: list["_Read"], known: Mapping[str, Properties]) -> None:
        sources = [(read.node, read.records) for read in batch]
        elements, conflicts = self._assembler.assemble(sources, known)
        for conflict in conflicts:
            imported = batch[0].imported
            imported.warnings += 1
            self.report(_explained(imported.location, conflict))
        self.summary.conflicts += len(conflicts)
        self._store.load(elements)
        for element in elements:
            if isinstance(element, Relationships) and element.type is IN_STACK:
                self.seen.members[element.end].update(element.starts)

    def _source_node(self, contents: Contents, imported: ImportedSource) -> Nodes:
        """The node of a document; one that is known stays as it is."""
        digest = hashlib.sha256(contents.data).hexdigest()
        if digest in self._digests:
            return Nodes(SOURCE, [digest])
        self._digests.add(digest)
        properties = {
            "location": imported.location,
            "format": imported.format,
            "format_version": imported.format_version,
            "imported_at": self._now,
            "specs": imported.specs,
        }
        return Nodes.of(SOURCE, [digest], properties)

    def _claim(self, document: Document, contents: Contents) -> None:
        """Says so when two documents both hold the same part of the graph in full."""
        for extent in contents.extents:
            first = self.seen.extents.setdefault(extent, document.location)
            if not contents.whole:
                self._partial.add(extent)
            if first != document.location:
                self.report(
                    FormatError(
                        f"{document.location}: a second page of {extent.package} in "
                        f"{extent.release}, after {first}; both went in",
                        "give one of them another release with --release",
                    )
                )

    def nothing(self, locations: Sequence[str | PathLike[str]]) -> CacheGraphError:
        """The error of an import that found nothing to import."""
        if len(self._errors) == 1:
            return self._errors[0]
        shown = ", ".join(map(str, locations))
        found = "; ".join(error.message for error in self._errors[:3])
        more = len(self._errors) - 3
        found += f"; and {more} more" if more > 0 else ""
        return FormatError(f"{shown}: {found or 'nothing was named'}", WANTED)

    def settle(self, *, replace: bool) -> None:
        """Finds members that the sources no longer hold, and takes them out when replacing."""
        packages = defaultdict(list)
        for extent in self.seen.extents:
            if extent.package is None or extent in self._partial:
                continue
            if extent.release in self._before:
                packages[extent.release].append(extent.package)
        dropped: set[Handle] = set()
        for release, names in packages.items():
            dropped |= self._stale(release, names, replace=replace)
        if dropped:
            prune(self._store, dropped)

    def _stale(self, release: str, packages: list[str], *, replace: bool) -> set[Handle]:
        """The members of a release's stacks that its pages of these packages do not hold."""
        store = self._store
        covered = {
            spec
            for package in packages
            if (node := store.find(PACKAGE, package)) is not None
            for spec in store.into(OF_PACKAGE, node)
        }
        dropped: set[Handle] = set()
        for stack in store.into(OF_RELEASE, store.find(RELEASE, release)):
            ((key,),) = store.values(STACK, [stack], (STACK.key.name,))
            held = self.seen.members.get(key, ())
            members = [spec for spec in store.into(IN_STACK, stack) if spec in covered]
            hashes = store.values(SPEC, members, (SPEC.key.name,))
            stale = [n for n, (h,) in zip(members, hashes, strict=True) if h not in held]
            if stale and replace:
                store.discard(IN_STACK, stale, stack)
                store.discard(ROOT_OF, stale, stack)
                dropped.update(stale)
                self.summary.removed += len(stale)
            elif stale:
                self.summary.kept += len(stale)
        return dropped


def _explained(location: str, conflict: Conflict) -> FormatError:
    differences = "; ".join(
        f"{name} {_shown(conflict.found[name])}, known as {_shown(conflict.known[name])}"
        for name in conflict.differs
    )
    return FormatError(
        f"{location}: /{conflict.hash}: the same hash with other contents: {differences};"
        " the first is kept"
    )


def _shown(value: object) -> str:
    return " ".join(value) if isinstance(value, tuple) else str(value)

"""Imports documents into a store, in one transaction."""

import gc
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from os import PathLike

from cachegraph.errors import CacheGraphError, FormatError
from cachegraph.importing.cached_specs import parse
from cachegraph.importing.finish import ImportFinisher
from cachegraph.importing.known_sources import KnownSources
from cachegraph.importing.loader import RecordLoader
from cachegraph.importing.summary import ImportedSource, ImportSummary
from cachegraph.importing.unchanged import UnchangedDocuments
from cachegraph.reading.discover import LOOKED_FOR, Place, discover, with_distinct_locations
from cachegraph.reading.documents import FoundDocument, read_documents
from cachegraph.reading.downloads import keeping_downloads
from cachegraph.reading.remote import is_remote
from cachegraph.reading.secrets import without_secrets
from cachegraph.reading.selection import select_places
from cachegraph.reading.site_indexes import expand_site_indexes
from cachegraph.sources import StackNames
from cachegraph.stores import Store

DocumentOrNone = FoundDocument | None
Progress = Callable[[Iterable[DocumentOrNone], int], Iterator[DocumentOrNone]]


def import_into(  # noqa: PLR0913  # one for each option
    store: Store,
    locations: Sequence[str | PathLike[str]],
    *,
    release: str | None = None,
    stack: str | None = None,
    only: Sequence[str] = (),
    add: bool = False,
    strict: bool = False,
    progress: Progress = lambda items, _: iter(items),
) -> ImportSummary:
    """Imports the documents at the locations and counts what they contain.

    A stack that a document lists in full becomes what it lists; with ``add`` all that was there
    stays. A bad record or document is a warning; with ``strict`` it is raised and nothing is
    imported. ``only`` are patterns of a release, a stack or ``release/stack``: others are left out.
    FetchError or FormatError if nothing at all could be read; UsageError if two sources would be
    one stack with different specs.
    """
    errors = _Errors(strict=strict)
    names = StackNames(release, stack).as_text()
    with keeping_downloads(), _garbage_collection_off():
        found = expand_site_indexes(discover(locations, errors.report), errors.report)
        places = with_distinct_locations(select_places(found, only, names))
        _fetch(places, names, progress)
        with store.writing():
            run = _Import(store, places, names, errors, add=add)
            run.read(progress)
            run.finish(locations)
    return run.summary


def _fetch(places: Sequence[Place], names: StackNames, progress: Progress) -> None:
    """Fetches what has an address, before the transaction: other imports need not wait for it.

    It is read again in the transaction, from what is kept; errors too are reported only then.
    """
    fetched = [place for place in places if is_remote(place.path)]
    if not fetched:
        return
    for found in progress(read_documents(fetched, names, _ignore, set()), len(fetched)):
        if found is not None and found.cache is not None:
            with suppress(CacheGraphError):
                # What an index lacks is fetched too, and which specs those are the records tell.
                deque(parse(found, _ignore).records, maxlen=0)


def _ignore(_: CacheGraphError) -> None:
    """Reports nothing."""


@contextmanager
def _garbage_collection_off() -> Iterator[None]:
    """Garbage collection doubles the time of an import, which makes no reference cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Errors(list[CacheGraphError]):
    """The errors of an import; a strict import ends at the first."""

    def __init__(self, *, strict: bool) -> None:
        super().__init__()
        self.strict = strict

    def report(self, error: CacheGraphError) -> None:
        """Adds an error, or raises it if the import is strict."""
        if self.strict:
            raise error
        self.append(error)


class _Import:
    """One import: its documents are at ``places``."""

    def __init__(
        self,
        store: Store,
        places: Sequence[Place],
        names: StackNames,
        errors: _Errors,
        *,
        add: bool,
    ) -> None:
        self._store = store
        self._places = places
        self._names = names
        self._errors = errors
        self._known = KnownSources(store)
        self._unchanged = UnchangedDocuments(store, self._known)
        self._finisher = ImportFinisher(store, self._known, add=add)
        self._incomplete = self._finisher.listings.incomplete
        self._loader = RecordLoader(
            store, errors.report, self._finisher.members_before, strict=errors.strict
        )
        self._by_position: dict[int, ImportedSource] = {}
        self._by_digest: dict[str, ImportedSource] = {}
        self.summary = ImportSummary()

    def read(self, progress: Progress) -> None:
        """Reads all documents, and loads the records of those that the graph does not hold yet."""
        report = self._errors.report
        held = self._known.held if self._known.by_digest else None
        documents = read_documents(self._places, self._names, report, self._incomplete, held)
        for position, item in enumerate(progress(documents, len(self._places))):
            if item is None:
                continue
            document = item.document
            if document.held is not None:
                self._unchanged.add(position, document, document.held)
            else:
                self._parse(position, item)
        listings, counts = self._finisher.listings, self._loader.counts
        self._loader.load_batch()
        while disputed := self._unchanged.take_disputed(listings, counts):
            places = [self._places[position] for position in disputed]
            documents = read_documents(places, self._names, report, self._incomplete)
            for position, item in zip(disputed, documents, strict=True):
                if item is not None:
                    self._parse(position, item)
            self._loader.load_batch()

    def _parse(self, position: int, found: FoundDocument) -> None:
        """Parses one document; its records are loaded whenever there are enough for a batch."""
        document = found.document
        imported = ImportedSource(document.location)

        def report(error: CacheGraphError) -> None:
            imported.warnings += 1
            self._errors.report(error)

        try:
            parsed = parse(found, report)
        except FormatError as error:
            self._incomplete.add(document.build_cache)
            self._errors.report(error)
            return
        imported.format, imported.format_version = parsed.format, parsed.format_version
        self._by_position[position] = imported
        self._by_digest.setdefault(parsed.digest, imported)
        members = self._loader.read_records(
            parsed, imported, self._finisher.outdated(document, parsed)
        )
        self._finisher.add_document(document, parsed, members, report)

    def finish(self, locations: Sequence[str | PathLike[str]]) -> None:
        """Loads what depends on all documents, and completes the summary."""
        self._by_position.update(self._unchanged.imported())
        if not self._by_position:
            raise self._nothing_read(locations)
        for imported in self._by_digest.values():
            self._loader.report_further_conflicts(imported)
        now = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
        unlinked = self._loader.renewal.unlinked
        self._finisher.finish(self._loader.counts, self._by_digest, unlinked, now)
        self._count()

    def _count(self) -> None:
        """Fills in the summary."""
        summary, counts = self.summary, self._loader.counts
        summary.sources = [imported for _, imported in sorted(self._by_position.items())]
        summary.warnings = [error.message for error in self._errors]
        summary.unchanged = len(self._unchanged)
        summary.conflicts = self._loader.conflicts
        changes, summary.notes = self._finisher.changes, self._finisher.notes
        self._loader.count_dependencies()
        for scope, _ in self._finisher.listings.stacks():
            if str(scope) not in counts.new_stacks:
                counts.members.setdefault(str(scope), set())
        if summary.unchanged:
            unchanged = self._unchanged.count(counts, self._by_digest)
            changes = {change["key"]: change for change in unchanged} | changes
        self._loader.count_stubs()
        counts.write_to(summary)
        summary.changes = [change for _, change in sorted(changes.items())]
        summary.removed = sum(change["removed"] for change in summary.changes)
        summary.kept = sum(change.get("kept", 0) for change in summary.changes)

    def _nothing_read(self, locations: Sequence[str | PathLike[str]]) -> CacheGraphError:
        if len(self._errors) == 1:
            return self._errors[0]
        where = ", ".join(without_secrets(str(location)) for location in locations)
        problems = [error.message for error in self._errors[:3]] or ["no location was given"]
        if more := self._errors[3:]:
            problems.append(f"and {len(more)} more")
        return FormatError(f"{where}: {'; '.join(problems)}", LOOKED_FOR)

"""Imports documents into a store: all that is good goes in, in one transaction."""

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from itertools import islice
from os import PathLike
from typing import NamedTuple

from cachegraph.errors import CacheGraphError, FormatError
from cachegraph.importing.assemble import Assembler
from cachegraph.importing.finish import ImportFinisher
from cachegraph.importing.summary import ImportedSource, ImportSummary, Seen
from cachegraph.model.elements import Nodes, Properties
from cachegraph.model.graph import relationships
from cachegraph.model.merging import Conflict, is_compared
from cachegraph.model.schema import DEPENDS_ON, IN_STACK, SOURCE, SPEC
from cachegraph.model.spec import SpecRecord
from cachegraph.reading.discover import WANTED, discover, selected
from cachegraph.reading.documents import documents, expanded
from cachegraph.sources import Document, Names, Source, page
from cachegraph.stores import Store

# So many records are loaded at once: fewer have more overhead, more do not help.
_BATCH = 1000
_SHOWN = 3

Read = tuple[Document, Source] | None
Progress = Callable[[Iterable[Read], int], Iterator[Read]]


def import_into(  # noqa: PLR0913  # one for each option
    store: Store,
    locations: Sequence[str | PathLike[str]],
    *,
    release: str | None = None,
    stack: str | None = None,
    only: Sequence[str] = (),
    replace: bool = False,
    strict: bool = False,
    progress: Progress = lambda items, _: iter(items),
) -> ImportSummary:
    """Imports what the locations name and tells what came in.

    A bad record or document is a warning and the rest goes in; with ``strict`` the first one is
    raised and nothing goes in. ``only`` are patterns of the releases, or ``release/stack``, that
    are wanted of those that a site index or a build cache lists. FetchError or FormatError when
    nothing at all could be read; UsageError when two sources would be one stack with different
    specs.
    """
    job = _Job(store, strict=strict)
    places = selected([*expanded(discover(locations, job.report), job.report)], only)
    with _without_gc(), store.writing():
        job.remember()
        found = documents(places, Names(release, stack), job.report, job.incomplete)
        for item in progress(found, len(places)):
            if item is not None:
                job.add(*item)
        job.end(locations, replace=replace)
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


class _Part(NamedTuple):
    """Records of one document that wait to be loaded."""

    digest: str
    records: Sequence[SpecRecord]
    imported: ImportedSource


class _Job:
    """One import under way."""

    def __init__(self, store: Store, *, strict: bool) -> None:
        self._store = store
        self._strict = strict
        self._assembler = Assembler()
        self._settling = ImportFinisher(store)
        self.incomplete = self._settling.incomplete
        self._now = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
        self._sources: dict[str, ImportedSource] = {}
        self._known_sources: set[str] = set()
        self._errors: list[CacheGraphError] = []
        self._batch: list[_Part] = []
        self._waiting = 0
        self.summary = ImportSummary()
        self.seen = Seen()

    def report(self, error: CacheGraphError) -> None:
        """Takes note of something bad, or raises it when the import is strict."""
        if self._strict:
            raise error
        self._errors.append(error)
        self.summary.warnings.append(error.message)

    def remember(self) -> None:
        """Takes note of what is there before."""
        self._settling.remember()
        self._known_sources = {*self._store.keys(SOURCE)}

    def add(self, document: Document, source: Source) -> None:
        """Reads one document, and loads what has been read when it is enough for a batch."""
        imported = ImportedSource(document.location)

        def report(error: CacheGraphError) -> None:
            imported.warnings += 1
            self.report(error)

        try:
            contents = source.read(document, report)
        except FormatError as error:
            self.incomplete.add(document.part_of)
            self.report(error)
            return
        imported.format, imported.format_version = contents.format, contents.format_version
        self.summary.sources.append(imported)
        digest = contents.digest
        self._sources.setdefault(digest, imported)
        hashes: set[str] = set()
        members: set[str] = set()
        records = iter(contents.records)
        while part := [*islice(records, _BATCH)]:
            hashes.update([record[0] for record in part])
            if source is not page:
                members.update([record.hash for record in part if record.stacks])
            self._batch.append(_Part(digest, part, imported))
            self._waiting += len(part)
            if self._waiting >= _BATCH:
                self.load()
        imported.specs = len(hashes)
        self.seen.specs |= hashes
        self.seen.roots.update((root.stack, root.hash) for root in contents.roots)
        for warning in self._settling.claim(document, contents, members):
            report(warning)

    def load(self) -> None:
        """Loads what has been read: at once, or one by one when any spec is met again."""
        batch, self._batch, self._waiting = self._batch, [], 0
        if not batch:
            return
        hashes = [record.hash for part in batch for record in part.records]
        if len({*hashes}) == len(hashes) and not self._store.known(hashes):
            self._load(batch, {}, {})
            return
        for part in batch:
            known = self._store.known([record.hash for record in part.records])
            self._load([part], known, self._needed(part.records, known))

    def _needed(
        self, records: Sequence[SpecRecord], known: Mapping[str, Properties]
    ) -> Mapping[str, Set[str]]:
        """What known specs depend on, for those whose dependencies are to be compared."""
        compared = [
            record.hash for record in records if is_compared(known.get(record.hash), record)
        ]
        if not compared:
            return {}
        store = self._store
        store.flush()
        starts = [store.find(SPEC, hash_) for hash_ in compared]
        pairs = [(start, end) for start, end, _ in relationships(store, DEPENDS_ON, starts)]
        handles = [*{handle for pair in pairs for handle in pair}]
        names = store.values(SPEC, handles, (SPEC.key.name,))
        hash_of = {node: name for node, (name,) in zip(handles, names, strict=True)}
        needed: dict[str, set[str]] = {}
        for start, end in pairs:
            needed.setdefault(hash_of[start], set()).add(hash_of[end])
        return needed

    def _load(
        self,
        batch: list[_Part],
        known: Mapping[str, Properties],
        needed: Mapping[str, Set[str]],
    ) -> None:
        sources = [(part.digest, part.records) for part in batch]
        elements, conflicts = self._assembler.assemble(sources, known, needed)
        imported = batch[0].imported
        self._take_note(imported, conflicts)
        self._store.load(elements)
        for part in batch:
            self.seen.add(part.records, {conflict.hash for conflict in conflicts})
        for element in elements:
            if element.type is IN_STACK:
                self.seen.members[element.end].update(element.starts)  # type: ignore[union-attr]

    def _take_note(self, imported: ImportedSource, conflicts: Sequence[Conflict]) -> None:
        """Reports the first conflicts of a document; the others are counted."""
        for conflict in conflicts:
            imported.conflicts += 1
            if imported.conflicts <= _SHOWN or self._strict:
                imported.warnings += 1
                self.report(_explained(imported.location, conflict))
        self.summary.conflicts += len(conflicts)

    def _report_more(self) -> None:
        for imported in self.summary.sources:
            if imported.conflicts > _SHOWN:
                imported.warnings += 1
                self.report(
                    FormatError(
                        f"{imported.location}: {imported.conflicts} specs in all have the same "
                        "hash with other contents; the first are kept: see cachegraph verify"
                    )
                )

    def end(self, locations: Sequence[str | PathLike[str]], *, replace: bool) -> None:
        """Loads the rest, and what can be told only when all has been read."""
        self.load()
        if not self.summary.sources:
            raise self._nothing(locations)
        self._report_more()
        self._store.load(self._source_nodes())
        targets = self.seen.targets - {None}
        kept, removed = self._settling.settle(self.seen.members, targets, replace=replace)
        self.summary.kept, self.summary.removed = kept, removed
        unknown = self.seen.needed - self.seen.specs
        self.summary.stubs = len(unknown - self._store.known(unknown).keys())
        if not self.seen.again:
            return
        self._store.flush()
        again = [self._store.find(SPEC, hash_) for hash_ in self.seen.again]
        needs = Counter(start for start, _, _ in relationships(self._store, DEPENDS_ON, again))
        for hash_, start in zip(self.seen.again, again, strict=True):
            self.seen.dependencies[hash_] = needs[start]

    def _source_nodes(self) -> Iterator[Nodes]:
        """The nodes of the documents; one that is known stays as it is."""
        for digest, imported in self._sources.items():
            if digest not in self._known_sources:
                properties = {
                    "location": imported.location,
                    "format": imported.format,
                    "format_version": imported.format_version,
                    "imported_at": self._now,
                    "specs": imported.specs,
                    "conflicts": imported.conflicts,
                }
                yield Nodes.of(SOURCE, [digest], properties)

    def _nothing(self, locations: Sequence[str | PathLike[str]]) -> CacheGraphError:
        """The error of an import that found nothing to import."""
        if len(self._errors) == 1:
            return self._errors[0]
        shown = ", ".join(map(str, locations))
        found = "; ".join(error.message for error in self._errors[:3])
        more = len(self._errors) - 3
        found += f"; and {more} more" if more > 0 else ""
        return FormatError(f"{shown}: {found or 'nothing was named'}", WANTED)


def _explained(location: str, conflict: Conflict) -> FormatError:
    differences = "; ".join(
        f"{name} {_shown(conflict.found[name])}, known as {_shown(conflict.known[name])}"
        if name in conflict.found and name not in _UNREADABLE
        else name.replace("_", " ")
        for name in conflict.differs
    )
    return FormatError(
        f"{location}: /{conflict.hash}: the same hash with other contents: {differences};"
        " the first is kept"
    )


_UNREADABLE = ("target_features",)  # digests


def _shown(value: object) -> str:
    return " ".join(value) if isinstance(value, tuple) else str(value)

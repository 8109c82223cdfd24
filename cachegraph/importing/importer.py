"""Imports documents into a store, in one transaction."""

import gc
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from itertools import chain, islice
from os import PathLike
from typing import NamedTuple

from cachegraph.errors import CacheGraphError, FormatError
from cachegraph.importing.assemble import Assembler
from cachegraph.importing.cached_specs import forget_index_faults, parse
from cachegraph.importing.finish import ImportFinisher
from cachegraph.importing.summary import ImportCounts, ImportedSource, ImportSummary
from cachegraph.model.elements import Nodes, Properties
from cachegraph.model.graph import relationships
from cachegraph.model.merging import Conflict, conflicts_within, must_compare_dependencies
from cachegraph.model.schema import DEPENDS_ON, IN_STACK, SOURCE, SPEC
from cachegraph.model.spec import SpecRecord
from cachegraph.reading.discover import LOOKED_FOR, discover, select_places
from cachegraph.reading.documents import FoundDocument, expand_site_indexes, read_documents
from cachegraph.sources import ParsedDocument, StackNames
from cachegraph.stores import Store

# Records loaded at once: fewer cost more overhead, more do not help.
_BATCH_SIZE = 1000
_CONFLICTS_SHOWN = 3

DocumentOrNone = FoundDocument | None
Progress = Callable[[Iterable[DocumentOrNone], int], Iterator[DocumentOrNone]]


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
    """Imports the documents at the locations and counts what they contain.

    A bad record or document is a warning; with ``strict`` it is raised and nothing is imported.
    ``only`` are patterns of a release or ``release/stack``: other indexes that a site index or a
    build cache lists are left out. FetchError or FormatError if nothing at all could be read;
    UsageError if two sources would be one stack with different specs.
    """
    run = _Import(store, strict=strict)
    places = select_places(
        [*expand_site_indexes(discover(locations, run.report), run.report)], only
    )
    with _garbage_collection_off(), store.writing():
        run.begin()
        documents = read_documents(places, StackNames(release, stack), run.report, run.incomplete)
        for item in progress(documents, len(places)):
            if item is not None:
                run.import_document(item)
        run.finish(locations, replace=replace)
    return run.summary


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


class _Records(NamedTuple):
    digest: str
    records: Sequence[SpecRecord]
    imported: ImportedSource


class _Import:
    def __init__(self, store: Store, *, strict: bool) -> None:
        self._store = store
        self._strict = strict
        self._assembler = Assembler()
        self._finisher = ImportFinisher(store)
        self.incomplete = self._finisher.incomplete
        self._now = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
        self._sources: dict[str, ImportedSource] = {}
        self._known_sources: set[str] = set()
        self._errors: list[CacheGraphError] = []
        self._batch: list[_Records] = []
        self._batch_size = 0
        self._indexes: dict[str, str] = {}
        """The digests of the indexes of build caches that were compared with other files."""
        self.summary = ImportSummary()
        self.counts = ImportCounts()

    def report(self, error: CacheGraphError) -> None:
        """Adds an error to the warnings, or raises it if the import is strict."""
        if self._strict:
            raise error
        self._errors.append(error)
        self.summary.warnings.append(error.message)

    def begin(self) -> None:
        """Reads which sources, releases and targets the graph has before the import."""
        self._finisher.begin()
        self._known_sources = {*self._store.keys(SOURCE)}

    def import_document(self, found: FoundDocument) -> None:
        """Reads one document, and loads records whenever there are enough for a batch."""
        document = found.document
        imported = ImportedSource(document.location)

        def report(error: CacheGraphError) -> None:
            imported.warnings += 1
            self.report(error)

        try:
            parsed = parse(found, report)
        except FormatError as error:
            self.incomplete.add(document.build_cache)
            self.report(error)
            return
        imported.format, imported.format_version = parsed.format, parsed.format_version
        self.summary.sources.append(imported)
        self._sources.setdefault(parsed.digest, imported)
        if found.cache is not None:
            self._indexes[document.location] = parsed.digest
        hashes, members = self._read_records(parsed, imported)
        imported.specs = len(hashes)
        self.counts.specs |= hashes
        self.counts.roots.update((root.stack, root.hash) for root in parsed.roots)
        self._finisher.add_document(document, parsed, members, report)

    def _read_records(
        self, parsed: ParsedDocument, imported: ImportedSource
    ) -> tuple[set[str], set[str]]:
        """Batches the records; returns their hashes, and those of the stack if it is complete."""
        hashes, members = set[str](), set[str]()
        whole_stack = any(scope.stack is not None for scope in parsed.scopes)
        records = iter(parsed.records)
        while part := [*islice(records, _BATCH_SIZE)]:
            hashes.update([record[0] for record in part])
            if whole_stack:
                members.update([record.hash for record in part if record.stacks])
            self._batch.append(_Records(parsed.digest, part, imported))
            self._batch_size += len(part)
            if self._batch_size >= _BATCH_SIZE:
                self._load_batch()
        return hashes, members

    def _load_batch(self) -> None:
        """Loads the batch at once if all its specs are new, else document by document."""
        batch, self._batch, self._batch_size = self._batch, [], 0
        if not batch:
            return
        hashes = [record.hash for part in batch for record in part.records]
        if len({*hashes}) == len(hashes) and not self._store.known(hashes):
            self._load(batch, {}, {})
            return
        for part in batch:
            known = self._store.known([record.hash for record in part.records])
            self._load([part], known, self._known_dependencies(part.records, known))

    def _known_dependencies(
        self, records: Sequence[SpecRecord], known: Mapping[str, Properties]
    ) -> Mapping[str, Set[str]]:
        """The hashes that specs of the graph depend on, for those that must be compared."""
        compared = [r.hash for r in records if must_compare_dependencies(known.get(r.hash), r)]
        if not compared:
            return {}
        store = self._store
        store.flush()
        starts = [store.find(SPEC, hash_) for hash_ in compared]
        pairs = [(start, end) for start, end, _ in relationships(store, DEPENDS_ON, starts)]
        specs = [*{*chain.from_iterable(pairs)}]
        hashes = store.values(SPEC, specs, (SPEC.key.name,))
        hash_of = {spec: hash_ for spec, (hash_,) in zip(specs, hashes, strict=True)}
        dependencies: dict[str, set[str]] = defaultdict(set)
        for start, end in pairs:
            dependencies[hash_of[start]].add(hash_of[end])
        return dependencies

    def _load(
        self,
        batch: list[_Records],
        known: Mapping[str, Properties],
        dependencies: Mapping[str, Set[str]],
    ) -> None:
        sources = [(part.digest, part.records) for part in batch]
        elements, conflicts = self._assembler.assemble(sources, known, dependencies)
        for part in batch:
            self._report_conflicts(part.imported, conflicts_within(part.records))
        self._report_conflicts(batch[0].imported, conflicts)
        self._store.load(elements)
        for part in batch:
            self.counts.add(part.records, {conflict.hash for conflict in conflicts})
        for element in elements:
            if element.type is IN_STACK:
                self.counts.members[element.end].update(element.starts)  # type: ignore[union-attr]

    def _report_conflicts(self, imported: ImportedSource, conflicts: Sequence[Conflict]) -> None:
        """Reports the first conflicts of a document, and counts the others."""
        for conflict in conflicts:
            imported.conflicts += 1
            if imported.conflicts <= _CONFLICTS_SHOWN or self._strict:
                imported.warnings += 1
                self.report(_conflict_error(imported.location, conflict))
        self.summary.conflicts += len(conflicts)

    def finish(self, locations: Sequence[str | PathLike[str]], *, replace: bool) -> None:
        """Loads the last batch, then what depends on all documents; completes the counts."""
        self._load_batch()
        if not self.summary.sources:
            raise self._nothing_read(locations)
        for imported in self.summary.sources:
            if imported.conflicts > _CONFLICTS_SHOWN:
                imported.warnings += 1
                message = (
                    f"{imported.location}: {imported.conflicts} specs in all have the same "
                    "hash with other contents; the first are kept: see cachegraph verify"
                )
                self.report(FormatError(message))
        self._store.load(self._source_nodes())
        if self._indexes and self._known_sources:
            forget_index_faults(self._store, self._indexes)
        self.summary.kept, self.summary.removed = self._finisher.finish(
            self.counts.members, self.counts.targets, replace=replace
        )
        missing = self.counts.required - self.counts.specs
        self.summary.stubs = len(missing - self._store.known(missing).keys())
        if self.counts.repeated:
            self._store.flush()
            spec_of = {hash_: self._store.find(SPEC, hash_) for hash_ in self.counts.repeated}
            edges = relationships(self._store, DEPENDS_ON, spec_of.values())
            number = Counter(start for start, _, _ in edges)
            for hash_, spec in spec_of.items():
                self.counts.dependencies[hash_] = number[spec]
        self.counts.write_to(self.summary)

    def _source_nodes(self) -> Iterator[Nodes]:
        """The nodes of the documents that the graph does not have yet."""
        for digest, imported in self._sources.items():
            if digest not in self._known_sources:
                properties = {**vars(imported), "imported_at": self._now}
                yield Nodes.of(SOURCE, [digest], properties)

    def _nothing_read(self, locations: Sequence[str | PathLike[str]]) -> CacheGraphError:
        if len(self._errors) == 1:
            return self._errors[0]
        where = ", ".join(map(str, locations))
        problems = [error.message for error in self._errors[:3]] or ["no location was given"]
        if more := self._errors[3:]:
            problems.append(f"and {len(more)} more")
        return FormatError(f"{where}: {'; '.join(problems)}", LOOKED_FOR)


def _conflict_error(location: str, conflict: Conflict) -> FormatError:
    if not conflict.in_source:
        return FormatError(
            f"{location}: /{conflict.hash}: several nodes with this hash, other in "
            f"{conflict.differs[0]}; the first from the roots is kept"
        )
    differences = "; ".join(_difference(conflict, name) for name in conflict.differs)
    return FormatError(
        f"{location}: /{conflict.hash}: the same hash with other contents: {differences};"
        " the first is kept"
    )


def _difference(conflict: Conflict, name: str) -> str:
    if name not in conflict.in_source or name == "target_features":  # a digest tells nothing
        return name.replace("_", " ")
    values = conflict.in_source[name], conflict.in_graph[name]
    found, known = (" ".join(v) if isinstance(v, tuple) else v for v in values)
    return f"{name} {found}, in the graph {known}"

"""Completes what the index of a build cache says of its specs from their other files.

Those are the manifests of layout 3, which give the sizes of archives, or the spec files of layout
2. An index that is empty, or older than these files, lacks specs or has some that are gone.
"""

from collections.abc import Iterable, Iterator, Mapping

from cachegraph.errors import CacheGraphError, FormatError
from cachegraph.model.spec import Root, SpecRecord
from cachegraph.reading.build_cache import BuildCache
from cachegraph.reading.documents import FoundDocument, read_spec_file
from cachegraph.sources import Document, ErrorHandler, ParsedDocument
from cachegraph.sources.registry import NO_INDEX

NOT_IN_INDEX = "not in the index"
_SHOWN = 3
_RENEW = "`spack buildcache update-index` renews it"


def parse(found: FoundDocument, report: ErrorHandler) -> ParsedDocument:
    """The contents of a document; of an index that cannot be read the other files of its cache."""
    document, source, cache = found
    try:
        parsed = source.read(document, report)
    except FormatError as error:
        if cache is None:
            raise
        report(error)
        source = NO_INDEX
        parsed = source.read(document, report)
    if cache is None:
        if not document.sizes:
            return parsed
        return parsed._replace(records=_with_sizes(parsed.records, document.sizes), groups=None)
    completion = _Completion(document, cache, parsed, report)
    records = completion.records(has_index=source is not NO_INDEX)
    return parsed._replace(records=records, groups=None)


def _with_sizes(records: Iterable[SpecRecord], sizes: Mapping[str, int]) -> Iterable[SpecRecord]:
    """The records with the sizes of archives, where these are known."""
    if not sizes:
        return records
    return (_sized(one, sizes[one.hash]) if one.hash in sizes else one for one in records)


def _sized(record: SpecRecord, size: int) -> SpecRecord:
    return record._replace(description=record.description._replace(size=size))


class _Completion:
    """The specs of an index, and those that it lacks."""

    def __init__(
        self, index: Document, cache: BuildCache, parsed: ParsedDocument, report: ErrorHandler
    ) -> None:
        self._index = index
        self._cache = cache
        self._parsed = parsed
        self._report = report
        self._seen: set[str] = set()
        self._members: set[str] = set()
        self._dependencies: set[str] = set()
        self._others: dict[str, SpecRecord] = {}
        """Specs that are described as dependencies; those with files are read from these."""

    def records(self, *, has_index: bool) -> Iterator[SpecRecord]:
        """The records of the index, then those of the specs that it lacks; reports these.

        At the end adds the roots among the latter.
        """
        files, is_complete = self._cache.contents.files, self._cache.contents.is_complete
        gone: list[str] = []
        for record in _with_sizes(self._parsed.records, self._index.sizes):
            if not record.stacks and record.hash in files:
                self._others[record.hash] = record
                continue
            self._note(record)
            # An external is installed by no archive, whatever the index says.
            is_cached = record.stacks and not record.description.external
            if is_cached and is_complete and record.hash not in files:
                gone.append(_name(record))
                yield record._replace(index_fault=f"no {self._cache.noun}")
            else:
                yield record
        of_index = {*self._members}
        lacking = {hash_: f"/{hash_[:7]}" for hash_ in files if hash_ not in of_index}
        fault = NOT_IN_INDEX if has_index else None
        for hash_ in lacking:
            for record in self._read(hash_):
                lacking[hash_] = _name(record)
                yield record._replace(index_fault=fault)
        yield from (one for hash_, one in self._others.items() if hash_ not in self._seen)
        if lacking:
            self._complete_roots(of_index)
        if has_index:
            self._report_faults([*lacking.values()], gone)

    def _note(self, record: SpecRecord) -> None:
        self._seen.add(record.hash)
        if record.stacks:
            self._members.add(record.hash)
        self._dependencies.update(record.dependencies or ())

    def _read(self, hash_: str) -> Iterator[SpecRecord]:
        """The spec in a file; what it depends on is kept for later."""
        file = self._cache.contents.files[hash_]
        try:
            document, source = read_spec_file(file, self._index, self._report)
            parsed = source.read(document, self._report)
            for record in _with_sizes(parsed.records, document.sizes or self._index.sizes):
                if record.stacks:
                    self._note(record)
                    yield record
                else:
                    self._others[record.hash] = record
            for fault in parsed.faults.first:
                self._parsed.faults.add(fault)
        except CacheGraphError as error:
            self._parsed.faults.add(error)
            if file.location not in self._cache.contents.faults:
                self._report(error)

    def _complete_roots(self, of_index: set[str]) -> None:
        """Makes the roots those members that no other spec depends on, as in a whole index."""
        roots = self._parsed.roots
        roots[:] = [root for root in roots if root.hash not in self._dependencies]
        new = sorted(self._members - of_index - self._dependencies)
        roots += [Root(hash_, self._index.stack) for hash_ in new]

    def _report_faults(self, lacking: list[str], gone: list[str]) -> None:
        location, noun = self._index.location, self._cache.noun
        if lacking:
            specs = f"{_counted(lacking)} with a {noun}, {_first(lacking)}"
            message = f"{location}: the index lacks {specs}: read from there; {_RENEW}"
            self._report(FormatError(message))
        if gone:
            specs = f"{_counted(gone)} without a {noun}, {_first(gone)}"
            message = f"{location}: the index has {specs}, which Spack cannot install; {_RENEW}"
            self._report(FormatError(message))


def _name(record: SpecRecord) -> str:
    return f"{record.description.package}/{record.hash[:7]}"


def _counted(names: list[str]) -> str:
    return f"{len(names)} spec{'' if len(names) == 1 else 's'}"


def _first(names: list[str]) -> str:
    """The first few names."""
    shown = ", ".join(names[:_SHOWN])
    return f"such as {shown}" if len(names) > _SHOWN else shown

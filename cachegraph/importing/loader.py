"""Loads spec records into a store, many at a time, and counts them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from itertools import chain, islice
from typing import NamedTuple

from cachegraph.errors import FormatError
from cachegraph.importing.assemble import Assembler
from cachegraph.importing.hash_bag import HashBag, Hashes
from cachegraph.importing.renewal import Renewal
from cachegraph.importing.summary import ImportCounts, ImportedSource
from cachegraph.model.elements import Element, Properties
from cachegraph.model.graph import Handle, relationships
from cachegraph.model.merging import Conflict, conflicts_within, must_compare_dependencies
from cachegraph.model.schema import DEPENDS_ON, IN_STACK, SPEC
from cachegraph.model.spec import SpecGroup, SpecRecord
from cachegraph.sources import ErrorHandler, ParsedDocument
from cachegraph.stores import Store

# Records loaded at once: fewer cost more overhead, more do not help.
_BATCH_SIZE = 1000
_CONFLICTS_SHOWN = 3


class _Part(NamedTuple):
    """The records of a document, or as many as are loaded at once; or its groups."""

    digest: str
    hashes: Sequence[str]
    records: Sequence[SpecRecord]
    groups: Sequence[SpecGroup] | None
    imported: ImportedSource
    outdated: Set[Handle]
    """The sources that this one replaces."""

    def with_records(self) -> "_Part":
        """The same part as records."""
        if self.groups is None:
            return self
        records = [*chain.from_iterable(map(SpecGroup.records, self.groups))]
        return self._replace(records=records, groups=None)


class RecordLoader:
    """Loads the records of one import in batches.

    ``members_before`` gives the specs that a stack had before the import; it is asked before
    anything is added to the stack.
    """

    def __init__(
        self,
        store: Store,
        report: ErrorHandler,
        members_before: Callable[[str], Set[Handle]],
        *,
        strict: bool,
    ) -> None:
        self._store = store
        self._report = report
        self._members_before = members_before
        self._strict = strict
        self._assembler = Assembler()
        self._batch: list[_Part] = []
        self._batch_size = 0
        self.renewal = Renewal(store)
        self.conflicts = 0
        self.counts = ImportCounts(first_specs=None if store.count(SPEC) else 0)

    def read_records(
        self, parsed: ParsedDocument, imported: ImportedSource, outdated: Set[Handle]
    ) -> Hashes:
        """Batches the records and counts them; the hashes of the stack if it is complete."""
        if parsed.groups is not None:
            hashes = [*chain.from_iterable(group.hashes for group in parsed.groups)]
            imported.specs = len(hashes)
            self._add_specs(hashes)
            self._add(_Part(parsed.digest, hashes, (), parsed.groups, imported, outdated))
            return set()
        # Of a first import nobody asks which hashes those are.
        new = set[str] if self.counts.first_specs is None else HashBag
        seen: Hashes = new()
        # Nearly always all specs are members: then both are one set.
        whole_stack = any(scope.stack is not None for scope in parsed.scopes)
        members = seen if whole_stack else new()
        records = iter(parsed.records)
        while part := [*islice(records, _BATCH_SIZE)]:
            if members is seen and not all(record[2] for record in part):
                members = seen.copy()
            hashes = [record[0] for record in part]
            seen.update(hashes)
            if whole_stack and members is not seen:
                members.update([record.hash for record in part if record.stacks])
            self._add(_Part(parsed.digest, hashes, part, None, imported, outdated))
        imported.specs = len(seen)
        if isinstance(seen, set):
            self._add_specs(seen)
        return members

    def _add(self, part: _Part) -> None:
        self._batch.append(part)
        self._batch_size += len(part.hashes)
        if self._batch_size >= _BATCH_SIZE:
            self.load_batch()

    def _add_specs(self, hashes: Iterable[str]) -> None:
        """Adds the specs of a document to the counts."""
        counts = self.counts
        if counts.first_specs is None:
            counts.specs.update(hashes)

    def load_batch(self) -> None:
        """Loads the batch at once if it has each spec once and replaces nothing, else by part."""
        batch, self._batch, self._batch_size = self._batch, [], 0
        hashes = [*chain.from_iterable(part.hashes for part in batch)]
        if len({*hashes}) < len(hashes) or any(part.outdated for part in batch):
            for part in batch:
                self._load_parts([part], part.hashes)
        elif batch:
            self._load_parts(batch, hashes)

    def _load_parts(self, batch: Sequence[_Part], hashes: Sequence[str]) -> None:
        """Loads parts of documents together: one, or several that have no spec in common.

        ``hashes`` are those of all their specs.
        """
        distinct, known = {*hashes}, self._store.known(hashes)
        once = len(distinct) == len(hashes)
        self._count_first(len(distinct - known.keys()))
        new: list[_Part] = []
        others: list[_Part] = []
        for part in batch:
            if part.groups is not None and once and known.keys().isdisjoint(part.hashes):
                new.append(part)
            else:
                others.append(part.with_records())
        self._load_groups(new)
        for part in others:
            known = self.renewal.renew(part.records, known, part.outdated)
        records = [*chain.from_iterable(part.records for part in others)]
        self._load(others, known, self._known_dependencies(records, known))

    def _count_first(self, specs: int) -> None:
        """Counts specs of a first import that no document has described before."""
        if self.counts.first_specs is not None:
            self.counts.first_specs += specs

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

    def _load_groups(self, batch: Sequence[_Part]) -> None:
        """Loads specs that are all new."""
        sources = [(part.digest, part.groups or ()) for part in batch]
        if sources:
            self._load_elements(self._assembler.assemble_groups(sources))
        for _, groups in sources:
            self.counts.add_descriptions(groups)

    def _load(
        self,
        batch: Sequence[_Part],
        known: Mapping[str, Properties],
        dependencies: Mapping[str, Set[str]],
    ) -> None:
        if not batch:
            return
        sources = [(part.digest, part.records) for part in batch]
        elements, conflicts = self._assembler.assemble(sources, known, dependencies)
        for part in batch:
            own = {*part.hashes} if conflicts else set()
            self._report_conflicts(part.imported, conflicts_within(part.records))
            self._report_conflicts(part.imported, [one for one in conflicts if one.hash in own])
        self._load_elements(elements)
        conflicting = {conflict.hash for conflict in conflicts}
        for part in batch:
            self.counts.add_dependencies(part.records, conflicting)
            self.counts.add_descriptions(part.records)

    def _load_elements(self, elements: Sequence[Element]) -> None:
        self._note_members(elements)
        self._store.load(elements)

    def _note_members(self, elements: Iterable[Element]) -> None:
        """Notes the specs of stacks that had some before; for others it is enough to count."""
        for element in elements:
            if element.type is IN_STACK:
                key = str(element.end)  # type: ignore[union-attr]
                if self._members_before(key):
                    self.counts.members[key].update(element.starts)
                else:
                    self.counts.new_stacks[key] = 0

    def _report_conflicts(self, imported: ImportedSource, conflicts: Sequence[Conflict]) -> None:
        """Reports the first conflicts of a document, and counts the others."""
        for conflict in conflicts:
            imported.conflicts += 1
            if imported.conflicts <= _CONFLICTS_SHOWN or self._strict:
                imported.warnings += 1
                self._report(_conflict_error(imported.location, conflict))
        self.conflicts += len(conflicts)

    def report_further_conflicts(self, imported: ImportedSource) -> None:
        """Reports how many conflicts a document has, if not all of them were reported."""
        if imported.conflicts > _CONFLICTS_SHOWN:
            imported.warnings += 1
            message = (
                f"{imported.location}: {imported.conflicts} specs in all have the same "
                "hash with other contents; the first are kept: see cachegraph verify"
            )
            self._report(FormatError(message))

    def count_dependencies(self) -> None:
        """Counts the dependencies of specs that several records describe, as the graph has them.

        After a first import the graph has those of its documents, and no others.
        """
        counts, store = self.counts, self._store
        if counts.first_specs is not None:
            counts.further_dependencies = store.count(DEPENDS_ON)
        if counts.repeated:
            store.flush()
            spec_of = {hash_: store.find(SPEC, hash_) for hash_ in counts.repeated}
            edges = relationships(store, DEPENDS_ON, spec_of.values())
            number = Counter(start for start, _, _ in edges)
            for hash_, spec in spec_of.items():
                counts.dependencies[hash_] = number[spec]

    def count_stubs(self) -> None:
        """Counts the specs that only dependencies name."""
        counts, store = self.counts, self._store
        if counts.first_specs is None:
            missing = counts.required - counts.specs
            counts.stubs = len(missing - store.known(missing).keys())
        elif store.count(SPEC) > counts.first_specs:
            specs = [*store.nodes(SPEC)]
            rows = zip(specs, store.values(SPEC, specs, ("package",)), strict=True)
            stubs = [spec for spec, (package,) in rows if package is None]
            counts.stubs = sum(1 for spec in stubs if store.starts_of(DEPENDS_ON, spec))


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
    if name not in conflict.in_source:
        return name.replace("_", " ")
    values = conflict.in_source[name], conflict.in_graph[name]
    found, known = (" ".join(v) if isinstance(v, tuple) else v for v in values)
    return f"{name} {found}, in the graph {known}"

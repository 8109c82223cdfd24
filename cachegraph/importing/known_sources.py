"""The sources that the graph has: what each lists, and which of them need not be read again."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any, NamedTuple

from cachegraph.importing.listings import Listing
from cachegraph.importing.summary import ImportedSource
from cachegraph.model.elements import Nodes, without_none
from cachegraph.model.graph import Handle
from cachegraph.model.schema import SOURCE
from cachegraph.model.spec import Scope
from cachegraph.sources import Document, Source
from cachegraph.sources.registry import READER
from cachegraph.stores import Store

_NAMES = (SOURCE.key.name, *(p.name for p in SOURCE.properties))


class KnownSource(NamedTuple):
    """A source of the graph: its node and its properties."""

    node: Handle
    digest: str
    location: str | None
    format: str | None
    format_version: str | None
    imported_at: str | None
    specs: int | None
    conflicts: int | None
    lists: tuple[str, ...] | None
    part_of: tuple[str, ...] | None
    reader: int | None


class KnownSources:
    """The sources of the graph by digest, and the scopes that each lists; scopes are texts."""

    def __init__(self, store: Store) -> None:
        nodes = [*store.nodes(SOURCE)]
        rows = zip(nodes, store.values(SOURCE, nodes, _NAMES), strict=True)
        self.by_digest = {row[0]: KnownSource(node, *row) for node, row in rows}
        self._lists: dict[str, set[str]] = {}
        self._part_of: dict[str, set[str]] = {}
        self._digests: dict[str, set[str]] = defaultdict(set)
        self._changed: set[str] = set()
        for digest, known in self.by_digest.items():
            for scopes, of_scope in ((known.lists, self._lists), (known.part_of, self._part_of)):
                if scopes:
                    of_scope[digest] = {*scopes}
                    for scope in scopes:
                        self._digests[scope].add(digest)

    def held(self, document: Document, source: Source) -> Scope | None:
        """The scope that a document lists, if the graph holds exactly that; None if it does not."""
        known = self.by_digest.get(document.digest)
        if known is None or known.reader != READER or not known.lists:
            return None
        scope = source.scope(document)
        return scope if str(scope) in known.lists else None

    def listing(self, scope: Scope | str) -> Set[str]:
        """The digests of the sources that list a scope, or a part of what the graph has of it."""
        return self._digests.get(str(scope), frozenset())

    def listing_only(self, scope: Scope) -> set[Handle]:
        """The sources that list a scope, or a part of it, and nothing else."""
        alone = (digest for digest in self.listing(scope) if len(self._scopes(digest)) == 1)
        return {self.by_digest[digest].node for digest in alone}

    @property
    def scopes(self) -> Set[str]:
        """Everything that a source lists."""
        return {scope for scope, digests in self._digests.items() if digests}

    def of_release(self, release: str) -> Iterator[str]:
        """The scopes of pages of a release."""
        return (scope for scope in self._digests if scope.startswith(f"{release} "))

    def add_listing(self, scope: Scope, listing: Listing, *, replaced: bool, exact: bool) -> None:
        """Notes which sources list a scope after an import.

        Other sources list it no more if it was ``replaced``, else only a part of it. If ``exact``
        the graph holds what the sources of the listing list, and no more.
        """
        text = str(scope)
        others = self._digests[text] - listing.digests
        if replaced:
            self.remove(text, others)
        else:
            self.demote(text)
        for digest in listing.digests:
            held = (self._lists, self._part_of) if exact else (self._part_of, self._lists)
            held[0].setdefault(digest, set()).add(text)
            held[1].get(digest, set()).discard(text)
            self._digests[text].add(digest)
            self._changed.add(digest)

    def remove(self, scope: str, digests: Iterable[str] | None = None) -> None:
        """Notes that sources, or all of them, list a scope no more."""
        for digest in [*(self._digests[scope] if digests is None else digests)]:
            for held in (self._lists, self._part_of):
                held.get(digest, set()).discard(scope)
            self._digests[scope].discard(digest)
            self._changed.add(digest)

    def demote(self, scope: str) -> None:
        """Notes that the graph may hold more or less of a scope than its sources list."""
        for digest in self._digests.get(scope, ()):
            if scope in self._lists.get(digest, ()):
                self._lists[digest].discard(scope)
                self._part_of.setdefault(digest, set()).add(scope)
                self._changed.add(digest)

    def superseded(self) -> set[str]:
        """The digests of the sources that listed something before, and list nothing any more."""
        return {
            digest
            for digest in self._changed & self.by_digest.keys()
            if not self._lists.get(digest) and not self._part_of.get(digest)
        }

    def nodes(self, imported: Mapping[str, ImportedSource], now: str) -> Iterator[Nodes]:
        """The sources that are new or list something else than before, as nodes."""
        for digest in [*imported, *sorted(self._changed - imported.keys())]:
            known = self.by_digest.get(digest)
            before = without_none(known._asdict()) if known else {}
            properties = {**before, **self._read_now(digest, imported.get(digest), known)}
            for name, held in (("lists", self._lists), ("part_of", self._part_of)):
                if digest in held:
                    properties[name] = tuple(sorted(held[digest]))
            gained = self._scopes(digest) - {*before.get("lists", ()), *before.get("part_of", ())}
            if known is None or gained:
                properties["imported_at"] = now
            if properties != before:
                yield Nodes.of(SOURCE, [digest], properties)

    def _scopes(self, digest: str) -> set[str]:
        return self._lists.get(digest, set()) | self._part_of.get(digest, set())

    def _read_now(
        self, digest: str, imported: ImportedSource | None, known: KnownSource | None
    ) -> Mapping[str, Any]:
        """The properties of a source that this import read; none if the reader is the same."""
        if imported is None or (known and known.reader == READER):
            return {}
        location = known.location if known and known.location else imported.location
        return {**vars(imported), "location": location, "reader": READER}

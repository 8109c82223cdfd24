"""The last step of an import: stacks, roots and sources, which depend on all its documents."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from cachegraph.importing.assemble import stack_elements
from cachegraph.importing.hash_bag import Hashes
from cachegraph.importing.known_sources import KnownSources
from cachegraph.importing.listings import Listings
from cachegraph.importing.summary import (
    ImportCounts,
    ImportedSource,
    StackChange,
    change_notes,
)
from cachegraph.importing.targets import join_compatible_targets
from cachegraph.model import schema
from cachegraph.model.elements import Relationships, without_none
from cachegraph.model.graph import Handle
from cachegraph.model.spec import Root, Scope
from cachegraph.model.stack_key import StackKey
from cachegraph.sources import Document, ErrorHandler, ParsedDocument
from cachegraph.stores import Store
from cachegraph.stores.pruning import prune, remove_sources

# The abstract specs that requested a root, and the names of its groups.
RootRequests = tuple[tuple[str, ...], str | None]


class _Listed(NamedTuple):
    """A stack of which documents list all specs, or those of some packages."""

    key: str
    covered: Set[Handle] | None
    """The specs of these packages; None for all specs."""
    incomplete: str
    """Why nothing is removed, in a few words; empty if the documents could be read."""


class ImportFinisher:
    """Collects what each document lists in full; at the end makes the graph say the same."""

    def __init__(self, store: Store, sources: KnownSources, *, add: bool) -> None:
        self._store = store
        self._sources = sources
        self._add = add
        self.listings = Listings()
        self._roots: dict[str, dict[str, list[Root]]] = defaultdict(dict)
        self._releases_before = {*store.keys(schema.RELEASE)}
        self._targets_before = {*store.keys(schema.TARGET)}
        self._before: dict[str, Set[Handle]] = {}
        self._hash_of: dict[Handle, str] = {}
        self.changes: dict[str, StackChange] = {}
        self.notes: list[str] = []

    def add_document(
        self,
        document: Document,
        parsed: ParsedDocument,
        members: Hashes,
        report: ErrorHandler,
    ) -> None:
        """Adds the roots of a document, and what it lists, as ``Listings.add`` does."""
        for root in parsed.roots:
            self._roots[root.stack].setdefault(root.hash, []).append(root)
        for scope in parsed.scopes:
            if scope.stack is not None and not document.build_cache:
                # The stack has these roots and no others, even if there are none.
                self._roots.setdefault(str(scope), {})
        self.listings.add(document, parsed, members, report)

    def outdated(self, document: Document, parsed: ParsedDocument) -> set[Handle]:
        """The sources that a document replaces; none if it is one of many of a build cache."""
        if self._add or document.build_cache:
            return set()
        sources = set().union(*map(self._sources.listing_only, parsed.scopes))
        known = self._sources.by_digest.get(parsed.digest)
        return sources - {known.node} if known else sources

    def members_before(self, key: str) -> Set[Handle]:
        """The specs of a stack before the import, which adds to it only after this is asked."""
        if key not in self._before:
            known = StackKey.parse(key).release in self._releases_before
            stack = self._store.find(schema.STACK, key) if known else None
            inside = self._store.starts_of(schema.IN_STACK, stack) if stack is not None else set()
            self._before[key] = inside
        return self._before[key]

    def finish(
        self,
        counts: ImportCounts,
        imported: Mapping[str, ImportedSource],
        unlinked: Mapping[schema.NodeType, Set[Handle]],
        now: str,
    ) -> None:
        """Makes stacks, roots, sources and targets those that the import read."""
        store = self._store
        for scope, _ in self.listings.stacks():
            key = str(scope)
            has_specs = counts.members.get(key) or key in counts.new_stacks
            if not has_specs and not self._roots.get(key):
                self.members_before(key)
                store.load(stack_elements(key))
        store.flush()
        for key in counts.new_stacks:
            stack = store.find(schema.STACK, key)
            counts.new_stacks[key] = len(store.starts_of(schema.IN_STACK, stack))
        self.changes = {key: _new_change(key, counts) for key in self._before}
        counts.roots = sum(map(len, self._roots.values()))
        dropped = self._remove_stale_members(counts)
        for key, roots in self._roots.items():
            dropped |= self._load_roots(key, roots)
        self._count_members()
        self._note_listings(imported)
        store.load(self._sources.nodes(imported, now))
        superseded = self._sources.superseded()
        if dropped or superseded or unlinked:
            store.flush()
            prune(store, dropped, self._sources.scopes, unlinked)
            remove_sources(store, superseded)
        join_compatible_targets(store, self._targets_before)
        self.notes = change_notes(self.changes.values(), self.notes)

    def _count_members(self) -> None:
        """Completes the changes of the stacks that were there before."""
        for key, change in self.changes.items():
            if before := self.members_before(key):
                stack = self._store.find(schema.STACK, key)
                after = self._store.starts_of(schema.IN_STACK, stack)
                change["specs"], change["stayed"] = len(after), len(before & after)
                change["added"] = change["specs"] - change["stayed"]
                change["removed"] = len(before) - change["stayed"]

    def _remove_stale_members(self, counts: ImportCounts) -> set[Handle]:
        """Removes from stacks what their documents do not list; returns those specs."""
        dropped: set[Handle] = set()
        for key, covered, incomplete in self._listed():
            listed: Set[str] = counts.members.get(key, set())
            inside = self.members_before(key)
            specs = [*(inside if covered is None else inside & covered)]
            stale = [
                spec for spec, h in zip(specs, self._hashes(specs), strict=True) if h not in listed
            ]
            if not stale:
                continue
            change = self.changes.setdefault(key, _new_change(key, counts))
            if self._add or incomplete:
                change["kept"] = change.get("kept", 0) + len(stale)
                if incomplete and not self._add:
                    self.notes.append(f"{key}: nothing was removed: {incomplete}")
                continue
            stack = self._store.find(schema.STACK, key)
            self._store.discard(schema.IN_STACK, stale, stack)
            self._store.discard(schema.ROOT_OF, stale, stack)
            dropped.update(stale)
        return dropped

    def _hashes(self, specs: Sequence[Handle]) -> Iterator[str]:
        """The hashes of specs; each is read once, though many stacks have it."""
        missing = [spec for spec in specs if spec not in self._hash_of]
        hashes = self._store.values(schema.SPEC, missing, (schema.SPEC.key.name,))
        self._hash_of.update((spec, h) for spec, (h,) in zip(missing, hashes, strict=True))
        return map(self._hash_of.__getitem__, specs)

    def _listed(self) -> Iterator[_Listed]:
        """The stacks that were there before and that documents list."""
        listings, store = self.listings, self._store
        for scope, _ in listings.stacks():
            complete = listings.is_complete(scope)
            yield _Listed(str(scope), None, "" if complete else listings.why_incomplete(scope))
        for release, scopes in listings.packages().items():
            if release not in self._releases_before:
                continue
            by_reason: dict[str, list[Handle]] = defaultdict(list)
            for scope in scopes:
                package = store.find(schema.PACKAGE, scope.package or "")
                if package is not None:
                    complete = listings.is_complete(scope)
                    why = "" if complete else f"of {scope.package} {listings.why_incomplete(scope)}"
                    by_reason[why].append(package)
            stacks = store.starts_of(schema.OF_RELEASE, store.find(schema.RELEASE, release))
            keys = store.values(schema.STACK, [*stacks], (schema.STACK.key.name,))
            in_order = sorted(key for (key,) in keys)
            for why, packages in by_reason.items():
                covered = store.starts_of_any(schema.OF_PACKAGE, packages)
                yield from (_Listed(key, covered, why) for key in in_order)

    def _load_roots(self, key: str, roots: Mapping[str, list[Root]]) -> set[Handle]:
        """Adds roots, by hash, to those of a stack, or replaces them; returns the removed ones."""
        release, name = StackKey.parse(key)
        exact = not self._add and self.listings.is_complete(Scope(release, stack=name))
        known = self._known_roots(key) if release in self._releases_before else {}
        changed: dict[RootRequests, list[str]] = defaultdict(list)
        outdated: set[Handle] = set()
        for hash_, of_spec in roots.items():
            start, before = known.pop(hash_, (None, None))
            requests = _merge_requests(of_spec, None if exact else before)
            if before != requests:
                changed[requests].append(hash_)
                if before is not None:
                    outdated.add(start)
        removed = {start for start, _ in known.values()} if exact else set()
        if outdated or removed:
            stack = self._store.find(schema.STACK, key)
            self._store.discard(schema.ROOT_OF, [*outdated, *removed], stack)
        for (specs, group), hashes in changed.items():
            properties = without_none({"requests": specs or None, "group": group})
            self._store.load([Relationships(schema.ROOT_OF, hashes, key, properties)])
        return removed

    def _known_roots(self, key: str) -> dict[str, tuple[Handle, RootRequests]]:
        self._store.flush()
        known: dict[str, tuple[Handle, RootRequests]] = {}
        stack = self._store.find(schema.STACK, key)
        if stack is None:
            return known
        for (specs, group), members in self._store.starts_by_properties(schema.ROOT_OF, stack):
            starts = [*members]
            hashes = self._store.values(schema.SPEC, starts, (schema.SPEC.key.name,))
            for start, (hash_,) in zip(starts, hashes, strict=True):
                known[hash_] = start, (specs or (), group)
        return known

    def _note_listings(self, imported: Mapping[str, ImportedSource]) -> None:
        """Notes which sources list what the graph now has."""
        listings, sources = self.listings, self._sources
        with_stacks = {scope.release for scope, _ in listings.stacks()}
        mixed = with_stacks & listings.packages().keys()
        for scope, listing in listings.items():
            silent = all(not imported[digest].warnings for digest in listing.digests)
            is_new = not sources.listing(scope) and not self._held_before(scope)
            replaced = listings.is_complete(scope) and (is_new or not self._add)
            exact = replaced and silent and not listing.is_shared and scope.release not in mixed
            sources.add_listing(scope, listing, replaced=replaced, exact=exact)
        for key, change in self.changes.items():
            if change["added"] or change["removed"]:
                release, name = StackKey.parse(key)
                if Scope(release, stack=name) not in listings:
                    sources.demote(key)
                    continue
                for of_page in [*sources.of_release(release)]:
                    sources.demote(of_page)

    def _held_before(self, scope: Scope) -> bool:
        """Whether the graph may have had specs of a scope before the import."""
        if scope.stack is not None:
            return bool(self._before.get(str(scope)))
        return scope.release in self._releases_before


def _new_change(key: str, counts: ImportCounts) -> StackChange:
    """The change of a stack that is new."""
    new = counts.new_stacks.get(key, len(counts.members.get(key, ())))
    return {"key": key, "specs": new, "added": new, "stayed": 0, "removed": 0}


def _merge_requests(roots: Iterable[Root], before: RootRequests | None) -> RootRequests:
    """The abstract specs and groups of a root, in this import and before."""
    specs, group = before or ((), None)
    requests = {*specs, *(root.request for root in roots if root.request)}
    groups = {*(group.split(", ") if group else ()), *(r.group for r in roots if r.group)}
    return tuple(sorted(requests)), ", ".join(sorted(groups)) or None

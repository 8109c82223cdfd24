"""The last step of an import: stacks, roots and targets, which depend on all its documents."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set

from cachegraph.errors import FormatError, UsageError
from cachegraph.model import schema
from cachegraph.model.elements import Pairs, Relationships, without_none
from cachegraph.model.graph import Handle
from cachegraph.model.spec import Root, Scope
from cachegraph.model.stack_key import StackKey
from cachegraph.model.target import nearest_compatible
from cachegraph.sources import Document, ErrorHandler, ParsedDocument
from cachegraph.stores import Store
from cachegraph.stores.pruning import prune

# The abstract specs that requested a root, and the names of its groups.
RootRequests = tuple[tuple[str, ...], str | None]


class ImportFinisher:
    """Collects what each document lists completely; at the end updates the graph to match."""

    def __init__(self, store: Store) -> None:
        self._store = store
        # The document or build cache that lists a scope, and the digest of the specs it lists.
        self._listings: dict[Scope, tuple[str, str]] = {}
        self._faulty: set[Scope] = set()
        self.incomplete: set[str] = set()
        """The build caches of which a document could not be read."""
        self._roots: dict[str, dict[str, list[Root]]] = defaultdict(dict)
        self._releases_before: set[str] = set()
        self._targets_before: set[str] = set()

    def begin(self) -> None:
        """Reads which releases and targets the graph has before the import."""
        self._releases_before = {*self._store.keys(schema.RELEASE)}
        self._targets_before = {*self._store.keys(schema.TARGET)}

    def add_document(
        self, document: Document, parsed: ParsedDocument, members: Set[str], report: ErrorHandler
    ) -> None:
        """Adds the roots of a document, and the scopes that it lists completely.

        ``members`` are the specs of its stack, if it lists a whole one. Reports a second page of
        a package; UsageError if another document lists the same stack with other specs.
        """
        for root in parsed.roots:
            self._roots[root.stack].setdefault(root.hash, []).append(root)
        location = document.build_cache or document.location
        digest = hashlib.sha256("".join(sorted(members)).encode()).hexdigest() if members else ""
        for scope in parsed.scopes:
            if scope.stack is not None and not document.build_cache:
                # The stack has these roots and no others, even if there are none.
                self._roots.setdefault(f"{scope.release}/{scope.stack}", {})
            if parsed.faults:
                self._faulty.add(scope)
            first, first_digest = self._listings.setdefault(scope, (location, digest))
            if first == location:
                continue
            if scope.package is not None:
                error = f"{document.location}: a second page of {scope.package} in {scope.release},"
                hint = "give one of them another release with --release"
                report(FormatError(f"{error} after {first}; both were imported", hint))
            elif first_digest != digest:
                raise UsageError(
                    f"{first} and {document.location} would both be the stack "
                    f"{scope.release}/{scope.stack}, with different specs; nothing was imported",
                    "import them one by one, with --release or --stack",
                )

    def finish(
        self, members: Mapping[str, Set[str]], targets: Set[str | None], *, replace: bool
    ) -> tuple[int, int]:
        """Updates members, roots and targets to those that the import read.

        Returns how many members that the sources no longer list were kept, and how many removed.
        """
        dropped, kept, removed = self._remove_stale_members(members, replace=replace)
        for key, roots in self._roots.items():
            dropped |= self._load_roots(key, roots, replace=replace)
        if dropped:
            self._store.flush()
            prune(self._store, dropped)
        self._load_compatible_targets({name for name in targets if name is not None})
        return kept, removed

    def _remove_stale_members(
        self, members: Mapping[str, Set[str]], *, replace: bool
    ) -> tuple[set[Handle], int, int]:
        """Removes unlisted members if ``replace``: their specs, and how many kept and removed."""
        if any(scope.release in self._releases_before for scope in self._listings):
            self._store.flush()
        dropped: set[Handle] = set()
        kept = removed = 0
        for stack, covered in self._listed_stacks():
            ((key,),) = self._store.values(schema.STACK, [stack], (schema.STACK.key.name,))
            listed = members.get(key, frozenset())
            inside = self._store.starts_of(schema.IN_STACK, stack)
            specs = [*inside] if covered is None else [spec for spec in inside if spec in covered]
            hashes = self._store.values(schema.SPEC, specs, (schema.SPEC.key.name,))
            stale = [spec for spec, (h,) in zip(specs, hashes, strict=True) if h not in listed]
            if not replace:
                kept += len(stale)
            elif stale:
                self._store.discard(schema.IN_STACK, stale, stack)
                self._store.discard(schema.ROOT_OF, stale, stack)
                dropped.update(stale)
                removed += len(stale)
        return dropped, kept, removed

    def _listed_stacks(self) -> Iterator[tuple[Handle, Set[Handle] | None]]:
        """The stacks that sources list completely, with the specs they cover; None for all."""
        store = self._store
        covered: dict[str, set[Handle]] = defaultdict(set)
        for scope in self._listings:
            if not self._is_complete(scope) or scope.release not in self._releases_before:
                continue
            if scope.stack is not None:
                stack = store.find(schema.STACK, f"{scope.release}/{scope.stack}")
                if stack is not None:
                    yield stack, None
            elif (package := store.find(schema.PACKAGE, scope.package or "")) is not None:
                covered[scope.release].update(store.starts_of(schema.OF_PACKAGE, package))
        for release, specs in covered.items():
            for stack in store.starts_of(schema.OF_RELEASE, store.find(schema.RELEASE, release)):
                yield stack, specs

    def _is_complete(self, scope: Scope) -> bool:
        """Whether a source lists the scope and all of it could be read."""
        location, _ = self._listings.get(scope, ("", ""))
        return bool(location) and not (scope in self._faulty or location in self.incomplete)

    def _load_roots(
        self, key: str, roots: Mapping[str, list[Root]], *, replace: bool
    ) -> set[Handle]:
        """Adds roots, by hash, to those of a stack, or replaces them; returns the removed ones."""
        release, name = StackKey.parse(key)
        exact = replace and self._is_complete(Scope(release, stack=name))
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

    def _load_compatible_targets(self, names: Set[str]) -> None:
        """Joins each target with the nearest other targets whose binaries run on it."""
        store = self._store
        if self._targets_before:
            store.flush()
            names = {*store.keys(schema.TARGET)}
        pairs = sorted((name, other) for name in names for other in nearest_compatible(name, names))
        for name in self._targets_before & names:
            target = store.find(schema.TARGET, name)
            nearest = {store.find(schema.TARGET, other) for start, other in pairs if start == name}
            for other in {*store.ends_of(schema.EXTENDS, [target])} - nearest:
                store.discard(schema.EXTENDS, [target], other)
        if pairs:
            starts, ends = zip(*pairs, strict=True)
            store.load([Pairs(schema.EXTENDS, starts, ends)])


def _merge_requests(roots: Iterable[Root], before: RootRequests | None) -> RootRequests:
    """The abstract specs and groups of a root, in this import and before."""
    specs, group = before or ((), None)
    requests = {*specs, *(root.request for root in roots if root.request)}
    groups = {*(group.split(", ") if group else ()), *(r.group for r in roots if r.group)}
    return tuple(sorted(requests)), ", ".join(sorted(groups)) or None

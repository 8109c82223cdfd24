"""What is true only of a whole import: stacks that are held in full, their roots, and targets."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set

from cachegraph.errors import CacheGraphError, FormatError, UsageError
from cachegraph.model.elements import Pairs, Relationships
from cachegraph.model.graph import Handle
from cachegraph.model.schema import (
    EXTENDS,
    IN_STACK,
    OF_PACKAGE,
    OF_RELEASE,
    PACKAGE,
    RELEASE,
    ROOT_OF,
    SPEC,
    STACK,
    TARGET,
)
from cachegraph.model.spec import Extent, Root
from cachegraph.model.stack_key import StackKey
from cachegraph.model.target import parents
from cachegraph.sources import Contents, Document
from cachegraph.stores import Store
from cachegraph.stores.pruning import prune

Members = Mapping[str, Set[str]]
# The abstract specs that a root was asked for by, and the names of its groups.
Asked = tuple[tuple[str, ...], str | None]


class ImportFinisher:
    """Keeps what the sources of an import claim, and settles it when all are read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._claims: dict[Extent, tuple[str, str]] = {}
        self._partial: set[Extent] = set()
        self.incomplete: set[str] = set()
        """The build caches of which a document could not be read."""
        self._roots: dict[str, dict[str, list[Root]]] = defaultdict(dict)
        self._before: set[str] = set()
        self._targets: set[str] = set()

    def remember(self) -> None:
        """Takes note of the releases and targets that are there before the import."""
        self._before = {*self._store.keys(RELEASE)}
        self._targets = {*self._store.keys(TARGET)}

    def claim(
        self, document: Document, contents: Contents, members: Set[str]
    ) -> Iterator[CacheGraphError]:
        """Takes note of what a document holds in full, and of its roots; yields warnings.

        ``members`` are the specs of the stack that it holds in full, if it holds one. UsageError
        when another document holds the same stack with different specs.
        """
        for root in contents.roots:
            self._roots[root.stack].setdefault(root.hash, []).append(root)
        claimant = document.part_of or document.location
        digest = hashlib.sha256("".join(sorted(members)).encode()).hexdigest() if members else ""
        for extent in contents.extents:
            if extent.stack is not None and not document.part_of:
                self._roots.setdefault(f"{extent.release}/{extent.stack}", {})  # perhaps none
            if contents.faults:
                self._partial.add(extent)
            first, held = self._claims.setdefault(extent, (claimant, digest))
            if first == claimant:
                continue
            if extent.package is not None:
                yield FormatError(
                    f"{document.location}: a second page of {extent.package} in "
                    f"{extent.release}, after {first}; both went in",
                    "give one of them another release with --release",
                )
            elif held != digest:
                raise UsageError(
                    f"{first} and {document.location} would both be the stack "
                    f"{extent.release}/{extent.stack}, with different specs; nothing went in",
                    "import them one by one, with --release or --stack",
                )

    def settle(
        self, members: Members, targets: Set[str | None], *, replace: bool
    ) -> tuple[int, int]:
        """Settles members that are no longer held, roots and targets; how many stay and leave."""
        dropped, kept, removed = self._stale(members, replace=replace)
        dropped |= self._load_roots(replace=replace)
        if dropped:
            self._store.flush()
            prune(self._store, dropped)
        self._join_targets({name for name in targets if name is not None})
        return kept, removed

    def _stale(self, members: Members, *, replace: bool) -> tuple[set[Handle], int, int]:
        """Finds members that the sources no longer hold, and takes them out when replacing."""
        if any(extent.release in self._before for extent in self._claims):
            self._store.flush()
        dropped: set[Handle] = set()
        kept = removed = 0
        for stack, covered in self._covered():
            ((key,),) = self._store.values(STACK, [stack], (STACK.key.name,))
            held = members.get(key, frozenset())
            inside = self._store.starts_of(IN_STACK, stack)
            specs = [*inside] if covered is None else [spec for spec in inside if spec in covered]
            hashes = self._store.values(SPEC, specs, (SPEC.key.name,))
            stale = [node for node, (h,) in zip(specs, hashes, strict=True) if h not in held]
            if not replace:
                kept += len(stale)
            elif stale:
                self._store.discard(IN_STACK, stale, stack)
                self._store.discard(ROOT_OF, stale, stack)
                dropped.update(stale)
                removed += len(stale)
        return dropped, kept, removed

    def _covered(self) -> Iterator[tuple[Handle, Set[Handle] | None]]:
        """The stacks of which sources hold specs in full: those of packages, or None for all."""
        store = self._store
        packages: dict[str, set[Handle]] = defaultdict(set)
        for extent in self._claims:
            if not self._whole(extent) or extent.release not in self._before:
                continue
            if extent.stack is not None:
                stack = store.find(STACK, f"{extent.release}/{extent.stack}")
                if stack is not None:
                    yield stack, None
            elif (node := store.find(PACKAGE, extent.package or "")) is not None:
                packages[extent.release].update(store.starts_of(OF_PACKAGE, node))
        for release, covered in packages.items():
            for stack in store.starts_of(OF_RELEASE, store.find(RELEASE, release)):
                yield stack, covered

    def _whole(self, extent: Extent) -> bool:
        """Whether all that a source holds of an extent could be read."""
        claimant, _ = self._claims.get(extent, ("", ""))
        return bool(claimant) and not (extent in self._partial or claimant in self.incomplete)

    def _load_roots(self, *, replace: bool) -> set[Handle]:
        """Joins the roots with those that are known, or puts them in their place; which leave."""
        dropped: set[Handle] = set()
        for key, found in self._roots.items():
            release, name = StackKey.parse(key)
            exact = replace and self._whole(Extent(release, stack=name))
            known = self._known_roots(key) if release in self._before else {}
            wanted: dict[Asked, list[str]] = defaultdict(list)
            stale = []
            for hash_, roots in found.items():
                start, before = known.pop(hash_, (None, None))
                asked = _asked(roots, None if exact else before)
                if before != asked:
                    wanted[asked].append(hash_)
                    stale += [] if before is None else [start]
            left = [start for start, _ in known.values()] if exact else []
            dropped.update(left)
            if stale := stale + left:
                self._store.discard(ROOT_OF, stale, self._store.find(STACK, key))
            for (requests, group), hashes in wanted.items():
                said = zip(("requests", "group"), (requests or None, group), strict=True)
                properties = {name: value for name, value in said if value is not None}
                self._store.load([Relationships(ROOT_OF, hashes, key, properties)])
        return dropped

    def _known_roots(self, key: str) -> dict[str, tuple[Handle, Asked]]:
        """The roots that a stack has already, by hash."""
        self._store.flush()
        stack = self._store.find(STACK, key)
        known: dict[str, tuple[Handle, Asked]] = {}
        for (requests, group), members in (
            [] if stack is None else self._store.starts_by_properties(ROOT_OF, stack)
        ):
            starts = [*members]
            hashes = self._store.values(SPEC, starts, (SPEC.key.name,))
            for start, (hash_,) in zip(starts, hashes, strict=True):
                known[hash_] = start, (requests or (), group)
        return known

    def _join_targets(self, found: Set[str]) -> None:
        """Joins every target with the nearest of the others whose binaries it runs."""
        store = self._store
        if self._targets:
            store.flush()
            found = {*store.keys(TARGET)}
        pairs = sorted((name, other) for name in found for other in parents(name, found))
        for name in self._targets & found:
            node = store.find(TARGET, name)
            wanted = {store.find(TARGET, other) for start, other in pairs if start == name}
            for other in {*store.ends_of(EXTENDS, [node])} - wanted:
                store.discard(EXTENDS, [node], other)
        if pairs:
            starts, ends = zip(*pairs, strict=True)
            store.load([Pairs(EXTENDS, starts, ends)])


def _asked(roots: Iterable[Root], before: Asked | None) -> Asked:
    """What a root was asked for by, in this import and before."""
    requests, group = before or ((), None)
    asked = {*requests, *(root.request for root in roots if root.request)}
    groups = {*(group.split(", ") if group else ()), *(r.group for r in roots if r.group)}
    return tuple(sorted(asked)), ", ".join(sorted(groups)) or None

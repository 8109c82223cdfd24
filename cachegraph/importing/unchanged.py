"""The documents of an import whose bytes the graph knows: checked, and counted from the graph."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from cachegraph.importing.known_sources import KnownSources
from cachegraph.importing.listings import Listings
from cachegraph.importing.summary import ImportCounts, ImportedSource, StackChange
from cachegraph.model import schema
from cachegraph.model.graph import Handle, Members
from cachegraph.model.schema import DEPENDS_ON, IN_STACK, RECORDED_IN, ROOT_OF, SPEC
from cachegraph.model.spec import Scope
from cachegraph.sources import Document
from cachegraph.stores import Store


class _Unchanged(NamedTuple):
    position: int
    location: str
    digest: str
    scope: Scope
    text: str
    """The scope as the graph has it."""


class UnchangedDocuments:
    """The documents that need not be parsed, by their position in the import."""

    def __init__(self, store: Store, sources: KnownSources) -> None:
        self._store = store
        self._sources = sources
        self._documents: list[_Unchanged] = []
        self._recorded_in: dict[frozenset[Handle], Members] = {}

    def add(self, position: int, document: Document, scope: Scope) -> None:
        """Adds a document and what it lists."""
        known = _Unchanged(position, document.location, document.digest, scope, str(scope))
        self._documents.append(known)

    def take_disputed(self, listings: Listings, counts: ImportCounts) -> list[int]:
        """The positions of documents that must be parsed after all; they are no longer unchanged.

        That is so if a parsed document lists the same, or adds to the stack; if one of the sources
        that list a stack is not in the import; and if the graph has specs that they do not list.
        """
        keys = {str(scope) for scope in listings} | {*counts.members, *counts.new_stacks}
        releases = {scope.release for scope, _ in listings.stacks()}
        extra = self._with_other_specs()
        here: dict[str, set[str]] = {}
        for document in self._documents:
            here.setdefault(document.text, set()).add(document.digest)
        disputed: list[_Unchanged] = []
        undisputed: list[_Unchanged] = []
        for document in self._documents:
            scope, text = document.scope, document.text
            is_disputed = text in keys or text in extra or here[text] != self._sources.listing(text)
            is_disputed |= scope.package is not None and scope.release in releases
            (disputed if is_disputed else undisputed).append(document)
        self._documents = undisputed
        return [document.position for document in disputed]

    def _with_other_specs(self) -> set[str]:
        """What documents list of which the graph has specs that their sources do not describe."""
        found = set()
        for scope in self._scopes():
            if scope.stack is not None:
                stack = self._store.find(schema.STACK, str(scope))
                recorded = self._recorded([str(scope)])
                if stack is None or self._store.starts_of(IN_STACK, stack) - recorded:
                    found.add(str(scope))
        for release in {scope.release for scope in self._scopes() if scope.package is not None}:
            inside = self._store.starts_of_any(IN_STACK, self._stacks(release))
            extra = [*(inside - self._recorded([*self._sources.of_release(release)]))]
            packages = self._store.values(SPEC, extra, ("package",))
            found |= {str(Scope(release, package)) for (package,) in packages}
        return found

    def _scopes(self) -> set[Scope]:
        return {document.scope for document in self._documents}

    def _stacks(self, release: str) -> Members:
        node = self._store.find(schema.RELEASE, release)
        return self._store.starts_of(schema.OF_RELEASE, node) if node is not None else set()

    def _recorded(self, scopes: Sequence[str]) -> Members:
        """The specs of the sources that list the scopes."""
        known, listing = self._sources.by_digest, self._sources.listing
        nodes = frozenset(known[digest].node for scope in scopes for digest in listing(scope))
        if nodes not in self._recorded_in:
            self._recorded_in[nodes] = self._store.starts_of_any(RECORDED_IN, nodes)
        return self._recorded_in[nodes]

    def __len__(self) -> int:
        return len(self._documents)

    def imported(self) -> Iterator[tuple[int, ImportedSource]]:
        """The documents as the summary lists them, with their positions."""
        for position, location, digest, *_ in self._documents:
            known = self._sources.by_digest[digest]
            format_, version = known.format or "", known.format_version or ""
            specs = known.specs or 0
            yield position, ImportedSource(location, format_, version, specs)

    def count(self, counts: ImportCounts, parsed: Iterable[str]) -> list[StackChange]:
        """Adds what the documents list to the counts; returns their stacks, which are as before.

        ``parsed`` are the digests of the other documents, of which the counts are complete.
        """
        store = self._store
        found = [store.find(schema.SOURCE, digest) for digest in parsed]
        parsed_specs = store.starts_of_any(
            RECORDED_IN, [node for node in found if node is not None]
        )
        specs = self._recorded([*{document.text for document in self._documents}])
        own = specs - parsed_specs
        counts.further_specs = len(own)
        counts.package_versions.update(_distinct(store, own, ("package", "version")))
        for name, values in (
            ("compiler", counts.compilers),
            ("os", counts.operating_systems),
            ("target", counts.targets),
        ):
            values.update(value for (value,) in _distinct(store, own, (name,)))
        if store.count(DEPENDS_ON):
            ends = (ends for ends, _ in store.adjacent(DEPENDS_ON, own))
            counts.further_dependencies = sum(map(len, ends))
            counts.required.update(self._stubs(own, specs))
        return [*self._count_stacks(counts)]

    def _stubs(self, specs: Members, described: Members) -> Iterator[str]:
        """The hashes of the stubs that specs depend on."""
        ends = [*{*self._store.ends_of(DEPENDS_ON, specs)} - {*described}]
        rows = self._store.values(SPEC, ends, (SPEC.key.name, "package"))
        return (hash_ for hash_, package in rows if package is None)

    def _count_stacks(self, counts: ImportCounts) -> Iterator[StackChange]:
        store = self._store
        for key, listed in self._listed():
            stack = store.find(schema.STACK, key)
            inside = store.starts_of(IN_STACK, stack)
            if listed is None:
                counts.further_roots += len(store.starts_of(ROOT_OF, stack))
            elif not (number := len(inside & listed)):
                continue
            counts.members.setdefault(key, set())
            counts.further_memberships += len(inside) if listed is None else number
            size = len(inside)
            yield {"key": key, "specs": size, "added": 0, "stayed": size, "removed": 0}

    def _listed(self) -> Iterator[tuple[str, Members | None]]:
        """The keys of stacks, and the specs that the documents may list of them; None for all."""
        by_release: dict[str, list[str]] = {}
        for scope in self._scopes():
            if scope.stack is not None:
                yield str(scope), None
            else:
                by_release.setdefault(scope.release, []).append(str(scope))
        for release, scopes in by_release.items():
            specs = self._recorded(scopes)
            stacks = [*self._stacks(release)]
            keys = self._store.values(schema.STACK, stacks, (schema.STACK.key.name,))
            yield from ((key, specs) for (key,) in keys)


def _distinct(store: Store, specs: Members, names: Sequence[str]) -> set[tuple[Any, ...]]:
    """The distinct combinations of values that specs have."""
    tokens = store.tokens(SPEC, specs, names)
    # A single column needs no tuples.
    combined = zip(*tokens, strict=True) if len(tokens) > 1 else tokens[0]
    examples = dict(zip(combined, specs, strict=True))
    return {*store.values(SPEC, [*examples.values()], names)}

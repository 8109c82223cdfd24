"""How the hashes that a source's bytes give compare with the DAG hashes of its specs."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Set
from typing import Any

from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.schema import SPEC
from cachegraph.model.spec import REWRITTEN

UNEXPLAINED = "unexplained"
# Until format 2 externals and test packages were hashed in forms that no file shows.
_PROVABLE = 3

Record = tuple[tuple[Any, ...], Set[Handle]]
"""The values of the properties of ``RECORDED_IN``, and the specs that have them."""


class SourceHashes:
    """The specs of one source: those to which its bytes give equal, unknown or different hashes."""

    def __init__(self, graph: SpecGraph, records: Iterable[Record]) -> None:
        self._graph = graph
        self.equal: set[Handle] = set()
        self.unknown: set[Handle] = set()
        self.different: dict[str, set[Handle]] = defaultdict(set)
        """The specs to which its bytes give other hashes, by the reason."""
        self.conflicts: defaultdict[tuple[str, ...], set[Handle]] = defaultdict(set)
        """The specs that the source contradicts, by the properties that differ."""
        self.index_faults: defaultdict[str, set[Handle]] = defaultdict(set)
        """The specs on which an index contradicts the other files of its build cache, by how."""
        for (verified, reason, differs, index_fault), specs in records:
            if index_fault:
                self.index_faults[index_fault].update(specs)
            if differs:
                self.conflicts[differs].update(specs)
            if verified is None:
                self.unknown.update(specs)
            elif verified:
                self.equal.update(specs)
            else:
                self.different[reason or UNEXPLAINED].update(specs)
        if rewritten := self._rewritten({*self._unproved()}):
            rewritten |= self.different[REWRITTEN]
            different = {why: specs - rewritten for why, specs in self.different.items()}
            different[REWRITTEN] = rewritten
            self.different = {why: specs for why, specs in different.items() if specs}

    @property
    def specs(self) -> set[Handle]:
        """All specs of the source."""
        return self.equal.union(self.unknown, *self.different.values())

    def refuted(self) -> Iterator[tuple[str, dict[Handle, str | None]]]:
        """The specs whose reason does not explain their hash, by reason, with the hash they give.

        That hash is None where the DAG hash is the one of an earlier form.
        """
        for reason, specs in sorted(self.different.items()):
            if reason != REWRITTEN:
                yield reason, self._refuted(reason, sorted(specs))

    def _refuted(self, reason: str, specs: list[Handle]) -> dict[Handle, str | None]:
        known = self._graph.values(SPEC, specs, ("recomputed", "specfile_version"))
        foreign = self._of_foreign_namespace(specs) if reason == "external" else set()
        return {
            spec: recomputed
            for spec, (recomputed, version) in zip(specs, known, strict=True)
            if reason == UNEXPLAINED
            or ((recomputed or spec in foreign) and (version or 0) >= _PROVABLE)
        }

    def _unproved(self) -> Iterator[Handle]:
        """The specs to which no form of their nodes gives their hash."""
        specs = sorted(set[Handle]().union(*self.different.values()))
        unexplained = self.different.get(UNEXPLAINED, ())
        recomputed = self._graph.values(SPEC, specs, ("recomputed",))
        for spec, (given,) in zip(specs, recomputed, strict=True):
            if given or spec in unexplained:
                yield spec

    def _rewritten(self, unproved: set[Handle]) -> set[Handle]:
        """The specs for targets that a later Spack describes anew: several differ, none equals."""
        by_features: defaultdict[Hashable, set[Handle]] = defaultdict(set)
        for spec, features in self._tokens(unproved, "target_features"):
            if features:
                by_features[features].add(spec)
        if not by_features:
            return set()
        unchanged = {features for _, features in self._tokens(self.equal, "target_features")}
        changed = (by_features[features] for features in by_features.keys() - unchanged)
        return set[Handle]().union(*(specs for specs in changed if len(specs) > 1))

    def _of_foreign_namespace(self, externals: list[Handle]) -> set[Handle]:
        """The externals in a namespace that no other spec has: some hashes do not cover theirs.

        Those of which a compiler is known are older: the hashes of all of them do.
        """
        others = self._tokens(self.specs.difference(externals), "namespace")
        namespaces = {namespace for _, namespace in others}
        recent = [spec for spec, compiler in self._tokens(externals, "compiler") if not compiler]
        own = self._tokens(recent, "namespace") if namespaces else ()
        return {spec for spec, namespace in own if namespace not in namespaces}

    def _tokens(self, specs: Iterable[Handle], name: str) -> Iterator[tuple[Handle, Hashable]]:
        nodes = sorted(specs)
        (tokens,) = self._graph.tokens(SPEC, nodes, (name,))
        return zip(nodes, tokens, strict=True)

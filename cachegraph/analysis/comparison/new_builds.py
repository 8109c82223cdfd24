"""Counts the specs of a changed side by what becomes of them: kept, built, rebuilt, added."""

from typing import NamedTuple

from cachegraph.analysis.comparison.pairing import MatchedSpecs, match_specs
from cachegraph.analysis.sizes import Bytes, known_sizes, total_bytes
from cachegraph.model.graph import Members, SpecGraph
from cachegraph.model.schema import SPEC


class ImpactCounts(Bytes):
    """The counts of a change: specs of the new side, by what becomes of them.

    ``builds`` are new hashes that neither the old side nor a cache has, and ``cached`` those that a
    cache has; installed externals are no builds. ``rebuilt``, ``changed`` and ``added`` tell the
    new hashes apart, as in ``diff``. ``bytes`` are those of the new hashes, where they are known.
    """

    specs: int
    kept: int
    builds: int
    cached: int
    rebuilt: int
    changed: int
    added: int
    removed: int


class ComparedSpecs(NamedTuple):
    """Two sides; ``fresh`` are the new hashes that are builds, ``matched`` tells them apart."""

    old: Members
    new: Members
    fresh: Members
    matched: MatchedSpecs

    @classmethod
    def of(cls, graph: SpecGraph, old: Members, new: Members) -> "ComparedSpecs":
        """Compares the specs of two sides."""
        fresh = _without_externals(graph, new - old)
        return cls(old, new, fresh, match_specs(graph, old - new, new - old))

    def counts(self, graph: SpecGraph, cached: Members) -> ImpactCounts:
        """The counts of the new side, of which the caches have ``cached``."""
        old, new, fresh, matched = self
        sizes = known_sizes(graph, fresh).values()
        return {
            "specs": len(new),
            "kept": len(old & new),
            "builds": len(fresh - cached),
            "cached": len(fresh & cached),
            "rebuilt": len(matched.rebuilt),
            "changed": sum(len(after) for _, after in matched.changed),
            "added": len(matched.added),
            "removed": len(old - new),
            **total_bytes(sum(sizes), len(sizes), len(fresh)),
        }


def _without_externals(graph: SpecGraph, specs: Members) -> Members:
    nodes = [*specs]
    external = graph.values(SPEC, nodes, ("external",))
    return frozenset(node for node, (is_one,) in zip(nodes, external, strict=True) if not is_one)

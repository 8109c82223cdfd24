"""What stacks share, at every level, and what keeps the rest apart."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence, Set
from functools import reduce
from itertools import count
from operator import and_, or_
from typing import TYPE_CHECKING, NamedTuple

from cachegraph.errors import UsageError
from cachegraph.graph import Handle, SpecGraph
from cachegraph.queries.names import find_stack
from cachegraph.queries.rows import LEVELS, jaccard, key_of, spec_rows
from cachegraph.schema import IN_STACK, SPEC, STACK

if TYPE_CHECKING:
    from cachegraph.queries.answers import Apart, Level, OverlapAnswer

# What can be seen of a build besides its package and version.
ATTRIBUTES = ("compiler", "os", "target", "variants")
_TOLD_APART_BY = ("package", "version", "variants", "alike")


class Overlap(NamedTuple):
    """What two or more stacks share."""

    stacks: Sequence[str]
    release: str | None = None

    def walk(self, graph: SpecGraph) -> "OverlapAnswer":
        """The answer from a graph."""
        nodes = [find_stack(graph, name, self.release) for name in self.stacks]
        if len({*nodes}) < max(2, len(nodes)):
            raise UsageError(
                f"an overlap is of two or more different stacks, not of {', '.join(self.stacks)}",
                "list them: cachegraph stacks",
            )
        members = [graph.into(IN_STACK, node) for node in nodes]
        number: Mapping[Hashable, int] = defaultdict(count().__next__)
        sides = [_Side(graph, specs, number) for specs in members]
        shared = reduce(and_, members)
        apart = _apart(graph, sides, shared)
        return {
            "question": "overlap",
            "stacks": [
                {"key": key_of(graph, STACK, node), "specs": len(specs)}
                for node, specs in zip(nodes, members, strict=True)
            ],
            "levels": {name: _level([side.equal[name] for side in sides]) for name in LEVELS},
            "shared": spec_rows(graph, shared),
            "apart": apart,
            "apart_by": {name: sum(name in row["differs"] for row in apart) for name in ATTRIBUTES},
        }


class _Side:
    """The specs of one stack, and what tells them apart, read once.

    Package-versions are numbered, by a mapping that gives every new one the next number: numbers
    are cheaper to compare than tuples, and are compared a lot.
    """

    def __init__(
        self, graph: SpecGraph, specs: Set[Handle], number: Mapping[Hashable, int]
    ) -> None:
        self.specs = specs
        packages, versions, variants, alike = graph.tokens(SPEC, specs, _TOLD_APART_BY)
        self.versions = [number[key] for key in zip(packages, versions, strict=True)]
        self.equal: dict[str, Set[Hashable]] = {
            "hash": specs,
            "alike": {*alike},
            "spec": {*zip(self.versions, variants, strict=True)},
            "version": {*self.versions},
            "package": {*packages},
        }


def _level(sides: list[Set[Hashable]]) -> "Level":
    shared, union = len(reduce(and_, sides)), len(reduce(or_, sides))
    return {"shared": shared, "union": union, "jaccard": jaccard(shared, union)}


def _apart(graph: SpecGraph, sides: list[_Side], shared: Set[Handle]) -> "list[Apart]":
    """Of each package-version that all have, but no spec of it, what differs."""
    first = sides[0]
    versions = reduce(and_, (side.equal["version"] for side in sides))
    in_all = {*shared}
    versions -= {v for v, spec in zip(first.versions, first.specs, strict=True) if spec in in_all}
    held: list[tuple[Hashable, Handle]] = []
    values: list[list[set[Hashable]]] = []
    for side in sides:
        held = [
            (version, spec)
            for version, spec in zip(side.versions, side.specs, strict=True)
            if version in versions
        ]
        numbers = [version for version, _ in held]
        columns = graph.tokens(SPEC, [spec for _, spec in held], ATTRIBUTES)
        values.append([{*zip(numbers, column, strict=True)} for column in columns])
    # The versions of which an attribute has a value that all sides have.
    agreeing = [
        {version for version, _ in set.intersection(*pairs)} for pairs in zip(*values, strict=True)
    ]
    # In the order of the graph's own handles, which is the cheapest to look up.
    samples = sorted((spec, version) for version, spec in dict(held).items())
    names = graph.values(SPEC, [spec for spec, _ in samples], LEVELS["version"])
    apart: list[Apart] = [
        {
            "package": package,
            "version": text,
            "differs": [
                name
                for name, agreed in zip(ATTRIBUTES, agreeing, strict=True)
                if version not in agreed
            ],
        }
        for (_, version), (package, text) in zip(samples, names, strict=True)
    ]
    return sorted(apart, key=lambda row: (row["package"], row["version"]))

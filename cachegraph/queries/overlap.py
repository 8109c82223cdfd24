"""What stacks share, at every level, and what keeps the rest apart."""

from collections.abc import Hashable, Sequence, Set
from functools import reduce
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
_TOLD_APART_BY = ("package", "version", "alike", *ATTRIBUTES)


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
        sides = [_Side(graph, specs) for specs in members]
        shared = reduce(and_, members)
        apart = _apart(graph, sides, _Side(graph, shared))
        return {
            "question": "overlap",
            "stacks": [
                {"key": key_of(graph, STACK, node), "specs": len(specs)}
                for node, specs in zip(nodes, members, strict=True)
            ],
            "levels": {name: _level([side.equal(name) for side in sides]) for name in LEVELS},
            "shared": spec_rows(graph, shared),
            "apart": apart,
            "apart_by": {name: sum(name in row["differs"] for row in apart) for name in ATTRIBUTES},
        }


class _Side:
    """The specs of one stack, and what tells them apart, read once."""

    def __init__(self, graph: SpecGraph, specs: Set[Handle]) -> None:
        self.specs = specs
        columns = graph.tokens(SPEC, specs, _TOLD_APART_BY)
        self.columns = dict(zip(_TOLD_APART_BY, columns, strict=True))
        self.versions = [*self._rows(LEVELS["version"])]

    def _rows(self, names: Sequence[str]) -> "zip[tuple[Hashable, ...]]":
        """A tuple of tokens for each spec."""
        return zip(*(self.columns[name] for name in names), strict=True)

    def equal(self, level: str) -> Set[Hashable]:
        """One token for all of the specs that are equal at a level."""
        if level == "hash":
            return self.specs
        if level == "version":
            return {*self.versions}
        names = LEVELS[level]
        return {*self._rows(names)} if len(names) > 1 else {*self.columns[level]}


def _level(sides: list[Set[Hashable]]) -> "Level":
    shared, union = len(reduce(and_, sides)), len(reduce(or_, sides))
    return {"shared": shared, "union": union, "jaccard": jaccard(shared, union)}


def _apart(graph: SpecGraph, sides: list[_Side], shared: _Side) -> "list[Apart]":
    """Of each package-version that all have, but no spec of it, what differs."""
    versions = reduce(and_, (side.equal("version") for side in sides)) - {*shared.versions}
    sample: dict[Hashable, Handle] = {}
    values: list[dict[Hashable, list[set[Hashable]]]] = []
    for side in sides:
        held: dict[Hashable, list[set[Hashable]]] = {}
        attributes = zip(*(side.columns[name] for name in ATTRIBUTES), strict=True)
        for version, row, spec in zip(side.versions, attributes, side.specs, strict=True):
            if version in versions:
                if version not in held:
                    held[version] = [{value} for value in row]
                    sample[version] = spec
                else:
                    for seen, value in zip(held[version], row, strict=True):
                        seen.add(value)
        values.append(held)
    names = graph.values(SPEC, sample.values(), LEVELS["version"])
    apart: list[Apart] = [
        {"package": package, "version": number, "differs": _differs([v[key] for v in values])}
        for key, (package, number) in zip(sample, names, strict=True)
    ]
    return sorted(apart, key=lambda row: (row["package"], row["version"]))


def _differs(stacks: list[list[set[Hashable]]]) -> list[str]:
    """The attributes that have no value which all stacks have."""
    return [
        name
        for name, held in zip(ATTRIBUTES, zip(*stacks, strict=True), strict=True)
        if not set.intersection(*held)
    ]

"""What stacks share, at every level, and what keeps the rest apart."""

from collections import defaultdict
from collections.abc import Hashable, Sequence, Set
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any, TypedDict

from cachegraph.errors import UsageError
from cachegraph.graph import Handle, SpecGraph
from cachegraph.queries.names import find_stack
from cachegraph.queries.rows import (
    LEVELS,
    SpecRow,
    StackSize,
    equal_at,
    jaccard,
    key_of,
    spec_rows,
)
from cachegraph.schema import IN_STACK, SPEC, STACK

# What can be seen of a build besides its package and version.
ATTRIBUTES = ("compiler", "os", "target", "variants")


class Level(TypedDict):
    """How much is shared when specs that are equal at a level count as one."""

    shared: int
    union: int
    jaccard: float


class Apart(TypedDict):
    """A package-version that all stacks have, though no spec of it; and why none can be shared.

    An attribute is in ``differs`` when no value of it is common to all stacks. With none there,
    what differs is a combination of them, or dependencies or the recipe.
    """

    package: str
    version: str
    differs: list[str]


class OverlapAnswer(TypedDict):
    """The answer of ``overlap``."""

    question: str
    stacks: list[StackSize]
    levels: dict[str, Level]
    shared: list[SpecRow]
    apart: list[Apart]
    apart_by: dict[str, int]


@dataclass(frozen=True)
class Overlap:
    """What two or more stacks share."""

    stacks: Sequence[str]
    release: str | None = None

    def walk(self, graph: SpecGraph) -> OverlapAnswer:
        """The answer from a graph."""
        nodes = [find_stack(graph, name, self.release) for name in self.stacks]
        if len({*nodes}) < max(2, len(nodes)):
            raise UsageError(
                f"an overlap is of two or more different stacks, not of {', '.join(self.stacks)}",
                "list them: cachegraph stacks",
            )
        members = [graph.into(IN_STACK, node) for node in nodes]
        shared = reduce(and_, members)
        apart = _apart(graph, members, shared)
        return {
            "question": "overlap",
            "stacks": [
                {"key": key_of(graph, STACK, node), "specs": len(specs)}
                for node, specs in zip(nodes, members, strict=True)
            ],
            "levels": {name: _level(graph, name, members) for name in LEVELS},
            "shared": spec_rows(graph, shared),
            "apart": apart,
            "apart_by": {name: sum(name in row["differs"] for row in apart) for name in ATTRIBUTES},
        }


def _level(graph: SpecGraph, name: str, members: list[Set[Handle]]) -> Level:
    tokens = [equal_at(graph, name, specs) for specs in members]
    shared, union = len(reduce(and_, tokens)), len(reduce(or_, tokens))
    return {"shared": shared, "union": union, "jaccard": jaccard(shared, union)}


def _apart(graph: SpecGraph, members: list[Set[Handle]], shared: Set[Handle]) -> list[Apart]:
    by_version: list[dict[Hashable, list[Handle]]] = []
    for specs in members:
        grouped = defaultdict(list)
        handles = [*specs]
        for token, spec in zip(
            graph.classes(SPEC, handles, LEVELS["version"]), handles, strict=True
        ):
            grouped[token].append(spec)
        by_version.append(grouped)
    apart: list[Apart] = []
    for token in set.intersection(*({*grouped} for grouped in by_version)):
        parts = [grouped[token] for grouped in by_version]
        if not any(spec in shared for spec in parts[0]):
            ((package, version),) = graph.values(SPEC, parts[0][:1], LEVELS["version"])
            apart.append(
                {"package": package, "version": version, "differs": _differs(graph, parts)}
            )
    return sorted(apart, key=lambda row: (row["package"], row["version"]))


def _differs(graph: SpecGraph, parts: list[list[Any]]) -> list[str]:
    return [
        name
        for name in ATTRIBUTES
        if not set.intersection(*({*graph.classes(SPEC, specs, (name,))} for specs in parts))
    ]

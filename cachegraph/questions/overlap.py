"""What stacks share, at every level, and what keeps the rest apart."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence, Set
from functools import reduce
from itertools import count
from operator import and_, or_
from typing import TYPE_CHECKING, NamedTuple

from cachegraph.analysis.rows import LEVELS, jaccard, row_order, spec_row, spec_rows
from cachegraph.analysis.selection.stacks import StackSelection, notes, select_stacks
from cachegraph.errors import UsageError
from cachegraph.model.graph import CypherGraph, Handle, SpecGraph
from cachegraph.model.schema import DEPENDS_ON, SPEC

if TYPE_CHECKING:
    from cachegraph.questions.answers import Apart, Notes, OverlapAnswer, SpecRow, StackSize
    from cachegraph.questions.answers.causes import BlamedCause

# What can be seen of a build besides its package and version.
ATTRIBUTES = ("compiler", "os", "target", "variants")
_TOP = 10
_TOLD_APART_BY = ("package", "version", "variants", "alike")


class Overlap(NamedTuple):
    """What two or more stacks share."""

    stacks: Sequence[str]
    release: str | None = None
    ignore_runtime: bool = False

    def walk(self, graph: SpecGraph) -> "OverlapAnswer":
        """The answer from a graph."""
        chosen = self._chosen(graph)
        members = [one.specs for one in chosen]
        number: Mapping[Hashable, int] = defaultdict(count().__next__)
        sides = [_Side(graph, specs, number) for specs in members]
        shared = reduce(and_, members)
        apart = _apart(graph, sides, shared)
        causes = _causes(graph, chosen, sides, shared)
        return _answer(
            [one.size() for one in chosen],
            {name: _shared_of([side.equal[name] for side in sides]) for name in LEVELS},
            spec_rows(graph, shared),
            apart,
            causes,
            notes(chosen),
        )

    def ask(self, graph: CypherGraph) -> "OverlapAnswer":
        """The answer of overlap.cypher; of parts of stacks, which it does not know, of the walk."""
        chosen = self._chosen(graph)
        if self.ignore_runtime or any(one.group_of for one in chosen):
            return self.walk(graph)
        keys = [one.key for one in chosen]
        (row,) = graph.rows("overlap", {"stacks": keys})
        sizes = {
            stack["key"]: size for stack, size in zip(row["stacks"], row["sizes"], strict=True)
        }
        levels = {level["level"]: (level["shared"], level["union"]) for level in row["levels"]}
        apart: list[Apart] = [
            {
                "package": found["package"],
                "version": found["version"],
                "differs": [name for name in ATTRIBUTES if name in found["differs"]],
            }
            for found in row["apart"]
        ]
        return _answer(
            [{"key": key, "specs": sizes[key]} for key in keys],
            {name: levels.get(name, (0, 0)) for name in LEVELS},
            sorted(map(spec_row, row["shared"]), key=row_order),
            apart,
            self._why(graph, keys, levels["alike"][0] - len({s["alike"] for s in row["shared"]})),
        )

    def _why(self, graph: CypherGraph, keys: list[str], alike: int) -> "list[BlamedCause]":
        """The causes, of the part of the graph that blame.cypher gives, if any are alike."""
        if not alike or not graph.count(DEPENDS_ON):
            return []
        part = graph.subgraph("blame", {"stacks": keys})
        return self._replace(stacks=keys).walk(part)["causes"]

    def _chosen(self, graph: SpecGraph) -> list[StackSelection]:
        chosen = (
            select_stacks(graph, self.stacks, self.release, ignore_runtime=self.ignore_runtime)
            if self.stacks
            else []
        )
        if len(chosen) < max(2, len(self.stacks)):
            raise UsageError(
                f"an overlap is of two or more different stacks, not of {', '.join(self.stacks)}",
                "list them: cachegraph stacks",
            )
        return chosen


def _answer(  # one for each part
    stacks: "list[StackSize]",
    levels: Mapping[str, tuple[int, int]],
    shared: "list[SpecRow]",
    apart: "list[Apart]",
    causes: "list[BlamedCause]",
    said: "Notes | None" = None,
) -> "OverlapAnswer":
    apart.sort(key=lambda row: (row["package"], row["version"]))
    return {
        "question": "overlap",
        "stacks": stacks,
        "levels": {
            name: {"shared": both, "union": union, "jaccard": jaccard(both, union)}
            for name, (both, union) in levels.items()
        },
        "shared": shared,
        "apart": apart,
        "apart_by": {name: sum(name in row["differs"] for row in apart) for name in ATTRIBUTES},
        "causes": causes,
        **(said or {}),
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
        self.looks = alike
        self.versions = [number[key] for key in zip(packages, versions, strict=True)]
        self.equal: dict[str, Set[Hashable]] = {
            "hash": specs,
            "alike": {*alike},
            "spec": {*zip(self.versions, variants, strict=True)},
            "version": {*self.versions},
            "package": {*packages},
        }

    def looking(self) -> Iterator[tuple[Handle, Hashable]]:
        """Each spec, and how it looks."""
        return zip(self.specs, self.looks, strict=True)


def _causes(
    graph: SpecGraph, chosen: list[StackSelection], sides: list[_Side], shared: Set[Handle]
) -> "list[BlamedCause]":
    """Of what all have but not as one spec, and that looks alike, the most costly causes."""
    looks = reduce(and_, (side.equal["alike"] for side in sides)) - {0, None}
    if shared:
        looks = looks - {*graph.tokens(SPEC, shared, ("alike",))[0]}
    if not looks:
        return []
    specs = [spec for side in sides for spec, look in side.looking() if look in looks]
    (described,) = graph.tokens(SPEC, specs, ("specfile_version",))
    if not any(described):
        return []
    from cachegraph.analysis.comparison.ranked_causes import RankedCauses, near_duplicates

    return RankedCauses(graph, near_duplicates(graph, {*specs})).rows(chosen)[:_TOP]


def _shared_of(sides: list[Set[Hashable]]) -> tuple[int, int]:
    """How much all of the sides have, and how much there is."""
    return len(reduce(and_, sides)), len(reduce(or_, sides))


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
    return [
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

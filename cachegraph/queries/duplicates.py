"""Near-duplicates: specs that look the same and have several hashes."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from cachegraph.graph import CypherGraph, Handle, SpecGraph
from cachegraph.queries.chosen import Chosen, choose, notes, without
from cachegraph.queries.held import hashes_of, in_their_order, union
from cachegraph.schema import SPEC

if TYPE_CHECKING:
    from cachegraph.queries.answers import StackSize
    from cachegraph.queries.answers.membership import DuplicatesAnswer, Group

_SAME = ("alike", "package", "version")


class Duplicates(NamedTuple):
    """The near-duplicates in the stacks; in all but the root when none is named.

    ``within`` leaves out those of which no stack by itself has several hashes.
    """

    stacks: Sequence[str] = ()
    within: bool = False
    release: str | None = None
    ignore_runtime: bool = False

    def walk(self, graph: SpecGraph) -> "DuplicatesAnswer":
        """The answer from a graph."""
        chosen = self._chosen(graph)
        groups = _groups(graph, chosen)
        held = _held(chosen, groups)
        if self.within:
            groups = {token: specs for token, specs in groups.items() if held[token][0] > 1}
        told = graph.values(SPEC, [specs[0] for specs in groups.values()], _SAME)
        found: list[Group] = [
            {
                "alike": alike,
                "package": package,
                "version": version,
                "redundant": len(hashes) - 1,
                "within": held[token][0],
                "hashes": hashes,
                "stacks": held[token][1],
            }
            for token, hashes, (alike, package, version) in zip(
                groups, hashes_of(graph, groups.values()), told, strict=True
            )
        ]
        return self._answer(chosen, [one.size() for one in chosen], found)

    def ask(self, graph: CypherGraph) -> "DuplicatesAnswer":
        """The answer of duplicates.cypher; of groups of stacks, that of the walk."""
        chosen = self._chosen(graph)
        if any(one.group_of for one in chosen):
            return self.walk(graph)
        (row,) = graph.answers(
            "duplicates",
            {
                "stacks": [one.key for one in chosen],
                "within": self.within,
                "without": without(self.ignore_runtime),
            },
        )
        found: list[Group] = [
            {
                "alike": same["alike"],
                "package": same["package"],
                "version": same["version"],
                "redundant": len(same["hashes"]) - 1,
                "within": same["within"],
                "hashes": sorted(same["hashes"]),
                "stacks": sorted(same["stacks"]),
            }
            for same in row["groups"]
        ]
        return self._answer(chosen, in_their_order(chosen, row["sizes"]), found)

    def _chosen(self, graph: SpecGraph) -> list[Chosen]:
        return choose(graph, self.stacks, self.release, ignore_runtime=self.ignore_runtime)

    def _answer(
        self, chosen: list[Chosen], sizes: "list[StackSize]", groups: "list[Group]"
    ) -> "DuplicatesAnswer":
        redundant = sum(group["redundant"] for group in groups)
        return {
            "question": "duplicates",
            "within": self.within,
            "stacks": sizes,
            "specs": redundant + len(groups),
            "redundant": redundant,
            "groups": sorted(groups, key=_costly_first),
            **notes(chosen),
        }


def _costly_first(group: "Group") -> tuple[int, str, str, str]:
    return -group["redundant"], group["package"], group["version"], group["alike"]


def _groups(graph: SpecGraph, chosen: list[Chosen]) -> dict[Hashable, list[Handle]]:
    """The specs that look like others, by the token of their look; what is unknown has none."""
    specs = union(chosen)
    (looks,) = graph.tokens(SPEC, specs, ("alike",))
    groups: dict[Hashable, list[Handle]] = {
        look: [] for look, count in Counter(looks).items() if look and count > 1
    }
    for spec, look in zip(specs, looks, strict=True):
        if look in groups:
            groups[look].append(spec)
    return groups


def _held(
    chosen: list[Chosen], groups: Mapping[Hashable, list[Handle]]
) -> Mapping[Hashable, tuple[int, list[str]]]:
    """Of each group the most specs that one stack holds of it, and all stacks that hold any."""
    look_of = {spec: look for look, specs in groups.items() for spec in specs}
    grouped = union(chosen) & look_of.keys()
    most: dict[Hashable, int] = dict.fromkeys(groups, 0)
    keys: dict[Hashable, list[str]] = {look: [] for look in groups}
    for one in sorted(chosen, key=attrgetter("key")):
        for look, count in Counter(map(look_of.__getitem__, one.specs & grouped)).items():
            most[look] = max(most[look], count)
            keys[look].append(one.key)
    return {look: (most[look], keys[look]) for look in groups}

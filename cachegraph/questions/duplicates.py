"""Near-duplicates: specs that look the same and have several hashes."""

from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from cachegraph.analysis.comparison.levels import in_their_order
from cachegraph.analysis.selection.stacks import (
    StackSelection,
    notes,
    select_stacks,
)
from cachegraph.model.graph import CypherGraph, Handle, SpecGraph
from cachegraph.model.schema import SPEC

if TYPE_CHECKING:
    from cachegraph.questions.answers import StackSize
    from cachegraph.questions.answers.membership import DuplicatesAnswer, Group

Look = Hashable
"""A token of all that can be seen of a spec."""

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
        specs = [*specs_in_any(chosen)]
        (looks,) = graph.tokens(SPEC, specs, ("alike",))
        groups = _groups(graph, specs, looks)
        most, keys = _held(graph, chosen, groups)
        if self.within:
            groups = {look: hashes for look, hashes in groups.items() if most[look] > 1}
        # The first of each group: so they are in the order of the specs, which is quick to read.
        first: dict[Look, Handle] = {}
        deque(map(first.setdefault, looks, specs), maxlen=0)
        told = graph.values(SPEC, [first[look] for look in groups], _SAME)
        found: list[Group] = [
            {
                "alike": alike,
                "package": package,
                "version": version,
                "redundant": len(hashes) - 1,
                "within": most[look],
                "hashes": sorted(hashes),
                "stacks": [*keys[look]],
            }
            for (look, hashes), (alike, package, version) in zip(groups.items(), told, strict=True)
        ]
        return self._answer(chosen, [one.size() for one in chosen], found)

    def ask(self, graph: CypherGraph) -> "DuplicatesAnswer":
        """The answer of duplicates.cypher; of groups of stacks, that of the walk."""
        chosen = self._chosen(graph)
        if any(one.group_of for one in chosen):
            return self.walk(graph)
        (row,) = graph.rows(
            "duplicates",
            {
                "stacks": [one.key for one in chosen],
                "within": self.within,
                "without": excluded_packages(ignore_runtime=self.ignore_runtime),
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

    def _chosen(self, graph: SpecGraph) -> list[StackSelection]:
        return select_stacks(graph, self.stacks, self.release, ignore_runtime=self.ignore_runtime)

    def _answer(
        self, chosen: list[StackSelection], sizes: "list[StackSize]", groups: "list[Group]"
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


def _groups(graph: SpecGraph, specs: list[Handle], looks: Sequence[Look]) -> dict[Look, list[str]]:
    """The hashes of the specs that look like others; of what is unknown nothing is alike."""
    groups: defaultdict[Look, list[str]] = defaultdict(list)
    for (hash_,), look in zip(graph.values(SPEC, specs, ("hash",)), looks, strict=True):
        groups[look].append(hash_)
    return {look: hashes for look, hashes in groups.items() if len(hashes) > 1 and look}


def _held(
    graph: SpecGraph, chosen: list[StackSelection], groups: Mapping[Look, list[str]]
) -> tuple[Mapping[Look, int], Mapping[Look, Sequence[str]]]:
    """Of each group the most specs that one stack holds of it, and all stacks that hold any."""
    if len(chosen) == 1:
        sizes = dict(zip(groups, map(len, groups.values()), strict=True))
        return sizes, dict.fromkeys(groups, (chosen[0].key,))
    most: dict[Look, int] = dict.fromkeys(groups, 0)
    keys: dict[Look, list[str]] = {look: [] for look in groups}
    for one in sorted(chosen, key=attrgetter("key")):
        (looks,) = graph.tokens(SPEC, one.specs, ("alike",))
        for look, count in Counter(looks).items():
            if look in groups:
                keys[look].append(one.key)
                most[look] = max(most[look], count)
    return most, keys

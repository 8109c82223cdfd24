"""What became of stacks that a later release does not have any more."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from cachegraph.analysis.rows import equal_at, jaccard
from cachegraph.analysis.selection.groups import groups_named
from cachegraph.model.graph import SpecGraph
from cachegraph.model.schema import IN_STACK, STACK
from cachegraph.model.stack_key import ROOT, StackKey

if TYPE_CHECKING:
    from cachegraph.questions.answers.spread import HistoryRow, Vanished

_MOSTLY = 0.8
_HANDFUL = 5


class Successors:
    """Tells which stacks of a release hold what stacks held that are there no longer."""

    def __init__(self, graph: SpecGraph) -> None:
        self._graph = graph
        self._names: dict[str, set[str]] = {}
        for key in graph.keys(STACK):
            release, name = StackKey.parse(key)
            self._names.setdefault(release, set()).add(name)
        self._versions = cache(self._read_versions)

    def of(self, stacks: Iterable[str], before: str, after: str) -> "list[Vanished]":
        """Those of the stacks of one release that another has not, and what they became."""
        there = self._names.get(after, set())
        names = [*map(bare, stacks)]
        new = sorted(there - self._names[before] - {ROOT})
        return [self._became(name, before, after, new) for name in names if name not in there]

    def _became(self, name: str, before: str, after: str, new: list[str]) -> "Vanished":
        row: Vanished = {"stack": f"{before}/{name}"}
        for group in groups_named(self._graph, name, after):
            return {**row, "now": group.stack, "how": "group"}
        if parts := [other for other in new if name.startswith(f"{other}-")]:
            return {**row, "now": f"{after}/{max(parts, key=len)}", "how": "name"}
        versions = self._versions(row["stack"])
        found = [(self._equal(versions, f"{after}/{other}"), other) for other in new]
        most, other = max(found, default=(0.0, ""))
        if most < _MOSTLY:
            return row
        return {**row, "now": f"{after}/{other}", "how": "versions", "jaccard": most}

    def _equal(self, versions: set[Any], other: str) -> float:
        """The Jaccard index of package-versions; 0 when there are too few to tell."""
        theirs = self._versions(other)
        both = len(versions & theirs)
        return jaccard(both, len(versions | theirs)) if both >= _HANDFUL else 0.0

    def _read_versions(self, key: str) -> set[Any]:
        graph = self._graph
        return {*equal_at(graph, "version", graph.starts_of(IN_STACK, graph.find(STACK, key)))}


def told(row: "HistoryRow") -> Iterator[str]:
    """Sentences on what became of the stacks that the release before had."""
    name, before, vanished = row["name"], row.get("before"), row.get("vanished", [])
    lost = [bare(one["stack"]) for one in vanished if "now" not in one]
    if lost:
        yield f"{name} has no stack {', '.join(lost)} any more, as {before} has"
    for one in vanished:
        if "now" in one:
            yield f"{name} has no stack {bare(one['stack'])}, as {before} has: {_became(one)}"


def _became(one: "Vanished") -> str:
    now = one.get("now")
    if one["how"] == "group":
        return f"it is a group of {now}"
    if one["how"] == "name":
        return f"it is probably a group of {now}, which is new"
    return f"probably renamed to {now}: {one['jaccard']:.0%} of their package-versions are the same"


def bare(key: str) -> str:
    """The name of a stack without its release."""
    return StackKey.parse(key).name

"""Stacks that a later release no longer has, and the stacks that now hold their specs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import cache
from typing import NotRequired, TypedDict

from cachegraph.analysis.comparison.levels import Token, equal_at, jaccard
from cachegraph.analysis.selection.groups import groups_named
from cachegraph.model.graph import SpecGraph
from cachegraph.model.schema import IN_STACK, STACK
from cachegraph.model.stack_key import ROOT, StackKey

# From this Jaccard index of their package-versions on, a new stack is an old one renamed;
# package-versions in common that are fewer than the second number prove nothing.
_LEAST_JACCARD = 0.8
_LEAST_SHARED = 5
_NOTES = {
    "group": "it is a group of {now}",
    "name": "it is probably a group of {now}, which is new",
    "versions": "probably renamed to {now}: {jaccard:.0%} of their package-versions are the same",
}


class VanishedStack(TypedDict):
    """A stack of one release that a later release no longer has.

    ``now`` is the stack of the later release that holds its specs, if any. ``how`` is the evidence:
    ``group`` (a group of roots there has the stack's name), ``name`` (a new stack's name is the
    beginning of its name) or ``versions`` (a new stack holds mostly the same package-versions;
    ``jaccard`` is their Jaccard index).
    """

    stack: str
    now: NotRequired[str]
    how: NotRequired[str]
    jaccard: NotRequired[float]


class VanishedStacks:
    """Finds the stacks of one release that another lacks, and the stacks that replace them."""

    def __init__(self, graph: SpecGraph) -> None:
        self._graph = graph
        self._names: defaultdict[str, set[str]] = defaultdict(set)
        for key in graph.keys(STACK):
            release, name = StackKey.parse(key)
            self._names[release].add(name)
        self._versions = cache(lambda key: _package_versions(graph, key))

    def between(self, before: str, after: str, stacks: Iterable[str]) -> list[VanishedStack]:
        """Those of the stacks of release ``before`` that ``after`` lacks, in the given order."""
        names = self._names[after]
        new = sorted(names - self._names[before] - {ROOT})
        keys = map(StackKey.parse, stacks)
        return [self._vanished(key, after, new) for key in keys if key.name not in names]

    def _vanished(self, key: StackKey, after: str, new: Sequence[str]) -> VanishedStack:
        stack = str(key)
        group = next(groups_named(self._graph, key.name, after), None)
        if group is not None:
            return {"stack": stack, "now": group.stack, "how": "group"}
        beginnings = [name for name in new if key.name.startswith(f"{name}-")]
        if beginnings:
            return {"stack": stack, "now": f"{after}/{max(beginnings, key=len)}", "how": "name"}
        compared = ((self._likeness(stack, f"{after}/{name}"), name) for name in new)
        most, name = max(compared, default=(0.0, ""))
        if most < _LEAST_JACCARD:
            return {"stack": stack}
        return {"stack": stack, "now": f"{after}/{name}", "how": "versions", "jaccard": most}

    def _likeness(self, left: str, right: str) -> float:
        """The Jaccard index of the package-versions of two stacks; 0 if they share only a few."""
        ours, theirs = self._versions(left), self._versions(right)
        shared = len(ours & theirs)
        return jaccard(shared, len(ours | theirs)) if shared >= _LEAST_SHARED else 0.0


def _package_versions(graph: SpecGraph, stack: str) -> Set[Token]:
    return equal_at(graph, "version", graph.starts_of(IN_STACK, graph.find(STACK, stack)))


def vanished_notes(before: str, after: str, vanished: Sequence[VanishedStack]) -> Iterator[str]:
    """A sentence on the stacks that nothing replaces, then one on each of the others."""
    lost = [StackKey.parse(one["stack"]).name for one in vanished if "now" not in one]
    if lost:
        yield f"{after} lacks stacks that {before} has: {', '.join(lost)}"
    for one in vanished:
        if "now" in one:
            name = StackKey.parse(one["stack"]).name
            replacement = _NOTES[one["how"]].format(**one)
            yield f"{after} has no stack {name}, which {before} has: {replacement}"

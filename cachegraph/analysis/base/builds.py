"""The builds of stacks: which stack holds each, and what each needs."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from cachegraph.analysis.selection.stacks import StackSelection, specs_in_any
from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.schema import DEPENDS_ON

Build = Hashable
"""A spec of the graph, or a build that does not exist yet."""
Needs = Mapping[Build, Mapping[Build, Hashable]]
"""The direct dependencies of each build, with a token of their deptypes and virtuals."""


class Builds(NamedTuple):
    """The builds of several stacks, by the places of the stacks in their list."""

    held: Sequence[AbstractSet[Build]]
    """The builds of each stack."""
    roots: Sequence[AbstractSet[Build]]
    """The roots of each stack."""
    needs: Needs
    """The direct dependencies of each build that are builds of a stack, too."""
    stands_for: Mapping[Handle, Build]
    """For each spec the build that it is: often itself, else a spec that pins make it equal to."""

    @property
    def union(self) -> AbstractSet[Build]:
        """The builds of all stacks."""
        return frozenset[Build]().union(*self.held)

    @property
    def shared(self) -> int:
        """How many builds two or more stacks hold."""
        once: set[Build] = set()
        again: set[Build] = set()
        for held in self.held:
            again |= once & held
            once |= held
        return len(again)


def builds_of(
    graph: SpecGraph,
    selection: Sequence[StackSelection],
    first: Mapping[Handle, Handle] | None = None,
) -> Builds:
    """The builds of the stacks; ``first`` are the specs that stand for others equal to them."""
    specs = [*specs_in_any(selection)]
    stands_for = _stand_for(specs, first)
    needs: dict[Build, dict[Build, Hashable]] = {}
    for spec, (ends, uses) in zip(specs, graph.adjacent(DEPENDS_ON, specs), strict=True):
        if stands_for[spec] == spec:
            inside = zip(ends, uses, strict=True)
            needs[spec] = {stands_for[e]: use for e, use in inside if e in stands_for}
    held = [frozenset(map(stands_for.__getitem__, one.specs)) for one in selection]
    roots = [frozenset(map(stands_for.__getitem__, one.roots & one.specs)) for one in selection]
    return Builds(held, roots, needs, stands_for)


def _stand_for(
    specs: Iterable[Handle], first: Mapping[Handle, Handle] | None
) -> Mapping[Handle, Handle]:
    """For each spec the one of the specs that stands for it, often itself."""
    if first is None:
        return {spec: spec for spec in specs}
    among: dict[Handle, Handle] = {}
    return {spec: among.setdefault(first[spec], spec) for spec in specs}


def closure(builds: Iterable[Build], needs: Needs) -> set[Build]:
    """The builds and all that they need."""
    found = {*builds}
    waiting = [*found]
    while waiting:
        new = needs[waiting.pop()].keys() - found
        found |= new
        waiting += new
    return found


def topmost(builds: AbstractSet[Build], needs: Needs) -> set[Build]:
    """Those of the builds that no other of them needs; of a ring of builds one."""
    needed = {end for build in builds for end in needs[build] if end != build}
    found = {*builds} - needed
    # Only the builds of a ring, which no DAG has, can be out of reach.
    for build in builds - closure(found, needs) if len(found) < len(builds) else ():
        if build not in closure(found, needs):
            found.add(build)
    return found

"""How two specs use their dependencies: which, for what, and who provides a virtual."""

from collections.abc import Hashable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, NamedTuple

from cachegraph.model.graph import Handle

if TYPE_CHECKING:
    from cachegraph.analysis.comparison.facts import Facts

# What a spec depends on, each with a token of how.
Edges = dict[Handle, Hashable]
# A kind, its attribute, and the text of either side.
Told = tuple[str, str, str | None, str | None]
Pair = tuple[Handle, Handle]
Sides = tuple[Sequence[Handle], Sequence[Handle]]


class DependencyUse(NamedTuple):
    """How a dependency is used."""

    deptypes: tuple[str, ...]
    virtuals: tuple[str, ...]


def edge_differences(
    known: "Facts",
    edges: tuple[Edges, Edges],
    changed: Sequence[Pair],
    alone: Sides,
    *,
    virtuals: bool,
) -> Iterator[Told]:
    """What differs in the use of dependencies: providers, then packages, then types.

    ``changed`` are dependencies that belong together but are used otherwise, ``alone`` those of
    either side that are left over. A package that is there for a virtual that another provides on
    the other side is no difference of its own. Without ``virtuals`` one side does not record them.
    """
    ours, theirs = (
        _provided(known, edges[side], [*(pair[side] for pair in changed), *alone[side]])
        for side in (0, 1)
    )
    swapped = _swapped(known, ours, theirs, {*alone[0], *alone[1]}) if virtuals else {}
    for virtual, (left, right) in swapped.items():
        yield "provider", virtual, _named(known, left), _named(known, right)
    for side in (0, 1):
        for end in alone[side]:
            if swapped.keys().isdisjoint(known.use_of(edges[side][end]).virtuals):
                name = known.named(end)
                shown = (None, name) if side else (name, None)
                yield "dependency", known.package(end), *shown
    yield from _types(known, edges, changed)


def _types(known: "Facts", edges: tuple[Edges, Edges], pairs: Sequence[Pair]) -> Iterator[Told]:
    for left, right in pairs:
        types = known.use_of(edges[0][left]).deptypes, known.use_of(edges[1][right]).deptypes
        if types[0] != types[1]:
            yield "deptypes", known.package(left), ",".join(types[0]), ",".join(types[1])


def _named(known: "Facts", end: Handle | None) -> str | None:
    return None if end is None else known.named(end)


def _provided(
    known: "Facts", edges: Mapping[Handle, Any], ends: Sequence[Handle]
) -> dict[str, Handle]:
    """The virtuals that some of the dependencies provide, and which one does."""
    return {virtual: end for end in ends for virtual in known.use_of(edges[end]).virtuals}


def _swapped(
    known: "Facts",
    ours: Mapping[str, Handle],
    theirs: Mapping[str, Handle],
    new: Set[Handle],
) -> dict[str, tuple[Handle | None, Handle | None]]:
    """The virtuals that other packages provide, or that only one side takes from anybody.

    A dependency that only one side has, and whose virtual the other does not need at all, is told
    as the dependency that it is.
    """
    found = {}
    for virtual in sorted(ours.keys() | theirs.keys()):
        sides = ours.get(virtual), theirs.get(virtual)
        names = {known.package(end) if end is not None else None for end in sides}
        if len(names) > 1 and not (None in sides and new & {*sides}):
            found[virtual] = sides
    return found

"""Builds that a change adds although one of the same look is there, and what would avoid them."""

from collections.abc import Iterator, Sequence, Set
from typing import NamedTuple, TypedDict

from cachegraph.analysis.comparison.demands import Demands
from cachegraph.analysis.comparison.differences import Differences
from cachegraph.analysis.comparison.levels import group_near_duplicates
from cachegraph.analysis.comparison.pins import is_pinnable, pin_for
from cachegraph.analysis.comparison.rehash import PinnedSpecs
from cachegraph.analysis.comparison.root_causes import Cause, root_causes_with_paths
from cachegraph.analysis.selection.stacks import StackSelection, specs_in_any
from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.schema import SPEC

_COMPARED = 12
"""Specs of a group that a build is compared with."""
_FOLLOWS = ("recipe", "dependency")
"""Kinds of causes that follow from others where there are any, such as the recipe of a version."""
_NAMES = ("package", "version", "hash")


class NewDuplicate(TypedDict):
    """A new build that looks like ``like``, a spec that is there or another new build.

    ``causes`` tell the two apart; with ``pins`` they would be one, and there are none if no pin
    can do that.
    """

    package: str
    version: str
    hash: str
    like: str
    causes: list[Cause]
    pins: list[str]


class _Found(NamedTuple):
    """A new build, the spec that it looks like, and what differs."""

    spec: Handle
    like: Handle
    causes: list[Cause]


def new_duplicates(
    graph: SpecGraph, built: Set[Handle], there: Set[Handle], stacks: Sequence[StackSelection]
) -> list[NewDuplicate]:
    """The new builds of each group of near-duplicates, but one where none of it is there.

    Each is compared with that of the others from which the fewest causes tell it apart. Pins have
    the values that somebody in the ``stacks`` needs, else those of what is there.
    """
    found = [*_found(graph, built, there)]
    if not found:
        return []
    demands = Demands(graph, PinnedSpecs(graph, specs_in_any(stacks), stacks), stacks)
    names = graph.values(SPEC, [one.spec for one in found], _NAMES)
    likes = graph.values(SPEC, [one.like for one in found], ("hash",))
    rows: list[NewDuplicate] = [
        {
            "package": package or "",
            "version": version or "",
            "hash": hash_,
            "like": like,
            "causes": one.causes,
            "pins": _pins(one.causes, demands, is_new=one.like in built),
        }
        for one, (package, version, hash_), (like,) in zip(found, names, likes, strict=True)
    ]
    return sorted(rows, key=lambda row: (row["package"], row["version"], row["hash"]))


def _found(graph: SpecGraph, built: Set[Handle], there: Set[Handle]) -> Iterator[_Found]:
    differences = Differences(graph)
    for group in group_near_duplicates(graph, built | there).values():
        hashes = dict(zip(group, graph.values(SPEC, group, ("hash",)), strict=True))
        ordered = sorted(group, key=lambda spec: (spec in built, hashes[spec]))
        for place, spec in enumerate(ordered[1:], 1):
            if spec in built:
                compared = [
                    (root_causes_with_paths(differences, other, spec)[0], other)
                    for other in ordered[max(0, place - _COMPARED) : place]
                ]
                causes, like = min(compared, key=lambda one: (not one[0], len(one[0])))
                yield _Found(spec, like, causes)


def _pins(causes: Sequence[Cause], demands: Demands, *, is_new: bool) -> list[str]:
    """The pins that take away all causes but those that follow from others; none if none can."""
    asked = [one for one in causes if one["kind"] not in _FOLLOWS]
    values = [_value(one, demands, is_new=is_new) for one in asked]
    if None in values or not all(is_pinnable(one["kind"], one["attribute"]) for one in asked):
        return []
    pins = (
        pin_for(one["package"], one["kind"], one["attribute"], value or "").text
        for one, value in zip(asked, values, strict=True)
    )
    return [*dict.fromkeys(pins)]


def _value(cause: Cause, demands: Demands, *, is_new: bool) -> str | None:
    """The value that somebody needs, else of two new builds the commonest, else what is there."""
    package = None if cause["kind"] == "provider" else cause["package"]
    key = package, cause["kind"], cause["attribute"]
    value = demands.best(key) if is_new or demands.needed(key) else None
    return value if value in (cause["left"], cause["right"]) else cause["left"]

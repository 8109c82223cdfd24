"""How many specs exactly which stacks hold."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypedDict

from cachegraph.analysis.selection.stacks import StackSelection

if TYPE_CHECKING:
    from cachegraph.model.graph import Members


class StackIntersection(TypedDict):
    """How many specs are held by all of these stacks, and by no other of those compared."""

    stacks: list[str]
    specs: int


def intersections_of(selection: Iterable[StackSelection]) -> list[StackIntersection]:
    """How many specs each set of stacks holds, and no other stack."""
    parts: list[tuple[list[str], Members]] = []
    for one in selection:
        rest, split = one.specs, []
        for keys, specs in parts:
            if both := specs & rest:
                split.append(([*keys, one.key], both))
                rest, specs = rest - both, specs - both  # noqa: PLW2901 - the part that is left
            if specs:
                split.append((keys, specs))
        parts = [*split, ([one.key], rest)] if rest else split
    return [{"stacks": keys, "specs": len(specs)} for keys, specs in parts]

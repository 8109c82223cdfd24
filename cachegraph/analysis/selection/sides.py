"""The sides of a comparison: each is a stack, or the stacks of a release."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from cachegraph.analysis.selection.lookup import close_to
from cachegraph.analysis.selection.scope import select_stack, select_stacks
from cachegraph.analysis.selection.stacks import StackSelection, specs_in_any
from cachegraph.errors import NotFoundError
from cachegraph.model.graph import Members, SpecGraph
from cachegraph.model.schema import RELEASE, STACK

Names = str | Sequence[str] | None


class Side:
    """A stack, or the stacks of a release."""

    def __init__(self, key: str, stacks: list[StackSelection]) -> None:
        self.key, self.stacks = key, stacks

    @cached_property
    def specs(self) -> Members:
        """The specs that any of the stacks holds."""
        return specs_in_any(self.stacks)

    @property
    def roots(self) -> Members:
        """The roots of any of the stacks."""
        return frozenset().union(*(one.roots for one in self.stacks))

    def row(self) -> Any:
        """The side as answers have it."""
        if len(self.stacks) == 1 and self.stacks[0].key == self.key:
            return self.stacks[0].size()
        return {"key": self.key, "specs": len(self.specs), "stacks": len(self.stacks)}


Sides = list[Side]


def select_side(
    graph: SpecGraph,
    name: str,
    stacks: Sequence[str] = (),
    release: Names = (),
    *,
    ignore_runtime: bool = False,
) -> Side:
    """The stack of that name, or the release with those of its stacks that are named.

    NotFoundError suggests releases of similar names as well.
    """
    if graph.find(STACK, name) is None and graph.find(RELEASE, name) is not None:
        return Side(name, select_stacks(graph, stacks, name, ignore_runtime=ignore_runtime))
    try:
        one = select_stack(graph, name, release, ignore_runtime=ignore_runtime)
    except NotFoundError as exc:
        close = close_to(name, graph.keys(RELEASE))
        if not close or exc.hint is None or release:
            raise
        suggestion = "" if exc.hint.endswith("?") else "did you mean "
        hint = f"{exc.hint.removesuffix('?')}, or {suggestion}the release {', '.join(close)}?"
        raise NotFoundError(f"no stack or release {name}", hint) from exc
    return Side(one.key, [one])

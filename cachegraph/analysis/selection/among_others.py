"""Stacks that are asked about, with the other stacks of their releases."""

from collections.abc import Iterable, Sequence

from cachegraph.analysis.selection.scope import select_stacks
from cachegraph.analysis.selection.stacks import StackSelection
from cachegraph.model.graph import SpecGraph
from cachegraph.model.stack_key import StackKey


class AmongOthers(list[StackSelection]):
    """The stacks that are asked about; ``others`` are those to compare them with."""

    def __init__(
        self, asked: Iterable[StackSelection], others: Sequence[StackSelection] = ()
    ) -> None:
        super().__init__(asked)
        self.others = others


def among_others(
    graph: SpecGraph, asked: Sequence[StackSelection], *, ignore_runtime: bool = False
) -> AmongOthers:
    """The stacks with all other stacks of their releases but root."""
    releases = [*dict.fromkeys(StackKey.parse(one.key).release for one in asked)]
    known = {one.group_of or one.key for one in asked}
    every = select_stacks(graph, (), releases, ignore_runtime=ignore_runtime) if releases else []
    return AmongOthers(asked, [one for one in every if one.key not in known])

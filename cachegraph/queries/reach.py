"""What can be reached over dependencies."""

from collections.abc import Iterable

from cachegraph.graph import Handle, SpecGraph
from cachegraph.schema import DEPENDS_ON


def below(graph: SpecGraph, starts: Iterable[Handle]) -> set[Handle]:
    """The starts, and all that they need, directly or not."""
    found = {*starts}
    edge = found
    while edge:
        edge = {*graph.out(DEPENDS_ON, edge)} - found
        found |= edge
    return found

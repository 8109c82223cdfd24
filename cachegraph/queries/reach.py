"""What can be reached over dependencies."""

from collections.abc import Iterable, Mapping

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


def children_first(edges: Mapping[Handle, Iterable[Handle]]) -> list[Handle]:
    """The specs, each after all that it needs; a circle is cut somewhere."""
    ordered: list[Handle] = []
    seen: set[Handle] = set()
    for spec in edges:
        waiting = [(spec, False)]
        while waiting:
            node, done = waiting.pop()
            if done:
                ordered.append(node)
            elif node not in seen:
                seen.add(node)
                waiting.append((node, True))
                waiting += [(end, False) for end in edges.get(node, ()) if end not in seen]
    return ordered

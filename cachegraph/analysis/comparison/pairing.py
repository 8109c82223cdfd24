"""Which of several specs belong together, when there are more of one package than one."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.schema import SPEC


def pair_lookalikes(
    graph: SpecGraph, left: Sequence[Handle], right: Sequence[Handle]
) -> tuple[list[Handle], list[Handle]]:
    """Both in an order in which those that look alike come first, each at the place of another.

    The rest is sorted by look and hash, and so are those that look alike.
    """
    looks = [_looks(graph, specs) for specs in (left, right)]
    ours, theirs = looks
    ordered: tuple[list[Handle], list[Handle]] = ([], [])
    for look in sorted(ours.keys() & theirs.keys()):
        many = min(len(ours[look]), len(theirs[look]))
        for side, found in zip(ordered, (ours[look], theirs[look]), strict=True):
            side.extend(spec for _, spec in found[:many])
            del found[:many]
    for side, rest in zip(ordered, looks, strict=True):
        side.extend(spec for look in sorted(rest) for _, spec in rest[look])
    return ordered


def _looks(graph: SpecGraph, specs: Sequence[Handle]) -> dict[str, list[tuple[str, Handle]]]:
    """The specs with their hashes, sorted, by how they look."""
    found: dict[Any, list[tuple[str, Handle]]] = defaultdict(list)
    told = graph.values(SPEC, specs, ("alike", "hash"))
    for (look, hash_), spec in zip(told, specs, strict=True):
        found[look or ""].append((hash_, spec))
    return {look: sorted(those) for look, those in found.items()}

"""The sizes of specs: bytes of their archives in a build cache, where any gives them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NotRequired, TypedDict

from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.schema import SPEC


class Bytes(TypedDict):
    """The sum of the known sizes of specs, and how many are known; both absent if none is.

    ``sized`` is absent as well if all are known.
    """

    bytes: NotRequired[int]
    sized: NotRequired[int]


class RedundantBytes(TypedDict):
    """Bytes of archives that are redundant at least; absent if no size is known.

    Where one archive would do for several specs, those are all archives but the largest.
    """

    redundant_bytes: NotRequired[int]


def known_sizes(graph: SpecGraph, specs: Iterable[Handle] | None = None) -> Mapping[Handle, int]:
    """The sizes of those of the specs, or of all specs, of which they are known."""
    if not graph.has_values(SPEC, "size"):
        return {}
    nodes = [*(graph.nodes(SPEC) if specs is None else specs)]
    sizes = graph.values(SPEC, nodes, ("size",))
    return {node: size for node, (size,) in zip(nodes, sizes, strict=True) if size is not None}


def sizes_among(sizes: Mapping[Handle, int], specs: Iterable[Handle]) -> list[int]:
    """The known sizes of some of the specs."""
    return [sizes[spec] for spec in specs if spec in sizes] if sizes else []


def total_bytes(total: int, known: int, specs: int) -> Bytes:
    """The sum of ``known`` sizes of so many specs, as a part of a row."""
    if not known:
        return {}
    return {"bytes": total} if known == specs else {"bytes": total, "sized": known}


def redundant_bytes(groups: Iterable[Sequence[int]]) -> RedundantBytes:
    """The sum over groups of specs for which one archive would do, by their known sizes."""
    known = [sum(sizes) - max(sizes) for sizes in groups if sizes]
    return {"redundant_bytes": sum(known)} if known else {}

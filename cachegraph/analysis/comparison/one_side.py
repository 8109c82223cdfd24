"""What only one of two sets of specs has, such as packages built for a target."""

from collections.abc import Sequence
from typing import Any, TypedDict

from cachegraph.analysis.rows import rows
from cachegraph.model.graph import Members, SpecGraph
from cachegraph.model.schema import SPEC

TARGET = ("package", "target")


class PackageTarget(TypedDict):
    """A package built for a target."""

    package: str
    target: str


def values_on_one_side(
    graph: SpecGraph, names: Sequence[str], specs: Members, others: Members
) -> list[dict[str, Any]]:
    """The combinations of known properties that some of the specs have and no other spec has."""
    tokens = zip(*graph.tokens(SPEC, specs, names), strict=True)
    samples = {token: spec for token, spec in zip(tokens, specs, strict=True) if all(token)}
    for token in {*zip(*graph.tokens(SPEC, others, names), strict=True)} & samples.keys():
        del samples[token]
    return rows(graph, SPEC, sorted(samples.values()), names)

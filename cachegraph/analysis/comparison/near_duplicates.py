"""Near-duplicates: specs that are alike and have different hashes."""

from collections import defaultdict
from collections.abc import Iterable

from cachegraph.analysis.comparison.levels import Token
from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.schema import SPEC


def group_near_duplicates(graph: SpecGraph, specs: Iterable[Handle]) -> dict[Token, list[Handle]]:
    """The groups of two or more specs that are alike, by their token, in the order of the specs.

    Stubs are in no group: nothing is known that could be equal.
    """
    members = [*specs]
    (tokens,) = graph.tokens(SPEC, members, ("alike",))
    groups: defaultdict[Token, list[Handle]] = defaultdict(list)
    for token, spec in zip(tokens, members, strict=True):
        groups[token].append(spec)
    return {token: alike for token, alike in groups.items() if len(alike) > 1 and token}

"""Near-duplicates: specs that are alike and have different hashes."""

from collections import Counter, defaultdict
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
    # Half of the specs or more are like no other: to count first makes no list for each of them.
    several = {token for token, count in Counter(tokens).items() if count > 1 and token}
    groups: defaultdict[Token, list[Handle]] = defaultdict(list)
    for token, spec in zip(tokens, members, strict=True):
        if token in several:
            groups[token].append(spec)
    return groups

"""Groups of near-duplicates, their rows, and which stacks hold them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

from cachegraph.analysis.comparison.levels import Token, group_near_duplicates, hashes_of
from cachegraph.analysis.selection.stacks import StackSelection, specs_in_any
from cachegraph.analysis.sizes import (
    Bytes,
    RedundantBytes,
    known_sizes,
    redundant_bytes,
    sizes_among,
    total_bytes,
)
from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.long_rows import rows_of
from cachegraph.model.schema import SPEC

GROUP_NAMES = ("alike", "package", "version")
"""The properties that the specs of a group have in common, and its row has."""
_AT_ONCE = 1 << 10


class NearDuplicateGroup(Bytes, RedundantBytes):
    """Specs that are alike but have different hashes.

    ``redundant`` is the number of builds that sharing one of them would save, ``within`` the most
    hashes that any one stack holds.
    """

    alike: str
    package: str
    version: str
    redundant: int
    within: int
    hashes: list[str]
    stacks: list[str]


class NearDuplicates:
    """The near-duplicates of stacks, of which the rows are made some at a time."""

    def __init__(
        self, graph: SpecGraph, selection: Sequence[StackSelection], *, within: bool
    ) -> None:
        """``within`` leaves out groups of which no stack has two specs."""
        self._graph = graph
        groups = group_near_duplicates(graph, specs_in_any(selection))
        self._most, self._stacks = _most_and_stacks(graph, selection, groups)
        if within:
            groups = {token: some for token, some in groups.items() if self._most[token] > 1}
        self._groups: Mapping[Token, Sequence[Handle]] = groups
        self._sizes = known_sizes(graph, chain.from_iterable(groups.values()))
        self.redundant = sum(map(len, groups.values())) - len(groups)
        """How many builds sharing one of each group would save."""
        sizes = (sizes_among(self._sizes, some) for some in groups.values() if self._sizes)
        self.cost = redundant_bytes(sizes)
        """The bytes of those builds."""

    def rows(self) -> list[NearDuplicateGroup]:
        """The rows of the groups, those with the most redundant specs first."""
        return rows_of(self._in_order(), self._made)  # type: ignore[no-any-return]

    def _in_order(self) -> list[Token]:
        # The first specs of the groups are in the order of the graph, which is quick to read.
        first = [specs[0] for specs in self._groups.values()]
        named = self._graph.values(SPEC, first, ("package", "version", "alike"))
        keys = (
            (-len(specs), package or "", version or "", alike, token)
            for (token, specs), (package, version, alike) in zip(
                self._groups.items(), named, strict=True
            )
        )
        return [token for *_, token in sorted(keys)]

    def _made(self, tokens: Sequence[Token]) -> list[NearDuplicateGroup]:
        found: list[NearDuplicateGroup] = []
        # A few groups may have many specs.
        for first in range(0, len(tokens), _AT_ONCE):
            found += self._rows(tokens[first : first + _AT_ONCE])
        return found

    def _rows(self, tokens: Sequence[Token]) -> list[NearDuplicateGroup]:
        groups = [*map(self._groups.__getitem__, tokens)]
        named = self._graph.values(SPEC, [specs[0] for specs in groups], GROUP_NAMES)
        hashes = hashes_of(self._graph, groups)
        columns = zip(tokens, named, hashes, strict=True)
        found = [
            group_row(one, self._most[token], equal, self._stacks[token])
            for token, one, equal in columns
        ]
        for row, specs in zip(found, groups if self._sizes else (), strict=False):
            add_bytes(row, sizes_among(self._sizes, specs))
        return found


def group_order(group: NearDuplicateGroup) -> tuple[int, str, str, str]:
    """How the rows of groups are sorted: those with the most redundant specs first."""
    # A crafted store may have groups without names.
    return -group["redundant"], group["package"] or "", group["version"] or "", group["alike"]


def group_row(
    named: Iterable[Any], within: int, hashes: list[str], stacks: Iterable[str]
) -> NearDuplicateGroup:
    """The row of a group, from the values of ``GROUP_NAMES`` and the hashes and stacks."""
    alike, package, version = named
    return {
        "alike": alike,
        "package": package,
        "version": version,
        "redundant": len(hashes) - 1,
        "within": within,
        "hashes": hashes,
        "stacks": [*stacks],
    }


def add_bytes(group: NearDuplicateGroup, sizes: Sequence[int]) -> None:
    """Adds the bytes of the archives whose sizes are known, if any are."""
    if sizes:
        group.update(total_bytes(sum(sizes), len(sizes), len(group["hashes"])))  # type: ignore[typeddict-item]
        group.update(redundant_bytes([sizes]))  # type: ignore[typeddict-item]


def _most_and_stacks(
    graph: SpecGraph, selection: Sequence[StackSelection], groups: Mapping[Token, Collection[Any]]
) -> tuple[Mapping[Token, int], Mapping[Token, Sequence[str]]]:
    """For each group the most of its specs that one stack holds, and all stacks that hold any."""
    if len(selection) == 1:
        # Its groups are known already: counting them makes the answer take a sixth longer.
        sizes = dict(zip(groups, map(len, groups.values()), strict=True))
        return sizes, dict.fromkeys(groups, (selection[0].key,))
    most: dict[Token, int] = dict.fromkeys(groups, 0)
    stacks: dict[Token, list[str]] = {token: [] for token in groups}
    for one in sorted(selection, key=attrgetter("key")):
        (tokens,) = graph.tokens(SPEC, one.specs, ("alike",))
        for token, count in Counter(tokens).items():
            keys = stacks.get(token)
            if keys is not None:
                keys.append(one.key)
                if count > most[token]:  # noqa: PLR1730  # a third of the time of max
                    most[token] = count
    return most, stacks

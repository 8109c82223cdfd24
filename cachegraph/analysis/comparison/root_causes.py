"""The causes for which many pairs of specs have two hashes each.

What is below two pairs is often the same, so a pair of dependencies is looked at once, however many
pairs of specs it makes differ.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from cachegraph.analysis.comparison.differences import Difference, Differences
from cachegraph.analysis.comparison.edges import Pair
from cachegraph.model.graph import SpecGraph

# What one choice for a whole environment makes many specs differ in: told of the topmost alone.
COMMON = frozenset({"compiler", "os", "target", "provider"})
Path = tuple[str, ...]
Change = tuple[str | None, ...]


class CauseSet(NamedTuple):
    """The causes below a pair: those that are common choices with the way to the topmost."""

    causes: frozenset[Difference]
    common: Mapping[Change, tuple[Path, Difference]]

    def all(self) -> list[Difference]:
        """All causes."""
        return [*self.causes, *(difference for _, difference in self.common.values())]

    def __len__(self) -> int:
        return len(self.causes) + len(self.common)


class RootCauses:
    """What makes pairs of specs differ."""

    def __init__(self, graph: SpecGraph) -> None:
        self.known = Differences(graph)
        self._found: dict[Pair, CauseSet] = {}
        self._kept: dict[Any, CauseSet] = {}
        self._unions: dict[frozenset[int], CauseSet] = {}

    def of(self, pairs: Iterable[Pair]) -> list[CauseSet]:
        """The causes of each pair, as ``why`` tells them, without the ways there."""
        asked, below = self.known.compare_all(pairs)
        self._settle(below)
        return [self._of_asked(*compared) for compared in asked]

    def _settle(self, pairs: list[Pair]) -> None:
        """Finds the causes of pairs of dependencies: the last first, and before it what is below.

        In a circle, which no DAG hashes allow, it begins somewhere.
        """
        found, compared = self._found, self.known.compared
        begun: set[Pair] = set()
        while pairs:
            pair = pairs[-1]
            if pair in found:
                pairs.pop()
                continue
            own, below = compared[pair]
            known = [each for each in map(found.get, below) if each is not None]
            if not own and len(known) < len(below) and pair not in begun:
                begun.add(pair)
                pairs += [other for other in below if other not in found]
                continue
            made = self._split(own) if own else self._united(known)
            if made.common:
                made = self._below(self.known.package(pair[0]), made)
            found[pair] = made
            pairs.pop()

    def _of_asked(self, own: tuple[Difference, ...], below: tuple[Pair, ...]) -> CauseSet:
        """Of an asked pair its own differences, and the causes of what is below."""
        found = self._united([self._found[pair] for pair in below])
        return self._united([self._split(own), found]) if own else found

    def _united(self, found: list[CauseSet]) -> CauseSet:
        """All causes; the same object for the same ones, so that they are counted together."""
        of = frozenset(map(id, found))
        if len(of) == 1:
            return found[0]
        if of not in self._unions:
            common: dict[Change, tuple[Path, Difference]] = {}
            for each in found:
                for key, there in each.common.items():
                    other = common.get(key, there)
                    common[key] = min(other, there, key=lambda way: (len(way[0]), way[0]))
            made = CauseSet(frozenset().union(*(each.causes for each in found)), common)
            self._unions[of] = self._same(made)
        return self._unions[of]

    def _split(self, own: tuple[Difference, ...]) -> CauseSet:
        """The differences of a pair's own."""
        common: dict[Change, tuple[Path, Difference]] = {
            d[1:]: ((), d) for d in own if d.kind in COMMON
        }
        return self._same(CauseSet(frozenset(d for d in own if d.kind not in COMMON), common))

    def _below(self, package: str, found: CauseSet) -> CauseSet:
        """The same causes, one step further away."""
        common = {key: ((package, *path), d) for key, (path, d) in found.common.items()}
        return self._same(CauseSet(found.causes, common))

    def _same(self, found: CauseSet) -> CauseSet:
        key = found.causes, frozenset(found.common.items())
        return self._kept.setdefault(key, found)

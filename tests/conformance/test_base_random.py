"""What stacks become with the specs of one of them, by an oracle that makes each node and its hash.

The stacks are environments that have each package once. A package has a variant, needs some of the
packages before it, and more of them with the variant than without.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cachegraph
from tests.conformance.test_base import stack
from tests.support.corpus import needs, node
from tests.support.made_up_pairs import Made, variants

PACKAGES, MOST_STACKS = 7, 4
Values = dict[int, bool]
"""The value that each package has in a stack."""


class Case:
    """What packages need, and the values and roots of each stack."""

    def __init__(
        self, always: list[set[int]], more: list[set[int]], stacks: list[tuple[Values, set[int]]]
    ) -> None:
        self.always, self.more = always, more
        self.stacks = [self._held(values, roots) for values, roots in stacks]
        self.roots = [roots for _, roots in stacks]

    def ends(self, package: int, value: bool) -> set[int]:
        return self.always[package] | (self.more[package] if value else set())

    def _held(self, values: Values, roots: set[int]) -> Values:
        held: Values = {}
        waiting = [*roots]
        while waiting:
            one = waiting.pop()
            held[one] = values[one]
            waiting += self.ends(one, values[one])
        return held

    def nodes(self, held: Values) -> dict[int, Made]:
        made: dict[int, Made] = {}
        for one in sorted(held):
            made[one] = self.node(one, held[one], made)
        return made

    def node(self, package: int, value: bool, others: dict[int, Made]) -> Made:
        ends = [needs(others[end]) for end in sorted(self.ends(package, value))]
        return node(f"p{package}", *ends, parameters=variants(opt=value))

    def is_needed(self, package: int, value: bool) -> bool:
        """Whether something depends on it wherever it has the value, and never on the other."""
        solves = [held for held in self.stacks if package in held]
        using = [
            {one for one in held if package in self.ends(one, held[one])}
            for held in solves
            if held[package] is value
        ]
        never = [
            {one for one in held if package in self.ends(one, held[one])}
            for held in solves
            if held[package] is not value
        ]
        return bool(set.intersection(*using) - set[int]().union(*never))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    def some(below: int, most: int) -> set[int]:
        return draw(st.sets(st.integers(0, below - 1), max_size=most)) if below else set()

    always = [some(n, 2) for n in range(PACKAGES)]
    more = [some(n, 1) for n in range(PACKAGES)]
    stacks = []
    for _ in range(draw(st.integers(2, MOST_STACKS))):
        values = draw(st.lists(st.booleans(), min_size=PACKAGES, max_size=PACKAGES))
        roots = draw(st.sets(st.integers(0, PACKAGES - 1), min_size=1, max_size=3))
        stacks.append((dict(enumerate(values)), roots))
    return Case(always, more, stacks)


def below(one: Made, among: dict[str, Made]) -> set[str]:
    """The hashes of a node and of all that it needs."""
    return {one["hash"]}.union(*(below(among[d["hash"]], among) for d in one["dependencies"]))


def expected(case: Case, donor: int) -> list[set[str]]:
    """The hashes that each stack then has."""
    made = [case.nodes(held) for held in case.stacks]
    every = {one["hash"]: one for nodes in made for one in nodes.values()}
    names = {one for place, nodes in enumerate(made) if place != donor for one in nodes}
    hashes = [below(one, every) for package, one in made[donor].items() if package in names]
    base = set[str]().union(*hashes)
    offered = {package: one for package, one in made[donor].items() if one["hash"] in base}
    found = []
    for place, nodes in enumerate(made):
        if place == donor:
            found.append({one["hash"] for one in nodes.values()})
            continue
        held = case.stacks[place]
        kept = {
            package
            for package, one in nodes.items()
            if package not in offered
            or (
                one["hash"] != offered[package]["hash"]
                and held[package] is not case.stacks[donor][package]
                and case.is_needed(package, held[package])
            )
        }
        while True:  # until nothing that is taken needs what is kept
            wrong = {
                package
                for package in nodes.keys() - kept
                if nodes[package]["hash"] != offered[package]["hash"]
                and any(
                    offered[other]["hash"] in below(offered[package], every)
                    and offered[other]["hash"] != nodes[other]["hash"]
                    for other in kept & offered.keys()
                )
            }
            if not wrong:
                break
            kept |= wrong
        found.append(_become(case, place, kept, offered, every))
    return found


def _become(
    case: Case, place: int, kept: set[int], offered: dict[int, Made], every: dict[str, Made]
) -> set[str]:
    held = case.stacks[place]
    now: dict[int, Made] = {}
    for package in sorted(held):
        now[package] = (
            case.node(package, held[package], now) if package in kept else offered[package]
        )
    among = every | {one["hash"]: one for one in now.values()}
    return set[str]().union(*(below(now[root], among) for root in case.roots[place]))


@given(case=cases())
def test_as_making_each_node_again(case: Case, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("case")
    graph = cachegraph.open(":memory:")
    for place, held in enumerate(case.stacks):
        nodes = case.nodes(held)
        roots = {f"p{root}": nodes[root] for root in case.roots[place]}
        graph.import_(stack(folder, f"s{place}", *nodes.values(), roots=roots))
    for donor in range(len(case.stacks)):
        answer: Any = graph.base(unify=f"local/s{donor}")
        hashes = expected(case, donor)
        assert [row["after"] for row in answer["stacks"]] == [*map(len, hashes)]
        assert answer["after"] == len(set[str]().union(*hashes))
        twice = {
            one for some in hashes for one in some if sum(one in other for other in hashes) > 1
        }
        assert answer["shared"] == len(twice)
    best: Any = graph.base(unify="best")
    unions = [len(set[str]().union(*expected(case, donor))) for donor in range(len(case.stacks))]
    assert best["after"] == min(unions)

"""Very many specs are put in order by arrays: each after its dependencies, as without them."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cachegraph.analysis.comparison.spec_order_arrays import order_in_arrays


class Dependencies:
    """The dependencies of numbers, as a store gives them in arrays, and as facts of specs."""

    def __init__(self, of: list[list[int]]) -> None:
        self.of = of

    def adjacent_arrays(self, _: object) -> tuple[Any, Any, Any]:
        degrees = [len(ends) for ends in self.of]
        ends = np.array([end for ends in self.of for end in ends], np.uint16)
        return np.cumsum([0, *degrees]), ends, np.zeros(len(ends), np.uint8)

    def same(self, specs: Iterable[int]) -> Iterable[int]:
        return specs


@st.composite
def below(draw: st.DrawFn) -> list[list[int]]:
    """For each of some numbers smaller ones, renamed at random."""
    size = draw(st.integers(1, 12))
    names = draw(st.permutations(range(size)))
    found: list[list[int]] = [[] for _ in names]
    for number in range(1, size):
        found[names[number]] = sorted(names[n] for n in draw(st.sets(st.integers(0, number - 1))))
    return found


@given(below(), st.data())
def test_each_comes_after_its_dependencies(of: list[list[int]], data: st.DataObject) -> None:
    chosen = waiting = data.draw(st.sets(st.sampled_from(range(len(of)))))
    while waiting:
        waiting = {end for node in waiting for end in of[node]} - chosen
        chosen = chosen | waiting
    graph: Any = Dependencies(of)
    found = order_in_arrays(graph, graph, chosen)
    assert found is not None
    order, dependents = found
    assert sorted(order) == sorted(chosen)
    places = {node: place for place, node in enumerate(order)}
    assert all(places[end] < places[node] for node in chosen for end in of[node])
    expected = {end: [node for node in sorted(chosen) if end in of[node]] for end in chosen}
    assert {end: dependents(end) for end in chosen} == expected


def test_a_cycle_has_no_order() -> None:
    graph: Any = Dependencies([[1], [2], [1], []])
    assert order_in_arrays(graph, graph, {0, 1, 2, 3}) is None
    found = order_in_arrays(graph, graph, {3})
    assert found is not None
    assert found[0] == [3]
    assert found[1](3) == []

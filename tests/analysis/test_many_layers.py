"""The layers of many stacks."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

import cachegraph
from cachegraph.model.elements import Element, Nodes, Pairs, Relationships
from cachegraph.model.schema import DEPENDS_ON, IN_STACK, OF_RELEASE, SPEC, STACK
from cachegraph.opening import open_store
from tests.support.corpus import SPELLED

STACKS, HELD, SPECS, NEEDED = 130, 1000, 20_000, 5


def a_hash(number: int) -> str:
    digits = [SPELLED[number >> shift & 31] for shift in (20, 15, 10, 5, 0)]
    return "".join(digits).ljust(32, "a")


def elements() -> Iterator[Element]:
    """Stacks that hold all that their specs need, each of the specs some thousands before it."""
    choose = random.Random(1)
    below = [choose.sample(range(max(0, n - 3000), n), min(n, NEEDED)) for n in range(SPECS)]
    for n in range(SPECS):
        yield Nodes.of(SPEC, [a_hash(n)], {"package": f"p{n // 4}", "version": "1"})
    for n, ends in enumerate(below):
        needs = {"deptypes": ("build", "link"), "virtuals": ()}
        yield Pairs(DEPENDS_ON, [a_hash(n)] * len(ends), [*map(a_hash, ends)], needs)
    for place in range(STACKS):
        held: set[int] = set()
        top = choose.randrange(HELD, SPECS)
        while len(held) < HELD:
            waiting = [choose.randrange(max(0, top - 4000), top)]
            while waiting:
                one = waiting.pop()
                if one not in held:
                    held.add(one)
                    waiting += below[one]
        yield Nodes.of(STACK, [f"r/s{place}"], {"name": f"s{place}", "release": "r"})
        yield Relationships(IN_STACK, [*map(a_hash, held)], f"r/s{place}")
        yield Relationships(OF_RELEASE, [f"r/s{place}"], "r")


@pytest.mark.slow
def test_layers_of_130_stacks_of_1000_specs(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "graph.db"), write=True)
    with store.writing():
        store.load(elements())
    store.close()
    graph = cachegraph.open(tmp_path / "graph.db")
    answer = graph.base(layers=5)
    assert answer["separate"] >= STACKS * HELD
    assert len({tuple(one["stacks"]) for one in answer["layers"]}) == len(answer["layers"])
    assert answer["saved"] == answer["separate"] - answer["union"]

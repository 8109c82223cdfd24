"""One more pin leaves as many specs, by what it changes alone, as all specs hashed again."""

import random
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from cachegraph.analysis.comparison.one_more_pin import OneMorePin
from cachegraph.analysis.comparison.pins import Pin, pins_of
from cachegraph.analysis.comparison.reached import PinnedUses
from cachegraph.analysis.comparison.rehash import PinnedSpecs
from cachegraph.model.schema import SPEC
from tests.support.corpus import FLAGS, lock, needs, node, write

PACKAGES = "abcdefgh"


def made_up(random_: random.Random) -> dict[str, Any]:
    """A lock file of packages of which each needs some before it, with few values of anything."""
    nodes: list[dict[str, Any]] = []
    for package in PACKAGES:
        children = random_.sample(nodes, min(len(nodes), random_.randint(0, 3)))
        variants = {"mpi": random_.random() < 0.5, "cuda": random_.random() < 0.5}
        if random_.random() < 0.3:
            del variants["cuda"]
        fields: dict[str, Any] = {
            "version": random_.choice(["1", "2"]),
            "parameters": {"build_system": "cmake", **variants, **{flag: [] for flag in FLAGS}},
        }
        nodes.append(node(package, *(needs(child) for child in children), **fields))
    return lock(*nodes)


def pins(random_: random.Random) -> list[Pin]:
    texts = [f"{name} {what}" for name, what in product(PACKAGES, ("@=1", "+mpi", "os=x"))]
    return [pin for text in random_.sample(texts, 6) for pin in pins_of(text)]


@pytest.mark.parametrize("seed", range(20))
def test_it_is_what_hashing_all_again_finds(tmp_path: Path, seed: int) -> None:
    random_ = random.Random(seed)
    for number in range(6):
        write(tmp_path / "r" / f"s{number}" / "spack.lock", made_up(random_))
    with cachegraph.open(":memory:") as graph:
        graph.import_(tmp_path / "r")
        specs = PinnedSpecs(graph.store, {*graph.store.nodes(SPEC)})
        one, *others = candidates = pins(random_)
        for before in ([], [one], others[:3], candidates):
            more = OneMorePin(specs, before)
            for pin in candidates:
                every = [*before, pin]
                first = specs.rehash_all(every).first
                assert specs.rehash(every).first == first
                needed = PinnedUses(specs, every).needed(first)
                assert more.count(pin) == len({first[spec] for spec in specs.specs} & needed)
        assert len({*specs.rehash(candidates).first.values()}) < len(
            specs.specs
        )  # the pins do something

"""The roots of an index that records none are its specs that no other depends on."""

import random
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from cachegraph.model.schema import ROOT_OF, SPEC, STACK
from cachegraph.sources import unneeded
from tests.support.corpus import index, needs, node, write


def roots(path: Path) -> set[str]:
    with cachegraph.open(":memory:") as graph:
        graph.import_(path)
        (stack,) = graph.store.nodes(STACK)
        starts = graph.store.starts_of(ROOT_OF, stack)
        return {hash_ for (hash_,) in graph.store.values(SPEC, starts, ("hash",))}


@pytest.mark.parametrize("most", [0, 3, 1 << 17])
def test_roots_whatever_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(unneeded, "_MOST", most)
    monkeypatch.setattr(unneeded, "_AT_ONCE", 2)
    chance = random.Random(3)
    nodes: list[dict[str, Any]] = []
    needed = set()
    for number in range(40):
        below = chance.sample(nodes, min(number, chance.randrange(4)))
        needed |= {one["hash"] for one in below}
        dependencies = [needs(one, "link") for one in below]
        nodes.append(node(f"package{number}", dependencies=dependencies))
    expected = {one["hash"] for one in nodes} - needed
    chance.shuffle(nodes)
    assert roots(write(tmp_path / "index.json", index(*nodes))) == expected


@pytest.mark.parametrize("first", [True, False])
def test_what_cannot_be_read_needs_nothing(tmp_path: Path, *, first: bool) -> None:
    zlib, gcc = node("zlib"), node("gcc")
    curl = node("curl", dependencies=[needs(gcc, "build"), needs(zlib, "link")])
    bad = node("bad", dependencies=[needs(gcc, "build"), needs(zlib, "link")])
    bad["version"] = 5
    value = index(bad, zlib, gcc) if first else index(zlib, gcc, bad)
    assert roots(write(tmp_path / "index.json", value)) == {zlib["hash"], gcc["hash"]}
    # Of a spec of which one dependency cannot be read, the others count.
    curl["dependencies"][1]["parameters"]["deptypes"] = 5
    value = index(curl, zlib, gcc) if first else index(zlib, gcc, curl)
    assert roots(write(tmp_path / "other.json", value)) == {curl["hash"], zlib["hash"]}

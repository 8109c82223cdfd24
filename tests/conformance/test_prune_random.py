"""``prune`` on random stacks against sets, and against what ``remove`` then does to the store."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cachegraph
from tests.support.corpus import index, needs, node, write

KEYS = ("v1/a", "v1/b", "v1/root", "v2/c", "v2/root")
SPECS = range(6)


class Cache(NamedTuple):
    """Which later specs each spec depends on, and which specs each stack holds."""

    needs: Mapping[int, set[int]]
    held: Mapping[str, set[int]]
    dropped: set[str]


def later(spec: int) -> st.SearchStrategy[set[int]]:
    others = [other for other in SPECS if other > spec]
    return st.sets(st.sampled_from(others), max_size=2) if others else st.just(set())


caches = st.builds(
    Cache,
    needs=st.fixed_dictionaries({spec: later(spec) for spec in SPECS}),
    held=st.fixed_dictionaries(
        {key: st.sets(st.sampled_from(SPECS), min_size=1, max_size=4) for key in KEYS[:4]},
        optional={KEYS[4]: st.sets(st.sampled_from(SPECS), min_size=1)},
    ),
    dropped=st.sets(st.sampled_from(KEYS[:4]), min_size=1),
)


def closure(cache: Cache, specs: set[int]) -> set[int]:
    found = {*specs}
    for spec in SPECS:  # dependencies come later
        if spec in found:
            found |= cache.needs[spec]
    return found


def staying(cache: Cache) -> dict[str, set[int]]:
    """What each kept stack holds; root only what no other stack of its release has."""
    held = {}
    for key in cache.held.keys() - cache.dropped:
        release, name = key.split("/")
        held[key] = {*cache.held[key]}
        if name == "root":
            for other in cache.held:
                if other.startswith(f"{release}/") and other != key:
                    held[key] -= cache.held[other]
    return held


def import_into(graph: cachegraph.Graph, folder: Path, cache: Cache) -> dict[int, str]:
    nodes: dict[int, Any] = {}
    for spec in reversed(SPECS):
        nodes[spec] = node(f"p{spec}", *(needs(nodes[one]) for one in sorted(cache.needs[spec])))
    for key, specs in cache.held.items():
        outside = [nodes[one] for one in closure(cache, specs) - specs]
        made = index(*(nodes[one] for one in specs), outside=outside)
        path = write(folder / key / "index.json", made)
        graph.import_(path, release=key.split("/")[0], stack=key.split("/")[1])
    return {spec: one["hash"] for spec, one in nodes.items()}


@pytest.mark.slow
@given(cache=caches)
def test_against_sets(cache: Cache) -> None:
    held = staying(cache)
    stays = set[int]().union(*held.values())
    dropped = set[int]().union(*(cache.held[key] for key in cache.dropped))
    gone = dropped - stays
    needed = closure(cache, stays)
    with TemporaryDirectory() as folder:
        for store in (":memory:", str(Path(folder) / "graph.db")):
            with cachegraph.open(store) as graph:
                names = import_into(graph, Path(folder), cache)
                answer = graph.prune(drop=[*cache.dropped])
                check(answer, cache, held, names)
                assert {row["hash"] for row in answer["gone"]} == {names[one] for one in gone}
                assert {*answer["keep"]} == {names[one] for one in needed - gone}
                lost = {
                    names[one]: sorted(names[other] for other in cache.needs[one] & gone)
                    for one in needed - gone
                    if cache.needs[one] & gone
                }
                assert {row["hash"]: row["missing"] for row in answer["dangling"]} == lost
                assert answer["refused"] == bool(needed & gone) == bool(lost)
                check_removed(graph, answer, cache, {names[one] for one in needed})


def check(
    answer: Any, cache: Cache, held: Mapping[str, set[int]], names: Mapping[int, str]
) -> None:
    stays = set[int]().union(*held.values())
    dropped = set[int]().union(*(cache.held[key] for key in cache.dropped))
    assert answer["dropped"] == [
        {"key": key, "specs": len(cache.held[key]), "gone": len(cache.held[key] - stays)}
        for key in sorted(cache.dropped)
    ]
    holders = Counter(spec for specs in held.values() for spec in specs & dropped)
    assert {row["key"]: (row["specs"], row["alone"]) for row in answer["kept"]} == {
        key: (len(specs & dropped), sum(holders[one] == 1 for one in specs & dropped))
        for key, specs in held.items()
        if specs & dropped
    }
    # Each package has one spec, for one target.
    assert [row["package"] for row in answer["coverage"]] == [
        f"p{one}" for one in sorted(dropped - stays)
    ]


def check_removed(graph: cachegraph.Graph, answer: Any, cache: Cache, needed: set[str]) -> None:
    """What ``remove`` leaves: what is needed, and what a kept root lists."""
    graph.remove(*answer["remove"])
    left = {row["hash"] for row in graph.find("*")["specs"]}
    if not any(key.endswith("/root") for key in cache.held.keys() - cache.dropped):
        assert left == needed
    assert needed <= left
    assert {row["key"] for row in graph.stacks(all_releases=True)["stacks"]} == (
        cache.held.keys() - cache.dropped
    )

"""What is in the graph, the same on every store."""

from collections import Counter
from pathlib import Path

import pytest

import cachegraph
from cachegraph.model.schema import SPEC
from tests.conftest import Load
from tests.support.corpus import spec, tiny_cache, write_page


@pytest.mark.newest
def test_stats_of_real_pages(sample: cachegraph.Graph) -> None:
    assert sample.stats() == {
        "question": "stats",
        "scope": {
            "text": "all specs, in develop: 14 stacks",
            "releases": ["develop"],
            "stacks": 14,
            "everything": True,
        },
        "nodes": {
            "Package": 4,
            "Spec": 390,
            "Stack": 14,
            "Release": 1,
            "Compiler": 6,
            "OperatingSystem": 4,
            "Target": 4,
            "Source": 4,
        },
        "relationships": {
            "OF_PACKAGE": 390,
            "IN_STACK": 882,
            "ROOT_OF": 0,
            "OF_RELEASE": 14,
            "BUILT_WITH": 390 - 93,
            "RUNS_ON": 390,
            "BUILT_FOR": 390,
            "DEPENDS_ON": 0,
            "EXTENDS": 2,
            "RECORDED_IN": 390,
            "BUILT_AS": 0,
        },
    }


def test_look_alikes_of_real_pages(sample: cachegraph.Graph) -> None:
    specs = sample.store.nodes(SPEC)
    (alike,) = sample.store.tokens(SPEC, specs, ["alike"])
    groups = [size for size in Counter(alike).values() if size > 1]
    assert (len(groups), sum(groups)) == (27, 390)


@pytest.mark.newest
def test_stacks(load: Load, tmp_path: Path) -> None:
    graph = load(tiny_cache(tmp_path / "site"))
    sizes = {row["key"]: row["specs"] for row in graph.stacks()["stacks"]}
    assert sizes == {"develop/aux": 3, "develop/left": 5, "develop/right": 4, "develop/root": 9}


@pytest.mark.newest
def test_releases(load: Load, tmp_path: Path) -> None:
    write_page(tmp_path, "zlib", [spec("a", "e4s"), spec("b", "hep")])
    write_page(tmp_path, "zlib", [spec("b", "e4s")], tag="develop-2024-03-17")
    graph = load(tmp_path / "_cache")
    assert graph.releases()["releases"] == [
        # The two look alike; none is in two stacks besides root.
        {"name": "develop", "stacks": 3, "specs": 2, "shared": 0, "redundant": 1},
        {"name": "develop-2024-03-17", "stacks": 2, "specs": 1, "shared": 0, "redundant": 0},
    ]
    assert [row["name"] for row in graph.stacks("develop-2024-03-17")["stacks"]] == ["e4s", "root"]


def test_what_a_release_shares_and_builds_twice(load: Load, tmp_path: Path) -> None:
    graph = load(tiny_cache(tmp_path / "site"))
    # za is in three stacks and hc in two; za and zb look alike, and so do ha and hb.
    row = {"name": "develop", "stacks": 4, "specs": 9, "shared": 2, "redundant": 2}
    assert graph.releases()["releases"] == [row]


def test_what_only_root_holds_is_not_redundant(load: Load, tmp_path: Path) -> None:
    write_page(tmp_path, "zlib", [spec("a"), spec("b", "e4s"), spec("c", "e4s")])
    row = {"name": "develop", "stacks": 2, "specs": 3, "shared": 0, "redundant": 1}
    assert load(tmp_path / "_cache").releases()["releases"] == [row]


def test_release_that_is_none(sample: cachegraph.Graph) -> None:
    with pytest.raises(cachegraph.NotFoundError) as caught:
        sample.stacks("develp")
    assert caught.value.hint == "did you mean develop?"


def test_bare_name_in_several_releases(load: Load, tmp_path: Path) -> None:
    for tag in ("v0.22.0", "v0.23.0"):
        write_page(tmp_path, "zlib", [spec("a", "e4s", "hep")], tag=tag)
    graph = load(tmp_path / "_cache")
    with pytest.raises(cachegraph.UsageError, match=r"v0\.22\.0/e4s, v0\.23\.0/e4s"):
        graph.overlap("e4s", "hep")
    assert graph.overlap("e4s", "hep", release="v0.22.0")["levels"]["hash"]["shared"] == 1
    assert graph.overlap("v0.22.0/e4s", "v0.23.0/e4s")["levels"]["hash"]["shared"] == 1


def test_bare_name_is_of_develop_when_it_has_one(load: Load, tmp_path: Path) -> None:
    write_page(tmp_path, "zlib", [spec("a", "e4s"), spec("b", "hep")])
    write_page(tmp_path, "zlib", [spec("c", "e4s"), spec("d", "old")], tag="v0.22.0")
    keys = [row["key"] for row in load(tmp_path).overlap("e4s", "old")["stacks"]]
    assert keys == ["develop/e4s", "v0.22.0/old"]

"""Which stacks an answer covers, chosen in the same way in every question, and that it says so."""

from pathlib import Path
from typing import Any

import pytest

import cachegraph
from tests.conftest import Load
from tests.support.corpus import lock, needs, node, write

ZLIB, NEWER, CURL = node("zlib"), node("zlib", version="1.4"), node("curl")
HDF5 = node("hdf5", needs(ZLIB, "link"))
APP = node("app", needs(HDF5, "link"), needs(CURL, "run"))
NAMES = {one["hash"]: f"{one['name']}@{one['version']}" for one in (ZLIB, NEWER, CURL, HDF5, APP)}


@pytest.fixture
def graph(load_once: Load, module_path: Path) -> cachegraph.Graph:
    """Three releases: develop has e4s and hep, 24.02 e4s, 24.11 e4s, gpu and root."""
    held = {
        "develop/e4s": [ZLIB],
        "develop/hep": [CURL],
        "24.02/e4s": [ZLIB, HDF5],
        "24.11/e4s": [ZLIB, HDF5, CURL, APP],
        "24.11/gpu": [NEWER],
        "24.11/root": [ZLIB, HDF5, CURL, APP, NEWER],
    }
    for key, specs in held.items():
        root = specs[-1] if key != "24.11/root" else specs[3]
        roots = [{"hash": root["hash"], "spec": root["name"]}]
        write(module_path / "all" / key / "spack.lock", lock(*specs, roots=roots))
    return load_once(module_path / "all")


DEVELOP = ["develop/e4s", "develop/hep"]
NEWEST = ["24.11/e4s", "24.11/gpu"]
CHOICES: list[tuple[dict[str, Any], list[str]]] = [
    ({}, DEVELOP),
    ({"release": "24.11"}, NEWEST),
    ({"release": ["24.02", "24.11"]}, ["24.02/e4s", *NEWEST]),
    ({"release": "24.*"}, ["24.02/e4s", *NEWEST]),
    ({"all_releases": True}, ["24.02/e4s", *NEWEST, *DEVELOP]),
    ({"stacks": "24.11/*"}, NEWEST),
    ({"stacks": ["24.11/*", "24.02/e4s"]}, [*NEWEST, "24.02/e4s"]),
    ({"stacks": "*/e4s"}, ["24.02/e4s", "24.11/e4s", "develop/e4s"]),
    ({"stacks": "h*"}, ["develop/hep"]),
    ({"stacks": "e*", "release": "24.*"}, ["24.02/e4s", "24.11/e4s"]),
    ({"stacks": "e4s"}, ["develop/e4s"]),
    ({"stacks": "gpu"}, ["24.11/gpu"]),
    ({"stacks": "e4s", "release": "24.02"}, ["24.02/e4s"]),
    ({"stacks": "e4s", "release": ["24.02", "24.11"]}, ["24.02/e4s", "24.11/e4s"]),
    ({"stacks": "e4s", "all_releases": True}, ["24.02/e4s", "24.11/e4s", "develop/e4s"]),
    ({"stacks": "*/root"}, ["24.11/root"]),
]


def test_the_stacks_of_an_answer(graph: cachegraph.Graph) -> None:
    for chosen, keys in CHOICES:
        answers = [
            graph.coverage(**chosen)["stacks"],
            [row["key"] for row in graph.shared(at_least=1, **chosen)["stacks"]],
            graph.matrix(**chosen)["stacks"],
            graph.want("zlib", **chosen)["stacks"],
            [row["key"] for row in graph.duplicates(**chosen)["stacks"]],
        ]
        assert answers == [keys] * len(answers), chosen


@pytest.mark.newest
def test_what_an_answer_was_asked_of(graph: cachegraph.Graph) -> None:
    scope = graph.blame()["scope"]
    assert (scope["text"], scope["releases"], scope["stacks"]) == (
        "in develop: 2 stacks",
        ["develop"],
        2,
    )
    assert graph.blame("e4s")["scope"]["text"] == "in develop/e4s"
    assert graph.blame(release="24.*")["scope"]["text"] == "in 24.02, 24.11: 3 stacks"
    assert graph.find("zlib")["scope"] == {
        "text": "all specs, in 24.02, 24.11, develop: 6 stacks",
        "releases": ["24.02", "24.11", "develop"],
        "stacks": 6,
        "everything": True,
    }
    unique = graph.unique("e4s", release="24.11")["scope"]
    assert unique["text"] == "24.11/e4s against what is in 24.11: 1 stack"
    diff = graph.diff("24.02", "24.11")["scope"]
    assert diff["text"] == "in 24.02/e4s against 24.11/e4s, 24.11/gpu"
    for question in (graph.stats, graph.verify, graph.releases):
        assert question()["scope"]["everything"]  # type: ignore[typeddict-item]


def test_where_there_is_something_if_there_is_nothing_here(graph: cachegraph.Graph) -> None:
    answer = graph.coverage("hdf5")
    assert answer["rows"] == []
    assert answer["scope"]["elsewhere"] == ["24.02", "24.11"]
    assert answer["notes"][-1] == (
        "nothing in develop: 2 stacks, but something in 24.02, 24.11: ask there with --release, or "
        "--all-releases"
    )
    assert graph.find("hdf5", stacks="develop/hep")["scope"]["elsewhere"] == ["24.02", "24.11"]
    assert "elsewhere" not in graph.shared()["scope"]  # nor can 24.02 be asked: it has one stack
    assert "elsewhere" not in graph.shared("e4s", "hep")["scope"]
    assert "elsewhere" not in graph.coverage("zlib")["scope"]
    assert graph.affected("hdf5", release="develop")["scope"]["elsewhere"] == ["24.02", "24.11"]


def test_patterns_of_all_releases_where_all_specs_are_asked_of(graph: cachegraph.Graph) -> None:
    keys = [row["key"] for row in graph.stacks(stacks="e*")["stacks"]]
    assert keys == ["24.02/e4s", "24.11/e4s", "develop/e4s"]
    assert graph.find("hdf5", stacks="e*")["scope"]["stacks"] == 3
    assert [row["key"] for row in graph.stacks("24.11")["stacks"]] == [*NEWEST[:2], "24.11/root"]
    with pytest.raises(cachegraph.NotFoundError, match=r"24\.11 is a release") as caught:
        graph.show("24.11")
    assert caught.value.hint == "list its stacks: cachegraph stacks --release 24.11"


def test_roots(graph: cachegraph.Graph) -> None:
    def found(spec: str, **chosen: Any) -> list[str]:
        return [NAMES[row["hash"]] for row in graph.find(spec, roots=True, **chosen)["specs"]]

    assert found("*", stacks="24.11/*") == ["app@1.0", "zlib@1.4"]
    assert found("zlib", stacks="24.11/e4s") == []
    assert found("zlib", release="develop") == ["zlib@1.0"]
    assert found("zlib") == ["zlib@1.0", "zlib@1.4"]


def test_dependencies_among_the_specs_of_stacks(graph: cachegraph.Graph) -> None:
    def names(rows: Any) -> list[str]:
        return [row["package"] for row in rows]

    assert names(graph.dependents("zlib@1.0", tree=True)["tree"]) == ["zlib", "hdf5", "app"]
    assert names(graph.dependents("zlib", tree=True, stacks="24.02/e4s")["tree"]) == [
        "zlib",
        "hdf5",
    ]
    assert names(graph.deps("app", path="zlib", stacks="24.11/e4s")["path"]) == [
        "app",
        "hdf5",
        "zlib",
    ]
    assert graph.deps("app", path="zlib", stacks="24.02/e4s")["path"] == []
    answer = graph.affected("zlib@1.0", stacks="24.02/*")
    assert names(answer["specs"]) == ["hdf5"]
    assert answer["stacks"] == [{"key": "24.02/e4s", "matched": 1, "specs": 1, "roots": 1}]
    assert answer["releases"] == ["24.02"]


def test_a_stack_against_chosen_ones(graph: cachegraph.Graph) -> None:
    assert graph.unique("24.11/e4s", stacks="24.02/*")["among"] == ["24.02/e4s"]
    assert graph.unique("e4s", release="24.11", level="package")["among"] == ["24.11/gpu"]
    diff = graph.diff("24.02", "24.11", stacks="e4s")
    assert ([row["package"] for row in diff["added"]], diff["removed"]) == (["app", "curl"], [])


@pytest.mark.parametrize(
    ("chosen", "said", "hint"),
    [
        ({"release": "25.*"}, "no release fits 25.*", "there are 24.02, 24.11, develop"),
        ({"release": "24.12"}, "no release 24.12", "did you mean 24.11, 24.02?"),
        ({"stacks": "x*"}, "no stack fits x*", "list them: cachegraph stacks"),
        (
            {"stacks": "24.02/*", "release": "24.11"},
            "no stack fits 24.02/* in 24.11",
            "list them: cachegraph stacks",
        ),
        (
            {"stacks": "24.11"},
            "no stack 24.11",
            "24.11 is a release: --release 24.11, or its stacks by pattern, '24.11/*'",
        ),
        ({"stacks": "gpu", "release": ["24.02", "develop"]}, "no stack gpu in 24.02, develop", ""),
        (
            {"release": "24.11", "all_releases": True},
            "some releases or all of them, not both",
            "leave one of them out",
        ),
    ],
)
def test_what_is_not_there(
    graph: cachegraph.Graph, chosen: dict[str, Any], said: str, hint: str
) -> None:
    with pytest.raises(cachegraph.CacheGraphError) as caught:
        graph.coverage(**chosen)
    assert caught.value.message == said
    assert hint in (caught.value.hint or "")


@pytest.mark.newest
def test_the_card_of_a_stack(graph: cachegraph.Graph) -> None:
    for name in ("24.11/e4s", "24.02/e4s"):
        assert graph.show(name)["specs"] == []
    (card,) = graph.show("24.11/e4s")["stacks"]
    assert (card["key"], card["release"], card["name"]) == ("24.11/e4s", "24.11", "e4s")
    assert (card["specs"], card["packages"]) == (4, 4)
    assert [row["package"] for row in card["roots"]] == ["app"]
    assert card["shares"] == []
    assert graph.show("gpu")["stacks"][0]["key"] == "24.11/gpu"
    assert graph.show("24.11/gpu")["scope"]["text"] == "in 24.11/gpu"
    assert sum(card["compilers"].values()) <= card["specs"]
    with pytest.raises(cachegraph.NotFoundError, match=r"no stack 24\.11/e5s") as caught:
        graph.show("24.11/e5s")
    assert "24.11/e4s" in (caught.value.hint or "")


@pytest.mark.newest
def test_products_of_two_releases(graph: cachegraph.Graph) -> None:
    diff = graph.diff("24.02", "24.11")
    assert diff["products"] == [
        {"package": "app", "change": "came", "from": [], "to": ["1.0"]},
        {"package": "hdf5", "change": "went", "from": ["1.0"], "to": []},
        {"package": "zlib", "change": "came", "from": [], "to": ["1.4"]},
    ]
    back = graph.diff("24.11/gpu", "develop/e4s")["products"]
    assert back == [{"package": "zlib", "change": "version", "from": ["1.4"], "to": ["1.0"]}]

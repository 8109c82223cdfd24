"""What stacks share: answers worked out by hand, the same on every store."""

from pathlib import Path

import pytest

import cachegraph
from tests.conftest import Load
from tests.support.corpus import dag_hash, tiny_cache


@pytest.fixture
def tiny(load_once: Load, module_path: Path) -> cachegraph.Graph:
    return load_once(tiny_cache(module_path / "site"))


def test_real_pages(sample: cachegraph.Graph) -> None:
    answer = sample.overlap("e4s", "ml-linux-x86_64-cpu")
    assert answer["stacks"] == [
        {"key": "develop/e4s", "specs": 52},
        {"key": "develop/ml-linux-x86_64-cpu", "specs": 92},
    ]
    levels = {name: (level["shared"], level["union"]) for name, level in answer["levels"].items()}
    assert levels["hash"] == (0, 144)
    assert levels["alike"][0] == 0
    assert levels["spec"][0] == 3
    assert levels["version"] == (3, 6)
    assert levels["package"] == (3, 4)
    assert answer["shared"] == []
    assert answer["apart"] == [
        {"package": package, "version": version, "differs": ["compiler", "os"]}
        for package, version in (
            ("py-ml-dtypes", "0.4.0"),
            ("py-mpi4py", "4.0.1"),
            ("py-pdm-backend", "2.4.3"),
        )
    ]
    assert answer["apart_by"] == {"compiler": 3, "os": 3, "target": 0, "variants": 0}


@pytest.mark.newest
def test_levels_of_two(tiny: cachegraph.Graph) -> None:
    answer = tiny.overlap("left", "right")
    # left: za zb zc ha ca; right: za zd hb hc
    assert answer["levels"] == {
        # za; of za zb zc ha ca zd hb hc
        "hash": {"shared": 1, "union": 8, "jaccard": 0.125},
        # za=zb, ha=hb; and zc, ca, zd, hc
        "alike": {"shared": 2, "union": 6, "jaccard": 0.3333},
        # zlib@1.0, zlib@1.2, hdf5@2.0; and hdf5@2.0+mpi, curl
        "spec": {"shared": 3, "union": 5, "jaccard": 0.6},
        "version": {"shared": 3, "union": 4, "jaccard": 0.75},
        "package": {"shared": 2, "union": 3, "jaccard": 0.6667},
    }


def test_shared_specs_are_rows(tiny: cachegraph.Graph) -> None:
    assert tiny.overlap("left", "right")["shared"] == [
        {
            "hash": dag_hash("za"),
            "package": "zlib",
            "version": "1.0",
            "variants": ["build_system=cmake"],
            "compiler": "gcc@11.4.0",
            "platform": "linux",
            "os": "ubuntu22.04",
            "target": "x86_64_v3",
        }
    ]


def test_apart(tiny: cachegraph.Graph) -> None:
    answer = tiny.overlap("left", "right")
    # zlib@1.0 shares za. hdf5@2.0 looks the same in both; zlib@1.2 was built on another system.
    assert answer["apart"] == [
        {"package": "hdf5", "version": "2.0", "differs": []},
        {"package": "zlib", "version": "1.2", "differs": ["compiler", "os"]},
    ]
    assert answer["apart_by"] == {"compiler": 1, "os": 1, "target": 0, "variants": 0}


def test_intersections(tiny: cachegraph.Graph) -> None:
    # left: za zb zc ha ca; right: za zd hb hc; aux: za hc ma
    left, right, aux = (f"develop/{name}" for name in ("left", "right", "aux"))
    assert tiny.overlap("left", "right")["intersections"] == [
        {"stacks": [left], "specs": 4},
        {"stacks": [right], "specs": 3},
        {"stacks": [left, right], "specs": 1},
    ]
    assert tiny.overlap("right", "left", "aux")["intersections"] == [
        {"stacks": [left], "specs": 4},
        {"stacks": [right], "specs": 2},  # zd hb
        {"stacks": [aux], "specs": 1},  # ma
        {"stacks": [right, aux], "specs": 1},  # hc
        {"stacks": [right, left, aux], "specs": 1},  # za
    ]
    # The documents of all stores are the same, byte by byte.
    assert [*tiny.overlap("left", "right")["intersections"][0]] == ["stacks", "specs"]


def test_three_stacks(tiny: cachegraph.Graph) -> None:
    answer = tiny.overlap("left", "right", "aux")
    # aux: za hc ma. In all three: za; hdf5@2.0 in other builds.
    assert [row["hash"] for row in answer["shared"]] == [dag_hash("za")]
    assert answer["levels"]["hash"] == {"shared": 1, "union": 9, "jaccard": 0.1111}
    assert answer["levels"]["package"] == {"shared": 2, "union": 4, "jaccard": 0.5}
    # left has only a build without mpi, aux only one with it.
    assert answer["apart"] == [{"package": "hdf5", "version": "2.0", "differs": ["variants"]}]


def test_root_only_when_asked_for(tiny: cachegraph.Graph) -> None:
    assert tiny.overlap("left", "root")["levels"]["hash"]["shared"] == 5


@pytest.mark.parametrize("stacks", [("left",), ("left", "left"), ("left", "develop/left"), ()])
def test_one_stack_is_no_overlap(tiny: cachegraph.Graph, stacks: tuple[str, ...]) -> None:
    with pytest.raises(cachegraph.UsageError, match="two or more different stacks"):
        tiny.overlap(*stacks)


def test_misspelt_stack(tiny: cachegraph.Graph) -> None:
    with pytest.raises(cachegraph.NotFoundError, match="no stack rihgt") as caught:
        tiny.overlap("left", "rihgt")
    assert caught.value.hint == "did you mean right?"

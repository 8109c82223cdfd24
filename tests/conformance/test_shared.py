"""What several stacks hold: answers worked out by hand, the same on every store."""

from pathlib import Path
from typing import Any

import pytest

import cachegraph
from tests.conformance.groups import grouped
from tests.conftest import Load
from tests.support.corpus import dag_hash, index, node, spec, tiny_cache, write, write_page
from tests.support.known_answers import fixture
from tests.support.realfiles import lock

LOOK = {
    "variants": ["build_system=cmake"],
    "compiler": "gcc@11.4.0",
    "platform": "linux",
    "os": "ubuntu22.04",
    "target": "x86_64_v3",
}
MPI = ["build_system=cmake", "+mpi"]
LEFT, RIGHT, AUX = (f"develop/{name}" for name in ("left", "right", "aux"))
ALL = sorted((LEFT, RIGHT, AUX))


@pytest.fixture
def tiny(load_once: Load, module_path: Path) -> cachegraph.Graph:
    return load_once(tiny_cache(module_path / "site"))


@pytest.mark.newest
def test_rows_are_specs_with_their_stacks(tiny: cachegraph.Graph) -> None:
    answer = tiny.shared("left", "right", "aux")
    # left: za zb zc ha ca; right: za zd hb hc; aux: za hc ma
    assert answer == {
        "question": "shared",
        "scope": {
            "text": "in develop/left, develop/right, develop/aux",
            "releases": ["develop"],
            "stacks": 3,
            "everything": False,
        },
        "at_least": 2,
        "level": "hash",
        "stacks": [
            {"key": LEFT, "specs": 5},
            {"key": RIGHT, "specs": 4},
            {"key": AUX, "specs": 3},
        ],
        "specs": [
            {
                "hash": dag_hash("hc"),
                "package": "hdf5",
                "version": "2.0",
                **LOOK,
                "variants": MPI,
                "stacks": [AUX, RIGHT],
            },
            {"hash": dag_hash("za"), "package": "zlib", "version": "1.0", **LOOK, "stacks": ALL},
        ],
    }


# Of each row the package, version and variants, as far as the level has them; hashes and stacks.
AT_LEVELS: dict[str, list[tuple[Any, ...]]] = {
    "alike": [
        ("hdf5", "2.0", MPI, "hc", [AUX, RIGHT]),
        ("hdf5", "2.0", LOOK["variants"], "ha hb", [LEFT, RIGHT]),
        ("zlib", "1.0", LOOK["variants"], "za zb", ALL),
    ],
    "spec": [
        ("hdf5", "2.0", LOOK["variants"], "ha hb", [LEFT, RIGHT]),
        ("hdf5", "2.0", MPI, "hc", [AUX, RIGHT]),
        ("zlib", "1.0", LOOK["variants"], "za zb", ALL),
        ("zlib", "1.2", LOOK["variants"], "zc zd", [LEFT, RIGHT]),
    ],
    "version": [
        ("hdf5", "2.0", None, "ha hb hc", ALL),
        ("zlib", "1.0", None, "za zb", ALL),
        ("zlib", "1.2", None, "zc zd", [LEFT, RIGHT]),
    ],
    "package": [("hdf5", None, None, "ha hb hc", ALL), ("zlib", None, None, "za zb zc zd", ALL)],
}


@pytest.mark.parametrize("level", AT_LEVELS)
def test_rows_stand_for_all_that_are_equal(tiny: cachegraph.Graph, level: str) -> None:
    found = tiny.shared("left", "right", "aux", level=level)["specs"]
    told: list[tuple[Any, ...]] = [
        (
            row["package"],
            row.get("version"),
            row.get("variants"),
            " ".join(hash_.rstrip("x") for hash_ in row["hashes"]),
            row["stacks"],
        )
        for row in found
    ]
    assert sorted(told, key=repr) == sorted(AT_LEVELS[level], key=repr)
    assert [row[0] for row in told] == sorted(row[0] for row in told)
    names = {"hashes", "stacks", *(n for n in ("package", "version", "variants") if n in found[0])}
    if level == "alike":
        assert all({*row} == {*LOOK, *names, "alike"} for row in found)
    else:
        assert all({*row} == names for row in found)


@pytest.mark.parametrize("name", ["2", "z"])
def test_of_those_that_look_the_same_the_first_speaks(
    load: Load, tmp_path: Path, name: str
) -> None:
    """Pages do not tell flags; an index does, here that there are none."""
    told = node("zlib", spec_format=4)
    page = write_page(tmp_path, "zlib", [spec(name, "e4s")])
    graph = load(page, write(tmp_path / "cache" / "index.json", index(told)))
    (row,) = graph.shared("e4s", "cache", level="alike")["specs"]
    assert row["hashes"] == sorted([told["hash"], dag_hash(name)])
    assert row.get("flags") == (None if name == "2" else [])


@pytest.mark.parametrize(
    ("at_least", "hashes"),
    [(1, "ma ca ha hb hc za zb zc zd"), (2, "hc za"), (3, "za"), (4, "za")],
)
def test_how_many_stacks(tiny: cachegraph.Graph, at_least: int, hashes: str) -> None:
    # root holds everything, so with it one more stack has each.
    stacks = ("left", "right", "aux", *(["root"] if at_least == 4 else []))
    found = tiny.shared(*stacks, at_least=at_least)["specs"]
    assert [row["hash"] for row in found] == [*map(dag_hash, hashes.split())]


def test_of_all_stacks_but_root(tiny: cachegraph.Graph) -> None:
    answer = tiny.shared(at_least=3)
    assert [row["key"] for row in answer["stacks"]] == ALL
    assert [row["stacks"] for row in answer["specs"]] == [ALL]


@pytest.mark.slow
# By truth.json two of them share 50, 56 and 50 specs, and all three 46.
@pytest.mark.parametrize(("at_least", "shared"), [(2, 50 + 56 + 50 - 2 * 46), (3, 46)])
def test_real_lock_files(real: Load, at_least: int, shared: int) -> None:
    graph = real(*(fixture(lock(name)) for name in ("build_systems", "developer-tools", "radiuss")))
    found = graph.shared(at_least=at_least)["specs"]
    assert (len(found), min(len(row["stacks"]) for row in found)) == (shared, at_least)


def test_runtime_packages_are_left_out(real: Load) -> None:
    graph = real(*(fixture(lock(name)) for name in ("bcA", "bcB")))
    both, without = (graph.shared(ignore_runtime=ignore) for ignore in (False, True))
    gone = {row["package"] for row in both["specs"]} - {row["package"] for row in without["specs"]}
    assert gone == {"compiler-wrapper", "gcc-runtime", "glibc"}
    assert [row["specs"] for row in without["stacks"]] == [25 - 3, 25 - 3]


def test_groups_of_a_stack(load: Load, tmp_path: Path) -> None:
    answer = load(grouped(tmp_path)).shared("cpu", "gpu")
    # app needs zlib, so does tool, which needs cuda as well; base was asked for in both.
    assert [row["package"] for row in answer["specs"]] == ["base", "zlib"]
    assert [row["group_of"] for row in answer["stacks"]] == ["local/env", "local/env"]
    assert len(answer["notes"]) == 2


@pytest.mark.parametrize("at_least", [-1, 0, 4])
def test_numbers_that_cannot_be(tiny: cachegraph.Graph, at_least: int) -> None:
    with pytest.raises(cachegraph.UsageError, match="from 1 to the number of stacks, 3") as caught:
        tiny.shared(at_least=at_least)
    assert caught.value.hint == "the stacks are develop/aux, develop/left, develop/right"


def test_level_and_stack_that_are_none(tiny: cachegraph.Graph) -> None:
    with pytest.raises(cachegraph.UsageError, match="no level binary"):
        tiny.shared(level="binary")
    with pytest.raises(cachegraph.NotFoundError, match="no stack rihgt") as caught:
        tiny.shared("left", "rihgt")
    assert caught.value.hint == "did you mean right?"

"""Near-duplicates: answers worked out by hand, and known ones, the same on every store."""

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from tests.conformance.groups import grouped
from tests.conftest import Load
from tests.support.corpus import dag_hash, index, needs, node, tiny_cache, write
from tests.support.corpus import lock as lock_of
from tests.support.known_answers import Known, fixture
from tests.support.realfiles import SPEC_ROWS, imported, lock, truth


@pytest.fixture
def tiny(load_once: Load, module_path: Path) -> cachegraph.Graph:
    return load_once(tiny_cache(module_path / "site"))


LEFT, RIGHT, AUX = (f"develop/{name}" for name in ("left", "right", "aux"))
# za and zb look the same: left holds both, right and aux za. ha is in left, and hb in right.
ZLIB = {
    "package": "zlib",
    "version": "1.0",
    "redundant": 1,
    "within": 2,
    "hashes": [dag_hash("za"), dag_hash("zb")],
    "stacks": [AUX, LEFT, RIGHT],
}
HDF5 = {
    "package": "hdf5",
    "version": "2.0",
    "redundant": 1,
    "within": 1,
    "hashes": [dag_hash("ha"), dag_hash("hb")],
    "stacks": [LEFT, RIGHT],
}


@pytest.mark.parametrize(
    ("stacks", "within", "groups"),
    [
        ((), False, [HDF5, ZLIB]),
        ((), True, [ZLIB]),
        (("left", "right"), False, [HDF5, {**ZLIB, "stacks": [LEFT, RIGHT]}]),
        (("left",), False, [{**ZLIB, "stacks": [LEFT]}]),
        (("right", "aux"), False, []),
        (("root",), True, [{**g, "stacks": ["develop/root"], "within": 2} for g in (HDF5, ZLIB)]),
    ],
)
def test_groups(
    tiny: cachegraph.Graph, stacks: tuple[str, ...], within: bool, groups: list[dict[str, Any]]
) -> None:
    answer = tiny.duplicates(*stacks, within=within)
    assert all([*size] == ["key", "specs"] for size in answer["stacks"])
    alike = [group.pop("alike") for group in answer["groups"]]  # type: ignore[misc]
    assert answer["groups"] == groups
    assert (answer["specs"], answer["redundant"]) == (2 * len(groups), len(groups))
    assert answer["within"] is within
    for look, group in zip(alike, groups, strict=True):
        for hash_ in group["hashes"]:
            assert tiny.show(hash_)["specs"][0]["alike"] == look


@pytest.mark.newest
def test_what_costs_most_comes_first(load: Load, tmp_path: Path) -> None:
    """Three builds of zlib, that differ in their recipe, and two of curl, which need one each."""
    zlibs = [node("zlib", package_hash=text) for text in ("a", "b", "c")]
    curls = [node("curl", needs(zlib)) for zlib in zlibs[:2]]
    # A stub, of which only the hash is known, looks like nothing; let alone like the other.
    stubs = [node("lost", version=version) for version in ("1", "2")]
    users = [node("user", needs(stub), version=stub["version"]) for stub in stubs]
    path = write(tmp_path / "cache" / "index.json", index(*zlibs, *curls, *users))
    answer = load(path).duplicates()
    assert answer["stacks"] == [{"key": "local/cache", "specs": 7}]
    told = [(g["package"], g["redundant"], g["within"]) for g in answer["groups"]]
    assert told == [("zlib", 2, 3), ("curl", 1, 2)]
    assert (answer["specs"], answer["redundant"]) == (5, 3)


def test_an_e4s_release(real: Load) -> None:
    graph = real(fixture("locks/e4s-24.11/amd64-gcc-cuda-ubuntu22.04/spack.lock.gz"))
    answer = graph.duplicates()
    assert [row["specs"] for row in answer["stacks"]] == [412]
    assert (len(answer["groups"]), answer["specs"], answer["redundant"]) == (39, 79, 40)
    assert graph.duplicates(within=True)["groups"] == answer["groups"]


@pytest.mark.parametrize("name", ["radiuss", "build_systems", "bcA"])
def test_those_that_spack_agrees_on(real: Load, name: str) -> None:
    said = truth()["lockfiles"][name]["near_duplicates"]
    answer = real(fixture(lock(name))).duplicates()
    assert sorted(g["hashes"] for g in answer["groups"]) == sorted(
        sorted(g["hashes"]) for g in said
    )


# Documents of which a stack holds all specs: those that near-duplicates were counted of.
WHOLE = [row for row in SPEC_ROWS if row.members == row.specs or row.format == "page"]


@pytest.mark.slow
@pytest.mark.parametrize("row", WHOLE, ids=lambda row: row.path)
def test_known_files(row: Known) -> None:
    graph = imported(row.path).graph
    root = ["root"] if row.format == "page" else []
    answer = graph.duplicates(*root)
    assert (len(answer["groups"]), answer["specs"]) == (row.groups, row.grouped)
    assert answer["redundant"] == row.grouped - row.groups


def test_the_sample_by_its_pages(sample: cachegraph.Graph) -> None:
    answer = sample.duplicates("root")
    assert (len(answer["groups"]), answer["specs"]) == (7 + 7 + 7 + 6, 390)


def test_a_group_of_a_stack_and_runtime_packages(load: Load, tmp_path: Path) -> None:
    wrappers = [node("compiler-wrapper", package_hash=text) for text in ("a", "b")]
    graph = load(grouped(tmp_path), write(tmp_path / "old" / "index.json", index(*wrappers)))
    answer = graph.duplicates("gpu")
    assert (answer["groups"], len(answer["notes"])) == ([], 1)
    assert [len(graph.duplicates(ignore_runtime=x)["groups"]) for x in (False, True)] == [1, 0]


@pytest.mark.parametrize("name", ["", "/", "local/", "env-"])
def test_roots_of_no_group_are_no_group(load: Load, tmp_path: Path, name: str) -> None:
    graph = load(write(tmp_path / "env" / "spack.lock", lock_of(node("zlib"))))
    with pytest.raises(cachegraph.NotFoundError, match=f"no stack {name}"):
        graph.duplicates(name)


def test_stack_that_is_none(tiny: cachegraph.Graph) -> None:
    with pytest.raises(cachegraph.NotFoundError, match="no stack rihgt") as caught:
        tiny.duplicates("rihgt")
    assert caught.value.hint == "did you mean right?"


Brief = list[tuple[str, dict[str, Any], list[str], bool]]
"""Specs of a package: hash, what differs, dependents, whether it is a root."""


def _brief(answer: Any) -> list[tuple[str, str, Brief]]:
    return [
        (
            row["package"],
            row["stack"],
            [(one["hash"], one["differs"], one["dependents"], one["root"]) for one in row["specs"]],
        )
        for row in answer["packages"]
    ]


def test_packages_that_a_stack_has_more_than_once(tiny: cachegraph.Graph) -> None:
    """Left has zlib three times, two of which look the same; right has zlib and hdf5 twice."""
    answer = tiny.duplicates(by="package")
    zlib_left: Brief = [
        (dag_hash("za"), {"version": "1.0"}, [], False),
        (dag_hash("zb"), {"version": "1.0"}, [], False),
        (dag_hash("zc"), {"version": "1.2"}, [], False),
    ]
    hdf5_right: Brief = [
        (dag_hash("hb"), {"variants": []}, [], False),
        (dag_hash("hc"), {"variants": ["+mpi"]}, [], False),
    ]
    older = {"version": "1.0", "compiler": "gcc@11.4.0", "os": "ubuntu22.04"}
    newer = {"version": "1.2", "compiler": "gcc@13.2.0", "os": "ubuntu24.04"}
    zlib_right: Brief = [(dag_hash("za"), older, [], False), (dag_hash("zd"), newer, [], False)]
    assert _brief(answer) == [
        ("zlib", LEFT, zlib_left),
        ("hdf5", RIGHT, hdf5_right),
        ("zlib", RIGHT, zlib_right),
    ]
    # za is in two of the rows, and is one spec.
    assert (answer["by"], answer["specs"], answer["redundant"]) == ("package", 6, 4)
    assert answer["notes"] == ["no source records the dependencies of 6 of these specs"]
    assert answer["packages"][0]["specs"][0]["version"] == "1.0"
    assert "groups" not in answer


@pytest.mark.parametrize(
    ("stacks", "packages"), [(["aux"], []), (["right"], ["hdf5", "zlib"]), (["left"], ["zlib"])]
)
def test_packages_of_one_stack(
    tiny: cachegraph.Graph, stacks: list[str], packages: list[str]
) -> None:
    answer = tiny.duplicates(*stacks, by="package")
    assert [row["package"] for row in answer["packages"]] == packages


def _environment(folder: Path) -> tuple[Path, dict[str, str]]:
    """App needs a zlib and curl, which needs another zlib; tool needs a third, of another recipe.

    Two of curl differ in their zlib only, and one of these in how it is needed.
    """
    zlibs = [
        node("zlib"),
        node("zlib", version="1.1"),
        node("zlib", package_hash="other===="),
    ]
    curls = [
        node("curl", needs(zlibs[0])),
        node("curl", needs(zlibs[1])),
        node("curl", needs(zlibs[1], "build")),
    ]
    app, tool = node("app", needs(curls[0]), needs(zlibs[1])), node("tool", needs(zlibs[2]))
    web = node("web", needs(curls[1]), needs(curls[2], "run"))
    users = (app, tool, web)
    roots = [{"hash": one["hash"], "spec": one["name"]} for one in (*users, curls[1])]
    made = lock_of(*users, *curls, *zlibs, version=7, roots=roots)
    named = {f"{one['name']}{n}": one["hash"] for s in (zlibs, curls) for n, one in enumerate(s)}
    return write(folder / "env" / "spack.lock", made), named


def test_what_differs_and_who_needs_it(load: Load, tmp_path: Path) -> None:
    path, h = _environment(tmp_path)
    answer = load(path).duplicates(by="package")
    found = {
        one["hash"]: (one["differs"], one["dependents"], one["root"])
        for row in answer["packages"]
        for one in row["specs"]
    }
    assert [row["package"] for row in answer["packages"]] == ["curl", "zlib"]
    first, second = f"zlib@1.0/{h['zlib0']}", f"zlib@1.1/{h['zlib1']}"
    assert found == {
        h["curl0"]: ({"dependencies": [first]}, ["app"], False),
        h["curl1"]: ({"dependencies": [second]}, ["web"], True),
        h["curl2"]: ({"dependencies": [second]}, ["web"], False),
        h["zlib0"]: ({"version": "1.0", "recipe": "zlib===="}, ["curl"], False),
        h["zlib1"]: ({"version": "1.1"}, ["app", "curl"], False),
        h["zlib2"]: ({"version": "1.0", "recipe": "other===="}, ["tool"], False),
    }
    assert "notes" not in answer


@pytest.mark.newest
def test_the_same_dependency_needed_in_another_way(load: Load, tmp_path: Path) -> None:
    zlib = node("zlib")
    curls = [node("curl", needs(zlib)), node("curl", needs(zlib, "run", virtuals=["z"]))]
    app = node("app", needs(curls[0]), needs(curls[1], "run"))
    answer = load(write(tmp_path / "e" / "spack.lock", lock_of(app, *curls, zlib))).duplicates(
        by="package"
    )
    differs = {one["hash"]: one["differs"] for one in answer["packages"][0]["specs"]}
    name = f"zlib@1.0/{zlib['hash']}"
    assert differs == {
        curls[0]["hash"]: {"dependencies": [f"{name} (build,link)"]},
        curls[1]["hash"]: {"dependencies": [f"{name} (run; z)"]},
    }


def test_no_such_way_to_look_for_duplicates(tiny: cachegraph.Graph) -> None:
    with pytest.raises(cachegraph.UsageError, match="no duplicates by name"):
        tiny.duplicates(by="name")


def test_an_e4s_release_has_packages_twice(real: Load) -> None:
    """Known of the file: jq '[.concrete_specs[].name] | group_by(.) | map(select(length > 1))'."""
    path = fixture("locks/e4s-24.11/amd64-gcc-cuda-ubuntu22.04/spack.lock.gz")
    document = json.loads(gzip.decompress(path.read_bytes()))
    names = Counter(one["name"] for one in document["concrete_specs"].values())
    answer = real(path).duplicates(by="package")
    assert {row["package"]: len(row["specs"]) for row in answer["packages"]} == {
        name: count for name, count in names.items() if count > 1
    }
    assert len(answer["packages"]) == 89

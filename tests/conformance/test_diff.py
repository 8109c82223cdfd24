"""From one stack to another: what was kept, added, removed, changed, and only rebuilt, and why."""

from itertools import islice
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from tests.conformance.test_source_pairs import both
from tests.conformance.test_why import told, told_of, values
from tests.conftest import Load
from tests.oracles.causes import Counts, World, diff, why
from tests.support.corpus import lock, needs, node, write
from tests.support.expectations import held
from tests.support.known_answers import PAIRS, Pair
from tests.support.made_up_pairs import Made, variants
from tests.support.realfiles import here, read

AT_MOST = 60
"""Rebuilt specs of which the causes are compared, of each pair."""


def ask(graph: cachegraph.Graph, left: str, right: str) -> Any:
    """The answer, the sums of which add up."""
    answer: Any = graph.diff(left, right)
    assert answer["question"] == "diff"
    rebuilt = len(answer["rebuilt"])
    for key, other, side in (("left", "removed", "from"), ("right", "added", "to")):
        assert answer[key]["specs"] == (
            answer["kept"]
            + len(answer[other])
            + sum(len(row[side]) for row in answer["changed"])
            + rebuilt
        ), key
    assert all(row["from"] and row["to"] and row["differs"] for row in answer["changed"])
    packages = [row["package"] for row in answer["changed"]]
    assert packages == sorted({*packages})
    return answer


def two(load: Load, folder: Path, left: list[Made], right: list[Made]) -> Any:
    """The answer for two lock files."""
    paths = [
        write(folder / name / "spack.lock", lock(*nodes))
        for name, nodes in (("left", left), ("right", right))
    ]
    answer = ask(load(*paths), "left", "right")
    assert answer["left"] == {"key": "local/left", "specs": len(left)}
    assert answer["right"] == {"key": "local/right", "specs": len(right)}
    return answer


def titles(rows: Any) -> list[str]:
    return [f"{row['package']}@{row['version']}" for row in rows]


# By hand --------------------------------------------------------------------------------------


@pytest.mark.newest
def test_each_way_to_differ(load: Load, tmp_path: Path) -> None:
    """Six specs in both.

    =======  ==============  ==============  =======================
    package  left            right           so it is
    =======  ==============  ==============  =======================
    perl     same            same            kept
    curl     8.5             -               removed
    cmake    -               3.31            added
    zlib     1.2             1.3             changed, in version
    hdf5     ~mpi            +mpi            changed, in variants
    libpng   with zlib 1.2   with zlib 1.3   rebuilt because of zlib
    xz       old recipe      new recipe      rebuilt because of that
    =======  ==============  ==============  =======================
    """
    perl, curl, cmake = node("perl"), node("curl", version="8.5"), node("cmake", version="3.31")
    zlibs = [node("zlib", version=version) for version in ("1.2", "1.3")]
    libpngs = [node("libpng", needs(zlib)) for zlib in zlibs]
    hdf5s = [node("hdf5", parameters=variants(mpi=mpi)) for mpi in (False, True)]
    xzs = [node("xz", package_hash=f"{recipe}====") for recipe in ("old", "new")]
    sides = zip(zlibs, libpngs, hdf5s, xzs, strict=True)
    left, right = ([perl, own, *side] for own, side in zip((curl, cmake), sides, strict=True))
    answer = two(load, tmp_path, left, right)
    assert answer["kept"] == 1
    assert titles(answer["removed"]) == ["curl@8.5"]
    assert titles(answer["added"]) == ["cmake@3.31"]
    assert [
        (row["package"], titles(row["from"]), titles(row["to"]), row["differs"])
        for row in answer["changed"]
    ] == [
        ("hdf5", ["hdf5@1.0"], ["hdf5@1.0"], ["variants"]),
        ("zlib", ["zlib@1.2"], ["zlib@1.3"], ["version"]),
    ]
    assert answer["changed"][0]["to"][0]["variants"] == ["build_system=cmake", "+mpi"]
    assert [
        (row["package"], row["version"], row["from"], row["to"], told(row))
        for row in answer["rebuilt"]
    ] == [
        (
            "libpng",
            "1.0",
            libpngs[0]["hash"],
            libpngs[1]["hash"],
            [("libpng > zlib", "version", "version", "1.2", "1.3")],
        ),
        (
            "xz",
            "1.0",
            xzs[0]["hash"],
            xzs[1]["hash"],
            [("xz", "recipe", "package_hash", "old====", "new====")],
        ),
    ]


def test_the_same_on_another_system(load: Load, tmp_path: Path) -> None:
    """Package, version and variants are the same: rebuilt, by another compiler and elsewhere."""
    left = [node("zlib", spec_format=4)]
    arch = {"platform": "linux", "platform_os": "debian12", "target": "x86_64_v3"}
    gcc = {"name": "gcc", "version": "12.2.0"}
    right = [node("zlib", spec_format=4, arch=arch, compiler=gcc)]
    paths = [
        write(tmp_path / name / "spack.lock", lock(*nodes, version=5))
        for name, nodes in (("left", left), ("right", right))
    ]
    answer = ask(load(*paths), "left", "right")
    assert (answer["kept"], answer["added"], answer["removed"], answer["changed"]) == (
        0,
        [],
        [],
        [],
    )
    (row,) = answer["rebuilt"]
    assert told(row) == [
        ("zlib", "compiler", "compiler", "gcc@11.4.0", "gcc@12.2.0"),
        ("zlib", "os", "os", "ubuntu22.04", "debian12"),
    ]
    assert [
        (cause["package"], cause["attribute"], cause["rebuilt"]) for cause in answer["causes"]
    ] == [
        ("", "compiler", 1),
        ("", "os", 1),
    ]


def gained() -> tuple[list[Made], list[Made]]:
    """Two apps and a tool before and after: all gain glibc, tool a version with its recipe."""
    glibc = node("glibc")
    tool = node("tool")
    newer = node("tool", needs(glibc, "link"), version="2.0", package_hash="tool-2====")
    before, after = [tool], [newer, glibc]
    for name in ("one", "two"):
        before.append(node(name, needs(tool, "link")))
        after.append(node(name, needs(newer, "link"), needs(glibc, "link")))
    return before, after


def test_a_dependency_that_several_packages_gained_is_one_cause(load: Load, tmp_path: Path) -> None:
    answer = two(load, tmp_path, *gained())
    assert titles(answer["rebuilt"]) == ["one@1.0", "two@1.0"]
    causes = [
        (row["package"], row["kind"], row["rebuilt"], row.get("packages"), row.get("comes_with"))
        for row in answer["causes"]
    ]
    version = {"kind": "version", "attribute": "version"}
    assert causes == [
        ("", "dependency", 2, 3, None),
        ("tool", "version", 2, None, None),
        ("tool", "recipe", 2, None, version),
    ]


def test_without_the_runtime_in_causes(load: Load, tmp_path: Path) -> None:
    answer = two(load, tmp_path, *gained())
    assert answer["rebuilt"][0].get("ignored") is None
    paths = [tmp_path / name / "spack.lock" for name in ("left", "right")]
    graph = load(*paths)
    less = graph.diff("left", "right", ignore_runtime=True)
    assert [row["kind"] for row in less["causes"]] == ["version", "recipe"]
    assert [row["ignored"] for row in less["rebuilt"]] == [2, 2]


def test_several_of_one_package(load: Load, tmp_path: Path) -> None:
    """Of two zlibs one became another: none of the two is taken for removed."""
    left = [node("zlib", version=version) for version in ("1.1", "1.2")]
    answer = two(load, tmp_path, left, [node("zlib", version="1.3")])
    (row,) = answer["changed"]
    assert titles(row["from"]) == ["zlib@1.1", "zlib@1.2"]
    assert titles(row["to"]) == ["zlib@1.3"]
    assert row["differs"] == ["version"]


def test_one_stays_and_one_goes(load: Load, tmp_path: Path) -> None:
    """Where one side has nothing left to compare with, a package is not changed."""
    same, gone = node("zlib", version="1.3"), node("zlib", version="1.2")
    answer = two(load, tmp_path, [same, gone], [same])
    assert (answer["kept"], titles(answer["removed"])) == (1, ["zlib@1.2"])
    assert answer["changed"] == answer["added"] == answer["rebuilt"] == []


def test_two_rebuilt_as_one(load: Load, tmp_path: Path) -> None:
    """One of two goes on as the one there is now, and the other is gone."""
    left = [node("zlib", package_hash=f"{recipe}====") for recipe in ("a", "b")]
    answer = two(load, tmp_path, left, [node("zlib", package_hash="c====")])
    assert (len(answer["rebuilt"]), titles(answer["removed"])) == (1, ["zlib@1.0"])
    assert answer["changed"] == answer["added"] == []


def test_a_stack_with_itself_under_another_name(load: Load, tmp_path: Path) -> None:
    zlib = node("zlib")
    nodes = [node("app", needs(zlib)), zlib]
    answer = two(load, tmp_path, nodes, nodes)
    assert answer["kept"] == 2
    assert answer["added"] == answer["removed"] == answer["changed"] == answer["rebuilt"] == []


def test_misspelt_stack(load: Load, tmp_path: Path) -> None:
    graph = load(write(tmp_path / "left" / "spack.lock", lock(node("zlib"))))
    with pytest.raises(cachegraph.NotFoundError, match="no stack lefd"):
        graph.diff("left", "lefd")
    with pytest.raises(cachegraph.NotFoundError, match="no stack or release locl") as caught:
        graph.diff("local", "locl")
    assert caught.value.hint == "list them: cachegraph stacks, or did you mean the release local?"


# Real files -----------------------------------------------------------------------------------

HERE = [pair for pair in PAIRS if here(pair.left, pair.right)]


@pytest.mark.slow
@pytest.mark.parametrize("pair", HERE, ids=lambda pair: f"{pair.left} {pair.right}")
def test_pairs_as_the_oracle(pair: Pair) -> None:
    graph = cachegraph.open(":memory:")
    answer = ask(graph, *both(graph, pair.left, pair.right))
    left, right = held(pair.left).members, held(pair.right).members
    world = World.of(read(pair.left), read(pair.right))
    assert counts(answer) == diff(world, left, right)
    assert hashes(answer, "removed", "from") == left - right
    assert hashes(answer, "added", "to") == right - left
    for row in islice(answer["rebuilt"], AT_MOST):
        causes = map(told_of, why(world, row["from"], row["to"]))
        assert values(row["causes"]) == values(causes), (row["from"], row["to"])


def counts(answer: Any) -> Counts:
    """How many of each kind an answer has."""
    removed, added, rebuilt = (len(answer[name]) for name in ("removed", "added", "rebuilt"))
    changed = {row["package"]: (len(row["from"]), len(row["to"])) for row in answer["changed"]}
    return Counts(answer["kept"], removed, added, rebuilt, changed)


def hashes(answer: Any, only: str, side: str) -> set[str]:
    """All hashes of one side that the other has not, each told once."""
    found = [row["hash"] for row in answer[only]]
    found += [row["hash"] for changed in answer["changed"] for row in changed[side]]
    found += [row[side] for row in answer["rebuilt"]]
    assert len(found) == len({*found})
    return {*found}

"""Specs whose package the site's file does not tell: equal to no other, in every store."""

from pathlib import Path
from typing import Any

import pytest

import cachegraph
from tests.conftest import Load
from tests.support.corpus import dag_hash, write


def entry(name: str, version: str, stacks: str, *needs: tuple[str, str]) -> dict[str, Any]:
    """A spec of the site; ``needs`` are names and short hashes of what it links."""
    return {
        "hash": dag_hash(name),
        "version": version,
        "variants": ["+shared", "build_system=cmake"],
        "platform": "linux",
        "os": "ubuntu22.04",
        "target": "x86_64_v3",
        "dependencies": [
            {
                "name": package,
                "hash": dag_hash(child),
                "parameters": {"deptypes": ["link"], "virtuals": []},
            }
            for package, child in needs
        ],
        "stacks": [*stacks],
        "releases": ["develop"],
    }


# Nothing depends on xa, xb and xc: their packages are in the other file.
SPECS = (
    entry("za", "1.3", "lr"),
    entry("zb", "1.3", "r"),
    entry("xa", "2.0", "l", ("zlib", "za")),
    entry("xb", "2.0", "r", ("zlib", "za")),
    entry("xc", "2.0", "lr", ("zlib", "zb")),
)
PACKAGES = {
    "curl": {"uid": "curl", "specs": {"develop": [dag_hash("xa"), dag_hash("xb")]}},
    "hdf5": {"uid": "hdf5", "specs": {"develop": [dag_hash("xc")]}},
}


@pytest.fixture
def specs_data(tmp_path: Path) -> Path:
    return write(tmp_path / "api" / "specs_data.json.gz", {one["hash"]: one for one in SPECS})


@pytest.fixture
def alone(load: Load, specs_data: Path) -> cachegraph.Graph:
    return load(specs_data)


@pytest.fixture
def both(load: Load, specs_data: Path) -> cachegraph.Graph:
    write(specs_data.with_name("package_data.json.gz"), PACKAGES)
    return load(specs_data)


def counts(levels: Any) -> dict[str, tuple[int, int]]:
    return {name: (level["shared"], level["union"]) for name, level in levels.items()}


def test_overlap(alone: cachegraph.Graph) -> None:
    answer = alone.overlap("l", "r")
    assert counts(answer["levels"]) == {
        "hash": (2, 5),
        "alike": (1, 1),
        "spec": (1, 1),
        "version": (1, 1),
        "package": (1, 1),
    }
    assert [spec["hash"] for spec in answer["shared"]] == [dag_hash("xc"), dag_hash("za")]
    assert answer["apart"] == []


def test_overlap_with_packages(both: cachegraph.Graph) -> None:
    answer = both.overlap("l", "r")
    assert counts(answer["levels"]) == {
        "hash": (2, 5),
        "alike": (3, 3),
        "spec": (3, 3),
        "version": (3, 3),
        "package": (3, 3),
    }
    assert [(row["package"], row["version"]) for row in answer["apart"]] == [("curl", "2.0")]


@pytest.mark.parametrize(
    ("level", "shared"),
    [("hash", [[3, 2], [2, 4]]), ("version", [[1, 1], [1, 1]]), ("alike", [[1, 1], [1, 1]])],
)
def test_matrix(alone: cachegraph.Graph, level: str, shared: list[list[int]]) -> None:
    answer = alone.matrix(level=level)
    assert answer["stacks"] == ["develop/l", "develop/r"]
    assert answer["shared"] == shared


def test_near_duplicates(alone: cachegraph.Graph) -> None:
    (group,) = alone.duplicates()["groups"]
    assert group["hashes"] == [dag_hash("za"), dag_hash("zb")]


def test_near_duplicates_with_packages(both: cachegraph.Graph) -> None:
    groups = both.duplicates()["groups"]
    assert [(group["package"], group["hashes"]) for group in groups] == [
        ("curl", [dag_hash("xa"), dag_hash("xb")]),
        ("zlib", [dag_hash("za"), dag_hash("zb")]),
    ]


def test_unique_and_shared(alone: cachegraph.Graph) -> None:
    assert [spec["hash"] for spec in alone.unique("l")["specs"]] == [dag_hash("xa")]
    assert [spec["hash"] for spec in alone.shared()["specs"]] == [dag_hash("xc"), dag_hash("za")]
    assert [row["package"] for row in alone.shared(level="package")["specs"]] == ["zlib"]


def test_diff(both: cachegraph.Graph) -> None:
    answer = both.diff("l", "r")
    assert answer["kept"] == 2
    assert [row["package"] for row in answer["rebuilt"]] == ["curl"]


def test_diff_of_unknown_packages(alone: cachegraph.Graph) -> None:
    answer = alone.diff("l", "r")
    assert answer["kept"] == 2
    assert [row["hash"] for row in answer["removed"]] == [dag_hash("xa")]
    assert [row["hash"] for row in answer["added"]] == [dag_hash("xb"), dag_hash("zb")]


def test_what_depends_on_it(alone: cachegraph.Graph) -> None:
    found = alone.dependents("zlib")["specs"]
    assert {spec["hash"] for spec in found} == {dag_hash(name) for name in ("xa", "xb", "xc")}
    affected = alone.affected("zlib")
    assert [row["key"] for row in affected["stacks"]] == ["develop/l", "develop/r"]


def test_the_card(alone: cachegraph.Graph) -> None:
    (card,) = alone.show("/xa")["specs"]
    assert "package" not in card
    assert card["version"] == "2.0"
    assert card["variants"] == ["build_system=cmake", "+shared"]
    assert card["stacks"] == ["develop/l"]
    (needed,) = card["dependencies"]
    assert (needed["package"], needed["hash"], needed["deptypes"]) == (
        "zlib",
        dag_hash("za"),
        ["link"],
    )
    (source,) = card["sources"]
    assert source["format"] == "site data"


@pytest.mark.parametrize("pattern", ["@2.0+shared", "@1.3:", "^zlib@1.3", "target=x86_64_v3"])
def test_find(both: cachegraph.Graph, pattern: str) -> None:
    names = {"@1.3:": "za zb xa xb xc", "target=x86_64_v3": "za zb xa xb xc"}
    expected = names.get(pattern, "xa xb xc").split()
    assert {spec["hash"] for spec in both.find(pattern)["specs"]} == {*map(dag_hash, expected)}


@pytest.mark.parametrize("pattern", ["@2.0+shared", "@1.3:", "^zlib@1.3", "target=x86_64_v3"])
def test_specs_of_unknown_packages_are_found_by_hash(alone: cachegraph.Graph, pattern: str) -> None:
    expected = ["za", "zb"] if pattern in ("@1.3:", "target=x86_64_v3") else []
    assert {spec["hash"] for spec in alone.find(pattern)["specs"]} == {*map(dag_hash, expected)}
    (found,) = alone.find("/xa")["specs"]
    assert found["version"] == "2.0"


def test_verify_and_coverage(alone: cachegraph.Graph) -> None:
    (source,) = alone.verify()["sources"]
    assert (source["specs"], source["unknown"], source["dangling"]) == (5, 5, 0)
    assert alone.verify()["problems"] == []
    assert alone.coverage()["rows"] == ["zlib"]

"""For what packages are there: answers worked out by hand, the same on every store."""

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import cachegraph
from cachegraph.cli import cli
from tests.conformance.test_random import caches, normal
from tests.conftest import Load
from tests.support.corpus import lock, node, page, spec, write, write_page
from tests.support.sample import PAGES

AARCH64 = {"target": "aarch64", "os": "sles15"}
PYTHON = {"compiler": "none"}


@pytest.fixture
def tiny(load_once: Load, module_path: Path) -> cachegraph.Graph:
    """Two stacks, and what is in the root alone.

    =======  =========  ==========  ====  =====
    spec     target     compiler    left  right
    =======  =========  ==========  ====  =====
    zlib za  x86_64_v3  gcc@11.4.0  x     x
    zlib zb  x86_64_v3  gcc@13.2.0  x
    zlib zc  zen3       gcc@11.4.0        x
    hdf5 ha  x86_64_v3  gcc@11.4.0  x
    curl ca  aarch64    none              x
    six  sa  x86_64_v3  none        x
    six  sb  x86_64_v3  gcc@11.4.0  x
    perl pa  m1         gcc@11.4.0
    =======  =========  ==========  ====  =====
    """
    pages = {
        "zlib": [
            spec("za", "left", "right"),
            spec("zb", "left", compiler="gcc@=13.2.0"),
            spec("zc", "right", target="zen3"),
        ],
        "hdf5": [spec("ha", "left")],
        "curl": [spec("ca", "right", **AARCH64, **PYTHON)],
        "six": [spec("sa", "left", **PYTHON), spec("sb", "left")],
        "perl": [spec("pa", target="m1")],
    }
    for package, specs in pages.items():
        write_page(module_path, package, specs)
    return load_once(module_path)


@pytest.mark.newest
def test_by_target_the_most_holes_first(tiny: cachegraph.Graph) -> None:
    assert tiny.coverage() == {
        "question": "coverage",
        "scope": {
            "text": "in develop: 2 stacks",
            "releases": ["develop"],
            "stacks": 2,
            "everything": False,
        },
        "by": "target",
        "stacks": ["develop/left", "develop/right"],
        "columns": ["aarch64", "x86_64_v3", "zen3"],
        "rows": ["curl", "hdf5", "six", "zlib"],
        # za is in both stacks, and one spec.
        "cells": [[1, 0, 0], [0, 1, 0], [0, 2, 0], [0, 2, 1]],
        "holes": 7,
        "unknown": [],
    }


def test_none_is_no_column_and_no_hole(tiny: cachegraph.Graph) -> None:
    answer = tiny.coverage(by="compiler")
    assert answer["columns"] == ["gcc@11.4.0", "gcc@13.2.0"]
    # curl has no compiler at all, so it is not missing for any.
    assert answer["rows"] == ["hdf5", "six", "zlib"]
    assert answer["cells"] == [[1, 0], [1, 0], [2, 1]]
    assert answer["holes"] == 2
    assert answer["unknown"] == [{"package": "curl", "specs": 1}, {"package": "six", "specs": 1}]


@pytest.mark.parametrize(
    ("by", "columns", "cells"),
    [
        # curl, hdf5, six, zlib, the most holes first and then by name
        ("stack", ["develop/left", "develop/right"], [[0, 1], [1, 0], [2, 0], [2, 2]]),
        ("os", ["sles15", "ubuntu22.04"], [[1, 0], [0, 1], [0, 2], [0, 3]]),
        ("platform", ["linux"], [[1], [1], [2], [3]]),
    ],
)
def test_by_other_things(
    tiny: cachegraph.Graph, by: str, columns: list[str], cells: list[list[int]]
) -> None:
    answer = tiny.coverage(by=by)
    assert (answer["columns"], answer["cells"]) == (columns, cells)
    assert answer["rows"] == ["curl", "hdf5", "six", "zlib"]


def test_packages_keep_the_columns_of_all(tiny: cachegraph.Graph) -> None:
    answer = tiny.coverage("zlib", "curl", stacks=["right"])
    assert answer["stacks"] == ["develop/right"]
    assert answer["columns"] == ["aarch64", "x86_64_v3", "zen3"]
    assert (answer["rows"], answer["cells"]) == (["curl", "zlib"], [[1, 0, 0], [0, 1, 1]])
    answer = tiny.coverage("perl", stacks=["root"])
    assert answer["columns"] == ["aarch64", "m1", "x86_64_v3", "zen3"]


def test_a_package_that_no_chosen_stack_holds(tiny: cachegraph.Graph) -> None:
    answer = tiny.coverage("six", "perl", stacks=["right"])
    assert (answer["rows"], answer["cells"], answer["holes"]) == ([], [], 0)
    assert answer["notes"] == [
        "none of the stacks holds six",
        "none of the stacks holds perl",
        "nothing in develop/right, but something in develop: ask there with --release, or "
        "--all-releases",
    ]
    assert answer["scope"]["elsewhere"] == ["develop"]


def test_a_group_of_a_stack(load: Load, tmp_path: Path) -> None:
    zlib = node("zlib")
    roots = [{"hash": zlib["hash"], "spec": "zlib", "group": "cpu"}]
    file = lock(zlib, node("curl"), version=7, roots=roots)
    write(tmp_path / "develop" / "ml" / "spack.lock", file)
    graph = load(tmp_path)
    assert graph.coverage(by="stack")["rows"] == ["curl", "zlib"]
    answer = graph.coverage(by="stack", stacks=["ml-cpu"])
    assert (answer["rows"], answer["columns"]) == (["zlib"], ["develop/ml-cpu"])
    assert "answered for the group" in answer["notes"][0]


def test_without_runtime(load: Load, tmp_path: Path) -> None:
    write(tmp_path / "spack.lock", lock(node("zlib"), node("gcc-runtime")))
    graph = load(tmp_path)
    assert graph.coverage(ignore_runtime=True)["rows"] == ["zlib"]
    assert graph.coverage()["rows"] == ["gcc-runtime", "zlib"]


def test_real_pages(sample: cachegraph.Graph) -> None:
    answer = sample.coverage(stacks=["root"])
    # The numbers of specs of the pages, and the targets that they have.
    assert dict(zip(answer["rows"], map(sum, answer["cells"]), strict=True)) == {
        "py-pyproject-hooks": 93,
        "py-ml-dtypes": 129,
        "py-mpi4py": 91,
        "py-pdm-backend": 77,
    }
    assert answer["columns"] == ["aarch64", "neoverse_v1", "neoverse_v2", "x86_64_v3"]
    zeros = [[count == 0 for count in row] for row in answer["cells"]]
    assert zeros == [
        [False, True, True, False],
        [False, False, True, False],
        [False, True, False, False],
        [False, True, False, False],
    ]
    assert answer["holes"] == 5


@given(cache=caches, by=st.sampled_from(["target", "os", "compiler"]))
def test_against_counting(cache: dict[str, list[dict[str, Any]]], by: str) -> None:
    unique: dict[str, dict[str, Any]] = {}
    for package, specs in cache.items():
        for entry in specs:
            unique.setdefault(entry["hash"], normal(entry, package))
    chosen = [one for one in unique.values() if {*one["stacks"]} - {"root"}]
    counts = Counter((one["package"], one[by]) for one in chosen)
    with TemporaryDirectory() as folder, cachegraph.open(":memory:") as graph:
        for package, specs in cache.items():
            kept = {e["hash"]: e for e in specs if unique[e["hash"]]["package"] == package}
            first = {h: next(e for e in specs if e["hash"] == h) for h in kept}
            (Path(folder) / f"{package}.md").write_text(page(package, first.values()))
        graph.import_(folder)
        answer = graph.coverage(by=by)
    found = {
        (package, value): count
        for package, cells in zip(answer["rows"], answer["cells"], strict=True)
        for value, count in zip(answer["columns"], cells, strict=True)
        if count
    }
    found |= {(row["package"], "none"): row["specs"] for row in answer["unknown"]}
    assert found == dict(counts)
    holes = [cells.count(0) for cells in answer["cells"]]
    assert holes == sorted(holes, reverse=True)
    assert answer["holes"] == sum(holes)


@pytest.mark.parametrize(
    ("packages", "asked", "said", "hint"),
    [
        (("zlbi",), {}, "no package zlbi", "did you mean zlib?"),
        ((), {"stacks": ["lefty"]}, "no stack lefty", "did you mean left?"),
        (
            (),
            {"by": "hash"},
            "no coverage by hash",
            "it is by target, os, compiler,",
        ),
    ],
)
def test_names_that_are_not_there(
    tiny: cachegraph.Graph, packages: tuple[str, ...], asked: dict[str, Any], said: str, hint: str
) -> None:
    with pytest.raises(cachegraph.CacheGraphError, match=said) as caught:
        tiny.coverage(*packages, **asked)
    assert (caught.value.hint or "").startswith(hint)


def test_one_row_for_a_package_in_tsv(tmp_path: Path) -> None:
    store = tmp_path / "graph.db"
    cachegraph.open(store).import_(PAGES)
    words = ["coverage", "--by", "compiler", "--in", "e4s", "--store", str(store)]
    result = CliRunner().invoke(cli, words)
    assert result.stdout == (
        "package\tholes\tgcc@11.4.0\npy-ml-dtypes\t0\t22\npy-mpi4py\t0\t23\npy-pdm-backend\t0\t7\n"
    )
    assert CliRunner().invoke(cli, [*words, "--exit-code"]).exit_code == 0
    assert CliRunner().invoke(cli, ["coverage", "--exit-code", *words[-2:]]).exit_code == 1

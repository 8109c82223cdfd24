"""``--only``: documents are picked by their names before they are read."""

from pathlib import Path

import pytest

import cachegraph
from tests.support.corpus import index, lock, node, spec, spec_file, view, write, write_page

ZLIB = node("zlib")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Lock files of two releases, one by another name, an index, and what is no document."""
    for path in ("23.05/cuda", "24.11/cuda", "24.11/rocm", "alone"):
        write(tmp_path / path / "spack.lock", lock(ZLIB))
        (tmp_path / path / "spack.yaml").write_text("spack:\n  specs: [zlib]\n")
    write(tmp_path / "24.11" / "mpi.lock.gz", lock(ZLIB))
    write(tmp_path / "24.11" / "one.spec.json", spec_file(ZLIB))
    write(tmp_path / "cached" / "index.json", index(ZLIB))
    (tmp_path / "24.11" / "README").write_text("Not a document.\n")
    return tmp_path


def stacks(*locations: Path, only: list[str], release: str | None = None) -> set[str]:
    graph = cachegraph.open(":memory:")
    summary = graph.import_(*locations, only=only, release=release)
    assert summary.warnings == []
    return {row["key"] for row in graph.stacks()["stacks"]}


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (["23.05"], {"23.05/cuda"}),
        (["24.11"], {"24.11/cuda", "24.11/rocm", "24.11/mpi", "24.11/one"}),
        (["24.11/*"], {"24.11/cuda", "24.11/rocm", "24.11/mpi", "24.11/one"}),
        (["cuda"], {"23.05/cuda", "24.11/cuda"}),
        (["*/cuda", "24.11/r*"], {"23.05/cuda", "24.11/cuda", "24.11/rocm"}),
        (["local"], {"local/alone", "local/cached"}),
        (["cached", "mpi"], {"local/cached", "24.11/mpi"}),
    ],
)
def test_of_a_folder(folder: Path, only: list[str], expected: set[str]) -> None:
    assert stacks(folder, only=only) == expected


def test_files_by_themselves(folder: Path) -> None:
    paths = [folder / "24.11" / name / "spack.lock" for name in ("cuda", "rocm")]
    assert stacks(*paths, only=["rocm"]) == {"local/rocm"}


def test_the_release_that_the_user_names(folder: Path) -> None:
    path = folder / "alone" / "spack.lock"
    for pattern in ("mine", "mine/alone", "local/alone"):
        assert stacks(path, only=[pattern], release="mine") == {"mine/alone"}


def test_views_of_a_build_cache(tmp_path: Path) -> None:
    view(tmp_path / "m", ZLIB)
    view(tmp_path / "m", ZLIB, name="e4s")
    assert stacks(tmp_path / "m", only=["e4s"]) == {"local/e4s"}


def test_pages_stay(folder: Path) -> None:
    """Their stacks are known only when they are read."""
    write_page(folder, "zlib", [spec("a", "e4s")])
    found = stacks(folder, only=["23.05"])
    assert found == {"23.05/cuda", "develop/e4s", "develop/root"}


def test_what_is_not_there(folder: Path) -> None:
    with pytest.raises(cachegraph.UsageError, match=r"nothing fits --only 24\.12") as caught:
        stacks(folder, only=["24.12"])
    assert caught.value.hint == (
        "there are 23.05/cuda, 24.11/cuda, 24.11/mpi, 24.11/one, 24.11/rocm, "
        "local/alone, local/cached"
    )

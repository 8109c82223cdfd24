"""Folders within folders, and names that are no UTF-8."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import cachegraph
from tests.support.corpus import layout_2, lock, node, page, spec, write

DEEP = 1900
ZLIB, CURL = node("zlib"), node("curl")


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A folder whose name is too long to write at once: 1,900 folders within each other."""
    top, before = tmp_path / "top", Path.cwd()
    top.mkdir()
    os.chdir(top)
    for _ in range(DEEP):
        Path("d").mkdir()
        os.chdir("d")
    Path("spack.lock").write_text(json.dumps(lock(CURL)))
    os.chdir(before)
    yield top
    subprocess.run(["rm", "-rf", tmp_path], check=True)  # Python calls too many functions


def test_folders_nested_deeply(deep: Path) -> None:
    write(deep / "a" / "spack.lock", lock(ZLIB))
    summary = cachegraph.open(":memory:").import_(deep)
    assert (summary.specs, summary.warnings) == (2, [])


def test_build_cache_with_folders_nested_deeply(deep: Path) -> None:
    layout_2(deep.parent, ZLIB)
    deep.rename(deep.parent / "build_cache" / "top")
    summary = cachegraph.open(":memory:").import_(deep.parent)
    assert (summary.specs, summary.warnings) == (1, [])


@pytest.mark.parametrize("store", [":memory:", "graph.db", "\udcff.db"])
def test_names_that_are_no_utf_8(tmp_path: Path, store: str) -> None:
    """They are spelled out where they name a stack, a release or a document."""
    write(tmp_path / "x\udcff" / "\udcfe" / "spack.lock", lock(ZLIB))
    text = page("curl", [spec("a", "e4s")]).replace("categories: [package, develop]\n", "")
    write(tmp_path / "_cache" / "\udcff" / "curl" / "specs.md", text.encode())
    graph = cachegraph.open(store if store == ":memory:" else tmp_path / store)
    assert graph.import_(tmp_path / "x\udcff").warnings == []
    assert graph.import_(tmp_path / "_cache").warnings == []
    graph.import_(tmp_path / "x\udcff" / "\udcfe" / "spack.lock", release="\ud800", stack="a\udcff")
    keys = [one["key"] for one in graph.stacks()["stacks"]]
    assert keys == [r"\ud800/a\udcff", r"\udcff/e4s", r"\udcff/root", r"local/\udcfe"]
    documents = graph.info(documents=True)["documents"]
    assert any(one["location"].endswith(r"x\udcff/\udcfe/spack.lock") for one in documents)
    assert graph.verify()["sources"]

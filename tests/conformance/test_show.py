"""The provenance card, the same on every store."""

import re
from pathlib import Path

import pytest

import cachegraph
from tests.conftest import Load
from tests.support.corpus import (
    NEWER,
    dag_hash,
    lock,
    needs,
    node,
    spec,
    tiny_cache,
    write,
    write_page,
)


@pytest.fixture
def tiny(load: Load, tmp_path: Path) -> cachegraph.Graph:
    return load(tiny_cache(tmp_path / "site"))


@pytest.mark.parametrize("text", ["/za", "/ZA", "zlib/za", dag_hash("za")[:7], dag_hash("za")])
def test_spec_by_prefix(tiny: cachegraph.Graph, text: str) -> None:
    (card,) = tiny.show(text)["specs"]
    assert card["hash"] == dag_hash("za")
    assert card["stacks"] == [f"develop/{name}" for name in ("aux", "left", "right", "root")]
    assert card["roots"] == []
    assert card["dependencies"] == []
    assert card["dependents"] == 0
    assert [source["format"] for source in card["sources"]] == ["page"]
    assert card["sources"][0]["location"].endswith("_cache/develop/zlib/specs.md")
    assert card["sources"][0]["specs"] == 4
    assert re.fullmatch("[0-9a-f]{64}", card["sources"][0]["digest"])
    assert "flags" not in card
    assert "verified" not in card


def test_ambiguous_prefix_lists_the_candidates(tiny: cachegraph.Graph) -> None:
    with pytest.raises(cachegraph.AmbiguousHashError) as caught:
        tiny.show("/z")
    assert "fits 4 specs" in str(caught.value)
    assert "/zaxxxxx zlib@1.0" in str(caught.value)


@pytest.mark.parametrize("text", ["/q", "/", "za", "zlib/ha", "zlob/za", "nothing-of-the-kind"])
def test_no_such_spec(tiny: cachegraph.Graph, text: str) -> None:
    with pytest.raises(cachegraph.NotFoundError):
        tiny.show(text)


def test_misspelt_package(tiny: cachegraph.Graph) -> None:
    with pytest.raises(cachegraph.NotFoundError) as caught:
        tiny.show("hdf6")
    assert caught.value.hint == "did you mean hdf5?"


@pytest.mark.newest
def test_package(load: Load, tmp_path: Path) -> None:
    write_page(
        tmp_path,
        "zlib",
        [spec("a", "e4s"), spec("b", "e4s", "hep", **NEWER), spec("c", compiler="none")],
    )
    (card,) = load(tmp_path).show("zlib")["packages"]
    assert [spec["hash"][:1] for spec in card["specs"]] == ["a", "b", "c"]
    package = {name: value for name, value in card.items() if name != "specs"}
    assert package == {
        "name": "zlib",
        "versions": ["1.0"],
        "compilers": ["gcc@11.4.0", "gcc@13.2.0"],
        "operating_systems": ["ubuntu22.04", "ubuntu24.04"],
        "platforms": ["linux"],
        "targets": ["x86_64_v3"],
        "stacks": ["develop/e4s", "develop/hep", "develop/root"],
        "specs_by_stack": {"develop/e4s": 2, "develop/hep": 1, "develop/root": 3},
    }


def test_real_package_shows_what_its_page_sums_up(sample: cachegraph.Graph) -> None:
    (package,) = sample.show("py-mpi4py")["packages"]
    assert package["versions"] == ["3.1.6", "4.0.1"]
    assert package["targets"] == ["aarch64", "neoverse_v2", "x86_64_v3"]
    assert package["specs_by_stack"]["develop/e4s"] == 23
    assert package["specs_by_stack"]["develop/root"] == len(package["specs"]) == 91


def test_requests_of_a_root(load: Load, tmp_path: Path) -> None:
    zlib = node("zlib")
    curl = node("curl", needs(zlib))
    roots = [{"hash": curl["hash"], "spec": "curl@8:"}, {"hash": curl["hash"], "spec": "curl"}]
    first = write(tmp_path / "a" / "spack.lock", {**lock(curl, zlib), "roots": roots})
    graph = load(first, write(tmp_path / "b" / "spack.lock", lock(curl, zlib)))
    (card,) = graph.show("curl")["specs"]
    assert card["roots"] == ["local/a", "local/b"]
    assert card["requests"] == ["curl", "curl@8:"]
    (card,) = graph.show("zlib")["specs"]
    assert (card["roots"], card["requests"], card["dependents"]) == ([], [], 1)

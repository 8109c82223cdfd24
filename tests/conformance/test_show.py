"""The provenance card, the same on every store."""

import re
from pathlib import Path

import pytest

import cachegraph
from cachegraph.questions import question_class
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
def tiny(load_once: Load, module_path: Path) -> cachegraph.Graph:
    return load_once(tiny_cache(module_path / "site"))


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


def _facts(graph: cachegraph.Graph, hash_: str) -> dict[str, str]:
    """The facts of the table of a spec."""
    answer = graph.show(f"/{hash_}")
    spec_table = next(iter(question_class("show")(spec="").tables(answer)))
    return {str(row[0]): str(row[1]) for row in spec_table.rows}


def test_whether_it_was_built_and_proved_reads_as_sentences(load: Load, tmp_path: Path) -> None:
    built, other = node("zlib"), {**node("curl"), "hash": "a" * 32}
    external = node("cmake", external={"path": "/usr", "module": None})
    write_page(tmp_path / "site", "hdf5", [spec("ha", "e4s")])
    path = write(tmp_path / "env" / "spack.lock", lock(built, other, external))
    graph = load(path, tmp_path / "site")
    equal = "the hash was recomputed from the source and is equal"
    facts = [_facts(graph, one["hash"]) for one in (built, external, other)]
    assert [one["external"] for one in facts] == [
        "built by Spack, not external",
        "external, not built by Spack",
        "built by Spack, not external",
    ]
    gives = f"/{node('curl')['hash']}"
    differs = f"the hash was recomputed from the source and differs: gives {gives}"
    assert [one["verified"] for one in facts] == [equal, equal, differs]
    assert all("recomputed" not in one for one in facts)
    paged = _facts(graph, dag_hash("ha"))
    assert paged["verified"] == "the hash cannot be recomputed: pages do not hold enough"
    assert "external" not in paged
    (card,) = graph.show(f"/{other['hash']}")["specs"]
    assert (card["external"], card["verified"]) == (False, False)
    assert f"/{card['recomputed']}" == gives

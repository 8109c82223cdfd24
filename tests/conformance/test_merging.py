"""The laws of merging: what is true after several imports, whatever their order."""

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from cachegraph.model.schema import SPEC
from tests.support.corpus import dag_hash, spec, write_page
from tests.support.sample import PAGES


def everything(graph: cachegraph.Graph) -> tuple[dict[str, Any], set[Any]]:
    """All nodes with their properties, but for the time of import; and all relationships."""
    copy = graph.networkx()
    nodes = {
        name: {key: value for key, value in data.items() if key != "imported_at"}
        for name, data in copy.nodes(data=True)
    }
    return nodes, set(copy.edges(keys=True))


def test_importing_again_changes_nothing(graph: cachegraph.Graph) -> None:
    graph.import_(PAGES)
    before = graph.networkx()
    summary = graph.import_(PAGES)
    after = graph.networkx()
    assert [*after.nodes(data=True)] == [*before.nodes(data=True)]
    assert set(after.edges(keys=True)) == set(before.edges(keys=True))
    assert summary.specs == 390
    assert summary.kept == summary.conflicts == 0


def test_sources_that_agree_come_in_any_order(tmp_path: Path) -> None:
    pages = [
        write_page(tmp_path / "1", "zlib", [spec("a", "e4s"), spec("b", "hep")]),
        write_page(tmp_path / "2", "zlib", [spec("b", "e4s")], tag="develop-2024-03-17"),
        write_page(tmp_path / "3", "curl", [spec("c", "e4s", compiler="none")]),
    ]
    for location in (":memory:", tmp_path / "graph.db"):
        found = []
        for number, order in enumerate(permutations(pages)):
            store = location if location == ":memory:" else tmp_path / f"{number}.db"
            graph = cachegraph.open(store)
            for path in order:
                graph.import_(path)
            found.append(everything(graph))
        assert all(other == found[0] for other in found)


def test_one_hash_in_two_releases_is_one_spec(graph: cachegraph.Graph, tmp_path: Path) -> None:
    write_page(tmp_path, "zlib", [spec("a", "e4s")])
    write_page(tmp_path, "zlib", [spec("a", "hep")], tag="v0.23.0")
    summary = graph.import_(tmp_path)
    assert (summary.specs, summary.memberships, summary.conflicts) == (1, 4, 0)
    assert graph.show("/a")["specs"][0]["stacks"] == [
        "develop/e4s",
        "develop/root",
        "v0.23.0/hep",
        "v0.23.0/root",
    ]


def test_an_absent_value_erases_nothing(graph: cachegraph.Graph, tmp_path: Path) -> None:
    full = write_page(tmp_path / "1", "zlib", [spec("a")])
    bare = write_page(tmp_path / "2", "zlib", [spec("a", compiler="-", os="-", target="-")])
    for order in ((full, bare), (bare, full)):
        for path in order:
            graph.import_(path)
        (card,) = graph.show("/a")["specs"]
        assert (card["compiler"], card["os"], card["target"]) == (
            "gcc@11.4.0",
            "ubuntu22.04",
            "x86_64_v3",
        )
        assert graph.stats()["relationships"]["BUILT_WITH"] == 1


def test_what_was_absent_is_filled_in(graph: cachegraph.Graph, tmp_path: Path) -> None:
    graph.import_(write_page(tmp_path / "1", "zlib", [spec("a", os="-")]))
    before = graph.show("/a")["specs"][0]
    assert "os" not in before
    assert graph.stats()["relationships"]["RUNS_ON"] == 0
    graph.import_(write_page(tmp_path / "2", "zlib", [spec("a")]))
    after = graph.show("/a")["specs"][0]
    assert after["os"] == "ubuntu22.04"
    assert after["alike"] != before["alike"]
    assert graph.stats()["relationships"]["RUNS_ON"] == 1


def test_same_hash_with_other_contents_keeps_the_first(
    graph: cachegraph.Graph, tmp_path: Path
) -> None:
    graph.import_(write_page(tmp_path / "1", "zlib", [spec("a", "e4s")]))
    second = write_page(tmp_path / "2", "zlib", [spec("a", "hep", compiler="gcc@99.0.0")])
    summary = graph.import_(second, add=True)
    assert summary.conflicts == 1
    (warning,) = summary.warnings
    assert f"/{dag_hash('a')}" in warning
    assert "compiler gcc@99.0.0, in the graph gcc@11.4.0" in warning
    (card,) = graph.show("/a")["specs"]
    assert card["compiler"] == "gcc@11.4.0"
    # Where it was seen goes in all the same; what it is said to be leaves no trace.
    assert card["stacks"] == ["develop/e4s", "develop/hep", "develop/root"]
    assert [source["conflicts"] for source in card["sources"]] == [0, 1]
    assert graph.stats()["nodes"]["Compiler"] == 1


def test_conflict_within_one_page(graph: cachegraph.Graph, tmp_path: Path) -> None:
    page = write_page(tmp_path, "zlib", [spec("a"), spec("a", os="sles15"), spec("b")])
    summary = graph.import_(page)
    assert (summary.specs, summary.conflicts, len(summary.warnings)) == (2, 1, 1)
    assert graph.show("/a")["specs"][0]["os"] == "ubuntu22.04"


def test_the_first_on_a_page_is_kept(graph: cachegraph.Graph, tmp_path: Path) -> None:
    # What the second record of a says was said before, of another spec.
    entries = [spec("b", os="sles15"), spec("a"), spec("a", os="sles15")]
    summary = graph.import_(write_page(tmp_path, "zlib", entries))
    assert summary.conflicts == 1
    assert graph.show("/a")["specs"][0]["os"] == "ubuntu22.04"


@pytest.mark.parametrize("variants", [["patches:=8f2c1ab,0b5faa9"], ["patches=0b5faa9,8f2c1ab"]])
def test_spellings_of_one_spec_agree(
    graph: cachegraph.Graph, tmp_path: Path, variants: list[str]
) -> None:
    old = spec("a", compiler="gcc@=11.4.0", variants=["patches=0b5faa9,8f2c1ab"])
    graph.import_(write_page(tmp_path / "1", "zlib", [old]))
    graph.import_(write_page(tmp_path / "2", "zlib", [spec("a", variants=variants)]))
    (card,) = graph.show("/a")["specs"]
    assert card["variants"] == ["patches=0b5faa9,8f2c1ab"]
    assert graph.stats()["nodes"]["Compiler"] == 1


class TestReplace:
    """A page holds its package in its release in full."""

    def test_add_keeps_members_and_counts_them(
        self, graph: cachegraph.Graph, tmp_path: Path
    ) -> None:
        graph.import_(write_page(tmp_path / "1", "zlib", [spec("a", "e4s"), spec("b", "e4s")]))
        page = write_page(tmp_path / "2", "zlib", [spec("a", "hep")])
        summary = graph.import_(page, add=True)
        # b in e4s and root, a in e4s
        assert (summary.kept, summary.removed) == (3, 0)
        assert graph.stats()["relationships"]["IN_STACK"] == 5

    def test_stacks_become_what_the_page_holds(
        self, graph: cachegraph.Graph, tmp_path: Path
    ) -> None:
        new = spec("b", "hep", compiler="gcc@9.4.0")
        graph.import_(write_page(tmp_path / "1", "zlib", [spec("a", "e4s"), new]))
        graph.import_(write_page(tmp_path / "1", "curl", [spec("c", "e4s")]))
        summary = graph.import_(write_page(tmp_path / "2", "zlib", [spec("a", "hep")]))
        assert (summary.kept, summary.removed) == (0, 3)
        sizes = {row["key"]: row["specs"] for row in graph.stacks()["stacks"]}
        assert sizes == {"develop/e4s": 1, "develop/hep": 1, "develop/root": 2}
        # b was in no other stack: it leaves, and its compiler with it.
        assert graph.stats()["nodes"]["Spec"] == 2
        assert graph.stats()["nodes"]["Compiler"] == 1
        with pytest.raises(cachegraph.NotFoundError):
            graph.show("/b")

    def test_what_another_release_holds_stays(
        self, graph: cachegraph.Graph, tmp_path: Path
    ) -> None:
        graph.import_(write_page(tmp_path / "1", "zlib", [spec("a", "e4s")], tag="v0.23.0"))
        graph.import_(write_page(tmp_path / "2", "zlib", [spec("a", "e4s"), spec("b", "e4s")]))
        graph.import_(write_page(tmp_path / "3", "zlib", [spec("b", "e4s")]))
        assert graph.show("/a")["specs"][0]["stacks"] == ["v0.23.0/e4s", "v0.23.0/root"]
        assert [row["key"] for row in graph.stacks()["stacks"]] == [
            "develop/e4s",
            "develop/root",
            "v0.23.0/e4s",
            "v0.23.0/root",
        ]

    def test_a_page_with_a_bad_entry_takes_nothing_out(
        self, graph: cachegraph.Graph, tmp_path: Path
    ) -> None:
        graph.import_(write_page(tmp_path / "1", "zlib", [spec("a", "e4s"), spec("b", "e4s")]))
        bad = write_page(tmp_path / "2", "zlib", [spec("a", "e4s"), spec("b", versions=[])])
        summary = graph.import_(bad)
        assert (len(summary.warnings), summary.removed) == (1, 0)
        assert graph.stats()["nodes"]["Spec"] == 2

    def test_a_stack_without_members_leaves(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        graph.import_(write_page(tmp_path / "1", "zlib", [spec("a", "e4s")]))
        graph.import_(write_page(tmp_path / "2", "zlib", [spec("a", "hep")]))
        assert [row["name"] for row in graph.stacks()["stacks"]] == ["hep", "root"]

    def test_nothing_of_what_left_comes_back(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        for name, compiler in (("a", "gcc@11.4.0"), ("b", "none"), ("c", "none")):
            page = write_page(tmp_path, "zlib", [spec(name, compiler=compiler)])
            graph.import_(page)
        (card,) = graph.show("zlib")["specs"]
        assert card["hash"].startswith("c")
        assert "compiler" not in card
        assert graph.stats()["nodes"]["Compiler"] == 0

    def test_ids_are_used_again(self, tmp_path: Path) -> None:
        graph = cachegraph.open(tmp_path / "graph.db")
        for number in range(6):
            names = [f"{letter}{'abcdef'[number]}" for letter in "xyz"]
            page = write_page(tmp_path, "zlib", [spec(name, "e4s") for name in names])
            graph.import_(page)
        assert {row["hash"][:2] for row in graph.show("zlib")["specs"]} == {"xf", "yf", "zf"}
        assert sorted(graph.store.nodes(SPEC)) == [3, 4, 5]


def test_each_document_is_told_of_its_own_conflicts(
    graph: cachegraph.Graph, tmp_path: Path
) -> None:
    """The pages of a release are loaded together; what is new in them is not the worse for it."""
    for name in ("a", "b"):
        write_page(tmp_path / "1", name, [spec(name, "e4s")])
        write_page(tmp_path / "2", name, [spec(name, "e4s", versions=["2.0"])], tag="v1.0")
    write_page(tmp_path / "2", "c", [spec("c", "e4s"), spec("d", "e4s")], tag="v1.0")
    graph.import_(tmp_path / "1")
    summary = graph.import_(tmp_path / "2")
    assert (summary.specs, summary.conflicts) == (4, 2)
    for name, warning in zip("ab", summary.warnings, strict=True):
        assert warning.startswith(f"{tmp_path}/2/_cache/v1.0/{name}/specs.md: /{name}xx")
    assert [row["version"] for row in graph.find("a")["specs"]] == ["1.0"]
    sizes = {row["key"]: row["specs"] for row in graph.stacks()["stacks"]}
    assert (sizes["develop/e4s"], sizes["v1.0/e4s"]) == (2, 4)

"""Spack's own sources: a stack becomes what its source holds, no more; ``--add`` keeps the rest.

The specs of these tests, and what they depend on::

    app -> lib -> base      tool -> base      other
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from tests.support.corpus import (
    database,
    index,
    layout_2,
    layout_3,
    lock,
    needs,
    node,
    spec,
    view,
    write,
    write_page,
)

BASE = node("base")
LIB = node("lib", needs(BASE))
APP = node("app", needs(LIB))
TOOL = node("tool", needs(BASE, "run"))
OTHER = node("other")


def packages(graph: cachegraph.Graph) -> set[str]:
    """The packages of all specs; stubs are called by their hashes."""
    nodes = graph.networkx().nodes(data=True)
    specs = [data for _, data in nodes if data["kind"] == "Spec"]
    return {data.get("package", data["hash"]) for data in specs}


def members(graph: cachegraph.Graph) -> dict[str, set[str]]:
    copy = graph.networkx()
    found: dict[str, set[str]] = {}
    for start, end, kind in copy.edges(keys=True):
        if kind == "IN_STACK":
            found.setdefault(end.removeprefix("Stack:"), set()).add(copy.nodes[start]["package"])
    return found


def roots(graph: cachegraph.Graph) -> dict[str, Any]:
    """What each root of any stack was asked for by, and in which group."""
    copy = graph.networkx()
    return {
        copy.nodes[start]["package"]: (data.get("requests"), data.get("group"))
        for start, _, kind, data in copy.edges(keys=True, data=True)
        if kind == "ROOT_OF"
    }


KINDS: dict[str, tuple[str, Callable[..., Any]]] = {
    "lock": ("env/spack.lock", lock),
    "index": ("env/index.json", index),
    "build-cache": ("env/build_cache/index.json", index),
    "database": ("env/.spack-db/index.json", lambda *nodes: database(nodes[:1], *nodes[1:])),
}


@pytest.mark.parametrize("kind", KINDS)
def test_members_that_left(graph: cachegraph.Graph, tmp_path: Path, kind: str) -> None:
    name, made = KINDS[kind]
    path = tmp_path / name
    graph.import_(write(path, made(APP, LIB, BASE, TOOL, OTHER)))
    summary = graph.import_(write(path, made(TOOL, BASE)), add=True)
    assert (summary.kept, summary.removed) == (3, 0)
    assert members(graph) == {"local/env": {"app", "lib", "base", "tool", "other"}}
    summary = graph.import_(path)
    assert (summary.kept, summary.removed) == (0, 3)
    assert members(graph) == {"local/env": {"tool", "base"}}
    # app and lib needed one another only.
    assert packages(graph) == {"tool", "base"}
    assert [*roots(graph)] == ["tool"]
    assert graph.verify()["problems"] == []
    again = graph.import_(path)
    assert (again.kept, again.removed) == (0, 0)


def test_a_view_and_the_root(graph: cachegraph.Graph, tmp_path: Path) -> None:
    graph.import_(view_of(tmp_path / "1" / "m", (APP, LIB, BASE, TOOL), (APP, LIB, BASE)))
    summary = graph.import_(view_of(tmp_path / "2" / "m", (TOOL, BASE), (BASE,)))
    # app and lib left the root, and the view too.
    assert summary.removed == 4
    assert members(graph) == {"local/root": {"tool", "base"}, "local/e4s": {"base"}}
    assert packages(graph) == {"tool", "base"}


def view_of(folder: Path, top: tuple[Any, ...], inside: tuple[Any, ...]) -> Path:
    view(folder, *top)
    view(folder, *inside, name="e4s")
    return folder


def test_a_view_that_is_gone_stays(graph: cachegraph.Graph, tmp_path: Path) -> None:
    """No source holds it: nothing says that it is empty."""
    graph.import_(view_of(tmp_path / "1" / "m", (TOOL, BASE), (BASE,)))
    graph.import_(view(tmp_path / "2" / "m", TOOL, BASE).parents[3])
    assert members(graph)["local/e4s"] == {"base"}


@pytest.mark.parametrize("layout", [layout_2, layout_3])
def test_spec_files_of_a_build_cache(graph: cachegraph.Graph, tmp_path: Path, layout: Any) -> None:
    """All of them together hold their stack in full."""
    graph.import_(layout(tmp_path / "1" / "m", APP, LIB, BASE, TOOL))
    summary = graph.import_(layout(tmp_path / "2" / "m", TOOL, BASE), add=True)
    assert (summary.kept, summary.removed) == (2, 0)
    summary = graph.import_(tmp_path / "2" / "m")
    assert (summary.kept, summary.removed) == (0, 2)
    assert packages(graph) == {"tool", "base"}


def test_a_site_index(graph: cachegraph.Graph, tmp_path: Path) -> None:
    path = tmp_path / "cache_spack_io_index.json"
    write(tmp_path / "root", index(APP, LIB, BASE, OTHER))
    write(tmp_path / "e4s", index(OTHER))
    labels = [{"label": label, "url": label} for label in ("root", "e4s")]
    graph.import_(write(path, {"develop": labels, "v1": labels}))
    write(tmp_path / "root", index(LIB, BASE))
    write(tmp_path / "e4s", index(LIB))
    summary = graph.import_(write(path, {"develop": labels}))
    assert summary.removed == 3  # app and other of root, other of e4s
    found = members(graph)
    assert (found["develop/root"], found["develop/e4s"]) == ({"lib", "base"}, {"lib"})
    # The other release stays as it was, and with it what it needs.
    assert (found["v1/root"], found["v1/e4s"]) == ({"app", "lib", "base", "other"}, {"other"})
    assert packages(graph) == {"app", "lib", "base", "other"}


def test_a_page_replaces_its_package_only(graph: cachegraph.Graph, tmp_path: Path) -> None:
    graph.import_(write_page(tmp_path, "zlib", [spec("a", "e4s"), spec("b", "e4s")]))
    graph.import_(write(tmp_path / "i", index(OTHER)), release="develop", stack="e4s", add=True)
    page = write_page(tmp_path / "2", "zlib", [spec("a", "e4s")])
    assert graph.import_(page).removed == 2  # b of e4s and of root
    assert members(graph)["develop/e4s"] == {"zlib", "other"}


class TestWhatStays:
    def test_what_another_stack_holds(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        graph.import_(write(tmp_path / "env" / "spack.lock", lock(APP, LIB, BASE)))
        graph.import_(write(tmp_path / "kept" / "spack.lock", lock(LIB, BASE)))
        graph.import_(write(tmp_path / "env" / "spack.lock", lock(OTHER)))
        assert members(graph) == {"local/env": {"other"}, "local/kept": {"lib", "base"}}
        assert packages(graph) == {"lib", "base", "other"}

    def test_what_a_member_needs(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        path = tmp_path / "env" / "index.json"
        graph.import_(write(path, index(APP, LIB, BASE, OTHER)))
        # lib and base left the build cache, but app needs them still.
        summary = graph.import_(write(path, index(APP)))
        assert summary.removed == 3
        assert members(graph) == {"local/env": {"app"}}
        assert packages(graph) == {"app", "lib", "base"}

    def test_a_stub_goes_with_what_needs_it(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        path = tmp_path / "env" / "spack.lock"
        assert graph.import_(write(path, lock(APP, BASE))).stubs == 1
        assert packages(graph) == {"app", "base", LIB["hash"]}
        graph.import_(write(path, lock(BASE)))
        assert packages(graph) == {"base"}

    def test_a_root_that_was_missing_goes(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        path = tmp_path / "env" / "spack.lock"
        value = lock(BASE)
        value["roots"].append({"hash": OTHER["hash"], "spec": "other"})
        graph.import_(write(path, value))
        assert packages(graph) == {"base", OTHER["hash"]}
        graph.import_(write(path, lock(BASE)))
        assert packages(graph) == {"base"}

    def test_a_spliced_spec_keeps_what_it_was_built_as(
        self, graph: cachegraph.Graph, tmp_path: Path
    ) -> None:
        spliced = node("app", build_spec={"name": "app", "hash": APP["hash"]})
        path = tmp_path / "env" / "spack.lock"
        graph.import_(write(path, lock(spliced, APP, LIB, BASE, OTHER)))
        graph.import_(write(path, lock(spliced)))
        assert packages(graph) == {"app", "lib", "base"}
        assert graph.stats()["relationships"]["BUILT_AS"] == 1

    def test_all_that_is_known_of_a_spec_that_left_one_stack(
        self, graph: cachegraph.Graph, tmp_path: Path
    ) -> None:
        graph.import_(write(tmp_path / "env" / "spack.lock", lock(APP, LIB, BASE)))
        before = graph.show("app")["specs"][0]
        graph.import_(write(tmp_path / "kept" / "index.json", index(APP, LIB, BASE)))
        graph.import_(write(tmp_path / "env" / "spack.lock", lock(OTHER)))
        after = graph.show("app")["specs"][0]
        assert (after["stacks"], after["roots"]) == (["local/kept"], ["local/kept"])
        assert after["dependencies"] == before["dependencies"]


class TestRoots:
    def test_requests_are_added_and_replaced(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        path = tmp_path / "env" / "spack.lock"
        value = lock(TOOL, BASE, OTHER, version=7)
        value["roots"] = [
            {"hash": TOOL["hash"], "spec": "tool"},
            {"hash": TOOL["hash"], "spec": "tool@1"},
            {"hash": OTHER["hash"], "spec": "other", "group": "extra"},
        ]
        graph.import_(write(path, value))
        assert roots(graph) == {
            "tool": (("tool", "tool@1"), "default"),
            "other": (("other",), "extra"),
        }
        value["roots"] = [
            {"hash": TOOL["hash"], "spec": "tool+x", "group": "extra"},
            {"hash": BASE["hash"], "spec": "base"},
        ]
        summary = graph.import_(write(path, value), add=True)
        assert (summary.kept, summary.removed) == (0, 0)
        assert roots(graph) == {
            "tool": (("tool", "tool+x", "tool@1"), "default, extra"),
            "base": (("base",), "default"),
            "other": (("other",), "extra"),
        }
        summary = graph.import_(path)
        assert summary.removed == 0
        assert roots(graph) == {
            "tool": (("tool+x",), "extra"),
            "base": (("base",), "default"),
        }

    def test_an_environment_that_asks_for_nothing_more(
        self, graph: cachegraph.Graph, tmp_path: Path
    ) -> None:
        path = tmp_path / "env" / "spack.lock"
        graph.import_(write(path, lock(TOOL, BASE)))
        graph.import_(write(path, {**lock(TOOL, BASE), "roots": []}), add=True)
        assert roots(graph) == {"tool": (("tool",), None)}
        graph.import_(path)
        assert roots(graph) == {}

    def test_one_environment_twice_in_one_import(
        self, graph: cachegraph.Graph, tmp_path: Path
    ) -> None:
        """As a lock file and as the index of its build cache: requests stay."""
        locked = write(tmp_path / "env" / "spack.lock", lock(TOOL, BASE))
        cached = write(tmp_path / "env" / "index.json", index(TOOL, BASE))
        for paths in ((locked, cached), (cached, locked)):
            graph.import_(*paths)
            assert roots(graph) == {"tool": (("tool",), None)}


class TestWhatIsNotReplaced:
    def test_a_file_with_a_bad_record(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        """What could not be read may be what is missing."""
        path = tmp_path / "env" / "spack.lock"
        graph.import_(write(path, lock(APP, LIB, BASE)))
        bad = {**LIB, "version": None}
        summary = graph.import_(write(path, lock(APP, bad, BASE)))
        bad_record, dependency = summary.warnings
        assert "version" in bad_record
        assert "1 dependency leads" in dependency
        assert summary.removed == 0
        assert packages(graph) == {"app", "lib", "base"}

    def test_a_file_with_a_bad_root(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        path = tmp_path / "env" / "spack.lock"
        graph.import_(write(path, lock(TOOL, BASE)))
        value = lock(TOOL, BASE)
        value["roots"] = [{"hash": BASE["hash"], "spec": "base"}, {"spec": "tool"}]
        assert len(graph.import_(write(path, value)).warnings) == 1
        assert {*roots(graph)} == {"tool", "base"}

    def test_a_bad_document(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        path = tmp_path / "env" / "spack.lock"
        graph.import_(write(path, lock(APP, LIB, BASE)))
        with pytest.raises(cachegraph.FormatError):
            graph.import_(write(path, b"{"))
        assert packages(graph) == {"app", "lib", "base"}

    @pytest.mark.parametrize("layout", [layout_2, layout_3])
    def test_a_build_cache_with_a_bad_spec_file(
        self, graph: cachegraph.Graph, tmp_path: Path, layout: Any
    ) -> None:
        mirror = layout(tmp_path / "m", TOOL, BASE, OTHER)
        graph.import_(mirror)
        (path,) = mirror.rglob(f"*{OTHER['hash']}*.json")
        path.write_bytes(b'{"version": 3, "spec": "mediaType"')
        summary = graph.import_(mirror)
        assert (summary.removed, len(summary.warnings)) == (0, 1)
        assert packages(graph) == {"tool", "base", "other"}

    def test_another_stack_that_comes_for_the_first_time(
        self, graph: cachegraph.Graph, tmp_path: Path
    ) -> None:
        graph.import_(write(tmp_path / "env" / "spack.lock", lock(APP, LIB, BASE)))
        path = write(tmp_path / "other" / "spack.lock", lock(OTHER))
        summary = graph.import_(path)
        assert (summary.kept, summary.removed) == (0, 0)
        assert packages(graph) == {"app", "lib", "base", "other"}

    def test_a_lock_file_without_specs_empties_its_stack(
        self, graph: cachegraph.Graph, tmp_path: Path
    ) -> None:
        path = tmp_path / "env" / "spack.lock"
        graph.import_(write(path, lock(APP, LIB, BASE)))
        summary = graph.import_(write(path, lock()))
        assert summary.removed == 3
        assert (members(graph), packages(graph)) == ({}, set())

"""Importing again: what is not parsed a second time, and what the graph then says.

The specs of these tests, and what they depend on::

    app -> lib -> base      tool -> base      other
"""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cachegraph
from cachegraph.importing.summary import ImportSummary
from cachegraph.sources.registry import READER
from tests.conformance.test_replace import (
    APP,
    BASE,
    KINDS,
    LIB,
    OTHER,
    TOOL,
    members,
    packages,
    roots,
)
from tests.support.corpus import (
    index,
    layout_2,
    layout_3,
    lock,
    needs,
    node,
    spec,
    spec_file,
    tiny_cache,
    view,
    write,
    write_page,
)
from tests.support.realfiles import everything

COUNTS = (
    *("releases", "stacks", "packages", "package_versions", "specs", "compilers"),
    *("operating_systems", "targets", "memberships", "dependencies", "roots", "stubs"),
    *("conflicts", "kept", "removed", "sources", "warnings"),
)


def counts(summary: ImportSummary) -> dict[str, Any]:
    """What the summary says of the files, which is the same whether they were parsed or not."""
    return {name: getattr(summary, name) for name in COUNTS}


def state(graph: cachegraph.Graph) -> Any:
    return everything(graph.networkx())


def lock_of(folder: Path, *nodes: Any, **more: Any) -> Path:
    return write(folder / "env" / "spack.lock", lock(*nodes, **more))


def build_cache(folder: Path) -> Path:
    view(folder, APP, LIB, BASE, TOOL)
    view(folder, LIB, BASE, name="e4s", outside=[OTHER])
    return folder


def of_kind(kind: str) -> Callable[[Path], Path]:
    name, made = KINDS[kind]
    return lambda folder: write(folder / name, made(APP, LIB, BASE, TOOL))


def prefixes(folder: Path) -> Path:
    for nodes in ((APP, LIB, BASE), (LIB, BASE), (BASE,)):
        write(folder / "tree" / nodes[0]["name"] / ".spack" / "spec.json", spec_file(*nodes))
    return folder / "tree"


MADE: dict[str, Callable[[Path], Path]] = {
    **{kind: of_kind(kind) for kind in KINDS},
    "stubs": lambda folder: lock_of(folder, APP, TOOL),
    "empty": lock_of,
    "compressed": lambda folder: write(folder / "env" / "spack.lock.gz", lock(APP, LIB, BASE)),
    "views": build_cache,
    "layout 2": lambda folder: layout_2(folder / "m", APP, LIB, BASE, TOOL),
    "layout 3": lambda folder: layout_3(folder / "m", APP, LIB, BASE, TOOL),
    "pages": tiny_cache,
    "prefixes": prefixes,
}


@pytest.mark.parametrize("kind", MADE)
def test_what_is_unchanged_is_counted_but_not_parsed(
    graph: cachegraph.Graph, tmp_path: Path, kind: str
) -> None:
    path = MADE[kind](tmp_path)
    first = graph.import_(path)
    before = state(graph)
    again = graph.import_(path)
    assert (first.unchanged, again.unchanged) == (0, len(first.sources))
    assert counts(again) == counts(first)
    assert state(graph) == before
    assert all(change["added"] == change["removed"] == 0 for change in again.changes)
    sizes = {change["key"]: change["stayed"] for change in again.changes}
    assert sizes == {row["key"]: row["specs"] for row in graph.stacks()["stacks"]}


def test_some_are_unchanged(graph: cachegraph.Graph, tmp_path: Path) -> None:
    """The counts are of all: lib and base, app and tool, zlib and curl; base is in both stacks."""
    one = write(tmp_path / "one" / "spack.lock", lock(LIB, BASE))
    two = write(tmp_path / "two" / "spack.lock", lock(TOOL, BASE))
    zlib = write_page(tmp_path, "zlib", [spec("a", "e4s", compiler="gcc@12.1.0")])
    graph.import_(one, two, zlib)
    write(two, lock(APP, LIB, BASE))
    curl = write_page(tmp_path, "curl", [spec("b", "e4s"), spec("c")])
    summary = graph.import_(one, two, zlib, curl)
    assert summary.unchanged == 2
    assert [source.specs for source in summary.sources] == [2, 3, 1, 2]
    found = counts(cachegraph.open(":memory:").import_(one, two, zlib, curl))
    # tool left local/two, and nothing else holds it.
    assert counts(summary) == {**found, "removed": 1}
    assert found["specs"] == 3 + 3
    assert found["memberships"] == 2 + 3 + 2 + 3
    assert found["dependencies"] == 2
    changed = {change["key"]: (change["added"], change["stayed"]) for change in summary.changes}
    assert changed == {
        "local/one": (0, 2),
        "local/two": (2, 1),
        "develop/e4s": (1, 1),
        "develop/root": (2, 1),
    }


class TestWhatIsParsedAgain:
    def test_what_came_back(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        first = lock_of(tmp_path / "1", APP, LIB, BASE)
        second = lock_of(tmp_path / "2", TOOL, BASE)
        graph.import_(first)
        before = state(graph)
        graph.import_(second)
        assert packages(graph) == {"tool", "base"}
        summary = graph.import_(first)
        assert (summary.unchanged, summary.removed) == (0, 1)
        assert state(graph) == before
        assert graph.import_(first).unchanged == 1

    def test_a_page_that_came_back(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        first = write_page(tmp_path / "1", "zlib", [spec("a", "e4s"), spec("b")])
        second = write_page(tmp_path / "2", "zlib", [spec("b", "hep")])
        graph.import_(first)
        before = state(graph)
        graph.import_(second)
        assert graph.import_(first).unchanged == 0
        assert state(graph) == before

    @pytest.mark.parametrize("names", [{"release": "24.11"}, {"stack": "e4s"}])
    def test_under_another_name(
        self, graph: cachegraph.Graph, tmp_path: Path, names: dict[str, Any]
    ) -> None:
        path = lock_of(tmp_path, APP, LIB, BASE)
        graph.import_(path)
        assert graph.import_(path, **names).unchanged == 0
        assert len(members(graph)) == 2
        # The graph has both from it.
        assert [graph.import_(path).unchanged, graph.import_(path, **names).unchanged] == [1, 1]
        assert graph.stats()["nodes"]["Source"] == 1

    def test_a_page_under_another_release(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        page = write_page(tmp_path, "zlib", [spec("a")])
        graph.import_(page, release="mine")
        assert graph.import_(page).unchanged == 0
        assert {*members(graph)} == {"mine/root", "develop/root"}
        assert graph.import_(page).unchanged == 1

    def test_after_an_addition(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        path = lock_of(tmp_path, TOOL, BASE)
        graph.import_(path)
        added = lock_of(tmp_path / "2", OTHER)
        summary = graph.import_(added, add=True)
        (change,) = summary.changes
        assert change == {
            "key": "local/env",
            "specs": 3,
            "added": 1,
            "stayed": 2,
            "removed": 0,
            "kept": 2,
        }
        assert summary.notes == ["local/env: 3 specs; 2 of before that no source lists were kept"]
        assert graph.import_(added, add=True).unchanged == 0
        summary = graph.import_(path)
        assert (summary.unchanged, summary.removed) == (0, 1)
        assert packages(graph) == {"tool", "base"}
        assert graph.import_(path).unchanged == 1
        assert graph.stats()["nodes"]["Source"] == 1

    def test_the_other_source_of_an_addition(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        """What is replaced is the stack, whichever sources it came from."""
        graph.import_(lock_of(tmp_path / "1", TOOL, BASE))
        graph.import_(lock_of(tmp_path / "2", OTHER), add=True)
        last = lock_of(tmp_path / "3", LIB, BASE)
        graph.import_(last)
        alone = cachegraph.open(":memory:")
        alone.import_(last)
        assert state(graph) == state(alone)

    def test_two_sources_of_one_stack(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        """A lock file and an index of the same specs: either alone may change the roots."""
        locked = lock_of(tmp_path, TOOL, BASE)
        cached = write(tmp_path / "env" / "index.json", index(TOOL, BASE))
        graph.import_(locked)
        for _ in range(2):
            assert graph.import_(locked, cached).unchanged == 0
            assert roots(graph) == {"tool": (("tool",), None)}

    def test_a_stack_that_pages_changed(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        listed = write(tmp_path / "i", index(OTHER, TOOL, BASE))
        names: dict[str, Any] = {"release": "develop", "stack": "e4s"}
        graph.import_(listed, **names)
        page = write_page(tmp_path, "zlib", [spec("a", "e4s")])
        graph.import_(page)
        summary = graph.import_(listed, **names)
        assert (summary.unchanged, summary.removed) == (0, 1)
        # The index took zlib out of e4s, so the page must be read to bring it back.
        assert graph.import_(page).unchanged == 0
        assert members(graph)["develop/e4s"] == {"other", "tool", "base", "zlib"}

    def test_pages_beside_an_index_of_their_release(
        self, graph: cachegraph.Graph, tmp_path: Path
    ) -> None:
        graph.import_(write_page(tmp_path, "zlib", [spec("a", "e4s")]))
        write(tmp_path / "env" / "index.json", index(OTHER))
        for _ in range(2):
            graph.import_(tmp_path / "env", release="develop", stack="e4s")
            summary = graph.import_(tmp_path / "_cache", tmp_path / "env", release="develop")
            assert summary.unchanged == 0
            assert members(graph)["develop/e4s"] == {"other", "zlib"}

    @pytest.mark.parametrize("layout", [layout_2, layout_3])
    def test_a_build_cache_that_lost_a_spec(
        self, graph: cachegraph.Graph, tmp_path: Path, layout: Any
    ) -> None:
        mirror = layout(tmp_path / "m", TOOL, BASE, OTHER)
        graph.import_(mirror)
        (path,) = (mirror / ("build_cache" if layout is layout_2 else "v3")).rglob(
            f"*{OTHER['hash']}*"
        )
        path.unlink()
        summary = graph.import_(mirror)
        assert (summary.unchanged, summary.removed) == (0, 1)
        assert packages(graph) == {"tool", "base"}
        assert graph.import_(mirror).unchanged == 2

    @pytest.mark.parametrize("strict", [False, True])
    def test_what_was_read_with_warnings(
        self, graph: cachegraph.Graph, tmp_path: Path, strict: bool
    ) -> None:
        bad = lock_of(tmp_path, TOOL, {**LIB, "version": None}, BASE)
        for _ in range(2):
            assert len(graph.import_(bad).warnings) == 1
        page = write_page(tmp_path, "zlib", [spec("a")], num_specs=7)
        for _ in range(2):
            assert len(graph.import_(page).warnings) == 1
        if strict:
            for path in (bad, page):
                with pytest.raises(cachegraph.FormatError):
                    graph.import_(path, strict=True)

    def test_conflicts_are_said_again(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        graph.import_(write_page(tmp_path, "zlib", [spec("a")], tag="v1"))
        page = write_page(tmp_path, "zlib", [spec("a", os="sles15")])
        for _ in range(2):
            assert (graph.import_(page).conflicts, graph.import_(page).unchanged) == (1, 0)

    def test_by_a_reader_that_reads_more(
        self, graph: cachegraph.Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = lock_of(tmp_path, TOOL, BASE)
        graph.import_(path)
        monkeypatch.setattr("cachegraph.importing.known_sources.READER", READER + 1)
        assert [graph.import_(path).unchanged for _ in range(2)] == [0, 1]


def test_site_data_only_adds(graph: cachegraph.Graph, tmp_path: Path) -> None:
    """It does not say which stack of which release is complete, so it is parsed every time."""
    fields = {"version": "1.0", "variants": [], "stacks": ["e4s"], "releases": ["develop"]}
    listed = write(tmp_path / "index.json", index(TOOL, BASE))
    graph.import_(listed, release="develop", stack="e4s")
    data = write(tmp_path / "specs_data.json", {OTHER["hash"]: fields})
    for added in (1, 0):
        summary = graph.import_(data)
        assert (summary.unchanged, summary.removed) == (0, 0)
        (change,) = summary.changes
        assert (change["added"], change["specs"]) == (added, 3)
    # The index lists e4s in full.
    assert graph.import_(listed, release="develop", stack="e4s").removed == 1


class TestFaults:
    def test_nothing_leaves_and_the_summary_says_so(
        self, graph: cachegraph.Graph, tmp_path: Path
    ) -> None:
        path = lock_of(tmp_path, APP, LIB, BASE, OTHER)
        graph.import_(path)
        lock_of(tmp_path, APP, {**LIB, "version": None}, BASE)
        summary = graph.import_(path)
        assert (summary.removed, summary.kept) == (0, 2)
        assert summary.notes == ["local/env: nothing was removed: 1 record could not be read"]
        assert packages(graph) == {"app", "lib", "base", "other"}
        # Mended, it is complete again.
        lock_of(tmp_path, APP, LIB, BASE)
        assert graph.import_(path).removed == 1

    def test_of_a_page(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        write_page(tmp_path, "zlib", [spec("a", "e4s"), spec("b", "e4s")])
        curl = write_page(tmp_path, "curl", [spec("c", "e4s"), spec("d", "e4s")])
        graph.import_(tmp_path)
        write_page(tmp_path, "zlib", [spec("a", "e4s"), spec("b", versions=[])])
        write_page(tmp_path, "curl", [spec("c", "e4s")])
        summary = graph.import_(tmp_path)
        # d of curl left e4s and root; b of zlib may be what could not be read.
        assert (summary.removed, summary.kept) == (2, 2)
        assert "develop/e4s: 3 specs; 1 of before left" in summary.notes
        said = "develop/e4s: nothing was removed: of zlib 1 record could not be read"
        assert said in summary.notes
        assert graph.import_(curl).unchanged == 1


class TestSummary:
    def test_a_new_stack(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        summary = graph.import_(lock_of(tmp_path, APP, LIB, BASE))
        assert summary.changes == [
            {"key": "local/env", "specs": 3, "added": 3, "stayed": 0, "removed": 0}
        ]
        assert summary.notes == []

    def test_what_came_stayed_and_left(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        graph.import_(lock_of(tmp_path, APP, LIB, BASE))
        summary = graph.import_(lock_of(tmp_path, TOOL, BASE))
        assert summary.changes == [
            {"key": "local/env", "specs": 2, "added": 1, "stayed": 1, "removed": 2}
        ]
        assert summary.notes == ["local/env: 2 specs; 2 of before left"]

    def test_an_environment_without_specs_is_one(
        self, graph: cachegraph.Graph, tmp_path: Path
    ) -> None:
        path = lock_of(tmp_path)
        summary = graph.import_(path)
        assert (summary.stacks, summary.specs) == (1, 0)
        assert graph.stacks()["stacks"] == [
            {"key": "local/env", "release": "local", "name": "env", "specs": 0, "roots": 0}
        ]
        before = state(graph)
        lock_of(tmp_path, TOOL, BASE)
        graph.import_(path)
        lock_of(tmp_path)
        graph.import_(path)
        assert state(graph) == before

    def test_replace_is_accepted_and_changes_nothing(
        self, graph: cachegraph.Graph, tmp_path: Path
    ) -> None:
        graph.import_(lock_of(tmp_path, APP, LIB, BASE))
        graph.import_(lock_of(tmp_path, TOOL, BASE), replace=False)
        assert packages(graph) == {"tool", "base"}


class TestSources:
    def test_one_that_alone_describes_a_spec_stays(
        self, graph: cachegraph.Graph, tmp_path: Path
    ) -> None:
        """lib is a stub to the other environment, so only the old lock file tells of it."""
        graph.import_(lock_of(tmp_path, LIB, BASE, OTHER))
        graph.import_(write(tmp_path / "two" / "spack.lock", lock(APP)))
        graph.import_(lock_of(tmp_path, TOOL, BASE))
        assert packages(graph) == {"app", "lib", "tool", "base"}
        (card,) = graph.show("lib")["specs"]
        assert len(card["sources"]) == 1
        assert graph.stats()["nodes"]["Source"] == 3

    def test_the_time_is_that_of_the_import_that_brought_it(
        self, graph: cachegraph.Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = lock_of(tmp_path, TOOL, BASE)
        found = []
        for second in range(3):
            monkeypatch.setattr(
                "time.gmtime", lambda second=second: (2026, 1, 1, 0, 0, second, 3, 1, 0)
            )
            graph.import_(path, release="24.11" if second == 2 else None)
            ((_, data),) = [
                (n, d) for n, d in graph.networkx().nodes(data=True) if d["kind"] == "Source"
            ]
            found.append(data["imported_at"][-8:-6])
        assert found == ["00", "00", "02"]


NODES = (BASE, LIB, APP, TOOL, OTHER, node("extra"))
CLOSED = st.sets(st.sampled_from(["app", "lib", "tool", "base", "other", "extra"]))
BELOW = {"app": {"lib", "base"}, "lib": {"base"}, "tool": {"base"}}
SOURCES = st.lists(st.tuples(CLOSED, st.sampled_from(["lock", "index", "database"])), min_size=1)


@given(sources=SOURCES, held=CLOSED)
def test_a_sequence_of_sources_leaves_what_the_last_lists(
    sources: list[tuple[set[str], str]], held: set[str]
) -> None:
    """As if it were imported alone; what another stack holds stays."""
    with TemporaryDirectory() as folder:
        graph, alone = cachegraph.open(":memory:"), cachegraph.open(":memory:")
        other = write(Path(folder, "held", "spack.lock"), lock(*nodes_of(held)))
        for one in (graph, alone):
            one.import_(other)
        for chosen, kind in sources:
            name, made = KINDS[kind]
            path = write(Path(folder, name), made(*nodes_of(chosen)))
            graph.import_(path)
        alone.import_(path)
        assert without_locations(graph) == without_locations(alone)
        assert graph.verify()["problems"] == []


def without_locations(graph: cachegraph.Graph) -> Any:
    """The graph without where bytes were first read: an empty index is an empty database."""
    nodes, edges = state(graph)
    for data in nodes.values():
        data.pop("location", None)
    return nodes, edges


def nodes_of(names: set[str]) -> list[dict[str, Any]]:
    """The nodes of these packages and of all they depend on."""
    closed = names.union(*(BELOW.get(name, ()) for name in names))
    return [one for one in NODES if one["name"] in closed]


class TestWhatASpecIs:
    """A source that replaces another says anew what its specs are, unless a third says it too."""

    def test_a_mended_lock_file(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        app = node("app", needs(LIB))
        damaged = {**app, "version": "9.9", "dependencies": [needs(OTHER)]}
        graph.import_(lock_of(tmp_path / "1", damaged, LIB, BASE, OTHER))
        mended = lock_of(tmp_path / "2", app, LIB, BASE)
        assert graph.import_(mended, strict=True).conflicts == 0
        alone = cachegraph.open(":memory:")
        alone.import_(mended)
        assert state(graph) == state(alone)
        assert graph.verify()["problems"] == []

    def test_what_only_its_old_description_needed_leaves(
        self, graph: cachegraph.Graph, tmp_path: Path
    ) -> None:
        graph.import_(write_page(tmp_path / "1", "zlib", [spec("a", compiler="gcc@9.4.0")]))
        page = write_page(tmp_path / "2", "zlib", [spec("a", os="sles15")])
        assert graph.import_(page).conflicts == 0
        (card,) = graph.show("zlib")["specs"]
        assert (card["compiler"], card["os"]) == ("gcc@11.4.0", "sles15")
        counts = graph.stats()["nodes"]
        assert (counts["Compiler"], counts["OperatingSystem"], counts["Source"]) == (1, 1, 1)

    def test_what_another_source_describes_too(
        self, graph: cachegraph.Graph, tmp_path: Path
    ) -> None:
        graph.import_(write_page(tmp_path, "zlib", [spec("a")], tag="v1"))
        graph.import_(write_page(tmp_path / "1", "zlib", [spec("a")]))
        summary = graph.import_(write_page(tmp_path / "2", "zlib", [spec("a", os="sles15")]))
        assert summary.conflicts == 1
        assert graph.show("zlib")["specs"][0]["os"] == "ubuntu22.04"

    def test_what_other_specs_depend_on(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        graph.import_(lock_of(tmp_path / "1", {**LIB, "version": "9.9"}, BASE))
        graph.import_(write(tmp_path / "two" / "spack.lock", lock(APP)))
        graph.import_(lock_of(tmp_path / "2", LIB, BASE))
        (card,) = graph.show("lib")["specs"]
        assert (card["version"], card["dependents"]) == ("1.0", 1)
        assert members(graph) == {"local/env": {"lib", "base"}, "local/two": {"app"}}
        assert roots(graph) == {"lib": (("lib",), None), "app": (("app",), None)}


PAGES = st.lists(
    st.dictionaries(
        st.sampled_from("abc"),
        st.tuples(st.sampled_from(["sles15", "rhel9"]), st.sampled_from(["e4s", "hep"])),
    ),
    min_size=1,
)


@given(pages=PAGES)
def test_a_sequence_of_pages_leaves_what_the_last_lists(
    pages: list[dict[str, tuple[str, str]]],
) -> None:
    with TemporaryDirectory() as folder:
        graph, alone = cachegraph.open(":memory:"), cachegraph.open(":memory:")
        for specs in pages:
            entries = [spec(name, stack, os=os) for name, (os, stack) in specs.items()]
            path = write_page(Path(folder), "zlib", entries)
            assert graph.import_(path).conflicts == 0
        alone.import_(path)
        assert state(graph) == state(alone)


def test_locations_in_a_list(graph: cachegraph.Graph, tmp_path: Path) -> None:
    paths = [
        write(tmp_path / name / "spack.lock", lock(node(name))) for name in ("zlib", "curl", "app")
    ]
    assert graph.import_(paths[0], [str(paths[1]), paths[2]]).specs == 3
    assert graph.import_(iter(paths)).unchanged == 3

"""``remove`` and ``info``: stacks and releases leave with all that only they held.

The specs of these tests, and what they depend on::

    app -> lib -> base      tool -> base      other
"""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import cachegraph
from cachegraph.cli import cli
from tests.conformance.test_replace import APP, BASE, LIB, OTHER, TOOL, members, packages
from tests.support.corpus import index, lock, spec, write, write_page
from tests.support.realfiles import everything


def lock_of(folder: Path, release: str, stack: str, *nodes: Any) -> Path:
    return write(folder / release / stack / "spack.lock", lock(*nodes))


@pytest.fixture
def filled(graph: cachegraph.Graph, tmp_path: Path) -> cachegraph.Graph:
    """Four stacks in three releases: app and tool of 24.11 share base; hep has only other."""
    lock_of(tmp_path, "24.11", "app", APP, LIB, BASE)
    lock_of(tmp_path, "24.11", "tool", TOOL, BASE)
    lock_of(tmp_path, "23.05", "tool", TOOL, BASE)
    lock_of(tmp_path, "hep-1", "hep", OTHER)
    graph.import_(tmp_path)
    return graph


def state(graph: cachegraph.Graph) -> Any:
    return everything(graph.networkx())


def stacks(graph: cachegraph.Graph) -> set[str]:
    return {row["key"] for row in graph.stacks()["stacks"]}


class TestRemove:
    def test_what_only_a_stack_held(self, filled: cachegraph.Graph) -> None:
        answer = filled.remove("24.11/app")
        assert answer == {
            "question": "remove",
            "dry_run": False,
            "stacks": [{"key": "24.11/app", "specs": 3, "removed": 2}],
            "releases": [],
            "specs": 2,
            "packages": 2,
            "compilers": 0,
            "operating_systems": 0,
            "targets": 0,
            "sources": 1,
        }
        assert stacks(filled) == {"24.11/tool", "23.05/tool", "hep-1/hep"}
        assert packages(filled) == {"tool", "base", "other"}
        assert filled.verify()["problems"] == []

    def test_a_release(self, filled: cachegraph.Graph) -> None:
        answer = filled.remove("24.11")
        assert [row["key"] for row in answer["stacks"]] == ["24.11/app", "24.11/tool"]
        # tool and base are in 23.05 too.
        assert (answer["releases"], answer["specs"], answer["sources"]) == (["24.11"], 2, 1)
        assert [row["name"] for row in filled.releases()["releases"]] == ["23.05", "hep-1"]

    def test_a_bare_name(self, filled: cachegraph.Graph) -> None:
        assert filled.remove("hep")["releases"] == ["hep-1"]
        assert packages(filled) == {"app", "lib", "tool", "base"}

    @pytest.mark.parametrize(
        ("patterns", "left"),
        [
            (["*/tool"], {"24.11/app", "hep-1/hep"}),
            (["24.11/*"], {"23.05/tool", "hep-1/hep"}),
            (["2*"], {"hep-1/hep"}),
            (["2?.[01]*"], {"hep-1/hep"}),
            (["23.05", "*/a*", "hep"], {"24.11/tool"}),
        ],
    )
    def test_patterns(self, filled: cachegraph.Graph, patterns: list[str], left: set[str]) -> None:
        filled.remove(*patterns)
        assert stacks(filled) == left

    def test_everything(self, filled: cachegraph.Graph) -> None:
        answer = filled.remove("*")
        assert (answer["specs"], answer["packages"], answer["sources"]) == (5, 5, 3)
        assert {*filled.stats()["nodes"].values()} == {0}

    def test_what_is_left_is_what_was_imported_alone(
        self, filled: cachegraph.Graph, tmp_path: Path
    ) -> None:
        filled.remove("24.11", "hep-1")
        alone = cachegraph.open(":memory:")
        alone.import_(tmp_path, only=["23.05"])
        nodes, edges = state(filled)
        expected_nodes, expected_edges = state(alone)
        for of in (nodes, expected_nodes):
            for data in of.values():
                data.pop("location", None)  # the same bytes were first read of 24.11 or of 23.05
        assert (nodes, edges) == (expected_nodes, expected_edges)

    def test_dry_run(self, filled: cachegraph.Graph) -> None:
        before = state(filled)
        dry = filled.remove("24.11", dry_run=True)
        assert state(filled) == before
        assert dry["dry_run"] is True
        assert filled.remove("24.11") == {**dry, "dry_run": False}

    def test_what_another_stack_depends_on_stays(
        self, graph: cachegraph.Graph, tmp_path: Path
    ) -> None:
        graph.import_(write(tmp_path / "one" / "index.json", index(LIB, BASE, OTHER)))
        graph.import_(write(tmp_path / "two" / "index.json", index(APP, outside=[LIB, BASE])))
        answer = graph.remove("one")
        assert answer["stacks"] == [{"key": "local/one", "specs": 3, "removed": 1}]
        assert packages(graph) == {"app", "lib", "base"}
        assert members(graph) == {"local/two": {"app"}}
        assert graph.verify()["problems"] == []

    def test_then_imported_again(self, filled: cachegraph.Graph, tmp_path: Path) -> None:
        before = state(filled)
        filled.remove("24.11")
        summary = filled.import_(tmp_path)
        # The lock file of tool has the same bytes in both releases.
        assert {change["key"] for change in summary.changes if change["added"]} == {
            "24.11/app",
            "24.11/tool",
        }
        assert state(filled) == before

    def test_pages(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        for tag in ("develop-2026-01-04", "develop-2026-02-01", "develop-2026-10-04"):
            for number, package in enumerate(("zlib", "curl")):
                name = f"{package[0]}{'abc'[int(tag[8:10]) % 3]}{number + 2}"
                write_page(tmp_path, package, [spec(name, "e4s")], tag=tag)
        graph.import_(tmp_path)
        answer = graph.remove("develop-2026-0*")
        assert answer["releases"] == ["develop-2026-01-04", "develop-2026-02-01"]
        assert answer["sources"] == 4
        assert [row["name"] for row in graph.releases()["releases"]] == ["develop-2026-10-04"]
        assert graph.import_(tmp_path).unchanged == 2
        # A stack that pages alone had: they are read again, and bring it back.
        graph.remove("develop-2026-10-04/e4s")
        assert graph.import_(tmp_path).unchanged == 4
        assert "develop-2026-10-04/e4s" in stacks(graph)

    @pytest.mark.parametrize(
        ("names", "error", "message", "hint"),
        [
            (("tool",), cachegraph.UsageError, "several releases have a stack tool: ", "'*/tool'"),
            (("24.1",), cachegraph.NotFoundError, "no stack or release 24.1", "mean 24.11?"),
            (("24.11/ap",), cachegraph.NotFoundError, "no stack or release 24.11/ap", "24.11/app"),
            (("h*",), None, "", ""),
            (("x*",), cachegraph.NotFoundError, "no release fits x*", "there are 23.05, 24.11"),
            (("*/x",), cachegraph.NotFoundError, "no stack fits */x", "there are 23.05/tool"),
            (("hep", "x"), cachegraph.NotFoundError, "no stack or release x", "cachegraph stacks"),
            ((), cachegraph.UsageError, "nothing to remove", "cachegraph stacks"),
        ],
    )
    def test_names(
        self,
        filled: cachegraph.Graph,
        names: tuple[str, ...],
        error: type[cachegraph.CacheGraphError] | None,
        message: str,
        hint: str,
    ) -> None:
        if error is None:
            assert filled.remove(*names)["releases"] == ["hep-1"]
            return
        before = state(filled)
        with pytest.raises(error) as caught:
            filled.remove(*names)
        assert caught.value.message.startswith(message)
        assert hint in (caught.value.hint or "")
        assert state(filled) == before

    def test_a_release_and_a_stack_of_one_name(
        self, graph: cachegraph.Graph, tmp_path: Path
    ) -> None:
        graph.import_(write(tmp_path / "x", lock(APP, LIB, BASE)), release="a", stack="b")
        graph.import_(write(tmp_path / "y", lock(TOOL, BASE)), release="a/b", stack="c")
        with pytest.raises(cachegraph.UsageError, match="a/b is a release, and a stack"):
            graph.remove("a/b")
        graph.remove("a/b/*")
        assert stacks(graph) == {"a/b"}


class TestInfo:
    def test_what_was_imported(
        self, graph: cachegraph.Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def at(hour: int) -> None:
            monkeypatch.setattr("time.gmtime", lambda *_: (2026, 1, 2, hour, 0, 0, 4, 2, 0))

        env = lock_of(tmp_path, "24.11", "app", APP, LIB, BASE)
        other = lock_of(tmp_path, "24.11", "tool", TOOL, BASE)
        write_page(tmp_path, "zlib", [spec("a", "e4s")])
        at(1)
        graph.import_(tmp_path)
        at(2)
        write(env, lock(LIB, BASE))
        graph.import_(tmp_path)
        at(3)
        graph.import_(other.parents[1], release="24.11")
        info = graph.info()
        at_1, at_2 = ("2026-01-02T01:00:00+00:00", "2026-01-02T02:00:00+00:00")
        assert info["releases"] == [
            {"name": "24.11", "stacks": 2, "specs": 3, "sources": 2, "imported_at": at_2},
            {"name": "develop", "stacks": 2, "specs": 1, "sources": 1, "imported_at": at_1},
        ]
        assert info["stacks"] == [
            {"key": "24.11/app", "specs": 2, "roots": 1, "sources": 1, "imported_at": at_2},
            {"key": "24.11/tool", "specs": 2, "roots": 1, "sources": 1, "imported_at": at_1},
            {"key": "develop/e4s", "specs": 1, "roots": 0, "sources": 1, "imported_at": at_1},
            {"key": "develop/root", "specs": 1, "roots": 0, "sources": 1, "imported_at": at_1},
        ]
        assert (info["sources"], info["nodes"]["Spec"], info["model_version"]) == (3, 4, 1)
        assert "documents" not in info
        rows = graph.info(documents=True)["documents"]
        assert [(row["format"], row["specs"], row["lists"]) for row in rows] == [
            ("spack.lock", 2, ["24.11/app"]),
            ("spack.lock", 2, ["24.11/tool"]),
            ("page", 1, ["develop zlib"]),
        ]

    def test_of_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "graph.db"
        with cachegraph.open(path) as graph:
            graph.import_(lock_of(tmp_path, "24.11", "app", APP, LIB, BASE))
            info = graph.info()
        assert (info["store"], info["kind"], info["store_version"]) == (str(path), "file", 4)
        assert info["bytes"] == path.stat().st_size
        assert info["changed"].endswith("+00:00")
        exported = tmp_path / "graph.graphml.gz"
        graph.export(exported)
        copy = cachegraph.open(exported).info()
        assert (copy["kind"], copy["bytes"]) == ("graphml", exported.stat().st_size)
        assert (copy["stacks"], copy["nodes"]) == (info["stacks"], info["nodes"])


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, [*map(str, words)])


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "graph.db"
    cachegraph.open(path).import_(lock_of(tmp_path, "24.11", "app", APP, LIB, BASE))
    return path


class TestCommands:
    def test_remove(self, store: Path) -> None:
        dry = run("remove", "app", "--dry-run", "--store", store)
        assert dry.exit_code == 0
        assert dry.stdout.splitlines()[:2] == ["stack\tspecs\tremoved", "local/app\t3\t3"]
        assert "would be removed\tcount\nreleases\t1\nspecs\t3\n" in dry.stdout
        assert dry.stderr == "Nothing was removed: this was a dry run\n"
        done = run("remove", "local", "--json", "--store", store)
        assert json.loads(done.stdout)["specs"] == 3
        assert run("remove", "app", "--store", store).exit_code == 2

    @pytest.mark.parametrize("words", [("remove", "x"), ("info",)])
    def test_a_store_that_does_not_exist(self, tmp_path: Path, words: tuple[str, ...]) -> None:
        path = tmp_path / "none.db"
        result = run(*words, "--store", path)
        assert result.exit_code == 2
        assert result.stderr.startswith(f"Error: no store at {path}\n")
        assert not path.exists()

    def test_remove_from_an_export(self, store: Path, tmp_path: Path) -> None:
        exported = tmp_path / "graph.graphml"
        cachegraph.open(store).export(exported)
        result = run("remove", "app", "--store", exported)
        assert result.exit_code == 2
        assert "an exported file is read-only" in result.stderr

    @pytest.mark.parametrize("by", ["--store", "CACHEGRAPH_STORE", "default"])
    def test_info_says_which_store(
        self, store: Path, tmp_path: Path, by: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("CACHEGRAPH_STORE", raising=False)
        monkeypatch.setattr("cachegraph.cli.options.default_store", lambda: str(store))
        if by == "CACHEGRAPH_STORE":
            monkeypatch.setenv(by, str(store))
        words = ("--store", store) if by == "--store" else ()
        for order in (("info", "--json", *words), (*words, "info", "--json")):
            answer = json.loads(run(*order).stdout)
            assert (answer["chosen_by"], answer["store"]) == (by, str(store))
        text = run("info", "--sources", *words).stdout
        assert "stack\tspecs\troots\tsources\timported_at\nlocal/app\t3\t1\t1\t" in text
        assert text.splitlines()[-1].endswith("\tlocal/app")

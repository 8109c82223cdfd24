"""The SQL files answer in DuckDB as cachegraph does."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

import cachegraph
from cachegraph.exports.parquet import export as export_parquet
from cachegraph.model.elements import Nodes, Relationships
from cachegraph.model.schema import IN_STACK, SPEC, STACK
from cachegraph.stores.networkx import NetworkXStore
from tests.support.sample import PAGES

SQL = Path(cachegraph.__file__).parent / "sql"
STACKS = ["e4s-24.11/gcc-cpu", "e4s-24.11/gcc-cuda"]


def rows(exported: Path, name: str, **variables: Any) -> list[tuple[Any, ...]]:
    """The rows of a file of SQL."""
    with duckdb.connect() as connection:
        for variable, value in {"graph": str(exported), **variables}.items():
            connection.execute(f'SET VARIABLE "{variable}" = {value!r}')
        return connection.execute((SQL / f"{name}.sql").read_text()).fetchall()


@pytest.mark.parametrize("level", ["hash", "alike", "spec", "version", "package"])
def test_matrix(asked: cachegraph.Graph, exported: Path, level: str) -> None:
    answer = asked.matrix(all_releases=True, level=level)
    assert rows(exported, "matrix", level=level) == sorted(
        (left, right, answer["shared"][i][j], answer["jaccard"][i][j])
        for i, left in enumerate(answer["stacks"])
        for j, right in enumerate(answer["stacks"])
    )


def test_matrix_of_some(exported: Path) -> None:
    found = rows(exported, "matrix", stacks=STACKS)
    assert [row[2] for row in found] == [35, 30, 30, 44]  # as the README says
    with pytest.raises(duckdb.Error, match="no such level: binary"):
        rows(exported, "matrix", level="binary")


@pytest.mark.parametrize(
    "stacks", [STACKS, ["develop/e4s", "develop/ml-linux-x86_64-cpu", *STACKS]]
)
def test_overlap(asked: cachegraph.Graph, exported: Path, stacks: list[str]) -> None:
    levels = asked.overlap(*stacks)["levels"].items()
    assert rows(exported, "overlap", stacks=stacks) == [
        (level, one["shared"], one["union"], one["jaccard"]) for level, one in levels
    ]


@pytest.mark.parametrize("at_least", [2, 4])
def test_shared(asked: cachegraph.Graph, exported: Path, at_least: int) -> None:
    found = rows(exported, "shared", at_least=at_least)
    assert found
    assert sorted(found) == sorted(
        (row["package"], row["version"], row["hash"], sorted(row["stacks"]))
        for row in asked.shared(all_releases=True, at_least=at_least)["specs"]
    )


@pytest.mark.parametrize("within", [False, True])
def test_duplicates(asked: cachegraph.Graph, exported: Path, within: bool) -> None:
    columns = ("package", "version", "redundant", "within", "stacks", "hashes", "alike")
    groups = asked.duplicates(all_releases=True, within=within)["groups"]
    assert rows(exported, "duplicates", within=within) == [
        tuple(dict(one)[name] for name in columns) for one in groups
    ]


@pytest.mark.parametrize("by", ["target", "os", "compiler", "platform", "stack"])
def test_coverage(asked: cachegraph.Graph, exported: Path, by: str) -> None:
    answer = asked.coverage(all_releases=True, by=by)
    counted = {
        (package, value, count)
        for package, cells in zip(answer["rows"], answer["cells"], strict=True)
        for value, count in zip(answer["columns"], cells, strict=True)
        if count
    }
    unknown = {(one["package"], None, one["specs"]) for one in answer["unknown"]}
    found = rows(exported, "coverage", by=by)
    assert {*found} == counted | unknown
    assert len(found) == len(counted | unknown)


@pytest.mark.parametrize("deptypes", [[], ["link", "run"]])
def test_dependents(asked: cachegraph.Graph, exported: Path, deptypes: list[str]) -> None:
    answer = asked.dependents("/6s7cgpm", transitive=True, deptypes=deptypes)
    given = {"deptypes": deptypes} if deptypes else {}
    found = rows(exported, "dependents", hashes=["6s7cgpm"], **given)
    assert sorted(row[:4] for row in found) == sorted(
        (row["package"], row["version"], row["hash"], row["depth"] == 1) for row in answer["specs"]
    )
    stacks = {row["hash"]: row["stacks"] for row in asked.affected("/6s7cgpm")["specs"]}
    assert all(sorted(stacks[hash_]) == held for *_, hash_, _, held in found)


def test_pages_depend_on_nothing(tmp_path: Path) -> None:
    """A type of which there is none has a part with its columns."""
    graph = cachegraph.open(":memory:")
    graph.import_(PAGES)
    graph.export(tmp_path / "graph", "parquet")
    assert rows(tmp_path / "graph", "dependents", hashes=["2feova4"]) == []


def test_stacks_without_packages(tmp_path: Path) -> None:
    """One shares 9 of 32 packages with another, one has a spec of which nothing is known."""
    specs = [f"spec{number:02}" for number in range(32)]
    store = NetworkXStore()
    with store.writing():
        store.load([Nodes.of(STACK, [f"r/{name}"], {"release": "r"}) for name in "abcd"])
        store.load([Nodes.of(SPEC, [key], {"package": key, "version": "1"}) for key in specs])
        members = {"r/a": specs[:20], "r/b": specs[11:], "r/c": ["stub"]}
        store.load([Relationships(IN_STACK, keys, stack) for stack, keys in members.items()])
    export_parquet(store.elements(), tmp_path / "graph")
    found = {(row[0], row[1]): row[2:] for row in rows(tmp_path / "graph", "matrix", level="spec")}
    assert found["r/a", "r/b"] == found["r/b", "r/a"] == (9, 0.2812)  # of 0.28125 the even one
    assert found["r/a", "r/a"] == (20, 1.0)
    assert {found[left, right] for left, right in found if {left, right} & {"r/c", "r/d"}} == {
        (0, 0.0)
    }
    assert len(found) == 16
    graph = tmp_path / "graph"
    assert rows(graph, "overlap", stacks=["r/b", "r/a", "r/a"])[2] == ("spec", 9, 32, 0.2812)
    assert rows(graph, "overlap", stacks=["r/c", "r/d"]) == [
        ("hash", 0, 1, 0.0),
        *((level, 0, 0, 0.0) for level in ("alike", "spec", "version", "package")),
    ]
    assert not [row for row in rows(graph, "coverage", by="stack") if row[1] == "r/c"]


@pytest.mark.parametrize(("name", "variable"), [("overlap", "stacks"), ("dependents", "hashes")])
def test_what_has_no_default_is_asked_for(exported: Path, name: str, variable: str) -> None:
    with pytest.raises(duckdb.Error, match=f"SET VARIABLE {variable} = "):
        rows(exported, name)


IN_ITS_FOLDER = "import duckdb, sys; print(len(duckdb.sql(open(sys.argv[1]).read()).fetchall()))"


def test_the_current_folder_is_asked_by_default(exported: Path) -> None:
    words = [sys.executable, "-c", IN_ITS_FOLDER, str(SQL / "shared.sql")]
    done = subprocess.run(words, cwd=exported, check=True, capture_output=True, text=True)
    assert int(done.stdout) == len(rows(exported, "shared"))


@pytest.mark.parametrize("path", sorted(SQL.glob("*.sql")), ids=lambda path: str(path.stem))
def test_it_begins_with_what_it_needs(path: Path) -> None:
    """Each variable that a file reads is explained in its comment, and no other."""
    comment, _, code = path.read_text().partition("\nWITH ")
    explained = {
        line.split()[3].strip('"') for line in comment.splitlines() if " VARIABLE " in line
    }
    read = {part.partition("'")[0] for part in code.split("getvariable('")[1:]}
    assert explained == read

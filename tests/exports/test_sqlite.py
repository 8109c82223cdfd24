"""Plain tables: what SQL finds in them, without cachegraph, and what datasette looks for."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import cachegraph
from cachegraph.exports.sqlite import export
from cachegraph.model.elements import Nodes
from cachegraph.model.schema import NODE_TYPES, RELATIONSHIP_TYPES, SPEC
from tests.support.sample import PAGES

LOCK = Path(__file__).parents[1] / "fixtures/spack/locks/e4s-23.05"


@pytest.fixture(scope="module")
def graph() -> Iterator[cachegraph.Graph]:
    with cachegraph.open(":memory:") as graph:
        graph.import_(PAGES, LOCK)
        yield graph


@pytest.fixture(scope="module")
def database(
    graph: cachegraph.Graph, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("tables") / "graph.sqlite"
    count = graph.export(path, plain=True)
    with closing(sqlite3.connect(path)) as database:
        total = sum(
            database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables()
        )
        assert total == count
        yield database


def tables() -> list[str]:
    return [t.label for t in NODE_TYPES] + [t.name for t in RELATIONSHIP_TYPES]


def test_all_of_the_graph_is_there(graph: cachegraph.Graph, database: sqlite3.Connection) -> None:
    database.row_factory = sqlite3.Row
    original = graph.networkx()
    for type_ in NODE_TYPES:
        lists = {p.name for p in type_.properties if p.kind.name == "list of strings"}
        booleans = {p.name for p in type_.properties if p.kind.name == "boolean"}
        for row in database.execute(f'SELECT * FROM "{type_.label}"'):
            said = {k: row[k] for k in row.keys() if row[k] is not None}  # noqa: SIM118
            said |= {k: tuple(json.loads(said[k])) for k in lists & said.keys()}
            said |= {k: bool(said[k]) for k in booleans & said.keys()}
            node = original.nodes[f"{type_.label}:{row[0]}"]
            assert {"kind": type_.label, **said} == node
    for of in RELATIONSHIP_TYPES:
        for start, end, *values in database.execute(f'SELECT * FROM "{of.name}"'):
            edge = original.edges[f"{of.start.label}:{start}", f"{of.end.label}:{end}", of.name]
            known = zip(of.properties, values, strict=True)
            said = {p.name: v for p, v in known if v is not None}
            for p in of.properties:
                if p.name in said and p.kind.name == "list of strings":
                    said[p.name] = tuple(json.loads(said[p.name]))
            assert said == edge


def test_keys_are_valid_and_declared(database: sqlite3.Connection) -> None:
    database.row_factory = None
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    found = database.execute("PRAGMA foreign_key_list('IN_STACK')").fetchall()
    assert sorted(row[2:5] for row in found) == [
        ("Spec", "spec", "hash"),
        ("Stack", "stack", "key"),
    ]
    for name in tables():
        columns = database.execute(f"PRAGMA table_info('{name}')").fetchall()
        assert any(row[5] for row in columns), "a primary key"
    columns = database.execute("PRAGMA table_info('DEPENDS_ON')").fetchall()
    assert [row[1:3] for row in columns] == [
        ("spec", "TEXT"),
        ("dependency", "TEXT"),
        ("deptypes", "TEXT"),
        ("virtuals", "TEXT"),
    ]
    kinds = {row[1]: row[2] for row in database.execute("PRAGMA table_info('Spec')")}
    assert (kinds["size"], kinds["external"], kinds["variants"]) == ("INTEGER", "INTEGER", "TEXT")


def test_joins_have_an_index(database: sqlite3.Connection) -> None:
    plan = database.execute(
        "EXPLAIN QUERY PLAN SELECT * FROM DEPENDS_ON WHERE dependency = 'x'"
    ).fetchall()
    assert "USING INDEX" in plan[0][3] or "USING COVERING INDEX" in plan[0][3]
    plan = database.execute("EXPLAIN QUERY PLAN SELECT * FROM Spec WHERE package = 'x'").fetchall()
    assert "USING INDEX" in plan[0][3]


def test_views_answer_what_people_ask(
    graph: cachegraph.Graph, database: sqlite3.Connection
) -> None:
    database.row_factory = None
    left, right = "ml-linux-x86_64-cpu", "ml-linux-x86_64-cuda"
    (shared,) = database.execute(
        "SELECT count(*) FROM (SELECT hash FROM specs_in_stacks WHERE stack = ? INTERSECT "
        "SELECT hash FROM specs_in_stacks WHERE stack = ?)",
        (left, right),
    ).fetchone()
    assert shared == 63  # the README's
    stacks = database.execute(
        "SELECT release || '/' || stack, count(*), sum(is_root) FROM specs_in_stacks GROUP BY 1"
    )
    rows = graph.stacks(all_releases=True)["stacks"]
    told = {row["key"]: (row["specs"], row["roots"]) for row in rows}
    assert {key: (specs, roots) for key, specs, roots in stacks} == told
    users = database.execute(
        "SELECT DISTINCT hash FROM dependencies WHERE dependency = 'zlib'"
    ).fetchall()
    every = graph.networkx()
    assert users
    assert {f"Spec:{hash_}" for (hash_,) in users} == {
        start
        for start, end, type_ in every.edges(keys=True)
        if type_ == "DEPENDS_ON" and every.nodes[end].get("package") == "zlib"
    }


def test_a_list_is_json(database: sqlite3.Connection) -> None:
    database.row_factory = None
    (count,) = database.execute(
        "SELECT count(*) FROM Spec, json_each(Spec.variants) "
        "WHERE json_each.value = 'build_system=python_pip' AND Spec.specfile_version IS NULL"
    ).fetchone()
    assert count == 390  # all of the pages


def test_without_plain_it_is_refused(graph: cachegraph.Graph, tmp_path: Path) -> None:
    with pytest.raises(cachegraph.UsageError, match="plain tables, and no store") as caught:
        graph.export(tmp_path / "graph.sqlite")
    assert "--plain" in str(caught.value.hint)
    with pytest.raises(cachegraph.UsageError, match="graphml has no plain form"):
        graph.export(tmp_path / "graph.graphml", plain=True)
    graph.export(tmp_path / "graph.db", plain=True)  # of any name
    with pytest.raises(cachegraph.StoreError):
        cachegraph.open(tmp_path / "graph.db").stats()
    assert [path.name for path in tmp_path.iterdir()] == ["graph.db"]


def test_a_pipe_is_no_place_for_a_database(graph: cachegraph.Graph) -> None:
    with pytest.raises(cachegraph.StoreError, match="/dev/stdout: a pipe or a device"):
        graph.export("/dev/stdout", plain=True)


def test_a_file_with_a_log_beside_it_is_in_use(tmp_path: Path) -> None:
    """Its log would be taken for that of the new file."""
    path = tmp_path / "graph.sqlite"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE t (x)")
        with pytest.raises(cachegraph.StoreError, match="in use"):
            export([Nodes(SPEC, ["a"])], path)
    assert export([Nodes(SPEC, ["a"])], path) == 1

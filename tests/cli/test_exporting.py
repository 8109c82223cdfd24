"""The command ``export``: parts, formats, and what it says."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cachegraph
from cachegraph.cli import cli
from tests.conformance.groups import grouped
from tests.support.corpus import lock, needs, node, write


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """The stacks env, with two groups of roots, and other."""
    path = tmp_path / "graph.db"
    grouped(tmp_path)
    zlib = node("zlib")
    write(tmp_path / "other/spack.lock", lock(node("hdf5", needs(zlib)), zlib))
    with cachegraph.open(path) as graph:
        graph.import_(tmp_path / "env", tmp_path / "other")
    return path


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, ["export", *map(str, words)])


def packages(path: Path) -> set[str]:
    with cachegraph.open(path) as graph:
        return {row["package"] for row in graph.find("*")["specs"]}


def test_a_part_of_a_group_with_a_note(store: Path, tmp_path: Path) -> None:
    path = tmp_path / "cpu.graphml"
    result = run(path, "--store", store, "--in", "cpu")
    assert result.exit_code == 0
    note, written = result.stderr.splitlines()
    assert note == "Note: local has no stack cpu: answered for the group cpu of local/env"
    assert written.endswith(f" nodes and relationships are in {path}")
    assert packages(path) == {"app", "base", "zlib"}


def test_what_is_around_a_spec(store: Path, tmp_path: Path) -> None:
    path = tmp_path / "zlib.graphml.gz"
    assert run(path, "--store", store, "--around", "zlib").exit_code == 0
    assert packages(path) == {"zlib", "app", "tool", "hdf5"}
    assert run(path, "--store", store, "--around", "zlib", "--hops", "0").exit_code == 0
    assert packages(path) == {"zlib"}
    assert run(path, "--store", store, "--around", "zlib", "--in", "other").exit_code == 0
    assert packages(path) == {"zlib", "hdf5"}


def test_a_part_of_an_export(store: Path, tmp_path: Path) -> None:
    whole, path = tmp_path / "whole.graphml", tmp_path / "other.graphml"
    run(whole, "--store", store)
    assert run(path, "--store", whole, "--in", "other").exit_code == 0
    assert packages(path) == {"zlib", "hdf5"}
    refused = run(whole, "--store", whole, "--in", "other")
    assert refused.exit_code == 2
    assert "this is the store itself" in refused.stderr


def test_a_file_stands_for_a_stack(store: Path, tmp_path: Path) -> None:
    path, lock_file = tmp_path / "part.graphml", tmp_path / "other/spack.lock"
    assert run(path, "--store", tmp_path / "none.db", "--in", lock_file).exit_code == 0
    assert packages(path) == {"zlib", "hdf5"}
    words = ("--in", lock_file, "--in", "env")
    assert run(path, "--store", store, *words).exit_code == 0
    assert packages(path) == {"zlib", "hdf5", "app", "base", "tool", "cuda"}
    with cachegraph.open(path) as graph:
        assert len(graph.stacks(all_releases=True)["stacks"]) == 2


def test_plain_tables(store: Path, tmp_path: Path) -> None:
    path = tmp_path / "tables.sqlite"
    refused = run(path, "--store", store)
    assert refused.exit_code == 2
    assert refused.stderr == (
        f"Error: {path}: exports to SQLite are plain tables, and no store of cachegraph\n"
        "Hint: for plain tables say --plain; to copy a store, copy its file\n"
    )
    assert run(path, "--store", store, "--plain", "--in", "other").exit_code == 0
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT package, stack, is_root FROM specs_in_stacks ORDER BY 1")
        assert rows.fetchall() == [("hdf5", "other", 1), ("zlib", "other", 0)]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["g.graphml", "--hops", "2"], "--hops needs --around"),
        (["g.graphml", "--around", "zlib", "--hops", "-1"], "-1 is not in the range"),
        (["g.graphml", "--around", "zlib@9"], "no spec fits zlib@9"),
        (["g.graphml", "--in", "othr"], "did you mean other?"),
        (["g.gexf", "--plain"], "gexf has no plain form"),
        (["g.dot"], "the name ends in none of .graphml, .graphml.gz, .gexf"),
    ],
)
def test_what_cannot_be_exported(
    store: Path,
    tmp_path: Path,
    words: list[str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    result = run(*words, "--store", store)
    assert result.exit_code == 2
    assert message in result.stderr
    assert [*Path().iterdir()] == []

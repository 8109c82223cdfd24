"""What ``cachegraph import`` prints of stacks that were there before."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cachegraph.cli import cli
from tests.support.corpus import lock, node, spec, write, write_page
from tests.support.terminal import in_terminal

FEW = [node(f"a{number}") for number in range(3)]
MANY = [node(f"b{number}") for number in range(5)]


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, ["import", *map(str, words)])


@pytest.fixture
def env(tmp_path: Path) -> Path:
    """A lock file that has changed since it was imported."""
    path = write(tmp_path / "env" / "spack.lock", lock(*FEW))
    assert run(path, "--store", tmp_path / "x.db").exit_code == 0
    return write(path, lock(*MANY, FEW[0]))


def test_a_changed_lock_file_replaces_its_stack(tmp_path: Path, env: Path) -> None:
    result = run(env, "--store", tmp_path / "x.db")
    assert result.stderr == "Note: local/env: 6 specs; 2 of before left\n"
    table = "stack\tspecs\tadded\tstayed\tremoved\nlocal/env\t6\t5\t1\t2\n"
    assert table in result.stdout
    assert "\nremoved\t2\n" in result.stdout


def test_add_keeps_both(tmp_path: Path, env: Path) -> None:
    result = run(env, "--add", "--store", tmp_path / "x.db")
    assert result.stderr == "Note: local/env: 8 specs; 2 of before that no source lists were kept\n"
    assert "stack\tspecs\tadded\tstayed\tremoved\tkept\nlocal/env\t8\t5\t3\t0\t2\n" in result.stdout


def test_replace_is_accepted(tmp_path: Path, env: Path) -> None:
    result = run(env, "--replace", "--json", "--store", tmp_path / "x.db")
    answer = json.loads(result.stdout)
    assert (answer["kept"], answer["removed"], answer["unchanged"]) == (0, 2, 0)
    assert answer["changes"] == [
        {"key": "local/env", "specs": 6, "added": 5, "stayed": 1, "removed": 2}
    ]
    assert "--replace" not in CliRunner().invoke(cli, ["import", "--help"]).output


def test_a_bad_record_is_a_reason(tmp_path: Path, env: Path) -> None:
    write(env, lock(*FEW[:2], {**FEW[2], "version": None}))
    result = run(env, "--store", tmp_path / "x.db")
    note = "Note: local/env: nothing was removed: 1 record could not be read"
    assert note in result.stderr.splitlines()


def test_of_many_stacks_those_that_changed_are_shown(tmp_path: Path) -> None:
    names = [f"s{number}" for number in range(30)]
    write_page(tmp_path, "zlib", [spec("z", *names)])
    write_page(tmp_path, "curl", [spec("c", "s7")])
    store = tmp_path / "x.db"
    run(tmp_path / "_cache", "--store", store)
    write_page(tmp_path, "curl", [spec("d", "s7")])
    words = ("--section", "changes", "--store", str(store))
    shown = in_terminal("import", str(tmp_path / "_cache"), *words, NO_COLOR="1")
    assert shown.splitlines()[-4:] == [
        "29 stacks are as before",
        "stack         specs  added  stayed  removed",
        "develop/root      2      1       1        1",
        "develop/s7        2      1       1        1",
    ]


def test_unchanged_sources_are_counted(tmp_path: Path, env: Path) -> None:
    store = tmp_path / "x.db"
    run(env, "--store", store)
    result = run(env, "--store", store)
    assert result.stderr == ""
    assert "\nsources unchanged\t1\n" in result.stdout
    assert "stack\tspecs\tadded\tstayed\tremoved\n\n" in result.stdout
    shown = in_terminal("import", str(env), "--store", str(store))
    assert "1 source unchanged" in shown
    assert "1 stack is as before" in shown

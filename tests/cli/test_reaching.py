"""The commands that follow dependencies, as people see them."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.test_cli import run
from tests.support.known_answers import fixture
from tests.support.realfiles import lock
from tests.support.terminal import in_terminal

CONDUIT = "/yy5fweh"  # one of the two of the file


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "graph.db"
    assert run("import", fixture(lock("radiuss")), "--store", path).exit_code == 0
    return path


def test_a_list_in_a_pipe(store: Path) -> None:
    result = run("deps", CONDUIT, "--store", store)
    lines = [line.split("\t") for line in result.stdout.splitlines()]
    assert lines[0] == [
        *("package", "version", "compiler", "os", "target", "hash"),
        *("deptypes", "virtuals", "variants"),
    ]
    answer = json.loads(run("deps", CONDUIT, "--store", store, "--json").stdout)
    assert [line[0] for line in lines[1:]] == [row["package"] for row in answer["specs"]]
    assert [line[6].split() for line in lines[1:]] == [row["deptypes"] for row in answer["specs"]]
    assert result.stderr == ""


def test_a_transitive_list_tells_how_far(store: Path) -> None:
    result = run("dependents", "zlib-ng", "--transitive", "--store", store)
    lines = [line.split("\t") for line in result.stdout.splitlines()]
    assert lines[0][:3] == ["depth", "package", "version"]
    assert len(lines) == 1 + 126
    assert lines[1:] == sorted(lines[1:], key=lambda line: (int(line[0]), *line[1:3], 0))
    assert result.stderr == "Note: 2 specs fit zlib-ng: the answer covers all\n"
    rows = json.loads(run("dependents", "zlib-ng", "-t", "--store", store, "--json").stdout)
    assert [line[0] for line in lines[1:]] == [str(row["depth"]) for row in rows["specs"]]
    assert [line[6] for line in lines[1:]] == [f"/{row['hash']}" for row in rows["specs"]]


def test_a_tree_on_a_terminal(store: Path) -> None:
    shown = in_terminal("deps", CONDUIT, "--tree", "--store", store, NO_COLOR="1")
    assert re.match(r"\d+ lines, \d+ of them repeated\n", shown)
    assert re.search(r"^conduit +0\.9\.7 +/yy5fweh$", shown, re.MULTILINE)
    assert re.search(r"^  blt +[\d.]+ +/\w{7} +build$", shown, re.MULTILINE)
    assert re.search(r"^    cmake +[\d.]+ +/\w{7} +run$", shown, re.MULTILINE)
    assert re.search(r"^        compiler-wrapper .* build +above$", shown, re.MULTILINE)


def test_what_a_list_is_of(store: Path) -> None:
    shown = in_terminal("deps", "zlib-ng", "--deptype", "link", "--store", store)
    assert "\nzlib-ng depends on 2 specs, directly, by link\n" in shown
    shown = in_terminal("dependents", "xbraid", "-t", "--store", store)
    assert shown == "0 specs depend on xbraid\n"


def test_a_path_and_none(store: Path) -> None:
    result = run("deps", CONDUIT, "--path", "zlib-ng", "--store", store, "--csv")
    lines = result.stdout.splitlines()
    assert lines[0] == "package,version,hash,deptypes,virtuals"
    assert lines[1].startswith("conduit,0.9.7,/yy5fweh")
    assert lines[-1].startswith("zlib-ng,2.3.3,/")
    shown = in_terminal("deps", "zlib-ng", "--path", "conduit", "--store", store)
    assert "No path: zlib-ng does not depend on conduit." in shown
    shown = in_terminal("dependents", "conduit", "--path", "zlib-ng", "--store", store)
    assert "No path: zlib-ng does not depend on conduit." in shown


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["deps", CONDUIT], 1),
        (["deps", CONDUIT, "--deptype", "test"], 0),
        (["deps", CONDUIT, "--path", "zlib-ng"], 1),
        (["deps", "zlib-ng", "--path", "conduit"], 0),
        (["dependents", "xbraid", "--tree"], 0),
        (["affected", "zlib-ng"], 1),
    ],
)
def test_exit_code_tells_whether_there_is_anything(
    store: Path, words: list[str], status: int
) -> None:
    assert run(*words, "--exit-code", "--store", store).exit_code == status
    assert run(*words, "--store", store).exit_code == 0


def test_affected_in_sections(store: Path) -> None:
    result = run("affected", "zlib-ng", "--section", "stacks", "--store", store)
    assert result.stdout == "key\tmatched\tspecs\troots\nlocal/radiuss\t2\t126\t15\n"
    shown = in_terminal("affected", "zlib-ng", "--deptype", "test", "--store", store)
    assert shown.startswith("2 specs fit zlib-ng; 0 specs depend on them, by test\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["deps", CONDUIT, "--deptype", "link,lib"],
            "Error: no deptype lib\nHint: deptypes are build, link, run, test\n",
        ),
        (["dependents", "conduitt"], "Error: no package conduitt\nHint: did you mean conduit?\n"),
        (
            ["deps", CONDUIT, "--in", "radius"],
            "Error: no stack radius\nHint: did you mean radiuss?\n",
        ),
        (["affected", "/77777777"], "Error: no spec /77777777\n"),
    ],
)
def test_errors(store: Path, words: list[str], message: str) -> None:
    result = run(*words, "--store", store)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(message)

"""What reaches a terminal, or a spreadsheet, obeys nobody: control characters and formulas."""

import json
from pathlib import Path

import pytest

import cachegraph
from cachegraph.output.render import as_csv, as_json
from cachegraph.output.tables import Table
from tests.support.corpus import lock, node, write
from tests.support.terminal import in_terminal

ESCAPES = ["\x1b[31m", "\x9b31m", "\u202e", "\u2066", "\x07", "\x7f", "\x00"]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store in which names have all of the escapes."""
    app = node(f"app{''.join(ESCAPES)}")
    root = {"hash": app["hash"], "spec": f"app{''.join(ESCAPES)}"}
    path = write(tmp_path / "env" / "spack.lock", lock(app, roots=[root]))
    cachegraph.open(tmp_path / "graph.db").import_(path, stack=f"env{''.join(ESCAPES)}")
    return tmp_path / "graph.db"


@pytest.mark.parametrize(
    "words",
    [
        ("find", "+x"),
        ("find", "platform=linux"),
        ("stacks", "--csv"),
        ("stacks", "--markdown"),
        ("find", "platform=linux", "--json"),
        ("find", "platform=linux", "--csv"),
        ("overlap", "a\x1b[31m", "b"),
        ("show", "\x1b[31m\u202e"),
        ("nothing\x1b[31m\u202e",),
        ("stacks", "--nothing\x1b[31m"),
        ("verify",),
    ],
)
def test_no_escape_gets_out(store: Path, words: tuple[str, ...]) -> None:
    shown = in_terminal("--store", store, *words, NO_COLOR="1", COLUMNS="400")
    assert shown
    assert not [c for c in shown if not c.isprintable() and c != "\n"]


def test_warnings_and_errors_of_an_import(tmp_path: Path) -> None:
    bad = node("zlib\x1b[31m")
    del bad["version"]
    documents = {"one": lock(bad, node("ok")), "two\x1b[31m": {"nothing": "\x1b[31m"}}
    for name, document in documents.items():
        path = write(tmp_path / name / "spack.lock", document)
        shown = in_terminal(
            "--store", tmp_path / "graph.db", "import", path, NO_COLOR="1", COLUMNS="400"
        )
        assert "Warning: " in shown or "Error: " in shown
        assert "\x1b[31m" not in shown  # the progress bar has escapes of its own


def test_json_has_the_same_values() -> None:
    answer = {"question": "x", "rows": [{"name": name} for name in ESCAPES]}
    text = "".join(as_json(answer))
    assert json.loads(text) == answer
    assert text.replace("\n", "").isprintable()


def test_csv_has_no_formula() -> None:
    cells = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "plain", "a=1", -1]
    lines = "".join(as_csv([Table("rows", ("cell", "next"), [(cell, "x") for cell in cells])]))
    assert lines.splitlines()[1:5] == ["'=1+1,x", "'+1,x", "'-1,x", "'@x,x"]
    assert lines.endswith("plain,x\na=1,x\n-1,x\n")

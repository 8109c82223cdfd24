"""The README says what is so: its sessions and tables are made from the program."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import cachegraph
from cachegraph.cli import GROUPS, OTHERS
from cachegraph.model.schema import NODE_TYPES, RELATIONSHIP_TYPES
from cachegraph.questions import QUESTIONS
from cachegraph.reading.discover import SAMPLE
from tests.support.readme import (
    README,
    UPDATE,
    command_row,
    commands,
    cypher_questions,
    picture,
    updated,
)

WORDS = (
    "stack",
    "release",
    "spec",
    "alike",
    "near-duplicate",
    "root",
    "group",
    "cause",
    "pin",
    "stub",
)


def test_readme_is_up_to_date(tmp_path: Path) -> None:
    assert README.read_text() == updated(tmp_path), f"to update it: {UPDATE}"


def test_the_picture_has_every_label_and_relationship() -> None:
    drawn = picture()
    assert '\n  Stack["Stack<br>key"]\n' in drawn
    assert '\n  Spec2["Spec<br>hash"]\n' in drawn
    assert "\n  Spec -->|DEPENDS_ON<br>BUILT_AS| Spec2\n" in drawn
    assert {*re.findall(r'\["(\w+)<br>', drawn)} == {type_.label for type_ in NODE_TYPES}
    arrows = "<br>".join(re.findall(r"-->\|(.*)\|", drawn)).split("<br>")
    assert sorted(arrows) == sorted(type_.name for type_ in RELATIONSHIP_TYPES)


@pytest.mark.parametrize(
    "row",
    [
        "| `why.cypher` | `{hashes: ['kc2bmnx', 'tqdtzdz']}` "
        "| `zlib-ng`: `~new_strategies` on the left, `+new_strategies` on the right |",
        "| `stats.cypher` |  | 466 specs, 17 stacks, 307 dependencies |",
    ],
)
def test_row_of_a_cypher_file(row: str) -> None:
    assert row in cypher_questions().splitlines()


@pytest.mark.parametrize("word", WORDS)
def test_the_glossary_explains_a_word(word: str) -> None:
    assert f"\n| {word} |" in README.read_text().partition("## Glossary")[2]


def test_code_of_the_readme_runs(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    store = tmp_path / "graph.db"
    cachegraph.open(store).import_(SAMPLE)
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "CACHEGRAPH_STORE": str(store)},
    )
    assert done.stdout == "3\n"


def test_frames_of_the_readme() -> None:
    pytest.importorskip("polars")
    (code,) = re.findall(r"```py\n(.*?)```", README.read_text(), re.DOTALL)
    graph = cachegraph.open(":memory:")
    graph.import_(SAMPLE)
    for line in code.splitlines():
        assert len(eval(line, {"graph": graph}))


@pytest.mark.parametrize(
    ("name", "row"),
    [
        (
            "shared",
            "| `cachegraph shared [STACK...]` "
            "| List the specs that K or more stacks hold, with the stacks of each "
            "| `cachegraph shared --at-least 3` |",
        ),
        (
            "history",
            "| `cachegraph history PACKAGE` "
            "| Show the versions and hashes of a package in each release "
            "| `cachegraph history ginkgo` |",
        ),
    ],
)
def test_row_of_a_command(name: str, row: str) -> None:
    assert command_row(name) == row


def test_a_pipe_does_not_end_a_cell() -> None:
    assert command_row("query").startswith(r"| `cachegraph query CYPHER\|FILE` |")


def test_every_command_is_in_the_table_of_its_group() -> None:
    text = commands()
    assert text.count("\n| `cachegraph ") == len(QUESTIONS) + len(OTHERS)
    sections = dict(zip(GROUPS, text.split("### ")[1:], strict=True))
    for name, (group, *_) in QUESTIONS.items():
        assert f"`cachegraph {name}" in sections[group]

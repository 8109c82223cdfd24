"""The table of commands in the README is made from the commands' help."""

import pytest

from cachegraph.cli import GROUPS, OTHERS
from cachegraph.questions import QUESTIONS
from tests.support.readme import command_row, commands


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
            "| `cachegraph history py-mpi4py` |",
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
    for name, entry in QUESTIONS.items():
        assert f"`cachegraph {name}" in sections[entry.group]

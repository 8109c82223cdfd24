"""Command lines of the usual form are read without Click, and give what Click reads in them."""

from typing import Any

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cachegraph.cli.command import question_command
from cachegraph.console.asking import MORE
from cachegraph.console.words import given_by
from cachegraph.environment import default_store
from cachegraph.questions import QUESTIONS, question_class

PLAIN = sorted(QUESTIONS.keys() - MORE.keys())
COMMANDS = {name: question_command(name) for name in PLAIN}
ONLY_OF_CLICK = {"plot": None, "dark": False, "spack_yaml": None, "every_root": False}
OF_NONE = ["--help", "-h", "--", "-", "", "--no-such", "--limit=3", "--limi", "-vL", "-5", "=x"]
VALUES = ["e4s", "cmake@3.27", "cflags==-O2 -g", 'ldflags="-a b"', "a=b c", "0", "1", "007", "٣"]
VALUES += ["12", "1_0", " 5", "99999999999", "link", "build,run", "hash", "version", "x\ud800", "é"]


def by_click(name: str, words: list[str]) -> dict[str, Any] | None:
    """What Click hands to the command; None where it prints something itself."""
    try:
        return COMMANDS[name].make_context(name, [*words], resilient_parsing=False).params
    except (click.ClickException, click.exceptions.Exit):
        return None


def names(name: str) -> list[str]:
    return [text for parameter in COMMANDS[name].params for text in parameter.opts if "-" in text]


@st.composite
def lines(draw: st.DrawFn) -> tuple[str, list[str]]:
    name = draw(st.sampled_from(PLAIN))
    option = st.sampled_from([one for one in names(name) if one.startswith("-")])
    word = st.one_of(option, option, st.sampled_from(VALUES), st.sampled_from(VALUES + OF_NONE))
    return name, draw(st.lists(word, max_size=7))


@settings(max_examples=600, deadline=None)
@given(lines())
def test_any_words_give_what_click_reads(line: tuple[str, list[str]]) -> None:
    name, words = line
    plain = given_by(question_class(name), words)
    if plain is not None:
        plain["store"] = plain["store"] or default_store()
        read = by_click(name, words)
        assert read is not None
        assert {**ONLY_OF_CLICK, **plain} == {**ONLY_OF_CLICK, **read}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("overlap a b --store s", {"stacks": ("a", "b"), "store": "s", "stacks_also": ()}),
        ("overlap --in a --in b --json", {"stacks": (), "stacks_also": ("a", "b"), "json": True}),
        ("dependents cmake @3.27 --limit 3", {"spec": "cmake @3.27", "limit": 3, "csv": False}),
        ("diff a -L b", {"left": "a", "right": "b", "whole_hashes": True, "limit": None}),
        ("what-if --best 3 --exit-code", {"best": 3, "pins": (), "exit_code": True}),
        ("matrix --level version", {"level": "version"}),
    ],
)
def test_a_usual_line_needs_no_click(line: str, expected: dict[str, Any]) -> None:
    name, *words = line.split()
    found = given_by(question_class(name), words)
    assert found is not None
    assert expected.items() <= found.items()


@pytest.mark.parametrize(
    "line",
    [
        "overlap -h",
        "diff a",
        "diff a b c",
        "dependents",
        "what-if --best -1",
        "matrix --level x",
        "overlap a b --store",
        "overlap a --limit 0",
        "base --unify",
        "overlap a b --plot x.svg",
    ],
)
def test_what_click_has_to_say_is_left_to_it(line: str) -> None:
    name, *words = line.split()
    assert given_by(question_class(name), words) is None

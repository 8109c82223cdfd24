"""Questions are registered once, and everything that follows from the registry is there."""

import inspect
import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

import cachegraph
from cachegraph.cli import GROUPS, OTHERS, cli
from cachegraph.questions import QUESTIONS, Question, fields, question_class
from cachegraph.reading.discover import SAMPLE

# Commands whose examples need a server, a file that is not in the sample, or a network.
NOT_TRIED = ("import", "load", "query", "serve")
EVERY_QUESTION = pytest.mark.parametrize("name", QUESTIONS)


def commands() -> list[str]:
    return cli.list_commands(click.Context(cli))


@EVERY_QUESTION
def test_a_question_is_a_method_of_graph_with_its_parameters(name: str) -> None:
    method = inspect.signature(getattr(cachegraph.Graph, name.replace("-", "_")))
    parameters = method.parameters.keys() - {"self", "names"}  # names are stacks, too
    described = {field for field, hint in fields(question_class(name)).items() if described_(hint)}
    assert parameters == described


def described_(hint: Any) -> bool:
    """Whether a field has an option or an argument: others are given by the library alone."""
    return bool(getattr(hint, "__metadata__", ()))


@EVERY_QUESTION
def test_parameters_are_given_by_name(name: str) -> None:
    question: Any = question_class(name)
    with pytest.raises(TypeError):
        question("develop/e4s")
    with pytest.raises(TypeError, match="has no parameter stak"):
        question(stak="develop/e4s")


def test_a_parameter_without_default_is_required() -> None:
    with pytest.raises(TypeError, match="Unique needs the parameter stack"):
        question_class("unique")()


@EVERY_QUESTION
def test_every_part_of_a_question_is_written(name: str) -> None:
    question = question_class(name)
    for part in ("select", "walk", "tables"):
        assert getattr(question, part) is not getattr(Question, part), part
    has_found = bool(question.found_in) or question.found is not Question.found
    assert bool(question.exit_code) == has_found


def test_commands_are_grouped_and_each_is_listed_once() -> None:
    names = commands()
    assert sorted(names) == sorted([*QUESTIONS, *OTHERS])
    text = CliRunner().invoke(cli, ["--help"]).output
    assert [title for title in GROUPS.values() if f"\n{title}:\n" in text] == [*GROUPS.values()]
    listed = re.findall(r"^  ([a-z-]+)  ", text.partition("Options:")[2], re.MULTILINE)
    assert listed == names


@pytest.mark.parametrize("name", commands())
def test_help_fits_80_columns_and_is_not_cut(name: str) -> None:
    result = CliRunner().invoke(cli, [name, "--help"])
    assert max(map(len, result.output.splitlines())) <= 80
    overview = CliRunner().invoke(cli, ["--help"]).output
    assert max(map(len, overview.splitlines())) <= 80
    assert "..." not in overview.partition("Commands")[2]


@pytest.fixture(scope="module")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("sample") / "graph.db"
    cachegraph.open(store).import_(SAMPLE)
    return store


def examples(name: str) -> list[str]:
    text = CliRunner().invoke(cli, [name, "--help"]).output.partition("Examples:")[2]
    return re.findall(r"^    cachegraph (.+)$", text, re.MULTILINE)


@pytest.mark.slow
@pytest.mark.parametrize("name", commands())
def test_examples_of_help_answer_on_the_sample(
    name: str, sample_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each example works, and of a question each has a row to read."""
    assert examples(name)
    monkeypatch.setenv("CACHEGRAPH_STORE", str(sample_store))
    monkeypatch.chdir(tmp_path)
    for example in [] if name in NOT_TRIED else examples(name):
        result = CliRunner().invoke(cli, shlex.split(example))
        assert result.exit_code == 0, (example, result.output)
        if name in QUESTIONS and "--json" not in example:
            assert any(len(part.splitlines()) > 1 for part in result.stdout.split("\n\n")), example

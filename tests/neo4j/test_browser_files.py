"""What people drop on the Neo4j Browser: a style for every label, one statement in each file."""

import re
from pathlib import Path

import pytest

from cachegraph.model.schema import NODE_TYPES, RELATIONSHIP_TYPES, NodeType
from cachegraph.reading.discover import SAMPLE
from tests.conftest import Kept
from tests.support.cypher_answers import ON_SAMPLE
from tests.support.readme import README

CYPHER = README.parent / "cypher"
QUESTIONS = sorted({*CYPHER.glob("*.cypher")} - {CYPHER / "schema.cypher"})
STYLE = CYPHER / "browser/cachegraph.grass"
# Text, quoted names and comments: what is in them is not Cypher.
QUOTED = r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`[^`]*`|//[^\n]*|/\*.*?\*/"


def styles(kind: str) -> dict[str, dict[str, str]]:
    """The style of each label or relationship type, by name."""
    rules = re.findall(kind + r"\.(\w+) {\n(.*?)\n}", STYLE.read_text(), re.DOTALL)
    return {name: dict(re.findall(r"([\w-]+): (.*);", said)) for name, said in rules}


def test_every_label_has_a_colour_of_its_own() -> None:
    found = styles("node")
    assert set(found) == {type_.label for type_ in NODE_TYPES}
    assert len({style["color"] for style in found.values()}) == len(NODE_TYPES)
    assert set(styles("relationship")) <= {type_.name for type_ in RELATIONSHIP_TYPES}


@pytest.mark.parametrize("type_", NODE_TYPES, ids=lambda type_: type_.label)
def test_captions_are_properties_of_the_label(type_: NodeType) -> None:
    named = re.findall(r"{(\w+)}", styles("node")[type_.label]["caption"])
    assert named
    assert {*named} <= {p.name for p in (type_.key, *type_.properties)}


def test_there_are_questions() -> None:
    assert CYPHER / "overlap.cypher" in QUESTIONS


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_a_question_is_one_statement_with_a_title(path: Path) -> None:
    text = path.read_text()
    assert re.match(r"// [A-Z]\w+", text)
    statement = re.sub(QUOTED, "", text, flags=re.DOTALL).strip()
    assert statement
    assert ";" not in statement.removesuffix(";")


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_a_question_has_values_for_its_parameters(path: Path) -> None:
    text = path.read_text()
    told = re.findall(r"^// :param \{(.*)\}$", text, re.MULTILINE)
    given = [re.findall(r"(\w+):", re.sub(QUOTED, "", line)) for line in told]
    used = set(re.findall(r"\$(\w+)", re.sub(QUOTED, "", text, flags=re.DOTALL)))
    assert given == ([sorted(used, key=given[0].index)] if used else [])


def test_pictures_of_the_readme_are_there_and_small() -> None:
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", README.read_text())
    assert pictures
    assert all((README.parent / picture).stat().st_size < 200_000 for picture in pictures)


def test_the_readme_tells_what_each_question_answers() -> None:
    assert {*ON_SAMPLE} == {path.stem for path in QUESTIONS}


@pytest.mark.parametrize("name", ON_SAMPLE)
def test_the_program_finds_what_the_readme_tells(name: str, kept: Kept) -> None:
    answer = ON_SAMPLE[name]
    assert answer.of_program(kept.graph("memory", SAMPLE)) == answer.values

"""The Cypher: generated files, one file for each question, and plans that seek."""

import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from neo4j import Driver

import cachegraph
from cachegraph.model.schema import MARKER, NODE_TYPES, RELATIONSHIP_TYPES, SPEC
from cachegraph.neo4j import cypher_files, statements
from cachegraph.neo4j.own_statements import OWN_STATEMENTS
from cachegraph.questions import QUESTIONS
from cachegraph.reading.discover import SAMPLE
from tests.support.cypher_answers import ON_SAMPLE
from tests.support.loading import in_environment
from tests.support.server import Database

pytestmark = pytest.mark.newest
ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "cypher"
FILES = sorted(path.stem for path in FOLDER.glob("*.cypher"))
COMMAND = "python -m cachegraph.neo4j.cypher_files"


@pytest.mark.parametrize("name", cypher_files.generated_files())
def test_generated_files_are_up_to_date(name: str) -> None:
    there = (FOLDER / f"{name}.cypher").read_text(encoding="utf-8")
    assert there == cypher_files.generated_files()[name], f"run {COMMAND}"


def test_files_of_the_checkout_are_found() -> None:
    assert cypher_files.cypher_folder() == FOLDER
    assert cypher_files.compose_file() == ROOT / "docker-compose.yml"


def test_every_question_has_its_file_and_every_file_its_question() -> None:
    assert {name.replace("-", "") for name in QUESTIONS} | {"schema"} == {*FILES}
    assert all(cypher_files.read(name) == (FOLDER / f"{name}.cypher").read_text() for name in FILES)


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError, match=r"cypher/nosuch\.cypher"):
        cypher_files.read("nosuch")


# What people install


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a wheel, and of what it was made of."""
    folder = tmp_path_factory.mktemp("built")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.mark.slow
def test_a_wheel_has_the_cypher_inside(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = {*archive.namelist()}
        archive.extractall(tmp_path)
    assert {f"cachegraph/cypher/{name}.cypher" for name in FILES} <= names
    assert {"cachegraph/docker-compose.yml", "cachegraph/sql/matrix.sql"} <= names
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from cachegraph.neo4j import cypher_files; "
        "assert str(cypher_files.cypher_folder()).startswith(sys.argv[1]); "
        "assert str(cypher_files.compose_file()).startswith(sys.argv[1]); "
        "sys.stdout.write(cypher_files.read('overlap'))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == (FOLDER / "overlap.cypher").read_text()


@pytest.mark.slow
def test_what_the_wheel_is_made_of_has_it_too(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    assert {f"cypher/{name}.cypher" for name in FILES} <= names
    assert {"docker-compose.yml", "cypher/browser/cachegraph.grass", "README.md"} <= names


# What a server makes of it

Plan = dict[str, Any]
# What the server does by itself a while after many changes: counts again what its indexes hold.
REPLAN = "CALL db.prepareForReplanning(300)"


@pytest.fixture(scope="module")
def driver(neo4j_server: Database) -> Iterator[Driver]:
    with neo4j_server.driver(notifications_min_severity="OFF") as made:
        yield made


@pytest.fixture(scope="module")
def filled(neo4j_server: Database, driver: Driver) -> Iterator[Driver]:
    """A driver of a database with the sample."""
    neo4j_server.wipe()
    with in_environment(neo4j_server):
        fill(neo4j_server.uri)
    driver.execute_query(REPLAN)
    yield driver
    neo4j_server.wipe()


def fill(location: str) -> None:
    with cachegraph.open(location) as graph:
        graph.import_(SAMPLE)
        # The pages; 27 specs of E4S 24.02; and 35 and 44 of 24.11, of which 30 are in both.
        assert graph.stats()["nodes"]["Spec"] == 390 + 27 + 35 + 44 - 30


def languages(driver: Driver) -> list[str]:
    """What a statement begins with, for each Cypher that the server knows."""
    agent = driver.get_server_info().agent
    return ["CYPHER 5 ", *([] if agent.startswith("Neo4j/5.") else ["CYPHER 25 "])]


def parameters(driver: Driver, text: str) -> dict[str, Any]:
    """Those of the comment in a file, as the server reads them."""
    comments = re.findall(r"^// :param ({.*})$", text, re.MULTILINE)
    if not comments:
        assert "$" not in text
        return {}
    (given,) = comments
    records, _, _ = driver.execute_query(f"RETURN {given} AS given")
    found: dict[str, Any] = records[0]["given"]
    assert {*found} == {*re.findall(r"\$(\w+)", text)}
    return found


WITH_PARAMETERS = [name for name in FILES if name != "schema"]


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_a_question_runs_as_it_is_in_its_file(filled: Driver, name: str) -> None:
    text = cypher_files.read(name)
    said = parameters(filled, text)
    answers = []
    for language in languages(filled):
        records, summary, _ = filled.execute_query(f"{language}{text}", said)
        assert records
        assert summary.query_type == "r"
        answers.append([record.data() for record in records])
    assert all(len(answer) == len(answers[0]) for answer in answers)


@pytest.mark.parametrize("name", ON_SAMPLE)
def test_a_question_answers_what_the_readme_tells(filled: Driver, name: str) -> None:
    text = cypher_files.read(name)
    answer = ON_SAMPLE[name]
    for language in languages(filled):
        records, _, _ = filled.execute_query(f"{language}{text}", parameters(filled, text))
        assert answer.of_rows(records) == answer.values
        operators = names(profile(filled, text, language))
        assert not {"AllNodesScan", "CartesianProduct"} & {*operators}


def test_the_schema_runs_as_it_is_in_its_file(filled: Driver) -> None:
    written = [part.strip() for part in cypher_files.read("schema").split(";\n") if part.strip()]
    assert len(written) == len(cypher_files.schema_statements())
    for language in languages(filled):
        for statement in written:
            comments, _, text = statement.rpartition("//")
            body = text.partition("\n")[2] if comments else text
            assert (
                filled.execute_query(f"{language}{body}").summary.counters.contains_updates is False
            )


def profile(driver: Driver, text: str, language: str, **given: Any) -> Plan:
    """How the server answered a question, as a tree of operators."""
    said = given or parameters(driver, text)
    plan: Any = driver.execute_query(f"{language}PROFILE\n{text}", said).summary.profile
    return dict(plan)


def every(plan: Plan) -> Iterator[Plan]:
    """An operator and all below it."""
    yield plan
    for child in plan.get("children", ()):
        yield from every(child)


def names(plan: Plan) -> list[str]:
    return [step["operatorType"].partition("@")[0] for step in every(plan)]


def scans(plan: Plan) -> list[str]:
    """What is read as a whole: the operators that scan, and of what."""
    return [
        f"{name} {step['args'].get('Details')}"
        for step, name in zip(every(plan), names(plan), strict=True)
        if "Scan" in name
    ]


SEEK = "NodeUniqueIndexSeek"


def seeks(plan: Plan) -> int:
    return sum(name.startswith((SEEK, "MergeUniqueNode")) for name in names(plan))


def test_overlap_is_two_seeks_and_a_join(filled: Driver) -> None:
    for language in languages(filled):
        plan = profile(filled, cypher_files.read("overlap"), language)
        assert scans(plan) == []
        joins = [step for step in every(plan) if step["operatorType"].startswith("NodeHashJoin")]
        assert [seeks(join) for join in joins] == [2]
        assert names(joins[0]).count("Expand(All)") == 2
        # In the other parts a seek for each stack.
        assert seeks(plan) == 6 + names(plan).count("Optional")


@pytest.mark.parametrize(
    ("name", "sought", "scanned"),
    [
        ("show", 1, set()),
        ("find", 2, set()),
        ("matrix", 1, set()),
        ("coverage", 1, set()),
        ("history", 1, set()),
        ("want", 1, set()),
        ("stacks", 0, {"stack:Stack"}),
        ("releases", 0, {"release:Release"}),
        ("verify", 0, {"source:Source"}),
        ("deps", 3, set()),
        ("dependents", 3, set()),
        ("affected", 1, set()),
        ("shared", 1, set()),
        ("duplicates", 1, set()),
        ("unique", 1, set()),
        ("why", 1, set()),
        ("blame", 1, set()),
        ("whatif", 1, set()),
        ("prune", 1, set()),
        ("base", 1, set()),
        ("diff", 1, set()),
    ],
)
def test_questions_seek_or_scan_a_small_label(
    filled: Driver, name: str, sought: int, scanned: set[str]
) -> None:
    for language in languages(filled):
        plan = profile(filled, cypher_files.read(name), language)
        assert seeks(plan) == sought
        assert {*scans(plan)} == {f"NodeByLabelScan {what}" for what in scanned}


@pytest.mark.parametrize("name", ["deps", "dependents", "affected", "why", "blame", "whatif"])
def test_dependencies_are_followed_without_listing_paths(filled: Driver, name: str) -> None:
    """Of paths there are more than anybody can count: each spec is expanded once."""
    for language in languages(filled):
        operators = names(profile(filled, cypher_files.read(name), language))
        assert [one for one in operators if "VarLength" in one] == [
            "VarLengthExpand(Pruning,BFS,All)"
        ]


# What the sample has: two stacks of one release.
GIVEN_TO_OWN = {
    "stacks": ["e4s-24.11/gcc-cpu", "e4s-24.11/gcc-cuda"],
    "stack": "e4s-24.11/gcc-cpu",
    "among": ["e4s-24.11/gcc-cuda"],
    "without": [],
    "level": "hash",
    "at_least": 2,
}


@pytest.mark.parametrize(("name", "sought"), [("shared", 2), ("duplicates", 2), ("unique", 6)])
def test_parts_of_an_answer_are_sought(filled: Driver, name: str, sought: int) -> None:
    """And what dangles is found without every path to it."""
    for language in languages(filled):
        plan = profile(filled, OWN_STATEMENTS[name], language, **GIVEN_TO_OWN)
        assert (seeks(plan), scans(plan)) == (sought, [])
        found = [one for one in names(plan) if one.startswith("VarLength")]
        assert len(found) == (name == "unique")
        assert all(one.startswith("VarLengthExpand(Pruning,BFS") for one in found)


def test_stats_are_counts_that_the_server_keeps(filled: Driver) -> None:
    for language in languages(filled):
        plan = profile(filled, cypher_files.read("stats"), language)
        assert scans(plan) == []
        found = names(plan)
        assert found.count("NodeCountFromCountStore") == len(NODE_TYPES)
        assert found.count("RelationshipCountFromCountStore") == len(RELATIONSHIP_TYPES)


# Each text that is sent with keys, and how many keys a row of it has.
TEXTS: dict[str, tuple[Callable[[], str], int]] = {}
for label in (*NODE_TYPES, MARKER):
    every_name = tuple(p.name for p in label.properties)
    for build in (statements.existing_keys, statements.merge_nodes, statements.remove):
        TEXTS[f"{build.__name__} {label.label}"] = (partial(build, label), 1)
    leaving = tuple(type_ for type_ in RELATIONSHIP_TYPES if type_.start is label)
    text = partial(statements.differing_nodes, label, leaving)
    TEXTS[f"differing {label.label}"] = (text, 1)
    TEXTS[f"values {label.label}"] = (partial(statements.values, label, every_name), 1)
    of_texts = partial(statements.value_texts, label, every_name[:1], every_name[1:])
    TEXTS[f"value_texts {label.label}"] = (of_texts, 1)
for type_ in RELATIONSHIP_TYPES:
    # What is discarded is found from its end: the starts are looked up among those there.
    for build_ in (
        statements.starts_of,
        statements.ends_of,
        statements.starts_by_properties,
        statements.adjacent,
        statements.adjacent_texts,
        statements.discard,
    ):
        TEXTS[f"{build_.__name__} {type_.name}"] = (partial(build_, type_), 1)
    for reverse in (False, True):
        neighbours = partial(statements.neighbours, type_, reverse=reverse)
        TEXTS[f"neighbours {type_.name} {reverse}"] = (neighbours, 1)
    for build_ in (statements.merge_relationships, statements.create_relationships):
        TEXTS[f"{build_.__name__} {type_.name}"] = (partial(build_, type_), 2)

GIVEN = {
    "keys": ["a"],
    "key": "a",
    "any_of": [],
    "end": "b",
    "properties": [{}],
    "texts": [""],
    "weights": [{}] * len(RELATIONSHIP_TYPES),
    "sums": [0],
    "bare_sums": [0],
    "rows": [{"key": "a", "start": "a", "end": "b", "properties": {}}],
}


def planned(driver: Driver) -> Iterator[tuple[str, list[str], int]]:
    """Of the texts those that scan, or seek less than there are keys."""
    for language in languages(driver):
        for name, (text, keys) in TEXTS.items():
            _, summary, _ = driver.execute_query(f"{language}EXPLAIN {text()}", GIVEN)
            plan: Any = summary.plan
            if scans(plan) or seeks(plan) != keys:
                yield f"{language}{name}", scans(plan), seeks(plan)


def test_prefixes_of_hashes_are_sought(filled: Driver) -> None:
    for language in languages(filled):
        text = f"{language}EXPLAIN {statements.keys_with_prefix(SPEC)}"
        plan: Any = filled.execute_query(text, {"prefix": "ab"}).summary.plan
        assert "NodeUniqueIndexSeekByRange" in names(plan) or "NodeIndexSeekByRange" in names(plan)


def test_what_is_looked_up_by_its_key_is_sought(
    neo4j_store: str, neo4j_server: Database, driver: Driver
) -> None:
    """Plans are kept: those made for an empty database serve while it is filled, and after."""
    for statement in (*cypher_files.schema_statements(), cypher_files.AWAIT_INDEXES):
        driver.execute_query(statement)
    assert [*planned(driver)] == []
    fill(neo4j_store)
    driver.execute_query(REPLAN)
    assert [*planned(driver)] == []

"""In which form an answer is printed: one table, one section, whole hashes, no contradictions."""

import csv
import io
import json
import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cachegraph
from cachegraph.cli import cli
from cachegraph.questions import QUESTIONS, answer, question_class
from cachegraph.reading.discover import SAMPLE
from tests.cli.test_golden import QUESTIONS as ASKED
from tests.support.terminal import in_terminal

BLAME = ("blame", "--release", "e4s-24.11")
DIFF = ("diff", "e4s-24.02/gcc-cuda", "e4s-24.11/gcc-cuda")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "graph.db"
    cachegraph.open(path).import_(SAMPLE)
    return path


def run(store: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, [*words, "--store", str(store)])


def test_csv_is_one_table(store: Path) -> None:
    rows = [*csv.DictReader(io.StringIO(run(store, *BLAME, "--csv").stdout))]
    assert [row["package"] for row in rows] == ["zlib-ng"]
    sums = run(store, *DIFF, "--csv").stdout.splitlines()
    assert sums[0] == ",e4s-24.02/gcc-cuda,e4s-24.11/gcc-cuda"
    assert "" not in sums
    products = run(store, *DIFF, "--csv", "--section", "products").stdout.splitlines()
    assert products[0] == "package,change,from,to"


def test_a_section_as_json(store: Path) -> None:
    whole = json.loads(run(store, *BLAME, "--json").stdout)
    part = json.loads(run(store, *BLAME, "--json", "--section", "causes").stdout)
    assert part == {name: whole[name] for name in ("question", "scope", "causes")}
    (sums,) = [
        value
        for name, value in json.loads(
            run(store, *DIFF, "--json", "--section", "sums").stdout
        ).items()
        if name == "sums"
    ]
    assert sums[0] == {"": "kept", "e4s-24.02/gcc-cuda": 0, "e4s-24.11/gcc-cuda": 0}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--json", "--csv"), "--json or --csv, not both"),
        (("--csv", "--markdown"), "--csv or --markdown, not both"),
        (("--limit", "3", "--json"), "--limit or --json, which has all rows, not both"),
        (("--limit", "3", "--all"), "--limit or --all, not both"),
        (("--section", "cause"), "no section cause; there are stacks, causes"),
        (("--json", "--section", "cause"), "no section cause; there are stacks, causes"),
    ],
)
def test_contradictions(store: Path, options: tuple[str, ...], said: str) -> None:
    result = run(store, *BLAME, *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_a_contradiction_is_told_before_anything_is_done(tmp_path: Path) -> None:
    store = tmp_path / "graph.db"
    result = run(store, "import", "--sample", "--json", "--csv")
    assert result.exit_code == 2
    assert not store.exists()


def test_hashes_are_whole_but_where_people_read(store: Path) -> None:
    def hashes(*words: str) -> set[int]:
        shown = run(store, "find", "zlib-ng", *words).stdout
        return {len(hash_) for hash_ in re.findall(r"(?<=/)[a-z2-7]{7,}\b", shown)}

    assert (hashes(), hashes("--csv"), hashes("--markdown")) == ({32}, {32}, {7})
    shown = in_terminal("find", "zlib-ng", "--store", store)
    assert re.search(r" /6s7cgpm ", shown)
    assert re.search(
        r" /6s7cgpm[a-z2-7]{25} ", in_terminal("find", "zlib-ng", "-L", "--store", store)
    )


def test_variants_that_differ_and_all(store: Path) -> None:
    shown = in_terminal("find", "zlib-ng@2.2", "--store", store, COLUMNS="160")
    assert "build_system" not in shown
    assert "new_strategies" in shown
    assert "build_system" in in_terminal("find", "zlib-ng@2.2", "-v", "--store", store)
    assert "build_system" in in_terminal("show", "/6s7cgpm", "--store", store)


def test_limit(store: Path) -> None:
    assert len(run(store, "find", "py-mpi4py", "--limit", "3").stdout.splitlines()) == 4
    table = run(store, "find", "py-mpi4py", "--limit", "3", "--markdown").stdout.splitlines()
    assert sum(line.startswith("| py-mpi4py") for line in table) == 3


def test_rows_fill_the_terminal(store: Path) -> None:
    words = ("find", "py-mpi4py", "--store", store)
    for height in (20, 50):
        shown = in_terminal(*words, LINES=str(height), COLUMNS="160").splitlines()
        assert height - 3 <= len(shown) < height
    assert len(in_terminal(*words, "--all", LINES="20").splitlines()) > 91


def test_a_long_answer_goes_to_the_pager(store: Path, tmp_path: Path) -> None:
    paged = tmp_path / "paged"
    pager = tmp_path / "pager"
    pager.write_text(f"#!/bin/sh\ncat > {paged}\n")
    pager.chmod(0o755)
    words = ("find", "py-mpi4py", "--store", store)
    leader, follower = os.openpty()
    in_terminal(*words, PAGER=str(pager), LINES="20", stdin=follower)
    assert paged.read_text().count("\n") > 91
    paged.unlink()
    in_terminal(*words, "--no-pager", PAGER=str(pager), LINES="20", stdin=follower)
    in_terminal("find", "zlib-ng", "--store", store, PAGER=str(pager), LINES="40", stdin=follower)
    assert not paged.exists()
    os.close(leader)
    os.close(follower)


@pytest.mark.parametrize("name", ASKED)
def test_the_help_has_all_sections(store: Path, name: str) -> None:
    command, parameters = ASKED[name]
    question = question_class(command)(**parameters)
    with cachegraph.open(store) as graph:
        shown = {table.section for table in question.tables(answer(question, graph.store))}
    assert shown <= {*question.sections}
    text = " ".join(CliRunner().invoke(cli, [command, "--help"]).output.split())
    assert f"Only this section of the answer: {', '.join(question.sections)}." in text


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_main_section_is_one_of_them(name: str) -> None:
    question = question_class(name)
    assert question.sections
    assert question.main_section in ("", *question.sections)


def test_errors_and_notes_have_their_colour(store: Path) -> None:
    shown = in_terminal("find", "zlib", "--store", store)
    assert shown.startswith(
        "\x1b[31m\x1b[1mError:\x1b[0m no package zlib\n\x1b[36m\x1b[1mHint:\x1b[0m"
    )
    assert "\x1b" not in in_terminal("find", "zlib", "--store", store, NO_COLOR="1")
    wrong = in_terminal("find", "zlib", "--jsn", "--store", store)
    assert "\x1b[31m\x1b[1mError:\x1b[0m No such option" in wrong
    assert "\x1b[36m\x1b[1mNote:" in in_terminal("coverage", "hdf5", "--store", store)


def test_packages_yaml_stands_for_the_tables(store: Path) -> None:
    """It is the text of the document, and has no other form."""
    words = ("what-if", "--best", "1", "--release", "e4s-24.11", "--yaml")
    text = run(store, *words).stdout
    assert text.startswith("# Pins for e4s-24.11/gcc-cpu, e4s-24.11/gcc-cuda: ")
    assert text == json.loads(run(store, *words, "--json").stdout)["yaml"]
    for option in (("--csv",), ("--markdown",), ("--section", "steps"), ("--limit", "1")):
        result = run(store, *words, *option)
        assert result.exit_code == 2
        assert "this text has no other form" in result.stderr


def test_blame_with_fixes_has_their_column(store: Path) -> None:
    (row,) = csv.DictReader(io.StringIO(run(store, *BLAME, "--fix", "--csv").stdout))
    assert row["fix"] == (
        'packages: {zlib-ng: {require: ["~new_strategies"]}, zlib-api: {require: ["zlib-ng"]}}'
    )

"""A group of a stack on the command line: answered, and said so on stderr."""

from pathlib import Path

import pytest
from click.testing import CliRunner

import cachegraph
from cachegraph.cli import cli
from tests.conformance.test_chosen import CPU, ML, NOTE, OLD, releases

HERE = f"develop/{CPU}"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("groups")
    with cachegraph.open(folder / "graph.db") as graph:
        graph.import_(releases(folder / "locks"))
    return folder / "graph.db"


@pytest.mark.parametrize(
    "words",
    [
        f"overlap {HERE} {OLD}",
        f"matrix {HERE} {OLD}",
        f"matrix {CPU} {OLD} --release develop",
        f"shared {HERE} {OLD}",
        f"unique {HERE}",
        f"diff {OLD} {HERE}",
        f"duplicates {HERE}",
        f"blame {HERE} --ignore-runtime",
        f"what-if zlib@1.0 --in {HERE}",
        f"base {HERE} {OLD}",
        f"coverage --in {HERE}",
        f"find zlib --in {HERE}",
        f"want zlib --in {HERE}",
        f"dependents zlib --in {HERE}",
    ],
)
def test_a_group_is_answered_for_and_said_so(store: Path, words: str) -> None:
    result = CliRunner().invoke(cli, [*words.split(), "--store", str(store)])
    assert result.exit_code == 0
    assert result.stderr == f"Note: {NOTE}\n"
    assert "Note:" not in result.stdout


def test_stacks_list_their_groups(store: Path) -> None:
    result = CliRunner().invoke(cli, ["stacks", "--release", "develop", "--store", str(store)])
    assert result.stdout.splitlines() == [
        "key\tspecs\troots\tgroups",
        "develop/hep\t2\t1\tnuclear",
        f"develop/{ML}\t7\t4\t{CPU}, {ML}-cuda, rocm",
    ]


def test_a_name_that_is_none_is_trouble(store: Path) -> None:
    words = ["blame", f"{ML}-cdua", "--store", str(store)]
    result = CliRunner().invoke(cli, words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"did you mean {ML}-cuda" in result.stderr

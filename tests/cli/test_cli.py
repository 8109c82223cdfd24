"""The command line: what it prints where, and how it exits."""

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result

import cachegraph
from cachegraph.cli import cli
from cachegraph.output.render import as_tsv
from cachegraph.output.tables import Table
from tests.support.corpus import lock, node, page, spec, tiny_cache, write
from tests.support.sample import PAGES
from tests.support.terminal import in_terminal

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "graph.db"
    cachegraph.open(path).import_(PAGES)
    return path


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, [*map(str, words)])


PAIR = ("overlap", "e4s", "ml-linux-x86_64-cpu")


def test_overlap_as_json(store: Path) -> None:
    result = run(*PAIR, "--json", "--store", store)
    answer = json.loads(result.stdout)
    assert [*answer] == [
        *("question", "stacks", "levels", "intersections", "shared", "apart", "apart_by"),
        "causes",
        "scope",
    ]
    assert answer["apart_by"] == {"compiler": 3, "os": 3, "target": 0, "variants": 0}
    assert result.exit_code == 0
    assert result.stderr == ""


def test_overlap_in_a_pipe_is_tsv(store: Path) -> None:
    sections = run(*PAIR, "--store", store).stdout.split("\n\n")
    levels = [line.split("\t") for line in sections[1].splitlines()]
    assert levels[0] == ["equal by", "shared", "of", "jaccard"]
    assert levels[4] == ["version", "3", "6", "0.5"]


def test_tabs_and_line_ends_in_values_do_not_break_lines() -> None:
    plain, odd = Table("a", ("x", "y"), [(1, "b")]), Table("c", ("x", "y"), [("d\te", "f\ng")])
    assert "".join(as_tsv([plain, odd])) == "x\ty\n1\tb\n\nx\ty\nd e\tf g\n"


def test_one_section_as_csv(store: Path) -> None:
    result = run(*PAIR, "--csv", "--section", "apart", "--store", store)
    rows = [*csv.DictReader(io.StringIO(result.stdout))]
    assert rows[1] == {"package": "py-mpi4py", "version": "4.0.1", "differs": "compiler, os"}


def test_section_that_is_none(store: Path) -> None:
    result = run(*PAIR, "--section", "aparts", "--store", store)
    assert result.exit_code == 2
    assert "there are stacks, levels, shared, apart" in result.stderr


@pytest.mark.parametrize("place", ["before", "after", "environment"])
def test_where_the_store_is_named(store: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CACHEGRAPH_STORE", raising=False)
    if place == "environment":
        monkeypatch.setenv("CACHEGRAPH_STORE", str(store))
    option = ["--store", str(store)]
    words = {"before": [*option, "stats"], "after": ["stats", *option]}.get(place, ["stats"])
    assert "Spec\t390" in run(*words).stdout


def test_default_store_is_in_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CACHEGRAPH_STORE", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert cachegraph.default_store().endswith("graph.db")


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (("overlap", "e4s", "help"), "no stack help", "did you mean hep?"),
        (("overlap", "e4s", "hep", "--release", "v9"), "no release v9", "list them"),
        (("show", "/2"), "/2 fits 7 specs: /24fngvd py-ml-dtypes@0.4.0, ", "give more of the hash"),
        (("show", "py-mpi4pi"), "no package py-mpi4pi", "did you mean py-mpi4py?"),
        (("overlap", "e4s"), "overlap compares two or more", "cachegraph stacks"),
    ],
)
def test_errors(store: Path, words: Sequence[str], message: str, hint: str) -> None:
    result = run(*words, "--store", store)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"Error: {message}")
    assert hint in result.stderr.splitlines()[1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "nothing to import"),
        (("x", "--sample"), "--sample imports the sample alone, without x"),
    ],
)
def test_import_of_nothing_or_too_much(words: Sequence[str], message: str) -> None:
    result = run("import", *words)
    assert (result.exit_code, result.stderr.splitlines()[0]) == (2, f"Error: {message}")


ODD = "a\udcffb"  # a byte that is no UTF-8, as Python hands it on


@pytest.mark.parametrize(
    "words",
    [
        *((name, ODD) for name in ("show", "history", "coverage", "unique", "find", "want")),
        *((name, ODD) for name in ("deps", "dependents", "affected", "what-if", "matrix")),
        *((name, ODD) for name in ("shared", "duplicates", "blame", "remove")),
        *((name, ODD, ODD) for name in ("overlap", "diff", "why")),
        *(("find", f"py-mpi4py{sign}{ODD}") for sign in ("@", "+", "%", "^", "/", " target=")),
        *(("find", "py-mpi4py", option, ODD) for option in ("--in", "--release", "--section")),
        ("find", "py-mpi4py", "--in", f"{ODD}*"),
        ("want", "py-mpi4py", "--on", ODD),
        ("want", "--lock", ODD),
        ("deps", "py-mpi4py", "--path", ODD),
        ("deps", "py-mpi4py", "--deptype", ODD),
        ("import", ODD),
        ("load", f"neo4j://{ODD}"),
        ("load", ODD),
        ("export", f"{ODD}/x.graphml"),
    ],
    ids=repr,
)
def test_arguments_that_are_no_utf8(store: Path, words: Sequence[str]) -> None:
    result = run(*words, "--store", store)
    assert result.exit_code == 2
    assert "damaged" not in result.stderr
    assert "fault of cachegraph" not in result.stderr
    assert "Error: " in result.stderr


@pytest.mark.parametrize("where", [f"{ODD}.db", f"{ODD}.graphml", f"http://{ODD}", f"bolt://{ODD}"])
def test_stores_whose_names_are_no_utf8(where: str) -> None:
    result = run("stats", "--store", where)
    assert result.exit_code == 2
    assert re.match("Error: .*(no store at|not a store|not an address)", result.stderr)


@pytest.mark.parametrize(
    "words", [("nonsense",), ("overlap", "--nonsense"), ("import",), ("import", "x", "--sample")]
)
def test_usage(words: Sequence[str]) -> None:
    assert run(*words).exit_code == 2


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("overlap", "e4s", "hep"), 0),
        (("overlap", "ml-linux-x86_64-cpu", "ml-linux-x86_64-cuda"), 1),
        (("matrix",), 1),
        (("matrix", "e4s", "hep"), 0),
    ],
)
def test_exit_code_tells_whether_something_is_shared(
    store: Path, words: Sequence[str], status: int
) -> None:
    assert run(*words, "--store", store).exit_code == 0
    assert run(*words, "--exit-code", "--store", store).exit_code == status


def test_import_sums_up_what_came_in(tmp_path: Path) -> None:
    result = run("import", "--sample", "--json", "--store", tmp_path / "graph.db")
    answer = json.loads(result.stdout)
    assert answer["question"] == "import"
    expected = {
        # The four pages, and of the three lock files what they add: 76 specs of 42 packages.
        "releases": 1 + 2,
        "stacks": 14 + 3,
        "packages": 4 + 42,
        "package_versions": 7 + 58,
        "specs": 390 + 76,
        "compilers": 6,
        "operating_systems": 4,
        "targets": 4 + 1,
        "memberships": 882 + 27 + 35 + 44,
        "dependencies": 307,
        "roots": 4 + 6 + 5,
        "stubs": 0,
        "conflicts": 0,
        "warnings": [],
    }
    assert {name: answer[name] for name in expected} == expected
    assert answer["sources"][0] == {
        "location": "sample/develop/py-ml-dtypes/specs.md",
        "format": "page",
        "format_version": "2025",
        "specs": 129,
        "warnings": 0,
        "conflicts": 0,
    }


def test_import_with_warnings(tmp_path: Path) -> None:
    bad = tmp_path / "bad.md"
    bad.write_text(page("zlib", [spec("a"), spec("b", versions=[])]))
    words = ("import", tiny_cache(tmp_path / "site"), bad, "--store", tmp_path / "graph.db")
    result = run(*words)
    assert result.exit_code == 0
    assert "specs\t10" in result.stdout
    warnings = result.stderr.splitlines()
    assert warnings[0].startswith(f"Warning: {bad}: line 6: spec_details[1].versions: expected")
    assert warnings[-1] == f"2 warnings; all else is in {tmp_path / 'graph.db'}"
    assert run(*words, "--exit-code").exit_code == 1
    strict = run(*words, "--strict")
    assert strict.exit_code == 2
    assert strict.stderr.startswith(f"Error: {bad}: line 6")


def test_export_is_a_store(store: Path, tmp_path: Path) -> None:
    path = tmp_path / "graph.graphml.gz"
    result = run("export", path, "--store", store)
    assert result.stderr == f"3182 nodes and relationships are in {path}\n"
    for words in (PAIR, ("matrix",), ("stats",), ("show", "py-mpi4py"), ("releases",), ("stacks",)):
        answers = [run(*words, "--json", "--store", each).stdout for each in (store, path)]
        assert answers[0] == answers[1] != ""
    refused = run("import", "--sample", "--store", path)
    assert refused.exit_code == 2
    assert "read-only" in refused.stderr


def test_export_elsewhere(store: Path, tmp_path: Path) -> None:
    assert run("export", tmp_path / "graph.png", "--store", store).exit_code == 2
    result = run("export", tmp_path / "none" / "graph.graphml", "--store", store)
    assert result.exit_code == 2
    assert "No such file or directory" in result.stderr


COMPLETIONS = [
    (
        "overlap ml-linux-x86",
        {"ml-linux-x86_64-cpu", "ml-linux-x86_64-cuda", "ml-linux-x86_64-rocm"},
    ),
    ("overlap e4s develop/h", {"develop/hep"}),
    ("matrix dat", {"data-vis-sdk"}),
    ("show py-m", {"py-ml-dtypes", "py-mpi4py"}),
    ("stacks --release d", {"develop"}),
    ("over", {"overlap"}),
]


@pytest.mark.parametrize(("words", "expected"), COMPLETIONS)
def test_completion(
    store: Path, monkeypatch: pytest.MonkeyPatch, words: str, expected: set[str]
) -> None:
    monkeypatch.setenv("CACHEGRAPH_STORE", str(store))
    *arguments, incomplete = words.split()
    asked = ShellComplete(cli, {}, "cachegraph", "_CACHEGRAPH_COMPLETE")
    assert {item.value for item in asked.get_completions(arguments, incomplete)} == expected


@pytest.mark.parametrize(("words", "expected"), COMPLETIONS)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_of_shells(
    store: Path, monkeypatch: pytest.MonkeyPatch, shell: str, words: str, expected: set[str]
) -> None:
    """Asks as the shells' own scripts do; how an answer is written is between them and click."""
    complete = f"cachegraph {words}"
    variables = {
        "_CACHEGRAPH_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": complete if shell != "fish" else complete.rpartition(" ")[0] + " ",
        "COMP_CWORD": str(len(complete.split()) - 1)
        if shell != "fish"
        else complete.rsplit(maxsplit=1)[-1],
        "CACHEGRAPH_STORE": str(store),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(cli, [], prog_name="cachegraph")
    assert expected <= {*re.split(r"[\s,]+", result.stdout)}


def test_completion_without_a_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHEGRAPH_STORE", str(tmp_path / "none.db"))
    command = cli.get_command(click.Context(cli), "overlap")
    assert command
    context = click.Context(command, info_name="overlap")
    assert command.params[0].shell_complete(context, "e4") == []


def test_tables_on_a_terminal(store: Path) -> None:
    shown = in_terminal(*PAIR, "--store", store, NO_COLOR="1")
    assert "\x1b" not in shown
    assert "equal by  shared   of  jaccard\nhash           0  144      0.0\n" in shown
    assert "No spec is shared." in shown
    assert "\x1b[1m" in in_terminal(*PAIR, "--store", store)


def test_tables_fit_the_terminal_and_end(store: Path) -> None:
    words = ("overlap", "ml-linux-x86_64-cpu", "ml-linux-x86_64-cuda", "--store", store)
    shown = in_terminal(*words, NO_COLOR="1", COLUMNS="80", LINES="60")
    assert max(map(len, shown.splitlines())) <= 80
    assert len(shown.splitlines()) < 60
    assert "63 shared specs" in shown
    assert re.search(r"^\.\.\. \d+ more: --all shows them$", shown, re.MULTILINE)
    assert shown.count("/") < in_terminal(*words, "--all", NO_COLOR="1").count("/")


def test_a_terminal_is_not_told_what_to_do(tmp_path: Path) -> None:
    """What data would have a terminal do, such as change colours, is spelled out."""
    made = node("evil\x1b[31m", version="1\x07")
    store = tmp_path / "graph.db"
    cachegraph.open(store).import_(write(tmp_path / "env" / "spack.lock", lock(made)))
    shown = in_terminal("find", "--all", "@:", "--store", store, NO_COLOR="1")
    assert {*shown} & {*map(chr, range(32))} == {"\n"}
    assert "evil\\x1b[31m" in shown
    assert "1\\x07" in shown


def test_progress_bar_only_on_a_terminal(tmp_path: Path) -> None:
    shown = in_terminal("import", "--sample", "--store", tmp_path / "graph.db")
    assert "Importing" in shown
    assert run("import", "--sample", "--store", tmp_path / "graph.db").stderr == ""


def test_reader_that_has_enough(store: Path) -> None:
    line = f"{sys.executable} -m cachegraph show py-mpi4py --json --store {store} | head -n 1"
    done = subprocess.run(line, shell=True, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("{\n", "")


def test_cold_start_imports_nothing_heavy(store: Path) -> None:
    code = (
        "import sys; from cachegraph.console.asking import answered;"
        f"answered({[*PAIR, '--store', str(store)]!r});"
        "print(*{'networkx', 'orjson', 'yaml', 'neo4j', 'numpy', 'platformdirs', 'hashlib',"
        "'click', 'inspect', 'pathlib', 'cachegraph.cli', 'cachegraph.api',"
        "'cachegraph.importing.importer', 'cachegraph.model.elements',"
        "'cachegraph.stores.file.adjacency', 'cachegraph.stores.file.all_elements'}"
        " & {*sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "\n"

"""What a shell completes: the names that fit what was typed before, files, and fixed words."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from click.shell_completion import CompletionItem, ShellComplete

import cachegraph
from cachegraph.cli import cli
from cachegraph.questions import QUESTIONS
from cachegraph.reading.discover import SAMPLE
from tests.support.corpus import lock, node, write
from tests.support.terminal import written_to_terminal

CPU, CUDA = "e4s-24.11/gcc-cpu", "e4s-24.11/gcc-cuda"
IN_BASH = (
    'if [ "$_CACHEGRAPH_COMPLETE" ]; then\n'
    '    exec {python} -c \'import sys; sys.argv = ["cachegraph"];'
    " from cachegraph.__main__ import main; main()'\n"
    "fi\n"
    "printf '<%s>' \"$@\"\n"
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "graph.db"
    cachegraph.open(path).import_(SAMPLE)
    return path


def items(store: Path, *words: str) -> list[CompletionItem]:
    asked = ShellComplete(cli, {}, "cachegraph", "_CACHEGRAPH_COMPLETE")
    before, typed = [*words[:-1]], words[-1]
    return asked.get_completions([before[0], "--store", str(store), *before[1:]], typed)


def completed(store: Path, line: str) -> set[str]:
    return {item.value for item in items(store, *line.split(" "))}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        # Releases before their slash, then their stacks; and bare names.
        ("overlap deve", {"develop/"}),
        ("overlap e4s-24", {"e4s-24.02/", "e4s-24.11/"}),
        ("overlap e4s-24.11/", {CPU, CUDA}),
        ("overlap gcc", {"gcc-cpu", "gcc-cuda"}),
        ("blame --in e4s-24.11/gcc-cu", {CUDA}),
        ("base --release e4s-24.11 --unify gcc", {"gcc-cpu", "gcc-cuda"}),
        # The stacks of the release that was typed.
        ("matrix --release e4s-24.11 ", {"gcc-cpu", "gcc-cuda"}),
        ("matrix --release e4s-24.02 ", {"gcc-cuda"}),
        ("matrix --release e4s-* gcc", {"gcc-cpu", "gcc-cuda"}),
        ("find zlib --release e4s-24.02 --in ", {"gcc-cuda"}),
        ("unique --release e4s-24.02 gcc", {"gcc-cuda"}),
        ("matrix --release e4s-24.11 --release e", {"e4s-24.02", "e4s-24.11"}),
        # A stack or a release.
        ("diff e4s-24.02 e4s-24.1", {"e4s-24.11", "e4s-24.11/"}),
        ("remove e4s-24.0", {"e4s-24.02", "e4s-24.02/"}),
        ("import --sample --only e4s-24.0", {"e4s-24.02", "e4s-24.02/"}),
        ("prune --drop e4s-24.0", {"e4s-24.02", "e4s-24.02/"}),
        ("prune --unused-since e4s-24.0", {"e4s-24.02"}),
        ("sbom e4s-24.11/", {CPU, CUDA}),
        ("sbom gcc-cpu --format s", {"spdx"}),
        # Packages and pins.
        ("what-if zl", {"zlib-ng"}),
        ("find hy", {"hypre"}),
        ("find conduit ^hd", {"^hdf5"}),
        ("deps conduit --path hd", {"hdf5"}),
        # Hashes by prefix.
        ("why /kc", {"/kc2bmnx"}),
        ("why /kc2bmnx /tqd", {"/tqdtzdz"}),
        ("show /kc2bmnxd", {"/kc2bmnxd"}),
        ("find zlib-ng/6", {"zlib-ng/6s7cgpm"}),
        ("deps cmake/6s", set()),
        ("dependents conduit ^zlib-ng/z", {"^zlib-ng/z5qhouy"}),
        ("show /", set()),
        ("show e4s-24.11/", {CPU, CUDA}),
        # Fixed words.
        ("overlap --section ", {"stacks", "levels", "shared", "apart", "causes"}),
        ("import --section c", {"counts", "changes"}),
        ("export graph --format neo", {"neo4j-admin"}),
        ("deps conduit --deptype link,r", {"link,run"}),
        ("coverage --by o", {"os"}),
        ("matrix --level ver", {"version"}),
        ("cypher overl", {"overlap"}),
    ],
)
def test_completions(store: Path, line: str, expected: set[str]) -> None:
    assert completed(store, line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "want --lock ",
        "prune --keeplist ",
        "import ",
        "query ",
        "export ",
        "stacks --store ",
        "import --sample --store ",
    ],
)
def test_files(store: Path, line: str) -> None:
    assert [item.type for item in items(store, *line.split(" "))] == ["file"]


def test_hashes_come_with_what_they_are(store: Path) -> None:
    (item,) = items(store, "why", "/kc")
    assert item.help == "cmake@3.30.5"


def test_hashes_that_begin_alike_are_whole(tmp_path: Path) -> None:
    hashes = ["abcdefg" + last * 25 for last in "ab"]
    nodes = [{**node(f"app{number}"), "hash": hash_} for number, hash_ in enumerate(hashes)]
    path = write(tmp_path / "env" / "spack.lock", lock(*nodes, roots=[]))
    cachegraph.open(tmp_path / "graph.db").import_(path)
    assert completed(tmp_path / "graph.db", "show /abc") == {f"/{hash_}" for hash_ in hashes}
    assert completed(tmp_path / "graph.db", "show /abcdefga") == {"/abcdefga"}


@pytest.mark.parametrize("name", QUESTIONS)
def test_sections_of_each_question(store: Path, name: str) -> None:
    assert completed(store, f"{name} --section ")


def test_names_that_a_shell_would_obey_are_not_offered(tmp_path: Path) -> None:
    path = write(tmp_path / "env" / "spack.lock", lock(node("app"), roots=[]))
    with cachegraph.open(tmp_path / "graph.db") as graph:
        for name in ("$(reboot)", "a;b", "-rf", "`id`", "a b", "plain", "größe"):
            graph.import_(path, stack=name)
    assert completed(tmp_path / "graph.db", "matrix ") == {"plain", "größe", "local/"}


@pytest.mark.parametrize("line", ["overlap e", "show /a", "stacks --release d", "find zl"])
def test_trouble_with_the_store_is_silent(
    tmp_path: Path, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)
    for store in (tmp_path / "none.db", tmp_path, damaged):
        assert completed(store, line) == set()
    assert capsys.readouterr() == ("", "")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("overlap deve\th\t", "<overlap><develop/hep>"),  # no blank after the slash
        ("matrix --release e4s-24.11 gcc-cu\t", "<matrix><--release><e4s-24.11><gcc-cuda>"),
        ("why /kc\t/tqd\t", "<why></kc2bmnx></tqdtzdz>"),
        ("want --lock spa\t", "<want><--lock><spack.lock>"),
    ],
)
def test_in_bash(store: Path, tmp_path: Path, typed: str, expected: str) -> None:
    """Types a line into a bash that asks cachegraph, and reads what the line came to."""
    bash = shutil.which("bash")
    assert bash
    program = tmp_path / "bin" / "cachegraph"
    program.parent.mkdir()
    program.write_text(f"#!{bash}\n{IN_BASH.format(python=sys.executable)}")
    program.chmod(0o755)
    (tmp_path / "spack.lock").touch()
    variables = {"PATH": f"{program.parent}:{os.environ['PATH']}", "CACHEGRAPH_STORE": str(store)}
    setup = 'eval "$(_CACHEGRAPH_COMPLETE=bash_source cachegraph)"'
    written = written_to_terminal(
        [bash, "--norc", "--noprofile", "-i"],
        f"{setup}\ncachegraph {typed}\nexit\n",
        environment={**variables, "TERM": "dumb", "COLUMNS": "400", "HISTFILE": ""},
        cwd=tmp_path,
        start_new_session=True,
    )
    assert expected in written, written

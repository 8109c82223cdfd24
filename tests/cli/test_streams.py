"""Standard output and error that are full, closed or interrupted; and faults of our own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import cachegraph
from tests.support.sample import PAGES

ANSWERING = ("stacks", "stacks --json", "find platform=linux --csv", "cypher", "info")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "graph.db"
    cachegraph.open(path).import_(PAGES)
    return path


def run(line: str, store: Path) -> subprocess.CompletedProcess[str]:
    return run_shell(f"{sys.executable} -m cachegraph {line}", store)


def run_shell(command: str, store: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CACHEGRAPH_STORE": str(store)}
    return subprocess.run(
        command, shell=True, capture_output=True, text=True, check=False, env=environment
    )


@pytest.mark.slow
@pytest.mark.parametrize("line", ANSWERING)
@pytest.mark.parametrize(
    ("redirection", "said"),
    [
        (">/dev/full", "Error: standard output: No space left on device\n"),
        (">&-", "Error: standard output is closed: the answer cannot be printed\n"),
    ],
)
def test_an_answer_that_cannot_be_printed(
    store: Path, line: str, redirection: str, said: str
) -> None:
    ended = run(f"{line} {redirection}", store)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(said)
    assert run(f"{line} {redirection} 2>&-", store).returncode == 2


@pytest.mark.slow
@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-", "0>&-", "0>&- 2>&-"])
def test_messages_that_cannot_be_printed_change_nothing(store: Path, redirection: str) -> None:
    whole = run("stacks --json", store)
    ended = run(f"stacks --json {redirection}", store)
    assert (ended.returncode, ended.stdout) == (0, whole.stdout)
    assert run(f"show nothing {redirection}", store).returncode == 2


@pytest.mark.slow
@pytest.mark.parametrize("redirection", [">/dev/full", ">&-"])
@pytest.mark.parametrize(
    "line",
    [
        "",
        "--help",
        "--version",
        "stacks --help",
        "import -h",
    ],
)
def test_help_that_cannot_be_printed(store: Path, line: str, redirection: str) -> None:
    ended = run(f"{line} {redirection}", store)
    assert ended.returncode == 2
    if line:  # without a command, Click prints the help to standard error
        assert ended.stderr.startswith("Error: standard output")


@pytest.mark.slow
@pytest.mark.parametrize("redirection", [">/dev/full", ">&-"])
@pytest.mark.parametrize("what", ["source", "complete"])
def test_completions_that_cannot_be_printed(store: Path, what: str, redirection: str) -> None:
    code = "import sys; sys.argv[0] = 'cachegraph'; from cachegraph.__main__ import main; main()"
    variables = f"_CACHEGRAPH_COMPLETE=bash_{what} COMP_WORDS='cachegraph st' COMP_CWORD=1"
    assert run_shell(f'{variables} {sys.executable} -c "{code}"', store).stdout
    ended = run_shell(f'{variables} {sys.executable} -c "{code}" {redirection}', store)
    assert ended.returncode == 2
    assert ended.stderr.startswith("Error: standard output")


def test_text_that_is_no_utf_8_is_spelled_out(store: Path) -> None:
    ended = run("find $(printf 'zlib\\377') --json", store)
    assert "Traceback" not in ended.stderr
    assert ended.returncode in (0, 2)


@pytest.mark.parametrize(
    ("module", "status", "said"),
    [("cachegraph.console", -signal.SIGINT, ""), ("cachegraph.questions.stacks", 130, "Aborted.")],
)
def test_interrupted_while_it_starts(store: Path, module: str, status: int, said: str) -> None:
    """Ctrl-C as the module is imported."""
    code = INTERRUPTION.format(module=module)
    environment = {**os.environ, "CACHEGRAPH_STORE": str(store)}
    ended = subprocess.run(
        [sys.executable, "-c", code, "stacks"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        # Where the tests run in the background, Ctrl-C is ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert (ended.returncode, ended.stdout, ended.stderr.strip()) == (status, "", said)


INTERRUPTION = """
import os, runpy, signal, sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "{module}":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
runpy.run_module("cachegraph", run_name="__main__")
"""

FAULTY = """
from cachegraph.__main__ import main
from cachegraph.asked import AskedStore

def stacks(self, *_, **__):
    raise TypeError("x" * 10_000)

AskedStore.store = property(stacks)
main()
"""


def test_a_fault_of_our_own_is_no_traceback(store: Path) -> None:
    """Exit status 1 means that something was found."""
    ended = subprocess.run(
        [sys.executable, "-c", FAULTY, "stacks"], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    first, second = ended.stderr.splitlines()
    assert first.startswith("Error: ")
    assert "TypeError: xxx" in first
    assert len(first) < 500
    assert second == "Hint: this is a fault of cachegraph; please report it"

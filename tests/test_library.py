"""What Python sees of the library: its names, its signatures, and examples that run."""

import doctest
import inspect
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from cachegraph.answers import AnswerDict
from cachegraph.cli import OTHERS
from cachegraph.questions import QUESTIONS
from cachegraph.reading.discover import SAMPLE

NEED_NEO4J = ("load", "query")
METHODS = {
    name: method
    for name, method in inspect.getmembers(cachegraph.Graph, inspect.isfunction)
    if not name.startswith("_")
}
# Parameters of one name that mean several things; all others mean one thing everywhere.
OF_THEIR_OWN = {
    ("import_", "release"),  # names what is imported
    ("import_", "stack"),
    ("import_", "replace"),  # the default, and no choice
    ("export", "path"),  # a file's; that of deps leads to a spec
    ("plot", "path"),
    ("report", "path"),
    ("sbom", "path"),
    ("write_keeplist", "path"),
    ("write_keeplist", "answer"),  # of prune; that of plot is any
    ("query", "limit"),  # of rows of the server
    ("base", "pins"),  # how many; those of what_if are the pins
    ("duplicates", "by"),  # what is there twice; that of coverage is what the columns are
}


def marked(name: str) -> Any:
    return pytest.param(name, marks=pytest.mark.neo4j if name in NEED_NEO4J else ())


def run_examples(of: Any, name: str, globs: dict[str, Any]) -> None:
    finder = doctest.DocTestFinder(recurse=False)
    runner = doctest.DocTestRunner(optionflags=doctest.FAIL_FAST)
    tests = [test for test in finder.find(of, name, globs=globs) if test.examples]
    assert tests, f"{name} has no example"
    written: list[str] = []
    for test in tests:
        runner.run(test, out=written.append)
    assert not runner.failures, "".join(written)


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What examples know: the sample in graph.db of the folder, and a lock file beside it."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(SAMPLE / "e4s-24.11" / "gcc-cuda" / "spack.lock", tmp_path)
    graph = cachegraph.open("graph.db")
    graph.import_(SAMPLE)
    return {"cachegraph": cachegraph, "graph": graph}


@pytest.mark.parametrize("name", [marked(name) for name in METHODS if name != "serve"])
def test_examples_of_methods(  # serve does not end by itself
    name: str, sample: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    method: Any = METHODS[name]
    if name in NEED_NEO4J:
        uri = request.getfixturevalue("neo4j_emptied")
        if name == "query":
            sample["graph"].load(uri)
        text = (method.__doc__ or "").replace("neo4j://localhost", uri)
        method = type("Example", (), {"__doc__": text})
    run_examples(method, name, sample)


@pytest.mark.parametrize("of", [cachegraph.to_frame, AnswerDict.to_frame])
def test_examples_of_frames(of: Callable[..., Any], sample: dict[str, Any]) -> None:
    run_examples(of, of.__qualname__, sample)


def test_the_example_of_the_package(sample: dict[str, Any]) -> None:
    run_examples(cachegraph, "cachegraph", sample)


def test_every_command_is_a_method() -> None:
    commands = {name.replace("-", "_").replace("import", "import_") for name in QUESTIONS | OTHERS}
    assert commands - {"cypher"} <= METHODS.keys()


@pytest.mark.parametrize("name", METHODS)
def test_parameters_are_named_and_typed(name: str) -> None:
    parameters = [*inspect.signature(METHODS[name]).parameters.values()][1:]
    assert inspect.Parameter.VAR_KEYWORD not in [p.kind for p in parameters]
    assert all(p.annotation is not inspect.Parameter.empty for p in parameters)


def test_the_same_parameter_means_the_same_everywhere() -> None:
    seen: dict[str, tuple[Any, Any, str]] = {}
    for name, method in METHODS.items():
        for p in [*inspect.signature(method).parameters.values()][1:]:
            if (name, p.name) not in OF_THEIR_OWN:
                kind = p.annotation, p.default
                first = seen.setdefault(p.name, (*kind, name))
                assert first[:2] == kind, f"{p.name} of {name} and of {first[2]}"


NO_ANSWER = (
    "ask",
    "close",
    "export",
    "networkx",
    "plot",
    "report",
    "sbom",
    "serve",
    "site",
    "write_base",
    "write_keeplist",
)


def test_the_types_of_answers_are_exported() -> None:
    returned = {
        inspect.signature(method).return_annotation
        for name, method in METHODS.items()
        if name not in NO_ANSWER
    }
    assert returned <= {*cachegraph.__all__}
    assert {*cachegraph.__all__} <= {*dir(cachegraph)}
    assert cachegraph.OverlapAnswer.__annotations__["levels"]


def test_importing_the_package_imports_nothing_else() -> None:
    code = (
        "import sys; import cachegraph;"
        "print(*[name for name in sys.modules if name.startswith('cachegraph.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"

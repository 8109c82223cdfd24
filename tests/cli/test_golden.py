"""What answers look like on terminals of four widths, as files to be looked at.

``python -m tests.cli.test_golden`` writes the files anew; look at them before you keep them.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from cachegraph.output.terminal import Style, for_terminal
from cachegraph.questions import Question, answer, question_class
from cachegraph.reading.discover import SAMPLE

GOLDEN = Path(__file__).with_name("golden")
WIDTHS = (40, 80, 100, 160)
LINES = 40
QUESTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "blame": ("blame", {"release": "e4s-24.11"}),
    "diff": ("diff", {"left": "e4s-24.02/gcc-cuda", "right": "e4s-24.11/gcc-cuda"}),
    "duplicates": ("duplicates", {"release": "e4s-24.11"}),
    "find": ("find", {"spec": "zlib-ng"}),
    "history": ("history", {"package": "ginkgo"}),
    "overlap": ("overlap", {"stacks": ("gcc-cpu", "e4s-24.11/gcc-cuda")}),
    "show-spec": ("show", {"spec": "/kc2bmnx"}),
    "show-stack": ("show", {"spec": "e4s-24.11/gcc-cpu"}),
    "verify": ("verify", {}),
    "want": (
        "want",
        {"spec": "hdf5", "stacks": ("gcc-cpu",), "on": "linux-ubuntu22.04-zen3"},
    ),
}


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[cachegraph.Graph]:
    with cachegraph.open(":memory:") as graph:
        graph.import_(SAMPLE)
        yield graph


def captures(graph: cachegraph.Graph, name: str) -> str:
    """What a question prints at each width, under a line that tells it."""
    command, parameters = QUESTIONS[name]
    question: Question[Any, Any] = question_class(command)(**parameters)
    text = json.dumps(answer(question, graph.store)).replace(str(SAMPLE), "/sample")
    found = json.loads(text)
    scope = found["scope"]
    heading = "" if scope["everything"] else scope["text"]
    parts = []
    for width in WIDTHS:
        shown = "".join(for_terminal([*question.tables(found)], heading, Style(width, LINES)))
        parts.append(f"{'=' * width}\n{shown}")
    return "".join(parts)


@pytest.mark.parametrize("name", QUESTIONS)
def test_looks_as_it_did(graph: cachegraph.Graph, name: str) -> None:
    shown = captures(graph, name)
    assert shown == (GOLDEN / f"{name}.txt").read_text(), "python -m tests.cli.test_golden"
    width = 0
    for line in shown.splitlines():
        width = len(line) if line and set(line) == {"="} else width
        assert len(line) <= width


def main() -> None:
    with cachegraph.open(":memory:") as graph:
        graph.import_(SAMPLE)
        for name in QUESTIONS:
            (GOLDEN / f"{name}.txt").write_text(captures(graph, name))


if __name__ == "__main__":
    main()

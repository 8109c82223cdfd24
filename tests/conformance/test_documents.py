"""Every store gives the same JSON document for a question, byte by byte, order of keys included."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

import cachegraph
from cachegraph.reading.discover import SAMPLE
from tests.conftest import Kept, Load

_IMPORTED_AT = re.compile('"imported_at": "[^"]*"')
CPU, CUDA = "e4s-24.11/gcc-cpu", "e4s-24.11/gcc-cuda"
QUESTIONS: dict[str, Callable[[cachegraph.Graph], Any]] = {
    "affected": lambda graph: graph.affected("umpire"),
    "base": lambda graph: graph.base(CPU, CUDA),
    "blame": lambda graph: graph.blame(),
    "coverage": lambda graph: graph.coverage("hdf5", "zlib-ng"),
    "dependents": lambda graph: graph.dependents("zlib-ng", transitive=True),
    "deps": lambda graph: graph.deps("hdf5", stacks=CPU),
    "diff": lambda graph: graph.diff(CPU, CUDA),
    "duplicates": lambda graph: graph.duplicates(),
    "find": lambda graph: graph.find("hdf5"),
    "history": lambda graph: graph.history("hdf5"),
    "matrix": lambda graph: graph.matrix(),
    "overlap": lambda graph: graph.overlap(CPU, CUDA),
    "prune": lambda graph: graph.prune(drop=CPU),
    "releases": lambda graph: graph.releases(),
    "shared": lambda graph: graph.shared(at_least=3),
    "show": lambda graph: graph.show("/kc2bm"),
    "show-package": lambda graph: graph.show("zlib-ng"),
    "stacks": lambda graph: graph.stacks(),
    "stats": lambda graph: graph.stats(),
    "unique": lambda graph: graph.unique(CPU),
    "want": lambda graph: graph.want("hdf5"),
    "what-if": lambda graph: graph.what_if(best=1),
    "why": lambda graph: graph.why("/kc2bm", "/z5qhouy"),
}


@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS)
def test_documents(real: Load, kept: Kept, ask: Callable[[cachegraph.Graph], Any]) -> None:
    found, expected = (
        json.dumps(ask(graph)) for graph in (real(SAMPLE), kept.graph("file", SAMPLE))
    )
    assert _IMPORTED_AT.sub("", found) == _IMPORTED_AT.sub("", expected)

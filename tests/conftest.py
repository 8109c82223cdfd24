"""Stores for the tests: every question and every law is tried on each of them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import cachegraph
from cachegraph.discover import SAMPLE
from tests import realfiles

pytest_plugins = ["tests.server.plugin"]

FIXTURES = Path(__file__).with_name("fixtures")


NEO4J = pytest.param("neo4j", marks=pytest.mark.neo4j)


@pytest.fixture(params=["memory", "file", NEO4J])
def graph(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[cachegraph.Graph]:
    """An empty graph in each store that can be written."""
    with cachegraph.open(_empty(request, tmp_path)) as graph:
        yield graph


def _empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "neo4j":
        return str(request.getfixturevalue("neo4j_emptied"))
    return str(tmp_path / "graph.db") if request.param == "file" else ":memory:"


Load = Callable[..., cachegraph.Graph]


@pytest.fixture(params=["memory", "file", "graphml", "graphml.gz", NEO4J])
def load(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Load]:
    """Imports locations, and gives the graph in each store that can be asked."""
    with ExitStack() as opened:

        def loaded(*locations: Path) -> cachegraph.Graph:
            graph = opened.enter_context(cachegraph.open(_empty(request, tmp_path)))
            graph.import_(*locations)
            if request.param.startswith("graphml"):
                path = tmp_path / f"graph.{request.param}"
                graph.export(path)
                return cachegraph.open(path)
            return graph

        yield loaded


@pytest.fixture
def sample(load: Load) -> cachegraph.Graph:
    """The four real pages, in each store."""
    return load(SAMPLE)


@pytest.fixture(scope="session", autouse=True)
def _tidy() -> Iterator[None]:
    with realfiles.tidy():
        yield

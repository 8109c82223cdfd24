"""Stores for the tests: every question and every law is tried on each of them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import cachegraph
from cachegraph.discover import SAMPLE
from tests import realfiles

pytest_plugins = ["tests.server.plugin"]

FIXTURES = Path(__file__).with_name("fixtures")


@pytest.fixture(params=["memory", "file"])
def graph(request: pytest.FixtureRequest, tmp_path: Path) -> cachegraph.Graph:
    """An empty graph in each store that can be written."""
    return cachegraph.open(":memory:" if request.param == "memory" else tmp_path / "graph.db")


Load = Callable[..., cachegraph.Graph]


@pytest.fixture(params=["memory", "file", "graphml", "graphml.gz"])
def load(request: pytest.FixtureRequest, tmp_path: Path) -> Load:
    """Imports locations, and gives the graph in each store that can be asked."""

    def loaded(*locations: Path) -> cachegraph.Graph:
        graph = cachegraph.open(tmp_path / "graph.db" if request.param == "file" else ":memory:")
        graph.import_(*locations)
        if request.param.startswith("graphml"):
            path = tmp_path / f"graph.{request.param}"
            graph.export(path)
            return cachegraph.open(path)
        return graph

    return loaded


@pytest.fixture
def sample(load: Load) -> cachegraph.Graph:
    """The four real pages, in each store."""
    return load(SAMPLE)


@pytest.fixture(scope="session", autouse=True)
def _tidy() -> Iterator[None]:
    with realfiles.tidy():
        yield

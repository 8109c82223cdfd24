"""The sample and one release of E4S, as a graph and as Parquet."""

from pathlib import Path

import pytest

import cachegraph
from cachegraph.reading.discover import SAMPLE
from tests.conftest import FIXTURES


@pytest.fixture(scope="session")
def asked() -> cachegraph.Graph:
    graph = cachegraph.open(":memory:")
    graph.import_(SAMPLE, FIXTURES / "spack/locks/e4s-24.11")
    return graph


@pytest.fixture(scope="session")
def exported(asked: cachegraph.Graph, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported") / "graph"
    asked.export(folder, "parquet")
    return folder

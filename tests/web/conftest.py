"""The pages of the sample."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import cachegraph
from cachegraph.reading.discover import SAMPLE
from tests.support.pages import Served, serving


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample in a file; nothing may be added to it."""
    store = tmp_path_factory.mktemp("pages") / "graph.db"
    with cachegraph.open(store) as graph:
        graph.import_(SAMPLE)
    return store


@pytest.fixture(scope="module")
def served(sample_store: Path) -> Iterator[Served]:
    """A server of the sample."""
    with serving(sample_store) as found:
        yield found

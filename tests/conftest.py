"""Stores for the tests: every question and every law is tried on each of them."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import cachegraph
from cachegraph import questions
from cachegraph.sources import unexpected
from tests.support import realfiles
from tests.support.environment import is_set
from tests.support.sample import PAGES
from tests.support.server import Database

pytest_plugins = ["tests.support.server.plugin"]

FIXTURES = Path(__file__).with_name("fixtures")

# In CI always the same examples, and many; on other machines each time a few others.
for profile, in_ci in (("ci", True), ("default", False)):
    settings.register_profile(
        profile,
        deadline=None,
        derandomize=in_ci,
        max_examples=40 if in_ci else 10,
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile("ci" if is_set("CI") else "default")


@pytest.fixture(autouse=True)
def _faults_of_our_own_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody foresaw fails a test, and does not become the error of a document or a store."""
    monkeypatch.setattr(unexpected, "UNEXPECTED", ())
    monkeypatch.setattr(questions, "UNEXPECTED", ())


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
EXPORTS = {"graphml": "graphml", "graphml.gz": "graphml", "parquet": "parquet"}


@pytest.fixture(params=["memory", "file", "graphml", NEO4J])
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


class Kept:
    """Graphs that tests share, in each store; nothing may be added to them."""

    def __init__(self, folder: Path, opened: ExitStack) -> None:
        self._folder = folder
        self._opened = opened
        self._graphs: dict[tuple[str, ...], cachegraph.Graph] = {}
        self._in_neo4j: tuple[tuple[Path, ...], frozenset[str]] | None = None
        """The locations imported last, and the bookmarks of the database after that import."""

    def graph(self, store: str, *locations: Path) -> cachegraph.Graph:
        """The graph of what is at the locations; imported when it is first asked for."""
        key = store, *map(str, locations)
        if key not in self._graphs:
            self._graphs[key] = self._opened.enter_context(self._made(store, *locations))
        return self._graphs[key]

    def _made(self, store: str, *locations: Path) -> cachegraph.Graph:
        path = self._folder / f"{len(self._graphs)}.{store}"
        if store in EXPORTS:
            self.graph("memory", *locations).export(path, EXPORTS[store])
            return cachegraph.open(path)
        graph = cachegraph.open(":memory:" if store == "memory" else path)
        graph.import_(*locations)
        return graph

    def in_neo4j(self, uri: str, database: Database, *locations: Path) -> cachegraph.Graph:
        """The graph in Neo4j; imported unless the database has it and was not changed since."""
        if self._in_neo4j != (locations, database.last_change()):
            database.empty()
            with cachegraph.open(uri) as graph:
                graph.import_(*locations)
            self._in_neo4j = locations, database.last_change()
        return cachegraph.open(uri)

    def in_each(self, request: pytest.FixtureRequest) -> Iterator[Load]:
        """Gives the graph of locations in the store that is the parameter of a fixture."""
        if request.param != "neo4j":
            yield partial(self.graph, request.param)
            return
        uri, database = map(request.getfixturevalue, ("neo4j_location", "neo4j_server"))
        with ExitStack() as opened:
            yield lambda *paths: opened.enter_context(self.in_neo4j(uri, database, *paths))


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """The graphs that tests share."""
    with ExitStack() as opened:
        yield Kept(tmp_path_factory.mktemp("kept"), opened)


@pytest.fixture(params=["memory", "file", "graphml", NEO4J])
def load_once(request: pytest.FixtureRequest, kept: Kept) -> Iterator[Load]:
    """As ``load``, but each graph is made once: of files in ``module_path``, always the same."""
    yield from kept.in_each(request)


@pytest.fixture(scope="module")
def module_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the tests of a module share."""
    return tmp_path_factory.mktemp("module")


@pytest.fixture(params=["memory", "file", "graphml.gz", "parquet", NEO4J])
def real(request: pytest.FixtureRequest, kept: Kept) -> Iterator[Load]:
    """As ``load_once``, of real files."""
    yield from kept.in_each(request)


@pytest.fixture
def sample(real: Load) -> cachegraph.Graph:
    """The four real pages, in each store."""
    return real(PAGES)


@pytest.fixture
def artefacts(tmp_path: Path) -> Path:
    """Where screenshots are kept."""
    folder = Path(os.environ.get("CACHEGRAPH_ARTEFACTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session", autouse=True)
def _tidy() -> Iterator[None]:
    with realfiles.tidy():
        yield

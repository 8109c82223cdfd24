"""Fixtures that give tests a Neo4j; they fail in CI where there is none, and skip elsewhere.

``CACHEGRAPH_TEST_URI`` (with ``_USER`` and ``_PASSWORD``) names one that is running, which is
emptied. ``CACHEGRAPH_TEST_NEO4J`` is the version to start. ``CI`` or ``CACHEGRAPH_REQUIRE_SERVER``
make a missing server a failure.
"""

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.support.environment import is_set
from tests.support.server.container import container
from tests.support.server.database import Database
from tests.support.server.java import UnavailableError
from tests.support.server.process import VERSION, Server

FIXTURES = {"neo4j_server", "neo4j_process"}  # the others ask for these
NONE = "no Neo4j for the tests"
BESIDE = (
    "test_browser",
    "test_load",
    "test_load_trouble",
    "test_neo4jadmin",
    "test_notifications",
    "test_server",
)
"""Files whose tests share the second server: they take half of the time, as most restart it."""


@pytest.hookimpl(tryfirst=True)  # before -m picks among the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if FIXTURES & {*getattr(item, "fixturenames", ())}:
            item.add_marker("neo4j")


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Has pytest-xdist run tests that share a server in one process.

    Its own groups (``--dist loadgroup`` of 3.8) are made of an attribute that pytest 9.2 dropped.
    """
    from xdist.scheduler import LoadScopeScheduling

    scheduling: Any = LoadScopeScheduling(config, log)
    scheduling._split_scope = group
    return scheduling


def group(nodeid: str) -> str:
    """What a test is run together with: itself, or all that need a server, or Spark.

    Of those that need a server some share a second one, so that the others need not wait for them.
    A server that the environment names is the same for all.
    """
    if "neo4j" not in nodeid:
        return "spark" if "/test_spark.py" in nodeid else nodeid
    if "CACHEGRAPH_TEST_URI" in os.environ:
        return "running"
    return "beside" if any(f"/{name}.py" in nodeid for name in BESIDE) else "running"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Has the summary say once, not once for each test, that there is no server."""
    report = yield
    if report.skipped and isinstance(report.longrepr, tuple) and NONE in report.longrepr[2]:
        report.longrepr = (__file__, 1, report.longrepr[2])
    return report


@pytest.fixture(scope="session")
def _jars(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Server]]:
    """Starts the session's own server, when it is first asked for."""
    home = tmp_path_factory.mktemp("neo4j")
    started: list[Server] = []

    def start() -> Server:
        if not started:
            started.append(Server(home, version=version()).start())
        return started[0]

    yield start
    for server in started:
        server.kill()  # at once: nothing of its data is kept
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def neo4j_server(_jars: Callable[[], Server]) -> Iterator[Database]:
    """A running Neo4j: the given one, else a container, else the jars."""
    with ExitStack() as stack:
        try:
            database = given() or container(version(), stack) or _jars().database
        except UnavailableError as exc:
            raise missing(exc) from None
        if not database.loopback and (nodes := database.size()):
            pytest.fail(f"{database.uri} has {nodes} nodes: tests would delete them", pytrace=False)
        yield database
        if given():
            database.wipe()


@pytest.fixture(scope="session")
def neo4j_process(_jars: Callable[[], Server]) -> Server:
    """A server that can be stopped, killed and administered; it has to be left running."""
    try:
        return _jars()
    except UnavailableError as exc:
        raise missing(exc) from None


@pytest.fixture
def neo4j_store(neo4j_location: str, neo4j_server: Database) -> Iterator[str]:
    """The location of a new database, with the credentials for it in the environment."""
    neo4j_server.wipe()
    yield neo4j_location
    neo4j_server.wipe()


@pytest.fixture
def neo4j_emptied(neo4j_location: str, neo4j_server: Database) -> str:
    """As ``neo4j_store``, and much faster; but constraints of the test before may be there."""
    neo4j_server.empty()
    return neo4j_location


@pytest.fixture
def neo4j_location(
    request: pytest.FixtureRequest, neo4j_server: Database, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The location of a database as it is, with the credentials for it in the environment."""
    assert request.node.get_closest_marker("neo4j"), "asked for by name: mark the test neo4j"
    monkeypatch.setenv("NEO4J_DATABASE", neo4j_server.name)
    for name, value in (("USERNAME", neo4j_server.user), ("PASSWORD", neo4j_server.password)):
        if value is None:
            monkeypatch.delenv(f"NEO4J_{name}", raising=False)
        else:
            monkeypatch.setenv(f"NEO4J_{name}", value)
    return neo4j_server.uri


def version() -> str:
    return os.environ.get("CACHEGRAPH_TEST_NEO4J") or VERSION


def given() -> Database | None:
    uri = os.environ.get("CACHEGRAPH_TEST_URI")
    user, password = (os.environ.get(f"CACHEGRAPH_TEST_{name}") for name in ("USER", "PASSWORD"))
    return Database(uri, user, password) if uri else None


def missing(why: UnavailableError) -> BaseException:
    """The failure in CI, the skip elsewhere, that says what would help."""
    text = (
        f"{NONE}: {why}. Set CACHEGRAPH_TEST_URI, or start Docker, "
        "or install Java 17+ and Maven (Debian: default-jre-headless and maven)"
    )
    return pytest.fail.Exception(text, pytrace=False) if required() else pytest.skip.Exception(text)


def required() -> bool:
    return is_set("CI") or is_set("CACHEGRAPH_REQUIRE_SERVER")

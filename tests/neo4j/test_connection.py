"""The way to a Neo4j server: whose password, which database, what is no server; none answers."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from neo4j import Driver, GraphDatabase, Session
from neo4j.exceptions import Neo4jError

from cachegraph.errors import StoreError
from cachegraph.neo4j.connection import Connection
from cachegraph.opening import is_neo4j

NAMES = ("USERNAME", "PASSWORD", "DATABASE", "CREDENTIALS")
URI = "neo4j://localhost:7687"


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(f"NEO4J_{name}", raising=False)


@contextmanager
def connected(location: str = URI) -> Iterator[tuple[Connection, Any]]:
    """A connection, and what the driver was told."""
    told: dict[str, Any] = {}
    made = GraphDatabase.driver

    def driver(uri: str, **options: Any) -> Driver:
        told.update(uri=uri, **options)
        return made(uri, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(GraphDatabase, "driver", driver)
        connection = Connection(location)
    try:
        yield connection, SimpleNamespace(**told)
    finally:
        connection.close()


FILE = """# of the test server
NEO4J_URI=neo4j://elsewhere
NEO4J_USERNAME = reader
NEO4J_PASSWORD="in = the file"
NEO4J_DATABASE='kept'
"""


@pytest.mark.parametrize(
    ("environment", "auth", "database"),
    [
        ({}, None, None),
        ({"USERNAME": "reader"}, None, None),
        ({"PASSWORD": "secret"}, ("neo4j", "secret"), None),
        ({"PASSWORD": ""}, ("neo4j", ""), None),
        ({"PASSWORD": "a", "USERNAME": "b", "DATABASE": "c"}, ("b", "a"), "c"),
        ({"CREDENTIALS": FILE}, ("reader", "in = the file"), "kept"),
        # The environment comes before the file.
        ({"CREDENTIALS": FILE, "PASSWORD": "mine"}, ("reader", "mine"), "kept"),
        ({"CREDENTIALS": FILE, "USERNAME": "me"}, ("me", "in = the file"), "kept"),
        ({"CREDENTIALS": FILE, "DATABASE": "other"}, ("reader", "in = the file"), "other"),
        ({"CREDENTIALS": "NEO4J_PASSWORD=p\n"}, ("neo4j", "p"), None),
        ({"CREDENTIALS": "\ufeffNEO4J_PASSWORD=p\r\n"}, ("neo4j", "p"), None),
    ],
)
def test_whose_password(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    environment: dict[str, str],
    auth: tuple[str, str] | None,
    database: str | None,
) -> None:
    for name, value in environment.items():
        if name == "CREDENTIALS":
            path = tmp_path / "credentials"
            path.write_bytes(value.encode())
            monkeypatch.setenv("NEO4J_CREDENTIALS", str(path))
        else:
            monkeypatch.setenv(f"NEO4J_{name}", value)
    with connected() as (connection, told):
        assert told.uri == URI
        assert told.auth == auth
        assert connection.database == database


def test_a_path_names_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_DATABASE", "other")
    for path, name in (("/history", "history"), ("/history/", "history"), ("/", "other")):
        with connected(f"{URI}{path}") as (connection, told):
            assert connection.database == name
            assert told.uri == connection.location == URI


def trouble(location: str = URI) -> tuple[str, str]:
    with pytest.raises(StoreError) as caught:
        Connection(location)
    assert caught.value.hint
    return caught.value.message, caught.value.hint


@pytest.mark.parametrize("location", ["neo4j://a\udcff", f"bolt://{'a' * 64}.org"])
def test_a_name_that_no_host_has(location: str) -> None:
    message, hint = trouble(location)
    assert message == f"{location}: not an address"
    assert "such as neo4j://" in hint


@pytest.mark.parametrize(
    "location",
    [
        "neo4j://reader:secret@localhost:7687",
        "bolt+s://:secret@localhost/kept",
        "bolt://a:secret@b@localhost",
        "neo4j://a:12/secret@localhost",
        "neo4j://a:12?secret@localhost",
        "neo4j://a:12#secret@localhost",
        "neo4j://a:secret@localhost:port",
    ],
)
def test_a_password_in_the_address_is_refused(location: str) -> None:
    message, hint = trouble(location)
    assert "localhost" in message
    assert "secret" not in message + hint
    if ":port" in location:
        assert "not an address" in message
        return
    assert "a user or password does not belong in the address" in message
    assert "NEO4J_PASSWORD" in hint
    assert "NEO4J_CREDENTIALS" in hint


@pytest.mark.parametrize("rest", ["?x=secret", "/kept?x=secret"])
def test_a_query_reaches_the_driver_alone(rest: str) -> None:
    with connected(f"{URI}{rest}#secret") as (connection, told):
        assert told.uri == f"{URI}?x=secret"
        assert connection.location == f"{URI}?..."


@pytest.mark.parametrize("query", ["secret", "x=secret&x=secret"])
def test_a_query_that_is_none(query: str) -> None:
    message, _ = trouble(f"neo4j://localhost?{query}")
    assert message == "neo4j://localhost?...: its query is not NAME=VALUE"


@pytest.mark.parametrize("content", [None, b"NEO4J_PASSWORD=s\xe9cret\n"])
def test_a_file_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "credentials"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("NEO4J_CREDENTIALS", str(path))
    message, hint = trouble()
    assert message.startswith(f"NEO4J_CREDENTIALS names {path}, which cannot be read: ")
    assert "cret\n" not in message
    assert "to a file with lines such as NEO4J_PASSWORD=" in hint


@pytest.mark.parametrize(
    "location",
    [
        "bolt://localhost:port",
        "bolt://localhost:99999999",
        "neo4j://[::1",
        "bolt+s://localhost?policy=a",
        "neo4j://",
        "neo4j://:7687",
        "neo4j:///history",
    ],
)
def test_an_address_that_is_none(location: str) -> None:
    assert is_neo4j(location)
    message, hint = trouble(location)
    assert message.startswith(location.partition("?")[0])
    assert "neo4j://localhost" in hint


@pytest.mark.parametrize(
    ("location", "is_server"),
    [
        ("neo4j://localhost", True),
        ("NEO4J+S://localhost", True),
        ("bolt+ssc://[::1]:7687", True),
        ("localhost:7687", False),
        ("http://localhost:7474", False),
        ("neo4j:localhost", False),
        ("neo4j.db", False),
    ],
)
def test_what_the_address_of_a_server_looks_like(location: str, is_server: bool) -> None:
    assert is_neo4j(location) is is_server


@pytest.mark.parametrize(
    ("agent", "good"),
    [
        ("Neo4j/5.26.0", True),
        ("Neo4j/5.26-aura", True),
        ("Neo4j/2026.09.0", True),
        ("Neo4j/5.25.1", False),
        ("Neo4j/4.4.38", False),
        ("Neo4j/dev", False),
        ("Memgraph/v5.27.0", False),
        ("TuGraph", False),
    ],
)
def test_which_servers_are_new_enough(
    monkeypatch: pytest.MonkeyPatch, agent: str, good: bool
) -> None:
    info = SimpleNamespace(agent=agent)
    monkeypatch.setattr(Driver, "get_server_info", lambda _: info)
    with connected() as (connection, _):
        if good:
            assert f"Neo4j/{connection.version()}" == agent
            return
        with pytest.raises(StoreError, match=f"the server is {agent}") as caught:
            connection.version()
    assert caught.value.hint
    assert "cachegraph needs Neo4j 5.26 or newer" in caught.value.hint


# What a server says that is not easily brought to say it.


@pytest.mark.parametrize("scheme", ["bolt+s", "bolt+ssc", "neo4j+s"])
def test_tls_on_a_plain_port(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The port answers the greeting of TLS as a server without TLS does: not at all."""
    monkeypatch.setenv("CACHEGRAPH_TIMEOUT", "2")
    with socket.create_server(("127.0.0.1", 0)) as server:
        Thread(target=hang_up, args=(server,), daemon=True).start()
        connection = Connection(f"{scheme}://127.0.0.1:{server.getsockname()[1]}")
        with closing(connection), pytest.raises(StoreError) as caught:
            connection.version()
    message, hint = caught.value.message, caught.value.hint
    assert "a server answers there, but not with TLS (" in message
    assert hint == "if it has no TLS, write bolt:// or neo4j:// without +s or +ssc"


def hang_up(server: socket.socket) -> None:
    """Ends each connection after its first bytes."""
    with suppress(OSError):
        while True:
            connection, _ = server.accept()
            with connection:
                connection.recv(1 << 16)


@pytest.mark.parametrize(
    ("code", "message", "said", "hint"),
    [
        (
            "Neo.TransientError.General.MemoryPoolOutOfMemoryError",
            "The allocation of an extra 2.0 MiB would use more than the limit 70.0 MiB.",
            "too large for the server's memory",
            "server.memory.heap.max_size",
        ),
        (
            "Neo.DatabaseError.General.UnknownError",
            "No space left on device",
            "the server's disk is full",
            "make room there and run it again",
        ),
        (  # what a full disk looks like
            "Neo.DatabaseError.Transaction.TransactionLogError",
            "Could not append transaction: Transaction #71 to log.",
            "the server cannot write its log: its disk may be full",
            "restart the server, and run it again",
        ),
        (
            "Neo.DatabaseError.Transaction.TransactionStartFailed",
            "The database has encountered a critical error, and needs to be restarted.",
            "needs to be restarted",
            "make room if its disk is full, restart it",
        ),
        (
            "Neo.TransientError.General.DatabaseUnavailable",
            "The database is not currently available",
            "the database is not available",
            "logs/debug.log",
        ),
        (
            "Neo.ClientError.Cluster.NotALeader",
            "No write operations are allowed",
            "No write operations are allowed",
            "use neo4j://",
        ),
        (
            "Neo.ClientError.Security.CredentialsExpired",
            "Permission denied.",
            "the password must be changed first",
            "cypher-shell",
        ),
        (
            "Neo.TransientError.Transaction.DeadlockDetected",
            "cannot acquire\na long story",
            "cannot acquire",
            "run it again",
        ),
        ("Neo.ClientError.New.Kind", "what nobody knows", "what nobody knows", "New.Kind"),
    ],
)
def test_what_the_server_means(code: str, message: str, said: str, hint: str) -> None:
    error = type("Told", (Neo4jError,), {"code": code, "message": message})()
    with (
        connected() as (connection, _),
        pytest.raises(StoreError) as caught,
        connection.store_errors(),
    ):
        raise error
    assert caught.value.message.startswith(f"{URI}: ")
    assert said in caught.value.message
    assert "\n" not in caught.value.message
    assert hint in (caught.value.hint or "")
    assert caught.value.__cause__ is error


@pytest.mark.parametrize(
    ("code", "errors", "runs"),
    [
        ("Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists", 1, 2),
        ("Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists", 2, 2),
        ("Neo.ClientError.Statement.SyntaxError", 1, 1),
    ],
)
def test_a_schema_that_another_process_makes_at_the_same_time(
    code: str, errors: int, runs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``IF NOT EXISTS`` fails if the other commits meanwhile; once more, it does nothing."""
    failures = [type("Told", (Neo4jError,), {"code": code, "message": "so"})()] * errors
    ran: list[str] = []

    def execute_write(self: Session, work: Callable[[Any], Any]) -> None:
        work(SimpleNamespace(run=lambda text: SimpleNamespace(consume=lambda: ran.append(text))))
        if failures:
            raise failures.pop()

    monkeypatch.setattr(Session, "execute_write", execute_write)
    with connected() as (connection, _), ExitStack() as stack:
        if errors == runs:
            stack.enter_context(pytest.raises(StoreError, match="so"))
        connection.change_schema("CREATE CONSTRAINT a IF NOT EXISTS")
    assert ran == ["CREATE CONSTRAINT a IF NOT EXISTS"] * runs

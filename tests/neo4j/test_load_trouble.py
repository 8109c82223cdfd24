"""What a server that is not as it should be makes of a command: an error, a hint, exit status 2."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import BaseRequestHandler, TCPServer
from threading import Thread

import pytest
from click.testing import CliRunner

import cachegraph
from cachegraph.cli import cli
from tests.support.loading import environment, in_database, in_store
from tests.support.sample import PAGES
from tests.support.server import Database, Server

PASSWORD = "not-the-password"  # of nobody


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "graph.db"
    cachegraph.open(path).import_(PAGES)
    return path


def refused(location: str, source: Path, *secrets: str | None, often: bool = True) -> str:
    """What load, and a question, say of a server that they cannot use."""
    said = ""
    commands: list[tuple[str, ...]] = [
        ("load", location, "--store", str(source)),
        ("load", location, "--store", str(source), "--replace", "--yes"),
        ("stacks", "--store", location),
    ]
    for words in commands if often else commands[:1]:
        result = CliRunner().invoke(cli, words)
        assert result.exit_code == 2, result.output
        assert isinstance(result.exception, SystemExit)
        assert result.stdout == ""
        error, hint = result.stderr.splitlines()
        assert error.startswith("Error: ")
        assert hint.startswith("Hint: ")
        assert not any(secret in result.stderr for secret in secrets if secret)
        said += result.stderr
    return said


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_PASSWORD", PASSWORD)


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("scheme", ["bolt", "neo4j", "neo4j+s"])
def test_nobody_listens(source: Path, scheme: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        location = f"{scheme}://127.0.0.1:{taken.getsockname()[1]}"
        said = refused(location, source, PASSWORD)
    assert f"{location}: no Neo4j server answers: " in said
    assert "the port is that of Bolt (7687 by default)" in said


class Web(BaseRequestHandler):
    """What most web servers say to what is no HTTP."""

    def handle(self) -> None:
        self.request.recv(64)
        self.request.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")


@contextmanager
def web() -> Iterator[int]:
    """The port of a server that speaks HTTP and nothing else."""
    with TCPServer(("127.0.0.1", 0), Web) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_a_web_server(source: Path, scheme: str) -> None:
    with web() as port:
        said = refused(f"{scheme}://127.0.0.1:{port}", source, PASSWORD)
    assert "no Neo4j server answers: " in said
    assert "the port is that of Bolt" in said


@pytest.mark.usefixtures("credentials")
def test_no_address(source: Path) -> None:
    for location in ("localhost:7687", f"http://me:{PASSWORD}@localhost", str(source)):
        result = CliRunner().invoke(cli, ["load", location, "--store", str(source)])
        assert result.exit_code == 2
        assert "not the address of a Neo4j server\nHint: such as neo4j://localhost" in result.stderr
        assert PASSWORD not in result.output
    words = ("load", f"neo4j://me:{PASSWORD}@localhost", "--store", str(source), "--replace")
    result = CliRunner().invoke(cli, words, input="y\n")
    assert "a user or password does not belong in the address" in result.stderr
    assert PASSWORD not in result.output


@pytest.mark.newest
@pytest.mark.neo4j
def test_another_password(
    monkeypatch: pytest.MonkeyPatch, source: Path, neo4j_emptied: str, neo4j_server: Database
) -> None:
    good = neo4j_server.password
    if good is None:
        pytest.skip("the server asks for no password")
    monkeypatch.setenv("NEO4J_PASSWORD", PASSWORD)
    # Once: after three wrong ones the server takes no more for a while.
    said = refused(neo4j_emptied, source, PASSWORD, good, often=False)
    assert f"{neo4j_emptied}: wrong user or password" in said
    assert "NEO4J_PASSWORD" in said
    assert neo4j_server.size() == 0
    monkeypatch.delenv("NEO4J_PASSWORD")
    monkeypatch.delenv("NEO4J_USERNAME", raising=False)
    assert "NEO4J_CREDENTIALS" in refused(neo4j_emptied, source, good, often=False)
    assert neo4j_server.size() == 0


@pytest.mark.newest
@pytest.mark.neo4j
def test_the_password_in_a_file(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    source: Path,
    neo4j_emptied: str,
    neo4j_server: Database,
) -> None:
    path = tmp_path / "credentials"
    path.write_text("".join(f"{k}={v}\n" for k, v in environment(neo4j_server).items()))
    for name in environment(neo4j_server):
        monkeypatch.delenv(name)
    monkeypatch.setenv("NEO4J_CREDENTIALS", str(path))
    words = ["load", neo4j_emptied, "--store", str(source)]
    result = CliRunner().invoke(cli, words)
    assert result.exit_code == 0, result.output
    assert neo4j_server.password is None or neo4j_server.password not in result.output
    assert in_database(neo4j_server) == in_store(source)
    path.write_bytes(b"NEO4J_PASSWORD=\xff\n")
    assert f"NEO4J_CREDENTIALS names {path}, which cannot be read" in refused(neo4j_emptied, source)
    path.unlink()
    assert f"NEO4J_CREDENTIALS names {path}, which cannot be read" in refused(neo4j_emptied, source)


@pytest.mark.newest
@pytest.mark.neo4j
def test_no_such_database(source: Path, neo4j_emptied: str, neo4j_server: Database) -> None:
    said = refused(f"{neo4j_emptied}/nosuch", source, neo4j_server.password)
    assert "nosuch" in said
    assert "name another with NEO4J_DATABASE; SHOW DATABASES lists them" in said


@pytest.mark.slow
def test_a_database_that_is_read_only(
    monkeypatch: pytest.MonkeyPatch, source: Path, neo4j_process: Server
) -> None:
    database = neo4j_process.database
    database.wipe()
    for name, value in environment(database).items():
        monkeypatch.setenv(name, value)
    cachegraph.open(source).load(database.uri)
    page = next(PAGES.rglob("specs.md"))
    neo4j_process.stop()
    neo4j_process.settings["server.databases.read_only"] = "neo4j"
    try:
        neo4j_process.start()
        for words in (
            ("load", database.uri, "--store", str(source)),
            ("load", database.uri, "--store", str(source), "--replace", "--yes"),
            ("import", str(page), "--store", database.uri),
        ):
            result = CliRunner().invoke(cli, words)
            assert result.exit_code == 2, result.output
            assert result.stderr.startswith(f"Error: {database.uri}: the database is read-only\n")
            assert "Hint: does the server have server.databases.read_only" in result.stderr
        assert CliRunner().invoke(cli, ["stats", "--store", database.uri]).exit_code == 0
        assert in_database(database) == in_store(source)
    finally:
        neo4j_process.stop()
        del neo4j_process.settings["server.databases.read_only"]
        neo4j_process.start()

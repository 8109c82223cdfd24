"""The commands that serve pages and that write them: options, errors, signals."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cachegraph
from cachegraph.cli import cli
from cachegraph.reading.discover import SAMPLE
from tests.support.pages import received

DEADLINE = 60.0
HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample; nothing may be added to it."""
    path = tmp_path_factory.mktemp("store") / "graph.db"
    with cachegraph.open(path) as graph:
        graph.import_(SAMPLE)
    return path


def run(*words: object) -> Result:
    return CliRunner().invoke(cli, [*map(str, words)])


def refused(*words: object) -> str:
    """What a command says that cannot do what it should."""
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: ")
    return " ".join(result.stderr.split())


@pytest.mark.parametrize("command", ["serve", "site public"])
@pytest.mark.parametrize("package", ["jinja2", "starlette", "uvicorn"])
def test_what_to_install(
    store: Path, monkeypatch: pytest.MonkeyPatch, command: str, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    text = refused(*command.split(), "--store", store)
    assert f"pages need the package {package}" in text
    assert "pip install 'cachegraph[serve]'" in text


@pytest.mark.parametrize("command", ["serve", "site"])
def test_help(command: str) -> None:
    text = " ".join(run(command, "--help").stdout.split())
    assert "Examples:" in text
    assert "the extra serve" in text


# serve


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were opened; the server itself ends at once."""
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr("uvicorn.Server.run", lambda *_: None)
    return opened


def test_a_port_that_is_taken(store: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        text = refused("serve", "--port", port, "--store", store)
    assert f"127.0.0.1, port {port}: cannot be listened to" in text
    assert "--port" in text


@pytest.mark.parametrize("host", ["a" * 70, "x..y", "192.0.2.1"])
def test_a_host_that_is_not_ours(store: Path, host: str) -> None:
    text = refused("serve", "--port", 0, "--host", host, "--store", store)
    assert f"{host}, port 0: cannot be listened to" in text


def test_a_host_that_nobody_knows(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "nobody knows it")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert "nobody knows it" in refused("serve", "--host", "x", "--store", store)


def test_there_is_no_store(tmp_path: Path) -> None:
    assert "no store at" in refused("serve", "--store", tmp_path / "none.db")
    assert "is a folder" in refused("serve", "--store", tmp_path)
    assert "no store at" in refused("site", tmp_path / "site", "--store", tmp_path / "none.db")
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    ("host", "shown", "warns"),
    [
        ("127.0.0.1", "127.0.0.1", False),
        ("127.0.0.2", "127.0.0.2", False),
        ("localhost", "localhost", False),
        ("0.0.0.0", "localhost", True),
    ],
)
@pytest.mark.usefixtures("ran")
def test_what_an_open_address_means(store: Path, host: str, shown: str, warns: bool) -> None:
    result = run("serve", "--port", 0, "--host", host, "--store", store)
    assert (result.exit_code, f" at http://{shown}:" in result.stderr) == (0, True)
    text = f"Warning: {host} can be reached from other machines"
    assert (text in result.stderr, "without a password" in result.stderr) == (warns, warns)


def test_the_browser_opens(store: Path, ran: list[str]) -> None:
    result = run("serve", "--port", 0, "--open", "--store", store)
    until = time.monotonic() + DEADLINE
    while not ran and time.monotonic() < until:
        time.sleep(0.01)
    assert f" at {ran[0]} " in result.stderr
    ran.clear()
    assert run("serve", "--port", 0, "--store", store).exit_code == 0
    assert ran == []


def test_a_browser_that_does_not_end_stops_nothing(
    store: Path, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    free = threading.Event()
    monkeypatch.setattr("webbrowser.open", lambda _: free.wait(DEADLINE))
    assert run("serve", "--port", 0, "--open", "--store", store).exit_code == 0
    free.set()


SLOW = """
import signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where tests run in background
import cachegraph.web.server.app as app
found = app.page_at
app.page_at = lambda view, parts: time.sleep(600) if parts == ["blame"] else found(view, parts)
from cachegraph.__main__ import main
main()
"""


def serve(store: Path) -> tuple["subprocess.Popen[str]", tuple[str, int]]:
    """The command ``serve`` with an endless page of blame, and where it is reached."""
    words = [sys.executable, "-c", SLOW, "serve", "--port", "0", "--store", str(store)]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    address = process.stderr.readline().split("http://")[1].split("/")[0]
    host, _, port = address.partition(":")
    return process, (host, int(port))


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_whoever_is_connected(
    store: Path, number: signal.Signals, status: int
) -> None:
    process, address = serve(store)
    with process, ExitStack() as opened:
        idle, begun, slow_, quick = (
            opened.enter_context(socket.create_connection(address, DEADLINE)) for _ in range(4)
        )
        begun.sendall(HEAD)
        slow_.sendall(HEAD.replace(b"/", b"/blame/", 1) + b"\r\n")
        quick.sendall(HEAD + b"Connection: close\r\n\r\n")
        assert received(quick).startswith(b"HTTP/1.1 200")
        os.kill(process.pid, number)
        assert process.wait(DEADLINE) == status
        assert process.stderr is not None
        assert process.stderr.read() == ""
        assert received(idle) == b""

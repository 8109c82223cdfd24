"""Clients that are slow, that are many, that go away."""

import asyncio
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

from cachegraph.questions import answer
from cachegraph.web import asking
from cachegraph.web.pages import page_at
from cachegraph.web.server import app, running, slow
from cachegraph.web.server.streaming import Stream
from tests.support.pages import Raw, Served, received, serving

DEADLINE = 60.0
"""Seconds after which a test fails that waits for what should come at once."""
HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
REQUEST = HEAD + b"\r\n"


def wait_until(is_so: Callable[[], object]) -> None:
    until = time.monotonic() + DEADLINE
    while not is_so():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.01)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow, "SECONDS", 0.2)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("begun", [b"", b"GET / HT", HEAD, REQUEST + HEAD])
def test_a_request_that_drips_is_cut_off(served: Served, begun: bytes) -> None:
    """Each byte may come in time, and the request still does not."""
    with served.connect() as connection:
        connection.sendall(begun)
        with pytest.raises(ConnectionError):
            drip(connection, b"x")


def drip(connection: socket.socket, data: bytes) -> None:
    until = time.monotonic() + DEADLINE
    while True:
        assert time.monotonic() < until, "what is sent gives it more time"
        connection.sendall(data)
        time.sleep(0.02)


@pytest.mark.usefixtures("impatient")
def test_a_body_that_never_ends_is_cut_off(served: Served) -> None:
    with served.connect() as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        with pytest.raises(ConnectionError):
            drip(connection, b"1\r\nx\r\n")


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("target", [b"/", b"/index.json", b"/static/style.css"])
@pytest.mark.parametrize("ends", [b"", b"Connection: close\r\n"])
def test_a_client_that_does_not_read_is_cut_off(
    sample_store: Path, monkeypatch: pytest.MonkeyPatch, target: bytes, ends: bytes
) -> None:
    lost, connection_lost = threading.Event(), slow.ImpatientProtocol.connection_lost

    def noting(self: slow.ImpatientProtocol, exc: Exception | None) -> None:
        connection_lost(self, exc)
        lost.set()

    monkeypatch.setattr(slow.ImpatientProtocol, "connection_lost", noting)
    many = 40 if not ends else 1  # without waiting for answers
    with serving(sample_store, sends_little=True) as served, served.connect() as connection:
        request = b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\n" + ends + b"\r\n"
        connection.sendall(request * many)
        assert lost.wait(DEADLINE)
        if target == b"/":
            assert not received(connection).endswith(b"0\r\n\r\n")


def test_a_client_that_reads_slowly_gets_everything(
    sample_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slow, "SECONDS", 1.0)
    monkeypatch.setattr(slow, "LEAST_READ", 1)
    with serving(sample_store, sends_little=True) as served, served.connect() as connection:
        connection.sendall(HEAD + b"Connection: close\r\n\r\n")
        found = b""
        while part := connection.recv(2000):
            found += part
            time.sleep(0.05)
    assert found.endswith(b"0\r\n\r\n")


def test_idle_connections_end(sample_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "SECONDS_KEPT", 0.1)
    with serving(sample_store) as served, served.connect() as connection:
        connection.sendall(REQUEST)
        assert received(connection).endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("seconds", [0, 1000])
def test_many_idle_connections_stop_nobody(
    served: Served, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    monkeypatch.setattr(slow, "SECONDS_TO_BEGIN", seconds)
    open_ = served.server.server_state.connections
    with ExitStack() as opened:
        for _ in range(300):
            opened.enter_context(served.connect())
        assert served.ask(b"/packages/").status == 200
        wait_until(lambda: (len(open_) <= slow.MOST_CONNECTIONS) == (not seconds))
    wait_until(lambda: not open_)


def test_connections_that_wait_for_an_answer_are_kept(
    served: Served, monkeypatch: pytest.MonkeyPatch, blocked: threading.Event
) -> None:
    """Of too many, those end that wait for nothing."""
    monkeypatch.setattr(slow, "MOST_CONNECTIONS", 3)
    monkeypatch.setattr(slow, "SECONDS_TO_BEGIN", 0)
    with served.connect() as asking_, ExitStack() as opened:
        asking_.sendall(b"GET /blame/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        wait_until(lambda: served.server.server_state.tasks)
        for _ in range(20):
            opened.enter_context(served.connect())
        assert served.get("/packages/").status_code == 200
        blocked.set()
        assert Raw.of(received(asking_)).status == 200


def test_too_many_requests_are_told_to_come_back(
    served: Served, monkeypatch: pytest.MonkeyPatch, blocked: threading.Event
) -> None:
    monkeypatch.setattr("cachegraph.web.server.guard.MOST_REQUESTS", 2)
    with ThreadPoolExecutor() as readers:
        found = [readers.submit(served.ask, b"/blame/") for _ in range(5)]
        wait_until(lambda: sum(one.done() for one in found) == 3)
        blocked.set()
        statuses = Counter(one.result().status for one in found)
    assert statuses == {200: 2, 503: 3}


# Load.


@pytest.fixture
def blocked(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Keeps the page of blame from being made until the event is set."""
    free = threading.Event()

    def waiting(view: Any, parts: Any) -> Any:
        if parts == ["blame"]:
            assert free.wait(DEADLINE)
        return page_at(view, parts)

    monkeypatch.setattr(app, "page_at", waiting)
    yield free
    free.set()


def test_slow_pages_do_not_stop_quick_ones(served: Served, blocked: threading.Event) -> None:
    with ThreadPoolExecutor(20) as readers:
        slow_ones = [readers.submit(served.ask, b"/blame/") for _ in range(20)]
        assert {served.ask(b"/packages/").status for _ in range(5)} == {200}
        assert not any(one.done() for one in slow_ones)
        blocked.set()
        assert {one.result().status for one in slow_ones} == {200}


def test_many_readers_at_once(sample_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = ("", "packages/", "package/zlib-ng/", "stack/develop/e4s/", "blame/", "index.json")
    asked: Counter[str] = Counter()

    def counting(question: Any, store: Any) -> Any:
        asked[f"{type(question).__name__} {sorted(question.given().items())}"] += 1
        return answer(question, store)

    monkeypatch.setattr(asking, "answer", counting)
    before = {*threading.enumerate()}
    with serving(sample_store) as served:

        def read(_: int) -> list[int]:
            with requests.Session() as session:
                session.trust_env = False
                return [session.get(served.address + one).status_code for one in pages]

        with ThreadPoolExecutor(50) as readers:
            assert {status for all_ in readers.map(read, range(50)) for status in all_} == {200}
        # Those of the server of other tests, which looks after its store, have the same names.
        started = {one.name for one in threading.enumerate() if one not in before}
    assert len(started) <= 1 + 6
    assert {*asked.values()} == {1}


def test_who_goes_away_leaves_nothing_behind(
    sample_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of which there is always more ends with its reader."""
    ended = threading.Event()

    def parts(*_: object) -> Iterator[str]:
        try:
            while True:
                yield "x" * 1000
                time.sleep(0.001)
        finally:
            ended.set()

    with serving(sample_store) as served:
        monkeypatch.setattr("cachegraph.web.rendering.Renderer.parts", parts)
        with served.connect() as connection:
            connection.sendall(REQUEST)
            assert connection.recv(100)
        assert ended.wait(DEADLINE)
        monkeypatch.undo()
        wait_until(lambda: not served.server.server_state.tasks)
        assert served.get("/packages/").status_code == 200


def test_what_nobody_waits_for_is_not_begun(
    served: Served, monkeypatch: pytest.MonkeyPatch, blocked: threading.Event
) -> None:
    """Who gives up before a thread has time for the page costs nothing."""
    streams: list[Stream] = []
    made = Stream.__init__

    def noting(self: Stream) -> None:
        made(self)
        streams.append(self)

    monkeypatch.setattr(Stream, "__init__", noting)
    with ThreadPoolExecutor() as readers:
        first = [readers.submit(served.ask, b"/blame/") for _ in range(2)]  # take both threads
        wait_until(lambda: len(streams) == 2)
        with served.connect() as connection:
            connection.sendall(b"GET /blame/?left=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            wait_until(lambda: len(streams) == 3)
        wait_until(lambda: streams[-1].is_left)
        blocked.set()
        assert {one.result().status for one in first} == {200}


def test_a_stream_after_the_server_has_ended() -> None:
    async def make() -> Stream:
        return Stream()

    asyncio.run(make()).put(b"late")

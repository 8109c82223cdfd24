"""Pages served by a server of our own in a thread, and read as a browser would read them."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urldefrag, urljoin, urlsplit

import requests
import uvicorn

import cachegraph
from cachegraph.web.server.running import make_server
from tests.support.html import Elements


class Served(NamedTuple):
    """A server, its address, and a session to ask it with."""

    address: str
    session: requests.Session
    server: uvicorn.Server

    def get(self, path: str, **headers: str) -> requests.Response:
        return self.session.get(
            urljoin(self.address, path), headers=headers, allow_redirects=False, timeout=120
        )

    def connect(self) -> socket.socket:
        """A connection of which little is read before someone asks for it."""
        url = urlsplit(self.address)
        found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        found.settimeout(60)
        found.connect((url.hostname, url.port))
        return found

    def send(self, *lines: bytes) -> "Raw":
        """What is answered to these lines and an empty one."""
        with self.connect() as connection:
            connection.sendall(b"\r\n".join([*lines, b"Connection: close", b"", b""]))
            return Raw.of(received(connection))

    def ask(self, target: bytes, method: bytes = b"GET", host: bytes = b"localhost") -> "Raw":
        """What is answered to a request with this target, exactly."""
        return self.send(method + b" " + target + b" HTTP/1.1", b"Host: " + host)

    def page(self, path: str) -> Elements:
        """The elements of a page; each is closed in its order."""
        response = self.get(path)
        assert response.status_code == 200, (path, response.status_code, response.text[-300:])
        return Elements(response.content.decode())


class Raw(NamedTuple):
    """A response as it was sent."""

    status: int
    headers: dict[str, str]
    body: bytes

    @classmethod
    def of(cls, data: bytes) -> "Raw":
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("ascii").split("\r\n")
        pairs = [line.partition(": ")[::2] for line in lines]
        headers = {name.lower(): value for name, value in pairs}
        assert len(headers) == len(pairs), "a header is there twice"
        return cls(int(first.split()[1]), headers, body)


def received(connection: socket.socket) -> bytes:
    """All that comes until the other side ends the connection."""
    found = []
    with suppress(ConnectionError):
        while part := connection.recv(65536):
            found.append(part)
    return b"".join(found)


@contextmanager
def serving(store: Path | str, *, sends_little: bool = False) -> Iterator[Served]:
    """The pages of a store, on a free port of the loopback.

    ``sends_little``: the system takes little of what is sent before the other side reads it.
    """
    with cachegraph.open(store) as graph, requests.Session() as session:
        server, bound, address = make_server(graph, "127.0.0.1", 0)
        thread = threading.Thread(target=server.run, args=([bound],))
        if sends_little:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        with bound:
            thread.start()
            try:
                session.trust_env = False
                yield Served(address, session, server)
            finally:
                session.close()
                server.should_exit = True
                thread.join()


def links(page: Elements, address: str) -> set[str]:
    """The paths, with their queries, to which a page leads, itself included."""
    host = urlsplit(address).netloc
    found = {urldefrag(urljoin(address, str(one["href"]))).url for one in page.of("a")}
    assert {urlsplit(one).netloc for one in found} <= {host}, "a page leads to another host"
    return {one.partition(host)[2] for one in found}

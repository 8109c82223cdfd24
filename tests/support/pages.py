"""Pages served by a server of our own in a thread, and read as a browser would read them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urldefrag, urljoin, urlsplit

import requests

import cachegraph
from cachegraph.web.server.running import make_server
from tests.support.html import Elements


class Served(NamedTuple):
    """A server's address, and a session to ask it with."""

    address: str
    session: requests.Session

    def get(self, path: str, **headers: str) -> requests.Response:
        return self.session.get(
            urljoin(self.address, path), headers=headers, allow_redirects=False, timeout=120
        )

    def page(self, path: str) -> Elements:
        """The elements of a page; each is closed in its order."""
        response = self.get(path)
        assert response.status_code == 200, (path, response.status_code, response.text[-300:])
        return Elements(response.content.decode())


@contextmanager
def serving(store: Path | str) -> Iterator[Served]:
    """The pages of a store, on a free port of the loopback."""
    with cachegraph.open(store) as graph, requests.Session() as session:
        server, bound, address = make_server(graph, "127.0.0.1", 0)
        thread = threading.Thread(target=server.run, args=([bound],))
        with bound:
            thread.start()
            try:
                session.trust_env = False
                yield Served(address, session)
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

"""Runs the server until it is stopped."""

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import ip_address

import uvicorn

from cachegraph.errors import CacheGraphError
from cachegraph.web.asking import PagedGraph
from cachegraph.web.server.app import make_app
from cachegraph.web.server.slow import ImpatientProtocol

LOOPBACK = "127.0.0.1"
_ANY = ("0.0.0.0", "::")
SECONDS_KEPT = 5
"""Seconds that a connection stays open for another request."""
_SECONDS_TO_END = 1
"""Seconds that readers have for the rest of their pages when the server is to end."""


class _Server(uvicorn.Server):
    """A server that, when it ends, waits for nobody for long."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends all connections, at last those that do not end by themselves."""
        await super().shutdown(sockets)
        for connection in [*self.server_state.connections]:
            connection.transport.abort()
        await asyncio.sleep(0)  # in which the connections are told


def make_server(
    graph: PagedGraph, host: str, port: int, names: Iterable[str] = ()
) -> tuple[uvicorn.Server, socket.socket, str]:
    """A server for the pages of a graph, the socket to run it on, and the address of its pages.

    ``names`` are host names under which clients may ask, besides the address; port 0 is any that
    is free. CacheGraphError if the port cannot be had, or the store not be read.
    """
    graph.store.facts()  # a store that cannot be read is an error now, and not of every page
    bound = _bound(host, port)
    app = make_app(graph, _hosts(host, names))
    config = uvicorn.Config(
        app,
        http=ImpatientProtocol,
        loop="asyncio",
        ws="none",
        log_config=None,
        log_level="critical",  # the application tells what is to be told, in a line
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=SECONDS_KEPT,
        timeout_graceful_shutdown=_SECONDS_TO_END,
    )
    shown = "localhost" if host in _ANY else f"[{host}]" if ":" in host else host
    return _Server(config), bound, f"http://{shown}:{bound.getsockname()[1]}/"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _bound(host: str, port: int) -> socket.socket:
    """A socket that listens on a port of a host."""
    try:
        (family, *_, address), *_ = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        # Named as TCP, so that asyncio sends at once what is small: else each takes 40 ms more.
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
            bound.listen()  # who asks before the server runs is answered then
        except BaseException:
            bound.close()
            raise
    except (OSError, OverflowError, UnicodeError) as exc:
        reason = getattr(exc, "strerror", None) or exc
        message = f"{host}, port {port}: cannot be listened to: {reason}"
        raise CacheGraphError(message, "name another with --port, or 0 for any") from exc
    return bound


def _hosts(host: str, names: Iterable[str]) -> set[str] | None:
    """The names under which requests are answered: of an open address also its own."""
    found = {name.lower().strip("[]").rstrip(".") for name in names}
    found |= {"localhost", LOOPBACK, "::1", host.lower()}
    if not is_loopback(host):
        found |= {socket.gethostname().lower(), socket.getfqdn().lower()}
        found |= _own_addresses()
    return {*filter(None, found)}


def _own_addresses() -> set[str]:
    """The addresses by which this machine's name is known."""
    try:
        return {str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None)}
    except OSError:
        return set()

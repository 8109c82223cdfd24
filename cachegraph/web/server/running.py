"""Runs the server until it is stopped."""

import socket
from collections.abc import Iterable
from ipaddress import ip_address

import uvicorn

from cachegraph.api import Graph
from cachegraph.errors import CacheGraphError
from cachegraph.web.server.app import make_app
from cachegraph.web.server.slow import ImpatientProtocol

LOOPBACK = "127.0.0.1"
_MOST_CONNECTIONS = 200
_SECONDS_KEPT = 5
_SECONDS_TO_END = 3


def make_server(
    graph: Graph, host: str, port: int, names: Iterable[str] = ()
) -> tuple[uvicorn.Server, socket.socket, str]:
    """A server for the pages of a graph, the socket to run it on, and the address of its pages.

    ``names`` are host names under which clients may ask, besides the address; port 0 is any that
    is free. CacheGraphError if the port cannot be had, or the store not be read.
    """
    graph.stats()  # a store that cannot be read is an error now, and not of every page
    bound = _bound(host, port)
    app = make_app(graph, _hosts(host, names))
    config = uvicorn.Config(
        app,
        http=ImpatientProtocol,
        ws="none",
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=_SECONDS_KEPT,
        timeout_graceful_shutdown=_SECONDS_TO_END,
    )
    shown = f"[{host}]" if ":" in host else host
    return uvicorn.Server(config), bound, f"http://{shown}:{bound.getsockname()[1]}/"


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
    found = {name.lower().strip("[]") for name in names}
    found |= {"localhost", LOOPBACK, "::1", host.lower()}
    if not is_loopback(host):
        found |= {socket.gethostname().lower(), socket.getfqdn().lower()}
        found |= _own_addresses()
    return found


def _own_addresses() -> set[str]:
    """The addresses by which this machine's name is known."""
    try:
        return {str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None)}
    except OSError:
        return set()

"""Connections to servers that end when nothing comes, or too little, or from where it may not.

A timeout of a socket starts anew with every byte, so a thread beside each request shuts its
connection down when its time is over. ``http_cache`` imports this on first use.
"""

import threading
import time
from contextlib import suppress
from contextvars import ContextVar
from http.client import HTTPResponse
from socket import SHUT_RDWR, socket
from types import TracebackType
from typing import Any, Self

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.response import BaseHTTPResponse

from cachegraph.errors import FetchError
from cachegraph.reading.permission import check_named, is_public, may_be_local, refusal

# Within the time for one part of a response, this many bytes are progress.
ENOUGH = 16 << 10
_MOST_REDIRECTS = 10
_HINT = "try again, or set CACHEGRAPH_TIMEOUT to more seconds"
_HINT_TOTAL = "run it again: what has come is kept; or set CACHEGRAPH_TOTAL_TIMEOUT to more seconds"


class Request:
    """One request, with its redirects and tries: who named its address, and its time."""

    def __init__(self, shown: str, seconds: float, end: float) -> None:
        self.shown = shown
        self.is_redirected = False
        self._address = ""
        self._named_by: str | None = None
        self._redirects = 0
        self._seconds = seconds
        self._end = end
        self._deadline = end
        self._socket: socket | None = None
        self._is_over = False
        self._is_open = True
        self._changed = threading.Condition()
        self._received = 0
        self._received_before = 0

    def __enter__(self) -> Self:
        self._token = _current.set(self)
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(
        self, _: type[BaseException] | None, exc: BaseException | None, __: TracebackType | None
    ) -> None:
        _current.reset(self._token)
        with self._changed:
            self._is_open = False
            self._changed.notify()
        if isinstance(exc, Exception) and not isinstance(exc, FetchError):
            self.check_time()

    def ask(self, address: str, named_by: str | None) -> None:
        """Sets the address that is asked for; FetchError if what names it may not name it."""
        if named_by is not None:
            check_named(address, named_by)
        self._address, self._named_by = address, named_by

    def redirect(self, address: str) -> None:
        """Sets the address to which the server redirects; FetchError if it may not."""
        self.is_redirected = True
        self._redirects += 1
        if self._redirects > _MOST_REDIRECTS:
            raise FetchError(f"{self.shown}: redirected without end", "check the address")
        try:
            self.ask(address, self._address)
        except FetchError as exc:
            raise FetchError(f"{self.shown}: redirected to {exc.message}", exc.hint) from exc

    def begin(self, connected: socket) -> None:
        """Starts the time for the next part of what a connection is to bring."""
        with self._changed:
            # TLS takes the socket over; its copy can still be shut down.
            self._forget_socket()
            self._socket, self._is_over = connected.dup(), False
            self._deadline = min(time.monotonic() + self._seconds, self._end)
            self._changed.notify()

    def count(self, size: int) -> None:
        """Counts bytes that have come; enough of them are progress. FetchError if time is over."""
        self._received += size
        if self._received - self._received_before >= ENOUGH:
            self._received_before = self._received
            self._deadline = min(time.monotonic() + self._seconds, self._end)
        self.check_time()

    def check_time(self) -> None:
        """FetchError if the connection was shut down because its time is over."""
        if time.monotonic() >= self._end:
            message = f"{self.shown}: stopped: the time for all that is fetched is over"
            raise FetchError(message, _HINT_TOTAL)
        if self._is_over:
            seconds = f"{self._seconds:g} s"
            what = f"{self._received:,} bytes in all, too few in the last {seconds}"
            what = what if self._received else f"no response after {seconds}"
            raise FetchError(f"{self.shown}: too slow: {what}", _HINT)

    def check_peer(self, connected: Any) -> None:
        """FetchError if the address leads where what names it must not lead."""
        if self._named_by is None or may_be_local(self._address, self._named_by):
            return
        host = connected.getpeername()[0]
        if not is_public(host):
            raise refusal(self._address, host)

    def _watch(self) -> None:
        with self._changed:
            while self._is_open:
                left = self._deadline - time.monotonic()
                if left <= 0 and self._socket is not None:
                    self._is_over = True
                    with suppress(OSError):
                        self._socket.shutdown(SHUT_RDWR)
                    self._forget_socket()
                self._changed.wait(max(left, 0.001) if self._socket is not None else None)
            self._forget_socket()

    def _forget_socket(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


_current: ContextVar[Request] = ContextVar("the request under way")


class _Connection(HTTPConnection):
    _begun: HTTPResponse | None
    """The response that is being read, before urllib3 takes it over."""

    def _new_conn(self) -> socket:
        connected = super()._new_conn()
        _current.get().begin(connected)
        return connected

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        request = _current.get()
        if self.proxy is None:
            request.check_peer(self.sock)
        request.begin(self.sock)
        super().send(data)

    def response_class(self, *args: Any, **options: Any) -> HTTPResponse:  # type: ignore[override]
        self._begun = HTTPResponse(*args, **options)
        return self._begun

    def getresponse(self) -> BaseHTTPResponse:  # type: ignore[override]  # as in its base class
        request = _current.get()
        self._begun = None
        try:
            response = super().getresponse()
            request.check_time()  # where the headers end early, they seem complete
        except Exception as exc:
            if self._begun is not None:
                self._begun.close()  # urllib3 leaves it open where it refuses a header
            if not isinstance(exc, FetchError):
                request.check_time()
            raise
        return response


class _SecureConnection(_Connection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


POOLS = {"http": _Pool, "https": _SecurePool}

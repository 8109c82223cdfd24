"""Connections that are cut off when a client sends or reads too slowly, or when others need them.

uvicorn waits for ever for the end of a request's headers, and for a client that does not read; and
its limit of connections answers nobody once enough of them are open, though all of them be idle.
"""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from cachegraph.web.server.guard import header_pairs

SECONDS = 15.0
"""Within it a request must be complete, and a client must have read some of what is sent."""
LEAST_READ = 16_384
"""Bytes that a client must read in that time, if so many are left."""
MOST_CONNECTIONS = 200
"""When more are open, those end that have waited longest for a request."""
SECONDS_TO_BEGIN = 1.0
"""How long a new connection is not among those: its request may be on the way."""


class ImpatientProtocol(H11Protocol):
    """A connection that ends when it has brought no whole request, or was not read, for a while."""

    _sending: asyncio.TimerHandle | None = None
    _reading: asyncio.TimerHandle | None = None
    _waiting_since = 0.0

    def connection_made(self, transport: Any) -> None:
        """Gives the client some seconds for its first request."""
        super().connection_made(transport)
        # So that writing is paused while anything is left to be read, however little.
        transport.set_write_buffer_limits(high=0)
        self._waiting_since = self.loop.time()
        self._reading = self.loop.call_later(SECONDS, self._cut_if_waiting)
        self._make_room()

    def data_received(self, data: bytes) -> None:
        """Gives a client that begins another request some seconds for it."""
        super().data_received(data)
        if not self._is_waiting():
            self._stop_reading()
        elif self._reading is None:  # else each byte would give it more time
            self._reading = self.loop.call_later(SECONDS, self._cut_if_waiting)

    def on_response_complete(self) -> None:
        """Notes since when the client has nothing to wait for."""
        self._waiting_since = self.loop.time()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Gives a client that does not read some seconds."""
        super().pause_writing()
        self._look_again()

    def resume_writing(self) -> None:
        """Lets a client go on that has read all there was."""
        super().resume_writing()
        self._stop_sending()

    def send_400_response(self, msg: str) -> None:
        """Tells what is no request, with the headers of every response."""
        if self.transport.is_closing():
            return
        if not self._is_waiting():  # the body of a request goes wrong while that is answered
            self.transport.abort()
            return
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
        headers += header_pairs()
        response = h11.Response(status_code=400, headers=headers, reason=b"Bad Request")
        for event in (response, h11.Data(data=b"This is no HTTP request.\n"), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets the connection."""
        super().connection_lost(exc)
        self._stop_reading()
        self._stop_sending()

    def _is_waiting(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _cut_if_waiting(self) -> None:
        self._reading = None
        if self._is_waiting():
            self.transport.abort()

    def _make_room(self) -> None:
        """Ends those connections that have waited longest, if there are too many."""
        too_many = len(self.connections) - MOST_CONNECTIONS
        if too_many <= 0:
            return
        before = self.loop.time() - SECONDS_TO_BEGIN
        ours = [one for one in self.connections if isinstance(one, ImpatientProtocol)]
        idle = [one for one in ours if one._is_waiting() and one._waiting_since <= before]
        for one in sorted(idle, key=lambda one: one._waiting_since)[:too_many]:
            one.transport.abort()

    def _look_again(self) -> None:
        self._stop_sending()
        left = self.transport.get_write_buffer_size()
        self._sending = self.loop.call_later(SECONDS, self._cut_if_stuck, left)

    def _cut_if_stuck(self, before: int) -> None:
        """Ends the connection unless some of what was left is read."""
        if before - self.transport.get_write_buffer_size() < LEAST_READ:
            self.transport.abort()
        else:
            self._look_again()

    def _stop_reading(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _stop_sending(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

"""Connections that are cut off when a client sends or reads too slowly.

uvicorn waits for ever for the end of a request's headers, and for a client that does not read.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

SECONDS = 15.0
"""Within it a request must be complete, and a client that does not read must go on reading."""


class ImpatientProtocol(H11Protocol):
    """Cuts a connection off that has sent no whole request, or has read nothing, for a while."""

    _sending: asyncio.TimerHandle | None = None
    _reading: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Gives the client some seconds for its first request."""
        super().connection_made(transport)
        self._reading = self.loop.call_later(SECONDS, self._cut_if_waiting)

    def data_received(self, data: bytes) -> None:
        """Gives a client that begins another request some seconds for it."""
        super().data_received(data)
        if self._is_waiting() and self._reading is None:
            self._reading = self.loop.call_later(SECONDS, self._cut_if_waiting)
        elif not self._is_waiting():
            self._stop_reading()

    def pause_writing(self) -> None:
        """Gives a client that does not read some seconds."""
        super().pause_writing()
        self._sending = self.loop.call_later(SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Lets a client go on that reads again."""
        super().resume_writing()
        self._stop_sending()

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
        if self._is_waiting() and not self.transport.is_closing():
            self.transport.abort()

    def _stop_reading(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _stop_sending(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

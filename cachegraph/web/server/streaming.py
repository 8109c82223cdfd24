"""Responses that a thread makes part by part, for readers who may go away before the end."""

import asyncio
from contextlib import suppress
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

Item = Response | bytes | None
"""A whole response, or a part of a page; None is the end."""
_HTML = [(b"content-type", b"text/html; charset=utf-8")]


class Stream:
    """Brings what a thread makes to the reader of one request.

    The parts that are ready wait in memory, however slowly they are read: a thread that waited for
    its reader could not make other pages. Made on the event loop; ``put`` is for the thread.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Item] = asyncio.Queue()
        self.is_left = False
        """Whether nobody reads any more, so that nothing more need be made."""

    def put(self, item: Item) -> None:
        """Adds what comes next."""
        with suppress(RuntimeError):  # the server has ended
            self._loop.call_soon_threadsafe(self._queue.put_nowait, item)

    async def send(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends everything as it comes, or as much as is read."""
        waiting = asyncio.create_task(self._wait_for_end(receive))
        try:
            first = await self._queue.get()
            if isinstance(first, Response):
                await first(scope, receive, send)
            elif first is not None:
                await self._send_page(first, send)
        finally:
            self.is_left = True
            waiting.cancel()

    async def _send_page(self, first: bytes, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": _HTML})
        part: Any = first
        while part is not None:
            await send({"type": "http.response.body", "body": part, "more_body": True})
            part = await self._queue.get()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _wait_for_end(self, receive: Receive) -> None:
        """Ends the stream when its reader goes away."""
        while (await receive())["type"] != "http.disconnect":
            pass
        self.is_left = True
        self._queue.put_nowait(None)

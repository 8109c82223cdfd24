"""Refuses what is not for this server, and tells browsers what its pages may do."""

import logging
import re
from collections.abc import Sequence
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cachegraph.errors import shortened
from cachegraph.output.printable import printable

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}
"""What every response says."""
MOST_REQUESTS = 200
"""Requests that are answered at the same time; more are told to come back."""
_METHODS = ("GET", "HEAD")
_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\s:/@\[\]\\]+?))\.?(?::\d*)?", re.I | re.A)
_LONGEST_LINE = 500
_log = logging.getLogger("cachegraph.web")


class Guard:
    """Lets through requests that only read, and that name this server as their host.

    Another name may be that of a page which has its own name resolved to this machine, to read what
    is here. None as hosts is any host.
    """

    def __init__(self, app: ASGIApp, hosts: set[str] | None) -> None:
        self._app = app
        self._hosts = hosts
        self._answering = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sending = _Sending(send)
        self._answering += 1
        try:
            app = self._refusal(scope) or self._app
            await app(scope, receive, sending)
        except Exception as error:
            log_line(f"a fault of cachegraph: {type(error).__name__}: {error}")
            if not sending.is_begun:
                sorry = PlainTextResponse("This is a fault of cachegraph; please report it.\n", 500)
                await sorry(scope, receive, sending)
        finally:
            self._answering -= 1

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        """The response to a request that is not answered; None for one that is."""
        if scope["method"] not in _METHODS:
            allowed = {"Allow": ", ".join(_METHODS)}
            return PlainTextResponse("This server only reads.\n", 405, allowed)
        if self._hosts is not None and not self._hosts.issuperset(_named(scope["headers"])):
            return PlainTextResponse("This server has another name.\n", 421)
        if not scope["path"].startswith("/"):
            return PlainTextResponse("An address here begins with a slash.\n", 400)
        if self._answering > MOST_REQUESTS:
            return PlainTextResponse("Too many ask at once.\n", 503, {"Retry-After": "5"})
        return None


def _named(headers: Sequence[tuple[bytes, bytes]]) -> set[str | None]:
    """The hosts that a request names, which should be one; None for one that is no name."""
    found = [value.decode("latin-1") for name, value in headers if name.lower() == b"host"]
    return {hostname(host) for host in found} or {None}


def hostname(host: str) -> str | None:
    """The name in a ``Host`` header, without the port; None if it is none."""
    match = _HOST.fullmatch(host)
    return (match[1] or match[2]).lower() if match else None


def log_line(message: str) -> None:
    """Tells whoever runs the server, in one line with nothing that a terminal would obey."""
    _log.error("%s", shortened(printable(" ".join(message.split())), _LONGEST_LINE))


class _Sending:
    """Sends a response with our headers; ``is_begun`` is whether its beginning is sent."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.is_begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.is_begun = True
            found: Any = [pair for pair in message["headers"] if pair[0].decode() not in HEADERS]
            message = {**message, "headers": [*found, *header_pairs()]}
        await self._send(message)


def header_pairs() -> list[tuple[bytes, bytes]]:
    """What every response says, as bytes."""
    return [(name.encode(), value.encode()) for name, value in HEADERS.items()]

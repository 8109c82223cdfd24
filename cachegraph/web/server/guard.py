"""Refuses what is not for this server, and tells browsers what its pages may do."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
_METHODS = ("GET", "HEAD")


class Guard:
    """Lets through requests that only read, and that name this server as their host.

    Another name may be that of a page which has its own name resolved to this machine, to read what
    is here.
    """

    def __init__(self, app: ASGIApp, hosts: set[str] | None) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._refusal(scope["method"], headers)
        app = self._app if refusal is None else refusal
        await app(scope, receive, _with_headers(send))

    def _refusal(self, method: str, headers: Mapping[bytes, str]) -> ASGIApp | None:
        if method not in _METHODS:
            allowed = {"Allow": ", ".join(_METHODS)}
            return PlainTextResponse("This server only reads.\n", 405, allowed)
        host = hostname(headers.get(b"host", ""))
        if self._hosts is not None and host not in self._hosts:
            return PlainTextResponse("This server has another name.\n", 421)
        return None


def hostname(host: str) -> str:
    """The name in a ``Host`` header, without the port."""
    if host.startswith("["):
        return host.partition("]")[0][1:].lower()
    return host.partition(":")[0].rstrip(".").lower()


def _with_headers(send: Send) -> Send:
    ours = [(name.encode(), value.encode()) for name, value in HEADERS.items()]

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            found: Any = [pair for pair in message["headers"] if pair[0].decode() not in HEADERS]
            message = {**message, "headers": [*found, *ours]}
        await send(message)

    return sending

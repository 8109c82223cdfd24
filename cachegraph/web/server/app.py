"""The application: finds the page of an address, and sends it as it is made."""

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote

from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from cachegraph.errors import CacheGraphError, NotFoundError, StoreError, UsageError
from cachegraph.web.addresses import JSON
from cachegraph.web.asking import Asker, PagedGraph
from cachegraph.web.page import Redirect, View
from cachegraph.web.pages import is_slow, page_at
from cachegraph.web.pages.search import suggestions
from cachegraph.web.rendering import Renderer, document
from cachegraph.web.server.guard import Guard, log_line
from cachegraph.web.server.streaming import Item, Stream
from cachegraph.web.static_files import STATIC_FILES, static_file

_THREADS = 4
"""Threads that ask the store; each has a connection and what was read through it."""
_THREADS_FOR_SLOW = 2
"""Threads for pages that may take long, so that the other pages need not wait for them."""
_SECONDS_BETWEEN_LOOKS = 2.0
_STATIC = "/static/"
_COMPLETE = "/complete.json"
_NOT_FOUND, _BAD, _TOO_LONG, _FAULT = 404, 400, 414, 500
_LONGEST_PATH, _LONGEST_QUERY = 2000, 8000
_MOST_PARAMETERS = 300
"""Each value that is chosen has a link without it: they grow with the square."""
_UNFINISHED = b"<p>The rest of this page could not be made.</p>"


def make_app(graph: PagedGraph, hosts: set[str] | None) -> Guard:
    """The application of a graph, for requests to these hosts; None for any host."""
    server = _Server(graph)
    return Guard(
        Router(default=server, lifespan=lambda _: server.running(), redirect_slashes=False), hosts
    )


class _TooLongError(UsageError):
    """An address that no page has."""


class _Request(NamedTuple):
    """The address of a page, with its query as it is and as parameters."""

    path: str
    query: str
    parameters: Mapping[str, list[str]]

    @property
    def is_json(self) -> bool:
        """Whether the document of the page is asked for."""
        return self.path.endswith(".json")

    @property
    def parts(self) -> list[str]:
        """The parts of the address of the page."""
        path = self.path.removesuffix(JSON).removesuffix(".json")
        return [part for part in path.split("/") if part]


class _Server:
    """Answers requests, each in one of a few threads that ask the store."""

    def __init__(self, graph: PagedGraph) -> None:
        self.asker = Asker(graph)
        self.renderer = Renderer(lambda address: address)
        self._threads = ThreadPoolExecutor(_THREADS, "cachegraph-web")
        self._for_slow = ThreadPoolExecutor(_THREADS_FOR_SLOW, "cachegraph-web-slow")

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Looks now and then whether the store has changed, so that its log can be let go."""
        task = asyncio.create_task(self._look())
        try:
            yield
        finally:
            task.cancel()
            for threads in (self._threads, self._for_slow):
                threads.shutdown(wait=False, cancel_futures=True)

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)
            await loop.run_in_executor(self._threads, self._refresh)

    def _refresh(self) -> None:
        with contextlib.suppress(CacheGraphError, OSError, sqlite3.Error):  # the next page tells
            self.asker.refresh()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, query = scope["path"], scope["query_string"].decode("latin-1")
        is_page = not path.startswith(_STATIC) and not path.endswith(".json")
        if path.startswith(_STATIC) and not path.endswith("/"):
            await _static(path.removeprefix(_STATIC))(scope, receive, send)
        elif is_page and not path.endswith("/") and len(path) < _LONGEST_PATH:
            await _moved(path, query)(scope, receive, send)
        else:
            await self._answer(scope, receive, send, _Request(path, query, {}))

    async def _answer(self, scope: Scope, receive: Receive, send: Send, request: _Request) -> None:
        """Has a thread answer a request, while its reader is there."""
        make: Callable[[_Request], Iterator[Response | bytes]] = self._page
        if request.path == _COMPLETE:
            make = self._completions
        threads = self._for_slow if is_slow(request.parts[:8]) else self._threads
        stream = Stream()
        threads.submit(self._make, make, request, stream)
        await stream.send(scope, receive, send)

    def _make(
        self,
        make: Callable[[_Request], Iterator[Response | bytes]],
        request: _Request,
        stream: Stream,
    ) -> None:
        """Makes a response, part by part, until it is complete or nobody reads it."""
        is_begun = False
        try:
            if stream.is_left:
                return
            for item in make(_checked(request)):
                stream.put(item)
                is_begun = True
                if stream.is_left:
                    return
        except Exception as error:
            stream.put(self._failed(error, request, is_begun=is_begun))
        stream.put(None)

    def _page(self, request: _Request) -> Iterator[Response | bytes]:
        """A page in parts, or its document, or where it is."""
        self.asker.refresh()
        found = page_at(View(self.asker, request.parameters), request.parts)
        if isinstance(found, Redirect):
            yield RedirectResponse(found.address, 302)
        elif request.is_json:
            yield Response(document(found), media_type="application/json")
        else:
            for part in self.renderer.parts(found, request.query):
                yield part.encode("utf-8", "backslashreplace")

    def _completions(self, request: _Request) -> Iterator[Response]:
        """The packages, stacks and hashes that begin with ``q``, as JSON."""
        self.asker.refresh()
        view = View(self.asker, request.parameters)
        found = suggestions(view, view.one("q")[:200])
        yield _json([[one.text, one.kind, one.address] for one in found])

    def _failed(self, error: Exception, request: _Request, *, is_begun: bool) -> Item:
        """The response that tells an error, or the end of a page that is begun."""
        status, message, hint = _told(error)
        if is_begun:
            return _UNFINISHED
        if request.is_json:
            return _json({"error": message, "hint": hint}, status)
        text = self.renderer.error(status, message, hint)
        data = text.encode("utf-8", "backslashreplace")
        return Response(data, status, media_type="text/html")


def _static(name: str) -> Response:
    """A file of the pages' style, script or icon."""
    if name not in STATIC_FILES:
        return PlainTextResponse("There is no such file.\n", _NOT_FOUND)
    headers = {"Cache-Control": "max-age=300"}
    return Response(static_file(name), media_type=STATIC_FILES[name], headers=headers)


def _moved(path: str, query: str) -> Response:
    """Leads to the page with a slash at the end of its address."""
    # A path that begins with two slashes would lead to another host.
    address = f"/{quote(path.strip('/'), safe='/=')}/"
    return RedirectResponse(f"{address}?{query}" if query else address, 308)


def _json(value: object, status: int = 200) -> Response:
    """A document, in which what no UTF-8 can hold is spelled out."""
    return Response(json.dumps(value).encode(), status, media_type="application/json")


def _checked(request: _Request) -> _Request:
    """A request with its parameters; UsageError if there is too much of it."""
    if len(request.path) > _LONGEST_PATH or len(request.query) > _LONGEST_QUERY:
        raise _TooLongError("the address is too long")
    try:
        return request._replace(parameters=_parameters(request.query))
    except ValueError:
        message = f"the address has more than {_MOST_PARAMETERS} parameters"
        raise UsageError(message) from None


def _parameters(query: str) -> dict[str, list[str]]:
    """The values of each parameter; ValueError if there are too many."""
    more: dict[str, Any] = {"keep_blank_values": True, "max_num_fields": _MOST_PARAMETERS}
    try:
        return parse_qs(query, errors="surrogatepass", **more)
    except UnicodeDecodeError:
        return parse_qs(query, **more)


def _told(error: Exception) -> tuple[int, str, str]:
    """The status, the message and the hint of an error, without the place of the store.

    Whoever runs the server is told all of what is no fault of the reader.
    """
    if isinstance(error, (StoreError, OSError)):
        log_line(f"{type(error).__name__}: {error}")
        return _FAULT, "the store cannot be read", ""
    if isinstance(error, CacheGraphError):
        statuses = {NotFoundError: _NOT_FOUND, _TooLongError: _TOO_LONG}
        return statuses.get(type(error), _BAD), error.message, error.hint or ""
    log_line(f"a fault of cachegraph: {type(error).__name__}: {error}")
    return _FAULT, "this is a fault of cachegraph", "please report it"

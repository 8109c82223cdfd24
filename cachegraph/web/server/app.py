"""The application: finds the page of an address, and sends it as it is made."""

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from cachegraph.api import Graph
from cachegraph.errors import CacheGraphError, NotFoundError, StoreError, UsageError
from cachegraph.web.addresses import JSON
from cachegraph.web.asking import Asker
from cachegraph.web.page import Redirect, View
from cachegraph.web.pages import is_slow, page_at
from cachegraph.web.pages.search import suggestions
from cachegraph.web.rendering import Renderer, document
from cachegraph.web.server.guard import Guard

_THREADS = 4
"""Threads that ask the store; each has a connection and what was read through it."""
_THREADS_FOR_SLOW = 2
"""Threads for pages that may take long, so that the other pages need not wait for them."""
_SECONDS_BETWEEN_LOOKS = 2.0
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_NOT_FOUND, _BAD, _FAULT = 404, 400, 500
_LONGEST_QUERY = 8000
_log = logging.getLogger("cachegraph.web")


def make_app(graph: Graph, hosts: set[str] | None) -> "Guard":
    """The application of a graph, for requests to these hosts; None for any host."""
    server = _Server(graph)
    routes = [
        Route("/static/{name}", _static),
        Route("/complete.json", server.complete),
        Route("/{path:path}", server.answer),
    ]
    return Guard(Starlette(routes=routes, lifespan=server.lifespan), hosts)


async def _static(request: Request) -> Response:
    """A file of the pages' style, script or icon."""
    name = request.path_params["name"]
    suffix = name[name.rfind(".") :]
    file = files("cachegraph.web").joinpath("static", name)
    if suffix not in _TYPES or "/" in name or not file.is_file():
        return Response(status_code=_NOT_FOUND)
    headers = {"Cache-Control": "max-age=300"}
    return Response(file.read_bytes(), media_type=_TYPES[suffix], headers=headers)


class _Server:
    """Answers requests, each in one of a few threads that ask the store."""

    def __init__(self, graph: Graph) -> None:
        self.asker = Asker(graph)
        self.renderer = Renderer(lambda address: address)
        self._threads = ThreadPoolExecutor(_THREADS, "cachegraph-web")
        self._for_slow = ThreadPoolExecutor(_THREADS_FOR_SLOW, "cachegraph-web-slow")

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Looks now and then whether the store has changed, so that its log can be let go."""
        task = asyncio.create_task(self._look())
        try:
            yield
        finally:
            task.cancel()
            for threads in (self._threads, self._for_slow):
                threads.shutdown(wait=False, cancel_futures=True)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)
            await self._in_thread(self.asker.refresh)

    async def _in_thread(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)

    async def complete(self, request: Request) -> Response:
        """The packages, stacks and hashes that begin with ``q``, as JSON."""
        text = request.query_params.get("q", "")[:200]
        try:
            found = await self._in_thread(suggestions, View(self.asker, {}), text)
        except CacheGraphError:
            found = []
        return JSONResponse([[one.text, one.kind, one.address] for one in found])

    async def answer(self, request: Request) -> Response:
        """The page at the path of a request, or its JSON document."""
        path, query = request.path_params["path"], request.url.query
        is_json = path.endswith(".json")
        if path and not path.endswith("/") and not is_json:
            return RedirectResponse(_with_query(f"/{path}/", query), 308)
        if len(query) > _LONGEST_QUERY:
            return await self._error(UsageError("the address is too long"), is_json=is_json)
        path = path.removesuffix(JSON).removesuffix(".json")
        parts = [part for part in path.split("/") if part]
        parameters = {name: request.query_params.getlist(name) for name in request.query_params}
        view = View(self.asker, parameters)
        return await self._answer(view, parts, query, is_json=is_json)

    async def _answer(self, view: View, parts: list[str], query: str, *, is_json: bool) -> Response:
        loop = asyncio.get_running_loop()
        threads = self._for_slow if is_slow(parts) else self._threads
        try:
            if is_json:
                made = loop.run_in_executor(threads, self._document, view, parts)
                return await made
            queue: asyncio.Queue[str | Exception | None] = asyncio.Queue()

            def put(part: str | Exception | None) -> None:
                loop.call_soon_threadsafe(queue.put_nowait, part)

            making = loop.run_in_executor(threads, self._make, view, parts, query, put)
            first = await queue.get()
        except Exception as error:
            return await self._error(error, is_json=is_json)
        if isinstance(first, _Moved):
            return RedirectResponse(first.address, 302)
        if isinstance(first, Exception):
            return await self._error(first, is_json=False)
        return StreamingResponse(_rest(first, queue, making), media_type="text/html")

    def _make(
        self,
        view: View,
        parts: list[str],
        query: str,
        put: Callable[[str | Exception | None], None],
    ) -> None:
        """Makes a page, part by part."""
        try:
            self.asker.refresh()
            found = page_at(view, parts)
            if isinstance(found, Redirect):
                put(_Moved(found.address))
                return
            for part in self.renderer.parts(found, query):
                put(part)
            put(None)
        except Exception as error:
            put(error)

    def _document(self, view: View, parts: list[str]) -> Response:
        self.asker.refresh()
        found = page_at(view, parts)
        if isinstance(found, Redirect):
            return RedirectResponse(found.address, 302)
        return Response(document(found), media_type="application/json")

    async def _error(self, error: Exception, *, is_json: bool) -> Response:
        """The page of an error, which says nothing of this machine."""
        status, message, hint = _said(error, self.asker.graph.location)
        if is_json:
            return JSONResponse({"error": message, "hint": hint}, status)
        text = await self._in_thread(self.renderer.error, status, message, hint)
        return Response(text, status, media_type="text/html")


class _Moved(Exception):  # noqa: N818  # it is no error, and goes the way of errors
    """The page is at another address."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


async def _rest(
    first: str | None, queue: "asyncio.Queue[str | Exception | None]", made: Any
) -> AsyncIterator[str]:
    """The parts of a page, as they are made; one that fails ends with a sentence."""
    part: str | Exception | None = first
    while isinstance(part, str):
        yield part
        part = await queue.get()
    if isinstance(part, Exception):
        _log.error("a page could not be finished: %s", type(part).__name__)
        yield "<p>The rest of this page could not be made.</p>"
    await made


def _with_query(path: str, query: str) -> str:
    # A path that begins with two slashes would lead to another host.
    path = f"/{path.lstrip('/')}"
    return f"{path}?{query}" if query else path


def _said(error: Exception, store: str) -> tuple[int, str, str]:
    """The status, the message and the hint of an error, without the place of the store."""
    if isinstance(error, StoreError):
        return _FAULT, error.message.replace(store, "the store"), ""
    if isinstance(error, CacheGraphError):
        status = _NOT_FOUND if isinstance(error, NotFoundError) else _BAD
        return status, error.message, error.hint or ""
    if isinstance(error, (OSError, sqlite3.Error)):
        return _FAULT, "the store cannot be read", ""
    _log.error("a fault of cachegraph: %s: %s", type(error).__name__, error)
    return _FAULT, "this is a fault of cachegraph", "please report it"

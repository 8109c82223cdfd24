"""Reads http, https and public s3 addresses, and lists s3 folders. All network code is here.

Responses are cached, and used again only after the server says that they have not changed. Every
failure is a FetchError, and so is a response that does not come on within some seconds. The network
libraries are imported when an address is first read, because importing them takes longer than most
commands.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from cachegraph.environment import cache_folder, server_timeout, total_timeout
from cachegraph.errors import FetchError
from cachegraph.reading.s3 import (
    bucket_address,
    bucket_and_key,
    https_address,
    is_s3,
    leads_out,
    parse_listing,
    prefix_of,
)
from cachegraph.reading.secrets import hide_addresses, without_secrets

if TYPE_CHECKING:
    from pathlib import Path

    from requests import Response, Session

    from cachegraph.reading.connections import Request

_REMOTE = re.compile(r"(https?|s3)://", re.IGNORECASE)
_REGION = re.compile(r"[a-z0-9-]{1,30}")
_TIMEOUT = 10.0
_TRIES = 4
_BACKOFF = 0.5
_CHUNK = 256 << 10
# A larger response is kept in a temporary file until it is complete.
_IN_MEMORY = 16 << 20
_OK, _NOT_MODIFIED, _CLIENT_ERROR, _TOO_MANY_REQUESTS = 200, 304, 400, 429
# A page of a listing has 1,000 keys of 1,024 bytes at most.
_LARGEST_PAGE, _LARGEST_LISTING, _MOST_PAGES = 8 << 20, 128 << 20, 2000
_QUOTED = 200
_end: ContextVar[float | None] = ContextVar("the end of the time to fetch in", default=None)
# A server reports these encodings of files that are stored compressed. The bytes stay as stored,
# as their checksum requires; decompress decodes them later.
_STORED_ENCODINGS = {"", "identity", "gzip", "x-gzip", "zstd", "aws-chunked"}
_TRY_LATER = "the server has trouble: try again later"
_CHECK_ADDRESS = "check the address"
_HINTS = {401: "it needs a login", 403: "it is not public, or not there"}


def is_remote(location: str) -> bool:
    """Whether a location is an address and not a path."""
    return _REMOTE.match(location) is not None


def join(url: str, *parts: str) -> str:
    """The address of a path below another address; a query stays at the end."""
    from urllib.parse import quote, urlsplit, urlunsplit

    below = "/".join(part.strip("/") for part in parts)
    if is_s3(url):
        return f"{url.rstrip('/')}/{below}"
    try:
        address = urlsplit(url)
    except ValueError as exc:
        message = f"{without_secrets(url)}: not an address: {exc}"
        raise FetchError(message, _CHECK_ADDRESS) from exc
    path = f"{address.path.rstrip('/')}/{quote(below, safe='/~!$&()*+,;=:@')}"
    return urlunsplit(address._replace(path=path))


@contextmanager
def in_time() -> Iterator[None]:
    """Within it, all that is fetched must come in one time: ``CACHEGRAPH_TOTAL_TIMEOUT``."""
    token = _end.set(time.monotonic() + total_timeout())
    try:
        yield
    finally:
        _end.reset(token)


def read(url: str, *, limit: int, named_by: str | None = None) -> bytes:
    """The bytes at an address, as stored there; FetchError if there are more than ``limit``.

    ``named_by`` is the document that names the address, empty for a local one; None if the user
    names it.
    """
    # A bucket is where the user's settings say, whoever names it.
    named_by = None if is_s3(url) else named_by
    return _read(https_address(url), without_secrets(url), limit, named_by)


def exists(url: str) -> bool:
    """Whether an address exists."""
    with _request("HEAD", https_address(url), without_secrets(url)) as (_, response, _):
        # S3 answers 403 for a missing key in a bucket that cannot be listed.
        absent = {404, 410, 403} if is_s3(url) else {404, 410}
        if response.status_code not in absent:
            _check(without_secrets(url), response)
        return response.ok


def list_files(url: str, most: int | None = None) -> list[str]:
    """The addresses of all files below a folder of a public s3 bucket, or of the first ones."""
    bucket, key = bucket_and_key(url)
    below = prefix_of(key)
    files = (
        f"s3://{bucket}/{key}"
        for key in _listed(url, "{*}Contents/{*}Key")
        if not key.endswith("/") and key.startswith(below) and not leads_out(key)
    )
    return [*islice(files, most)]


def list_folders(url: str) -> list[str]:
    """The names of the folders directly below a folder of a public s3 bucket."""
    prefixes = _listed(url, "{*}CommonPrefixes/{*}Prefix", delimiter="/")
    names = [prefix.rstrip("/").rpartition("/")[2] for prefix in prefixes]
    return [name for name in names if name and not leads_out(name)]


def _read(address: str, shown: str, limit: int, named_by: str | None = None) -> bytes:
    for attempt in range(1, _TRIES):
        try:
            return _read_once(address, shown, limit, named_by)
        except _InterruptedError:
            time.sleep(_BACKOFF * 2**attempt)
    return _read_once(address, shown, limit, named_by)


class _InterruptedError(FetchError):
    """The response was interrupted; reading it again may help."""


def _read_once(address: str, shown: str, limit: int, named_by: str | None) -> bytes:
    from tempfile import SpooledTemporaryFile

    from cachegraph.reading.http_cache import cache_response, is_damaged

    with _request("GET", address, shown, named_by) as (session, response, request):
        _check(shown, response, is_moved=request.is_redirected)
        hint = "check the address, or set CACHEGRAPH_LARGEST to more MiB"
        too_large = FetchError(f"{shown}: larger than {limit:,} bytes", hint)
        declared = response.headers.get("Content-Length", "")
        if declared.isdecimal() and int(declared[:20]) > limit:
            raise too_large
        with SpooledTemporaryFile(_IN_MEMORY) as body:
            size = 0
            while chunk := response.raw.read1(_CHUNK, decode_content=False):
                body.write(chunk)
                size += len(chunk)
                request.count(len(chunk))
                if size > limit:
                    raise too_large
            request.check_time()  # where a connection ends early, the body seems complete
            body.seek(0)
            data = body.read()
        if is_damaged(session, response, data):
            raise _InterruptedError(f"{shown}: what is cached of it is damaged", _TRY_LATER)
        cache_response(session, response, data)
        return data


def _check(shown: str, response: "Response", *, is_moved: bool = False) -> None:
    """FetchError unless the response has the bytes, stored in an encoding that we know."""
    status = response.status_code
    if status == _NOT_MODIFIED:
        # Another process deleted the cached response in the meantime.
        raise _InterruptedError(f"{shown}: 304 Not Modified, but nothing is cached", _TRY_LATER)
    if status != _OK:
        from http.client import responses

        reason = (response.reason or responses.get(status, ""))[:_QUOTED]
        where = f" at {without_secrets(response.url)}" if is_moved else ""
        raise FetchError(f"{shown}: {status} {reason}".rstrip() + where, _hint(response))
    encodings = response.headers.get("Content-Encoding", "").lower().split(",")
    if unknown := {encoding.strip() for encoding in encodings} - _STORED_ENCODINGS:
        found = ", ".join(sorted(unknown))[:_QUOTED]
        message = f"{shown}: comes encoded as {found}, which was not asked for"
        raise FetchError(message, "download it with another program, and import the file")


def _hint(response: "Response") -> str:
    status = response.status_code
    region = response.headers.get("x-amz-bucket-region")
    if region and _REGION.fullmatch(region) and status < _CLIENT_ERROR:
        return f"set AWS_ENDPOINT_URL_S3=https://s3.{region}.amazonaws.com"
    return _HINTS.get(status, _TRY_LATER if status >= _TOO_MANY_REQUESTS else _CHECK_ADDRESS)


@contextmanager
def _request(
    method: str, address: str, shown: str, named_by: str | None = None
) -> Iterator[tuple["Session", "Response", "Request"]]:
    """The session, and a response whose body is not read yet."""
    from urllib3.exceptions import HTTPError

    from cachegraph.reading.connections import Request
    from cachegraph.reading.http_cache import redirect_target

    timeout = server_timeout() or _TIMEOUT
    session = _session(cache_folder() / "http", _BACKOFF)
    end = _end.get() or time.monotonic() + total_timeout()
    try:
        with Request(shown, 2 * timeout, end) as request:
            request.ask(address, named_by)
            response = session.request(method, address, stream=True, timeout=timeout)
            while target := redirect_target(response):
                response.close()
                request.redirect(target)
                response = session.request(method, target, stream=True, timeout=timeout)
            with response:
                yield session, response, request
    except (HTTPError, OSError, UnicodeError) as exc:
        raise _fetch_error(shown, exc, timeout, session) from exc


@cache
def _session(folder: "Path", backoff: float) -> "Session":
    from importlib.metadata import version

    from cachegraph.reading.http_cache import make_session

    agent = f"cachegraph/{version('cachegraph')}"
    return make_session(folder, tries=_TRIES, backoff=backoff, agent=agent)


def _fetch_error(shown: str, exc: Exception, timeout: float, session: "Session") -> FetchError:
    from urllib3.exceptions import ProtocolError

    from cachegraph.reading.explanations import explain
    from cachegraph.reading.http_cache import is_cached

    explanation, hint = explain(exc, timeout)
    message = f"{shown}: {hide_addresses(explanation)[:_QUOTED]}"
    if isinstance(exc, ProtocolError):
        return _InterruptedError(message, hint)
    request = getattr(exc, "request", None)
    if request is not None and request.url and is_cached(session, request.url):
        cached = "an earlier response is cached, but the server must confirm that it is current"
        return FetchError(message, f"{hint}; {cached}")
    return FetchError(message, hint)


def _listed(url: str, path: str, **parameters: str) -> Iterator[str]:
    """The texts of the elements at a path of a folder's listing, which comes in pages."""
    from urllib.parse import quote, urlencode

    bucket, key = bucket_and_key(url)
    parameters |= {"list-type": "2", "prefix": prefix_of(key)}
    tokens: set[str] = set()
    size = 0
    while True:
        address = f"{bucket_address(bucket)}/?{urlencode(parameters, quote_via=quote)}"
        data = _read(address, without_secrets(url), _LARGEST_PAGE)
        page = parse_listing(without_secrets(url), data)
        yield from (element.text for element in page.iterfind(path) if element.text)
        if page.findtext("{*}IsTruncated") != "true":
            return
        token = page.findtext("{*}NextContinuationToken")
        size += len(data)
        is_too_long = size > _LARGEST_LISTING or len(tokens) >= _MOST_PAGES
        if not token or token in tokens or is_too_long:
            message = f"{without_secrets(url)}: its listing has no end"
            raise FetchError(message, "check AWS_ENDPOINT_URL_S3")
        tokens.add(token)
        parameters["continuation-token"] = token

"""Reads http, https and public s3 addresses, and lists s3 folders. All network code is here.

Responses are cached, and used again only after the server says that they have not changed. Every
failure is a FetchError. The network libraries are imported when an address is first read, because
importing them takes longer than most commands.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

from cachegraph.environment import cache_folder, s3_endpoint, server_timeout
from cachegraph.errors import FetchError

if TYPE_CHECKING:
    from pathlib import Path
    from xml.etree.ElementTree import Element

    from requests import Response, Session

_REMOTE = re.compile(r"(https?|s3)://", re.IGNORECASE)
_BUCKET = re.compile(r"[A-Za-z0-9._-]+")
_CONNECT_TIMEOUT, _READ_TIMEOUT = 10.0, 60.0
_TRIES = 4
_BACKOFF = 0.5
_CHUNK = 1 << 20
_OK, _NOT_MODIFIED, _CLIENT_ERROR, _TOO_MANY_REQUESTS = 200, 304, 400, 429
_LARGEST_LISTING = 64 << 20
# A server reports these encodings of files that are stored compressed. The bytes stay as stored,
# as their checksum requires; decompress decodes them later.
_STORED_ENCODINGS = {"", "identity", "gzip", "x-gzip", "zstd", "aws-chunked"}
_TRY_LATER = "the server has trouble: try again later"
_CHECK_ADDRESS = "check the address"
_HINTS = {401: "it needs a login", 403: "it is not public, or not there"}


def is_remote(location: str) -> bool:
    """Whether a location is an address and not a path."""
    return _REMOTE.match(location) is not None


def is_s3(url: str) -> bool:
    """Whether an address is of s3; no other can be listed."""
    return url[:5].lower() == "s3://"


def join(url: str, *parts: str) -> str:
    """The address of a path below another address; a query stays at the end."""
    from urllib.parse import quote, urlsplit, urlunsplit

    below = "/".join(part.strip("/") for part in parts)
    if is_s3(url):
        return f"{url.rstrip('/')}/{below}"
    try:
        address = urlsplit(url)
    except ValueError as exc:
        message = f"{_without_password(url)}: not an address: {exc}"
        raise FetchError(message, _CHECK_ADDRESS) from exc
    path = f"{address.path.rstrip('/')}/{quote(below, safe='/~!$&()*+,;=:@')}"
    return urlunsplit(address._replace(path=path))


def read(url: str, *, limit: int) -> bytes:
    """The bytes at an address, as stored there; FetchError if there are more than ``limit``."""
    return _read(_https_address(url), _without_password(url), limit)


def exists(url: str) -> bool:
    """Whether an address exists."""
    with _request("HEAD", _https_address(url), _without_password(url)) as (_, response):
        # S3 answers 403 for a missing key in a bucket that cannot be listed.
        absent = {404, 410, 403} if is_s3(url) else {404, 410}
        if response.status_code not in absent:
            _check(_without_password(url), response)
        return response.ok


def list_files(url: str) -> list[str]:
    """The addresses of all files below a folder of a public s3 bucket."""
    bucket, _ = _bucket_and_key(url)
    keys = _listed(url, "{*}Contents/{*}Key")
    return [f"s3://{bucket}/{key}" for key in keys if not key.endswith("/")]


def list_folders(url: str) -> list[str]:
    """The names of the folders directly below a folder of a public s3 bucket."""
    prefixes = _listed(url, "{*}CommonPrefixes/{*}Prefix", delimiter="/")
    return [prefix.rstrip("/").rpartition("/")[2] for prefix in prefixes]


def _read(address: str, shown: str, limit: int) -> bytes:
    for attempt in range(1, _TRIES):
        try:
            return _read_once(address, shown, limit)
        except _InterruptedError:
            time.sleep(_BACKOFF * 2**attempt)
    return _read_once(address, shown, limit)


class _InterruptedError(FetchError):
    """The response was interrupted; reading it again may help."""


def _read_once(address: str, shown: str, limit: int) -> bytes:
    from cachegraph.reading.http_cache import cache_response

    with _request("GET", address, shown) as (session, response):
        _check(shown, response)
        too_large = FetchError(f"{shown}: larger than {limit:,} bytes", _CHECK_ADDRESS)
        declared = response.headers.get("Content-Length", "")
        if declared.isdecimal() and int(declared) > limit:
            raise too_large
        body = BytesIO()  # grows in place, and its bytes are returned without a copy
        while chunk := response.raw.read(_CHUNK, decode_content=False):
            body.write(chunk)
            if body.tell() > limit:
                raise too_large
        data = body.getvalue()
        cache_response(session, response, data)
        return data


def _check(shown: str, response: "Response") -> None:
    """FetchError unless the response has the bytes, stored in an encoding that we know."""
    status = response.status_code
    if status == _NOT_MODIFIED:
        # Another process deleted the cached response in the meantime.
        raise _InterruptedError(f"{shown}: 304 Not Modified, but nothing is cached", _TRY_LATER)
    if status != _OK:
        from http.client import responses

        reason = response.reason or responses.get(status, "")
        where = f" at {_without_password(response.url)}" if response.history else ""
        raise FetchError(f"{shown}: {status} {reason}".rstrip() + where, _hint(response))
    encodings = response.headers.get("Content-Encoding", "").lower().split(",")
    if unknown := {encoding.strip() for encoding in encodings} - _STORED_ENCODINGS:
        message = f"{shown}: comes encoded as {', '.join(sorted(unknown))}, which was not asked for"
        raise FetchError(message, "download it with another program, and import the file")


def _hint(response: "Response") -> str:
    status = response.status_code
    region = response.headers.get("x-amz-bucket-region")
    if region and status < _CLIENT_ERROR:
        return f"set AWS_ENDPOINT_URL_S3=https://s3.{region}.amazonaws.com"
    return _HINTS.get(status, _TRY_LATER if status >= _TOO_MANY_REQUESTS else _CHECK_ADDRESS)


@contextmanager
def _request(method: str, address: str, shown: str) -> Iterator[tuple["Session", "Response"]]:
    """The session, and a response whose body is not read yet."""
    from urllib3.exceptions import HTTPError

    seconds = server_timeout()
    timeout = (_CONNECT_TIMEOUT, _READ_TIMEOUT) if seconds is None else (seconds, seconds)
    session = _session(cache_folder() / "http", _BACKOFF)
    try:
        with session.request(method, address, stream=True, timeout=timeout) as response:
            yield session, response
    except (HTTPError, OSError, UnicodeError) as exc:
        raise _fetch_error(shown, exc, timeout, session) from exc


@cache
def _session(folder: "Path", backoff: float) -> "Session":
    from importlib.metadata import version

    from cachegraph.reading.http_cache import make_session

    agent = f"cachegraph/{version('cachegraph')}"
    return make_session(folder, tries=_TRIES, backoff=backoff, agent=agent)


def _fetch_error(
    shown: str, exc: Exception, timeout: tuple[float, float], session: "Session"
) -> FetchError:
    from urllib3.exceptions import ProtocolError

    from cachegraph.reading.http_cache import explain, is_cached

    explanation, hint = explain(exc, timeout)
    message = f"{shown}: {explanation}"
    if isinstance(exc, ProtocolError):
        return _InterruptedError(message, hint)
    request = getattr(exc, "request", None)
    if request is not None and request.url and is_cached(session, request.url):
        cached = "an earlier response is cached, but the server must confirm that it is current"
        return FetchError(message, f"{hint}; {cached}")
    return FetchError(message, hint)


def _without_password(url: str) -> str:
    return re.sub(r"//[^/@]*@", "//", url, count=1)


def _bucket_and_key(url: str) -> tuple[str, str]:
    if not is_s3(url):
        message = f"{_without_password(url)}: plain http cannot list what is in a folder"
        raise FetchError(message, "name a file, or the folder's s3:// address")
    bucket, _, key = url[5:].partition("/")
    if not _BUCKET.fullmatch(bucket):
        raise FetchError(f"{url}: {bucket!r} is not the name of a bucket", "try s3://bucket/key")
    return bucket, key


def _https_address(url: str) -> str:
    """The http or https address by which anybody can read."""
    if not is_s3(url):
        return url
    from urllib.parse import quote

    bucket, key = _bucket_and_key(url)
    return f"{_bucket_address(bucket)}/{quote(key, safe='/~')}"


def _bucket_address(name: str) -> str:
    endpoint = s3_endpoint()
    if endpoint or "." in name:  # the star of a certificate matches no dots
        return f"{(endpoint or 'https://s3.amazonaws.com').rstrip('/')}/{name}"
    return f"https://{name}.s3.amazonaws.com"


def _listed(url: str, path: str, **parameters: str) -> Iterator[str]:
    """The texts of the elements at a path of a folder's listing, which comes in pages."""
    from urllib.parse import quote, urlencode

    bucket, key = _bucket_and_key(url)
    parameters |= {"list-type": "2", "prefix": f"{key.rstrip('/')}/" if key.strip("/") else ""}
    while True:
        address = f"{_bucket_address(bucket)}/?{urlencode(parameters, quote_via=quote)}"
        page = _parse_listing(url, _read(address, url, _LARGEST_LISTING))
        yield from (element.text for element in page.iterfind(path) if element.text)
        if page.findtext("{*}IsTruncated") != "true":
            return
        token = page.findtext("{*}NextContinuationToken")
        if not token or token == parameters.get("continuation-token"):
            raise FetchError(f"{url}: its listing has no end", "check AWS_ENDPOINT_URL_S3")
        parameters["continuation-token"] = token


def _parse_listing(url: str, data: bytes) -> "Element":
    from xml.etree import ElementTree

    class Builder(ElementTree.TreeBuilder):
        def doctype(self, name: str, _pubid: str | None, _system: str | None) -> None:
            # No listing has one, and its entities could grow without bound or read files.
            raise ElementTree.ParseError(f"it declares a DOCTYPE {name}")

    hint = "check the address, and AWS_ENDPOINT_URL_S3 if it is set"
    try:
        root = ElementTree.fromstring(data, ElementTree.XMLParser(target=Builder()))
    except (ElementTree.ParseError, ValueError, LookupError) as exc:
        raise FetchError(f"{url}: not a listing of S3: {exc}", hint) from exc
    if not root.tag.endswith("ListBucketResult"):
        raise FetchError(f"{url}: not a listing of S3: its element is {root.tag}", hint)
    return root

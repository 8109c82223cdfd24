"""The only network code: reads http, https and public s3 addresses, and lists s3 folders.

What servers sent is kept, and used again only when they say that it has not changed. Every
failure is a FetchError. The libraries are imported when an address is first read: they take
longer than most commands.
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
_CONNECT, _READ = 10.0, 60.0
_TRIES = 4
_BACKOFF = 0.5
_CHUNK = 1 << 20
_OK, _NOT_MODIFIED = 200, 304
_LARGEST_LISTING = 64 << 20
# Of files that are stored so, the server says it unasked. What stays is as the file's checksum is;
# decompress.plain undoes these.
_STORED_AS = {"", "identity", "gzip", "x-gzip", "zstd", "aws-chunked"}
_LATER = "the server has trouble: try again later"
_HINTS = {401: "it wants a login", 403: "it is not public, or not there", 404: "check the address"}


def is_remote(location: str) -> bool:
    """Whether a location is an address that this room reads."""
    return _REMOTE.match(location) is not None


def join(url: str, *parts: str) -> str:
    """The address of something below another; a query stays at the end."""
    from urllib.parse import quote, urlsplit, urlunsplit

    below = "/".join(part.strip("/") for part in parts)
    if _is_s3(url):
        return f"{url.rstrip('/')}/{below}"
    try:
        address = urlsplit(url)
    except ValueError as exc:
        raise FetchError(f"{_shown(url)}: not an address: {exc}", "check the address") from exc
    path = f"{address.path.rstrip('/')}/{quote(below, safe='/~!$&()*+,;=:@')}"
    return urlunsplit(address._replace(path=path))


def read(url: str, *, limit: int) -> bytes:
    """The bytes at an address, as they are stored there; FetchError if more than ``limit``."""
    return _read(_https(url), _shown(url), limit)


def exists(url: str) -> bool:
    """Whether there is something at an address."""
    with _asked("HEAD", _https(url), _shown(url)) as (_, response):
        # Whoever may not list a bucket hears 403 of a key that it does not have.
        absent = {404, 410, 403} if _is_s3(url) else {404, 410}
        if response.status_code not in absent:
            _check(_shown(url), response)
        return response.ok


def listing(url: str) -> list[str]:
    """The addresses of all files below a folder of a public s3 bucket."""
    bucket, _ = _s3(url)
    keys = (key for page in _pages(url) for key in _texts(page, "{*}Contents/{*}Key"))
    return [f"s3://{bucket}/{key}" for key in keys if not key.endswith("/")]


def folders(url: str) -> list[str]:
    """The names of the folders directly below a folder of a public s3 bucket."""
    pages = _pages(url, delimiter="/")
    found = (path for page in pages for path in _texts(page, "{*}CommonPrefixes/{*}Prefix"))
    return [path.rstrip("/").rpartition("/")[2] for path in found]


# Reading


def _read(address: str, shown: str, limit: int) -> bytes:
    for tried in range(1, _TRIES):
        try:
            return _read_once(address, shown, limit)
        except _BrokenOffError:
            time.sleep(_BACKOFF * 2**tried)
    return _read_once(address, shown, limit)


class _BrokenOffError(FetchError):
    """It began to come."""


def _read_once(address: str, shown: str, limit: int) -> bytes:
    from cachegraph.reading.http_cache import keep

    with _asked("GET", address, shown) as (session, response):
        _check(shown, response)
        too_large = FetchError(f"{shown}: larger than {limit:,} bytes", "check the address")
        declared = response.headers.get("Content-Length", "")
        if declared.isdecimal() and int(declared) > limit:
            raise too_large
        body = BytesIO()  # grows in place, and its bytes are handed out without a copy
        while chunk := response.raw.read(_CHUNK, decode_content=False):
            body.write(chunk)
            if body.tell() > limit:
                raise too_large
        data = body.getvalue()
        keep(session, response, data)
        return data


def _check(shown: str, response: "Response") -> None:
    status = response.status_code
    if status == _NOT_MODIFIED:
        # Another process forgot in the meantime what we have.
        raise _BrokenOffError(f"{shown}: 304 Not Modified, of nothing that is kept", _LATER)
    if status != _OK:
        from http.client import responses

        reason = response.reason or responses.get(status, "")
        message = f"{shown}: {status} {reason}".rstrip()
        if response.history:
            message += f" at {_shown(response.url)}"
        if region := response.headers.get("x-amz-bucket-region", "") if status < 400 else "":  # noqa: PLR2004
            hint = f"set AWS_ENDPOINT_URL_S3=https://s3.{region}.amazonaws.com"
        else:
            hint = _HINTS.get(status, _LATER if status >= 429 else "check the address")  # noqa: PLR2004
        raise FetchError(message, hint)
    encodings = response.headers.get("Content-Encoding", "").lower().split(",")
    if unknown := {encoding.strip() for encoding in encodings} - _STORED_AS:
        message = f"{shown}: comes encoded as {', '.join(sorted(unknown))}, which was not asked for"
        raise FetchError(message, "download it with another program, and import the file")


@contextmanager
def _asked(method: str, address: str, shown: str) -> Iterator[tuple["Session", "Response"]]:
    """A session, and its response whose body is still to come."""
    from urllib3.exceptions import HTTPError

    timeout = _timeout()
    session = _session(cache_folder() / "http", _BACKOFF)
    try:
        with session.request(
            method, address, stream=True, timeout=timeout, allow_redirects=True
        ) as response:
            yield session, response
    except (HTTPError, OSError, UnicodeError) as exc:
        raise _failure(shown, exc, timeout, session) from exc


def _timeout() -> tuple[float, float]:
    """The seconds to wait for a connection, and for more bytes."""
    seconds = server_timeout()
    return (_CONNECT, _READ) if seconds is None else (seconds, seconds)


@cache
def _session(folder: "Path", backoff: float) -> "Session":
    from importlib.metadata import version

    from cachegraph.reading.http_cache import session

    agent = f"cachegraph/{version('cachegraph')}"
    return session(folder, tries=_TRIES, backoff=backoff, agent=agent)


# What went wrong


def _failure(
    shown: str, exc: Exception, timeout: tuple[float, float], session: "Session"
) -> FetchError:
    from urllib3.exceptions import ProtocolError

    from cachegraph.reading.http_cache import is_kept, why

    what, hint = why(exc, timeout)
    message = f"{shown}: {what}"
    if isinstance(exc, ProtocolError):
        return _BrokenOffError(message, hint)
    request = getattr(exc, "request", None)
    if request is not None and request.url and is_kept(session, request.url):
        kept = "what was read earlier is kept, but not used: nobody says that it still holds"
        return FetchError(message, f"{hint}; {kept}")
    return FetchError(message, hint)


# Addresses


def _shown(url: str) -> str:
    """An address without the password that it may have."""
    return re.sub(r"//[^/@]*@", "//", url, count=1)


def _is_s3(url: str) -> bool:
    return url[:5].lower() == "s3://"


def _s3(url: str) -> tuple[str, str]:
    """The bucket and the key of an s3 address."""
    if not _is_s3(url):
        message = f"{_shown(url)}: plain http cannot list what is in a folder"
        raise FetchError(message, "name a file, or the folder's s3:// address")
    bucket, _, key = url[5:].partition("/")
    if not _BUCKET.fullmatch(bucket):
        raise FetchError(f"{url}: {bucket!r} is no name of a bucket", "try s3://bucket/key")
    return bucket, key


def _https(url: str) -> str:
    """The address by which anybody may read."""
    if not _is_s3(url):
        return url
    from urllib.parse import quote

    bucket, key = _s3(url)
    return f"{_bucket(bucket)}/{quote(key, safe='/~')}"


def _bucket(name: str) -> str:
    endpoint = s3_endpoint()
    if endpoint or "." in name:  # a certificate's star stands for no dots
        return f"{(endpoint or 'https://s3.amazonaws.com').rstrip('/')}/{name}"
    return f"https://{name}.s3.amazonaws.com"


# S3's listings


def _pages(url: str, **asked: str) -> Iterator["Element"]:
    from urllib.parse import quote, urlencode

    bucket, key = _s3(url)
    asked |= {"list-type": "2", "prefix": f"{key.rstrip('/')}/" if key.strip("/") else ""}
    while True:
        address = f"{_bucket(bucket)}/?{urlencode(asked, quote_via=quote)}"
        page = _parsed(url, _read(address, url, _LARGEST_LISTING))
        yield page
        if page.findtext("{*}IsTruncated") != "true":
            return
        token = page.findtext("{*}NextContinuationToken")
        if not token or token == asked.get("continuation-token"):
            raise FetchError(f"{url}: its listing has no end", "check AWS_ENDPOINT_URL_S3")
        asked["continuation-token"] = token


def _parsed(url: str, data: bytes) -> "Element":
    from xml.etree import ElementTree

    class Builder(ElementTree.TreeBuilder):
        def doctype(self, name: str, _pubid: str | None, _system: str | None) -> None:
            # No listing has one; what it declares could grow without bound, or name files.
            raise ElementTree.ParseError(f"it declares a DOCTYPE {name}")

    hint = "check the address, and AWS_ENDPOINT_URL_S3 if it is set"
    try:
        root = ElementTree.fromstring(data, ElementTree.XMLParser(target=Builder()))
    except (ElementTree.ParseError, ValueError, LookupError) as exc:
        raise FetchError(f"{url}: not a listing of S3: {exc}", hint) from exc
    if not root.tag.endswith("ListBucketResult"):
        raise FetchError(f"{url}: not a listing of S3: its element is {root.tag}", hint)
    return root


def _texts(page: "Element", path: str) -> Iterator[str]:
    return (element.text for element in page.iterfind(path) if element.text)

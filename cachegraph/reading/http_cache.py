"""A requests session that retries, and caches responses in files.

CacheControl implements the rules of HTTP caching. Its own file cache writes the headers of an
entry before the body, so a crash between the two would combine a new ETag with old bytes for
good; and it uses lock files, while home folders on clusters are network disks. Like pip, we bring
our own: one file for each entry, moved into place whole. ``remote`` imports this on first use.
"""

import hashlib
import os
import ssl
import struct
import tempfile
import threading
from collections.abc import Collection, Iterator
from contextlib import suppress
from email.utils import formatdate, parsedate_tz
from http import HTTPStatus
from pathlib import Path
from typing import IO

import requests
import requests.exceptions as requests_errors
import urllib3.exceptions as urllib3_errors
from cachecontrol.adapter import CacheControlAdapter
from cachecontrol.cache import SeparateBodyBaseCache
from requests.adapters import HTTPAdapter
from urllib3 import Retry
from urllib3.response import BaseHTTPResponse, HTTPResponse

# The largest size of the cache: some ten indexes of a whole mirror.
_LARGEST_CACHE = 4 << 30
_LONGEST_WAIT = 30.0
_SUFFIX = ".kept"
_SIZES = struct.Struct(">QQ")


def make_session(folder: Path, *, tries: int, backoff: float, agent: str) -> requests.Session:
    """A session that tries ``tries`` times, and caches in a folder what servers allow."""
    cache = FileCache(folder)
    cache.shrink(_LARGEST_CACHE)
    adapter = _Adapter(
        cache,
        max_retries=_Retry(
            total=tries - 1,
            read=1,  # a server that sends nothing for a minute is asked only twice
            other=0,  # a bad certificate stays bad
            status_forcelist=(429, 500, 502, 503, 504),
            backoff_factor=backoff,
            raise_on_status=False,
        ),
    )
    session = requests.Session()
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    # no-cache: ask the server before a cached response is used. identity: the file as stored.
    session.headers.update(
        {"User-Agent": agent, "Cache-Control": "no-cache", "Accept-Encoding": "identity"}
    )
    return session


def cache_response(session: requests.Session, response: requests.Response, body: bytes) -> None:
    """Caches a complete body, if the server allows it and can tell later whether it changed."""
    headers = response.raw.headers
    if getattr(response, "from_cache", False) or not headers.keys() & {"etag", "last-modified"}:
        return
    if parsedate_tz(headers.get("date", "")) is None:
        headers["date"] = formatdate(usegmt=True)  # CacheControl requires it
    if "last-modified" in headers and parsedate_tz(headers.get("expires", "")) is None:
        headers["expires"] = formatdate(0, usegmt=True)  # else it caches only what has an ETag
    controller = _adapter(session, response.url).controller
    controller.cache_response(response.request, response.raw, body)


def is_cached(session: requests.Session, url: str) -> bool:
    """Whether the cache has an earlier response of an address."""
    adapter = _adapter(session, url)
    return adapter.cache.get(adapter.controller.cache_url(url)) is not None


def _adapter(session: requests.Session, url: str) -> CacheControlAdapter:
    adapter = session.get_adapter(url)
    assert isinstance(adapter, CacheControlAdapter)
    return adapter


class _Adapter(CacheControlAdapter):
    """Revalidates cached responses, and leaves caching new ones to ``cache_response``.

    CacheControl would copy a body to a temporary file on the way, and follow redirects unasked.
    """

    def build_response(  # type: ignore[override]  # as in its base class
        self,
        request: requests.PreparedRequest,
        response: HTTPResponse,
        from_cache: bool = False,
        cacheable_methods: Collection[str] | None = None,
    ) -> requests.Response:
        if response.status == HTTPStatus.NOT_MODIFIED:
            return super().build_response(request, response, from_cache, cacheable_methods)
        return HTTPAdapter.build_response(self, request, response)


class FileCache(SeparateBodyBaseCache):
    """Responses in files, each with its headers; one that cannot be written is not cached."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._headers = threading.local()

    def get(self, key: str) -> bytes | None:
        """The cached headers of an address."""
        with suppress(OSError), self.path(key).open("rb") as stream:
            prefix = stream.read(_SIZES.size)
            if len(prefix) == _SIZES.size:
                headers, body = _SIZES.unpack(prefix)
                # After a power failure a file may lack its end.
                if os.fstat(stream.fileno()).st_size == _SIZES.size + headers + body:
                    return stream.read(headers)
        return None

    def get_body(self, key: str) -> IO[bytes] | None:
        """The cached body of an address, as an open file."""
        with suppress(OSError):
            os.utime(self.path(key))  # for shrink: the time of the last use
        with suppress(OSError):
            stream = self.path(key).open("rb")
            headers, _ = _SIZES.unpack(stream.read(_SIZES.size))
            stream.seek(headers, os.SEEK_CUR)
            return stream
        return None

    def set(self, key: str, value: bytes, expires: object = None) -> None:
        """Holds the headers until ``set_body`` writes them with the body.

        After a 304 no body follows, and the entry stays as it is.
        """
        self._headers.entry = key, value

    def set_body(self, key: str, body: bytes) -> None:
        """Writes the entry of an address."""
        key_of_headers, headers = self._headers.entry
        assert key_of_headers == key
        path = self.path(key)
        with suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(_SUFFIX, "new-", path.parent)
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(_SIZES.pack(len(headers), len(body)) + headers)
                    stream.write(body)
                Path(name).replace(path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise

    def delete(self, key: str) -> None:
        """Deletes the entry of an address."""
        with suppress(OSError):
            self.path(key).unlink(missing_ok=True)

    def path(self, key: str) -> Path:
        """The file of an address."""
        return self.folder / (hashlib.sha256(key.encode()).hexdigest() + _SUFFIX)

    def shrink(self, largest: int) -> None:
        """Deletes the least recently used entries until the cache has at most ``largest`` bytes."""
        with suppress(OSError), os.scandir(self.folder) as scanned:
            entries = [entry for entry in scanned if entry.name.endswith(_SUFFIX)]
            size = 0
            for entry in sorted(entries, key=lambda entry: entry.stat().st_mtime, reverse=True):
                size += entry.stat().st_size
                if size > largest:
                    Path(entry).unlink(missing_ok=True)


class _Retry(Retry):
    """Waits as long as a server says, up to a limit."""

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        try:
            wait = super().get_retry_after(response)
        except urllib3_errors.InvalidHeader:
            return None
        return None if wait is None else min(wait, _LONGEST_WAIT)


# An error type, the message, and the hint. The first row applies that has the type of the error or
# of one of its causes; {last} is the text of the last cause.
_NETWORK = "check the address and the network"
_SPELLING = "check its spelling"
_NOT_CONNECTED = "timed out after {connect:g} s without a connection"
_LONGER = "try again, or set CACHEGRAPH_TIMEOUT to more seconds"
_AUTHORITY = "REQUESTS_CA_BUNDLE names a file with the certificates of a private authority"
_NOT_AN_ADDRESS = "not an address: {last}"
_EXPLANATIONS: tuple[tuple[type[BaseException], str, str], ...] = (
    (urllib3_errors.NameResolutionError, "its host could not be resolved", _NETWORK),
    (urllib3_errors.ProxyError, "no way through the proxy: {last}", "check HTTPS_PROXY"),
    (ssl.SSLCertVerificationError, "its certificate was refused: {last}", _AUTHORITY),
    (ssl.SSLError, "no secure connection: {last}", "check the address"),
    (urllib3_errors.NewConnectionError, "no connection: {last}", _NETWORK),
    (urllib3_errors.ConnectTimeoutError, _NOT_CONNECTED, _LONGER),
    (urllib3_errors.ReadTimeoutError, "timed out after {read:g} s without bytes", _LONGER),
    (requests_errors.TooManyRedirects, "redirected without end", "check the address"),
    (requests_errors.InvalidURL, _NOT_AN_ADDRESS, _SPELLING),
    (requests_errors.InvalidSchema, _NOT_AN_ADDRESS, _SPELLING),
    (requests_errors.MissingSchema, _NOT_AN_ADDRESS, _SPELLING),
    (UnicodeError, _NOT_AN_ADDRESS, _SPELLING),
    (urllib3_errors.ProtocolError, "broke off: {last}", "try again"),
)


def explain(exc: Exception, timeout: tuple[float, float]) -> tuple[str, str]:
    """What an error of a session means, and what to try."""
    causes = [*_causes(exc)]
    last = causes[-1]
    text = (isinstance(last, OSError) and last.strerror) or str(last) or type(last).__name__
    text = " ".join(text.split())
    for type_, message, hint in _EXPLANATIONS:
        if any(isinstance(cause, type_) for cause in causes):
            return message.format(last=text, connect=timeout[0], read=timeout[1]), hint
    return text, _NETWORK


def _causes(exc: BaseException | None) -> Iterator[BaseException]:
    """An error and its causes, which requests and urllib3 pass as arguments."""
    while exc is not None:
        yield exc
        values = (getattr(exc, "reason", None), *exc.args)
        exc = next((v for v in values if isinstance(v, BaseException)), exc.__cause__)

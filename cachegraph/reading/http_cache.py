"""A requests session that retries, and caches responses in files.

CacheControl implements the rules of HTTP caching. Its own file cache writes the headers of an
entry before the body, so a crash between the two would combine a new ETag with old bytes for
good; and it uses lock files, while home folders on clusters are network disks. Like pip, we bring
our own: one file for each entry, moved into place whole. ``remote`` imports this on first use.
"""

import hashlib
import os
import struct
import tempfile
import threading
from collections.abc import Collection
from contextlib import suppress
from email.utils import formatdate, parsedate_tz
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any
from urllib.parse import urljoin

import requests
import urllib3.exceptions as urllib3_errors
from cachecontrol.adapter import CacheControlAdapter
from cachecontrol.cache import SeparateBodyBaseCache
from requests.adapters import HTTPAdapter
from urllib3 import ProxyManager, Retry
from urllib3.response import BaseHTTPResponse, HTTPResponse

from cachegraph.reading.connections import POOLS

# The largest size of the cache: some ten indexes of a whole mirror.
_LARGEST_CACHE = 4 << 30
_LONGEST_WAIT = 30.0
_SUFFIX = ".kept"
_SIZES = struct.Struct(">QQ")
# Before the sizes: a digest of them and of the headers, and one of the body.
_DIGEST = hashlib.sha256().digest_size
_START = 2 * _DIGEST + _SIZES.size
_REDIRECTS = (301, 302, 303, 307, 308)
# What is cached of the headers: others, such as cookies, may be secret.
_CACHED_HEADERS = {
    "cache-control",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "etag",
    "expires",
    "last-modified",
    "transfer-encoding",
    "vary",
}


def make_session(folder: Path, *, tries: int, backoff: float, agent: str) -> requests.Session:
    """A session that tries ``tries`` times, and caches in a folder what servers allow."""
    cache = FileCache(folder)
    cache.shrink(_LARGEST_CACHE)
    adapter = _Adapter(
        cache,
        max_retries=_Retry(
            total=tries - 1,
            connect=1,  # whoever sends nothing for some seconds is asked only twice
            read=1,
            other=0,  # a bad certificate stays bad
            status_forcelist=(429, 500, 502, 503, 504),
            backoff_factor=backoff,
            raise_on_status=False,
        ),
    )
    session = _Session()
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    # no-cache: ask the server before a cached response is used. identity: the file as stored.
    session.headers.update(
        {"User-Agent": agent, "Cache-Control": "no-cache", "Accept-Encoding": "identity"}
    )
    return session


def cache_response(session: requests.Session, response: requests.Response, body: bytes) -> None:
    """Caches a complete body, if the server allows it and can tell later whether it changed.

    What comes for a password is not cached.
    """
    headers = response.raw.headers
    if getattr(response, "from_cache", False) or not headers.keys() & {"etag", "last-modified"}:
        return
    if "Authorization" in response.request.headers:
        return
    for name in {*headers} - {name for name in headers if name.lower() in _CACHED_HEADERS}:
        del headers[name]
    if parsedate_tz(headers.get("date", "")) is None:
        headers["date"] = formatdate(usegmt=True)  # CacheControl requires it
    if "last-modified" in headers and parsedate_tz(headers.get("expires", "")) is None:
        headers["expires"] = formatdate(0, usegmt=True)  # else it caches only what has an ETag
    controller = _adapter(session, response.url).controller
    controller.cache_response(response.request, response.raw, body)


def is_damaged(session: requests.Session, response: requests.Response, body: bytes) -> bool:
    """Whether a body comes from the cache and is not what was put there; then it is deleted."""
    if not getattr(response, "from_cache", False):
        return False
    adapter = _adapter(session, response.url)
    key = adapter.controller.cache_url(response.url)
    assert isinstance(adapter.cache, FileCache)
    damaged = adapter.cache.digest(key) != hashlib.sha256(body).digest()
    if damaged:
        adapter.cache.delete(key)
    return damaged


def redirect_target(response: requests.Response) -> str | None:
    """The address to which a response redirects, or None."""
    location = response.headers.get("Location")
    if not location or response.status_code not in _REDIRECTS:
        return None
    with suppress(UnicodeError):
        location = location.encode("latin-1").decode()
    try:
        return urljoin(response.url, location)
    except ValueError:
        return location


def is_cached(session: requests.Session, url: str) -> bool:
    """Whether the cache has an earlier response of an address."""
    adapter = _adapter(session, url)
    return adapter.cache.get(adapter.controller.cache_url(url)) is not None


def _adapter(session: requests.Session, url: str) -> CacheControlAdapter:
    adapter = session.get_adapter(url)
    assert isinstance(adapter, CacheControlAdapter)
    return adapter


class _Session(requests.Session):
    """A session that follows no redirect, so that each can be checked, and none has its body read.

    ``allow_redirects`` does not do: it reads the body of the first.
    """

    def get_redirect_target(self, resp: requests.Response) -> None:
        """No redirect."""


class _Adapter(CacheControlAdapter):
    """Revalidates cached responses, and leaves caching new ones to ``cache_response``.

    CacheControl would copy a body to a temporary file on the way, and follow redirects unasked.
    """

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> ProxyManager:
        manager: ProxyManager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = POOLS
        return manager

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
            start = stream.read(_START)
            if len(start) == _START:
                headers, body = _SIZES.unpack(start[2 * _DIGEST :])
                # After a power failure a file may lack its end.
                if os.fstat(stream.fileno()).st_size == _START + headers + body:
                    text = stream.read(headers)
                    if start[:_DIGEST] == hashlib.sha256(start[_DIGEST:] + text).digest():
                        return text
        return None

    def digest(self, key: str) -> bytes:
        """The sha256 that the body of an address had when it was cached."""
        with suppress(OSError), self.path(key).open("rb") as stream:
            return stream.read(2 * _DIGEST)[_DIGEST:]
        return b""

    def get_body(self, key: str) -> IO[bytes] | None:
        """The cached body of an address, as an open file."""
        with suppress(OSError):
            os.utime(self.path(key))  # for shrink: the time of the last use
        with suppress(OSError):
            stream = self.path(key).open("rb")
            headers, _ = _SIZES.unpack(stream.read(_START)[2 * _DIGEST :])
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
        rest = hashlib.sha256(body).digest() + _SIZES.pack(len(headers), len(body))
        start = hashlib.sha256(rest + headers).digest() + rest
        with suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(_SUFFIX, "new-", path.parent)
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(start + headers)
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
    """Waits as long as a server says, up to a limit, and only the first time."""

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        try:
            wait = super().get_retry_after(response)
        except urllib3_errors.InvalidHeader:
            return None
        return None if wait is None or len(self.history) > 1 else min(wait, _LONGEST_WAIT)

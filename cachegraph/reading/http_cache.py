"""A requests session that tries again, and asks of what it kept only whether it changed.

CacheControl has the rules of HTTP caching. Its own file store writes an entry's headers before
its body and locks with files: a stop between the two would marry a new ETag to old bytes for
good, and home folders on clusters are network disks. So, as pip does, we bring our own store:
one file an entry, moved into place whole. Only ``remote`` imports this, when it is first used.
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
import requests.exceptions as requested
import urllib3.exceptions as sent
from cachecontrol.adapter import CacheControlAdapter
from cachecontrol.cache import SeparateBodyBaseCache
from requests.adapters import HTTPAdapter
from urllib3 import Retry
from urllib3.response import BaseHTTPResponse, HTTPResponse

# What is kept, used longest ago, goes when it is more: some ten indexes of a whole mirror.
_ROOM = 4 << 30
_LONGEST_WAIT = 30.0
_SUFFIX = ".kept"
_SIZES = struct.Struct(">QQ")


def session(folder: Path, *, tries: int, backoff: float, agent: str) -> requests.Session:
    """A session that tries ``tries`` times, and keeps in a folder what servers let it keep."""
    kept = KeptFiles(folder)
    kept.shrink(_ROOM)
    adapter = _Adapter(
        kept,
        max_retries=_Retry(
            total=tries - 1,
            read=1,  # a server that is silent for a minute is asked twice, not more
            other=0,  # a certificate does not get better
            status_forcelist=(429, 500, 502, 503, 504),
            backoff_factor=backoff,
            raise_on_status=False,
        ),
    )
    made = requests.Session()
    made.mount("https://", adapter)
    made.mount("http://", adapter)
    # Nothing kept is used unasked. And no encoding: what comes is then the file as it is stored.
    made.headers.update(
        {"User-Agent": agent, "Cache-Control": "no-cache", "Accept-Encoding": "identity"}
    )
    return made


def keep(made: requests.Session, response: requests.Response, body: bytes) -> None:
    """Keeps a body that came whole, if its server allows it and can be asked for changes later."""
    headers = response.raw.headers
    if getattr(response, "from_cache", False) or not headers.keys() & {"etag", "last-modified"}:
        return
    if parsedate_tz(headers.get("date", "")) is None:
        headers["date"] = formatdate(usegmt=True)  # CacheControl takes it for granted
    if "last-modified" in headers and parsedate_tz(headers.get("expires", "")) is None:
        headers["expires"] = formatdate(0, usegmt=True)  # else it keeps only what has an ETag
    _adapter(made, response.url).controller.cache_response(response.request, response.raw, body)


def is_kept(made: requests.Session, url: str) -> bool:
    """Whether what an address had at an earlier time is kept."""
    adapter = _adapter(made, url)
    return adapter.cache.get(adapter.controller.cache_url(url)) is not None


def _adapter(made: requests.Session, url: str) -> CacheControlAdapter:
    adapter = made.get_adapter(url)
    assert isinstance(adapter, CacheControlAdapter)
    return adapter


class _Adapter(CacheControlAdapter):
    """Asks for changes, and leaves what comes to ``keep``.

    CacheControl would copy it to a temporary file on the way, and follow redirects unasked.
    """

    def build_response(  # type: ignore[override]  # as that of its base
        self,
        request: requests.PreparedRequest,
        response: HTTPResponse,
        from_cache: bool = False,
        cacheable_methods: Collection[str] | None = None,
    ) -> requests.Response:
        if response.status == HTTPStatus.NOT_MODIFIED:
            return super().build_response(request, response, from_cache, cacheable_methods)
        return HTTPAdapter.build_response(self, request, response)


class KeptFiles(SeparateBodyBaseCache):
    """Responses in files, each with its headers; what cannot be written is not kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._headers = threading.local()

    def get(self, key: str) -> bytes | None:
        """The headers kept for an address."""
        with suppress(OSError), self.path(key).open("rb") as stream:
            prefix = stream.read(_SIZES.size)
            if len(prefix) == _SIZES.size:
                headers, body = _SIZES.unpack(prefix)
                # A machine that lost its power may leave a file without its end.
                if os.fstat(stream.fileno()).st_size == _SIZES.size + headers + body:
                    return stream.read(headers)
        return None

    def get_body(self, key: str) -> IO[bytes] | None:
        """The opened bytes kept for an address."""
        with suppress(OSError):
            os.utime(self.path(key))  # tells what was used last
        with suppress(OSError):
            stream = self.path(key).open("rb")
            headers, _ = _SIZES.unpack(stream.read(_SIZES.size))
            stream.seek(headers, os.SEEK_CUR)
            return stream
        return None

    def set(self, key: str, value: bytes, expires: object = None) -> None:
        """Takes the headers; they are written with the body that follows.

        After a 304 none follows, and what is kept stays as it is.
        """
        self._headers.entry = key, value

    def set_body(self, key: str, body: bytes) -> None:
        """Writes an entry."""
        kept_for, headers = self._headers.entry
        assert kept_for == key
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
        """Forgets an address."""
        with suppress(OSError):
            self.path(key).unlink(missing_ok=True)

    def path(self, key: str) -> Path:
        """The file of an address."""
        return self.folder / (hashlib.sha256(key.encode()).hexdigest() + _SUFFIX)

    def shrink(self, room: int) -> None:
        """Deletes what was used longest ago until the rest is no more than ``room`` bytes."""
        with suppress(OSError), os.scandir(self.folder) as entries:
            found = [(entry.stat(), entry.path) for entry in entries if _is_ours(entry.name)]
            for stat, path in sorted(found, key=lambda file: file[0].st_mtime, reverse=True):
                room -= stat.st_size
                if room < 0:
                    Path(path).unlink(missing_ok=True)


def _is_ours(name: str) -> bool:
    return name.endswith(_SUFFIX)


class _Retry(Retry):
    """Waits as long as a server says, within reason."""

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        try:
            wait = super().get_retry_after(response)
        except sent.InvalidHeader:
            return None
        return None if wait is None else min(wait, _LONGEST_WAIT)


# What went wrong: the first of these that an error is, or came from.
_NETWORK = "check the address and the network"
_LONGER = "try again, or set CACHEGRAPH_TIMEOUT to more seconds"
_AUTHORITY = "REQUESTS_CA_BUNDLE names a file with the certificates of a private authority"
_NOT_ONE = "not an address: {last}"
_WHY: tuple[tuple[tuple[type[BaseException], ...], str, str], ...] = (
    ((sent.NameResolutionError,), "its host could not be resolved", _NETWORK),
    ((sent.ProxyError,), "no way through the proxy: {last}", "check HTTPS_PROXY"),
    ((ssl.SSLCertVerificationError,), "its certificate was refused: {last}", _AUTHORITY),
    ((ssl.SSLError,), "no secure connection: {last}", "check the address"),
    ((sent.NewConnectionError,), "no connection: {last}", _NETWORK),
    ((sent.ConnectTimeoutError,), "timed out after {connect:g} s without a connection", _LONGER),
    ((sent.ReadTimeoutError,), "timed out after {read:g} s without bytes", _LONGER),
    ((requested.TooManyRedirects,), "redirected without end", "check the address"),
    ((requested.InvalidURL, requested.InvalidSchema), _NOT_ONE, "check its spelling"),
    ((requested.MissingSchema, UnicodeError), _NOT_ONE, "check its spelling"),
    ((sent.ProtocolError,), "broke off: {last}", "try again"),
    ((BaseException,), "{last}", _NETWORK),
)


def why(exc: Exception, timeout: tuple[float, float]) -> tuple[str, str]:
    """What an error of a session means, and what to try."""
    causes = [*_causes(exc)]
    last = causes[-1]
    said = (isinstance(last, OSError) and last.strerror) or str(last) or type(last).__name__
    what, hint = next(
        (what, hint)
        for kinds, what, hint in _WHY
        if any(isinstance(cause, kinds) for cause in causes)
    )
    return what.format(last=" ".join(said.split()), connect=timeout[0], read=timeout[1]), hint


def _causes(exc: BaseException | None) -> Iterator[BaseException]:
    """An error and what it came from; requests and urllib3 hand the latter on as arguments."""
    while exc is not None:
        yield exc
        given = [getattr(exc, "reason", None), *exc.args]
        inner = (value for value in given if isinstance(value, BaseException))
        exc = next(inner, exc.__cause__)

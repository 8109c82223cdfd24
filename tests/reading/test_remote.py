"""Reading addresses, from a server of our own on the loopback: no test reaches further."""

import gc
import gzip
import os
import re
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from cachegraph.errors import FetchError
from cachegraph.reading import remote
from cachegraph.reading.http_cache import FileCache
from cachegraph.reading.s3 import https_address

LIMIT = 1 << 20
BODY = bytes(range(256)) * 500


class Answer(NamedTuple):
    body: bytes = BODY
    status: int = 200
    headers: dict[str, str] = {}  # noqa: RUF012
    length: int | None = None
    """The Content-Length that it promises, if another than it has; -1 for chunks instead."""
    silent: bool = False
    """Whether nothing comes until the test has ended."""


class Asked(NamedTuple):
    method: str
    path: str
    headers: Message


class Site(ThreadingHTTPServer):
    """Answers in order what a test laid down for a path, and the last one from then on."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[Asked] = []
        self.ended = threading.Event()
        self.came = threading.Condition()

    def handle_error(self, *_words: object) -> None:
        """A reader that hangs up is what some tests are about."""

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"

    def wait_for(self, requests: int) -> None:
        """Waits until so many have come: whoever has sent one may be quicker than its handler."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.asked) >= requests, timeout=600)

    def serve(self, path: str, *answers: Answer) -> str:
        self.answers[path] = [*answers]
        return self.url(path)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site

    def do_GET(self) -> None:
        with self.server.came:
            self.server.asked.append(Asked(self.command, self.path, self.headers))
            self.server.came.notify_all()
        answers = self.server.answers.get(self.path) or [Answer(b"nothing here", 404)]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer.silent:
            self.server.ended.wait()
        if self.unchanged(answer):
            answer = answer._replace(body=b"", status=304, length=0)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.length == -1:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            length = len(answer.body) if answer.length is None else answer.length
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command == "GET" and answer.status != 304:
            self.send_body(answer)

    do_HEAD = do_GET  # noqa: N815  # the name that http.server looks for

    def send_body(self, answer: Answer) -> None:
        if answer.length == -1:
            for chunk in (answer.body[:1000], answer.body[1000:]):
                self.wfile.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.wfile.write(answer.body)
        if answer.length not in {None, -1}:
            self.close_connection = True

    def unchanged(self, answer: Answer) -> bool:
        validators = {"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"}
        for asked, has in validators.items():
            if asked in self.headers:
                return self.headers[asked] == answer.headers.get(has)
        return False

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.005,))
        thread.start()
        try:
            yield server
        finally:
            server.ended.set()
            server.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keeps what a test reads in a folder of its own, and the machine's settings out of it."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "aws_endpoint_url", "netrc"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3", raising=False)
    monkeypatch.delenv("CACHEGRAPH_TIMEOUT", raising=False)
    monkeypatch.setenv("CACHEGRAPH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(remote, "_BACKOFF", 0)
    yield tmp_path / "cache" / "http"
    remote._session.cache_clear()


def fails(url: str, limit: int = LIMIT) -> FetchError:
    with pytest.raises(FetchError) as caught:
        remote.read(url, limit=limit)
    assert caught.value.message.startswith(f"{url}: ")
    assert caught.value.hint
    return caught.value


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


# Addresses


@pytest.mark.parametrize("location", ["http://a", "https://a/b", "HTTPS://a", "s3://b/k", "S3://b"])
def test_addresses(location: str) -> None:
    assert remote.is_remote(location)


@pytest.mark.parametrize("location", ["a", "/http://a", "file:///a", "ftp://a", "https:", "s3", ""])
def test_other_locations(location: str) -> None:
    assert not remote.is_remote(location)


@pytest.mark.parametrize(
    ("url", "parts", "joined"),
    [
        ("https://h/a", ("b", "c"), "https://h/a/b/c"),
        ("https://h/a/", ("/b/", "c/d"), "https://h/a/b/c/d"),
        ("https://h", ("b",), "https://h/b"),
        ("https://h/a?key=1&x=%2F", ("b c", "d#e?"), "https://h/a/b%20c/d%23e%3F?key=1&x=%2F"),
        ("s3://bucket", ("b c#d",), "s3://bucket/b c#d"),
        ("s3://bucket/a/", ("b",), "s3://bucket/a/b"),
    ],
)
def test_join(url: str, parts: tuple[str, ...], joined: str) -> None:
    assert remote.join(url, *parts) == joined


def test_importing_it_imports_no_library() -> None:
    code = "import sys, cachegraph.reading.remote; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"requests", "urllib3", "platformdirs", "cachecontrol", "ssl", "xml.etree"}
    assert heavy.isdisjoint(run.stdout.split())


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http:///a",
        "http://[::1",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:port/",
        "https://exa mple/",
        "http://*/",
        "http://a..b/",
        "http://\udcff/",
        "s3://",
        "s3:///key",
        "s3://host@bucket/key",
        "no address",
    ],
)
def test_what_is_no_address(url: str) -> None:
    fails(url)


# Answers


def test_the_bytes_of_an_address(site: Site) -> None:
    url = site.serve("/a?b=c", Answer())
    assert remote.read(url, limit=LIMIT) == BODY
    assert remote.read(url, limit=len(BODY)) == BODY
    assert re.fullmatch(r"cachegraph/\d+\.\d+\.\d+\S*", site.asked[0].headers["User-Agent"])


def test_chunks_and_nothing(site: Site) -> None:
    assert remote.read(site.serve("/a", Answer(length=-1)), limit=LIMIT) == BODY
    assert remote.read(site.serve("/b", Answer(b"")), limit=LIMIT) == b""


@pytest.mark.parametrize(
    ("status", "phrase"), [(404, "404 Not Found"), (403, "403 Forbidden"), (410, "410 Gone")]
)
def test_an_answer_without_the_file(site: Site, status: int, phrase: str) -> None:
    url = site.serve("/a", Answer(b"<html>", status))
    assert fails(url).message == f"{url}: {phrase}"
    assert len(site.asked) == 1


def test_a_status_that_nobody_knows(site: Site) -> None:
    assert "299" in fails(site.serve("/a", Answer(status=299))).message


def test_a_server_that_fails_once_is_asked_again(site: Site) -> None:
    url = site.serve("/a", Answer(b"", 500), Answer(b"", 429, {"Retry-After": "0"}), Answer())
    assert remote.read(url, limit=LIMIT) == BODY
    assert len(site.asked) == 3


def test_a_server_that_always_fails(site: Site) -> None:
    url = site.serve("/a", Answer(b"", 503, {"Retry-After": "soon"}))
    error = fails(url)
    assert error.message == f"{url}: 503 Service Unavailable"
    assert error.hint == "the server has trouble: try again later"
    assert len(site.asked) == 4


def test_retry_after_has_a_bound(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    url = site.serve("/a", Answer(b"", 503, {"Retry-After": "86400"}), Answer())
    assert remote.read(url, limit=LIMIT) == BODY
    assert [wait for wait in waits if wait > 1] == [30]


def test_a_server_that_is_silent(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHEGRAPH_TIMEOUT", "0.1")
    url = site.serve("/a", Answer(silent=True))
    error = fails(url)
    assert error.message == f"{url}: timed out after 0.1 s without bytes"
    assert "CACHEGRAPH_TIMEOUT" in (error.hint or "")
    site.wait_for(2)
    assert len(site.asked) == 2


@pytest.mark.parametrize("given", ["soon", "-1", "0", "nan", "inf"])
def test_a_time_that_is_none(site: Site, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("CACHEGRAPH_TIMEOUT", given)
    with pytest.raises(FetchError, match=f"CACHEGRAPH_TIMEOUT: '{given}' is not a time"):
        remote.read(site.serve("/a", Answer()), limit=LIMIT)


def test_a_body_that_breaks_off_is_read_again(site: Site) -> None:
    short = Answer(BODY[:99], headers={"ETag": '"1"'}, length=len(BODY))
    url = site.serve("/a", short, short, Answer(headers={"ETag": '"1"'}))
    assert remote.read(url, limit=LIMIT) == BODY
    assert len(site.asked) == 3
    # What broke off was not kept: it would be asked for by its ETag.
    assert all("If-None-Match" not in asked.headers for asked in site.asked)


def test_a_body_that_always_breaks_off(site: Site) -> None:
    url = site.serve("/a", Answer(BODY[:99], length=len(BODY)))
    error = fails(url)
    assert error.message.startswith(f"{url}: broke off: ")
    assert len(site.asked) == 4


def test_a_body_that_stops_coming(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHEGRAPH_TIMEOUT", "0.1")
    monkeypatch.setattr(Handler, "send_body", lambda *_: site.ended.wait())
    assert fails(site.serve("/a", Answer())).message.endswith("timed out after 0.1 s without bytes")


def test_a_server_that_hangs_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang_up(handler: Handler) -> None:
        handler.close_connection = True

    monkeypatch.setattr(Handler, "do_GET", hang_up)
    error = fails(site.url("/a"))
    assert error.message.startswith(f"{site.url('/a')}: broke off: ")


def test_a_server_that_speaks_something_else(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def greet(handler: Handler) -> None:
        handler.wfile.write(b"SSH-2.0-server\r\n")
        handler.close_connection = True

    monkeypatch.setattr(Handler, "do_GET", greet)
    assert fails(site.url("/a")).message.startswith(f"{site.url('/a')}: broke off: ")


def test_redirects(site: Site) -> None:
    site.serve("/b", Answer(headers={"ETag": '"1"'}))
    for status in (301, 302, 303, 307, 308):
        url = site.serve(f"/{status}", Answer(b"", status, {"Location": "/b"}))
        assert remote.read(url, limit=LIMIT) == BODY
    # Each is followed anew, and what it leads to is kept under its own address.
    paths = [asked.path for asked in site.asked]
    assert paths == ["/301", "/b", "/302", "/b", "/303", "/b", "/307", "/b", "/308", "/b"]
    assert site.asked[-1].headers["If-None-Match"] == '"1"'
    site.serve("/b", Answer(b"", 404))
    assert fails(site.url("/301")).message.endswith(f"404 Not Found at {site.url('/b')}")
    url = site.serve("/c", Answer(b"", 302, {"Location": "/c"}))
    assert fails(url).message == f"{url}: redirected without end"


def test_a_redirect_to_what_is_no_address_of_ours(site: Site) -> None:
    fails(site.serve("/a", Answer(b"", 302, {"Location": "file:///etc/hostname"})))
    fails(site.serve("/b", Answer(b"", 301)))


@pytest.mark.parametrize("length", [None, -1])
def test_more_than_the_limit(site: Site, length: int | None) -> None:
    url = site.serve("/a", Answer(length=length, headers={"ETag": '"1"'}))
    assert fails(url, limit=len(BODY) - 1).message == f"{url}: larger than 127,999 bytes"
    assert remote.read(url, limit=len(BODY)) == BODY
    # Also when it is kept.
    assert fails(url, limit=1000).message == f"{url}: larger than 1,000 bytes"


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_a_file_that_is_gzip_comes_as_it_is(site: Site, encoding: str) -> None:
    """S3 has objects that are stored with Content-Encoding: gzip; their checksum is of the gzip."""
    packed = gzip.compress(BODY)
    headers = {"Content-Encoding": encoding, "ETag": '"1"'} if encoding else {"ETag": '"1"'}
    url = site.serve("/index.json.gz", Answer(packed, headers=headers))
    assert remote.read(url, limit=LIMIT) == packed
    assert remote.read(url, limit=LIMIT) == packed
    assert site.asked[0].headers["Accept-Encoding"] == "identity"
    assert site.asked[1].headers["If-None-Match"] == '"1"'


def test_an_encoding_that_was_not_asked_for(site: Site) -> None:
    error = fails(site.serve("/a", Answer(headers={"Content-Encoding": "br"})))
    assert "comes encoded as br" in error.message


def test_exists(site: Site) -> None:
    assert remote.exists(site.serve("/a", Answer()))
    assert not remote.exists(site.url("/b"))
    assert {asked.method for asked in site.asked} == {"HEAD"}
    with pytest.raises(FetchError, match="403 Forbidden"):
        remote.exists(site.serve("/c", Answer(b"", 403)))
    with pytest.raises(FetchError, match="500 Internal Server Error"):
        remote.exists(site.serve("/d", Answer(b"", 500)))


# No answer


def test_a_port_where_nobody_listens() -> None:
    error = fails(f"http://127.0.0.1:{free_port()}/a")
    assert error.message.endswith("/a: no connection: Connection refused")
    assert error.hint == "check the address and the network"


def test_a_host_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_words: object, **_more: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    url = "https://user:secret@no-such-host.invalid/a"
    with pytest.raises(FetchError) as caught:
        remote.read(url, limit=LIMIT)
    shown = "https://no-such-host.invalid/a"
    assert caught.value.message == f"{shown}: its host could not be resolved"


def test_no_connection_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_words: object, **_more: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(socket.socket, "connect", slow)
    error = fails("http://127.0.0.1/a")
    assert error.message.endswith("timed out after 10 s without a connection")


def test_a_server_that_speaks_no_tls(site: Site) -> None:
    url = site.serve("/a", Answer()).replace("http:", "https:")
    assert "no secure connection" in fails(url).message


def test_a_file_of_certificates_that_is_not_there(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "no-such-file.pem")
    error = fails(site.serve("/a", Answer()).replace("http:", "https:"))
    assert "no-such-file.pem" in error.message


def test_a_proxy_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("no_proxy", "")
    error = fails("http://somewhere.invalid/a")
    assert error.message.endswith("no way through the proxy: Connection refused")
    assert error.hint == "check HTTPS_PROXY"


# What is kept


@pytest.mark.parametrize(
    "headers",
    [
        {"ETag": '"1"'},
        {"ETag": 'W/"1"', "Last-Modified": "Wed, 21 Oct 2015 07:28:00 GMT"},
        {"Last-Modified": "Wed, 21 Oct 2015 07:28:00 GMT"},
        {"Last-Modified": "Wed, 21 Oct 2015 07:28:00 GMT", "Cache-Control": "max-age=0"},
        {"Last-Modified": "Wed, 21 Oct 2015 07:28:00 GMT", "Expires": "0"},
        {"ETag": '"1"', "Cache-Control": "max-age=3600", "Expires": "tomorrow"},
    ],
    ids=str,
)
@pytest.mark.parametrize("length", [None, -1])
def test_what_did_not_change_is_not_sent_again(
    site: Site, headers: dict[str, str], length: int | None
) -> None:
    url = site.serve("/a", Answer(headers=headers, length=length))
    for _ in range(3):
        assert remote.read(url, limit=LIMIT) == BODY
        remote._session.cache_clear()
    asked = [asked.headers for asked in site.asked]
    for header, validator in {
        "If-None-Match": "ETag",
        "If-Modified-Since": "Last-Modified",
    }.items():
        assert [each[header] for each in asked] == [None] + 2 * [headers.get(validator)]
    assert len(asked) == 3


def test_a_date_that_is_none(site: Site) -> None:
    url = site.serve("/a", Answer(headers={"Date": "today", "ETag": '"1"', "Expires": "soon"}))
    for _ in range(2):
        assert remote.read(url, limit=LIMIT) == BODY


@pytest.mark.parametrize("validator", ["ETag", "Last-Modified"])
def test_what_changed_is_sent_and_kept(site: Site, validator: str, cache: Path) -> None:
    dates = [f'"{n}"' if validator == "ETag" else f"Wed, 2{n} Oct 2015 07:28:00 GMT" for n in "12"]
    old = Answer(b"old", headers={validator: dates[0]})
    new = Answer(b"newer", headers={validator: dates[1]})
    url = site.serve("/a", old, old, new)
    assert [remote.read(url, limit=LIMIT) for _ in range(4)] == [b"old", b"old", b"newer", b"newer"]
    assert len([*cache.iterdir()]) == 1


@pytest.mark.parametrize(
    "headers", [{"Cache-Control": "no-store", "ETag": '"1"'}, {"Cache-Control": "max-age=9"}, {}]
)
def test_what_may_not_be_kept_or_asked_for_is_not_kept(
    site: Site, headers: dict[str, str], cache: Path
) -> None:
    url = site.serve("/a", Answer(headers=headers))
    for _ in range(2):
        assert remote.read(url, limit=LIMIT) == BODY
    assert "If-None-Match" not in site.asked[1].headers
    assert not cache.exists()


def test_a_folder_that_cannot_be_written(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHEGRAPH_CACHE", __file__)
    url = site.serve("/a", Answer(headers={"ETag": '"1"'}))
    for _ in range(2):
        assert remote.read(url, limit=LIMIT) == BODY
    assert "If-None-Match" not in site.asked[1].headers


@pytest.mark.parametrize("left", [0, 5, 30, 1000, -1])
def test_a_kept_file_without_its_end_is_not_used(site: Site, cache: Path, left: int) -> None:
    url = site.serve("/a", Answer(headers={"ETag": '"1"'}))
    remote.read(url, limit=LIMIT)
    (kept,) = cache.iterdir()
    kept.write_bytes(kept.read_bytes()[:left])
    assert remote.read(url, limit=LIMIT) == BODY
    assert "If-None-Match" not in site.asked[1].headers


def test_without_a_network_what_is_kept_is_not_used_in_silence(site: Site) -> None:
    url = site.serve("/a", Answer(headers={"ETag": '"1"'}))
    remote.read(url, limit=LIMIT)
    site.socket.close()
    remote._session.cache_clear()
    assert "an earlier response is cached, but the server must confirm" in (fails(url).hint or "")


def test_what_was_used_longest_ago_goes_first(site: Site, cache: Path) -> None:
    urls = [site.serve(f"/{n}", Answer(headers={"ETag": '"1"'})) for n in range(4)]
    for url in [*urls, urls[0]]:
        for path in cache.glob("*"):  # all that is kept so far, and was used a minute earlier
            os.utime(path, (0, path.stat().st_mtime - 60))
        remote.read(url, limit=LIMIT)
    (cache / "something else").write_bytes(BODY * 5)
    kept = FileCache(cache)
    kept.shrink(3 * len(BODY))
    assert [kept.get(url) is not None for url in urls] == [True, False, False, True]
    assert len([*cache.iterdir()]) == 3


# S3


def page(*keys: str, prefixes: tuple[str, ...] = (), token: str = "") -> Answer:
    contents = "".join(f"<Contents><Key>{key}</Key><Size>1</Size></Contents>" for key in keys)
    common = "".join(f"<CommonPrefixes><Prefix>{p}</Prefix></CommonPrefixes>" for p in prefixes)
    more = f"<NextContinuationToken>{token}</NextContinuationToken>" if token else ""
    return Answer(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Prefix>x</Prefix>'
        f"<IsTruncated>{str(bool(token)).lower()}</IsTruncated>{contents}{common}{more}"
        "</ListBucketResult>".encode()
    )


@pytest.fixture
def s3(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", site.url("/"))
    return site


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (
            "s3://spack-binaries/a/b c+d.json",
            "https://spack-binaries.s3.amazonaws.com/a/b%20c%2Bd.json",
        ),
        ("S3://with.dots/a", "https://s3.amazonaws.com/with.dots/a"),
        ("HTTPS://Host/a", "HTTPS://Host/a"),
    ],
)
def test_where_s3_is(url: str, address: str) -> None:
    assert https_address(url) == address


def test_s3_at_another_place(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.serve("/bucket/a%20b%3F", Answer())
    monkeypatch.setenv("AWS_ENDPOINT_URL", site.url(""))
    assert remote.read("s3://bucket/a b?", limit=LIMIT) == BODY
    assert remote.exists("s3://bucket/a b?")
    site.serve("/bucket/b", Answer(b"<Error><Code>AccessDenied</Code></Error>", 403))
    assert not remote.exists("s3://bucket/b")
    assert not remote.exists("s3://bucket/c")
    assert fails("s3://bucket/b").message == "s3://bucket/b: 403 Forbidden"


def test_a_bucket_of_another_region(s3: Site) -> None:
    s3.serve("/a.b/c", Answer(b"<Error/>", 301, {"x-amz-bucket-region": "eu-west-1"}))
    error = fails("s3://a.b/c")
    assert error.hint == "set AWS_ENDPOINT_URL_S3=https://s3.eu-west-1.amazonaws.com"


def test_a_listing_has_all_its_pages(s3: Site) -> None:
    first = "/bucket/?list-type=2&prefix=develop/a%20b/".replace("/a%20b/", "%2Fa%20b%2F")
    s3.serve(first, page("develop/a b/1", "develop/a b/", token="t/=+1"))
    s3.serve(f"{first}&continuation-token=t%2F%3D%2B1", page("develop/a b/x&amp;y/2"))
    expected = ["s3://bucket/develop/a b/1", "s3://bucket/develop/a b/x&y/2"]
    assert remote.list_files("s3://bucket/develop/a b") == expected
    assert remote.list_files("s3://bucket/develop/a b/") == expected


def test_the_listing_of_a_bucket(s3: Site) -> None:
    s3.serve("/bucket/?list-type=2&prefix=", page("1", "a/2"))
    assert remote.list_files("s3://bucket") == ["s3://bucket/1", "s3://bucket/a/2"]
    assert remote.list_files("s3://bucket/") == ["s3://bucket/1", "s3://bucket/a/2"]


def test_folders(s3: Site) -> None:
    address = "/bucket/?delimiter=%2F&list-type=2&prefix=a%2F"
    s3.serve(address, page("a/file", prefixes=("a/b/", "a/c d/"), token="2"))
    s3.serve(f"{address}&continuation-token=2", page(prefixes=("a/e/",)))
    assert remote.list_folders("s3://bucket/a") == ["b", "c d", "e"]


@pytest.mark.parametrize("ask", [remote.list_files, remote.list_folders])
def test_plain_http_cannot_list(site: Site, ask: object) -> None:
    assert callable(ask)
    with pytest.raises(FetchError, match="plain http cannot list"):
        ask(site.url("/"))
    assert not site.asked


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'<!DOCTYPE a [<!ENTITY b "c">]><ListBucketResult/>', "it declares a DOCTYPE a"),
        ('<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///b"><a/>'.encode("utf-16"), "DOCTYPE a"),
        (b"<ListBucketResult>&b;</ListBucketResult>", "line 1, column "),
        (b"<ListBucketResult>", "line 1, column "),
        (b"<html/>", "its element is html"),
        (b"{}", "line 1, column "),
        (b"", ""),
        (b'<?xml version="1.0" encoding="nonsense"?><a/>', ""),
    ],
)
def test_what_is_no_listing(s3: Site, body: bytes, said: str) -> None:
    s3.serve("/bucket/?list-type=2&prefix=", Answer(body))
    with pytest.raises(FetchError, match="s3://bucket: not a listing of S3: ") as caught:
        remote.list_files("s3://bucket")
    assert said in caught.value.message


def test_a_listing_without_end(s3: Site) -> None:
    s3.serve("/bucket/?list-type=2&prefix=", page("1", token="2"))
    s3.serve("/bucket/?list-type=2&prefix=&continuation-token=2", page("1", token="2"))
    with pytest.raises(FetchError, match="its listing has no end"):
        remote.list_files("s3://bucket")


# Damage


@pytest.mark.parametrize("at", [10, 40, 70, 150, -1])
def test_a_cached_response_that_was_damaged_is_fetched_again(
    site: Site, cache: Path, at: int
) -> None:
    url = site.serve("/a", Answer(headers={"ETag": '"1"'}))
    remote.read(url, limit=LIMIT)
    (kept,) = cache.iterdir()
    data = bytearray(kept.read_bytes())
    data[at] ^= 1
    kept.write_bytes(data)
    assert remote.read(url, limit=LIMIT) == BODY
    assert "If-None-Match" not in site.asked[-1].headers
    assert remote.read(url, limit=LIMIT) == BODY
    assert site.asked[-1].headers["If-None-Match"] == '"1"'
    assert len(site.asked) == (4 if at == -1 else 3)


# Time


def drip(handler: Handler, data: bytes) -> None:
    """Sends bytes one by one, again and again, until the reader hangs up."""
    while not handler.server.ended.is_set():
        for byte in data:
            handler.wfile.write(bytes([byte]))
            time.sleep(0.02)


SLOW = {
    "status": b"",
    "continue": b"HTTP/1.1 100 Continue\r\n\r\n",
    "headers": b"HTTP/1.1 200 OK\r\nX-",
    "body": b"HTTP/1.1 200 OK\r\n\r\n",
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n",
    "chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n",
    "chunk sizes": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "trailers": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-",
    "redirect": b"HTTP/1.1 302 Found\r\nContent-Length: 500000\r\nLocation: /a\r\n\r\n",
}


@pytest.mark.parametrize("name", SLOW)
def test_bytes_that_come_one_by_one(site: Site, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("CACHEGRAPH_TIMEOUT", "0.5")

    def answer(handler: Handler) -> None:
        handler.close_connection = True
        handler.wfile.write(SLOW[name])
        drip(handler, SLOW[name] if name == "continue" else b"0")

    monkeypatch.setattr(Handler, "do_GET", answer)
    error = fails(site.url("/a"))
    assert "too slow: " in error.message or name == "redirect"
    assert "redirected without end" in error.message or name != "redirect"


def test_continue_at_full_speed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHEGRAPH_TIMEOUT", "0.5")

    def answer(handler: Handler) -> None:
        while not handler.server.ended.is_set():
            handler.wfile.write(SLOW["continue"] * 1000)

    monkeypatch.setattr(Handler, "do_GET", answer)
    assert "too slow: no response after 1 s" in fails(site.url("/a")).message


def test_slow_but_enough(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """All parts together take longer than the three seconds that one may take."""
    monkeypatch.setenv("CACHEGRAPH_TIMEOUT", "1.5")
    part = b"x" * (16 << 10)

    def answer(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (8 * len(part)))
        for _ in range(8):
            time.sleep(0.4)
            handler.wfile.write(part)

    monkeypatch.setattr(Handler, "do_GET", answer)
    assert remote.read(site.url("/a"), limit=LIMIT) == 8 * part


def test_a_time_for_all(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHEGRAPH_TOTAL_TIMEOUT", "0.3")

    def answer(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not handler.server.ended.is_set():
            handler.wfile.write(b"x" * 1000)
            time.sleep(0.001)

    monkeypatch.setattr(Handler, "do_GET", answer)
    error = fails(site.url("/a"), limit=1 << 30)
    assert error.message.endswith("stopped: the time for all that is fetched is over")
    assert "CACHEGRAPH_TOTAL_TIMEOUT" in (error.hint or "")
    with remote.in_time():
        time.sleep(0.3)
        fails(site.url("/b"))


def test_a_listing_with_ever_new_tokens(s3: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = iter(range(10**9))

    def answer(handler: Handler) -> None:
        body = page(token=str(next(tokens))).body
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    monkeypatch.setattr(Handler, "do_GET", answer)
    monkeypatch.setattr(remote, "_MOST_PAGES", 20)
    with pytest.raises(FetchError, match="its listing has no end"):
        remote.list_files("s3://bucket")
    assert next(tokens) == 21


REFUSED = {
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n{}",
    "status": b"HTTP/1.1 x\r\n\r\n",
    "protocol": b"SSH-2.0-x\r\n",
    "headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
}


@pytest.mark.parametrize("name", REFUSED)
def test_no_connection_is_left_open(site: Site, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(remote, "_BACKOFF", 0.001)

    def answer(handler: Handler) -> None:
        handler.close_connection = True
        handler.wfile.write(REFUSED[name])

    monkeypatch.setattr(Handler, "do_GET", answer)
    gc.collect()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        fails(site.url("/a"))
        gc.collect()
    assert [str(warning.message) for warning in said] == []

"""Imports from a hostile server, whose every answer is drawn by chance.

It sends bytes one by one, headers, bodies, redirects and listings without end, wrong lengths,
broken and bottomless compression, site indexes and redirects that name files and private networks.
Each import must end in time, with an answer or an error of cachegraph; what is secret in an address
must be in neither; and nobody but the server itself may be asked.

python -m tests.torture.server --seed 0 --seconds 60
"""

import gzip
import json
import os
import random
import sys
import tempfile
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from resource import RUSAGE_SELF, getrusage

import zstandard

import cachegraph
from tests.support.corpus import index, lock, node
from tests.torture import parser

_TIMEOUT = 0.2
"""Seconds that cachegraph waits for the server."""
_TOTAL = 3.0
"""Seconds for all that one import fetches."""
_LONGEST = 8.0
"""Seconds that an import may take: those to fetch in, and as many on a busy machine."""
_MOST_MEMORY = 400
"""MiB that the process may grow by, server included."""
_SPECS = [node("zlib"), node("curl")]
_PATHS = (
    "/env/spack.lock",
    "/site/cache_spack_io_index.json",
    "/mirror",
    "/mirror/build_cache/index.json",
    "/m/v3/manifests/index/index.manifest.json",
    "/api/specs_data.json",
)
_SECRET = "SECRET"
Send = Callable[["_Handler", random.Random], None]


class Server(ThreadingHTTPServer):
    """The hostile server; ``trap`` is one that nobody may ask."""

    daemon_threads = True

    def __init__(self, chance: random.Random, trap: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.chance = chance
        self.trap = trap
        self.asked = 0
        self.ended = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: object) -> None:
        """A reader that hangs up is what this is about."""


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked += 1
        self.close_connection = True
        chance = random.Random(self.server.chance.random())
        with suppress(OSError):
            chance.choice(ANSWERS)(self, chance)

    do_HEAD = do_GET  # noqa: N815  # the name that http.server looks for

    def log_message(self, *_: object) -> None:
        pass

    def whole(self, body: bytes, status: str = "200 OK", *headers: str) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
        self.wfile.write("\r\n".join(lines).encode("latin-1", "replace") + body)

    def without_end(self, part: bytes, seconds: float = 0.0) -> None:
        while not self.server.ended.is_set():
            self.wfile.write(part)
            time.sleep(seconds)


def _good(handler: _Handler, chance: random.Random) -> None:
    handler.whole(_document(handler, chance), "200 OK", f'ETag: "{chance.random()}"')


def _document(handler: _Handler, chance: random.Random) -> bytes:
    path = handler.path.partition("?")[0]
    if "list-type" in handler.path:
        return _listing(chance)
    if path.endswith("cache_spack_io_index.json"):
        urls = [_target(handler, chance) for _ in range(chance.randrange(1, 5))]
        entries = [{"label": f"s{n}", "url": url} for n, url in enumerate(urls)]
        return json.dumps({"develop": entries}).encode()
    if path.endswith("manifest.json"):
        digest = chance.choice(["a" * 64, "../" * 20 + "etc/passwd"])
        media = "application/vnd.spack.db.v8+json"
        blob = {"mediaType": media, "checksumAlgorithm": "sha256", "checksum": digest}
        return json.dumps({"version": 3, "data": [blob]}).encode()
    is_index = path.endswith("index.json")
    return json.dumps(index(*_SPECS) if is_index else lock(*_SPECS)).encode()


def _target(handler: _Handler, chance: random.Random) -> str:
    """Somewhere that a document or a redirect may, or must not, lead."""
    own = f"{handler.server.url}/a/index.json?sig={_SECRET}"
    trap = handler.server.trap
    targets = (own, own, "a/index.json", f"{trap}/x.json", trap.replace("127.0.0.1", "localhost"))
    more = ("file:///etc/passwd", "/etc/passwd", "../../x", "http://[::1", "http://169.254.169.254")
    odd = ("s3://../x", "ftp://u:SECRET@h/x", trap.replace("127.0.0.1", "2130706433"), "//x/y", "?")
    return chance.choice((*targets, *more, *odd))


def _listing(chance: random.Random) -> bytes:
    keys = chance.choice([[], ["m/a.spec.json"], ["m/../../x.spec.json"], ["x"] * 1000])
    contents = "".join(f"<Contents><Key>{key}</Key></Contents>" for key in keys)
    token = f"<NextContinuationToken>{chance.random()}</NextContinuationToken>"
    text = f"<IsTruncated>true</IsTruncated>{contents}{token}"
    return f"<ListBucketResult>{text}</ListBucketResult>".encode()


def _damaged(handler: _Handler, chance: random.Random) -> None:
    text = _text(handler)
    data = bytearray(chance.choice([gzip.compress(text), zstandard.compress(text), text]))
    for _ in range(chance.randrange(1, 5)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    handler.whole(bytes(data[: chance.randrange(len(data)) + 1]))


def _text(handler: _Handler) -> bytes:
    return _document(handler, random.Random(0))


def _bomb(handler: _Handler, chance: random.Random) -> None:
    block = ((128 << 10) << 3 | 1 << 1).to_bytes(3, "little") + b" "
    zstd = b"\x28\xb5\x2f\xfd\x00\x38" + block * chance.randrange(1000, 20_000)
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    zipped = b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()
    handler.whole(chance.choice([zstd, zipped, gzip.compress(zipped)]))


def _status(handler: _Handler, chance: random.Random) -> None:
    status = chance.choice(["204 No Content", "304 Not Modified", "404 Not Found", "403 No"])
    more = chance.choice(["500 Bad", "503 Later", "299 \x1b[31m", "999 x", "42 x", "x" * 70_000])
    header = chance.choice(["Retry-After: 0", "X: y", "x-amz-bucket-region: a/../b@c"])
    handler.whole(b"<html>", chance.choice([status, more]), header)


def _redirect(handler: _Handler, chance: random.Random) -> None:
    target = chance.choice([_target(handler, chance), handler.path, "", "\xff", "x" * 60_000])
    status = chance.choice(["301 x", "302 x", "303 x", "307 x", "308 x"])
    handler.whole(b"x" * 1000, status, f"Location: {target}")


def _wrong_length(handler: _Handler, chance: random.Random) -> None:
    length = chance.choice(["5", "500000", "-1", "x", "9" * 5000, "1, 2", ""])
    text = _text(handler)
    handler.wfile.write(f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n".encode() + text)


def _bad_chunks(handler: _Handler, chance: random.Random) -> None:
    sizes = chance.choice(["5", "ffffffffffffffff", "-1", "x", "", "0" * 60_000])
    start = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    handler.wfile.write(start + f"{sizes}\r\n".encode() + _text(handler)[:50])


def _headers(handler: _Handler, chance: random.Random) -> None:
    name = chance.choice(["Content-Encoding", "Vary", "ETag", "Date", "Expires", "Cache-Control"])
    value = chance.choice(["x" * 60_000, "\xff", "*", "gzip", "br", "max-age=9999999999999", ""])
    handler.whole(_text(handler), "200 OK", f"{name}: {value}")


def _nothing(handler: _Handler, chance: random.Random) -> None:
    if chance.random() < 0.5:
        handler.server.ended.wait(2)


def _other_protocol(handler: _Handler, chance: random.Random) -> None:
    greetings = (b"SSH-2.0-x\r\n", b"\x15\x03\x01\0\2", chance.randbytes(99))
    handler.wfile.write(chance.choice(greetings))


_STARTS = (
    b"",
    b"HTTP/1.1 200 OK\r\nX-",
    b"HTTP/1.1 200 OK\r\n\r\n{",
    b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-",
    b"HTTP/1.1 302 x\r\nLocation: /x\r\n\r\n",
)


def _slow(handler: _Handler, chance: random.Random) -> None:
    handler.wfile.write(chance.choice(_STARTS))
    handler.without_end(b"0", 0.02)


def _endless(handler: _Handler, chance: random.Random) -> None:
    handler.wfile.write(chance.choice(_STARTS))
    part = chance.choice([b"0", b"X: y\r\n", b"1\r\n0\r\n", b"\r\n"])
    handler.without_end(part * 1000, chance.choice([0, 0.001]))


def _continue(handler: _Handler, chance: random.Random) -> None:
    handler.without_end(b"HTTP/1.1 100 Continue\r\n\r\n" * chance.choice([1, 1000]), 0.001)


ANSWERS: tuple[Send, ...] = (
    *[_good] * 8,
    _damaged,
    _bomb,
    _status,
    *[_redirect] * 2,
    _wrong_length,
    _bad_chunks,
    _headers,
    _nothing,
    _other_protocol,
    _slow,
    _endless,
    _continue,
)


@contextmanager
def serving(chance: random.Random) -> Iterator[tuple[Server, Server]]:
    """A hostile server, and the one that nobody may ask."""
    with Server(chance) as trap, Server(chance, trap.url) as server:
        for one in (trap, server):
            threading.Thread(target=one.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield server, trap
        finally:
            for one in (trap, server):
                one.ended.set()
                one.shutdown()


@contextmanager
def settings(endpoint: str) -> Iterator[None]:
    """The variables of an import that ends soon, and keeps nothing."""
    with tempfile.TemporaryDirectory() as folder:
        ours = {
            "CACHEGRAPH_TIMEOUT": str(_TIMEOUT),
            "CACHEGRAPH_TOTAL_TIMEOUT": str(_TOTAL),
            "CACHEGRAPH_CACHE": folder,
            "AWS_ENDPOINT_URL_S3": endpoint,
            "no_proxy": "*",
        }
        before = {name: os.environ.get(name) for name in ours}
        os.environ.update(ours)
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})


def fault_of(locations: list[str]) -> tuple[str, str]:
    """How an import ended, and what is wrong with that; empty if nothing is."""
    started = time.monotonic()
    graph = cachegraph.open(":memory:")
    try:
        summary = graph.import_(*locations)
        outcome, said = "imported", [*summary.warnings, *[s.location for s in summary.sources]]
    except cachegraph.CacheGraphError as error:
        outcome, said = type(error).__name__, [error.message, error.hint or ""]
    except Exception as error:  # whatever else comes is what is looked for
        return type(error).__name__, f"raised {error!r}"
    seconds = time.monotonic() - started
    if seconds > _LONGEST:
        return outcome, f"took {seconds:.1f} s"
    for text in said:
        if _SECRET in text or "root:" in text or len(text) > 20_000:
            return outcome, f"said {text[:300]!r}"
    return outcome, ""


def torture(seed: int, seconds: float) -> tuple[Counter[str], list[str]]:
    """How the imports ended that fit into some seconds, and what was wrong with them."""
    chance = random.Random(seed)
    outcomes: Counter[str] = Counter()
    faults: list[str] = []
    memory = getrusage(RUSAGE_SELF).ru_maxrss
    end = time.monotonic() + seconds
    with serving(chance) as (server, trap), settings(server.url):
        while time.monotonic() < end and len(faults) < 10:
            base = chance.choice([server.url, server.url.replace("//", f"//u:{_SECRET}@")])
            paths = chance.sample(_PATHS, chance.randrange(1, 3))
            locations = [f"{base}{path}?token={_SECRET}" for path in paths]
            if chance.random() < 0.2:
                locations = ["s3://bucket/m"]
            outcome, fault = fault_of(locations)
            outcomes[outcome] += 1
            faults += [f"{locations}: {fault}"] if fault else []
        faults += ["the trap was asked"] if trap.asked else []
        outcomes["requests"] = server.asked
    grown = (getrusage(RUSAGE_SELF).ru_maxrss - memory) >> 10
    faults += [f"grew by {grown} MiB"] if grown > _MOST_MEMORY else []
    return outcomes, faults


def main() -> None:
    """Prints how all imports ended; exits with 1 if something was wrong."""
    arguments = parser(__doc__).parse_args()
    outcomes, faults = torture(arguments.seed, arguments.seconds)
    sys.stdout.write("\n".join([f"seed {arguments.seed}: {dict(outcomes)}", *faults, ""]))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()

"""What the server refuses and what it never tells, whatever it is asked and of whatever store."""

import json
import random
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cachegraph.errors import StoreError
from cachegraph.reading.discover import SAMPLE
from cachegraph.web.server import app
from cachegraph.web.server.guard import HEADERS, hostname
from cachegraph.web.static_files import STATIC_FILES
from tests.support.html import Elements
from tests.support.pages import Raw, Served, serving
from tests.torture import damage

EXISTING = (b"/", b"/packages/", b"/index.json", b"/static/style.css", b"/complete.json?q=z")
LONG = b"a" * 60_000
# Of addresses that are wrong in some way, what is answered.
WRONG = {
    b"/nothing/": 404,
    b"/package/=ff/": 404,
    b"/package/=ED=A0=80/": 404,
    b"/package/=ED=A0=80/index.json": 404,
    b"/package/%ff%00/": 404,
    b"/package/==/": 404,
    b"/" + b"==/" * 500: 404,
    b"/<script>alert(1)</script>/": 404,
    b"/%3Cscript%3Ealert(1)%3C/script%3E/": 404,
    b"/matrix/index.json?level=%22%3E%3Cscript%3E": 400,
    b"/" + LONG + b"/": 414,
    b"/" + LONG: 414,
    b"/" + LONG + b".json": 414,
    b"/static/" + LONG + b".css": 404,
    b"/search/?q=" + LONG: 414,
    b"/search/?" + b"&".join(b"a%d=" % number for number in range(900)): 400,
    b"/package/zlib-ng/?" + b"os=a&" * 1000: 400,
    b"http://localhost/packages/": 400,
    b"http://example.com/": 400,
    b"packages/": 400,
    b"?q=x": 400,
    b"*": 400,
    b"/a b": 400,
    b"/\xff": 400,
}
NO_FILES = (b"app.py", b"../page.py", b"%2e%2e%2fpage.py", b"..%5cpage.py", b"%00", b"style.css%00")
ODD_PATHS = (
    b"//evil.example",
    b"///evil.example/x",
    b"/\\evil.example",
    b"/%2fevil.example",
    b"/%5cevil.example",
    b"/%09/evil.example",
    b"/%0d%0aX-Evil:1",
    b"/a%0d%0aX-Evil:1?x=%0d%0aX-Evil:1",
    b"/tag/%0d%0aX-Evil:1/?stack=%0d%0aX-Evil:1",
    b"/tag/x/?stack=//evil.example",
    b"/package//evil.example/zlib-ng/",
    b"/search/?q=zlib-ng",
    b"/package/zlib-ng/part-2/",
)


@pytest.fixture(autouse=True)
def _told_in_lines(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whoever runs the server reads lines, and no traceback."""
    yield
    for record in caplog.get_records("call"):
        assert record.name == "cachegraph.web"
        assert (record.exc_info, record.getMessage().count("\n")) == (None, 0)


def check(found: Raw) -> Raw:
    """A response says what its pages may do, and tells nothing of how it was made."""
    assert {name: found.headers.get(name) for name in HEADERS} == HEADERS
    for word in (b"Traceback", b"<script>alert", b"site-packages", b".py"):
        assert word not in found.body
    assert "x-evil" not in found.headers
    return found


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost", "localhost"),
        ("LocalHost:80", "localhost"),
        ("localhost.:80", "localhost"),
        ("localhost:", "localhost"),
        ("127.0.0.1:8000", "127.0.0.1"),
        ("[::1]", "::1"),
        ("[::1]:8000", "::1"),
        ("[::1", None),
        ("::1", None),
        ("[::1]x", None),
        ("localhost:80:80", None),
        ("localhost:x", None),
        ("localhost/", None),
        ("user@localhost", None),
        ("localhost, evil.example", None),
        ("localhost..", "localhost."),
        ("", None),
        ("\u0661", "\u0661"),
        ("localhost:\u0661", None),
    ],
)
def test_names_of_hosts(host: str, name: str | None) -> None:
    assert hostname(host) == name


def test_who_asks_for_another_host_is_refused(served: Served) -> None:
    for host in (b"localhost", b"localhost.", b"LOCALHOST:1", b"127.0.0.1", b"[::1]:1"):
        assert check(served.ask(b"/packages/", host=host)).status == 200
    for host in (b"evil.example", b"localhost.evil.example", b"[::1", b"127.1", b"0.0.0.0", b""):
        for target in EXISTING:
            assert check(served.ask(target, host=host)).status == 421
    first, host = b"GET / HTTP/1.1", b"Host: localhost"
    assert check(served.send(first)).status == 400
    assert check(served.send(first, host, b"Host: evil.example")).status == 400
    assert check(served.send(b"GET / HTTP/1.0")).status == 421


def test_the_server_only_reads(served: Served) -> None:
    for method in (b"POST", b"PUT", b"DELETE", b"OPTIONS", b"TRACE", b"CONNECT", b"get", b"X"):
        found = check(served.ask(b"/", method))
        assert (found.status, found.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("target", [*EXISTING, b"/packages", b"/nothing/", b"/static/nothing"])
def test_head_is_the_same_without_the_body(served: Served, target: bytes) -> None:
    whole, head = check(served.ask(target)), check(served.ask(target, b"HEAD"))
    assert (head.status, head.body) == (whole.status, b"")
    assert head.headers.keys() == whole.headers.keys()
    assert "content-length" not in head.headers or int(head.headers["content-length"]) >= 0


@pytest.mark.parametrize("target", WRONG)
def test_what_is_wrong_is_told_safely(served: Served, target: bytes) -> None:
    found = check(served.ask(target))
    assert (found.status, len(found.body) < 10_000) == (WRONG[target], True)
    assert found.headers["content-type"]
    if found.headers["content-type"].startswith("text/html"):
        Elements(found.body.decode())
    if found.headers["content-type"] == "application/json":
        assert json.loads(found.body).keys() == {"error", "hint"}


def test_static_files_and_no_others(served: Served) -> None:
    for name, type_ in STATIC_FILES.items():
        found = served.ask(b"/static/" + name.encode())
        assert (found.status, {**found.headers, **HEADERS}) == (200, found.headers)
        assert found.headers["content-type"].startswith(type_)
    for target in NO_FILES:
        assert check(served.ask(b"/static/" + target)).status == 404


@pytest.mark.parametrize("target", ODD_PATHS)
def test_no_redirection_leads_elsewhere(served: Served, target: bytes) -> None:
    found = check(served.ask(target))
    assert found.status in (302, 308, 404)
    if found.status != 404:
        assert re.match(r"/(?![/\\])", found.headers["location"])


def test_any_address_is_answered(served: Served) -> None:
    chance = random.Random(3)
    pieces = (
        *(b"/", b"//", b"..", b"%2e%2e", b"=", b"==", b"=ff", b"%00", b"%ff", b"%ED%A0%80", b"\\"),
        *(b"package", b"spec", b"stack", b"overlap", b"why", b"search", b"release", b"static"),
        *(b"zlib-ng", b"develop", b"e4s", b"root", b"part-1", b"part-0", b"*", b"^", b"<b>", b"'"),
        *(b"index.json", b".json", b"?", b"&", b"q=", b"page=", b"section=specs", b"level=", b"-1"),
    )
    for _ in range(300):
        target = b"/" + b"".join(chance.choices(pieces, k=chance.randrange(1, 9)))
        assert check(served.ask(target)).status in (200, 302, 308, 400, 404), target


def test_where_sources_lie_is_not_told(served: Served) -> None:
    for path in ("/verify/", "/spec/kc2bmnx/", "/stack/develop/e4s/", "/want/?spec=zlib-ng"):
        before, mark, query = path.partition("?")
        for address in (path, f"{before}index.json{mark}{query}"):
            response = served.get(address)
            assert response.status_code == 200
            assert str(SAMPLE) not in response.text


# Stores that change under the server. Their place is nobody's business.

LOOKED_AT = ("/", "/packages/", "/package/zlib-ng/", "/stack/develop/e4s/", "/verify/", "/blame/")


def check_secret(served: Served, folder: Path) -> set[int]:
    """The statuses of some pages and documents, none of which tells where the store is."""
    statuses = set()
    for path in LOOKED_AT:
        for address in (path, f"{path}index.json"):
            response = served.get(address)
            assert folder.name not in response.text
            assert "Traceback" not in response.text
            # A form is sent before the question is asked.
            is_cut = "The rest of this page could not be made." in response.text
            statuses.add(500 if is_cut else response.status_code)
    assert folder.name not in served.get("/complete.json?q=z").text
    return statuses


@pytest.fixture
def store(sample_store: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "secret-place"
    folder.mkdir()
    return Path(shutil.copy(sample_store, folder / "graph.db"))


def test_a_store_that_goes_and_comes_back(store: Path, caplog: pytest.LogCaptureFixture) -> None:
    whole = store.read_bytes()
    with serving(store) as served:
        assert check_secret(served, store.parent) == {200}
        store.unlink()
        assert check_secret(served, store.parent) == {500}
        assert "no store at" in caplog.text  # whoever runs the server is told
        store.with_name("new").write_bytes(whole)
        store.with_name("new").replace(store)
        assert check_secret(served, store.parent) == {200}


def test_damaged_stores(store: Path, tmp_path: Path) -> None:
    versions = damage.Versions(store.read_bytes(), [store.read_bytes()[:65536]])
    chance = random.Random(5)
    with serving(store) as served:
        for kind in damage.KINDS * 2:
            store.write_bytes(kind(versions, chance))
            assert check_secret(served, store.parent) <= {200, 400, 404, 500}
        store.write_bytes(b"")
        assert check_secret(served, store.parent) == {500}
        store.write_bytes(versions.last)
        assert check_secret(served, store.parent) == {200}


def test_what_breaks_in_the_middle_of_a_page(
    store: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def parts(*_: object) -> Iterator[str]:
        yield "<p>The beginning.</p>"
        raise StoreError(f"{store}: is damaged\n\x1b[31m" + "x" * 10_000)

    with serving(store) as served:
        monkeypatch.setattr("cachegraph.web.rendering.Renderer.parts", parts)
        found = served.get("/")
        assert found.text == "<p>The beginning.</p><p>The rest of this page could not be made.</p>"
        assert "is damaged" in caplog.text
        assert "\x1b" not in caplog.text
        assert len(caplog.text) < 1000


@pytest.mark.parametrize("error", [KeyError("secret"), OSError(1, "no", "secret"), MemoryError()])
def test_faults_are_no_tracebacks(
    served: Served, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def page_at(*_: object) -> None:
        raise error

    monkeypatch.setattr(app, "page_at", page_at)
    for target in (b"/", b"/index.json"):
        found = check(served.ask(target))
        assert (found.status, b"secret" in found.body) == (500, False)


def test_a_fault_outside_of_pages(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "static_file", {}.__getitem__)
    assert check(served.ask(b"/static/style.css")).status == 500

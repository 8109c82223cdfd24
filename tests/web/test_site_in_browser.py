"""The pages as files in Chromium: below a folder of a plain file server, and without any server."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

import cachegraph
from cachegraph.web.site import write_site
from tests.support.chromium import WIDTHS, started, watched
from tests.web.browsing import check

pytestmark = pytest.mark.slow
PAGES = {
    "home": "index.html",
    "level": "release/develop/package/index.html",
    "packages": "packages/index.html",
    "package": "package/py-mpi4py/index.html",
    "spec": "spec/kc2bmnxdgu2ahmxejsd57h4jsrzxsfr6/index.html",
    "stack": "stack/e4s-24.11/gcc-cuda/index.html",
    "changes": "stack/e4s-24.11/gcc-cuda/changes/index.html",
    "overlap": "overlap/e4s-24.11/gcc-cuda/e4s-24.11/gcc-cpu/index.html",
    "missing": "404.html",
}


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and tells nobody."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
        pass


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started() as found:
        yield found


@pytest.fixture(scope="module")
def site(sample_store: Path, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the sample, in a folder of another."""
    folder = tmp_path_factory.mktemp("served") / "project"
    with cachegraph.open(sample_store) as graph:
        write_site(graph, folder)
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Where the site is served, as GitHub Pages does: below the name of a project."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=site.parent)) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/project/"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("name", PAGES)
def test_page(browser: Browser, address: str, artefacts: Path, name: str) -> None:
    with watched(browser, WIDTHS[0]) as opened:
        check(opened, address + PAGES[name], artefacts / f"site-{name}.png")
        assert opened.hosts() == {urlsplit(address).netloc}


def test_with_scripts(browser: Browser, address: str) -> None:
    """The search finds names and hashes, and the facets leave the specs that have them."""
    with watched(browser, WIDTHS[0]) as opened:
        page = opened.page
        page.goto(address)
        page.locator("#q").fill("zlib")
        expect(page.locator("#found option[value='zlib-ng']")).to_have_count(1)
        page.keyboard.press("Enter")
        page.wait_for_url("**/project/package/zlib-ng/index.html")
        rows = page.locator("#specs tbody tr:visible")
        expect(rows).to_have_count(3)
        value = page.get_by_role("button", name="+new_strategies", exact=True)
        value.press("Enter")
        expect(rows).to_have_count(1)
        expect(page.locator(".scope")).to_have_text("1 of 3 specs")
        page.get_by_role("button", name="2.1.5").press("Space")
        expect(page.locator(".scope")).to_have_text("0 of 3 specs")
        value.press("Enter")
        expect(page.locator(".scope")).to_have_text("1 of 3 specs")
        page.locator("#q").fill("/kc2bm")
        page.keyboard.press("Enter")
        page.wait_for_url("**/project/spec/kc2bmnx*/index.html")
        page.locator("svg a", has_text="curl@8.10.1").click()
        expect(page.locator("h1")).to_contain_text("curl@8.10.1")
        page.locator("#q").fill("no such name")
        page.keyboard.press("Enter")
        expect(page.locator("#q:invalid")).to_have_count(1)
        assert opened.hosts() == {urlsplit(address).netloc}


@pytest.mark.parametrize("with_scripts", [True, False])
def test_files(browser: Browser, site: Path, with_scripts: bool) -> None:
    """Opened without a server all links work, and nothing is shown that does not."""
    with watched(browser, WIDTHS[0], java_script_enabled=with_scripts) as opened:
        page = opened.page
        page.goto((site / "index.html").as_uri())
        assert not page.locator("#q").is_visible()
        page.get_by_title("ml-linux-aarch64-cpu and ml-linux-aarch64-cuda: 60").click()
        expect(page.locator("h1")).to_contain_text("ml-linux-aarch64-cuda")
        page.get_by_role("link", name="Packages").click()
        page.get_by_role("link", name="zlib-ng", exact=True).click()
        expect(page.locator("h1")).to_have_text("zlib-ng")
        assert page.locator(".facets button").count() == 0
        page.get_by_role("link", name="/z5qhouy").click()
        page.locator("svg a", has_text="cmake@3.30.5").first.click()
        expect(page.locator("h1")).to_contain_text("cmake@3.30.5")
        page.get_by_role("link", name="This page as JSON").click()
        assert page.url.endswith("/index.json")
        assert opened.hosts() == {""}


def test_without_scripts(browser: Browser, address: str) -> None:
    with watched(browser, WIDTHS[1], java_script_enabled=False) as opened:
        opened.page.goto(address + PAGES["package"])
        assert not opened.page.locator("#q").is_visible()
        assert opened.page.locator("#specs tbody tr").count() == 91

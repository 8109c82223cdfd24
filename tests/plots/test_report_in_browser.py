"""A report and a picture as HTML in Chromium: on a screen, a phone and paper, by keys, for axe.

Screenshots are kept in the folder ``CACHEGRAPH_ARTEFACTS``, when that is set.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

import cachegraph
from cachegraph.reading.discover import SAMPLE
from tests.support.chromium import WIDTHS, fits, started, watched
from tests.support.corpus import lock, needs, node, write

axe = pytest.importorskip("axe_playwright_python.sync_playwright")

pytestmark = pytest.mark.slow
ODD = ("<script>alert(1)<|script>", "quo\"te's & co", "\u202eleft", "n" * 60)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started() as found:
        yield found


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Reports on the sample and on odd names, and a picture."""
    folder = tmp_path_factory.mktemp("reports")
    for place, name in enumerate(ODD):
        below = node(ODD[0], version=f"1.{place}")
        top = node(name, needs(below), version="2")
        write(folder / "envs" / name / "spack.lock", lock(top, below))
    for name, location in (("sample", Path(SAMPLE)), ("odd", folder / "envs")):
        with cachegraph.open(":memory:") as graph:
            graph.import_(location)
            graph.report(folder / f"{name}.html", all_releases=True)
            graph.plot(graph.matrix(all_releases=True), folder / f"{name}-matrix.html")
    return {path.stem: path for path in folder.glob("*.html")}


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of the width asked for, which is to ask for nothing and to report no error."""
    width = getattr(request, "param", WIDTHS[0])
    with watched(browser, width) as opened:
        yield opened.page
        assert opened.hosts() == {""}
        assert len([url for url in opened.asked if url.startswith("file:")]) == 1


@pytest.mark.parametrize("page", WIDTHS, indirect=True)
@pytest.mark.parametrize("name", ["sample", "odd"])
def test_report(page: Page, files: dict[str, Path], artefacts: Path, name: str) -> None:
    page.goto(files[name].as_uri())
    shown = page.evaluate("[...document.images].map(one => one.complete && one.naturalWidth > 99)")
    assert len(shown) >= 3
    assert all(shown)
    # Only figures and tables scroll sideways, not the page.
    assert fits(page)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert fits(page)
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    width = page.evaluate("innerWidth")
    page.screenshot(path=artefacts / f"report-{name}-{width}.png", full_page=True)


def test_by_keys(page: Page, files: dict[str, Path]) -> None:
    page.goto(files["sample"].as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "What the stacks share"
    page.keyboard.press("Enter")
    page.wait_for_url("**#shared")
    page.keyboard.press("Tab")  # the picture, which may scroll
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("Enter")
    assert page.locator("#shared table").first.is_visible()


def test_on_paper(page: Page, files: dict[str, Path], artefacts: Path) -> None:
    page.goto(files["sample"].as_uri())
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert not page.locator("#shared summary").is_visible()
    assert page.locator("#shared img").is_visible()
    # The causes with their pins are on paper, too.
    assert page.locator("#causes table").first.is_visible()
    page.pdf(path=artefacts / "report.pdf", format="A4")


@pytest.mark.parametrize("name", ["sample", "odd"])
def test_picture(page: Page, files: dict[str, Path], name: str) -> None:
    page.goto(files[f"{name}-matrix"].as_uri())
    page.locator("svg.marks").wait_for()
    assert page.locator("a[href*='//']").count() == 0  # no editor elsewhere
    assert "share most" in str(
        page.locator("[aria-label*='share most']").get_attribute("aria-label")
    )
    assert page.title().startswith("What ")

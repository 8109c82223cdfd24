"""The pages in Chromium: on a screen and a phone, light and dark, by keys, without scripts.

What they looked like is kept in the folder ``CACHEGRAPH_ARTEFACTS``, when that is set; the README's
pictures are ``pages-first.png`` and ``pages-spec.png`` of it.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

import cachegraph
from cachegraph.web.addresses import (
    overlap_address,
    package_address,
    release_address,
    spec_address,
    stack_address,
    why_address,
)
from tests.support.chromium import WIDTHS, started, watched
from tests.support.corpus import lock, needs, node, write
from tests.support.pages import serving
from tests.web.browsing import check, tab_to

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
E4S = ROOT / "tests/fixtures/spack/locks/e4s-24.11"
CMAKE, OTHER_CMAKE = "kc2bmnxdgu2ahmxejsd57h4jsrzxsfr6", "tqdtzdzbtouu4ta2q5qxom345ua563b3"
CPU, CUDA = "e4s-24.11/gcc-cpu", "e4s-24.11/gcc-cuda"
PIN = "zlib-ng ~new_strategies"
SAMPLE = {
    "home": "/",
    "release": release_address("e4s-24.11"),
    "level": release_address("develop", "package"),
    "packages": "/packages/",
    "package": package_address("py-mpi4py"),
    "facets": f"{package_address('zlib-ng')}?variants=%2Bnew_strategies",
    "spec": f"{spec_address(CMAKE)}?depth=2",
    "page-spec": spec_address("2feova4"),
    "stack": stack_address(CPU),
    "stack-specs": stack_address("develop/root", "specs"),
    "stack-unique": stack_address(CUDA, "unique"),
    "stack-duplicates": stack_address(CUDA, "duplicates"),
    "stack-causes": stack_address(CUDA, "causes"),
    "stack-changes": stack_address(CUDA, "changes"),
    "overlap": overlap_address(CPU, CUDA),
    "why": why_address(CMAKE, OTHER_CMAKE),
    "blame": "/blame/?release=e4s-24.11",
    "what-if": "/what-if/?release=e4s-24.11&pins=zlib-ng+~new_strategies",
    "matrix": "/matrix/",
    "search": "/search/?q=zlib",
    "search-nothing": "/search/?q=%25%25",
    "questions": "/questions/",
    "error": "/package/nothing/",
}
REAL = "e4s-24.11/amd64-gcc-cuda-ubuntu22.04"
OF_E4S = {
    "home": "/",
    "package": package_address("hdf5"),
    "spec": spec_address("lcypnsg"),
    "stack": stack_address(REAL),
    "duplicates": stack_address(REAL, "duplicates"),
    "what-if": "/what-if/",
}
LONG = "n" * 70
ODD = {
    "home": "/",
    "package": package_address(LONG),
    "stack": stack_address(f"local/{LONG}"),
    "search": f"/search/?q={LONG}",
}
PAGES = [
    *(("sample", name, path) for name, path in SAMPLE.items()),
    *(("e4s", name, path) for name, path in OF_E4S.items()),
    *(("odd", name, path) for name, path in ODD.items()),
    ("empty", "home", "/"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started() as found:
        yield found


@pytest.fixture(scope="module")
def addresses(
    browser: Browser, sample_store: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """Where the pages of the sample, of a release of E4S, of long names, and of nothing are."""
    folder = tmp_path_factory.mktemp("stores")
    variants = {f"variant_{'x' * number}": "y" * 60 for number in range(20)}
    below = node("<script>alert(1)</script>", version="1" * 50)
    tops = [node(LONG, needs(below), version=str(n), parameters=variants) for n in range(3)]
    write(folder / "envs" / LONG / "spack.lock", lock(*tops, below))
    with cachegraph.open(folder / "e4s.db") as graph:
        graph.import_(E4S, release="e4s-24.11")
    for name in ("odd", "empty"):
        with cachegraph.open(folder / f"{name}.db") as graph:
            graph.import_(folder / "envs")
    with cachegraph.open(folder / "empty.db") as graph:
        graph.remove("local")
    stores = {name: folder / f"{name}.db" for name in ("e4s", "odd", "empty")}
    with ExitStack() as opened:
        found = {
            name: opened.enter_context(serving(store)).address.removesuffix("/")
            for name, store in {"sample": sample_store, **stores}.items()
        }
        yield found


@pytest.fixture
def sample(addresses: dict[str, str]) -> str:
    return addresses["sample"]


@pytest.fixture
def page(browser: Browser, sample: str) -> Iterator[Page]:
    """A page that asks nobody but the server of the sample."""
    with watched(browser, WIDTHS[0]) as opened:
        yield opened.page
        assert opened.hosts() == {urlsplit(sample).netloc}


@pytest.mark.parametrize(("store", "name", "path"), PAGES, ids=["-".join(p[:2]) for p in PAGES])
def test_page(
    browser: Browser, addresses: dict[str, str], artefacts: Path, store: str, name: str, path: str
) -> None:
    with watched(browser, WIDTHS[0]) as opened:
        check(opened, addresses[store] + path, artefacts / f"page-{store}-{name}.png")
        if name == "error":
            messages = [opened.troubles.pop() for _ in WIDTHS]
            assert all(one.endswith("404 (Not Found)") for one in messages)
        assert opened.hosts() == {urlsplit(addresses[store]).netloc}


def test_by_keys_to_the_search_and_back(page: Page, sample: str) -> None:
    page.goto(sample)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    tab_to(page, "q", key="Shift+Tab", most=20)
    page.keyboard.type("zlib")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Search: zlib")
    tab_to(page, "zlib-ng (package)")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("zlib-ng")
    tab_to(page, "q", key="Shift+Tab")
    page.keyboard.type("py-mpi4py")
    page.keyboard.press("Enter")
    page.wait_for_url("**/package/py-mpi4py/")


def test_by_keys_through_the_heatmap_and_the_facets(page: Page, sample: str) -> None:
    page.goto(sample + release_address("e4s-24.11"))
    tab_to(page, "gcc-cpu and gcc-cuda: 30")
    page.keyboard.press("Enter")
    page.wait_for_url("**/overlap/e4s-24.11/gcc-cpu/e4s-24.11/gcc-cuda/")
    tab_to(page, "zlib-ng")
    page.keyboard.press("Enter")
    page.wait_for_url("**/package/zlib-ng/")
    tab_to(page, "+new_strategies")
    page.keyboard.press("Enter")
    expect(page.locator(".scope")).to_have_text("1 of 3 specs in 3 stacks")
    tab_to(page, "/6s7cgpm")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("zlib-ng@2.2.1 /6s7cgpm")


def test_by_keys_through_the_drawing_and_the_pins(page: Page, sample: str) -> None:
    page.goto(sample + spec_address(CMAKE))
    tab_to(page, "curl@8.10.1 /tzwmh27")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("curl@8.10.1 /tzwmh27")
    tab_to(page, "cmake@3.30.5 /kc2bmnx")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("cmake@3.30.5 /kc2bmnx")
    page.goto(f"{sample}/what-if/?release=e4s-24.11")
    tab_to(page, PIN)
    page.keyboard.press("Space")
    expect(page.locator("#saved > p").first).to_contain_text("save at most 5: 44 are left")


def test_without_scripts(browser: Browser, sample: str, artefacts: Path) -> None:
    """The same way through links and forms."""
    with watched(browser, WIDTHS[1], java_script_enabled=False) as opened:
        page = opened.page
        page.goto(sample)
        page.get_by_title("ml-linux-aarch64-cpu and ml-linux-aarch64-cuda: 60").click()
        page.wait_for_url("**/overlap/develop/ml-linux-aarch64-cpu/develop/*/")
        page.locator("#q").fill("zlib-ng")
        page.get_by_role("button", name="Search").click()
        page.get_by_role("link", name="+new_strategies", exact=True).click()
        expect(page.locator(".scope")).to_have_text("1 of 3 specs in 3 stacks")
        page.get_by_role("link", name="Show all specs").click()
        page.get_by_role("link", name="/z5qhouy").click()
        page.locator("svg a", has_text="cmake@3.30.5").click()
        page.get_by_label("Depth").select_option("2")
        page.get_by_label("link", exact=True).check()
        page.get_by_role("button", name="Draw").click()
        page.wait_for_url("**/?depth=2&deptypes=link#around")
        assert page.locator("svg .node").count() > 6
        page.goto(f"{sample}/what-if/?release=e4s-24.11")
        page.get_by_label(PIN).check()
        page.get_by_role("button", name="Count what these save").click()
        expect(page.locator("#saved > p").first).to_contain_text("save at most 5: 44 are left")
        page.screenshot(path=artefacts / "page-without-scripts.png", full_page=True)
        assert opened.hosts() == {urlsplit(sample).netloc}


def test_with_scripts(page: Page, sample: str) -> None:
    """Names complete, and what is ticked is counted at once."""
    page.goto(sample)
    page.locator("#q").press_sequentially("zli")
    expect(page.locator("#found option")).to_have_count(1)
    assert page.locator("#found option").get_attribute("value") == "zlib-ng"
    page.locator("#q").fill("/kc2b")
    expect(page.locator(f"#found option[value='/{CMAKE}']")).to_have_count(1)
    page.goto(f"{sample}/what-if/?release=e4s-24.11")
    page.get_by_label(PIN).click()
    expect(page.locator("#saved > p").first).to_contain_text("save at most 5: 44 are left")
    page.get_by_label(PIN).click()
    expect(page.locator("#saved")).to_have_count(0)
    # What does not scroll is no stop on the way by keys; the drawing begins with its middle.
    assert page.locator(".scroll[tabindex]").count() == 0
    page.set_viewport_size({"width": WIDTHS[1], "height": 850})
    page.goto(sample + spec_address(CMAKE))
    box = page.locator(".neighbours .centre").bounding_box()
    assert box is not None
    assert 0 < box["x"] < WIDTHS[1] - box["width"]


@pytest.mark.parametrize(
    ("name", "path", "height"),
    [("first", "/", 950), ("spec", spec_address("lcypnsg"), 900)],
)
def test_pictures_of_the_readme(
    browser: Browser, sample: str, artefacts: Path, name: str, path: str, height: int
) -> None:
    picture = f"pages-{name}.png"
    with watched(browser, 1000, height=height) as opened:
        opened.page.goto(sample + path)
        opened.page.screenshot(path=artefacts / picture)
    assert (artefacts / picture).stat().st_size < 150_000
    assert f"](.github/{picture})" in (ROOT / "README.md").read_text()
    assert (ROOT / ".github" / picture).stat().st_size < 150_000

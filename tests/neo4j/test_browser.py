"""The Neo4j Browser draws the overlap, in the colours of our style sheet.

What the page looked like is kept in the folder ``CACHEGRAPH_ARTEFACTS``, when that is set; the
README's picture is ``three-stacks.png`` of it.
"""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import cachegraph
from cachegraph.neo4j import cypher_files
from cachegraph.reading.discover import SAMPLE
from tests.support.browser import Browser, browser
from tests.support.chromium import chromium
from tests.support.cypher_answers import parameters_of
from tests.support.server import Server

ROOT = Path(__file__).parents[2]
STYLE = ROOT / "cypher/browser/cachegraph.grass"
SPEC, STACK = "#0072B2", "#E69F00"
CPU, CUDA, ROCM = (f"develop/ml-linux-x86_64-{kind}" for kind in ("cpu", "cuda", "rocm"))


@pytest.fixture(scope="session")
def executable() -> str:
    """Where Chromium is; looked for before a server is started."""
    return chromium()


@pytest.fixture(scope="module")
def server(executable: str, neo4j_process: Server) -> Server:
    """A server that holds the sample."""
    if not neo4j_process.version.startswith("5."):
        pytest.skip("the Browser of newer versions is not open source, and not among the jars")
    neo4j_process.database.wipe()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("NEO4J_USERNAME", neo4j_process.user)
        environment.setenv("NEO4J_PASSWORD", neo4j_process.password or "")
        sample = cachegraph.open(":memory:")
        sample.import_(SAMPLE)
        sample.load(neo4j_process.uri)
    return neo4j_process


@pytest.fixture
def page(server: Server) -> Iterator[Browser]:
    """The Browser page of it."""
    with browser(server) as opened:
        yield opened


def drawn(page: Browser) -> Counter[str]:
    """How many nodes there are of each colour."""
    circles = page.nodes.locator("circle.b-outline")
    return Counter(circles.evaluate_all("all => all.map(one => one.getAttribute('fill'))"))


def captions(page: Browser) -> set[str]:
    """The lines that stand in the nodes."""
    return {line.strip() for line in page.nodes.locator("text.caption").all_text_contents()}


def test_overlap_is_drawn(page: Browser, artefacts: Path) -> None:
    text = cypher_files.read("overlap")
    page.style(STYLE)

    page.ask(text, f":param {parameters_of('overlap')}")
    page.frame.screenshot(path=artefacts / "two-stacks.png")
    # Counted in the four pages: rows with both labels, and those with rocm's as well.
    assert drawn(page) == {STACK: 2, SPEC: 63}

    page.frame.get_by_title("Close fullscreen").click()
    page.ask(text, f":param {{stacks: {[CPU, CUDA, ROCM]}}}")
    page.frame.screenshot(path=artefacts / "three-stacks.png")
    assert drawn(page) == {STACK: 3, SPEC: 13}
    names = {key.removeprefix("develop/") for key in (CPU, CUDA, ROCM)}
    assert captions(page) >= {"develop", "py-pyproject-hooks", *names}


def test_dependencies_are_drawn_with_the_spec_asked_about(page: Browser) -> None:
    page.style(STYLE)
    page.ask(cypher_files.read("deps"), f":param {parameters_of('deps')}")
    # By hand: conduit; hdf5, metis, mpich, parmetis, gcc-runtime and glibc; zlib-ng and pkgconf.
    assert drawn(page) == {SPEC: 1 + 6 + 2}
    assert {"conduit", "zlib-ng"} <= {line.partition(" ")[0] for line in captions(page)}


def test_questions_become_favourites(page: Browser, tmp_path: Path) -> None:
    """By the README's command, dropped on the window."""
    (words,) = re.findall(
        r"^python3 (-m zipfile .*)", (ROOT / "README.md").read_text(), re.MULTILINE
    )
    bundle = tmp_path / "cypher.zip"
    command = [str(bundle) if word == bundle.name else word for word in words.split()]
    subprocess.run([sys.executable, *command], check=True, cwd=ROOT)
    page.drop(bundle)
    assert page.favourites("cypher") == {
        path.read_text().partition("\n")[0].removeprefix("// ")
        for path in (ROOT / "cypher").glob("*.cypher")
    }

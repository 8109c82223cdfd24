"""Pictures of the sample look as they did: their SVG files are compared with those kept."""

from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version

import pytest

import cachegraph
from cachegraph.reading.discover import SAMPLE
from tests.plots.golden import FOLDER, MADE_WITH, PICTURES, elements, picture

UPDATE = "if that is as it should be: python -m tests.plots.golden"


@pytest.fixture(scope="module")
def graph() -> Iterator[cachegraph.Graph]:
    with cachegraph.open(":memory:") as opened:
        opened.import_(SAMPLE)
        yield opened


def texts(svg: str) -> Counter[str]:
    return Counter(one.text for one in elements(svg) if one.text)


@pytest.mark.parametrize("name", PICTURES)
def test_as_kept(graph: cachegraph.Graph, name: str) -> None:
    now, kept = picture(graph.store, name), (FOLDER / f"{name}.svg").read_text()
    assert texts(now) == texts(kept), UPDATE
    # What elements another version makes of the same chart is its own affair.
    if MADE_WITH.read_text().strip() == version("vl-convert-python"):
        assert elements(now) == elements(kept), UPDATE


def test_each_is_of_a_picture_that_is_made() -> None:
    assert {path.stem for path in FOLDER.glob("*.svg")} == {*PICTURES}


def test_figures() -> None:
    """Those in the pictures, counted in the files of the sample."""
    overlap = texts((FOLDER / "overlap.svg").read_text())
    # gcc-cpu has 35 specs, gcc-cuda 44, and 30 of these both.
    assert {str(44 - 30), str(35 - 30), "30"} <= overlap.keys()
    # The stacks of e4s-24.11 have 49 specs, of which zlib-ng, built twice, makes four redundant.
    pins = texts((FOLDER / "what-if.svg").read_text())
    assert any(text.startswith("Of 49 builds") for text in pins)
    blame = texts((FOLDER / "blame.svg").read_text())
    assert any("4 redundant builds" in text for text in blame)

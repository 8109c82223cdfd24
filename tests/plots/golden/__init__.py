"""SVG files of pictures of the sample, and what makes them anew: ``python -m tests.plots.golden``.

Where things are depends on the fonts of the machine and on the version of vl-convert. What is
compared is the elements in their order, each with its kind, colour and text.
"""

import re
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

from cachegraph.output.charts.rendering import render
from cachegraph.questions import answer, question_class
from cachegraph.stores import Store

FOLDER = Path(__file__).parent
MADE_WITH = FOLDER / "vl-convert.txt"
PICTURES: dict[str, dict[str, Any]] = {
    "affected": {"spec": "zlib-ng", "release": ("e4s-24.11",)},
    "blame": {"release": ("e4s-24.11",)},
    "coverage": {"packages": ("py-mpi4py", "py-pdm-backend"), "by": "stack"},
    "history": {"package": "ginkgo"},
    "matrix": {"all_releases": True},
    "overlap": {"stacks": ("gcc-cpu", "e4s-24.11/gcc-cuda")},
    "releases": {},
    "what-if": {"release": ("e4s-24.11",), "best": 2},
    "why": {"left": "/kc2bmnx", "right": "/tqdtzdz"},
}


class Element(NamedTuple):
    """An element of an SVG file."""

    tag: str
    kind: str
    colour: str
    text: str


def picture(store: Store, name: str) -> str:
    """The SVG file of that name."""
    svg = render(answer(question_class(name)(**PICTURES[name]), store), "svg").decode()
    return re.sub(r"gradient_\d+", "gradient", svg)


def elements(svg: str) -> list[Element]:
    """The elements of an SVG file, without their places."""
    return [
        Element(
            one.tag.rpartition("}")[2],
            one.get("class", ""),
            one.get("fill", ""),
            " ".join((one.text or "").split()),
        )
        for one in ElementTree.fromstring(svg).iter()
    ]

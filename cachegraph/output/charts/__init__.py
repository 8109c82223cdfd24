"""Pictures of answers, as specifications of Vega-Lite; no question knows of them.

``CHARTS`` has the module of each question that has a picture; its ``chart`` makes one of an answer.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

CHARTS = {
    "affected": "drawing",
    "base": "base",
    "blame": "causes",
    "coverage": "coverage",
    "dependents": "drawing",
    "deps": "drawing",
    "diff": "changes",
    "history": "history",
    "matrix": "matrix",
    "overlap": "levels",
    "releases": "releases",
    "shared": "intersections",
    "what-if": "pins",
    "why": "drawing",
}
"""The names of the questions that have a picture, and of the modules that make them."""
FORMATS = ("svg", "png", "pdf", "html")
"""The types of files that a picture can be."""
DRAWN = {"dot": "as_dot", "mmd": "as_mermaid"}
"""The types of files that only a drawing of nodes and lines can be, and what makes them."""
PAPER, INK = "colour-of-the-background", "colour-of-the-text"
"""Stand for the colours of a picture that a chart does not know."""


class Chart:
    """A picture: a specification of Vega-Lite without a title, and what it shows in words.

    The description is for those who cannot see it.
    """

    # A plain class is made faster than a named tuple, and every command needs this module.
    def __init__(self, title: str, description: str, spec: dict[str, Any]) -> None:
        self.title, self.description, self.spec = title, description, spec


def chart_of(answer: Mapping[str, Any]) -> Chart:
    """The picture of an answer; ValueError if there is nothing in it to be shown."""
    module = import_module(f"{__name__}.{CHARTS[answer['question']]}")
    chart: Chart = module.chart(answer)
    return chart

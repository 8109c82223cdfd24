"""Packages by target, or whatever the columns are; those with holes first."""

from collections.abc import Mapping, Sequence
from typing import Any

from cachegraph.output.charts import Chart
from cachegraph.output.charts.bars import RED
from cachegraph.output.charts.labels import labels
from cachegraph.output.tables import stack_names

_MOST = 60  # packages
_WIDE, _NARROW = 30, 14  # columns, in pixels
_MANY = 40  # columns


def chart(answer: Mapping[str, Any]) -> Chart:
    """A heatmap of counts; a hole is empty, with a mark."""
    if not answer["rows"]:
        raise ValueError(f"no package has a spec of a known {answer['by']}")
    packages, columns = labels(answer["rows"][:_MOST]), answer["columns"]
    if answer["by"] == "stack":
        shown = stack_names(columns)
        columns = [shown([key]) for key in columns]
    columns = labels(columns)
    cells = [
        {"package": package, "column": column, "specs": count}
        for package, row in zip(packages, answer["cells"], strict=False)
        for column, count in zip(columns, row, strict=True)
    ]
    title = f"{answer['holes']:,} holes in {len(answer['rows']):,} packages by {answer['by']}"
    if len(packages) < len(answer["rows"]):
        title += f"; the {len(packages)} with the most"
    most = max(cell["specs"] for cell in cells)
    holes = answer["cells"][0].count(0)
    return Chart(
        title,
        f"A dash is a hole: {packages[0]} has {holes} in {len(columns)} columns.",
        {**_layers(packages, columns, most), "data": {"values": cells}},
    )


def _ticks(most: int) -> list[int]:
    """The numbers that the legend shows."""
    return [10**power for power in range(len(str(most)))] + [most] * (most > 1)


def _layers(packages: Sequence[str], columns: Sequence[str], most: int) -> dict[str, Any]:
    are_many = len(columns) > _MANY
    axis = {"title": None, "labelAngle": -90 if are_many else -55, "orient": "top"}
    places = {
        "x": {"field": "column", "type": "nominal", "sort": columns, "axis": axis},
        "y": {"field": "package", "type": "nominal", "sort": packages, "axis": {"title": None}},
    }
    colour = {
        "field": "specs",
        "type": "quantitative",
        "scale": {"type": "symlog", "domainMin": 0},
        "legend": {"title": "specs", "values": _ticks(most), "format": ",d"},
    }
    full = {
        "transform": [{"filter": "datum.specs > 0"}],
        "mark": {"type": "rect", "aria": not are_many},
        "encoding": {**places, "color": colour},
    }
    hole = {
        "transform": [{"filter": "datum.specs == 0"}],
        "mark": {"type": "text", "text": "\u2013", "color": RED, "fontSize": 12, "aria": False},
        "encoding": places,
    }
    step = _NARROW if are_many else _WIDE
    return {"width": {"step": step}, "height": {"step": 15}, "layer": [full, hole]}

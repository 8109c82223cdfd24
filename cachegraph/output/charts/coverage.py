"""Packages by target, or whatever the columns are; those with holes first."""

from collections.abc import Mapping, Sequence
from typing import Any

from cachegraph.output.charts import Chart

_MOST = 60
_MANY = 40


def chart(answer: Mapping[str, Any]) -> Chart:
    """A heatmap of counts; a hole is empty, with a mark."""
    packages, columns = answer["rows"][:_MOST], answer["columns"]
    if not packages:
        raise ValueError("no package has specs there")
    cells = [
        {"package": package, "column": column, "specs": count}
        for package, row in zip(packages, answer["cells"], strict=False)
        for column, count in zip(columns, row, strict=True)
    ]
    more = len(answer["rows"]) - len(packages)
    shown = f"the {len(packages)} packages with the most holes" if more else "all packages"
    return Chart(
        f"{answer['holes']:,} holes in {len(answer['rows'])} packages by {answer['by']}",
        f"A heatmap of {shown}; a dash is a hole.",
        {**_layers(packages, columns, answer["by"]), "data": {"values": cells}},
    )


def _layers(packages: Sequence[str], columns: Sequence[str], by: str) -> dict[str, Any]:
    axis = {"title": by, "labelAngle": -55, "orient": "top"}
    places = {
        "x": {"field": "column", "type": "nominal", "sort": columns, "axis": axis},
        "y": {"field": "package", "type": "nominal", "sort": packages, "axis": {"title": None}},
    }
    colour = {
        "field": "specs",
        "type": "quantitative",
        "scale": {"scheme": "viridis", "reverse": True, "type": "symlog"},
        "title": "specs",
    }
    full = {
        "transform": [{"filter": "datum.specs > 0"}],
        "mark": "rect",
        "encoding": {**places, "color": colour},
    }
    hole = {
        "transform": [{"filter": "datum.specs == 0"}],
        "mark": {"type": "text", "text": "\u2013", "color": "#b03a2e", "fontSize": 12},
        "encoding": places,
    }
    step = 30 if len(columns) < _MANY else 14
    return {"width": {"step": step}, "height": {"step": 15}, "layer": [full, hole]}

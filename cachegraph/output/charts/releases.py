"""The specs of all packages over releases."""

from collections.abc import Mapping
from typing import Any

from cachegraph.output.charts import Chart
from cachegraph.output.charts.bars import BLUE, GREY, ORANGE
from cachegraph.output.charts.labels import labels
from cachegraph.output.tables import counted

_PARTS = {"specs": GREY, "shared": BLUE, "redundant": ORANGE}


def chart(answer: Mapping[str, Any]) -> Chart:
    """Three bars for each release: its specs, those of several stacks, and redundant builds."""
    releases = answer["releases"]
    if not releases:
        raise ValueError("there is no release")
    names = labels(row["name"] for row in releases)
    values = [
        {"release": name, "part": part, "count": row[part]}
        for name, row in zip(names, releases, strict=True)
        for part in _PARTS
    ]
    parts = {"domain": [*_PARTS], "range": [*_PARTS.values()]}
    axis = {"title": None, "labelAngle": -90}
    last = releases[-1]
    text = f"{last['specs']:,} specs, {last['shared']:,} in several stacks, {last['redundant']:,}"
    place = {"field": "part", "sort": [*_PARTS]}
    return Chart(
        f"Specs of {counted(len(releases), 'release')}: all, shared, and redundant",
        f"{last['name']} has {text} redundant.",
        {
            "width": {"step": 12},
            "height": 260,
            "data": {"values": values},
            "mark": "bar",
            "encoding": {
                "x": {"field": "release", "type": "nominal", "sort": names, "axis": axis},
                "xOffset": {**place, "type": "nominal"},
                "y": {"field": "count", "type": "quantitative", "axis": {"title": "specs"}},
                "color": {
                    "field": "part",
                    "type": "nominal",
                    "scale": parts,
                    "legend": {"title": None, "orient": "top"},
                },
            },
        },
    )

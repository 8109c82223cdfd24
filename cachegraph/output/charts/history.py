"""The versions of a package over releases."""

from collections.abc import Mapping
from typing import Any

from cachegraph.output.charts import Chart
from cachegraph.output.charts.bars import BLUE


def chart(answer: Mapping[str, Any]) -> Chart:
    """A dot for each version in each release that has it."""
    releases = answer["releases"]
    if not releases:
        raise ValueError("no release has the package")
    points = [
        {"release": row["name"], "version": version}
        for row in releases
        for version in row["versions"]
    ]
    names = [row["name"] for row in releases]
    versions = [*dict.fromkeys(point["version"] for point in points)]
    return Chart(
        f"Versions of {answer['package']} in {len(releases)} releases",
        f"{len(versions)} versions, from {versions[0]} to {versions[-1]}.",
        {
            "width": {"step": 46},
            "height": {"step": 22},
            "data": {"values": points},
            "mark": {"type": "circle", "color": BLUE, "opacity": 1, "size": 120},
            "encoding": {
                "x": {
                    "field": "release",
                    "type": "nominal",
                    "sort": names,
                    "axis": {"title": None, "labelAngle": -45},
                },
                "y": {
                    "field": "version",
                    "type": "nominal",
                    "sort": versions[::-1],
                    "axis": {"title": "version", "grid": True},
                },
            },
        },
    )

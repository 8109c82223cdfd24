"""The versions of a package over releases."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from cachegraph.output.charts import Chart
from cachegraph.output.charts.bars import BLUE
from cachegraph.output.tables import counted


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
    versions = _in_order([row["versions"] for row in releases])
    if not versions:
        raise ValueError("no version of the package is known")
    return Chart(
        f"Versions of {answer['package']} in {counted(len(releases), 'release')}",
        f"{counted(len(versions), 'version')}, from {versions[0]} to {versions[-1]}.",
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


def _in_order(lists: Iterable[Sequence[str]]) -> list[str]:
    """The versions of all lists, each once, in the order that each list has them in."""
    import networkx

    graph: networkx.DiGraph[str] = networkx.DiGraph()
    for versions in lists:
        graph.add_nodes_from(versions)
        graph.add_edges_from(pairwise(versions))
    return [*networkx.lexicographical_topological_sort(graph, _numbers_first)]


def _numbers_first(version: str) -> list[tuple[bool, int, str]]:
    """A key that sorts 1.9 before 1.10, and names after numbers."""
    parts = re.split("[._-]", version)
    return [(not p.isdecimal(), int(p) if p.isdecimal() else 0, p) for p in parts]

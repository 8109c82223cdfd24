"""Horizontal bars, the longest first."""

from collections.abc import Mapping, Sequence
from typing import Any

from cachegraph.output.charts import PAPER
from cachegraph.output.charts.labels import labels

BLUE, ORANGE, GREEN, GREY, RED = "#0072b2", "#e69f00", "#009e73", "#b5b5b5", "#d55e00"
"""Colours that the colour-blind tell apart (Okabe and Ito).

Those next to each other in a bar differ in print without colours as well.
"""


def bars(
    rows: Sequence[Mapping[str, Any]],
    label: str,
    parts: Mapping[str, str],
    title: str,
    *,
    counted: Sequence[str] = (),
) -> dict[str, Any]:
    """A bar for each row, of stacked parts: the names of their values, with their colours.

    Rows of the same label keep a bar each. Behind it stands the sum of the parts that are
    ``counted``, or of all.
    """
    names = labels(str(row[label]) for row in rows)
    ends = [sum(row[part] for part in parts) for row in rows]
    y = {"field": "label", "type": "nominal", "sort": names, "axis": {"title": None}}
    x = {
        "field": "end",
        "type": "quantitative",
        "title": title,
        "scale": {"domain": [0, max(ends, default=0) * 1.1]},
        "axis": {"labelOverlap": "greedy", "labelFlush": False, "tickMinStep": 1},
    }
    numbers = [
        {"label": name, "end": end, "count": sum(row[part] for part in counted or parts)}
        for name, row, end in zip(names, rows, ends, strict=True)
    ]
    places = {"y": y, "x": x}
    number = {
        "data": {"values": numbers},
        "mark": {"type": "text", "align": "left", "dx": 4, "fontSize": 10},
        "encoding": {**places, "text": {"field": "count", "format": ","}},
    }
    layer = [_bars(rows, names, parts, places), number]
    return {"width": 460, "height": {"step": 20}, "layer": layer}


def _bars(
    rows: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    parts: Mapping[str, str],
    places: Mapping[str, Any],
) -> dict[str, Any]:
    values = [
        {"label": name, "part": part, "value": row[part], "order": place}
        for name, row in zip(names, rows, strict=True)
        for place, part in enumerate(parts)
    ]
    colour = {
        "field": "part",
        "type": "nominal",
        "scale": {"domain": [*parts], "range": [*parts.values()]},
        "legend": {"title": None, "orient": "bottom"} if len(parts) > 1 else None,
    }
    return {
        "data": {"values": values},
        "mark": {"type": "bar", "stroke": PAPER, "strokeWidth": 0.5},
        "encoding": {
            "y": places["y"],
            "x": {**places["x"], "field": "value", "stack": True},
            "color": colour,
            "order": {"field": "order"},
        },
    }

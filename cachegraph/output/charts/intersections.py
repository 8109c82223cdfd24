"""Which specs are in which stacks together: an UpSet plot."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from cachegraph.output.charts import Chart
from cachegraph.output.charts.bars import BLUE, GREY
from cachegraph.output.tables import stack_names

_MOST_STACKS, _MOST = 30, 40
_STEP = {"step": 18}
_COLUMN = {"field": "column", "type": "ordinal", "axis": None}
Columns = Sequence[Sequence[str]]
"""The stacks of each combination, as they are shown, from the top down."""


def chart(answer: Mapping[str, Any]) -> Chart:
    """A column for each combination of stacks that hold specs together, the largest first."""
    sizes = {stack["key"]: stack["specs"] for stack in answer["stacks"]}
    keys = sorted(sizes, key=lambda key: (-sizes[key], key))[:_MOST_STACKS]
    counts = Counter(frozenset(row["stacks"]) & {*keys} for row in answer["specs"])
    counts.pop(frozenset(), None)
    if not counts:
        raise ValueError("no stack holds a spec")
    ordered = sorted(counts, key=lambda some: (-counts[some], len(some), sorted(some)))[:_MOST]
    shown = stack_names(keys)
    columns = [[shown([key]) for key in keys if key in some] for some in ordered]
    names = [shown([key]) for key in keys]
    stack = {"field": "stack", "type": "nominal", "scale": {"domain": names}}
    below = [
        _grid(names, columns, {**stack, "axis": {"title": None}}),
        _sizes(names, [sizes[key] for key in keys], {**stack, "axis": None}),
    ]
    above = _heights([counts[some] for some in ordered])
    return Chart(
        f"Which of {len(keys)} stacks hold what together, equal by {answer['level']}",
        f"The largest intersection has {counts[ordered[0]]}: {', '.join(columns[0])}.",
        {"vconcat": [above, {"hconcat": below, "spacing": 12}], "spacing": 6},
    )


def _heights(counts: Sequence[int]) -> dict[str, Any]:
    """The sizes of the intersections."""
    values = [{"column": place, "specs": count} for place, count in enumerate(counts)]
    y = {"field": "specs", "type": "quantitative", "title": "held together"}
    places = {"x": _COLUMN, "y": y}
    return {
        "width": _STEP,
        "height": 150,
        "data": {"values": values},
        "layer": [
            {"mark": {"type": "bar", "color": BLUE}, "encoding": places},
            {
                "mark": {"type": "text", "dy": -6, "fontSize": 9},
                "encoding": {**places, "text": {"field": "specs"}},
            },
        ],
    }


def _grid(names: Sequence[str], columns: Columns, stack: Mapping[str, Any]) -> dict[str, Any]:
    """A dot for each stack of each intersection, joined by a line."""
    lines = [
        {"column": place, "top": some[0], "end": some[-1]} for place, some in enumerate(columns)
    ]
    dots = [
        {"column": place, "stack": name, "member": name in some}
        for place, some in enumerate(columns)
        for name in names
    ]
    member = {"condition": {"test": "datum.member", "value": BLUE}, "value": "#d0d0d0"}
    rule = {"type": "rule", "color": BLUE, "strokeWidth": 2}
    ends = {"x": _COLUMN, "y": {**stack, "field": "top"}, "y2": {"field": "end"}}
    return {
        "width": _STEP,
        "height": _STEP,
        "layer": [
            {"data": {"values": lines}, "mark": rule, "encoding": ends},
            {
                "data": {"values": dots},
                "mark": {"type": "circle", "size": 70, "opacity": 1},
                "encoding": {"x": _COLUMN, "y": stack, "color": member},
            },
        ],
    }


def _sizes(names: Sequence[str], sizes: Sequence[int], stack: Mapping[str, Any]) -> dict[str, Any]:
    """The sizes of the stacks."""
    pairs = zip(names, sizes, strict=True)
    return {
        "width": 110,
        "height": _STEP,
        "data": {"values": [{"stack": name, "specs": size} for name, size in pairs]},
        "mark": {"type": "bar", "color": GREY},
        "encoding": {
            "y": stack,
            "x": {"field": "specs", "type": "quantitative", "title": "specs of the stack"},
        },
    }

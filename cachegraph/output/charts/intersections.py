"""Which specs are in which stacks together: an UpSet plot."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from cachegraph.output.charts import Chart
from cachegraph.output.charts.bars import BLUE, GREY
from cachegraph.output.charts.labels import labels
from cachegraph.output.tables import counted, stack_names

_MOST_STACKS, _MOST = 30, 40
_FEW_STACKS = 8
_ROW = {"step": 18}
_COLUMN = {"field": "column", "type": "ordinal", "axis": None}
_TOGETHER, _ELSE = "with others", "alone"
Counts = Mapping[frozenset[str], int]
"""How many specs are in exactly these stacks, by the keys of the stacks."""
Columns = Sequence[Sequence[str]]
"""The stacks of each intersection, as they are shown, from the top down."""


def chart(answer: Mapping[str, Any]) -> Chart:
    """A column for each set of stacks that hold specs together, the largest first."""
    return plot(
        Counter(frozenset(row["stacks"]) for row in answer["specs"]),
        {stack["key"]: stack["specs"] for stack in answer["stacks"]},
        answer["level"],
    )


def plot(held: Counts, sizes: Mapping[str, int], level: str) -> Chart:
    """The plot of how many specs are in which stacks together, and of the sizes of the stacks.

    Of many stacks the largest are shown, with what they hold among themselves; what only one of
    many holds has no column, but its part of the bar of its stack.
    """
    keys = sorted(sizes, key=lambda key: (-sizes[key], key))[:_MOST_STACKS]
    counts: Counter[frozenset[str]] = Counter()
    for some, count in held.items():
        counts[some & {*keys}] += count
    counts.pop(frozenset(), None)
    together = {key: sum(c for some, c in counts.items() if {key} < some) for key in keys}
    ordered = _columns(counts, len(keys))
    if not ordered:
        raise ValueError("no two stacks hold a spec together")
    shown = stack_names(keys)
    names = dict(zip(keys, labels(shown([key]) for key in keys), strict=True))
    columns = [[names[key] for key in keys if key in some] for some in ordered]
    totals = [
        sizes[key] if level == "hash" else together[key] + counts[frozenset({key})] for key in keys
    ]
    bars = [
        {"stack": names[key], "part": part, "specs": specs}
        for key, total in zip(keys, totals, strict=True)
        for part, specs in ((_TOGETHER, together[key]), (_ELSE, total - together[key]))
    ]
    stack = {"field": "stack", "type": "nominal", "scale": {"domain": [*names.values()]}}
    heights = [counts[some] for some in ordered]
    step = {"step": max(18, 6 * len(f"{heights[0]:,}") + 4)}
    grid = _grid([*names.values()], columns, {**stack, "axis": {"title": None}})
    below = [{"width": step, **grid}, _sizes(bars, {**stack, "axis": None})]
    which = f"{len(keys)} stacks"
    if len(keys) < len(sizes):
        which = f"the {len(keys)} largest of {len(sizes)} stacks"
    first = f"{heights[0]:,} in {' and '.join(columns[0])}"
    return Chart(
        f"Which of {which} hold what together, equal by {level}",
        f"{counted(len(ordered), 'intersection')}, the largest first: {first}.",
        {
            "vconcat": [{"width": step, **_heights(heights)}, {"hconcat": below, "spacing": 12}],
            "spacing": 6,
        },
    )


def _columns(counts: Counts, stacks: int) -> list[frozenset[str]]:
    """The largest intersections."""
    least = 1 if stacks <= _FEW_STACKS else 2
    wide = [some for some in counts if len(some) >= least]
    return sorted(wide, key=lambda some: (-counts[some], len(some), sorted(some)))[:_MOST]


def _heights(counts: Sequence[int]) -> dict[str, Any]:
    """The sizes of the intersections."""
    values = [{"column": place, "specs": count} for place, count in enumerate(counts)]
    axis = {"title": "held together", "tickMinStep": 1}
    places = {"x": _COLUMN, "y": {"field": "specs", "type": "quantitative", "axis": axis}}
    number = {"field": "specs", "format": ","}
    return {
        "height": 150,
        "data": {"values": values},
        "layer": [
            {"mark": {"type": "bar", "color": BLUE}, "encoding": places},
            {
                "mark": {"type": "text", "dy": -6, "fontSize": 9},
                "encoding": {**places, "text": number},
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
    member = {"condition": {"test": "datum.member", "value": BLUE}, "value": GREY}
    opacity = {"condition": {"test": "datum.member", "value": 1}, "value": 0.25}
    rule = {"type": "rule", "color": BLUE, "strokeWidth": 2, "aria": False}
    ends = {"x": _COLUMN, "y": {**stack, "field": "top"}, "y2": {"field": "end"}}
    return {
        "height": _ROW,
        "layer": [
            {"data": {"values": lines}, "mark": rule, "encoding": ends},
            {
                "data": {"values": dots},
                "mark": {"type": "circle", "size": 70, "aria": False},
                "encoding": {"x": _COLUMN, "y": stack, "color": member, "opacity": opacity},
            },
        ],
    }


def _sizes(bars: Sequence[Mapping[str, Any]], stack: Mapping[str, Any]) -> dict[str, Any]:
    """The sizes of the stacks, and how much of each is in other stacks as well."""
    colour = {
        "field": "part",
        "type": "nominal",
        "scale": {"domain": [_TOGETHER, _ELSE], "range": [BLUE, GREY]},
        "legend": {"title": None},
    }
    x = {"field": "specs", "type": "quantitative", "title": "specs of the stack"}
    order = {"field": "part", "sort": "descending"}
    return {
        "width": 130,
        "height": _ROW,
        "data": {"values": bars},
        "mark": "bar",
        "encoding": {"y": stack, "x": x, "color": colour, "order": order},
    }

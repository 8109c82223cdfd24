"""Which specs are in which stacks together: an UpSet plot."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cachegraph.output.charts import Chart
from cachegraph.output.charts.bars import BLUE, GREY
from cachegraph.output.charts.labels import labels
from cachegraph.output.tables import counted, stack_names

_MOST_STACKS, _MOST = 30, 40
_FEW_STACKS, _NAMED = 8, 3
_ROW = {"step": 18}
_COLUMN = {"field": "column", "type": "ordinal", "axis": None}
_TOGETHER, _REST = "held with others", "the rest"
Counts = Mapping[frozenset[str], int]
"""How many specs are in exactly these stacks, by the keys of the stacks."""
Columns = Sequence[Sequence[str]]
"""The stacks of each intersection, as they are shown, from the top down."""


def chart(answer: Mapping[str, Any]) -> Chart:
    """A column for each set of stacks that hold specs together, the largest first."""
    held = Counter(frozenset(row["stacks"]) for row in answer["specs"])
    sizes = {stack["key"]: stack["specs"] for stack in answer["stacks"]}
    spec, description = upset(held, sizes, answer["level"])
    title = f"Which of {len(sizes)} stacks hold what together, equal by {answer['level']}"
    return Chart(title, description, spec)


def upset(held: Counts, sizes: Mapping[str, int], level: str) -> tuple[dict[str, Any], str]:
    """A plot of how many specs exactly which stacks hold, and of the sizes of the stacks.

    Of many stacks the largest are shown, with what they hold among themselves; what only one of
    many holds has no column, but its part of the bar of its stack. The text describes the plot.
    """
    keys = sorted(sizes, key=lambda key: (-sizes[key], key))[:_MOST_STACKS]
    counts: Counter[frozenset[str]] = Counter()
    for some, count in held.items():
        counts[some & {*keys}] += count
    counts.pop(frozenset(), None)
    ordered = _columns(counts, len(keys))
    if not ordered:
        raise ValueError("no two stacks hold a spec together")
    shown = stack_names(keys)
    names = dict(zip(keys, labels(shown([key]) for key in keys), strict=True))
    columns = [[names[key] for key in keys if key in some] for some in ordered]
    heights = [counts[some] for some in ordered]
    step = {"step": max(18, 6 * len(f"{heights[0]:,}") + 4)}
    cut = f"the {len(keys)} largest of {len(sizes)} stacks" if len(keys) < len(sizes) else None
    stack = {"field": "stack", "type": "nominal", "scale": {"domain": [*names.values()]}}
    grid = _grid([*names.values()], columns, {**stack, "axis": {"title": cut}})
    bars = [*_parts(counts, names, sizes if level == "hash" else {})]
    below = [{"width": step, **grid}, _sizes(bars, {**stack, "axis": None})]
    above = {"width": step, **_heights(heights)}
    largest = columns[0] if len(columns[0]) <= _NAMED else [f"{len(columns[0])} stacks"]
    first = f"{heights[0]:,} in {' and '.join(largest)}"
    text = f"{counted(len(ordered), 'intersection')}, the largest first: {first}."
    return {"vconcat": [above, {"hconcat": below, "spacing": 12}], "spacing": 6}, text


def _parts(
    counts: Counts, names: Mapping[str, str], sizes: Mapping[str, int]
) -> Iterator[dict[str, Any]]:
    """The parts of the bar of each stack; without its size it has what is counted."""
    for key, name in names.items():
        together = sum(count for some, count in counts.items() if {key} < some)
        rest = sizes[key] - together if key in sizes else counts.get(frozenset({key}), 0)
        yield {"stack": name, "part": _TOGETHER, "specs": together}
        yield {"stack": name, "part": _REST, "specs": rest}


def _columns(counts: Counts, stacks: int) -> list[frozenset[str]]:
    """The largest intersections."""
    least = 1 if stacks <= _FEW_STACKS else 2
    wide = [some for some in counts if len(some) >= least]
    return sorted(wide, key=lambda some: (-counts[some], len(some), sorted(some)))[:_MOST]


def _heights(counts: Sequence[int]) -> dict[str, Any]:
    """The sizes of the intersections."""
    values = [{"column": place, "specs": count} for place, count in enumerate(counts)]
    axis = {"title": "specs", "tickMinStep": 1}
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
    opacity = {"condition": {"test": "datum.member", "value": 1}, "value": 0.4}
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
        "scale": {"domain": [_TOGETHER, _REST], "range": [BLUE, GREY]},
        "legend": {"title": None, "orient": "bottom", "direction": "vertical"},
    }
    x = {"field": "specs", "type": "quantitative", "title": "specs of the stack"}
    order = {"field": "part", "sort": "ascending"}
    return {
        "width": 130,
        "height": _ROW,
        "data": {"values": bars},
        "mark": "bar",
        "encoding": {"y": stack, "x": x, "color": colour, "order": order},
    }

"""A heatmap of what each pair of stacks shares."""

from collections.abc import Mapping, Sequence
from typing import Any

from cachegraph.output.charts import Chart
from cachegraph.output.charts.clusters import clustered
from cachegraph.output.tables import stack_names

_ROOMY, _MANY = 16, 60  # stacks
_LIGHT = 0.4  # cells above it are dark: text on them is light


def chart(answer: Mapping[str, Any]) -> Chart:
    """Stacks by stacks, coloured by the Jaccard index; stacks that share much lie together."""
    keys, shared, jaccard = answer["stacks"], answer["shared"], answer["jaccard"]
    if len(keys) < 2:  # noqa: PLR2004
        raise ValueError("a heatmap needs two stacks or more")
    order = clustered(jaccard)
    shown = stack_names(keys)
    names = [shown([key]) for key in keys]
    cells = [
        {"a": names[i], "b": names[j], "shared": shared[i][j], "j": jaccard[i][j]}
        for i in order
        for j in order
    ]
    pairs = ((i, j) for i in range(len(keys)) for j in range(i))
    i, j = max(pairs, key=lambda pair: jaccard[pair[0]][pair[1]])
    most = f"{keys[i]} and {keys[j]} share most: {shared[i][j]} (Jaccard index {jaccard[i][j]})"
    return Chart(
        f"What {len(keys)} stacks share, equal by {answer['level']}",
        f"Each row and column is a stack. {most}.",
        {**_layers([names[place] for place in order]), "data": {"values": cells}},
    )


def _layers(names: Sequence[str]) -> dict[str, Any]:
    """The cells, with their numbers where there is room for them."""
    step = 34 if len(names) <= _ROOMY else 20 if len(names) <= _MANY else 11
    axis = {"title": None, "labelAngle": -55, "labelFontSize": min(11, step - 1)}
    places = {
        "x": {"field": "b", "type": "nominal", "sort": names, "axis": axis},
        "y": {"field": "a", "type": "nominal", "sort": names, "axis": {**axis, "labelAngle": 0}},
    }
    colour = {
        "field": "j",
        "type": "quantitative",
        "scale": {"scheme": "viridis", "reverse": True, "domain": [0, 1]},
        "title": "Jaccard index",
    }
    tooltip = [{"field": name} for name in ("a", "b", "shared", "j")]
    shares = [{"filter": "datum.shared > 0"}]
    layers: list[dict[str, Any]] = [
        {"mark": {"type": "text", "text": ""}, "encoding": places},  # all rows and columns
        {
            "transform": shares,
            "mark": "rect",
            "encoding": {**places, "color": colour, "tooltip": tooltip},
        },
    ]
    if len(names) <= _ROOMY:
        light = {"condition": {"test": f"datum.j > {_LIGHT}", "value": "white"}, "value": "#222"}
        number = {**places, "text": {"field": "shared"}, "color": light}
        mark = {"type": "text", "fontSize": 10}
        layers.append({"transform": shares, "mark": mark, "encoding": number})
    return {"width": {"step": step}, "height": {"step": step}, "layer": layers}

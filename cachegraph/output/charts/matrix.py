"""A heatmap of what each pair of stacks shares."""

from collections.abc import Mapping, Sequence
from typing import Any

from cachegraph.output.charts import INK, PAPER, Chart
from cachegraph.output.charts.clusters import clustered
from cachegraph.output.charts.labels import labels
from cachegraph.output.tables import stack_names

_ROOMY, _MANY = 32, 60  # stacks
_NARROW = 16  # of narrower columns the labels stand upright
_STRONG = 0.45  # text on cells above it is in the colour of the paper


def chart(answer: Mapping[str, Any]) -> Chart:
    """Stacks by stacks, coloured by the Jaccard index; stacks that share much lie together."""
    keys, shared, jaccard = answer["stacks"], answer["shared"], answer["jaccard"]
    if len(keys) < 2:  # noqa: PLR2004
        raise ValueError("a heatmap needs two stacks or more")
    order = clustered(jaccard)
    shown = stack_names(keys)
    names = labels(shown([key]) for key in keys)
    cells = [
        {"a": names[i], "b": names[j], "shared": shared[i][j], "j": jaccard[i][j]}
        for i in order
        for j in order
    ]
    pairs = ((i, j) for i in range(len(keys)) for j in range(i))
    i, j = max(pairs, key=lambda pair: jaccard[pair[0]][pair[1]])
    most = f"{keys[j]} and {keys[i]} share most: {shared[i][j]:,} (Jaccard index {jaccard[i][j]})"
    apart = sum(not shared[i][j] for i in range(len(keys)) for j in range(i))
    pairs_apart = f"{apart:,} of {len(keys) * (len(keys) - 1) // 2:,} pairs share nothing"
    digits = max(len(str(cell)) for row in shared for cell in row)
    return Chart(
        f"What {len(keys)} stacks share, equal by {answer['level']}",
        f"Each row and column is a stack. {most}; {pairs_apart}.",
        {**_layers([names[place] for place in order], digits), "data": {"values": cells}},
    )


def _layers(names: Sequence[str], digits: int) -> dict[str, Any]:
    """The cells, with their numbers where there is room for them."""
    has_numbers = len(names) <= _ROOMY
    step = max(24, 6 * digits + 5) if has_numbers else 20 if len(names) <= _MANY else 11
    angle = -90 if step < _NARROW else -55
    axis = {"title": None, "labelAngle": angle, "labelFontSize": min(11, step - 2)}
    scale = {"domain": names}  # stacks that share nothing have their rows and columns, too
    places = {
        "x": {"field": "b", "type": "nominal", "scale": scale, "axis": axis},
        "y": {"field": "a", "type": "nominal", "scale": scale, "axis": {**axis, "labelAngle": 0}},
    }
    colour = {
        "field": "j",
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "title": ["Jaccard index;", "numbers: shared"] if has_numbers else "Jaccard index",
    }
    tooltip = [{"field": name} for name in ("a", "b", "shared", "j")]
    shares = [{"filter": "datum.shared > 0"}]
    layers: list[dict[str, Any]] = [
        {
            "transform": shares,
            "mark": {"type": "rect", "aria": len(names) <= _MANY},
            "encoding": {**places, "color": colour, "tooltip": tooltip},
        },
    ]
    if has_numbers:
        colour = {"condition": {"test": f"datum.j > {_STRONG}", "value": PAPER}, "value": INK}
        number = {**places, "text": {"field": "shared"}, "color": colour}
        mark = {"type": "text", "fontSize": 9}
        layers.append({"transform": shares, "mark": mark, "encoding": number})
    return {"width": {"step": step}, "height": {"step": step}, "layer": layers}

"""What stacks share: intersections, sizes at each level, and what keeps the rest apart."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from cachegraph.output.charts import Chart
from cachegraph.output.charts.bars import BLUE, GREY, ORANGE, bars
from cachegraph.output.charts.intersections import upset


def chart(answer: Mapping[str, Any]) -> Chart:
    """An UpSet plot; bars for each level, of what all and what only some have; what differs."""
    levels = answer["levels"]
    hashes, versions = levels["hash"], levels["version"]
    text = (
        f"{hashes['shared']:,} of {hashes['union']:,} specs are in all stacks, "
        f"and {versions['shared']:,} of {versions['union']:,} package-versions."
    )
    parts = []
    with suppress(ValueError):  # of many stacks that share nothing
        held = {frozenset(row["stacks"]): row["specs"] for row in answer["intersections"]}
        sizes = {stack["key"]: stack["specs"] for stack in answer["stacks"]}
        plot, description = upset(held, sizes, "hash")
        parts.append(plot)
        text = f"{text} {description}"
    parts += _levels(answer)
    resolved = {"scale": {"color": "independent", "x": "independent", "y": "independent"}}
    return Chart(
        f"What {len(answer['stacks'])} stacks share",
        text,
        {"vconcat": parts, "resolve": resolved, "spacing": 34},
    )


def _levels(answer: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    rows = [
        {"level": name, "in all": row["shared"], "in some": row["union"] - row["shared"]}
        for name, row in answer["levels"].items()
    ]
    title = "specs, those that are equal by the level as one; the number is of those in all"
    yield bars(rows, "level", {"in all": BLUE, "in some": GREY}, title, counted=["in all"])
    apart = [
        {"attribute": name, "versions": count}
        for name, count in answer["apart_by"].items()
        if count
    ]
    if apart:
        title = "versions of packages that all have, but in no common spec, by what differs"
        yield bars(apart, "attribute", {"versions": ORANGE}, title)

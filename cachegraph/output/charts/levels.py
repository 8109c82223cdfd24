"""What stacks share at each level, and what keeps the rest apart."""

from collections.abc import Mapping
from typing import Any

from cachegraph.output.charts import Chart
from cachegraph.output.charts.bars import BLUE, GREY, ORANGE, bars


def chart(answer: Mapping[str, Any]) -> Chart:
    """A bar for each level, of what all stacks have and what only some have; then what differs."""
    levels = answer["levels"]
    rows = [
        {"level": name, "in all": row["shared"], "in some": row["union"] - row["shared"]}
        for name, row in levels.items()
    ]
    title = "specs, those that are equal by the level as one; the number is of those in all"
    parts = [bars(rows, "level", {"in all": BLUE, "in some": GREY}, title, counted=["in all"])]
    apart = [
        {"attribute": name, "versions": count}
        for name, count in answer["apart_by"].items()
        if count
    ]
    if apart:
        title = "versions of packages that all have, but in no common spec, by what differs"
        parts.append(bars(apart, "attribute", {"versions": ORANGE}, title))
    hashes, versions = levels["hash"], levels["version"]
    text = f"{hashes['shared']:,} of {hashes['union']:,} specs are in all stacks"
    return Chart(
        f"What {len(answer['stacks'])} stacks share at each level",
        f"{text}, and {versions['shared']:,} of {versions['union']:,} package-versions.",
        {"vconcat": parts, "resolve": {"scale": {"color": "independent"}}, "spacing": 34},
    )

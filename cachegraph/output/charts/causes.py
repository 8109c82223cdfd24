"""The causes of near-duplicates as bars."""

from collections.abc import Mapping
from typing import Any

from cachegraph.output.cause_tables import ranked_causes_table
from cachegraph.output.charts import Chart
from cachegraph.output.charts.bars import BLUE, ORANGE, bars
from cachegraph.output.tables import with_short_digests

_MOST = 25


def chart(answer: Mapping[str, Any]) -> Chart:
    """A bar for each cause: the builds for which nothing else differs, and the others."""
    leads = [cause for cause in answer["causes"] if "comes_with" not in cause][:_MOST]
    if not leads:
        raise ValueError("no cause of near-duplicates is recorded")
    table = ranked_causes_table(answer, "")
    texts = [with_short_digests(f"{row[-2]}: {row[-1]}") for row in table.rows[: len(leads)]]
    rows = [
        {
            "cause": text,
            "nothing else differs": cause["alone"],
            "other packages differ, too": cause["redundant"] - cause["alone"],
        }
        for cause, text in zip(leads, texts, strict=True)
    ]
    parts = {"nothing else differs": BLUE, "other packages differ, too": ORANGE}
    count = f"{answer['redundant']:,} redundant builds"
    first = f"The most costly cause is {texts[0]}, with {leads[0]['redundant']:,} redundant builds."
    return Chart(
        f"Causes of {count} in {answer['groups']:,} groups of near-duplicates",
        first,
        bars(rows, "cause", parts, "redundant builds"),
    )

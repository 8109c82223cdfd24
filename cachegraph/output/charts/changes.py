"""What became of the specs from one side to the other, and why."""

from collections.abc import Mapping
from typing import Any

from cachegraph.output.cause_tables import cause_text
from cachegraph.output.charts import Chart
from cachegraph.output.charts.bars import BLUE, GREEN, GREY, ORANGE, RED, bars
from cachegraph.output.tables import with_short_digests

_MOST = 12
_PARTS = {"kept": GREY, "rebuilt": BLUE, "changed": ORANGE, "removed": RED, "added": GREEN}


def chart(answer: Mapping[str, Any]) -> Chart:
    """A bar for each side, of kept, rebuilt, changed, removed and added specs; then the causes."""
    old = sum(len(row["from"]) for row in answer["changed"])
    new = sum(len(row["to"]) for row in answer["changed"])
    common = {"kept": answer["kept"], "rebuilt": len(answer["rebuilt"])}
    removed, added = len(answer["removed"]), len(answer["added"])
    left = {"side": answer["left"]["key"], "changed": old, "removed": removed, "added": 0}
    right = {"side": answer["right"]["key"], "changed": new, "removed": 0, "added": added}
    parts = [bars([{**left, **common}, {**right, **common}], "side", _PARTS, "specs")]
    leads = [cause for cause in answer["causes"] if "comes_with" not in cause][:_MOST]
    rows = [
        {"cause": with_short_digests(cause_text(cause)), "rebuilt specs": cause["rebuilt"]}
        for cause in leads
    ]
    if rows:
        parts.append(bars(rows, "cause", {"rebuilt specs": BLUE}, "specs rebuilt because of"))
    text = f"{answer['kept']:,} kept, {len(answer['rebuilt']):,} rebuilt only, "
    return Chart(
        f"From {answer['left']['key']} to {answer['right']['key']}",
        f"{text}{old:,} changed to {new:,}, {removed:,} removed, {added:,} added.",
        {"vconcat": parts, "resolve": {"scale": {"color": "independent"}}, "spacing": 34},
    )

"""What pins save, one after another."""

from collections.abc import Mapping
from typing import Any

from cachegraph.output.charts import Chart
from cachegraph.output.charts.bars import BLUE, GREY, ORANGE, bars


def chart(answer: Mapping[str, Any]) -> Chart:
    """A bar for each pin: the builds that are left, that it saves, and that those before saved."""
    builds = answer["builds"]
    rows = [{"pin": "no pin", "left": builds, "saved by this pin": 0, "saved before": 0}]
    for number, step in enumerate(answer["steps"], 1):
        rows.append(
            {
                "pin": f"{number}. {step['pin']}",
                "left": step["after"],
                "saved by this pin": step["saved"],
                "saved before": builds - step["after"] - step["saved"],
            }
        )
    parts = {"left": BLUE, "saved by this pin": ORANGE, "saved before": GREY}
    return Chart(
        f"Of {builds} builds {len(answer['steps'])} pins save at most {answer['saved']}",
        f"With all pins {answer['after']} builds are left.",
        bars(rows, "pin", parts, "builds; the number is of those that are left", counted=["left"]),
    )

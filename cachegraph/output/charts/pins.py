"""What pins save, one after another."""

from collections.abc import Mapping
from typing import Any

from cachegraph.output.charts import Chart
from cachegraph.output.charts.bars import BLUE, ORANGE, bars
from cachegraph.output.tables import counted


def chart(answer: Mapping[str, Any]) -> Chart:
    """A bar for each pin: the builds that those before it save, and those that it saves as well."""
    builds, steps = answer["builds"], answer["steps"]
    if not steps:
        raise ValueError("no pin saves a build")
    rows = [
        {
            "pin": f"{number}. {step['pin']}",
            "saved by the pins before": builds - step["after"] - step["saved"],
            "saved by this pin": step["saved"],
        }
        for number, step in enumerate(steps, 1)
    ]
    parts = {"saved by the pins before": BLUE, "saved by this pin": ORANGE}
    first = f"{steps[0]['pin']}, saves {steps[0]['saved']:,}"
    return Chart(
        f"Of {builds:,} builds {counted(len(steps), 'pin')} would save at most {answer['saved']:,}",
        f"The first pin, {first}; with all pins {answer['after']:,} builds are left.",
        bars(rows, "pin", parts, "builds saved at most; the number is of this and all pins before"),
    )

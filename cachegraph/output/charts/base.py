"""The layers of stacks: what exactly which stacks hold, and what building each layer once saves."""

from collections.abc import Mapping
from typing import Any

from cachegraph.output.charts import Chart
from cachegraph.output.charts.intersections import upset
from cachegraph.output.tables import counted


def chart(answer: Mapping[str, Any]) -> Chart:
    """A bar for each layer with a dot for each of its stacks, the largest layer first."""
    held = {frozenset(layer["stacks"]): layer["specs"] for layer in answer["layers"]}
    sizes = {stack["key"]: stack["after"] for stack in answer["stacks"]}
    spec, description = upset(held, sizes, "hash")
    saved = sum(layer["saved"] for layer in answer["layers"])
    title = f"{counted(len(held), 'layer')} of {counted(len(sizes), 'stack')}"
    return Chart(f"{title}: built once they save {saved:,} builds", description, spec)

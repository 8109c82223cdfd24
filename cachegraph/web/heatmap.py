"""A heatmap of stacks as a table of links: each cell leads to what two stacks share."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from cachegraph.output.charts.clusters import clustered
from cachegraph.output.tables import stack_names
from cachegraph.web.addresses import overlap_address, stack_address

MOST = 60
"""Stacks that a heatmap shows; more are neither read nor drawn with use."""
_SHADES = 10


class HeatCell(NamedTuple):
    """How much two stacks share: the number, a shade from 0 to 10, where it leads, in words."""

    shared: int
    shade: int
    address: str | None
    title: str


class HeatRow(NamedTuple):
    """A stack with its cells; its number is that of its column."""

    number: int
    name: str
    address: str
    cells: list[HeatCell]


def heatmap(answer: Mapping[str, Any]) -> list[HeatRow]:
    """The rows of an answer of ``matrix``; stacks that share much lie together."""
    keys, shared, jaccard = answer["stacks"], answer["shared"], answer["jaccard"]
    order = clustered(jaccard)
    name = stack_names(keys)
    rows = []
    for number, i in enumerate(order, 1):
        cells = [
            HeatCell(
                shared[i][j],
                _shade(jaccard[i][j]),
                overlap_address(keys[i], keys[j]) if i != j else None,
                f"{name([keys[i]])} and {name([keys[j]])}: {shared[i][j]}, "
                f"Jaccard index {jaccard[i][j]}",
            )
            for j in order
        ]
        rows.append(HeatRow(number, name([keys[i]]), stack_address(keys[i]), cells))
    return rows


def _shade(jaccard: float) -> int:
    """0 only for nothing, and 10 only for all."""
    return -(-int(jaccard * 10_000) // (10_000 // _SHADES)) if jaccard < 1 else _SHADES

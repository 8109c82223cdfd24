"""Pins that may save the most: of the most costly causes of near-duplicates."""

from collections.abc import Iterable, Mapping
from typing import Any

from cachegraph.analysis.comparison.demands import Demands
from cachegraph.analysis.comparison.pins import Pin, is_pinnable, pin_for

_MOST = 24


def candidate_pins(
    causes: Iterable[Mapping[str, Any]], demands: Demands, most: int = _MOST
) -> list[Pin]:
    """The pins that take away the first causes that a pin can take away, each once."""
    pins: dict[tuple[str | None, str, str], Pin] = {}
    for cause in causes:
        if len(pins) == most:
            break
        if pin := pin_against(cause, demands):
            pins.setdefault(pin[:3], pin)
    return [*pins.values()]


def pin_against(cause: Mapping[str, Any], demands: Demands) -> Pin | None:
    """The pin of a cause to the value that somebody needs, else the most common; None if none can.

    The cause is a row of ``RankedCauses``.
    """
    package, kind, attribute = cause["package"], cause["kind"], cause["attribute"]
    if not is_pinnable(kind, attribute):
        return None
    key = (None if kind == "provider" else package, kind, attribute)
    value = demands.best(key) or ""
    return pin_for(package, kind, attribute, value, demands.values(key))

"""Refuses pins of a package, variant or virtual that stacks do not have."""

from collections.abc import Iterable
from itertools import chain

from cachegraph.analysis.comparison.pins import Pin
from cachegraph.analysis.comparison.rehash import PinnedSpecs
from cachegraph.analysis.selection.lookup import close_to
from cachegraph.errors import NotFoundError
from cachegraph.model.graph import SpecGraph
from cachegraph.model.schema import SPEC
from cachegraph.model.spec import by_variant_name

_NO_VIRTUALS = "none is recorded: pages and spec formats before 4 have no virtual packages"


def check_pins(graph: SpecGraph, specs: PinnedSpecs, pins: Iterable[Pin]) -> None:
    """NotFoundError for a package, variant or virtual that the stacks do not have."""
    for pin in pins:
        if pin.kind == "provider":
            _check_virtual(specs, pin)
        elif pin.package is not None:
            _check_package(graph, specs, pin, pin.package)


def _check_virtual(specs: PinnedSpecs, pin: Pin) -> None:
    _, uses = specs.ends_and_uses()
    virtuals = {*chain.from_iterable(map(specs.facts.virtuals, {*uses}))}
    if pin.attribute not in virtuals:
        close = close_to(pin.attribute, virtuals) or sorted(virtuals)
        raise NotFoundError(
            f"{pin.text}: no spec in the stacks is recorded to use a virtual {pin.attribute}",
            f"virtual packages are {', '.join(close)}" if close else _NO_VIRTUALS,
        )


def _check_package(graph: SpecGraph, specs: PinnedSpecs, pin: Pin, package: str) -> None:
    of_package = specs.by_package.get(package)
    if not of_package:
        close = close_to(package, specs.by_package)
        hint = f"did you mean {', '.join(close)}?" if close else f"try: cachegraph find {package}"
        raise NotFoundError(f"{pin.text}: no spec of {package} in the stacks", hint)
    if pin.kind == "variant":
        lists = graph.values(SPEC, of_package, ("variants",))
        known = {*chain.from_iterable(by_variant_name(texts) for (texts,) in lists)}
        if pin.attribute not in known:
            close = close_to(pin.attribute, known) or sorted(known) or ["none"]
            raise NotFoundError(
                f"{pin.text}: {package} has no variant {pin.attribute}",
                f"it has {', '.join(close)}",
            )

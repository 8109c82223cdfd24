"""What archspec, the library that Spack uses, knows of targets."""

from collections.abc import Collection, Mapping
from typing import Any


def target_properties(name: str) -> Mapping[str, Any]:
    """Family, vendor and generation of a target, as far as archspec knows them."""
    target = _target(name)
    if target is None:
        return {}
    properties = {"family": target.family.name}
    if target.vendor != "generic":
        properties["vendor"] = target.vendor
    if target.generation:
        properties["generation"] = target.generation
    return properties


def nearest_compatible(name: str, among: Collection[str]) -> set[str]:
    """Those of the other targets whose binaries run on this one, without what those imply."""
    compatible = {*among}.intersection(compatible_targets(name) or ())
    return compatible.difference(*(compatible_targets(other) or () for other in compatible))


def is_target(name: str) -> bool:
    """Whether archspec knows a target of that name."""
    return _target(name) is not None


def compatible_targets(name: str) -> list[str] | None:
    """The other targets whose binaries run on this one, nearest first; None if it is unknown."""
    target = _target(name)
    return None if target is None else [ancestor.name for ancestor in target.ancestors]


def is_in_range(name: str, low: str, high: str) -> bool:
    """Whether binaries for ``low`` run on it, and its own on ``high``; an empty bound is open."""
    return (not low or _runs(low, name)) and (not high or _runs(name, high))


def _runs(binaries_for: str, on: str) -> bool:
    return binaries_for == on or binaries_for in (compatible_targets(on) or ())


def _target(name: str) -> Any:
    from archspec.cpu import TARGETS

    return TARGETS.get(name)

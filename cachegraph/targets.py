"""What archspec, the library that Spack asks, knows of a target."""

from collections.abc import Collection, Mapping
from typing import Any

_FAMILY_ONLY = "generic"


def described(name: str) -> Mapping[str, Any]:
    """Family, vendor and generation of a target, as far as they are known."""
    known = _targets().get(name)
    if known is None:
        return {}
    found = {"family": known.family.name}
    if known.vendor != _FAMILY_ONLY:
        found["vendor"] = known.vendor
    if known.generation:
        found["generation"] = known.generation
    return found


def parents(name: str, among: Collection[str]) -> set[str]:
    """The nearest of the other targets whose binaries run on this one."""
    found = _compatible(name, among)
    further = {other for near in found for other in _compatible(near, among)}
    return found - further


def _compatible(name: str, among: Collection[str]) -> set[str]:
    known = _targets().get(name)
    return set() if known is None else {a.name for a in known.ancestors} & {*among}


def _targets() -> Mapping[str, Any]:
    from archspec.cpu import TARGETS

    targets: Mapping[str, Any] = TARGETS
    return targets

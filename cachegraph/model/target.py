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


def is_known(name: str) -> bool:
    """Whether there is a target of that name."""
    return name in _targets()


def older(name: str) -> list[str] | None:
    """The other targets whose binaries run on this one, the nearest first; None if not known."""
    known = _targets().get(name)
    return None if known is None else [a.name for a in known.ancestors]


def within(name: str, low: str, high: str) -> bool:
    """Whether what is built for ``low`` runs on the target, and what is built for it on ``high``.

    Where one of them is empty, nothing is asked of that side.
    """
    known = _targets()

    def runs(older: str, newer: str) -> bool:
        of = known.get(newer)
        return older == newer or (of is not None and older in {a.name for a in of.ancestors})

    return (not low or runs(low, name)) and (not high or runs(name, high))


def _compatible(name: str, among: Collection[str]) -> set[str]:
    known = _targets().get(name)
    return set() if known is None else {a.name for a in known.ancestors} & {*among}


def _targets() -> Mapping[str, Any]:
    from archspec.cpu import TARGETS

    targets: Mapping[str, Any] = TARGETS
    return targets

"""Causes that come together: a version with the recipe, patches and variants that it brings."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Set
from typing import TypedDict, TypeVar

Cause = TypeVar("Cause", bound=Hashable)


class CauseName(TypedDict):
    """The kind and the attribute of a cause."""

    kind: str
    attribute: str


def concerns(packages: Collection[str], package: str, kind: str, attribute: str) -> bool:
    """Whether a cause is a difference in one of the packages, or a dependency on one."""
    return package in packages or (kind in ("dependency", "provider") and attribute in packages)


def leading_causes(ranked: Iterable[tuple[Cause, str, Set[object]]]) -> dict[Cause, Cause]:
    """For each cause that comes with an earlier one of its package, that one.

    Each cause has its package, empty for all, and what it is a cause of: all that is among what
    the earlier one is a cause of.
    """
    found: dict[Cause, Cause] = {}
    leads: defaultdict[str, list[tuple[Cause, Set[object]]]] = defaultdict(list)
    for cause, package, caused in ranked:
        same_package = leads[package] if package else []
        lead = next((other for other, more in same_package if caused <= more), None)
        if lead is None:
            same_package.append((cause, caused))
        else:
            found[cause] = lead
    return found

"""The specs that were only rebuilt: the same package, version and variants, and why."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import Any, NotRequired, TypedDict

from cachegraph.analysis.comparison.differences import (
    COMMON_CHOICES,
    Difference,
    Differences,
    sort_key,
)
from cachegraph.analysis.comparison.facts import Pair
from cachegraph.analysis.comparison.root_causes import Cause, root_causes_with_paths
from cachegraph.analysis.comparison.together import CauseName, concerns, leading_causes
from cachegraph.model.graph import SpecGraph
from cachegraph.model.schema import SPEC

_Hashes = TypedDict("_Hashes", {"from": str, "to": str})


class Rebuilt(_Hashes):
    """A spec under a new hash, and the causes; how many ``ignored`` packages cause, if any."""

    package: str
    version: str
    causes: list[Cause]
    ignored: NotRequired[int]


class RebuildCause(TypedDict):
    """A cause, and how many specs were rebuilt because of it.

    A compiler, os, target or provider counts once for all packages: its ``package`` is empty. So
    does a dependency that several ``packages`` gained or lost. ``comes_with`` is a cause of the
    same package by which all these specs were rebuilt as well.
    """

    package: str
    kind: str
    attribute: str
    left: str | None
    right: str | None
    rebuilt: int
    packages: NotRequired[int]
    comes_with: NotRequired[CauseName]


def rebuilt_rows(
    graph: SpecGraph, pairs: Sequence[Pair], without: Collection[str] = ()
) -> list[Rebuilt]:
    """The rows of rebuilt specs, sorted by package, version and old hash.

    Causes in the packages ``without``, or dependencies on them, are counted and not listed.
    """
    differences = Differences(graph)
    # All levels of all pairs are read at once; the causes of each pair come from what was read.
    differences.compare_all(pairs)
    names = ("package", "version", "hash")
    before = graph.values(SPEC, [left for left, _ in pairs], names)
    after = graph.values(SPEC, [right for _, right in pairs], names)
    rows: list[Rebuilt] = []
    for pair, (package, version, old), (_, _, new) in zip(pairs, before, after, strict=True):
        causes, _ = root_causes_with_paths(differences, *pair)
        kept = [
            cause
            for cause in causes
            if not concerns(without, cause["package"], cause["kind"], cause["attribute"])
        ]
        row: Rebuilt = {
            "package": package or "",
            "version": version or "",
            "from": old,
            "to": new,
            "causes": kept,
        }
        if len(kept) < len(causes):
            row["ignored"] = len(causes) - len(kept)
        rows.append(row)
    return sorted(rows, key=lambda row: (row["package"], row["version"], row["from"]))


def rebuild_causes(rebuilt: Sequence[Rebuilt]) -> list[RebuildCause]:
    """The causes of all rebuilt specs, the most frequent first."""
    places: defaultdict[Difference, set[int]] = defaultdict(set)
    for place, row in enumerate(rebuilt):
        for cause in row["causes"]:
            places[_without_path(cause)].add(place)
    packages = _merge_dependencies(places)
    ranked = sorted(
        places, key=lambda one: (-len(places[one]), one.package, sort_key(one), str(one))
    )
    leads = leading_causes((one, one.package, places[one]) for one in ranked)
    found: list[RebuildCause] = []
    for one in ranked:
        made: Any = {**one._asdict(), "rebuilt": len(places[one])}
        if one in packages:
            made["packages"] = packages[one]
        if one in leads:
            made["comes_with"] = {"kind": leads[one].kind, "attribute": leads[one].attribute}
        found.append(made)
    return found


def _merge_dependencies(places: dict[Difference, set[int]]) -> dict[Difference, int]:
    """Makes one cause of a dependency that several packages gained or lost; and of how many."""
    found: defaultdict[Difference, list[Difference]] = defaultdict(list)
    for one in places:
        if one.kind == "dependency" and None in (one.left, one.right):
            found[one._replace(package="")].append(one)
    several = {common: some for common, some in found.items() if len(some) > 1}
    for common, some in several.items():
        places[common] = set().union(*map(places.pop, some))
    return {common: len(some) for common, some in several.items()}


def _without_path(cause: Cause) -> Difference:
    """The difference of a cause; a common choice is the same one for all packages."""
    package = "" if cause["kind"] in COMMON_CHOICES else cause["package"]
    return Difference(package, cause["kind"], cause["attribute"], cause["left"], cause["right"])


def count_changes(changed: Sequence[Any]) -> Counter[str]:
    """How many packages changed, by whether a version did: ``version`` or ``other``."""
    return Counter("version" if "version" in row["differs"] else "other" for row in changed)

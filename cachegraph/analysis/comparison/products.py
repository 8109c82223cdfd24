"""How the products of two sides differ: the packages among the roots, and their versions."""

from collections import defaultdict
from typing import TypedDict

from cachegraph.model.graph import Members, SpecGraph
from cachegraph.model.schema import SPEC

CHANGES = ("came", "went", "version")
ProductChange = TypedDict(
    "ProductChange", {"package": str, "change": str, "from": list[str], "to": list[str]}
)
"""A package among the roots that ``came``, ``went``, or changed ``version``, and its versions."""


def product_changes(graph: SpecGraph, left: Members, right: Members) -> list[ProductChange]:
    """The packages that have other versions among the right roots than among the left, by name."""
    before, after = _versions(graph, left), _versions(graph, right)
    rows: list[ProductChange] = []
    for package in sorted(before.keys() | after.keys()):
        old, new = sorted(before[package]), sorted(after[package])
        if old != new:
            change = "came" if not old else "went" if not new else "version"
            rows.append({"package": package, "change": change, "from": old, "to": new})
    return rows


def _versions(graph: SpecGraph, roots: Members) -> defaultdict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for package, version in graph.values(SPEC, roots, ("package", "version")):
        if package is not None:
            found[package].add(version or "")
    return found

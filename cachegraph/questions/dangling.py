"""The roots of stacks that need specs which are about to be lost."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import compress
from typing import Any

from cachegraph.analysis.comparison.levels import hashes_of
from cachegraph.analysis.dependencies.traversal import with_dependencies
from cachegraph.analysis.rows import rows
from cachegraph.analysis.selection.stacks import StackSelection
from cachegraph.model.graph import Handle, Members, SpecGraph, relationships
from cachegraph.model.schema import DEPENDS_ON, SPEC

_ROOT = ("hash", "package", "version")
# So many specs are looked for at once: one bit each for every spec that needs any of them.
_PART = 4096

Above = Mapping[Handle, Sequence[Handle]]


def dangling(graph: SpecGraph, among: list[StackSelection], lost: Members) -> list[dict[str, Any]]:
    """The roots of the stacks that need any of the lost specs, or are one of them, and which."""
    roots = {one.key: one.roots for one in among}
    every = {root for found in roots.values() for root in found}
    reached = with_dependencies(graph, every)
    missing = _missing(graph, reached, [*(lost & reached)], every)
    rooted = [(root, key) for key, found in roots.items() for root in found & missing.keys()]
    told = rows(graph, SPEC, [root for root, _ in rooted], _ROOT)
    hashes = hashes_of(graph, [missing[root] for root, _ in rooted])
    for row, (_, key), lacking in zip(told, rooted, hashes, strict=True):
        row["stack"] = key
        row["missing"] = lacking
    return told


def _missing(
    graph: SpecGraph, reached: Set[Handle], lost: list[Handle], roots: Iterable[Handle]
) -> Mapping[Handle, list[Handle]]:
    """Of each root that needs any of the lost specs, which."""
    above: defaultdict[Handle, list[Handle]] = defaultdict(list)
    for start, end, _ in relationships(graph, DEPENDS_ON, reached) if lost else ():
        above[end].append(start)
    order, circles = _upwards(lost, above)
    missing: defaultdict[Handle, list[Handle]] = defaultdict(list)
    for begin in range(0, len(lost), _PART):
        part = lost[begin : begin + _PART]
        bits = {spec: 1 << place for place, spec in enumerate(part)}
        _raise(order, above, bits)
        while _raise(circles, above, bits):
            pass
        for root in roots:
            if root in bits:
                missing[root] += compress(part, map(int, bin(bits[root])[:1:-1]))
    return missing


def _upwards(lost: list[Handle], above: Above) -> tuple[list[Handle], list[Handle]]:
    """The specs and all above them, each after what it needs; and those that circles keep off."""
    reached = [*lost]
    known = {*lost}
    for spec in reached:
        new = [parent for parent in above[spec] if parent not in known]
        known.update(new)
        reached += new
    left = Counter(parent for spec in reached for parent in above[spec])
    order = [spec for spec in reached if not left[spec]]
    for spec in order:
        for parent in above[spec]:
            left[parent] -= 1
            if not left[parent]:
                order.append(parent)
    return order, [spec for spec in reached if left[spec]]


def _raise(order: Iterable[Handle], above: Above, bits: dict[Handle, int]) -> bool:
    """Gives each spec's bits to those that need it; whether that was news to any."""
    news = False
    for spec in order:
        if mine := bits.get(spec):
            for parent in above[spec]:
                known = bits.get(parent, 0)
                if known | mine != known:
                    bits[parent] = known | mine
                    news = True
    return news

"""All that the graph knows of a stack: its roots, its counts, and what it shares most with."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, NotRequired, TypedDict

from cachegraph.analysis.comparison.levels import jaccard
from cachegraph.analysis.rows import SpecRow, spec_rows
from cachegraph.analysis.selection.groups import roots_by_group
from cachegraph.analysis.selection.scope import select_stacks
from cachegraph.analysis.selection.stacks import StackSelection
from cachegraph.analysis.sizes import Bytes, known_sizes, total_bytes
from cachegraph.model.graph import Members, SpecGraph
from cachegraph.model.schema import SPEC
from cachegraph.model.stack_key import StackKey

_MOST_SHARING = 10
COUNTED = {"compilers": "compiler", "operating_systems": "os", "targets": "target"}
"""The counts of a card by their names, and the property that each counts."""


class RootRow(SpecRow):
    """A root of a stack, and the groups that it is in, if any."""

    groups: NotRequired[list[str]]


class Sharing(TypedDict):
    """A stack of the same release, how many specs it shares, and the Jaccard index."""

    key: str
    shared: int
    jaccard: float


class StackCard(Bytes):
    """A stack; counts are of specs by value, the most frequent first.

    ``shares`` are the stacks of its release that share the most specs, with how many these are.
    """

    key: str
    release: str
    name: str
    specs: int
    packages: int
    roots: list[RootRow]
    compilers: dict[str, int]
    operating_systems: dict[str, int]
    targets: dict[str, int]
    shares: list[Sharing]


def stack_card(graph: SpecGraph, stack: StackSelection) -> StackCard:
    """The card of a stack, or of a group of one."""
    specs, (release, name) = stack.specs, StackKey.parse(stack.key)
    sizes = known_sizes(graph, specs).values()
    packages = {package for (package,) in graph.values(SPEC, specs, ("package",)) if package}
    return {
        "key": stack.key,
        "release": release,
        "name": name,
        "specs": len(specs),
        "packages": len(packages),
        "roots": _roots(graph, stack),
        **{name: _counts(graph, specs, of) for name, of in COUNTED.items()},  # type: ignore[typeddict-item]
        "shares": _shares(stack, select_stacks(graph, (), release)),
        **total_bytes(sum(sizes), len(sizes), len(specs)),
    }


def _roots(graph: SpecGraph, stack: StackSelection) -> list[RootRow]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for group, roots in roots_by_group(graph, stack.node).items():
        for row in spec_rows(graph, roots) if group else ():
            groups[row["hash"]].append(group or "")
    rows: list[Any] = spec_rows(graph, stack.roots)
    for row in rows:
        if row["hash"] in groups:
            row["groups"] = sorted(groups[row["hash"]])
    return rows


def _counts(graph: SpecGraph, specs: Members, name: str) -> dict[str, int]:
    """How many of the specs have each known value of a property, the most frequent first."""
    counts = Counter(value for (value,) in graph.values(SPEC, specs, (name,)) if value)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _shares(stack: StackSelection, others: Iterable[StackSelection]) -> list[Sharing]:
    """The stacks that share any spec with a stack, those that share most first."""
    rows: list[Sharing] = []
    for other in others:
        if other.key != stack.key and (shared := len(stack.specs & other.specs)):
            union = len(stack.specs) + len(other.specs) - shared
            index = jaccard(shared, union)
            rows.append({"key": other.key, "shared": shared, "jaccard": index})
    rows.sort(key=lambda row: (-row["shared"], row["key"]))
    return rows[:_MOST_SHARING]

"""Ranks the root causes of near-duplicates by the builds that they make redundant."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from importlib.util import find_spec
from itertools import chain, count
from math import inf
from operator import or_
from typing import NamedTuple, NotRequired, TypedDict

from cachegraph.analysis.comparison.differences import KINDS, Difference
from cachegraph.analysis.comparison.facts import Facts, Pair
from cachegraph.analysis.comparison.levels import group_near_duplicates
from cachegraph.analysis.comparison.root_causes import CauseSet, RootCauses
from cachegraph.analysis.comparison.together import CauseName, concerns, leading_causes
from cachegraph.analysis.dependencies.traversal import children_first
from cachegraph.analysis.selection.stacks import StackSelection
from cachegraph.analysis.sizes import redundant_bytes, sizes_among
from cachegraph.model.elements import EMPTY
from cachegraph.model.graph import ArrayGraph, Handle, SpecGraph
from cachegraph.model.schema import DEPENDS_ON, SPEC

# In a large group of near-duplicates, a spec is compared with so many of those before it.
_COMPARED = 12
_MANY_SPECS = 50_000
# From so many pairs on, at least one for so many specs of the graph, reading it as arrays pays: it
# takes 0.1 s for NumPy and 0.1 s for 100,000 specs, and then a tenth of the 25 us for each pair.
_MANY_PAIRS = 10_000
_SPECS_FOR_A_PAIR = 20

CauseKey = tuple[str, str, str]
"""The package, kind and attribute of a cause; of a provider, the virtual is the package."""


class RankedCause(TypedDict):
    """A property in which near-duplicates, or their dependencies, differ.

    ``redundant`` is the number of builds that it makes redundant, ``alone`` the number of those in
    which nothing but this package differs. For a provider ``package`` is the virtual. ``roots`` are
    the packages of roots that depend on one of the specs; answers of very large graphs have none.
    ``bytes`` are those of the redundant builds, of each pair that was compared the smaller archive.
    ``comes_with`` is a cause of the same package, such as a version, that all its builds have too.
    If it was asked for, ``pin`` takes the cause away, and ``fix`` is the line that tells Spack.
    """

    package: str
    kind: str
    attribute: str
    values: list[str]
    groups: int
    redundant: int
    alone: int
    stacks: list[str]
    roots: NotRequired[list[str]]
    bytes: NotRequired[int]
    comes_with: NotRequired[CauseName]
    pin: NotRequired[str]
    fix: NotRequired[str]


def near_duplicate_groups(graph: SpecGraph, specs: Iterable[Handle]) -> list[list[Handle]]:
    """The groups of near-duplicates among specs: two or more that are alike, sorted by hash."""
    groups = [*group_near_duplicates(graph, specs).values()]
    # Specs that one compiler built share dependencies, which are quicker to compare together.
    # The groups are in the order of the graph still, in which it is quick to read.
    (compilers,) = graph.tokens(SPEC, [group[0] for group in groups], ("compiler",))
    places = dict(zip({*compilers}, count(), strict=False))
    # The order in a group of two has no effect.
    large = [group for group in groups if len(group) > 2]  # noqa: PLR2004
    members = [*chain.from_iterable(large)]
    hashes = dict(zip(members, graph.values(SPEC, members, ("hash",)), strict=True))
    for group in large:
        group.sort(key=hashes.__getitem__)
    ordered = sorted(zip(map(places.__getitem__, compilers), count(), groups, strict=False))
    return [group for _, _, group in ordered]


def root_causes_for(graph: SpecGraph, pairs: int, known: Facts | None = None) -> RootCauses:
    """Returns the quickest of the two ways to find root causes, for a number of pairs."""
    if (
        pairs < _MANY_PAIRS
        or not isinstance(graph, ArrayGraph)
        or pairs * _SPECS_FOR_A_PAIR < graph.count(SPEC)
        or not find_spec("numpy")
    ):
        return RootCauses(graph, known)
    from cachegraph.analysis.comparison.many_causes import ManyCauses

    return ManyCauses(graph, known)


class RankedCauses:
    """The root causes of groups of near-duplicates; all specs of a group but one are redundant.

    Each redundant spec is compared with specs before it in its group. The one with the fewest
    causes gives the causes of the spec.
    """

    def __init__(
        self,
        graph: SpecGraph,
        groups: Sequence[Sequence[Handle]],
        sizes: Mapping[Handle, int] = EMPTY,
        without: Collection[str] = (),
        known: Facts | None = None,
    ) -> None:
        """``without`` are packages: differences in these, and dependencies on them, count not.

        ``known`` are facts of the graph that have been read.
        """
        self._graph = graph
        self._known = known
        self._counts: dict[CauseKey, _Count] = defaultdict(_Count)
        self.unknown = 0
        """The number of redundant builds without a recorded cause."""
        for redundant in self._by_causes(groups):
            by_key: dict[CauseKey, list[Difference]] = defaultdict(list)
            for difference in redundant.causes.all():
                package, kind, attribute, _, _ = difference
                if concerns(without, package, kind, attribute):
                    continue
                # A provider counts for the virtual, whoever depends on it.
                package = attribute if kind == "provider" else package
                by_key[package, kind, attribute].append(difference)
            self.unknown += 0 if redundant.causes else len(redundant.pairs)
            alone = len({package for package, _, _ in by_key}) == 1
            pair_sizes = [sizes_among(sizes, pair) for pair in redundant.pairs] if sizes else ()
            cost = redundant_bytes(pair_sizes).get("redundant_bytes")
            for key, differences in by_key.items():
                self._counts[key].add(differences, redundant, cost, alone=alone)

    def _by_causes(self, groups: Sequence[Sequence[Handle]]) -> Iterable["_Redundant"]:
        """The redundant specs; those with the same ``CauseSet`` together, to count it once."""
        found: dict[int, _Redundant] = {}
        for group, pair, causes in self._nearest(groups):
            redundant = found.get(id(causes))
            if redundant is None:
                redundant = found[id(causes)] = _Redundant(causes, [], [])
            redundant.groups.append(group)
            redundant.pairs.append(pair)
        return found.values()

    def _nearest(self, groups: Sequence[Sequence[Handle]]) -> Iterator[tuple[int, Pair, CauseSet]]:
        """The group, nearest earlier spec and causes of each redundant spec."""
        # Most groups are of two, of which there is one pair.
        two = [(number, (*group,)) for number, group in enumerate(groups) if len(group) == 2]  # noqa: PLR2004
        several = [
            (number, [(other, spec) for other in group[max(0, place - _COMPARED) : place]])
            for number, group in enumerate(groups)
            if len(group) > 2  # noqa: PLR2004
            for place, spec in enumerate(group[1:], 1)
        ]
        pairs: list[Pair] = [pair for _, pair in two]
        pairs += chain.from_iterable([some for _, some in several])
        causes = iter(root_causes_for(self._graph, len(pairs), self._known).of(pairs))
        for (number, _), pair, found in zip(two, pairs, causes, strict=False):
            yield number, pair, found
        for number, some in several:
            compared = [(next(causes), pair) for pair in some]
            # Two specs without a recorded cause may differ in anything: they are not near.
            fewest, pair = min(compared, key=lambda one: len(one[0]) or inf)
            yield number, pair, fewest

    def note_unrecorded(self, groups: Iterable[Iterable[Handle]]) -> list[str]:
        """A note on near-duplicates whose dependencies are not recorded, if there are any."""
        specs = sorted(chain.from_iterable(groups))
        (formats,) = self._graph.tokens(SPEC, specs, ("specfile_version",))
        number = len(specs) - sum(map(bool, formats))
        note = f"the dependencies of {number} of the near-duplicates are not recorded"
        return [f"{note}: their causes are unknown"] if number else []

    def specs(self) -> dict[CauseKey, set[Handle]]:
        """The near-duplicates of each cause."""
        return {key: counted.specs for key, counted in self._counts.items()}

    def rows(self, selection: Sequence[StackSelection]) -> list[RankedCause]:
        """The causes with the stacks that hold near-duplicates of them, the most costly first."""
        rows = [counted.row(key, selection) for key, counted in self._counts.items()]
        rows.sort(key=_by_cost)
        keys = [(row["package"], row["kind"], row["attribute"]) for row in rows]
        leads = leading_causes((key, key[0], self._counts[key].specs) for key in keys)
        for key, row in zip(keys, rows, strict=True):
            if key in leads:
                _, kind, attribute = leads[key]
                row["comes_with"] = {"kind": kind, "attribute": attribute}
        return rows


class _Redundant(NamedTuple):
    """Redundant specs of equal causes: the group of each, and the pair that was compared."""

    causes: CauseSet
    groups: list[int]
    pairs: list[Pair]


class _Count:
    """The redundant builds of one cause."""

    def __init__(self) -> None:
        self.values: set[str] = set()
        self.groups: set[int] = set()
        self.specs: set[Handle] = set()
        self.redundant = 0
        self.alone = 0
        self.bytes: int | None = None

    def add(
        self,
        differences: list[Difference],
        redundant: _Redundant,
        cost: int | None,
        *,
        alone: bool,
    ) -> None:
        """Counts redundant specs and their bytes; ``alone`` if no other package differs."""
        if cost is not None:
            self.bytes = (self.bytes or 0) + cost
        for difference in differences:
            self.values.update(value for value in difference[3:] if value is not None)
        self.groups.update(redundant.groups)
        self.specs.update(chain.from_iterable(redundant.pairs))
        self.redundant += len(redundant.pairs)
        self.alone += len(redundant.pairs) if alone else 0

    def row(self, key: CauseKey, selection: Sequence[StackSelection]) -> RankedCause:
        package, kind, attribute = key
        row: RankedCause = {
            "package": package,
            "kind": kind,
            "attribute": attribute,
            "values": sorted(self.values),
            "groups": len(self.groups),
            "redundant": self.redundant,
            "alone": self.alone,
            "stacks": sorted(one.key for one in selection if not one.specs.isdisjoint(self.specs)),
        }
        if self.bytes is not None:
            row["bytes"] = self.bytes
        return row


def _by_cost(row: RankedCause) -> tuple[int, int, str, int, str]:
    kind = KINDS.index(row["kind"])
    return -row["redundant"], -row["alone"], row["package"], kind, row["attribute"]


def add_roots(
    graph: SpecGraph,
    selection: Iterable[StackSelection],
    rows: list[RankedCause],
    specs: Mapping[CauseKey, set[Handle]],
) -> None:
    """Adds to the rows of causes the packages of the roots that depend on near-duplicates of them.

    Adds nothing where the roots need more than 50,000 specs: it would take as long as the causes.
    """
    roots = {root for one in selection for root in one.roots & one.all_specs}
    needed = {*roots}
    for level in graph.breadth_first(DEPENDS_ON, roots):
        needed |= level
        if len(needed) > _MANY_SPECS:
            return
    order = sorted(needed)
    ends = (ends for ends, _ in graph.adjacent(DEPENDS_ON, order))
    dependencies = dict(zip(order, ends, strict=True))
    # The causes of each spec and of all below it, as a bit for each row.
    bits: dict[Handle, int] = defaultdict(int)
    for place, row in enumerate(rows):
        for spec in specs[row["package"], row["kind"], row["attribute"]]:
            bits[spec] |= 1 << place
    for spec in children_first(dependencies):
        bits[spec] = reduce(or_, map(bits.__getitem__, dependencies[spec]), bits[spec])
    named = graph.values(SPEC, roots, ("package",))
    by_package: dict[str, int] = defaultdict(int)
    for root, (package,) in zip(roots, named, strict=True):
        by_package[package or "?"] |= bits[root]
    for place, row in enumerate(rows):
        row["roots"] = sorted(name for name, some in by_package.items() if some >> place & 1)

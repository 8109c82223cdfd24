"""The root causes of near-duplicates, ranked by the builds that they make redundant."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from itertools import chain, count
from operator import or_
from typing import Any, NamedTuple, NotRequired, TypedDict

from cachegraph.analysis.comparison.differences import KINDS, Difference
from cachegraph.analysis.comparison.edges import Pair
from cachegraph.analysis.comparison.root_causes import CauseSet, RootCauses
from cachegraph.analysis.dependencies.traversal import children_first
from cachegraph.analysis.selection.stacks import StackSelection
from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.schema import DEPENDS_ON, SPEC

# In a large group a spec is held against so many of the others: the nearest is as near as that.
_OTHERS = 12
MANY = 50_000
Key = tuple[str, str, str]


class RankedCause(TypedDict):
    """A property in which near-duplicates, or their dependencies, differ.

    ``redundant`` is the number of builds that it makes redundant, ``alone`` the number of those in
    which nothing but this package differs. For a provider ``package`` is the virtual. ``roots`` are
    the packages of roots that need one of the specs; very large graphs have none.
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


def near_duplicates(graph: SpecGraph, specs: Iterable[Handle]) -> list[list[Handle]]:
    """The groups of specs that look alike, each in the order of its hashes."""
    members = [*specs]
    (looks,) = graph.tokens(SPEC, members, ("alike",))
    several = {look for look, count in Counter(looks).items() if count > 1 and look}
    groups: dict[Any, list[Handle]] = defaultdict(list)
    for look, spec in zip(looks, members, strict=True):
        if look in several:
            groups[look].append(spec)
    # Which of two comes first does not matter.
    large = [spec for group in groups.values() if len(group) > 2 for spec in group]  # noqa: PLR2004
    hashes = graph.values(SPEC, large, ("hash",))
    first = {spec: hash_ for spec, (hash_,) in zip(large, hashes, strict=True)}
    found = [sorted(group, key=lambda spec: first.get(spec, "")) for group in groups.values()]
    # What was built by one compiler needs the same, which is quicker to look at together.
    (compilers,) = graph.tokens(SPEC, [group[0] for group in found], ("compiler",))
    places = dict(zip({*compilers}, count(), strict=False))
    by_compiler = sorted(zip(map(places.__getitem__, compilers), count(), found, strict=False))
    return [group for _, _, group in by_compiler]


class RankedCauses:
    """The causes of groups of look-alikes: in each all specs but the first are redundant."""

    def __init__(self, graph: SpecGraph, groups: Sequence[Sequence[Handle]]) -> None:
        self._causes = RootCauses(graph)
        counted: dict[int, _Counted] = {}
        for group, pair, found in self._nearest(groups):
            counts = counted.get(id(found)) or counted.setdefault(
                id(found), _Counted(found, [], [])
            )
            counts.groups.append(group)
            counts.pairs.append(pair)
        self._rows: dict[Key, _Row] = defaultdict(_Row)
        self.unknown = 0
        """How many redundant builds have no cause that is recorded."""
        for counts in counted.values():
            causes: dict[Key, list[Difference]] = defaultdict(list)
            for difference in counts.found.all():
                causes[key(difference)].append(difference)
            self.unknown += 0 if causes else len(counts.groups)
            alone = len({package for package, _, _ in causes}) == 1
            for of, differences in causes.items():
                self._rows[of].add(differences, counts, alone=alone)

    def _nearest(self, groups: Sequence[Sequence[Handle]]) -> Iterable[tuple[int, Pair, CauseSet]]:
        """Of each redundant spec the earlier one that it differs from the least, and in what."""
        pairs = [
            [(other, spec) for other in group[max(0, place - _OTHERS) : place]]
            for group in groups
            for place, spec in enumerate(group)
            if place
        ]
        numbers = [number for number, group in enumerate(groups) for _ in group[1:]]
        found = iter(self._causes.of(chain.from_iterable(pairs)))
        for number, several in zip(numbers, pairs, strict=True):
            if len(several) == 1:
                yield number, several[0], next(found)
                continue
            each = [(next(found), pair) for pair in several]
            causes, pair = min(each, key=lambda one: len(one[0]) or len(KINDS) ** 3)
            yield number, pair, causes

    def note_unrecorded(self, groups: Iterable[Iterable[Handle]]) -> list[str]:
        """What has to be said of near-duplicates whose dependencies are not recorded."""
        described = self._causes.known.is_described
        count = sum(not described(spec) for spec in chain.from_iterable(groups))
        told = f"no dependencies are recorded of {count} of the near-duplicates: why these differ "
        return [f"{told}cannot be known"] if count else []

    def ranked(self) -> list[Key]:
        """Package, kind and attribute of each cause, the most costly first."""
        rows = {of: row.row(*of, ()) for of, row in self._rows.items()}
        return sorted(rows, key=lambda of: _cost(rows[of]))

    def specs(self) -> dict[Key, set[Handle]]:
        """The near-duplicates of each cause."""
        return {of: row.specs for of, row in self._rows.items()}

    def rows(self, chosen: Sequence[StackSelection]) -> list[RankedCause]:
        """The causes, the most costly first."""
        rows = [row.row(*of, chosen) for of, row in self._rows.items()]
        rows.sort(key=_cost)
        return rows


class _Counted(NamedTuple):
    """The same causes, and what they make redundant."""

    found: CauseSet
    groups: list[int]
    pairs: list[Pair]


def add_roots(
    graph: SpecGraph,
    chosen: Iterable[StackSelection],
    rows: list[RankedCause],
    specs: Mapping[Key, set[Handle]],
) -> None:
    """Adds to the rows of causes the packages of the roots that need their near-duplicates.

    Of more specs than ``MANY`` it adds nothing: it takes as long as all the rest.
    """
    roots = {root for one in chosen for root in one.roots & one.all_specs}
    needed = {*roots}
    for level in graph.breadth_first(DEPENDS_ON, roots):
        needed |= level
        if len(needed) > MANY:
            return
    order = sorted(needed)
    edges = dict(zip(order, (ends for ends, _ in graph.adjacent(DEPENDS_ON, order)), strict=True))
    marks: dict[Handle, int] = defaultdict(int)
    for place, row in enumerate(rows):
        for spec in specs[row["package"], row["kind"], row["attribute"]]:
            marks[spec] |= 1 << place
    for spec in children_first(edges):
        marks[spec] = reduce(or_, map(marks.__getitem__, edges[spec]), marks[spec])
    named = graph.values(SPEC, roots, ("package",))
    packages = {root: package or "?" for root, (package,) in zip(roots, named, strict=True)}
    for place, row in enumerate(rows):
        row["roots"] = sorted({packages[root] for root in roots if marks[root] >> place & 1})


def key(difference: Difference) -> Key:
    """What a difference is counted under: of a provider whatever it provides, whoever needs it."""
    package, kind, attribute, _, _ = difference
    return (attribute if kind == "provider" else package), kind, attribute


def _cost(row: RankedCause) -> tuple[int, int, str, int, str]:
    kind = KINDS.index(row["kind"])
    return -row["redundant"], -row["alone"], row["package"], kind, row["attribute"]


class _Row:
    """One cause, and what it makes redundant."""

    def __init__(self) -> None:
        self.values: set[str] = set()
        self.groups: set[int] = set()
        self.specs: set[Handle] = set()
        self.redundant = 0
        self.alone = 0

    def add(self, differences: list[Difference], counted: _Counted, *, alone: bool) -> None:
        """Counts the specs that this cause makes redundant, with its package alone or others."""
        for difference in differences:
            self.values.update(value for value in difference[3:] if value is not None)
        self.groups.update(counted.groups)
        self.specs.update(chain.from_iterable(counted.pairs))
        self.redundant += len(counted.pairs)
        self.alone += len(counted.pairs) if alone else 0

    def row(
        self, package: str, kind: str, attribute: str, chosen: Sequence[StackSelection]
    ) -> RankedCause:
        """The row of an answer."""
        return {
            "package": package,
            "kind": kind,
            "attribute": attribute,
            "values": sorted(self.values),
            "groups": len(self.groups),
            "redundant": self.redundant,
            "alone": self.alone,
            "stacks": sorted(one.key for one in chosen if not one.specs.isdisjoint(self.specs)),
        }

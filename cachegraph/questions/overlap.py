"""What stacks share at each level, and what keeps the rest apart."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence, Set
from functools import reduce
from itertools import compress, count
from operator import and_, or_
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

from cachegraph.analysis.comparison.intersections import StackIntersection, intersections_of
from cachegraph.analysis.comparison.levels import LEVELS, jaccard
from cachegraph.analysis.rows import Notes, SpecRow, StackSize, row_order, spec_row, spec_rows
from cachegraph.analysis.selection.stacks import notes
from cachegraph.errors import UsageError
from cachegraph.model.graph import CypherGraph, Handle, Members, SpecGraph
from cachegraph.model.schema import DEPENDS_ON, SPEC, STACK
from cachegraph.output.tables import (
    Cell,
    Table,
    counted,
    spec_table,
    stacks_table,
    table_of,
)
from cachegraph.questions.parameters import IN, Argument, Selected, StackQuestion

if TYPE_CHECKING:
    from cachegraph.analysis.comparison.ranked_causes import RankedCause

    # The levels, intersections, shared specs, unshared versions and causes, in any order where the
    # answer has one. Evaluated, the annotation would take a millisecond.
    _Found = tuple[
        Mapping[str, tuple[int, int]],
        list[StackIntersection],
        list[SpecRow],
        "list[UnsharedVersion]",
        list[RankedCause],
    ]

# What may differ between the specs of a package-version.
_ATTRIBUTES = ("compiler", "os", "target", "variants")
_MOST_CAUSES = 10


class LevelOverlap(TypedDict):
    """How much all stacks share when specs that are equal at a level count as one."""

    shared: int
    union: int
    jaccard: float


class UnsharedVersion(TypedDict):
    """A package-version that all stacks hold, but in no common spec.

    ``differs`` lists the attributes of which no value is common to all stacks. When it is empty, a
    combination of attributes, the dependencies or the recipe differ.
    """

    package: str
    version: str
    differs: list[str]


class OverlapAnswer(Notes):
    """The answer of ``overlap``; ``causes`` are those of specs that are alike but not shared.

    The sums of all ``intersections`` are the specs of the stacks, the largest comes first.
    """

    question: str
    stacks: list[StackSize]
    levels: dict[str, LevelOverlap]
    intersections: list[StackIntersection]
    shared: list[SpecRow]
    apart: list[UnsharedVersion]
    apart_by: dict[str, int]
    causes: list["RankedCause"]


class Overlap(StackQuestion[OverlapAnswer]):
    """Show what stacks share at each level, and what keeps the rest apart.

    Specs are equal by hash (the same binary), alike (all but dependencies and recipe), spec
    (package, version, variants), version (package, version) or package; equal specs count as one.
    Then come the shared specs, the package-versions that all stacks hold without a shared spec,
    with what differs, and the root causes of specs that are alike but not shared. The JSON also
    has how many specs exactly which of the stacks hold.

    Examples:
      cachegraph overlap e4s ml-linux-x86_64-cpu
      cachegraph overlap gcc-cpu e4s-24.11/gcc-cuda
    """

    stacks: Annotated[Sequence[str], Argument("STACK STACK...", STACK, option=IN)] = ()

    def select(self, graph: SpecGraph) -> Selected:
        selection = super().select(graph) if self.is_narrowed else []
        if len(selection) < max(2, len(self.stacks)):
            found = ", ".join(one.key for one in selection)
            alone = f", not {found} alone" if found else ": none is named"
            raise UsageError(
                f"overlap compares two or more different stacks{alone}",
                "list them: cachegraph stacks",
            )
        return selection

    def walk(self, graph: SpecGraph, selection: Selected) -> OverlapAnswer:
        numbers: Mapping[Hashable, int] = defaultdict(count().__next__)
        sides = [_Side(graph, one.specs, numbers) for one in selection]
        shared = reduce(and_, (side.specs for side in sides))
        levels = {}
        for name in LEVELS:
            tokens = [side.tokens[name] for side in sides]
            levels[name] = _counts(tokens)
        sizes = [one.size() for one in selection]
        apart = _unshared_versions(graph, sides, shared)
        causes = _causes(graph, selection, [side.alike for side in sides], shared)
        found = levels, intersections_of(selection), spec_rows(graph, shared), apart, causes
        return _answer(selection, sizes, found)

    def cypher(self, graph: CypherGraph, selection: Selected) -> OverlapAnswer:
        (row,) = graph.rows("overlap", {"stacks": [one.key for one in selection]})
        by_key = dict(zip((one["key"] for one in row["stacks"]), row["sizes"], strict=True))
        sizes: list[StackSize] = [{"key": one.key, "specs": by_key[one.key]} for one in selection]
        levels = dict.fromkeys(LEVELS, (0, 0))
        levels |= {level["level"]: (level["shared"], level["union"]) for level in row["levels"]}
        alike = len({spec.get("alike") for spec in row["shared"]})
        causes = _causes_in(graph, selection) if levels["alike"][0] > alike else []
        # A server has an order of its own for the keys of a map.
        intersections: list[StackIntersection] = [
            {"stacks": one["stacks"], "specs": one["specs"]} for one in row["intersections"]
        ]
        shared = sorted(map(spec_row, row["shared"]), key=row_order)
        apart = [*map(_unshared_version, row["apart"])]
        return _answer(selection, sizes, (levels, intersections, shared, apart, causes))

    def fits_cypher(self, selection: Selected) -> bool:
        # overlap.cypher leaves out no packages.
        return not self.ignore_runtime and super().fits_cypher(selection)

    exit_code = "Exit with 1 when a spec is shared."
    found_in = "shared"

    sections = ("stacks", "levels", "shared", "apart", "causes")
    main_section = "levels"

    def tables(self, answer: OverlapAnswer) -> Iterator[Table]:
        yield stacks_table(answer["stacks"])
        levels = [(name, *level.values()) for name, level in answer["levels"].items()]
        yield Table("levels", ("equal by", "shared", "of", "jaccard"), levels)
        shared = answer["shared"]
        note = counted(len(shared), "shared spec") if shared else "No spec is shared."
        yield spec_table("shared", shared, note)
        hidden = "no single attribute: a combination, dependencies or recipe"
        apart = answer["apart"]
        by = ", ".join(f"{name} {number}" for name, number in answer["apart_by"].items())
        versions = counted(len(apart), "package-version")
        note = f"{versions} in all stacks without a shared spec; apart by {by}"
        cells: dict[str, Cell] = {"differs": lambda row: ", ".join(row["differs"]) or hidden}
        yield table_of("apart", ("package", "version", "differs"), apart, note, **cells)
        if answer["causes"]:
            from cachegraph.output.cause_tables import ranked_causes_table

            note = "Causes of specs that look alike but are not shared"
            yield ranked_causes_table(answer, note)


def _answer(selection: Selected, stacks: list[StackSize], found: "_Found") -> OverlapAnswer:
    levels, intersections, shared, apart, causes = found
    intersections.sort(key=lambda row: (-row["specs"], row["stacks"]))
    apart.sort(key=lambda row: (row["package"], row["version"] or ""))
    return {
        "question": "overlap",
        "stacks": stacks,
        "levels": {
            name: {"shared": both, "union": union, "jaccard": jaccard(both, union)}
            for name, (both, union) in levels.items()
        },
        "intersections": intersections,
        "shared": shared,
        "apart": apart,
        "apart_by": {name: sum(name in row["differs"] for row in apart) for name in _ATTRIBUTES},
        "causes": causes,
        **notes(selection),
    }


def _counts(sets: Sequence[Set[Any]]) -> tuple[int, int]:
    """How many members all sets have, and how many any of them has."""
    shared = len(reduce(and_, sets))
    if len(sets) == 2:  # noqa: PLR2004  # no union is made of two
        return shared, sum(map(len, sets)) - shared
    return shared, len(reduce(or_, sets))


class _Side:
    """The specs of one stack and their tokens, read once.

    ``numbers`` gives every new package-version the next number: numbers are cheaper to compare
    than tuples, and are compared a lot.
    """

    def __init__(self, graph: SpecGraph, specs: Members, numbers: Mapping[Hashable, int]) -> None:
        self.specs = specs
        self.described: Collection[Handle] = specs
        names = ("package", "version", "variants", "alike")
        *columns, self.alike = graph.tokens(SPEC, specs, names)
        if not all(columns[0]):
            # A spec of an unknown package equals no other.
            self.described = [*compress(specs, columns[0])]
            columns = [[*compress(column, columns[0])] for column in columns]
        packages, versions, variants = columns
        self.versions = [numbers[pair] for pair in zip(packages, versions, strict=True)]
        self.tokens: dict[str, Set[Hashable]] = {
            "hash": specs,
            "alike": {*filter(None, self.alike)},
            "spec": {*zip(self.versions, variants, strict=True)},
            "version": {*self.versions},
            "package": {*packages},
        }

    def specs_of(self, versions: Set[Hashable]) -> dict[Handle, int]:
        """The specs of these package-versions, each with the number of its own."""
        pairs = zip(self.described, self.versions, strict=True)
        return {spec: version for spec, version in pairs if version in versions}


def _unshared_versions(
    graph: SpecGraph, sides: Sequence[_Side], shared: Members
) -> list[UnsharedVersion]:
    """The package-versions that all sides have but in no shared spec."""
    versions = reduce(and_, (side.tokens["version"] for side in sides))
    versions -= {*compress(sides[0].versions, map({*shared}.__contains__, sides[0].described))}
    specs = [side.specs_of(versions) for side in sides]
    agreeing = _versions_that_agree(graph, specs)
    # In the order of the graph's own handles, which is the cheapest to look up.
    samples = {version: spec for spec, version in specs[-1].items()}
    ordered = sorted(samples, key=samples.__getitem__)
    named = graph.values(SPEC, map(samples.__getitem__, ordered), LEVELS["version"])
    rows: list[UnsharedVersion] = []
    for version, (package, text) in zip(ordered, named, strict=True):
        differs = [name for name in _ATTRIBUTES if version not in agreeing[name]]
        rows.append({"package": package, "version": text, "differs": differs})
    return rows


def _unshared_version(row: Mapping[str, Any]) -> UnsharedVersion:
    """The same from a row of overlap.cypher, which compares other properties as well."""
    differs = [name for name in _ATTRIBUTES if name in row["differs"]]
    return {"package": row["package"], "version": row["version"], "differs": differs}


def _versions_that_agree(
    graph: SpecGraph, sides: Sequence[Mapping[Handle, int]]
) -> dict[str, Set[int]]:
    """For each attribute the package-versions of which all sides have a value in common."""
    common: list[set[tuple[int, Hashable]]] = []
    for specs in sides:
        columns = graph.tokens(SPEC, specs, _ATTRIBUTES)
        values = [{*zip(specs.values(), column, strict=True)} for column in columns]
        common = [old & new for old, new in zip(common, values, strict=True)] if common else values
    agreeing = [{version for version, _ in pairs} for pairs in common]
    return dict(zip(_ATTRIBUTES, agreeing, strict=True))


def _causes_in(graph: SpecGraph, selection: Selected) -> "list[RankedCause]":
    """The causes, of which a graph without dependencies has none."""
    if not graph.count(DEPENDS_ON):
        return []
    alike = [graph.tokens(SPEC, one.specs, ("alike",))[0] for one in selection]
    return _causes(graph, selection, alike, reduce(and_, (one.specs for one in selection)))


def _causes(
    graph: SpecGraph, selection: Selected, alike: Sequence[Sequence[Any]], shared: Members
) -> "list[RankedCause]":
    """The most costly causes of near-duplicates that all stacks hold and of which none is shared.

    ``alike`` are the tokens of each stack's specs, in their order.
    """
    unshared = {*alike[0]}.intersection(*alike[1:]) - {0, None}
    if shared:
        unshared.difference_update(*graph.tokens(SPEC, shared, ("alike",)))
    if not unshared:
        return []
    specs: set[Handle] = set()
    for one, tokens in zip(selection, alike, strict=True):
        specs.update(compress(one.specs, map(unshared.__contains__, tokens)))
    (described,) = graph.tokens(SPEC, specs, ("specfile_version",))
    if not any(described):
        return []
    from cachegraph.analysis.comparison.ranked_causes import RankedCauses, near_duplicate_groups

    groups = near_duplicate_groups(graph, specs)
    without = {package for one in selection for package in one.excluded}
    return RankedCauses(graph, groups, without=without).rows(selection)[:_MOST_CAUSES]

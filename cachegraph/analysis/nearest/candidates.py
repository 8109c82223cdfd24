"""The binaries that there are of packages, in order of how near they are to what is wanted."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, NamedTuple

from cachegraph.analysis.dependencies.traversal import with_dependencies
from cachegraph.analysis.nearest.nearness import Arch, Nearness, Wanted, nearness
from cachegraph.analysis.rows import keys_of, rows
from cachegraph.analysis.selection.lookup import check_package, first_few
from cachegraph.analysis.selection.stacks import StackSelection, of_packages
from cachegraph.model.graph import Handle, SpecGraph, relationships
from cachegraph.model.schema import DEPENDS_ON, IN_STACK, OF_PACKAGE, SPEC, STACK

if TYPE_CHECKING:
    from cachegraph.syntax import DependencyPattern, Pattern, Variant

_KNOWN = (SPEC.key.name, *(p.name for p in SPEC.properties))


class Candidate(NamedTuple):
    """A binary that there is: its properties, the stacks that hold it, and what it needs not."""

    row: Mapping[str, Any]
    stacks: list[str]
    lacking: "tuple[DependencyPattern | Variant, ...]" = ()


def candidates(
    graph: SpecGraph,
    chosen: list[StackSelection],
    packages: list[str],
    pattern: "Pattern | None" = None,
) -> list[Candidate]:
    """The specs of packages that stacks hold; of what a pattern wants as well, what they lack."""
    of = of_packages(graph, packages)
    held = {one.key: one.specs & of for one in chosen}
    specs = [*reduce(or_, held.values(), frozenset[Handle]())]
    stacks: dict[Handle, list[str]] = defaultdict(list)
    for key in sorted(held):
        for spec in held[key]:
            stacks[spec].append(key)
    lacking = _lacking(graph, pattern, specs) if pattern is not None else {}
    return [
        Candidate(row, stacks[spec], tuple(lacking.get(spec, ())))
        for spec, row in zip(specs, rows(graph, SPEC, specs, _KNOWN), strict=True)
    ]


def _lacking(
    graph: SpecGraph, pattern: "Pattern", specs: list[Handle]
) -> "Mapping[Handle, list[DependencyPattern | Variant]]":
    """The dependencies that a pattern wants, and their variants, for each spec without them."""
    if pattern.is_without_dependencies:
        return {}
    from cachegraph.analysis.selection.specs import filter_dependencies

    lacking: dict[Handle, list[DependencyPattern | Variant]] = defaultdict(list)
    bare = pattern._replace(direct=(), dependencies=(), variants=())
    asked: list[tuple[DependencyPattern | Variant, Pattern]] = [
        *((needs, bare._replace(direct=(needs,))) for needs in pattern.direct),
        *((needs, bare._replace(dependencies=(needs,))) for needs in pattern.dependencies),
        *((one, bare._replace(variants=(one,))) for one in pattern.variants if one.propagated),
    ]
    for what, alone in asked:
        for spec in {*specs} - {*filter_dependencies(graph, alone, frozenset(specs))}:
            lacking[spec].append(what)
    return lacking


def ranked(
    wanted: Wanted, arch: Arch, candidates: Iterable[Candidate]
) -> list[tuple[int, Nearness, Candidate]]:
    """The candidates, nearest first, the newest of those that are equally near; with their rank."""
    from cachegraph.syntax.versions import parse_version

    found = [
        (nearness(wanted, arch, one.row, one.lacking), one)
        for one in candidates
        if not one.row.get("external")
    ]
    found.sort(key=lambda pair: str(pair[1].row["hash"]))
    found.sort(key=lambda pair: parse_version(pair[1].row.get("version") or ""), reverse=True)
    found.sort(key=lambda pair: pair[0].order)
    ranks: dict[Any, int] = {}
    return [(ranks.setdefault(near.order, len(ranks) + 1), near, one) for near, one in found]


def instead(
    graph: SpecGraph, hash_: str, needs: "DependencyPattern", *, direct: bool
) -> str | None:
    """What a spec has by the name of a dependency, or for a virtual package of that name."""
    spec = graph.find(SPEC, hash_)
    wanted = {needs.pattern.name, *needs.virtuals} - {None}
    names: set[str] = set()
    edges = [
        *relationships(graph, DEPENDS_ON, [spec] if direct else with_dependencies(graph, [spec]))
    ]
    known = graph.values(SPEC, [end for _, end, _ in edges], ("package", "version"))
    for (_, _, (_, virtuals)), (package, version) in zip(edges, known, strict=True):
        if wanted & {package, *(virtuals or ())}:
            names.add(f"{package}@{version}")
    return ", ".join(sorted(names)) or None


def nowhere(graph: SpecGraph, package: str, *, externals: bool) -> str:
    """A note on a package of which the chosen stacks have no binary: which others hold it."""
    if externals:
        return f"the chosen stacks know {package} as an external, which is no binary"
    specs = graph.starts_of(OF_PACKAGE, check_package(graph, package))
    keys = keys_of(graph, STACK, graph.ends_of(IN_STACK, specs))
    if not keys:
        return f"no stack holds {package}"
    return f"no chosen stack holds {package}; these do: {first_few(keys)}"

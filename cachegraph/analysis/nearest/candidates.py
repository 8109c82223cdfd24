"""The binaries of packages that stacks hold, ranked by how near they are to a wanted spec."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cachegraph.analysis.dependencies.traversal import with_dependencies
from cachegraph.analysis.nearest.nearness import Arch, Mismatch, Nearness, nearness
from cachegraph.analysis.rows import keys_of, rows
from cachegraph.analysis.selection.lookup import first_few
from cachegraph.analysis.selection.specs import filter_dependencies
from cachegraph.analysis.selection.stacks import StackSelection
from cachegraph.model.graph import Handle, Members, SpecGraph, relationships
from cachegraph.model.schema import DEPENDS_ON, IN_STACK, SPEC, STACK

if TYPE_CHECKING:
    from cachegraph.syntax import DependencyPattern, Pattern, Variant

_PROPERTIES = (SPEC.key.name, *(p.name for p in SPEC.properties))


class Candidate(NamedTuple):
    """A spec that stacks hold, and the parts of a pattern that its dependencies lack."""

    row: Mapping[str, Any]
    """Its properties."""
    stacks: list[str]
    unmet: "tuple[DependencyPattern | Variant, ...]" = ()


class RankedCandidate(NamedTuple):
    """A candidate and how near it is; those that are equally near have the same rank."""

    rank: int
    nearness: Nearness
    candidate: Candidate


def candidates(
    graph: SpecGraph,
    stacks: Iterable[StackSelection],
    wanted: Members,
    pattern: "Pattern | None" = None,
) -> list[Candidate]:
    """Those specs that stacks hold, with what they lack of a pattern's dependencies."""
    keys: dict[Handle, list[str]] = defaultdict(list)
    for one in sorted(stacks, key=lambda one: one.key):
        for spec in one.specs & wanted:
            keys[spec].append(one.key)
    specs = [*keys]
    unmet = _unmet(graph, pattern, specs) if pattern is not None else {}
    return [
        Candidate(row, keys[spec], tuple(unmet.get(spec, ())))
        for spec, row in zip(specs, rows(graph, SPEC, specs, _PROPERTIES), strict=True)
    ]


def _unmet(
    graph: SpecGraph, pattern: "Pattern", specs: list[Handle]
) -> "Mapping[Handle, Sequence[DependencyPattern | Variant]]":
    """For each spec the dependencies, and propagated variants, of the pattern that it lacks."""
    unmet: dict[Handle, list[DependencyPattern | Variant]] = defaultdict(list)
    rest = pattern._replace(direct=(), dependencies=(), variants=())
    for field in ("direct", "dependencies", "variants"):
        for part in getattr(pattern, field):
            if field != "variants" or part.propagated:
                changes: Any = {field: (part,)}
                alone = rest._replace(**changes)
                for spec in {*specs} - {*filter_dependencies(graph, alone, frozenset(specs))}:
                    unmet[spec].append(part)
    return unmet


def rank(
    mismatches: Callable[[Candidate], Iterable[Mismatch]],
    arch: Arch,
    candidates: Iterable[Candidate],
) -> list[RankedCandidate]:
    """The candidates but for externals, the nearest first, of equally near ones the newest."""
    from cachegraph.syntax.versions import parse_version

    near = [
        (nearness(mismatches(one), arch, one.row), one)
        for one in candidates
        if not one.row.get("external")
    ]
    near.sort(key=lambda pair: pair[1].row["hash"])
    near.sort(key=lambda pair: parse_version(pair[1].row.get("version") or ""), reverse=True)
    near.sort(key=lambda pair: pair[0].order)
    ranks: dict[Any, int] = {}
    return [
        RankedCandidate(ranks.setdefault(how_near.order, len(ranks) + 1), how_near, one)
        for how_near, one in near
    ]


def substitutes(
    graph: SpecGraph, hash_: str, needs: "DependencyPattern", *, direct: bool
) -> str | None:
    """The dependency that a spec has in place of a needed one, as package@version, or None."""
    spec = graph.find(SPEC, hash_)
    wanted = {needs.pattern.name, *needs.virtuals} - {None}
    starts = [spec] if direct else with_dependencies(graph, [spec])
    edges = [*relationships(graph, DEPENDS_ON, starts)]
    names: set[str] = set()
    known = graph.values(SPEC, [end for _, end, _ in edges], ("package", "version"))
    for (_, _, (_, virtuals)), (package, version) in zip(edges, known, strict=True):
        if wanted & {package, *(virtuals or ())}:
            names.add(f"{package}@{version}")
    return ", ".join(sorted(names)) or None


def note_no_binary(graph: SpecGraph, package: str, specs: Members, *, externals: bool) -> str:
    """A note on a package of which the stacks hold no binary: an external, or where one is."""
    if externals:
        return f"these stacks have {package} only as an external, not as a binary"
    keys = keys_of(graph, STACK, graph.ends_of(IN_STACK, specs))
    if not keys:
        return f"no stack holds {package}"
    return f"none of the stacks holds {package}; these do: {first_few(keys)}"

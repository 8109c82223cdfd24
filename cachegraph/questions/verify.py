"""Whether the sources' bytes give the DAG hashes, and what contradicts or is missing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, NotRequired, TypedDict

from cachegraph.analysis.dependencies.traversal import children_first, with_dependencies
from cachegraph.analysis.rows import key_of, rows
from cachegraph.analysis.source_hashes import Record, SourceHashes
from cachegraph.model.graph import CypherGraph, Handle, SpecGraph
from cachegraph.model.schema import DEPENDS_ON, RECORDED_IN, ROOT_OF, SOURCE, SPEC, STACK
from cachegraph.output.tables import Cell, Table, counted, hash_cell, hashes_cell, table_of
from cachegraph.questions import Question

_SOURCE = ("location", "format", "format_version")
_SPEC = ("hash", "package", "version")
_COUNTS = ("specs", "equal", "different", "unknown", "dangling", "conflicts")
# Problems are sorted by these, so that their order is the same on every store.
_ORDER = ("kind", "location", "reason", "package", "version", "hash", "missing", "stack", "hashes")
Dangling = Sequence[tuple[Handle, Set[Handle]]]
"""Each stub, with the specs that depend on it."""


class VerifiedSource(TypedDict):
    """How many specs of a source have the DAG hash that its bytes give.

    ``equal``, ``different`` and ``unknown`` add up to ``specs``; ``reasons`` counts the different
    ones by reason. ``dangling`` counts dependencies on specs that no source describes.
    """

    location: str
    format: str
    format_version: str
    specs: int
    equal: int
    different: int
    unknown: int
    dangling: int
    conflicts: int
    reasons: dict[str, int]


class Problem(TypedDict):
    """Something wrong: of kind ``hash``, ``dangling``, ``conflict``, ``cycle`` or ``index``."""

    kind: str
    location: NotRequired[str]
    stack: NotRequired[str]
    hash: NotRequired[str]
    package: NotRequired[str]
    version: NotRequired[str]
    reason: NotRequired[str]
    recomputed: NotRequired[str]
    missing: NotRequired[str]
    differs: NotRequired[list[str]]
    hashes: NotRequired[list[str]]


class VerifyAnswer(TypedDict):
    """The answer of ``verify``: the sources by location, and all problems."""

    question: str
    sources: list[VerifiedSource]
    problems: list[Problem]


class Verify(Question[None, VerifyAnswer]):
    """Check every DAG hash against its sources, and the graph for missing specs.

    Counts for each source how many specs have the hash that its bytes give, how many have another
    one and for which reason (external, spliced, carried over from an older format, a test package,
    rewritten by a later Spack, keys sorted), and for how many the source does not hold enough to
    compute it. A node that a later Spack or a tool wrote anew is proved by its earlier form.

    Problems are other hashes without such a reason, dependencies and roots that no source
    describes, dependencies that form a cycle, hashes that sources, or several nodes of one lock
    file, describe differently, and specs that the index of a build cache lacks or has without a
    manifest or spec file. If the file of the store is damaged anywhere, that is an error.

    Examples:
      cachegraph verify --exit-code
    """

    def select(self, graph: SpecGraph) -> None:
        """Nothing: the question is about all sources."""

    def walk(self, graph: SpecGraph, selection: None) -> VerifyAnswer:
        graph.check()
        sources = graph.nodes(SOURCE)
        return _answer(graph, {s: graph.starts_by_properties(RECORDED_IN, s) for s in sources})

    def cypher(self, graph: CypherGraph, selection: None) -> VerifyAnswer:
        """The answer by the records of ``verify.cypher``; only what they point at is read."""
        records: dict[Handle, list[Record]] = {source: [] for source in graph.nodes(SOURCE)}
        for row in graph.rows("verify", {}):
            differs = row["differs"] and tuple(row["differs"])
            values = row["verified"], row["reason"], differs, row["index_fault"]
            records[graph.find(SOURCE, row["source"])].append((values, frozenset(row["specs"])))
        return _answer(graph, records)

    exit_code = "Exit with 1 when there is a problem."
    found_in = "problems"

    sections = ("sources", "problems")
    main_section = "problems"

    def tables(self, answer: VerifyAnswer) -> Iterator[Table]:
        cells: dict[str, Cell] = {
            "why different": lambda row: ", ".join(
                f"{n} {why}" for why, n in row["reasons"].items()
            ),
            "what": _what,
            "where": lambda row: row.get("location", row.get("stack", "")),
        }
        columns: Sequence[str] = ("location", *_COUNTS, "why different")
        yield table_of("sources", columns, answer["sources"], "", **cells)
        columns = ("kind", "hash", "package", "what", "where")
        problems = answer["problems"]
        note = counted(len(problems), "problem") if problems else "No problems."
        yield table_of("problems", columns, problems, note, **cells)


def _answer(graph: SpecGraph, records: Mapping[Handle, Iterable[Record]]) -> VerifyAnswer:
    nodes = [*graph.nodes(SPEC)]
    ((packages),) = graph.tokens(SPEC, nodes, ("package",))
    # Of a stub only the hash is known.
    stubs = {node for node, package in zip(nodes, packages, strict=True) if not package}
    dangling = [(stub, graph.starts_of(DEPENDS_ON, stub)) for stub in stubs]
    known = zip(records.values(), rows(graph, SOURCE, [*records], _SOURCE), strict=True)
    sources: list[VerifiedSource] = []
    problems = [*_dangling_roots(graph, stubs), *_cycles(graph)]
    for recorded, source in sorted(known, key=lambda pair: str(pair[1].get("location", ""))):
        hashes = SourceHashes(graph, recorded)
        sources.append(_source_row(source, hashes, dangling))
        problems += _source_problems(graph, sources[-1]["location"], hashes, dangling)
        problems += _index_problems(graph, sources[-1]["location"], hashes)
    problems.sort(key=lambda problem: [str(problem.get(name, "")) for name in _ORDER])
    return {"question": "verify", "sources": sources, "problems": problems}


def _source_row(
    source: Mapping[str, Any], hashes: SourceHashes, dangling: Dangling
) -> VerifiedSource:
    specs = hashes.specs
    reasons = {reason: len(different) for reason, different in sorted(hashes.different.items())}
    return {
        "location": source.get("location", ""),
        "format": source.get("format", ""),
        "format_version": source.get("format_version", ""),
        "specs": len(specs),
        "equal": len(hashes.equal),
        "different": sum(reasons.values()),
        "unknown": len(hashes.unknown),
        "dangling": sum(len(specs & {*dependents}) for _, dependents in dangling),
        "conflicts": sum(map(len, hashes.conflicts.values())),
        "reasons": reasons,
    }


def _source_problems(
    graph: SpecGraph, location: str, hashes: SourceHashes, dangling: Dangling
) -> Iterator[Problem]:
    """The problems of one source, one for each spec."""
    for reason, recomputed in hashes.refuted():
        for spec, row in _spec_rows(graph, location, recomputed):
            problem: Problem = {"kind": "hash", "reason": reason, **row}
            if given := recomputed[spec]:
                problem["recomputed"] = given
            yield problem
    specs = hashes.specs
    for stub, dependents in dangling:
        missing = key_of(graph, SPEC, stub)
        for _, row in _spec_rows(graph, location, specs & {*dependents}):
            yield {"kind": "dangling", "missing": missing, **row}
    for differs, contradicted in sorted(hashes.conflicts.items()):
        for _, row in _spec_rows(graph, location, contradicted):
            yield {"kind": "conflict", "differs": [*differs], **row}


def _index_problems(graph: SpecGraph, location: str, hashes: SourceHashes) -> Iterator[Problem]:
    """The specs that an index of a build cache lacks, and those that only it has."""
    for reason, faulty in sorted(hashes.index_faults.items()):
        for _, row in _spec_rows(graph, location, faulty):
            yield {"kind": "index", "reason": reason, **row}


def _spec_rows(
    graph: SpecGraph, location: str, specs: Iterable[Handle]
) -> Iterator[tuple[Handle, Problem]]:
    """Each spec with the part of its problem that says which spec of which source it is."""
    nodes = sorted(specs)
    known: list[Any] = rows(graph, SPEC, nodes, _SPEC)
    for node, row in zip(nodes, known, strict=True):
        row["location"] = location
        yield node, row


def _dangling_roots(graph: SpecGraph, stubs: set[Handle]) -> Iterator[Problem]:
    """The roots of stacks that no source describes."""
    for stack in graph.nodes(STACK):
        for root in stubs & {*graph.starts_of(ROOT_OF, stack)}:
            key, missing = key_of(graph, STACK, stack), key_of(graph, SPEC, root)
            yield {"kind": "dangling", "stack": key, "missing": missing}


def _cycles(graph: SpecGraph) -> Iterator[Problem]:
    """The sets of dependencies that form a cycle, which DAG hashes make impossible."""
    specs = [*graph.nodes(SPEC)]
    adjacent = zip(specs, graph.adjacent(DEPENDS_ON, specs), strict=True)
    edges = {spec: ends for spec, (ends, _) in adjacent}
    place = {spec: number for number, spec in enumerate(children_first(edges))}
    # Only in a cycle does a spec come before one that it depends on.
    early = [
        spec
        for spec, ends in edges.items()
        if max(map(place.__getitem__, ends), default=-1) >= place[spec]
    ]
    if not early:
        return
    import networkx as nx

    below = with_dependencies(graph, early)
    part: nx.DiGraph[Handle] = nx.DiGraph((spec, end) for spec in below for end in edges[spec])
    for cycle in nx.strongly_connected_components(part):
        spec = next(iter(cycle))
        if len(cycle) > 1 or part.has_edge(spec, spec):
            yield {"kind": "cycle", "hashes": sorted(key_of(graph, SPEC, spec) for spec in cycle)}


def _what(problem: Problem) -> str:
    """What is wrong, in a few words."""
    match problem["kind"]:
        case "hash":
            gives = problem.get("recomputed")
            return problem["reason"] + (f", gives {hash_cell(gives)}" if gives else "")
        case "dangling":
            return f"{hash_cell(problem['missing'])} is missing"
        case "conflict":
            return f"other {', '.join(problem['differs'])}".replace("_", " ")
        case "index":
            return problem["reason"]
    return hashes_cell(problem["hashes"])

"""Whether the graph is what its sources' bytes give, and holds together."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, NamedTuple

from cachegraph.analysis.rows import key_of, rows
from cachegraph.model.graph import CypherGraph, Handle, SpecGraph, relationships
from cachegraph.model.schema import DEPENDS_ON, RECORDED_IN, ROOT_OF, SOURCE, SPEC, STACK

if TYPE_CHECKING:
    from cachegraph.questions.answers import Problem, VerifiedSource, VerifyAnswer

REWRITTEN = "rewritten by a later Spack"
UNEXPLAINED = "unexplained"
EXTERNAL = "external"
# Until format 2 externals and test packages were hashed in forms that no file shows.
_PROVABLE = 3
_SPEC = ("hash", "package", "version")
# By what problems are sorted, so that every store tells them alike.
_ORDER = ("kind", "location", "reason", "package", "version", "hash", "missing", "stack", "hashes")


class Verify(NamedTuple):
    """What each source's bytes say of the DAG hashes; and dangling ends, cycles and conflicts.

    A hash that is not what the bytes give is no problem where that has a known reason: the spec is
    external, spliced, a test package, carried over from before Spack 1.0, or in a file in which a
    later Spack has written other features of its target.
    """

    def walk(self, graph: SpecGraph) -> "VerifyAnswer":
        """The answer from a graph."""
        recorded = {
            source: graph.starts_by_properties(RECORDED_IN, source)
            for source in graph.nodes(SOURCE)
        }
        return _answer(graph, recorded)

    def ask(self, graph: CypherGraph) -> "VerifyAnswer":
        """The answer with the records of verify.cypher; only what is odd is looked at further."""
        recorded: dict[Handle, list[Group]] = {source: [] for source in graph.nodes(SOURCE)}
        for row in graph.rows("verify", {}):
            differs = row["differs"] and tuple(row["differs"])
            said = row["verified"], row["reason"], differs
            recorded[graph.find(SOURCE, row["source"])].append((said, frozenset(row["specs"])))
        return _answer(graph, recorded)


Group = tuple[tuple[Any, ...], Set[Handle]]


def _answer(graph: SpecGraph, recorded: Mapping[Handle, Iterable[Group]]) -> "VerifyAnswer":
    stubs = _stubs(graph)
    ends = [(stub, graph.starts_of(DEPENDS_ON, stub)) for stub in stubs]
    sources: list[VerifiedSource] = []
    problems: list[Problem] = []
    for source in sorted(recorded, key=lambda node: _location(graph, node)):
        checked = _Checked(graph, source, recorded[source])
        sources.append(checked.row(ends))
        problems += checked.problems(ends)
    for stack in graph.nodes(STACK):
        for root in stubs & {*graph.starts_of(ROOT_OF, stack)}:
            missing = key_of(graph, SPEC, root)
            key = key_of(graph, STACK, stack)
            problems.append({"kind": "dangling", "stack": key, "missing": missing})
    problems += [{"kind": "cycle", "hashes": hashes} for hashes in _cycles(graph)]
    problems.sort(key=lambda problem: [str(problem.get(name, "")) for name in _ORDER])
    return {"question": "verify", "sources": sources, "problems": problems}


def _location(graph: SpecGraph, source: Handle) -> str:
    ((location,),) = graph.values(SOURCE, [source], ("location",))
    return str(location)


def _stubs(graph: SpecGraph) -> set[Handle]:
    """The specs of which only the hash is known."""
    nodes = [*graph.nodes(SPEC)]
    ((known),) = graph.tokens(SPEC, nodes, ("package",))
    return {node for node, token in zip(nodes, known, strict=True) if not token}


Ends = Sequence[tuple[Handle, Set[Handle]]]


class _Checked:
    """The specs of one source, by how its bytes stand to their hashes."""

    def __init__(self, graph: SpecGraph, source: Handle, groups: Iterable[Group]) -> None:
        self._graph = graph
        self._source = source
        self.location = _location(graph, source)
        self._equal: set[Handle] = set()
        self._unknown: set[Handle] = set()
        self._reasons: dict[str, set[Handle]] = defaultdict(set)
        self._differing: dict[tuple[str, ...], set[Handle]] = defaultdict(set)
        unexplained: set[Handle] = set()
        for (verified, reason, differs), specs in groups:
            if differs:
                self._differing[differs].update(specs)
            if verified is None:
                self._unknown.update(specs)
            elif verified:
                self._equal.update(specs)
            elif reason:
                self._reasons[reason].update(specs)
            else:
                unexplained.update(specs)
        rewritten = self._rewritten(unexplained)
        for reason, specs in ((REWRITTEN, rewritten), (UNEXPLAINED, unexplained - rewritten)):
            if specs:
                self._reasons[reason] = specs

    def _rewritten(self, unequal: set[Handle]) -> set[Handle]:
        """Those for a target for which none of several specs of the source has its hash."""
        of_target: dict[Any, set[Handle]] = defaultdict(set)
        for spec, features in self._features(unequal):
            if features:
                of_target[features].add(spec)
        right = {features for _, features in self._features(self._equal)} if of_target else set()
        return {
            spec
            for features, specs in of_target.items()
            if len(specs) > 1 and features not in right
            for spec in specs
        }

    def _features(self, specs: Iterable[Handle]) -> Iterator[tuple[Handle, Any]]:
        nodes = sorted(specs)
        (features,) = self._graph.tokens(SPEC, nodes, ("target_features",))
        return zip(nodes, features, strict=True)

    def _all(self) -> set[Handle]:
        return self._equal.union(self._unknown, *self._reasons.values())

    def row(self, ends: Ends) -> "VerifiedSource":
        """The counts of the source."""
        (known,) = rows(self._graph, SOURCE, [self._source], ("format", "format_version"))
        specs = self._all()
        return {
            "location": self.location,
            "format": known.get("format", ""),
            "format_version": known.get("format_version", ""),
            "specs": len(specs),
            "equal": len(self._equal),
            "different": sum(map(len, self._reasons.values())),
            "unknown": len(self._unknown),
            "dangling": sum(len(specs & {*starts}) for _, starts in ends),
            "conflicts": sum(map(len, self._differing.values())),
            "reasons": dict(
                sorted(Counter({why: len(s) for why, s in self._reasons.items()}).items())
            ),
        }

    def problems(self, ends: Ends) -> "Iterator[Problem]":
        """What is wrong with the source, spec by spec."""
        for reason, specs in sorted(self._reasons.items()):
            yield from self._unproved(reason, specs)
        for stub, starts in ends:
            missing = key_of(self._graph, SPEC, stub)
            for row in self._rows(self._all() & {*starts}):
                yield {"kind": "dangling", "missing": missing, **row}
        for differs, specs in sorted(self._differing.items()):
            for row in self._rows(specs):
                yield {"kind": "conflict", "differs": [*differs], **row}

    def _unproved(self, reason: str, specs: set[Handle]) -> "Iterator[Problem]":
        """Specs whose bytes give another hash, without or in spite of a reason why they may."""
        if reason == REWRITTEN:
            return
        nodes = sorted(specs)
        names = ("recomputed", "specfile_version")
        known = self._graph.values(SPEC, nodes, names)
        alone = self._of_no_namespace(nodes) if reason == EXTERNAL else set()
        for node, row, (recomputed, version) in zip(nodes, self._rows(nodes), known, strict=True):
            excused = (version or 0) < _PROVABLE
            wrong = recomputed or node in alone
            if reason == UNEXPLAINED or (wrong and not excused):
                problem: Problem = {"kind": "hash", "reason": reason, **row}
                if recomputed:
                    problem["recomputed"] = recomputed
                yield problem

    def _of_no_namespace(self, externals: list[Handle]) -> set[Handle]:
        """Externals in a namespace of their own: the hashes of some do not cover it."""
        others = sorted(self._all().difference(externals))
        (theirs,) = self._graph.tokens(SPEC, others, ("namespace",))
        (own,) = self._graph.tokens(SPEC, externals, ("namespace",))
        known = {*theirs}
        return {
            node
            for node, namespace in zip(externals, own, strict=True)
            if known and namespace not in known
        }

    def _rows(self, specs: Iterable[Handle]) -> "list[Problem]":
        found: list[Any] = rows(self._graph, SPEC, sorted(specs), _SPEC)
        for row in found:
            row["location"] = self.location
        return found


def _cycles(graph: SpecGraph) -> list[list[str]]:
    """The hashes of specs that depend on one another in a circle; DAG hashes allow none."""
    needed_by: dict[Handle, list[Handle]] = defaultdict(list)
    needs: Counter[Handle] = Counter()
    for start, end, _ in relationships(graph, DEPENDS_ON, graph.nodes(SPEC)):
        needed_by[end].append(start)
        needs[start] += 1
    free = [end for end in needed_by if end not in needs]
    while free:
        for start in needed_by.pop(free.pop(), ()):
            needs[start] -= 1
            if not needs[start]:
                del needs[start]
                free.append(start)
    if not needs:
        return []
    import networkx as nx

    left: nx.DiGraph[Handle] = nx.DiGraph(
        (s, e) for e, starts in needed_by.items() for s in starts if s in needs
    )
    circles = [
        circle
        for circle in nx.strongly_connected_components(left)
        if len(circle) > 1 or left.has_edge(*(2 * [*circle]))
    ]
    return [sorted(key_of(graph, SPEC, node) for node in circle) for circle in circles]

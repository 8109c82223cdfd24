"""What specs depend on, and what depends on them: one question in two directions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, NamedTuple, NotRequired

from cachegraph.analysis.dependencies import traversal
from cachegraph.analysis.dependencies.many_specs import coded_rows, is_most
from cachegraph.analysis.dependencies.paths import PathStep, TreeRow, dependency_tree, shortest_path
from cachegraph.analysis.rows import ROW, Notes, SpecRow, keys_of
from cachegraph.analysis.selection.specs import MatchedSpecs, match_specs
from cachegraph.analysis.selection.stacks import notes, specs_in_any
from cachegraph.errors import UsageError
from cachegraph.model.coded_rows import CodedRows
from cachegraph.model.graph import CypherGraph, Handle, Members, SpecGraph
from cachegraph.model.schema import SPEC
from cachegraph.model.spec import DependencyUse
from cachegraph.output.dependency_tables import (
    distant_specs_table,
    many_specs_table,
    path_table,
    tree_table,
)
from cachegraph.output.tables import ListedColumns, Table
from cachegraph.questions.parameters import Deptypes, Option, ScopeQuestion, Selected, Spec

_USE = DependencyUse._fields
_TABLE_COLUMNS = ("variants", "compiler", "os", "target")


class DistantSpec(SpecRow):
    """A spec and how many dependencies away it is; the use is of direct dependencies only."""

    depth: int
    deptypes: NotRequired[list[str]]
    virtuals: NotRequired[list[str]]


class DependenciesAnswer(Notes):
    """The answer of ``deps`` and ``dependents``; that of a path has no specs."""

    question: str
    spec: str
    roots: list[str]
    deptypes: list[str]
    transitive: bool
    specs: NotRequired[list[DistantSpec]]
    tree: NotRequired[list[TreeRow]]
    to: NotRequired[str]
    path: NotRequired[list[PathStep]]


class DependenciesSelection(NamedTuple):
    """What the parameters name."""

    specs: Members
    """The specs that fit SPEC."""
    others: Members
    """The specs that fit TO; none without ``path``."""
    deptypes: list[str]
    stacks: Selected | None
    """The stacks whose specs are listed; None for all specs."""
    notes: list[str]
    """How SPEC and TO were read, where that needs a word."""


class DependenciesQuestion(ScopeQuestion[DependenciesSelection, DependenciesAnswer]):
    """Follows dependencies from the specs that fit a spec, in one of two directions."""

    spec: Spec
    transitive: Annotated[
        bool, Option("Follow dependencies all the way.", names=("--transitive", "-t"))
    ] = False
    deptypes: Deptypes = ()
    tree: Annotated[bool, Option("All the way, as a tree; each spec is unfolded once.")] = False
    path: Annotated[
        str | None, Option("A shortest path between SPEC and this spec.", "TO", SPEC)
    ] = None
    for_table: bool = False
    """Whether ``specs`` are columns of the table: quicker when there are many."""

    name = ""
    """The name of the question, and of its file in ``cypher/``."""
    reverse = False
    """Whether dependencies are followed from their ends to their starts."""

    @property
    def is_transitive(self) -> bool:
        """Whether dependencies are followed all the way."""
        return self.transitive or self.tree or self.path is not None

    @property
    def columns(self) -> Sequence[str]:
        """The properties that are read of each spec: for a table, those that it shows."""
        if not self.for_table:
            return (*traversal.SORT_COLUMNS, *ROW[3:], *_USE)
        return (*traversal.SORT_COLUMNS, *_TABLE_COLUMNS, *(() if self.is_transitive else _USE))

    def select(self, graph: SpecGraph) -> DependenciesSelection:
        """The specs that fit; UsageError for options that exclude each other."""
        if self.tree and self.path is not None:
            raise UsageError("a tree or a path, not both", "leave one of them out")
        deptypes = traversal.parse_deptypes(self.deptypes)
        specs, texts = match_specs(graph, self.spec)
        others, more = (
            MatchedSpecs(frozenset()) if self.path is None else match_specs(graph, self.path)
        )
        stacks = self.select_narrowed(graph)
        if stacks is not None and (self.tree or self.path is not None):
            held = {*specs_in_any(stacks)}
            specs, others = specs & held, others & held
        both = [*dict.fromkeys([*texts, *more])]
        return DependenciesSelection(specs, others, deptypes, stacks, both)

    def asked_of(self, selection: DependenciesSelection) -> Selected | None:
        return selection.stacks

    def walk(self, graph: SpecGraph, selection: DependenciesSelection) -> DependenciesAnswer:
        specs, others, deptypes, stacks, _ = selection
        if self.path is not None:
            starts, ends = (others, specs) if self.reverse else (specs, others)
            among = None if stacks is None else {*specs_in_any(stacks)}
            path = shortest_path(graph, starts, ends, deptypes, among)
            reached = () if path else {*starts, *traversal.depths(graph, starts, deptypes)}
            texts = traversal.note_unrecorded(graph, reached)
            return self._answer(graph, selection, texts, to=self.path, path=path)
        most = None if self.is_transitive else 1
        depth = traversal.depths(graph, specs, deptypes, reverse=self.reverse, most=most)
        uses: dict[Handle, DependencyUse] = {}
        if self.columns[-1] in _USE:
            uses = traversal.direct_uses(graph, specs, deptypes, reverse=self.reverse)
        tree: dict[str, Any] = {}
        if self.tree:
            held = _in_stacks(stacks, depth)
            tree["tree"] = dependency_tree(graph, specs, held, deptypes, reverse=self.reverse)
        listed = _in_stacks(stacks, depth)
        if self.for_table and self.is_transitive and is_most(graph, listed):
            rows: Any = coded_rows(graph, listed)
        else:
            rows = ListedColumns(traversal.sorted_columns(graph, listed, uses, self.columns))
        return self._list_answer(graph, selection, depth, rows, **tree)

    def fits_cypher(self, selection: DependenciesSelection) -> bool:
        """Whether it is a list; trees and paths are walked."""
        return not self.tree and self.path is None

    def cypher(self, graph: CypherGraph, selection: DependenciesSelection) -> DependenciesAnswer:
        parameters = {
            "hashes": sorted(selection.specs),
            "transitive": self.transitive,
            "deptypes": selection.deptypes,
        }
        rows = graph.rows(self.name, parameters)
        found = _rows_by_hash(row for row in rows if row["spec"]["hash"] not in selection.specs)
        depth = {hash_: row["depth"] for hash_, row in found.items()}
        listed = _in_stacks(selection.stacks, depth)
        tuples = sorted(tuple(map(found[hash_].get, self.columns)) for hash_ in listed)
        columns = [*zip(*tuples, strict=True)] or [()] * len(self.columns)
        return self._list_answer(graph, selection, depth, ListedColumns(columns))

    def _list_answer(
        self,
        graph: SpecGraph,
        selection: DependenciesSelection,
        depth: Iterable[Handle],
        rows: Sequence[Sequence[Any]],
        **tree: Any,
    ) -> DependenciesAnswer:
        """The answer of a list or a tree; with notes on what no source records."""
        if self.reverse:
            unknown = traversal.note_specs_from_pages(graph, selection.specs)
        else:
            further = depth if self.is_transitive else ()
            unknown = traversal.note_unrecorded(graph, {*selection.specs, *further})
        texts = notes(selection.stacks or (), unknown).get("notes", [])
        specs: Any = rows  # read by our own table alone
        if not self.for_table:
            specs = [traversal.tuple_row(self.columns, values) for values in rows]
        return self._answer(graph, selection, texts, **tree, specs=specs)

    def _answer(
        self, graph: SpecGraph, selection: DependenciesSelection, texts: list[str], **parts: Any
    ) -> DependenciesAnswer:
        """The answer with these notes, and before them one where not exactly one spec fits."""
        roots = keys_of(graph, SPEC, selection.specs)
        if len(roots) != 1:
            fits = f"{len(roots)} specs fit {self.spec}: the answer covers all"
            texts = [fits if roots else f"no spec fits {self.spec}", *texts]
        texts = [*selection.notes, *texts]
        return {
            "question": self.name,
            "spec": self.spec,
            "roots": roots,
            "deptypes": selection.deptypes,
            "transitive": self.is_transitive,
            **parts,  # type: ignore[typeddict-item]  # the keys that not all answers have
            **notes((), texts),
        }

    exit_code = "Exit with 1 when a spec or a path is found."

    def found(self, answer: DependenciesAnswer) -> bool:
        return bool(answer.get("path") or answer.get("specs"))

    sections = ("specs", "tree", "path")

    def tables(self, answer: DependenciesAnswer) -> Iterator[Table]:
        if "path" in answer:
            yield path_table(answer, answer["path"])
        elif "tree" in answer:
            yield tree_table(answer, answer["tree"])
        else:
            specs: Any = answer["specs"]
            if isinstance(specs, CodedRows):
                yield many_specs_table(answer, specs)
                return
            if isinstance(specs, ListedColumns):
                columns = specs.columns
            else:
                columns = [[row.get(name) for row in specs] for name in self.columns]
            yield distant_specs_table(answer, dict(zip(self.columns, columns, strict=True)))


class Deps(DependenciesQuestion):
    """List what a spec depends on.

    Prints direct dependencies with what they are used for; with --transitive all dependencies with
    how many steps away they are; with --tree each below the spec that depends on it. If several
    specs fit SPEC, the answer is about all of them. A path leads from SPEC down to TO.

    Examples:
      cachegraph deps conduit
      cachegraph deps conduit --tree --deptype link,run
      cachegraph deps axom --path zlib-ng
    """

    name = "deps"


class Dependents(DependenciesQuestion):
    """List what depends on a spec.

    Prints direct dependents with what they use the spec for; with --transitive all dependents with
    how many steps away they are; with --tree each below the spec that it depends on. If several
    specs fit SPEC, the answer is about all of them. A path leads from TO down to SPEC.

    Examples:
      cachegraph dependents zlib-ng
      cachegraph dependents zlib-ng --transitive --in gcc-cpu
      cachegraph dependents zlib-ng --path axom
    """

    name = "dependents"
    reverse = True


def _in_stacks(stacks: Selected | None, depth: dict[Handle, int]) -> Mapping[Handle, int]:
    """The depths of the specs that the stacks hold."""
    if stacks is None:
        return depth
    specs = {*specs_in_any(stacks)}
    return {spec: far for spec, far in depth.items() if spec in specs}


def _rows_by_hash(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The specs of the rows of a Cypher file, with their depth and all that they are used for."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        hash_ = row["spec"]["hash"]
        use = DependencyUse(row["deptypes"], row["virtuals"])
        known = found.get(hash_)
        if known is None:
            known = {"package": "", "version": "", **row["spec"], "depth": row["depth"]}
            found[hash_] = known
        else:
            use = traversal.merge_uses(DependencyUse(*map(known.get, _USE)), use)  # type: ignore[arg-type]
        known.update(use._asdict())
    return found

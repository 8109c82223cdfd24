"""What specs depend on, and what depends on them: directly, transitively, as a tree, by a path."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cachegraph.analysis.dependencies.paths import path, tree
from cachegraph.analysis.dependencies.traversal import (
    PURPOSE,
    SORTED,
    as_row,
    depths,
    direct,
    merged,
    note_specs_from_pages,
    parse_deptypes,
    reached,
)
from cachegraph.analysis.rows import ROW, keys_of
from cachegraph.analysis.selection.specs import specs_matching
from cachegraph.analysis.selection.stacks import notes, select_stacks, specs_in_any
from cachegraph.errors import UsageError
from cachegraph.model.graph import CypherGraph, Handle, Members, SpecGraph
from cachegraph.model.schema import SPEC

if TYPE_CHECKING:
    from cachegraph.questions.answers.reach import ReachAnswer

_LOOK = ("variants", "compiler", "os", "target")


class Deps(NamedTuple):
    """What the specs that fit a spec depend on."""

    spec: str
    transitive: bool = False
    deptypes: Sequence[str] = ()
    tree: bool = False
    path: str | None = None
    stacks: Sequence[str] = ()
    release: str | None = None
    compact: bool = False

    @property
    def question(self) -> str:
        """Its name, and that of its file."""
        return type(self).__name__.lower()

    @property
    def reverse(self) -> bool:
        """Whether dependencies are followed against their direction."""
        return False

    @property
    def columns(self) -> Sequence[str]:
        """What is read of each spec: when compact, what people look at."""
        if not self.compact:
            return (*SORTED, *ROW[3:], *PURPOSE)
        return (*SORTED, *_LOOK, *(() if self.far else PURPOSE))

    @property
    def far(self) -> bool:
        """Whether dependencies are followed all the way."""
        return self.transitive or self.tree or self.path is not None

    def walk(self, graph: SpecGraph) -> "ReachAnswer":
        """The answer from a graph."""
        roots, deptypes = self._begin(graph)
        if self.path is not None:
            return self._with_path(graph, roots, deptypes)
        most = None if self.far else 1
        depth = depths(graph, roots, deptypes, reverse=self.reverse, most=most)
        brief = self.columns[-1] not in PURPOSE
        needs = {} if brief else direct(graph, roots, deptypes, reverse=self.reverse)
        answer = self._answer(graph, roots, deptypes)
        if self.tree:
            answer["tree"] = tree(graph, roots, depth, deptypes, reverse=self.reverse)
        held, said = self._held(graph, depth)
        said = [*said, *self._unknown(graph, roots, depth)]
        return self._filled(answer, reached(graph, held, needs, self.columns), said)

    def ask(self, graph: CypherGraph) -> "ReachAnswer":
        """The answer of the question's file; of trees and paths, which it does not know, a walk."""
        if self.tree or self.path is not None:
            return self.walk(graph)
        roots, deptypes = self._begin(graph)
        parameters = {"hashes": sorted(roots), "transitive": self.transitive, "deptypes": deptypes}
        found: dict[str, dict[str, Any]] = {}
        for row in graph.rows(self.question, parameters):
            said = {"package": "", "version": "", **row["spec"], "depth": row["depth"]}
            known = found.setdefault(row["spec"]["hash"], said)
            before = (known.get("deptypes"), known.get("virtuals"))
            needs = (row["deptypes"], row["virtuals"])
            known.update(
                zip(PURPOSE, needs if known is said else merged(before, needs), strict=True)
            )
        depth = {hash_: said["depth"] for hash_, said in found.items()}
        held, notes_ = self._held(graph, depth)
        tuples = sorted(tuple(map(found[hash_].get, self.columns)) for hash_ in held)
        answer = self._answer(graph, roots, deptypes)
        return self._filled(answer, tuples, [*notes_, *self._unknown(graph, roots, depth)])

    def _begin(self, graph: SpecGraph) -> tuple[Members, list[str]]:
        """The specs that fit, and the deptypes to be followed."""
        if (self.stacks or self.release) and (self.tree or self.path is not None):
            raise UsageError("stacks restrict a list, neither a tree nor a path", "leave them out")
        if self.tree and self.path is not None:
            raise UsageError("a tree or a path, not both", "leave one of them out")
        deptypes = parse_deptypes(self.deptypes)
        return specs_matching(graph, self.spec), deptypes

    def _answer(self, graph: SpecGraph, roots: Members, deptypes: list[str]) -> "ReachAnswer":
        return {
            "question": self.question,
            "spec": self.spec,
            "roots": keys_of(graph, SPEC, roots),
            "deptypes": deptypes,
            "transitive": self.far,
        }

    def _with_path(self, graph: SpecGraph, roots: Members, deptypes: list[str]) -> "ReachAnswer":
        to = self.path or ""
        ends = specs_matching(graph, to)
        answer = self._answer(graph, roots, deptypes)
        answer["to"] = to
        start, end = (ends, roots) if self.reverse else (roots, ends)
        answer["path"] = path(graph, start, end, deptypes)
        if answer["path"]:
            return self._noted(answer, [])
        return self._noted(answer, _unsaid(graph, {*start, *depths(graph, start, deptypes)}))

    def _filled(
        self, answer: "ReachAnswer", found: list[tuple[Any, ...]], said: list[str]
    ) -> "ReachAnswer":
        if self.compact:
            answer["columns"] = [*self.columns]
            answer["specs"] = found  # type: ignore[typeddict-item]
        else:
            answer["specs"] = [as_row(self.columns, values) for values in found]
        return self._noted(answer, said)

    def _noted(self, answer: "ReachAnswer", said: list[str]) -> "ReachAnswer":
        """The answer with what has to be said of it, if anything."""
        count = len(answer["roots"])
        if count != 1:
            fits = f"{count} specs fit {self.spec}: this is of all of them"
            said = [fits if count else f"no spec fits {self.spec}", *said]
        if said:
            answer["notes"] = said
        return answer

    def _held(
        self, graph: SpecGraph, depth: dict[Handle, int]
    ) -> tuple[dict[Handle, int], list[str]]:
        """Those that the stacks hold, where any are named, and what has to be said of these."""
        if not self.stacks and not self.release:
            return depth, []
        chosen = select_stacks(graph, self.stacks, self.release)
        held = {*specs_in_any(chosen)}
        said = notes(chosen).get("notes", [])
        return {spec: far for spec, far in depth.items() if spec in held}, said

    def _unknown(self, graph: SpecGraph, roots: Members, depth: dict[Handle, int]) -> list[str]:
        """What has to be said where no source tells what depends on what."""
        if self.reverse:
            return note_specs_from_pages(graph, roots)
        further = depth if self.far else {}
        return _unsaid(graph, {*roots, *further})


def _unsaid(graph: SpecGraph, specs: Iterable[Handle]) -> list[str]:
    """What has to be said of specs whose dependencies are not recorded."""
    formats = graph.values(SPEC, sorted(specs), ("specfile_version",))
    count = sum(known is None for (known,) in formats)
    said = f"no source says what {count} of these specs need{'s' * (count == 1)}"
    return [said] if count else []


class Dependents(Deps):
    """What depends on the specs that fit a spec."""

    @property
    def reverse(self) -> bool:
        """Dependents are found against the direction of dependencies."""
        return True

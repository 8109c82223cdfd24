"""The specs that fit a spec in Spack's syntax, and the stacks that hold them."""

from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, NamedTuple

from cachegraph.analysis.rows import ROW, keys_of, row_order, rows, spec_row, stacks_of
from cachegraph.analysis.selection.lookup import check_release
from cachegraph.analysis.selection.specs import specs_matching
from cachegraph.analysis.selection.stacks import notes, select_stacks
from cachegraph.model.graph import CypherGraph, Members, SpecGraph
from cachegraph.model.schema import IN_STACK, PACKAGE, SPEC, STACK, TARGET
from cachegraph.model.stack_key import StackKey

if TYPE_CHECKING:
    from cachegraph.analysis.selection.stacks import StackSelection
    from cachegraph.questions.answers.finding import FindAnswer
    from cachegraph.syntax import Pattern


class Find(NamedTuple):
    """The specs that fit: of some stacks, of all stacks of a release, or all there are."""

    spec: str
    stacks: tuple[str, ...] = ()
    release: str | None = None

    def walk(self, graph: SpecGraph) -> "FindAnswer":
        """The answer from a graph."""
        chosen = self._chosen(graph)
        specs = specs_matching(graph, self.spec)
        keys = self._keys(graph, chosen)
        if keys is not None:
            held = [one.specs for one in chosen] or [*_held(graph, keys).values()]
            specs = specs & reduce(or_, held, frozenset())
        nodes = [*specs]
        stacks = stacks_of(graph, IN_STACK, nodes)
        found = rows(graph, SPEC, nodes, ROW)
        for spec, row in zip(nodes, found, strict=True):
            row["stacks"] = stacks.get(spec, [])
        return self._answer(chosen, sorted(found, key=row_order))

    def ask(self, graph: CypherGraph) -> "FindAnswer":
        """The answer of find.cypher; what Cypher cannot judge is judged here."""
        chosen = self._chosen(graph)
        if any(one.group_of for one in chosen):
            return self.walk(graph)
        wanted, pattern = _wanted(graph, self.spec)
        rows = graph.rows("find", {**wanted, "stacks": self._keys(graph, chosen)})
        found = [
            {**spec_row(row["spec"]), "stacks": sorted(row["stacks"])}
            for row in rows
            if pattern is None or pattern.fits(row["spec"])
        ]
        return self._answer(chosen, sorted(found, key=row_order))

    def _answer(self, chosen: "list[StackSelection]", specs: list[Any]) -> "FindAnswer":
        said = notes(chosen, note_ambiguous_compiler(self.spec))
        return {"question": "find", "spec": self.spec, "specs": specs, **said}

    def _chosen(self, graph: SpecGraph) -> "list[StackSelection]":
        """The stacks that are named."""
        return select_stacks(graph, self.stacks, self.release) if self.stacks else []

    def _keys(self, graph: SpecGraph, chosen: "list[StackSelection]") -> list[str] | None:
        """The stacks that are meant: those named, else all of the release; None is no matter."""
        if chosen or self.release is None:
            return [one.key for one in chosen] or None
        check_release(graph, self.release)
        keys = graph.keys(STACK, f"{self.release}/")
        return [key for key in keys if StackKey.parse(key).release == self.release]


def _wanted(graph: SpecGraph, spec: str) -> "tuple[dict[str, Any], Pattern | None]":
    """The parameters of find.cypher, and by what its rows are judged, if by anything.

    What is asked of dependencies is found by the words of the graph, and so is a hash.
    """
    wanted: dict[str, Any] = {
        "packages": [],
        "hashes": [],
        "platform": None,
        "os": None,
        "targets": None,
    }
    if graph.find(PACKAGE, spec) is not None:
        return {**wanted, "packages": [spec]}, None
    from cachegraph.syntax import parse

    pattern = parse(spec)
    is_known = pattern.name is None or graph.find(PACKAGE, pattern.name) is not None
    if not is_known or not pattern.is_without_dependencies or pattern.hash is not None:
        return {**wanted, "hashes": keys_of(graph, SPEC, specs_matching(graph, spec))}, None
    wanted["packages"] = [pattern.name] if pattern.name else graph.keys(PACKAGE)
    wanted["platform"], wanted["os"] = pattern.platform, pattern.os
    if pattern.target is not None:
        wanted["targets"] = [*filter(pattern.target.fits, graph.keys(TARGET))]
    return wanted, pattern


def _held(graph: SpecGraph, stacks: list[str]) -> dict[str, Members]:
    """What the stacks hold, by their keys."""
    return {key: graph.starts_of(IN_STACK, graph.find(STACK, key)) for key in stacks}


def note_ambiguous_compiler(spec: str) -> Iterator[str]:
    """What has to be said of how the text was read."""
    if "%" not in spec:
        return
    from cachegraph.syntax import parse

    pattern = parse(spec)
    for of in (pattern, *(needs.pattern for needs in pattern.dependencies)):
        for needs in of.direct:
            if needs.as_before_1_0 is not None:
                yield (
                    f"what follows %{needs.pattern.name} is asked of that, as since Spack 1.0, or "
                    f"of {of.name or 'the spec'} itself, as before: either fits"
                )

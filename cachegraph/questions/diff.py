"""What became of the specs of one stack or release in another."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from functools import cached_property
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

from cachegraph.analysis.comparison.differences import Difference, Differences, order
from cachegraph.analysis.comparison.pairing import pair_lookalikes
from cachegraph.analysis.comparison.root_causes import COMMON
from cachegraph.analysis.rows import LEVELS, spec_rows
from cachegraph.analysis.selection.lookup import close_to
from cachegraph.analysis.selection.stacks import StackSelection, notes, select_stacks, specs_in_any
from cachegraph.errors import NotFoundError, UsageError
from cachegraph.model.graph import CypherGraph, Handle, Members, SpecGraph
from cachegraph.model.schema import RELEASE, SPEC, STACK, VISIBLE
from cachegraph.questions.why import cause_row, walked

if TYPE_CHECKING:
    from cachegraph.questions.answers.causes import Cause, Changed, DiffAnswer, RankedCause, Rebuilt

# By what specs of one package are told apart that are not rebuilds of one another.
_DIFFERS = VISIBLE[1:]
_PACKAGE, _ALIKE = 0, 3
Keys = Mapping[Handle, tuple[Hashable, ...]]


class Diff(NamedTuple):
    """What differs between two stacks, or two releases with all their stacks but the root."""

    left: str
    right: str
    release: str | None = None
    ignore_runtime: bool = False

    def walk(self, graph: SpecGraph) -> "DiffAnswer":
        """The answer from a graph."""
        return _answer(graph, [self._side(graph, name) for name in (self.left, self.right)])

    def ask(self, graph: CypherGraph) -> "DiffAnswer":
        """The answer from the part of the graph that diff.cypher gives; of groups, of the walk."""
        sides = [self._side(graph, name) for name in (self.left, self.right)]
        stacks = [one for side in sides for one in side.stacks]
        if any(one.group_of for one in stacks):
            return _answer(graph, sides)
        part = graph.subgraph("diff", {"stacks": [one.key for one in stacks]})
        return _answer(part, [side.in_subgraph(part) for side in sides])

    def _side(self, graph: SpecGraph, name: str) -> "_Side":
        is_release = graph.find(STACK, name) is None and graph.find(RELEASE, name) is not None
        if self.left == self.right:
            raise UsageError(f"{name} and {name} are one", "name two stacks, or two releases")
        if is_release:
            stacks = select_stacks(graph, (), name, ignore_runtime=self.ignore_runtime)
            return _Side(name, stacks)
        stacks = self._stack(graph, name)
        return _Side(stacks[0].key, stacks)

    def _stack(self, graph: SpecGraph, name: str) -> list[StackSelection]:
        try:
            return select_stacks(graph, [name], self.release, ignore_runtime=self.ignore_runtime)
        except NotFoundError as exc:
            close = close_to(name, graph.keys(RELEASE))
            if not close or exc.hint is None or self.release is not None:
                raise
            said = exc.hint.removesuffix("?")
            asked = "" if exc.hint.endswith("?") else "did you mean "
            hint = f"{said}, or {asked}the release {', '.join(close)}?"
            raise NotFoundError(f"no stack or release {name}", hint) from exc


def _answer(graph: SpecGraph, sides: "list[_Side]") -> "DiffAnswer":
    left, right = (side.specs for side in sides)
    kept = left & right
    matched = _Matched(graph, left - kept, right - kept)
    known = Differences(graph)
    known.compare_all(matched.rebuilt)
    rebuilt = [
        _rebuilt(row, [cause_row(*cause) for cause in walked(known, *pair)[0]])
        for row, pair in zip(matched.rebuilt_rows(), matched.rebuilt, strict=True)
    ]
    rebuilt.sort(key=lambda row: (row["package"], row["version"], row["from"]))
    ours, theirs = (side.row() for side in sides)
    return {
        "question": "diff",
        "left": ours,
        "right": theirs,
        "kept": len(kept),
        "added": spec_rows(graph, matched.added),
        "removed": spec_rows(graph, matched.removed),
        "changed": [_changed(graph, *changed) for changed in matched.changed],
        "rebuilt": rebuilt,
        "causes": _ranked(rebuilt),
        **notes(one for side in sides for one in side.stacks),
    }


class _Side:
    """A stack, or the stacks of a release."""

    def __init__(self, key: str, stacks: list[StackSelection]) -> None:
        self.key = key
        self.stacks = stacks

    @cached_property
    def specs(self) -> Members:
        """What any of its stacks holds."""
        return specs_in_any(self.stacks)

    def in_subgraph(self, part: SpecGraph) -> "_Side":
        """The same side in a part of the graph."""
        return _Side(self.key, [one.in_subgraph(part) for one in self.stacks])

    def row(self) -> Any:
        """What the answer says of it."""
        if len(self.stacks) == 1 and self.stacks[0].key == self.key:
            return self.stacks[0].size()
        return {"key": self.key, "specs": len(self.specs), "stacks": len(self.stacks)}


class _Matched:
    """The specs that only one side has: rebuilt, changed, added or removed."""

    def __init__(self, graph: SpecGraph, left: Members, right: Members) -> None:
        self._graph = graph
        self._key = {**_keys(graph, left), **_keys(graph, right)}
        self.rebuilt: list[tuple[Handle, Handle]] = []
        """The pairs of specs with equal package, version and variants."""
        self.added: list[Handle] = []
        self.removed: list[Handle] = []
        self.changed: list[tuple[list[Handle], list[Handle]]] = []
        ours, theirs = self._grouped(left), self._grouped(right)
        rest: dict[Hashable, tuple[list[Handle], list[Handle]]] = defaultdict(lambda: ([], []))
        for spec in ours.keys() | theirs.keys():
            self._pair(ours.get(spec, []), theirs.get(spec, []), rest[spec[_PACKAGE]])
        for gone, new in rest.values():
            if gone and new:
                self.changed.append((gone, new))
            else:
                self.removed += gone
                self.added += new
        self.changed.sort(key=self._package)

    def _package(self, changed: tuple[list[Handle], list[Handle]]) -> str:
        ((package,),) = self._graph.values(SPEC, changed[0][:1], ("package",))
        return str(package)

    def _grouped(self, specs: Iterable[Handle]) -> dict[tuple[Hashable, ...], list[Handle]]:
        found: dict[tuple[Hashable, ...], list[Handle]] = defaultdict(list)
        for spec in specs:
            found[self._key[spec][:_ALIKE]].append(spec)
        return found

    def _pair(
        self, left: list[Handle], right: list[Handle], rest: tuple[list[Handle], list[Handle]]
    ) -> None:
        """Joins as many as there are on both sides, those that look alike first."""
        if len(left) > 1 or len(right) > 1:
            left, right = pair_lookalikes(self._graph, left, right)
        for ours, theirs in zip_longest(left, right):
            if ours is None:
                rest[1].append(theirs)
            elif theirs is None:
                rest[0].append(ours)
            else:
                self.rebuilt.append((ours, theirs))

    def rebuilt_rows(self) -> Any:
        """Package, version and hashes of each pair."""
        names = ("package", "version", "hash")
        ours, theirs = (
            self._graph.values(SPEC, [pair[side] for pair in self.rebuilt], names)
            for side in (0, 1)
        )
        for (package, version, old), (_, _, new) in zip(ours, theirs, strict=True):
            yield package, version, old, new


def _keys(graph: SpecGraph, specs: Members) -> Keys:
    nodes = [*specs]
    columns = graph.tokens(SPEC, nodes, (*LEVELS["spec"], "alike"))
    return dict(zip(nodes, zip(*columns, strict=True), strict=True))


def _changed(graph: SpecGraph, left: list[Handle], right: list[Handle]) -> "Changed":
    before, after = spec_rows(graph, left), spec_rows(graph, right)
    ours, theirs = (
        [{*column} for column in graph.tokens(SPEC, side, _DIFFERS)] for side in (left, right)
    )
    pairs = zip(_DIFFERS, ours, theirs, strict=True)
    return {
        "package": before[0].get("package", ""),
        "from": before,
        "to": after,
        "differs": [name for name, old, new in pairs if old != new],
    }


def _rebuilt(row: tuple[str | None, str | None, str, str], causes: "list[Cause]") -> "Rebuilt":
    package, version, old, new = row
    return {
        "package": package or "",
        "version": version or "",
        "from": old,
        "to": new,
        "causes": causes,
    }


def _ranked(rebuilt: "list[Rebuilt]") -> "list[RankedCause]":
    """The causes of all that was rebuilt, the most frequent first."""
    counts = Counter(_counted(cause) for row in rebuilt for cause in row["causes"])
    ranked = sorted(
        counts.items(), key=lambda each: (-each[1], each[0].package, order(each[0]), str(each[0]))
    )
    rows: list[Any] = [{**found._asdict(), "rebuilt": count} for found, count in ranked]
    return rows


def _counted(cause: "Cause") -> Difference:
    """What a cause is counted under: a common choice by itself, whichever spec is the topmost."""
    found = Difference(
        cause["package"], cause["kind"], cause["attribute"], cause["left"], cause["right"]
    )
    return found._replace(package="") if found.kind in COMMON else found

"""Why two specs have two hashes: the topmost of what differs, and the way there."""

from typing import TYPE_CHECKING, Any, NamedTuple

from cachegraph.errors import UsageError
from cachegraph.graph import CypherGraph, Handle, SpecGraph
from cachegraph.queries.causes import COMMON, Path
from cachegraph.queries.differences import Difference, Differences, order
from cachegraph.queries.names import find_spec
from cachegraph.queries.rows import key_of, spec_rows
from cachegraph.schema import SPEC

if TYPE_CHECKING:
    from cachegraph.queries.answers.causes import Cause, WhyAnswer


class Why(NamedTuple):
    """The root causes for which two specs, by prefixes of their hashes, are two."""

    left: str
    right: str

    def walk(self, graph: SpecGraph) -> "WhyAnswer":
        """The answer from a graph."""
        left, right = (find_spec(graph, text) for text in (self.left, self.right))
        if left == right:
            raise UsageError(
                f"{self.left} and {self.right} are one spec", "name two with other hashes"
            )
        known = Differences(graph)
        causes, last = _walked(known, left, right)
        (ours,), (theirs,) = (spec_rows(graph, [spec]) for spec in (left, right))
        answer: WhyAnswer = {
            "question": "why",
            "left": ours,
            "right": theirs,
            "causes": [_cause(path, difference) for path, difference in causes],
        }
        if notes := [*_unknown(graph, known, (left, right), last, bool(causes))]:
            answer["notes"] = notes
        return answer

    def ask(self, graph: CypherGraph) -> "WhyAnswer":
        """The answer from the part of the graph that why.cypher gives."""
        specs = [find_spec(graph, text) for text in (self.left, self.right)]
        hashes = [key_of(graph, SPEC, spec) for spec in specs]
        return self.walk(graph.part("why", {"hashes": hashes}))


def _walked(
    known: Differences, left: Handle, right: Handle
) -> tuple[list[tuple[Path, Difference]], list[tuple[Handle, Handle]]]:
    """The causes with their shortest paths, in order; and the pairs that tell nothing."""
    known.read([left, right])
    level: dict[tuple[Handle, Handle], Path] = {(left, right): (known.package(left),)}
    seen = {*level}
    causes: list[tuple[Path, Difference]] = []
    silent: list[tuple[Handle, Handle]] = []
    while level:
        below: dict[tuple[Handle, Handle], Path] = {}
        for (pair, path), found in zip(level.items(), known.compare(level), strict=True):
            causes += [(path, difference) for difference in found.own]
            if not found.own and not found.below:
                silent.append(pair)
            # Below what differs of its own, the rest may follow from that.
            for other in found.below if len(path) == 1 or not found.own else ():
                if other not in seen:
                    way = (*path, known.package(other[0]))
                    below[other] = min(way, below.get(other, way))
        seen |= below.keys()
        level = below
    causes.sort(key=lambda each: (len(each[0]), each[0], order(each[1])))
    return [*_once(causes)], silent


def _once(causes: list[tuple[Path, Difference]]) -> Any:
    """The causes without those that only repeat what is told above."""
    told = set()
    for path, difference in causes:
        key = difference[1:]
        if difference.kind in COMMON and key in told:
            continue
        told.add(key)
        yield path, difference


def _cause(path: Path, difference: Difference) -> "Cause":
    package, kind, attribute, left, right = difference
    return {
        "package": package,
        "kind": kind,
        "attribute": attribute,
        "left": left,
        "right": right,
        "path": [*path],
        "depth": len(path) - 1,
    }


def _unknown(graph: SpecGraph, known: Differences, pair: Any, silent: Any, found: bool) -> Any:
    """What cannot be known, in sentences."""
    names = [f"/{key_of(graph, SPEC, spec)[:7]}" for spec in pair]
    bare = [name for name, spec in zip(names, pair, strict=True) if not known.is_described(spec)]
    if bare:
        yield (
            f"no dependencies are recorded of {' and '.join(bare)}: whether these specs differ in "
            "dependencies, flags or the recipe cannot be known"
        )
        return
    for left, right in silent:
        if (left == pair[0] and right == pair[1]) or not found:
            where = known.package(left)
            yield f"{where}: nothing that is recorded differs but the hash"

"""Why two specs have two hashes: the topmost of what differs, and the way there."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from cachegraph.analysis.comparison.differences import Difference, Differences, order
from cachegraph.analysis.comparison.edges import Pair
from cachegraph.analysis.comparison.root_causes import COMMON, Path
from cachegraph.analysis.rows import key_of, spec_rows
from cachegraph.analysis.selection.lookup import find_spec
from cachegraph.model.graph import CypherGraph, Handle, SpecGraph
from cachegraph.model.schema import SPEC

if TYPE_CHECKING:
    from cachegraph.questions.answers.causes import Cause, WhyAnswer


class Why(NamedTuple):
    """The root causes for which two specs, by prefixes of their hashes, are two."""

    left: str
    right: str

    def walk(self, graph: SpecGraph) -> "WhyAnswer":
        """The answer from a graph."""
        left, right = (find_spec(graph, text) for text in (self.left, self.right))
        known = Differences(graph)
        causes, last = walked(known, left, right)
        (ours,), (theirs,) = (spec_rows(graph, [spec]) for spec in (left, right))
        answer: WhyAnswer = {
            "question": "why",
            "left": ours,
            "right": theirs,
            "causes": [cause_row(path, difference) for path, difference in causes],
        }
        if notes := [*_unknown(graph, known, (left, right), last)]:
            answer["notes"] = notes
        return answer

    def ask(self, graph: CypherGraph) -> "WhyAnswer":
        """The answer from the part of the graph that why.cypher gives."""
        specs = [find_spec(graph, text) for text in (self.left, self.right)]
        hashes = [key_of(graph, SPEC, spec) for spec in specs]
        return self.walk(graph.subgraph("why", {"hashes": hashes}))


def walked(
    known: Differences, left: Handle, right: Handle
) -> tuple[list[tuple[Path, Difference]], list[Pair]]:
    """The causes with their shortest paths, in order; and the pairs that tell nothing."""
    known.read([left, right])
    level: dict[Pair, Path] = {(left, right): (known.package(left),)}
    seen = {*level}
    causes: list[tuple[Path, Difference]] = []
    silent: list[Pair] = []
    while level:
        below: dict[Pair, Path] = {}
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
    causes.sort(key=lambda each: (len(each[0]), each[0], order(each[1]), *map(str, each[1][3:])))
    return [*_once(causes)], silent


def _once(causes: list[tuple[Path, Difference]]) -> Iterator[tuple[Path, Difference]]:
    """The causes without those that only repeat what is told above."""
    told = set()
    for path, difference in causes:
        key = difference[1:]
        if difference.kind in COMMON and key in told:
            continue
        told.add(key)
        yield path, difference


def cause_row(path: Path, difference: Difference) -> "Cause":
    """A cause as answers have it."""
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


def _unknown(graph: SpecGraph, known: Differences, pair: Pair, silent: list[Pair]) -> Iterator[str]:
    """What cannot be known, in sentences."""
    names = [f"/{key_of(graph, SPEC, spec)[:7]}" for spec in pair]
    if pair[0] == pair[1]:
        yield f"{names[0]} is one spec: there is nothing that differs"
        return
    bare = [name for name, spec in zip(names, pair, strict=True) if not known.is_described(spec)]
    if bare:
        yield (
            f"no dependencies are recorded of {' and '.join(bare)}: whether the specs differ in "
            "dependencies, flags or the recipe cannot be known"
        )
    # In an order that does not depend on the store.
    yield from sorted(_silent(graph, known, *pair) for pair in ([] if bare else silent))


def _silent(graph: SpecGraph, known: Differences, left: Handle, right: Handle) -> str:
    """What is to be said of two specs that tell no difference."""
    two = " and ".join(f"/{key_of(graph, SPEC, spec)[:7]}" for spec in (left, right))
    if known.is_described(left) and known.is_described(right):
        return f"{known.package(left)}: {two} differ in nothing that is recorded"
    return f"{known.package(left)}: what {two} need is not recorded"

"""The tree of dependencies below specs, and the shortest path between specs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, NotRequired, TypedDict

from cachegraph.analysis.dependencies.traversal import deptype_filter, use_values
from cachegraph.analysis.rows import ROW, SpecName, SpecRow, row_order, rows, spec_rows
from cachegraph.errors import StoreError
from cachegraph.model.graph import Handle, Members, SpecGraph, relationships
from cachegraph.model.schema import DEPENDS_ON, SPEC
from cachegraph.model.spec import DependencyUse


class Use(TypedDict, total=False):
    """The deptypes and virtuals of a dependency, if known."""

    deptypes: list[str]
    virtuals: list[str]


class TreeRow(SpecName, Use):
    """A line of a tree, below the line of its parent; ``again`` when it is unfolded above."""

    level: int
    hash: str
    again: NotRequired[bool]


class PathStep(SpecRow, Use):
    """A spec of a path, and what it uses the next one for."""


def dependency_tree(
    graph: SpecGraph,
    specs: Members,
    depth: Mapping[Handle, int],
    deptypes: Sequence[str],
    *,
    reverse: bool,
) -> list[TreeRow]:
    """The lines of the tree below the specs; each spec is unfolded once.

    ``depth`` has all specs below them. In reverse the children are the dependents.
    """
    nodes = [*specs, *(node for node in depth if node not in specs)]
    row = dict(zip(nodes, rows(graph, SPEC, nodes, ROW[:3]), strict=True))
    fits = deptype_filter(deptypes)
    children: dict[Handle, list[tuple[Handle, DependencyUse]]] = defaultdict(list)
    for start, end, values in relationships(graph, DEPENDS_ON, row):
        if start in row and end in row and fits(values):
            parent, child = (end, start) if reverse else (start, end)
            children[parent].append((child, DependencyUse(*values)))
    lines: list[Any] = []
    seen: set[Handle] = set()
    top = [(node, None) for node in sorted(specs, key=lambda spec: row_order(row[spec]))]
    waiting: list[Any] = [iter(top)]
    while waiting:
        node, use = next(waiting[-1], (None, None))
        if node is None:
            waiting.pop()
            continue
        lines.append({"level": len(waiting) - 1, **row[node], **(use_values(use) if use else {})})
        if node in seen:
            lines[-1]["again"] = True
            continue
        seen.add(node)
        below = sorted(children[node], key=lambda child: row_order(row[child[0]]))
        waiting.append(iter(below))
    return lines


def shortest_path(
    graph: SpecGraph,
    starts: Members,
    ends: Members,
    deptypes: Sequence[str],
    among: Set[Handle] | None = None,
) -> list[PathStep]:
    """A shortest path of dependencies from any of the starts to any of the ends; or nothing.

    Of several that are as short, it is the one whose specs come first, one after another. If it
    is to lead along certain specs only, these are ``among``.
    """
    if starts == ends and len(ends) == 1:
        return [*spec_rows(graph, ends)]  # type: ignore[list-item]  # a path of that spec alone
    # A spec on both sides is no answer to itself, but may lead to another.
    both = starts & ends
    targets: list[Set[Handle]] = [{*ends} - both, *({end} for end in both)]
    found: list[list[Any]] = []
    for target in targets:
        most = min(map(len, found), default=None)
        dependents = _levels_from(graph, target, deptypes, among)
        levels = _levels_to({*starts} - target, target, dependents, most)
        if levels:
            found.append(_first_path(graph, {*starts} - target, levels, deptypes))
    return min(found, key=lambda steps: (len(steps), [*map(row_order, steps)]), default=[])


def _levels_from(
    graph: SpecGraph, ends: Set[Handle], deptypes: Sequence[str], among: Set[Handle] | None
) -> Iterator[Set[Handle]]:
    """The dependents of the ends, then theirs, and so on; only those ``among`` if that is given."""
    if among is None:
        yield from graph.breadth_first(DEPENDS_ON, ends, reverse=True, any_of=deptypes)
        return
    seen, level = {*ends}, ends
    while level:
        found = next(graph.breadth_first(DEPENDS_ON, level, reverse=True, any_of=deptypes), ())
        level = ({*found} & among) - seen
        seen |= level
        yield level


def _levels_to(
    starts: Set[Handle], ends: Set[Handle], dependents: Iterable[Set[Handle]], most: int | None
) -> list[Set[Handle]]:
    """The ends, their dependents, and so on up to a start; [] if ``most`` levels have none."""
    if not starts:
        return []
    levels = [ends]
    for level in dependents:
        if len(levels) == most:
            break
        levels.append(level)
        if not starts.isdisjoint(level):
            return levels
    return []


def _first_path(
    graph: SpecGraph, starts: Set[Handle], levels: list[Set[Handle]], deptypes: Sequence[str]
) -> list[Any]:
    """The first start of the last level, then of each level before it the first dependency."""
    fits = deptype_filter(deptypes)
    node, step = _first(graph, starts & levels[-1])
    steps = [step]
    for level in levels[-2::-1]:
        uses = {
            end: values
            for _, end, values in relationships(graph, DEPENDS_ON, [node])
            if end in level and fits(values)
        }
        if not uses:
            what = "a spec has a dependent that does not depend on it"
            raise StoreError(f"the store is damaged ({what})", "import again into a new file")
        node, step = _first(graph, uses)
        steps[-1].update(use_values(uses[node]))
        steps.append(step)
    return steps


def _first(graph: SpecGraph, nodes: Iterable[Handle]) -> tuple[Handle, Any]:
    handles = [*nodes]
    pairs = zip(handles, rows(graph, SPEC, handles, ROW), strict=True)
    return min(pairs, key=lambda pair: row_order(pair[1]))

"""Dependencies one after another: a tree of them, and the shortest path between specs."""

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any

from cachegraph.analysis.dependencies.traversal import Needs, deptype_filter
from cachegraph.analysis.rows import ROW, row_order, rows, spec_rows
from cachegraph.model.graph import Handle, Members, SpecGraph, relationships
from cachegraph.model.schema import DEPENDS_ON, SPEC

if TYPE_CHECKING:
    from cachegraph.questions.answers.reach import Step, TreeRow

_SHOWN = ROW[:3]
Children = dict[Handle, list[tuple[Handle, Needs]]]


def tree(
    graph: SpecGraph,
    roots: Members,
    depth: Mapping[Handle, int],
    deptypes: Sequence[str],
    *,
    reverse: bool,
) -> list["TreeRow"]:
    """The lines of the tree below the roots; what was shown before is not unfolded again."""
    nodes = [*roots, *(node for node in depth if node not in roots)]
    row = dict(zip(nodes, rows(graph, SPEC, nodes, _SHOWN), strict=True))
    beside = _children(graph, row, deptypes, reverse=reverse)
    lines: list[Any] = []
    seen: set[Handle] = set()
    top: list[tuple[Handle, Needs]] = [
        (node, (None, None)) for node in sorted(roots, key=lambda root: row_order(row[root]))
    ]
    waiting = [iter(top)]
    while waiting:
        node, needs = next(waiting[-1], (None, None))
        if needs is None:
            waiting.pop()
            continue
        lines.append({"level": len(waiting) - 1, **row[node], **_said(needs)})
        if node in seen:
            lines[-1]["again"] = True
            continue
        seen.add(node)
        children = sorted(beside.get(node, ()), key=lambda child: row_order(row[child[0]]))
        waiting.append(iter(children))
    return lines


def _children(
    graph: SpecGraph, nodes: Mapping[Handle, Any], deptypes: Sequence[str], *, reverse: bool
) -> Children:
    """What comes after each node in the tree."""
    fits = deptype_filter(deptypes)
    found: Children = {}
    for start, end, needs in relationships(graph, DEPENDS_ON, nodes):
        if start in nodes and end in nodes and fits(needs):
            parent, child = (end, start) if reverse else (start, end)
            found.setdefault(parent, []).append((child, (needs[0], needs[1])))
    return found


def path(graph: SpecGraph, starts: Members, ends: Members, deptypes: Sequence[str]) -> list["Step"]:
    """A shortest chain of dependencies from any of the starts to any of the ends; or nothing.

    Of several that are as short it is the one whose specs come first, one after another.
    """
    if starts == ends and len(ends) == 1:
        return [*spec_rows(graph, ends)]  # type: ignore[list-item]  # it is the spec itself
    # A spec on both sides is no answer to itself, but may lead to another.
    both = starts & ends
    targets: list[Set[Handle]] = [{*ends} - both, *({end} for end in both)]
    found: list[list[Any]] = []
    for target in targets:
        most = min(map(len, found), default=None)
        levels = _towards(graph, {*starts} - target, target, deptypes, most)
        if levels:
            found.append(_chain(graph, {*starts} - target, levels, deptypes))
    return min(found, key=lambda steps: (len(steps), [*map(row_order, steps)]), default=[])


def _towards(
    graph: SpecGraph,
    starts: Set[Handle],
    ends: Set[Handle],
    deptypes: Sequence[str],
    most: int | None,
) -> list[Set[Handle]]:
    """The ends, what is one dependency before them, and so on until a start is met; or nothing.

    Nothing either when those are more than ``most``.
    """
    levels = [ends]
    for level in (
        graph.breadth_first(DEPENDS_ON, ends, reverse=True, any_of=deptypes) if starts else ()
    ):
        if len(levels) == most:
            break
        levels.append(level)
        if not starts.isdisjoint(level):
            return levels
    return []


def _chain(
    graph: SpecGraph, starts: Set[Handle], levels: list[Set[Handle]], deptypes: Sequence[str]
) -> list[Any]:
    """The first start of the last level, then down the levels the first of what it needs."""
    fits = deptype_filter(deptypes)
    node, step = _first(graph, starts & levels[-1])
    steps = [step]
    for level in levels[-2::-1]:
        needs = {
            end: (deptypes, virtuals)
            for _, end, (deptypes, virtuals) in relationships(graph, DEPENDS_ON, [node])
            if end in level and fits((deptypes,))
        }
        node, step = _first(graph, needs)
        steps[-1].update(_said(needs[node]))
        steps.append(step)
    return steps


def _first(graph: SpecGraph, nodes: Iterable[Handle]) -> tuple[Handle, Any]:
    handles = [*nodes]
    return min(
        zip(handles, rows(graph, SPEC, handles, ROW), strict=True),
        key=lambda pair: row_order(pair[1]),
    )


def _said(needs: Needs) -> Mapping[str, list[str]]:
    names = (p.name for p in DEPENDS_ON.properties)
    return {name: [*v] for name, v in zip(names, needs, strict=True) if v is not None}

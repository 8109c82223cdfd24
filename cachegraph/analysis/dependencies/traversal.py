"""What can be reached over dependencies, how far away it is, and by which relationships."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from operator import itemgetter
from typing import Any

from cachegraph.analysis.rows import ROW
from cachegraph.errors import UsageError
from cachegraph.model.graph import Handle, SpecGraph, relationships
from cachegraph.model.schema import DEPENDS_ON, SPEC
from cachegraph.model.spec import DEPTYPES

PURPOSE = ("deptypes", "virtuals")
SORTED = ("depth", "package", "version", "hash")
"""What the tuples of ``reached`` begin with: to compare them is to sort as spec rows are."""
Needs = tuple[Sequence[str] | None, Sequence[str] | None]
"""The deptypes and virtuals of a dependency."""


def with_dependencies(graph: SpecGraph, starts: Iterable[Handle]) -> set[Handle]:
    """The starts, and all that they need, directly or not."""
    found = {*starts}
    return found.union(*graph.breadth_first(DEPENDS_ON, found))


def note_specs_from_pages(graph: SpecGraph, specs: Iterable[Handle]) -> list[str]:
    """What has to be said of specs that are only on pages: what needs them may be as well."""
    known = graph.values(SPEC, specs, ("package", "specfile_version"))
    count = sum(package is not None and said is None for package, said in known)
    told = f"of {count} of these specs there are only pages, which do not say what depends on what"
    return [told] if count else []


def parse_deptypes(deptypes: Iterable[str]) -> list[str]:
    """The deptypes that are meant, in Spack's order; several may be in one text, after commas."""
    named = {name.strip() for text in deptypes for name in text.split(",")}
    for name in sorted(named.difference(DEPTYPES)):
        raise UsageError(f"no deptype {name}", f"deptypes are {', '.join(DEPTYPES)}")
    return [name for name in DEPTYPES if name in named]


def deptype_filter(deptypes: Sequence[str]) -> Callable[[Sequence[Any]], bool]:
    """Whether a dependency with these properties is one that the lens lets through."""
    wanted = {*deptypes}
    return lambda said: not wanted or not wanted.isdisjoint(said[0] or ())


def depths(
    graph: SpecGraph,
    starts: Iterable[Handle],
    deptypes: Sequence[str] = (),
    *,
    reverse: bool = False,
    most: int | None = None,
) -> dict[Handle, int]:
    """How many dependencies away from the starts each spec is: what they need, or what needs them.

    Not further than ``most``; only over dependencies that have any of the deptypes.
    """
    found: dict[Handle, int] = {}
    levels = graph.breadth_first(DEPENDS_ON, starts, reverse=reverse, any_of=deptypes)
    for depth, level in enumerate(levels, 1):
        found.update(zip(level, repeat(depth)))
        if depth == most:
            break
    return found


def children_first(edges: Mapping[Handle, Iterable[Handle]]) -> list[Handle]:
    """The specs, each after all that it needs; a circle is cut somewhere."""
    ordered: list[Handle] = []
    seen: set[Handle] = set()
    for spec in edges:
        waiting = [(spec, False)]
        while waiting:
            node, done = waiting.pop()
            if done:
                ordered.append(node)
            elif node not in seen:
                seen.add(node)
                waiting.append((node, True))
                waiting += [(end, False) for end in edges.get(node, ()) if end not in seen]
    return ordered


def direct(
    graph: SpecGraph,
    starts: Iterable[Handle],
    deptypes: Sequence[str] = (),
    *,
    reverse: bool = False,
) -> dict[Handle, Needs]:
    """What is one dependency away from the starts, and what that dependency is for."""
    fits = deptype_filter(deptypes)
    found: dict[Handle, Needs] = {}
    for nodes, said in _beside(graph, starts, reverse=reverse):
        if not fits(said):
            continue
        needs = said[0], said[1]
        for node in nodes:
            known = found.get(node)
            found[node] = merged(known, needs) if known else needs
    return found


def _beside(
    graph: SpecGraph, starts: Iterable[Handle], *, reverse: bool
) -> Iterator[tuple[Iterable[Handle], tuple[Any, ...]]]:
    if reverse:
        for start in starts:
            for said, nodes in graph.starts_by_properties(DEPENDS_ON, start):
                yield nodes, said
    else:
        for _, node, said in relationships(graph, DEPENDS_ON, starts):
            yield (node,), said


def merged(left: Needs, right: Needs) -> Needs:
    """What two dependencies together are for."""
    if left == right:
        return left
    types, virtuals = ({*(a or ()), *(b or ())} for a, b in zip(left, right, strict=True))
    known = left[1] is not None or right[1] is not None
    return [name for name in DEPTYPES if name in types], sorted(virtuals) if known else None


def reached(
    graph: SpecGraph,
    depth: Mapping[Handle, int],
    needs: Mapping[Handle, Needs],
    columns: Sequence[str],
) -> list[tuple[Any, ...]]:
    """A tuple for each spec, sorted, of the values of the columns, which begin with ``SORTED``.

    An unknown package or version is empty. What it is needed for comes last, if at all.
    """
    nodes = sorted(depth)
    if not nodes:
        return []
    names = [name for name in columns[1:] if name not in PURPOSE]
    packages, versions, *others = zip(*graph.values(SPEC, nodes, names), strict=True)
    if columns[-1] in PURPOSE:
        unknown: Needs = (None, None)
        others += zip(*map(needs.get, nodes, repeat(unknown)), strict=True)
    begin = [*map(depth.__getitem__, nodes)], _texts(packages), _texts(versions)
    # Many begin alike: to sort those by their hashes is quicker than to compare all of each.
    alike: defaultdict[tuple[Any, ...], list[tuple[Any, ...]]] = defaultdict(list)
    rows = zip(*begin, *others, strict=True)
    for beginning, row in zip(zip(*begin, strict=True), rows, strict=True):
        alike[beginning].append(row)
    by_hash = itemgetter(SORTED.index("hash"))
    return [row for beginning in sorted(alike) for row in sorted(alike[beginning], key=by_hash)]


def _texts(values: Sequence[str | None]) -> Sequence[str]:
    """The values, which can be sorted: an absent one is empty."""
    return [value or "" for value in values] if None in values else values  # type: ignore[return-value]


def as_row(columns: Sequence[str], values: Sequence[Any]) -> Any:
    """The spec row, with depth, of a tuple of ``reached``."""
    said = dict(zip(columns, values, strict=True))
    return {
        name: [*said[name]] if isinstance(said[name], tuple) else said[name]
        for name in (*ROW, "depth", *PURPOSE)
        if said[name] not in (None, "")
    }

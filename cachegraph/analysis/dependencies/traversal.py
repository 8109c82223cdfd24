"""Which specs dependencies lead to from others, how far away they are, and what each is for."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from cachegraph.analysis.rows import ROW
from cachegraph.errors import UsageError
from cachegraph.model.graph import Handle, SpecGraph, relationships
from cachegraph.model.schema import DEPENDS_ON, SPEC
from cachegraph.model.spec import DEPTYPES, DependencyUse

SORT_COLUMNS = ("depth", "package", "version", "hash")
"""The first columns of ``sorted_columns``: comparing tuples orders them as spec rows."""


def with_dependencies(graph: SpecGraph, starts: Iterable[Handle]) -> set[Handle]:
    """The starts and all that they depend on, directly or not."""
    found = {*starts}
    return found.union(*graph.breadth_first(DEPENDS_ON, found))


def note_specs_from_pages(graph: SpecGraph, specs: Iterable[Handle]) -> list[str]:
    """A note on specs that only pages record: some of their dependents may be unknown."""
    known = graph.values(SPEC, specs, ("package", "specfile_version"))
    count = sum(package is not None and format_ is None for package, format_ in known)
    note = f"only pages record {count} of these specs, without their dependencies"
    return [note] if count else []


def note_unrecorded(graph: SpecGraph, specs: Iterable[Handle]) -> list[str]:
    """A note on specs whose dependencies no source records."""
    formats = graph.values(SPEC, sorted(specs), ("specfile_version",))
    count = sum(format_ is None for (format_,) in formats)
    note = f"no source records the dependencies of {count} of these specs"
    return [note] if count else []


def parse_deptypes(texts: Iterable[str]) -> list[str]:
    """The deptypes that the texts name, separated by commas, in Spack's order; UsageError."""
    named = {name.strip() for text in texts for name in text.split(",")}
    for name in sorted(named.difference(DEPTYPES)):
        raise UsageError(f"no deptype {name}", f"deptypes are {', '.join(DEPTYPES)}")
    return [name for name in DEPTYPES if name in named]


def deptype_filter(deptypes: Sequence[str]) -> Callable[[Sequence[Any]], bool]:
    """A test of a dependency's property values for any of the deptypes; without any, all fit."""
    wanted = {*deptypes}
    return lambda values: not wanted or not wanted.isdisjoint(values[0] or ())


def depths(
    graph: SpecGraph,
    starts: Iterable[Handle],
    deptypes: Sequence[str] = (),
    *,
    reverse: bool = False,
    most: int | None = None,
) -> dict[Handle, int]:
    """Each spec that the starts depend on, or in reverse each dependent, and how far away it is.

    Not further than ``most``; only along dependencies that have any of the deptypes.
    """
    found: dict[Handle, int] = {}
    levels = graph.breadth_first(DEPENDS_ON, starts, reverse=reverse, any_of=deptypes)
    for depth, level in enumerate(levels, 1):
        found.update(dict.fromkeys(level, depth))  # half the time of pairs
        if depth == most:
            break
    return found


def children_first(edges: Mapping[Handle, Iterable[Handle]]) -> list[Handle]:
    """The specs, each after all of its dependencies; a cycle is cut somewhere."""
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


def direct_uses(
    graph: SpecGraph,
    starts: Iterable[Handle],
    deptypes: Sequence[str] = (),
    *,
    reverse: bool = False,
) -> dict[Handle, DependencyUse]:
    """The direct dependencies, or in reverse the dependents, of the starts; their uses merged."""
    fits = deptype_filter(deptypes)
    found: dict[Handle, DependencyUse] = {}
    for nodes, values in _adjacent(graph, starts, reverse=reverse):
        if fits(values):
            use = DependencyUse(*values)
            for node in nodes:
                known = found.get(node)
                found[node] = merge_uses(known, use) if known else use
    return found


def _adjacent(
    graph: SpecGraph, starts: Iterable[Handle], *, reverse: bool
) -> Iterator[tuple[Iterable[Handle], tuple[Any, ...]]]:
    """The specs next to the starts, with the values of the properties of the relationships."""
    if reverse:
        for start in starts:
            for values, nodes in graph.starts_by_properties(DEPENDS_ON, start):
                yield nodes, values
    else:
        for _, node, values in relationships(graph, DEPENDS_ON, starts):
            yield (node,), values


def merge_uses(left: DependencyUse, right: DependencyUse) -> DependencyUse:
    """All deptypes and virtuals of two uses."""
    if left == right:
        return left
    deptypes = {*(left.deptypes or ()), *(right.deptypes or ())}
    virtuals = {*(left.virtuals or ()), *(right.virtuals or ())}
    unknown = left.virtuals is None and right.virtuals is None
    types = tuple(name for name in DEPTYPES if name in deptypes)
    return DependencyUse(types, None if unknown else tuple(sorted(virtuals)))


def use_values(use: Sequence[Any]) -> dict[str, list[str]]:
    """The deptypes and virtuals of a use by name, as rows have them; without unknown ones."""
    named = zip(DependencyUse._fields, use, strict=True)
    return {name: [*value] for name, value in named if value is not None}


def sorted_columns(
    graph: SpecGraph,
    depth: Mapping[Handle, int],
    uses: Mapping[Handle, DependencyUse],
    names: Sequence[str],
) -> list[Sequence[Any]]:
    """The values of each name for the specs, in the order of their rows; unknown names are empty.

    The names begin with ``SORT_COLUMNS``; those of a use come last, if at all. To put columns in
    order is quicker than rows.
    """
    nodes = sorted(depth)
    if not nodes:
        return [()] * len(names)
    properties = [name for name in names[1:] if name not in DependencyUse._fields]
    packages, versions, *others = zip(*graph.values(SPEC, nodes, properties), strict=True)
    if names[-1] in DependencyUse._fields:
        unknown = (None, None)
        others += zip(*(uses.get(node, unknown) for node in nodes), strict=True)
    begin = [*map(depth.__getitem__, nodes)], _texts(packages), _texts(versions)
    # Many begin alike: to sort those by their hashes is quicker than to compare all of each.
    alike: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
    for place, beginning in enumerate(zip(*begin, strict=True)):
        alike[beginning].append(place)
    hashes = others[0].__getitem__
    order = [place for one in sorted(alike) for place in sorted(alike[one], key=hashes)]
    return [[*map(column.__getitem__, order)] for column in (*begin, *others)]


def _texts(values: Sequence[str | None]) -> Sequence[str]:
    return [value or "" for value in values] if None in values else values  # type: ignore[return-value]


def tuple_row(columns: Sequence[str], values: Sequence[Any]) -> Any:
    """The spec row, with depth and use, of values of ``sorted_columns``."""
    named = dict(zip(columns, values, strict=True))
    return {
        name: [*named[name]] if isinstance(named[name], tuple) else named[name]
        for name in (*ROW, "depth", *DependencyUse._fields)
        if named[name] not in (None, "")
    }

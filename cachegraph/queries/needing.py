"""The specs that need what a pattern asks for: after %, after ^, and by ``++``.

``%NAME`` is a direct dependency of any type, or a compiler, by its name in either era. ``^NAME`` is
a dependency at any depth. A name may be that of a virtual package, such as mpi.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from cachegraph.errors import UsageError
from cachegraph.graph import Handle, Members, SpecGraph
from cachegraph.queries.matching import GIVE_HASH, NOBODY, fitting, judged, owning
from cachegraph.queries.names import no_package
from cachegraph.queries.reach import below
from cachegraph.schema import BUILT_WITH, COMPILER, DEPENDS_ON, PACKAGE, SPEC
from cachegraph.syntax import COMPILERS, LANGUAGES, Needs, Pattern

if TYPE_CHECKING:
    from cachegraph.syntax import Variant


def needing(graph: SpecGraph, pattern: Pattern, specs: Members) -> Members:
    """Those of the specs that need all that the pattern says."""
    for needs in pattern.direct:
        specs = specs & _directly(graph, needs, specs)
    for needs in pattern.dependencies:
        specs = specs & _at_any_depth(graph, needs, specs)
    for variant in pattern.variants:
        if variant.propagated:
            specs = specs - _somewhere_denied(graph, variant, specs)
    return specs


def _directly(graph: SpecGraph, needs: Needs, specs: Members) -> Members:
    """The specs that were built with it, and those that directly depend on it."""
    families = {key.partition("@")[0] for key in graph.starting(COMPILER)}
    only_a_compiler = not _is_package(graph, needs) and bool(needs.names & (families | COMPILERS))
    if not only_a_compiler:
        needs = _provided(graph, needs, families)
    found = _built_with(graph, needs)
    if needs.before_1_0 is not None:
        plain, own = needs.before_1_0
        others = needing(graph, own, owning(graph, own, specs))
        found = found | (_directly(graph, plain, others) & others)
    if only_a_compiler:
        return found
    return found | _holding(graph, needs, specs)


def _at_any_depth(graph: SpecGraph, needs: Needs, specs: Members) -> Members:
    """The specs that depend on it, directly or not."""
    needs = _provided(graph, needs)
    return _with_all_above(graph, _holding(graph, needs, specs, deep=True))


def _somewhere_denied(graph: SpecGraph, variant: "Variant", specs: Members) -> Members:
    """The specs that have the variant otherwise, or need what does."""
    return _with_all_above(graph, judged(graph, below(graph, specs), "variants", variant.denied))


def _with_all_above(graph: SpecGraph, specs: Members) -> set[Handle]:
    """The specs, and all that need one of them, directly or not."""
    return {*specs}.union(*graph.levels(DEPENDS_ON, specs, against=True))


def _holding(graph: SpecGraph, needs: Needs, specs: Members, *, deep: bool = False) -> Members:
    """At least those of the specs, or if ``deep`` of all below, that directly depend on it."""
    ends = {*fitting(graph, needs.pattern, needs.names)}
    if not needs.virtuals and not needs.deptypes:
        joined = graph.joined(DEPENDS_ON, ends)  # gcc is built with gcc
        within = {start for start, end, _ in joined if end in ends}
        return within.union(next(graph.levels(DEPENDS_ON, ends, against=True), ()))
    deptypes, virtuals = {*needs.deptypes}, {*needs.virtuals}
    return {
        start
        for start, end, (types, provided) in graph.joined(
            DEPENDS_ON, below(graph, specs) if deep else specs
        )
        if end in ends and deptypes <= {*(types or ())} and virtuals <= {*(provided or ())}
    }


def _built_with(graph: SpecGraph, needs: Needs) -> Members:
    """The specs that a compiler built which is what is needed."""
    found = NOBODY
    for key in graph.starting(COMPILER):
        if needs.is_compiler(key):
            for (languages,), specs in graph.groups(BUILT_WITH, graph.find(COMPILER, key)):
                if needs.is_compiler(key, languages):
                    found = specs | found
    return found


def _provided(graph: SpecGraph, needs: Needs, others: Iterable[str] = ()) -> Needs:
    """The same; of what is no package but a virtual one, whatever provides it."""
    name = needs.pattern.name
    if name is None or needs.pattern.hash is not None or _is_package(graph, needs):
        return needs
    if name not in LANGUAGES and name not in _virtuals(graph):
        raise no_package(graph, name, GIVE_HASH, {*others, *_virtuals(graph)})
    if not needs.pattern.is_plain or needs.pattern.versions is not None:
        raise UsageError(
            f"{name} is a virtual package: of it no version or variant is known",
            f"ask for {name} alone, or for what provides it, as in ^{name}=PACKAGE@VERSION",
        )
    return Needs(Pattern(), (*needs.virtuals, name), needs.deptypes)


def _is_package(graph: SpecGraph, needs: Needs) -> bool:
    return any(graph.find(PACKAGE, name) is not None for name in needs.names)


def _virtuals(graph: SpecGraph) -> Iterator[str]:
    """The virtual packages that specs need, each as often as one needs it."""
    for _, _, (_, virtuals) in graph.joined(DEPENDS_ON, graph.nodes(SPEC)):
        yield from virtuals or ()

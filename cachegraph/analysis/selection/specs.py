"""The specs that what people type fits, in Spack's syntax.

What a spec is itself is judged once for each value that occurs; what it needs is walked.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from cachegraph.analysis.dependencies.traversal import with_dependencies
from cachegraph.analysis.selection.lookup import find_spec, no_package
from cachegraph.errors import NotFoundError, UsageError
from cachegraph.model.graph import Handle, Members, SpecGraph, relationships
from cachegraph.model.schema import (
    BUILT_FOR,
    BUILT_WITH,
    COMPILER,
    DEPENDS_ON,
    OF_PACKAGE,
    OPERATING_SYSTEM,
    PACKAGE,
    RUNS_ON,
    SPEC,
    TARGET,
)
from cachegraph.model.spec import LANGUAGES

if TYPE_CHECKING:
    from cachegraph.syntax import DependencyPattern, Pattern, Variant

GIVE_HASH = "for a spec, give /HASH"
NOBODY: Members = frozenset()
_LOOKS_LIKE_HASH = re.compile(r"[a-z2-7]{1,32}", re.IGNORECASE).fullmatch


def specs_matching(graph: SpecGraph, text: str) -> Members:
    """The specs that fit a spec in Spack's syntax.

    NotFoundError suggests names that are close to one of a package that there is not;
    UsageError says what is wrong with the text.
    """
    # Most often it is a name: then there is nothing to parse, and no parser to import.
    package = graph.find(PACKAGE, text)
    if package is not None:
        return graph.starts_of(OF_PACKAGE, package)
    from cachegraph.syntax import parse

    return specs_fitting(graph, parse(text))


def specs_fitting(graph: SpecGraph, pattern: "Pattern", names: Iterable[str] = ()) -> Members:
    """The specs that fit a pattern; ``names`` are those that the package may have."""
    specs = filter_own(graph, pattern, _named(graph, pattern, names))
    if pattern.is_without_dependencies:
        return specs
    return filter_dependencies(graph, pattern, specs)


def _named(graph: SpecGraph, pattern: "Pattern", names: Iterable[str]) -> Members:
    """The specs that a hash or a package's name leaves, or all of them."""
    if pattern.hash is not None:
        return frozenset({find_spec(graph, f"{pattern.name or ''}/{pattern.hash}")})
    if pattern.name is None:
        specs = graph.nodes(SPEC)
        # Where nothing is asked for, stubs, of which nothing is known, would fit as well.
        return (
            specs
            if pattern.conditions() or not pattern.is_without_dependencies
            else _described(graph, specs)
        )
    packages = [graph.find(PACKAGE, name) for name in (names or (pattern.name,))]
    known = [package for package in packages if package is not None]
    if known:
        return reduce(or_, (graph.starts_of(OF_PACKAGE, package) for package in known))
    if pattern.is_name_and_versions and pattern.versions is None and _LOOKS_LIKE_HASH(pattern.name):
        # The slash of a hash may be left out.
        spec = _by_hash(graph, pattern.name)
        if spec is not None:
            return frozenset({spec})
    raise no_package(graph, pattern.name, GIVE_HASH)


def _described(graph: SpecGraph, specs: Members) -> Members:
    """Those of the specs of which the package is known."""
    return filter_property(graph, specs, "package", lambda known: known is not None)


def filter_own(graph: SpecGraph, pattern: "Pattern", specs: Members) -> Members:
    """Those of the specs that are what the pattern asks for, whatever they need."""
    judges = pattern.conditions()
    for name in ("hash", "package"):
        judges.pop(name, None)
    if pattern.os is not None:
        del judges["os"]
        os = graph.find(OPERATING_SYSTEM, pattern.os)
        specs = specs & graph.starts_of(RUNS_ON, os) if os is not None else NOBODY
    if pattern.target is not None:
        fits = judges.pop("target")
        keys = filter(fits, graph.keys(TARGET))
        of = [graph.starts_of(BUILT_FOR, graph.find(TARGET, key)) for key in keys]
        specs = specs & reduce(or_, of) if of else NOBODY
    for name, judge in judges.items():
        specs = filter_property(graph, specs, name, judge)
    return specs


def filter_property(
    graph: SpecGraph, specs: Members, name: str, judge: Callable[[Any], bool]
) -> Members:
    """Those of the specs of which a property fits; each value that occurs is judged once."""
    nodes = [*specs]
    if not nodes:
        return specs
    (tokens,) = graph.tokens(SPEC, nodes, (name,))
    one_of = dict(zip(tokens, nodes, strict=True))
    values = graph.values(SPEC, one_of.values(), (name,))
    fit = {token for token, (value,) in zip(one_of, values, strict=True) if judge(value)}
    if len(fit) == len(one_of):
        return specs
    return specs & frozenset(_kept(nodes, tokens, fit))


def _kept(nodes: Iterable[Handle], tokens: Iterable[Any], fit: set[Any]) -> Iterator[Handle]:
    return (node for node, token in zip(nodes, tokens, strict=True) if token in fit)


def _by_hash(graph: SpecGraph, text: str) -> Handle | None:
    try:
        return find_spec(graph, text)
    except NotFoundError:
        return None


# What specs need: after %, after ^, and by ++.


def filter_dependencies(graph: SpecGraph, pattern: "Pattern", specs: Members) -> Members:
    """Those of the specs that need all that the pattern says."""
    for needs in pattern.direct:
        specs = specs & _directly(graph, needs, specs)
    for needs in pattern.dependencies:
        specs = specs & _at_any_depth(graph, needs, specs)
    for variant in pattern.variants:
        if variant.propagated:
            specs = specs - _somewhere_denied(graph, variant, specs)
    return specs


def _directly(graph: SpecGraph, needs: "DependencyPattern", specs: Members) -> Members:
    """The specs that were built with it, and those that directly depend on it."""
    from cachegraph.syntax import COMPILERS

    families = {key.partition("@")[0] for key in graph.keys(COMPILER)}
    only_a_compiler = not _is_package(graph, needs) and bool(needs.names & (families | COMPILERS))
    if not only_a_compiler:
        needs = _provided(graph, needs, families)
    found = _built_with(graph, needs)
    if needs.as_before_1_0 is not None:
        plain, own = needs.as_before_1_0
        others = filter_dependencies(graph, own, filter_own(graph, own, specs))
        found = found | (_directly(graph, plain, others) & others)
    if only_a_compiler:
        return found
    return found | _holding(graph, needs, specs)


def _at_any_depth(graph: SpecGraph, needs: "DependencyPattern", specs: Members) -> Members:
    """The specs that depend on it, directly or not."""
    needs = _provided(graph, needs)
    return _with_all_above(graph, _holding(graph, needs, specs, deep=True))


def _somewhere_denied(graph: SpecGraph, variant: "Variant", specs: Members) -> Members:
    """The specs that have the variant otherwise, or need what does."""
    return _with_all_above(
        graph,
        filter_property(
            graph, with_dependencies(graph, specs), "variants", variant.is_contradicted_by
        ),
    )


def _with_all_above(graph: SpecGraph, specs: Members) -> set[Handle]:
    """The specs, and all that need one of them, directly or not."""
    return {*specs}.union(*graph.breadth_first(DEPENDS_ON, specs, reverse=True))


def _holding(
    graph: SpecGraph, needs: "DependencyPattern", specs: Members, *, deep: bool = False
) -> Members:
    """At least those of the specs, or if ``deep`` of all below, that directly depend on it."""
    ends = {*specs_fitting(graph, needs.pattern, needs.names)}
    if not needs.virtuals and not needs.deptypes:
        joined = relationships(graph, DEPENDS_ON, ends)  # gcc is built with gcc
        within = {start for start, end, _ in joined if end in ends}
        return within.union(next(graph.breadth_first(DEPENDS_ON, ends, reverse=True), ()))
    deptypes, virtuals = {*needs.deptypes}, {*needs.virtuals}
    return {
        start
        for start, end, (types, provided) in relationships(
            graph, DEPENDS_ON, with_dependencies(graph, specs) if deep else specs
        )
        if end in ends and deptypes <= {*(types or ())} and virtuals <= {*(provided or ())}
    }


def _built_with(graph: SpecGraph, needs: "DependencyPattern") -> Members:
    """The specs that a compiler built which is what is needed."""
    found = NOBODY
    for key in graph.keys(COMPILER):
        if needs.is_compiler(key):
            for (languages,), specs in graph.starts_by_properties(
                BUILT_WITH, graph.find(COMPILER, key)
            ):
                if needs.is_compiler(key, languages):
                    found = specs | found
    return found


def _provided(
    graph: SpecGraph, needs: "DependencyPattern", others: Iterable[str] = ()
) -> "DependencyPattern":
    """The same; of what is no package but a virtual one, whatever provides it."""
    from cachegraph.syntax import DependencyPattern, Pattern

    name = needs.pattern.name
    if name is None or needs.pattern.hash is not None or _is_package(graph, needs):
        return needs
    if name not in LANGUAGES and name not in _virtuals(graph):
        raise no_package(graph, name, GIVE_HASH, {*others, *_virtuals(graph)})
    if not needs.pattern.is_name_and_versions or needs.pattern.versions is not None:
        raise UsageError(
            f"{name} is a virtual package: of it no version or variant is known",
            f"ask for {name} alone, or for what provides it, as in ^{name}=PACKAGE@VERSION",
        )
    return DependencyPattern(Pattern(), (*needs.virtuals, name), needs.deptypes)


def _is_package(graph: SpecGraph, needs: "DependencyPattern") -> bool:
    return any(graph.find(PACKAGE, name) is not None for name in needs.names)


def _virtuals(graph: SpecGraph) -> Iterator[str]:
    """The virtual packages that specs need, each as often as one needs it."""
    for _, _, (_, virtuals) in relationships(graph, DEPENDS_ON, graph.nodes(SPEC)):
        yield from virtuals or ()

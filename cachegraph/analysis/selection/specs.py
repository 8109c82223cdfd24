"""The specs that fit a spec in Spack's syntax.

Its own properties are compared once for each value that occurs; dependencies are walked.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from cachegraph.analysis.dependencies.traversal import with_dependencies
from cachegraph.analysis.selection.lookup import find_spec, no_package
from cachegraph.errors import NotFoundError, UsageError
from cachegraph.model import schema
from cachegraph.model.graph import Handle, Members, SpecGraph, relationships
from cachegraph.model.spec import LANGUAGES

if TYPE_CHECKING:
    from cachegraph.syntax import DependencyPattern, Pattern

GIVE_HASH = "for a spec, give /HASH"
NONE: Members = frozenset()
_LOOKS_LIKE_HASH = re.compile(r"[a-z2-7]{1,32}", re.IGNORECASE).fullmatch


def specs_matching(graph: SpecGraph, text: str) -> Members:
    """The specs that fit a spec in Spack's syntax.

    NotFoundError for an unknown package suggests close names; UsageError if it is not that syntax.
    """
    # Most texts are the name of a package, for which the parser need not be imported.
    package = graph.find(schema.PACKAGE, text)
    if package is not None:
        return graph.starts_of(schema.OF_PACKAGE, package)
    from cachegraph.syntax import parse

    return specs_fitting(graph, parse(text))


def specs_fitting(graph: SpecGraph, pattern: "Pattern", names: Iterable[str] = ()) -> Members:
    """The specs that fit a pattern; ``names`` are other names that its package may have."""
    specs = filter_own(graph, pattern, _with_name_or_hash(graph, pattern, names))
    return filter_dependencies(graph, pattern, specs)


def _with_name_or_hash(graph: SpecGraph, pattern: "Pattern", names: Iterable[str]) -> Members:
    """The one spec with the hash of a pattern, else the specs of its package, else all specs."""
    if pattern.hash is not None:
        return frozenset({find_spec(graph, f"{pattern.name or ''}/{pattern.hash}")})
    if pattern.name is None:
        specs = graph.nodes(schema.SPEC)
        if pattern.conditions() or not pattern.is_without_dependencies:
            return specs
        # A pattern that asks for nothing would fit stubs too, which have no package.
        return filter_property(graph, specs, "package", lambda known: known is not None)
    packages = [graph.find(schema.PACKAGE, name) for name in (names or (pattern.name,))]
    known = [package for package in packages if package is not None]
    if known:
        return reduce(or_, (graph.starts_of(schema.OF_PACKAGE, package) for package in known))
    if pattern.is_name_and_versions and pattern.versions is None and _LOOKS_LIKE_HASH(pattern.name):
        # A hash may be written without its slash.
        with suppress(NotFoundError):
            return frozenset({find_spec(graph, pattern.name)})
    raise no_package(graph, pattern.name, GIVE_HASH)


def filter_own(graph: SpecGraph, pattern: "Pattern", specs: Members) -> Members:
    """The specs whose own properties fit the pattern, whatever their dependencies are."""
    judges = pattern.conditions()
    for name in ("hash", "package"):
        judges.pop(name, None)
    if pattern.os is not None:
        del judges["os"]
        os = graph.find(schema.OPERATING_SYSTEM, pattern.os)
        specs = specs & graph.starts_of(schema.RUNS_ON, os) if os is not None else NONE
    if pattern.target is not None:
        fits = judges.pop("target")
        keys = filter(fits, graph.keys(schema.TARGET))
        built = [graph.starts_of(schema.BUILT_FOR, graph.find(schema.TARGET, key)) for key in keys]
        specs = specs & reduce(or_, built) if built else NONE
    for name, judge in judges.items():
        specs = filter_property(graph, specs, name, judge)
    return specs


def filter_property(
    graph: SpecGraph, specs: Members, name: str, judge: Callable[[Any], bool]
) -> Members:
    """The specs with a property that ``judge`` accepts; it is called once for each value."""
    nodes = [*specs]
    if not nodes:
        return specs
    (tokens,) = graph.tokens(schema.SPEC, nodes, (name,))
    one_of = dict(zip(tokens, nodes, strict=True))
    values = graph.values(schema.SPEC, one_of.values(), (name,))
    fit = {token for token, (value,) in zip(one_of, values, strict=True) if judge(value)}
    if len(fit) == len(one_of):
        return specs
    kept = (node for node, token in zip(nodes, tokens, strict=True) if token in fit)
    return specs & frozenset(kept)


# Dependencies: after % (direct), after ^ (at any depth), and of propagated variants (++name).


def filter_dependencies(graph: SpecGraph, pattern: "Pattern", specs: Members) -> Members:
    """The specs that have all dependencies for which the pattern asks."""
    for needs in pattern.direct:
        specs = specs & _with_direct(graph, needs, specs)
    for needs in pattern.dependencies:
        ends = _depending_on(graph, _by_provider(graph, needs), specs, deep=True)
        specs = specs & _with_dependents(graph, ends)
    for variant in pattern.variants:
        if variant.propagated:
            every = with_dependencies(graph, specs)
            others = filter_property(graph, every, "variants", variant.is_contradicted_by)
            specs = specs - _with_dependents(graph, others)
    return specs


def _with_direct(graph: SpecGraph, needs: "DependencyPattern", specs: Members) -> Members:
    """At least the specs that directly depend on what is needed, or were built with it."""
    from cachegraph.syntax import COMPILERS

    families = {key.partition("@")[0] for key in graph.keys(schema.COMPILER)}
    only_a_compiler = not _is_package(graph, needs) and bool(needs.names & (families | COMPILERS))
    if not only_a_compiler:
        needs = _by_provider(graph, needs, families)
    found = _built_with(graph, needs)
    if needs.as_before_1_0 is not None:
        plain, own = needs.as_before_1_0
        others = filter_dependencies(graph, own, filter_own(graph, own, specs))
        found = found | (_with_direct(graph, plain, others) & others)
    if only_a_compiler:
        return found
    return found | _depending_on(graph, needs, specs)


def _with_dependents(graph: SpecGraph, specs: Members) -> set[Handle]:
    """The specs, and all that depend on one of them, directly or not."""
    return {*specs}.union(*graph.breadth_first(schema.DEPENDS_ON, specs, reverse=True))


def _depending_on(
    graph: SpecGraph, needs: "DependencyPattern", specs: Members, *, deep: bool = False
) -> Members:
    """At least the specs, or if ``deep`` their dependencies, that directly depend on the needed."""
    ends = {*specs_fitting(graph, needs.pattern, needs.names)}
    if not needs.virtuals and not needs.deptypes:
        own = relationships(graph, schema.DEPENDS_ON, ends)  # gcc is built with gcc
        among_ends = {start for start, end, _ in own if end in ends}
        levels = graph.breadth_first(schema.DEPENDS_ON, ends, reverse=True)
        return among_ends.union(next(levels, ()))
    deptypes, virtuals = {*needs.deptypes}, {*needs.virtuals}
    starts = with_dependencies(graph, specs) if deep else specs
    return {
        start
        for start, end, (types, provided) in relationships(graph, schema.DEPENDS_ON, starts)
        if end in ends and deptypes <= {*(types or ())} and virtuals <= {*(provided or ())}
    }


def _built_with(graph: SpecGraph, needs: "DependencyPattern") -> Members:
    """The specs that were built with a compiler that fits what is needed."""
    found = NONE
    for key in filter(needs.is_compiler, graph.keys(schema.COMPILER)):
        compiler = graph.find(schema.COMPILER, key)
        for (languages,), specs in graph.starts_by_properties(schema.BUILT_WITH, compiler):
            if needs.is_compiler(key, languages):
                found = specs | found
    return found


def _by_provider(
    graph: SpecGraph, needs: "DependencyPattern", others: Iterable[str] = ()
) -> "DependencyPattern":
    """What is needed; if its name is of a virtual package, anything that provides that.

    NotFoundError for an unknown name; ``others`` are more names that it may suggest.
    """
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
    return any(graph.find(schema.PACKAGE, name) is not None for name in needs.names)


def _virtuals(graph: SpecGraph) -> Iterator[str]:
    """The virtual packages of all dependencies, each as often as it occurs."""
    for _, _, (_, virtuals) in relationships(graph, schema.DEPENDS_ON, graph.nodes(schema.SPEC)):
        yield from virtuals or ()


def note_ambiguous_compiler(text: str) -> Iterator[str]:
    """A note on each compiler in a spec after which something is read in two ways."""
    if "%" not in text:
        return
    from cachegraph.syntax import parse

    pattern = parse(text)
    for spec in (pattern, *(needs.pattern for needs in pattern.dependencies)):
        for needs in spec.direct:
            if needs.as_before_1_0 is not None:
                yield (
                    f"what follows %{needs.pattern.name} may describe it (as since Spack 1.0) or "
                    f"{spec.name or 'the spec'} (as before): either fits"
                )

"""The specs that fit a spec in Spack's syntax.

Its own properties are compared once for each value that occurs; dependencies are walked.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from itertools import chain
from operator import or_
from typing import TYPE_CHECKING, Any, NamedTuple

from cachegraph.analysis.dependencies.traversal import with_dependencies
from cachegraph.analysis.rows import nodes_by_value
from cachegraph.analysis.selection.lookup import find_spec, several_fit
from cachegraph.analysis.selection.names import (
    NamedSpecs,
    has_package,
    name_specs,
    no_such_name,
    note_virtual,
    notes_on_versions,
    packages_of,
    providers,
)
from cachegraph.errors import NotFoundError
from cachegraph.model import schema
from cachegraph.model.graph import Handle, Members, SpecGraph, relationships
from cachegraph.model.spec import LANGUAGES

if TYPE_CHECKING:
    from cachegraph.syntax import DependencyPattern, Pattern

NONE: Members = frozenset()
_HASH_LENGTH = 7
_is_hash = re.compile(r"[\w-]*/[a-z2-7]*|[a-z2-7]+", re.IGNORECASE).fullmatch


class MatchedSpecs(NamedTuple):
    """The specs that fit a spec in Spack's syntax, and notes on how it was read."""

    specs: Members
    notes: Sequence[str] = ()


def match_specs(graph: SpecGraph, text: str) -> MatchedSpecs:
    """The specs that fit a spec in Spack's syntax; of a virtual package, those that provide it.

    NotFoundError for an unknown name suggests close ones; UsageError if it is not that syntax.
    """
    # Most texts are the name of a package, for which the parser need not be imported.
    package = graph.find(schema.PACKAGE, text)
    if package is not None:
        return MatchedSpecs(graph.starts_of(schema.OF_PACKAGE, package))
    from cachegraph.syntax import parse

    pattern = parse(text)
    named = name_specs(graph, pattern)
    return MatchedSpecs(_fitting(graph, named), notes_on_reading(graph, pattern, named))


def one_spec(graph: SpecGraph, text: str) -> Handle:
    """The spec with a hash, or the only one that fits a spec in Spack's syntax.

    A package comes before a hash that begins as its name. AmbiguousHashError lists several;
    NotFoundError without any.
    """
    if _may_be_hash(graph, text):
        return find_spec(graph, text)
    found = specs_matching(graph, text)
    if len(found) == 1:
        return next(iter(found))
    if not found:
        raise NotFoundError(f"no spec fits {text}", "leave out some conditions")
    hint = f"give one of the hashes; all are listed by: cachegraph find {text}"
    raise several_fit(graph, text, found, len(found), hint)


def _may_be_hash(graph: SpecGraph, text: str) -> bool:
    """Whether a text is rather the beginning of a hash than the name of a package."""
    if graph.find(schema.PACKAGE, text) is not None or not _is_hash(text):
        return False
    # A few letters are a misspelt name, unless a hash begins with them.
    return "/" in text or len(text) >= _HASH_LENGTH or bool(graph.keys(schema.SPEC, text.lower()))


def specs_matching(graph: SpecGraph, text: str) -> Members:
    """The specs of ``match_specs``."""
    return match_specs(graph, text).specs


def specs_fitting(graph: SpecGraph, pattern: "Pattern", names: Iterable[str] = ()) -> Members:
    """The specs that fit a pattern; ``names`` are other names that its package may have."""
    return _fitting(graph, name_specs(graph, pattern, names))


def _fitting(graph: SpecGraph, named: NamedSpecs) -> Members:
    """The specs that fit what else is asked; of an unknown package only that with the hash."""
    pattern = named.pattern
    specs = filter_dependencies(graph, pattern, filter_own(graph, pattern, named.specs))
    if pattern.name or pattern.hash or named.virtual:
        return specs
    by_package = nodes_by_value(graph, specs, "package")
    return specs - frozenset().union(*(nodes for package, nodes in by_package if package is None))


def filter_own(graph: SpecGraph, pattern: "Pattern", specs: Members) -> Members:
    """The specs whose own properties fit the pattern, whatever their dependencies are."""
    from cachegraph.syntax import ANY

    judges = pattern.conditions()
    for name in ("hash", "package"):
        judges.pop(name, None)
    if pattern.os not in (None, ANY):
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
    judged = [(judge(value), nodes) for value, nodes in nodes_by_value(graph, specs, name)]
    if all(fits for fits, _ in judged):
        return specs
    return specs & frozenset(chain.from_iterable(nodes for fits, nodes in judged if fits))


# Dependencies: after % (direct), after ^ (at any depth), and of propagated variants (++name).


def filter_dependencies(graph: SpecGraph, pattern: "Pattern", specs: Members) -> Members:
    """The specs that have all dependencies for which the pattern asks."""
    for needs in pattern.direct:
        specs = specs & _with_direct(graph, needs, specs)
    for needs in pattern.dependencies:
        specs = specs & _with_dependents(graph, _having(graph, needs, specs, deep=True))
    for variant in pattern.variants:
        if variant.propagated:
            every = with_dependencies(graph, specs)
            others = filter_property(graph, every, "variants", variant.is_contradicted_by)
            specs = specs - _with_dependents(graph, others)
    return specs


def _with_direct(graph: SpecGraph, needs: "DependencyPattern", specs: Members) -> Members:
    """At least the specs that directly depend on what is needed, or were built with it."""
    found = _having(graph, needs, specs)
    if needs.as_before_1_0 is not None:
        plain, own = needs.as_before_1_0
        others = filter_dependencies(graph, own, filter_own(graph, own, specs))
        found = found | (_having(graph, plain, others) & others)
    return found


def _having(
    graph: SpecGraph, needs: "DependencyPattern", specs: Members, *, deep: bool = False
) -> Members:
    """At least the specs, or if ``deep`` their dependencies, that have the direct dependency.

    A compiler that is no dependency, as before Spack 1.0, counts as one; only by its name if
    ``deep``, for without a name ^ is about specs.
    """
    from cachegraph.syntax import COMPILERS

    only_a_compiler = False
    if needs.names and not has_package(graph, needs.names):
        families = {key.partition("@")[0] for key in graph.keys(schema.COMPILER)}
        only_a_compiler = any(map(needs.fits_name, families | COMPILERS))
        if not only_a_compiler:
            needs = _of_provider(graph, needs, families)
    found = NONE
    if not deep or needs.names or needs.virtuals:
        found = _built_with(graph, needs)
    return found if only_a_compiler else found | _depending_on(graph, needs, specs, deep=deep)


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


def _of_provider(
    graph: SpecGraph, needs: "DependencyPattern", compilers: Iterable[str]
) -> "DependencyPattern":
    """The conditions on the provider of a virtual package; NotFoundError if nothing provides it."""
    name = str(needs.pattern.name)
    if name not in LANGUAGES and name not in providers(graph):
        raise no_such_name(graph, name, compilers)
    return needs._replace(pattern=needs.pattern.of_provider, virtuals=(*needs.virtuals, name))


def notes_on_reading(graph: SpecGraph, pattern: "Pattern", named: NamedSpecs) -> list[str]:
    """Notes on a virtual package, on versions of such, and on what may be read in two ways."""
    virtual = []
    if named.virtual is not None:
        virtual = [note_virtual(named.virtual, packages_of(graph, named.specs))]
    return [*virtual, *notes_on_versions(graph, pattern), *notes_on_syntax(pattern)]


def notes_on_syntax(pattern: "Pattern") -> Iterator[str]:
    """Notes on what was read as Spack does, but may be meant otherwise."""
    if pattern.text.startswith("*-") and pattern.name is None:
        name = pattern.variants[0].name
        yield f"*-{name} is any package with ~{name}; ?*-{name} fits names that end in -{name}"
    for spec in (pattern, *(needs.pattern for needs in pattern.dependencies)):
        for needs in spec.direct:
            if needs.as_before_1_0 is not None:
                yield (
                    f"what follows %{needs.pattern.name} may describe it (as since Spack 1.0) or "
                    f"{spec.name or 'the spec'} (as before): either fits"
                )

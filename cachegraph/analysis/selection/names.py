"""Looks up the name in a spec: that of a package, a pattern of names, or a virtual package."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, NamedTuple

from cachegraph.analysis.rows import nodes_by_value
from cachegraph.analysis.selection.lookup import (
    beginning_with,
    close_to,
    did_you_mean,
    first_few,
    spec_with_hash,
)
from cachegraph.errors import NotFoundError
from cachegraph.model.graph import Handle, Members, SpecGraph
from cachegraph.model.schema import DEPENDS_ON, OF_PACKAGE, PACKAGE, SPEC

if TYPE_CHECKING:
    from cachegraph.syntax import Pattern

_without_wildcards = re.compile(r"[*?]|\[[^]]*\]").sub
_looks_like_hash = re.compile(r"[a-z2-7]{7,32}", re.IGNORECASE).fullmatch


class NamedSpecs(NamedTuple):
    """The specs that the name and the hash of a pattern stand for."""

    specs: Members
    pattern: "Pattern"
    """The other conditions that they must fit, less the versions of a virtual package."""
    virtual: str | None = None
    """The virtual package that they provide, if the name is of one."""


def name_specs(graph: SpecGraph, pattern: "Pattern", names: Iterable[str] = ()) -> NamedSpecs:
    """The specs with the name and hash of a pattern; ``names`` are other names of its package.

    A package comes before a virtual package of that name. NotFoundError suggests close names.
    """
    if pattern.name is None:
        return NamedSpecs(_without_name(graph, pattern), pattern)
    names = {*names} or {pattern.name}
    if has_package(graph, names):
        named = NamedSpecs(reduce(or_, [_specs_named(graph, name) for name in names]), pattern)
    elif provided := providers(graph).get(pattern.name):
        named = NamedSpecs(provided, pattern.of_provider, pattern.name)
    else:
        raise no_such_name(graph, pattern.name)
    if pattern.hash is None:
        return named
    one = spec_with_hash(graph, f"{pattern.name}/{pattern.hash}", pattern.hash, named.specs)
    return named._replace(specs=frozenset({one}))


def _without_name(graph: SpecGraph, pattern: "Pattern") -> Members:
    """The one spec with the hash of a pattern, else all specs."""
    if pattern.hash is not None:
        return frozenset({spec_with_hash(graph, f"/{pattern.hash}", pattern.hash)})
    return graph.nodes(SPEC)


def _specs_named(graph: SpecGraph, name: str) -> Members:
    from cachegraph.syntax import is_name_pattern, name_test

    if is_name_pattern(name):
        fits = name_test(name)
        by_package = nodes_by_value(graph, graph.nodes(SPEC), "package")
        return frozenset().union(*(nodes for package, nodes in by_package if fits(package)))
    package = graph.find(PACKAGE, name)
    return frozenset() if package is None else graph.starts_of(OF_PACKAGE, package)


def has_package(graph: SpecGraph, names: Iterable[str]) -> bool:
    """Whether there is a package with one of the names, or that fits one that is a pattern."""
    from cachegraph.syntax import is_name_pattern, name_test

    return any(
        any(map(name_test(name), graph.keys(PACKAGE)))
        if is_name_pattern(name)
        else graph.find(PACKAGE, name) is not None
        for name in names
    )


def packages_named(graph: SpecGraph, name: str) -> list[str]:
    """The package of that name, those that fit a pattern, or those that provide a virtual package.

    NotFoundError without any.
    """
    if graph.find(PACKAGE, name) is not None:
        return [name]
    from cachegraph.syntax import is_name_pattern, name_test

    if is_name_pattern(name):
        packages = [*filter(name_test(name), graph.keys(PACKAGE))]
    else:
        packages = packages_of(graph, providers(graph).get(name, ()))
    if not packages:
        raise no_such_name(graph, name)
    return packages


def packages_of(graph: SpecGraph, specs: Iterable[Handle]) -> list[str]:
    """The packages of specs, sorted."""
    return sorted({name for (name,) in graph.values(SPEC, specs, ("package",)) if name is not None})


def providers(graph: SpecGraph) -> dict[str, set[Handle]]:
    """By virtual package, the specs that provide it to a dependent, or as their source says."""
    found: defaultdict[str, set[Handle]] = defaultdict(set)
    specs = graph.nodes(SPEC)
    pairs: set[tuple[Any, Handle]] = set()
    for ends, uses in graph.adjacent(DEPENDS_ON, specs) if graph.count(DEPENDS_ON) else ():
        pairs.update(zip(uses, ends, strict=True))
    for use, end in pairs:
        for virtual in graph.relationship_values(DEPENDS_ON, use)[1] or ():
            found[virtual].add(end)
    for provides, nodes in nodes_by_value(graph, specs, "provides"):
        for text in provides or ():
            found[text.partition("@")[0]].update(nodes)
    return dict(found)


def check_one_package(graph: SpecGraph, name: str) -> Handle:
    """The package of that name; NotFoundError also for a pattern and a virtual package."""
    package = graph.find(PACKAGE, name)
    if package is None:
        hint = f"ask for one of those it stands for: {first_few(packages_named(graph, name))}"
        raise NotFoundError(f"{name} is not the name of one package", hint)
    return package


def note_virtual(name: str, packages: Sequence[str]) -> str:
    """A note on a virtual package that packages provide."""
    return f"{name} is a virtual package, provided by {first_few(packages)}"


def notes_on_names(named: Mapping[str, Sequence[str]]) -> list[str]:
    """A note on each virtual package among names, by the packages that each stands for."""
    from cachegraph.syntax import is_name_pattern

    return [
        note_virtual(name, packages)
        for name, packages in named.items()
        if [*packages] != [name] and not is_name_pattern(name)
    ]


def notes_on_versions(graph: SpecGraph, pattern: "Pattern") -> Iterator[str]:
    """A note on each virtual package of which versions are asked, and of how many none is known."""
    asked = [needs.pattern for needs in (*pattern.direct, *pattern.dependencies)]
    asked += [needs.pattern for other in pattern.dependencies for needs in other.pattern.direct]
    versions = {one.name for one in (pattern, *asked) if one.name and one.versions}
    known = {name for name in versions if not has_package(graph, {name})}
    provided = providers(graph) if known else {}
    for name in sorted(known & provided.keys()):
        specs = provided[name]
        lists = nodes_by_value(graph, specs, "provides")
        unknown = [
            n for texts, n in lists if not any(t.startswith(f"{name}@") for t in texts or ())
        ]
        if count := sum(map(len, unknown)):
            yield (
                f"no version of {name} is recorded for {count} of the {len(specs)} specs that "
                "provide it: these do not fit"
            )


def no_such_name(graph: SpecGraph, name: str, others: Iterable[str] = ()) -> NotFoundError:
    """The error for a name of no package or virtual package; it suggests close ones.

    Of ``others`` too, if there are any; else virtual packages only where no package is close.
    """
    from cachegraph.syntax import is_name_pattern

    is_pattern = is_name_pattern(name)
    message = f"no package fits {name}" if is_pattern else f"no package {name}"
    if _looks_like_hash(name) and graph.keys(SPEC, name.lower()):
        return NotFoundError(message, f"a hash has a slash: /{name}")
    packages, virtuals, others = graph.keys(PACKAGE), providers(graph), [*others]
    text = _without_wildcards("", name)
    close = close_to(text, [*packages, *virtuals, *others] if others else packages)
    for known in (packages, virtuals):
        close = close or close_to(text, known) or beginning_with(text, known)
    otherwise = "* stands for any text" if is_pattern else "a pattern, as in 'py-*', fits names"
    return NotFoundError(message, did_you_mean(close) or f"{otherwise}; for a spec, give /HASH")

"""The specs that what people type fits, in Spack's syntax.

What a spec is itself is judged once for each value that occurs; what it needs is walked.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from cachegraph.errors import NotFoundError
from cachegraph.graph import Handle, Members, SpecGraph
from cachegraph.queries.names import find_spec, no_package
from cachegraph.schema import (
    BUILT_FOR,
    OF_PACKAGE,
    OPERATING_SYSTEM,
    PACKAGE,
    RUNS_ON,
    SPEC,
    TARGET,
)

if TYPE_CHECKING:
    from cachegraph.syntax import Pattern

GIVE_HASH = "for a spec, give /HASH"
NOBODY: Members = frozenset()
_LOOKS_LIKE_HASH = re.compile(r"[a-z2-7]{1,32}", re.IGNORECASE).fullmatch


def matching(graph: SpecGraph, text: str) -> Members:
    """The specs that fit a spec in Spack's syntax.

    NotFoundError suggests names that are close to one of a package that there is not;
    UsageError says what is wrong with the text.
    """
    # Most often it is a name: then there is nothing to parse, and no parser to import.
    package = graph.find(PACKAGE, text)
    if package is not None:
        return graph.into(OF_PACKAGE, package)
    from cachegraph.syntax import parse

    return fitting(graph, parse(text))


def fitting(graph: SpecGraph, pattern: "Pattern", names: Iterable[str] = ()) -> Members:
    """The specs that fit a pattern; ``names`` are those that the package may have."""
    specs = owning(graph, pattern, _named(graph, pattern, names))
    if pattern.is_own:
        return specs
    from cachegraph.queries.needing import needing

    return needing(graph, pattern, specs)


def _named(graph: SpecGraph, pattern: "Pattern", names: Iterable[str]) -> Members:
    """The specs that a hash or a package's name leaves, or all of them."""
    if pattern.hash is not None:
        return frozenset({find_spec(graph, f"{pattern.name or ''}/{pattern.hash}")})
    if pattern.name is None:
        specs = graph.nodes(SPEC)
        # Where nothing is asked for, stubs, of which nothing is known, would fit as well.
        return specs if pattern.judges() or not pattern.is_own else _described(graph, specs)
    packages = [graph.find(PACKAGE, name) for name in (names or (pattern.name,))]
    known = [package for package in packages if package is not None]
    if known:
        return reduce(or_, (graph.into(OF_PACKAGE, package) for package in known))
    if pattern.is_plain and pattern.versions is None and _LOOKS_LIKE_HASH(pattern.name):
        # The slash of a hash may be left out.
        spec = _by_hash(graph, pattern.name)
        if spec is not None:
            return frozenset({spec})
    raise no_package(graph, pattern.name, GIVE_HASH)


def _described(graph: SpecGraph, specs: Members) -> Members:
    """Those of the specs of which the package is known."""
    return judged(graph, specs, "package", lambda known: known is not None)


def owning(graph: SpecGraph, pattern: "Pattern", specs: Members) -> Members:
    """Those of the specs that are what the pattern asks for, whatever they need."""
    judges = pattern.judges()
    for name in ("hash", "package"):
        judges.pop(name, None)
    if pattern.os is not None:
        del judges["os"]
        os = graph.find(OPERATING_SYSTEM, pattern.os)
        specs = specs & graph.into(RUNS_ON, os) if os is not None else NOBODY
    if pattern.target is not None:
        fits = judges.pop("target")
        keys = filter(fits, graph.starting(TARGET))
        of = [graph.into(BUILT_FOR, graph.find(TARGET, key)) for key in keys]
        specs = specs & reduce(or_, of) if of else NOBODY
    for name, judge in judges.items():
        specs = judged(graph, specs, name, judge)
    return specs


def judged(graph: SpecGraph, specs: Members, name: str, judge: Callable[[Any], bool]) -> Members:
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

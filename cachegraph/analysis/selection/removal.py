"""The stacks and releases that ``remove`` is given: names, keys, and patterns of either."""

from collections.abc import Iterable
from typing import NamedTuple

from cachegraph.analysis.selection.lookup import close_to, first_few, stacks_of_release
from cachegraph.analysis.selection.scope import fitting, is_pattern
from cachegraph.errors import NotFoundError, UsageError
from cachegraph.model.graph import SpecGraph
from cachegraph.model.schema import RELEASE, STACK
from cachegraph.model.stack_key import StackKey


class NamedStacks(NamedTuple):
    """The keys of stacks, and the releases that all stacks of are among them; both sorted."""

    stacks: list[str]
    releases: list[str]


def stacks_named(graph: SpecGraph, names: Iterable[str]) -> NamedStacks:
    """The stacks that names mean: a release all of its stacks, a bare name its only stack.

    A pattern with a slash is of ``release/stack``, another of releases. NotFoundError suggests
    names that are close; UsageError lists the stacks that a bare name may mean.
    """
    keys: set[str] = set()
    for name in names:
        keys |= _matching(graph, name) if is_pattern(name) else _named(graph, name)
    by_release: dict[str, set[str]] = {}
    for key in graph.keys(STACK):
        by_release.setdefault(StackKey.parse(key).release, set()).add(key)
    return NamedStacks(sorted(keys), sorted(r for r, of in by_release.items() if of <= keys))


def _named(graph: SpecGraph, name: str) -> set[str]:
    is_release = graph.find(RELEASE, name) is not None
    is_stack = graph.find(STACK, name) is not None
    if is_release and is_stack:
        hint = f"write '{name}/*' for the release, or remove it under a pattern of the stack alone"
        raise UsageError(f"{name} is a release, and a stack of another", hint)
    if is_release:
        return {key for key, _ in stacks_of_release(graph, name)}
    if is_stack:
        return {name}
    found = [key for key in graph.keys(STACK) if StackKey.parse(key).name == name]
    if len(found) > 1:
        message = f"several releases have a stack {name}: {first_few(found)}"
        raise UsageError(message, f"name one of them in full, or all of them: '*/{name}'")
    if not found:
        raise NotFoundError(f"no stack or release {name}", _hint(graph, name))
    return {*found}


def _matching(graph: SpecGraph, pattern: str) -> set[str]:
    if "/" in pattern:
        found = {*fitting(graph.keys(STACK), pattern)}
    else:
        releases = fitting(graph.keys(RELEASE), pattern)
        found = {key for name in releases for key, _ in stacks_of_release(graph, name)}
    if not found:
        what = "stack" if "/" in pattern else "release"
        there = first_few(graph.keys(STACK if "/" in pattern else RELEASE))
        hint = f"there are {there}" if there else "the store is empty"
        if what == "release":
            hint += f"; stacks of that name in any release: '*/{pattern}'"
        raise NotFoundError(f"no {what} fits {pattern}", hint)
    return found


def _hint(graph: SpecGraph, name: str) -> str:
    keys = graph.keys(STACK)
    stacks = keys if "/" in name else [*{StackKey.parse(key).name: None for key in keys}]
    close = close_to(name, [*graph.keys(RELEASE), *stacks])
    return f"did you mean {', '.join(close)}?" if close else "list them: cachegraph stacks"

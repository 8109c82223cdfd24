"""The groups of roots that an environment may have, each of which could be a stack of its own."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import NamedTuple

from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.schema import OF_RELEASE, RELEASE, ROOT_OF, STACK
from cachegraph.model.stack_key import StackKey


class Group(NamedTuple):
    """A group of the roots of a stack."""

    stack: str
    """The key of the stack."""
    node: Handle
    """The stack itself."""
    name: str
    roots: Set[Handle]
    others: Set[Handle]
    """The stack's roots that are in no group, or in another one, perhaps as well."""

    @property
    def key(self) -> str:
        """What would be its key if it were a stack: its name, after that of its stack."""
        release, stack = StackKey.parse(self.stack)
        if self.name == stack or self.name.startswith(f"{stack}-"):
            return f"{release}/{self.name}"
        return f"{self.stack}-{self.name}"


def groups_named(graph: SpecGraph, name: str, release: str | None = None) -> Iterator[Group]:
    """The groups of that name, which the name of their stack may precede: ``ml`` has ``ml-cpu``."""
    for key, node in _stacks(graph, release):
        found = roots_by_group(graph, node)
        for own in (name, name.removeprefix(f"{key.rpartition('/')[2]}-")):
            if own in found:
                rest = (roots for other, roots in found.items() if other != own)
                yield Group(key, node, own, found[own], frozenset().union(*rest))
                break


def group_keys(graph: SpecGraph, release: str | None) -> list[str]:
    """What would be the keys of the groups if they were stacks, sorted."""
    none: Set[Handle] = frozenset()
    return sorted(
        Group(key, node, name, none, none).key
        for key, node in _stacks(graph, release)
        for name in roots_by_group(graph, node)
        if name is not None
    )


def roots_by_group(graph: SpecGraph, stack: Handle) -> Mapping[str | None, Set[Handle]]:
    """The roots of a stack by the names of their groups; under None those that are in none."""
    found: defaultdict[str | None, set[Handle]] = defaultdict(set)
    for (_, names), roots in graph.starts_by_properties(ROOT_OF, stack):
        for name in each_of([names]) or (None,):
            found[name].update(roots)
    return found


def each_of(texts: Iterable[str | None]) -> list[str]:
    """The names of groups, sorted; a root that is in several has a text of them all."""
    return sorted({name for text in texts if text for name in text.split(", ")})


def _stacks(graph: SpecGraph, release: str | None) -> list[tuple[str, Handle]]:
    """The keys and nodes of the stacks, of one release or of all, in order."""
    if release is None:
        stacks = [*graph.nodes(STACK)]
    else:
        of = graph.find(RELEASE, release)
        stacks = [] if of is None else [*graph.starts_of(OF_RELEASE, of)]
    keys = graph.values(STACK, stacks, (STACK.key.name,))
    return sorted(zip((key for (key,) in keys), stacks, strict=True))

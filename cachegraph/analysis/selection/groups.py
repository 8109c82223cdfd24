"""The groups in which an environment may have its roots; each is asked about like a stack."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import NamedTuple

from cachegraph.analysis.selection.lookup import stacks_of_release
from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.schema import ROOT_OF
from cachegraph.model.stack_key import StackKey


class Group(NamedTuple):
    """A group of the roots of a stack."""

    stack: str
    """The key of the stack."""
    node: Handle
    """The node of the stack."""
    name: str
    roots: Set[Handle]
    others: Set[Handle]
    """The roots of the stack in no group or in another one; some may be in this one as well."""

    @property
    def key(self) -> str:
        """The key that it would have as a stack: its name, after that of its stack."""
        release, stack = StackKey.parse(self.stack)
        if self.name == stack or self.name.startswith(f"{stack}-"):
            return f"{release}/{self.name}"
        return f"{self.stack}-{self.name}"


def groups_named(graph: SpecGraph, name: str, release: str | None = None) -> Iterator[Group]:
    """The groups of that name, perhaps after the stack's: ``ml-cpu`` is group cpu of ml."""
    for key, node in stacks_of_release(graph, release):
        found = roots_by_group(graph, node)
        for own in (name, name.removeprefix(f"{StackKey.parse(key).name}-")):
            if own in found:
                rest = (roots for other, roots in found.items() if other != own)
                yield Group(key, node, own, found[own], frozenset().union(*rest))
                break


def group_keys(graph: SpecGraph, release: str | None) -> list[str]:
    """The keys that the groups would have as stacks, sorted."""
    keys = []
    for key, node in stacks_of_release(graph, release):
        groups = roots_by_group(graph, node).items()
        keys += [Group(key, node, name, roots, roots).key for name, roots in groups if name]
    return sorted(keys)


def roots_by_group(graph: SpecGraph, stack: Handle) -> Mapping[str | None, Set[Handle]]:
    """The roots of a stack by the name of their group; under None those in no group."""
    found: defaultdict[str | None, set[Handle]] = defaultdict(set)
    for (_, names), roots in graph.starts_by_properties(ROOT_OF, stack):
        for name in group_names([names]) or (None,):
            found[name].update(roots)
    return found


def group_names(texts: Iterable[str | None]) -> list[str]:
    """The names of groups in the values of the property ``group``, sorted, each once.

    A root that is in several groups has all their names in one value, separated by commas.
    """
    return sorted({name for text in texts if text for name in text.split(", ")})

"""A stack that a question is about, or the part of it that a group of its roots needs."""

from collections.abc import Iterable, Sequence, Set
from functools import cached_property, reduce
from operator import or_
from typing import TYPE_CHECKING

from cachegraph.analysis.rows import Notes, StackSize
from cachegraph.model.graph import Handle, Members, SpecGraph
from cachegraph.model.schema import IN_STACK, OF_PACKAGE, PACKAGE, ROOT_OF, STACK

if TYPE_CHECKING:
    from cachegraph.analysis.selection.groups import Group

RUNTIME = ("compiler-wrapper", "gcc-runtime", "glibc")
"""Packages that nearly every spec depends on since Spack 1.0: stacks share little else in them."""


class StackSelection:
    """A stack, or the part of a stack that a group of its roots needs; specs are read when used."""

    def __init__(
        self, graph: SpecGraph, key: str, node: Handle | None, group: "Group | None" = None
    ) -> None:
        self._graph = graph
        self.key = key
        """``release/name``; of a group the key that it would have as a stack."""
        self.node = node
        """The node of the stack; None when the graph has none."""
        self.group = group
        self.note: str | None = None
        self.excluded: Sequence[str] = ()
        """Packages whose specs are left out."""
        self._roots: Set[Handle] | None = group and group.roots

    @cached_property
    def specs(self) -> Members:
        """The specs of the stack or of the group, without those of excluded packages."""
        specs = self.all_specs
        if self._roots is not None:
            from cachegraph.analysis.dependencies.traversal import with_dependencies

            specs = specs & with_dependencies(self._graph, self._roots)
        return specs - specs_of_packages(self._graph, self.excluded) if self.excluded else specs

    @property
    def all_specs(self) -> Members:
        """Every spec that the stack holds, excluded or not, in the group or not."""
        return frozenset() if self.node is None else self._graph.starts_of(IN_STACK, self.node)

    @property
    def roots(self) -> Set[Handle]:
        """The roots of the stack, or of the group."""
        if self._roots is not None:
            return self._roots
        return frozenset() if self.node is None else self._graph.starts_of(ROOT_OF, self.node)

    @property
    def group_of(self) -> str | None:
        """The key of the stack that a group belongs to; None for a stack."""
        return self.group and self.group.stack

    def without_group(self, group: "Group") -> "StackSelection":
        """The part of the stack that its roots outside of the group need."""
        rest = StackSelection(self._graph, self.key, self.node)
        rest.note, rest.excluded, rest._roots = self.note, self.excluded, group.others
        return rest

    def size(self) -> StackSize:
        """The stack as answers list it."""
        row: StackSize = {"key": self.key, "specs": len(self.specs)}
        if self.group_of is not None:
            row["group_of"] = self.group_of
        return row


def excluded_packages(*, ignore_runtime: bool) -> list[str]:
    """The packages that ``--ignore-runtime`` leaves out; also a parameter of Cypher files."""
    return [*RUNTIME] if ignore_runtime else []


def notes(selected: Iterable[StackSelection], more: Iterable[str] = ()) -> Notes:
    """The notes on the stacks and others, as a part of an answer; empty when there are none."""
    texts = [*(one.note for one in selected if one.note), *more]
    return {"notes": texts} if texts else {}


def specs_in_any(selected: Iterable[StackSelection]) -> Members:
    """The specs that any of the stacks holds."""
    specs = [one.specs for one in selected]
    return reduce(or_, specs) if specs else frozenset()


def roots_in_any(graph: SpecGraph, selected: Iterable[StackSelection] | None) -> Members:
    """The roots of any of the stacks; None for those of all stacks."""
    if selected is None:
        selected = [StackSelection(graph, "", node) for node in graph.nodes(STACK)]
    roots = [one.roots for one in selected]
    return frozenset().union(*roots)


def specs_of_packages(graph: SpecGraph, names: Iterable[str]) -> Members:
    """The specs of packages; a package that the graph does not have has none."""
    packages = [graph.find(PACKAGE, name) for name in names]
    specs = [graph.starts_of(OF_PACKAGE, package) for package in packages if package is not None]
    return reduce(or_, specs, frozenset())

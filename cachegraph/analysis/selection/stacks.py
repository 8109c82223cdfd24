"""The stacks that a question is about: named, or all of a release; or a group of a stack."""

from collections.abc import Iterable, Sequence, Set
from functools import cached_property, reduce
from operator import or_
from typing import TYPE_CHECKING

from cachegraph.analysis.rows import Notes, StackSize
from cachegraph.analysis.selection.lookup import (
    check_release,
    first_few,
    stacks_like,
    stacks_of_release,
)
from cachegraph.errors import NotFoundError, UsageError
from cachegraph.model.graph import Handle, Members, SpecGraph
from cachegraph.model.schema import IN_STACK, OF_PACKAGE, PACKAGE, RELEASE, ROOT_OF, STACK
from cachegraph.model.stack_key import DEVELOP, ROOT, StackKey

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

    def in_subgraph(self, graph: SpecGraph) -> "StackSelection":
        """The same stack in a subgraph that holds all of its specs; not for groups."""
        same = StackSelection(graph, self.key, graph.find(STACK, self.key))
        same.excluded = self.excluded
        return same

    def size(self) -> StackSize:
        """The stack as answers list it."""
        row: StackSize = {"key": self.key, "specs": len(self.specs)}
        if self.group_of is not None:
            row["group_of"] = self.group_of
        return row


def select_stacks(
    graph: SpecGraph,
    names: Iterable[str] = (),
    release: str | None = None,
    *,
    ignore_runtime: bool = False,
) -> list[StackSelection]:
    """The stacks with these names; without names all stacks but root of one release.

    A bare name is looked up in ``release``, else in the only release that has it, else in develop.
    A name that no stack has there, but a group of one, selects what the roots of the group need.
    With neither names nor ``release``: the only release, else develop, else all.
    NotFoundError suggests names that are close; UsageError lists stacks when several are meant.
    """
    named = [_named(graph, name, release) for name in names]
    once = {(one.group_of or one.key, one.group and one.group.name): one for one in named}
    selected = [*once.values()] or _of_release(graph, release)
    for one in selected:
        one.excluded = excluded_packages(ignore_runtime=ignore_runtime)
    return selected


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


def specs_of_packages(graph: SpecGraph, names: Iterable[str]) -> Members:
    """The specs of packages; a package that the graph does not have has none."""
    packages = [graph.find(PACKAGE, name) for name in names]
    specs = [graph.starts_of(OF_PACKAGE, package) for package in packages if package is not None]
    return reduce(or_, specs, frozenset())


def _of_release(graph: SpecGraph, release: str | None) -> list[StackSelection]:
    if release is not None:
        check_release(graph, release)
    elif graph.count(RELEASE) > 1 and graph.find(RELEASE, DEVELOP) is not None:
        release = DEVELOP
    stacks = stacks_of_release(graph, release)
    named = [(key, stack) for key, stack in stacks if StackKey.parse(key).name != ROOT]
    return [StackSelection(graph, key, stack) for key, stack in named]


def _named(graph: SpecGraph, name: str, release: str | None) -> StackSelection:
    exact = graph.find(STACK, name)
    if exact is not None:
        return StackSelection(graph, name, exact)
    own_release, bare = StackKey.parse(name)
    if own_release:
        release = None
    elif release is not None:
        check_release(graph, release)
    keys = [key for key in graph.keys(STACK) if StackKey.parse(key).name == bare]
    candidates = _candidates(keys, release) if not own_release else []
    if len(candidates) == 1:
        return StackSelection(graph, candidates[0], graph.find(STACK, candidates[0]))
    searched = own_release or release or (DEVELOP if candidates else None)
    group = _group(graph, bare, searched, keys)
    if group is not None:
        return group
    if candidates:
        raise UsageError(
            f"several releases have a stack {name}: {first_few(candidates)}",
            "name one of them in full, or its release with --release",
        )
    from cachegraph.analysis.selection.groups import group_keys

    searched = own_release if graph.find(RELEASE, own_release) is not None else release
    hint = stacks_like(graph, name, release, group_keys(graph, searched))
    raise NotFoundError(f"no stack {name}{f' in {release}' if release else ''}", hint)


def _candidates(keys: list[str], release: str | None) -> list[str]:
    """The stacks that a bare name may mean: that of develop alone where it has one."""
    candidates = [key for key in keys if release in (None, StackKey.parse(key).release)]
    of_develop = [key for key in candidates if StackKey.parse(key).release == DEVELOP]
    return of_develop or candidates


def _group(
    graph: SpecGraph, name: str, release: str | None, same_name: list[str]
) -> StackSelection | None:
    """The group of that name in a stack of the release, else of develop, else of the only one.

    With a note, also on the stacks of its name in other releases, ``same_name``.
    """
    from cachegraph.analysis.selection.groups import groups_named

    groups: list[Group] = []
    for searched in (DEVELOP, None) if release is None else (release,):
        groups = groups or [*groups_named(graph, name, searched)]
    if len(groups) > 1:
        stacks = first_few([f"{group.name} of {group.stack}" for group in groups])
        raise UsageError(
            f"{name} is no stack, and there are several groups of that name: {stacks}",
            f"name one of them in full, as in {groups[0].key}",
        )
    if not groups:
        return None
    group = groups[0]
    release = StackKey.parse(group.stack).release
    one = StackSelection(graph, f"{release}/{name}", group.node, group)
    missing = f"{release} has no stack {name}"
    one.note = f"{missing}: answered for the group {group.name} of {group.stack}"
    if same_name:
        releases = [StackKey.parse(key).release for key in same_name]
        one.note += f"; it is a stack in {first_few(releases)}"
    return one

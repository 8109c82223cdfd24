"""The stacks that a question is about: by name, or as the group of one that was a stack before."""

from collections.abc import Iterable, Sequence, Set
from functools import cached_property, reduce
from operator import or_
from typing import TYPE_CHECKING

from cachegraph.analysis.dependencies.traversal import with_dependencies
from cachegraph.analysis.selection.lookup import check_release, first_few, stacks_like
from cachegraph.errors import NotFoundError, UsageError
from cachegraph.model.graph import Handle, Members, SpecGraph
from cachegraph.model.schema import (
    IN_STACK,
    OF_PACKAGE,
    OF_RELEASE,
    PACKAGE,
    RELEASE,
    ROOT_OF,
    STACK,
)
from cachegraph.model.stack_key import DEVELOP, ROOT, StackKey

if TYPE_CHECKING:
    from cachegraph.analysis.selection.groups import Group
    from cachegraph.questions.answers import Notes, StackSize

RUNTIME = ("compiler-wrapper", "gcc-runtime", "glibc")
"""Packages that nearly every spec needs since Spack 1.0, and that inflate what stacks share."""


class StackSelection:
    """A stack, or of a stack what one group of its roots needs; its specs are read when asked."""

    def __init__(
        self, graph: SpecGraph, key: str, node: Handle | None, group: "Group | None" = None
    ) -> None:
        self._graph = graph
        self.key = key
        """``release/name``, of a group as of the stack that it once was."""
        self.node = node
        """The stack that holds the specs; None is one that holds none."""
        self.group = group
        self.roots: Set[Handle] | None = group and group.roots
        """Of a group its roots, else None."""
        self.group_of: str | None = group and group.stack
        """Of a group the key of its stack."""
        self.note: str | None = None
        self.without: Sequence[str] = ()
        """Packages that are left out."""

    @cached_property
    def specs(self) -> Members:
        """What it holds, but for the packages that are left out."""
        held = self.held
        if self.roots is not None:
            held = held & with_dependencies(self._graph, self.roots)
        return held - of_packages(self._graph, self.without) if self.without else held

    @property
    def held(self) -> Members:
        """What the stack holds, whatever is asked of it."""
        return frozenset() if self.node is None else self._graph.starts_of(IN_STACK, self.node)

    def asked(self) -> Set[Handle]:
        """The specs that its environment asked for."""
        if self.roots is not None:
            return self.roots
        return frozenset() if self.node is None else self._graph.starts_of(ROOT_OF, self.node)

    def within(self, part: SpecGraph) -> "StackSelection":
        """The same stack in a part of the graph that has all that it holds. No group."""
        one = StackSelection(part, self.key, part.find(STACK, self.key))
        one.without = self.without
        return one

    def size(self) -> "StackSize":
        """Its row in an answer."""
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
    """The stacks with these names; without any, all but the root of the release that is meant.

    A bare name is looked up in ``release``, else in the only release that has it, else in develop.
    What is no stack there but a group of one gives what the group's roots need. The release that is
    meant is ``release``, else the only one, else develop, else all of them. NotFoundError suggests
    names that are close.
    """
    named = [_named(graph, name, release) for name in names]
    once = {(one.group_of or one.key, one.group and one.group.name): one for one in named}
    chosen = [*once.values()] or _of_release(graph, release)
    for one in chosen:
        one.without = RUNTIME if ignore_runtime else ()
    return chosen


def without(ignore_runtime: bool) -> list[str]:
    """The packages that are left out, as a parameter of Cypher."""
    return [*RUNTIME] if ignore_runtime else []


def notes(chosen: Iterable[StackSelection], more: Iterable[str] = ()) -> "Notes":
    """What has to be said of the stacks, as the part of an answer; empty when there is nothing."""
    said = [*(one.note for one in chosen if one.note), *more]
    return {"notes": said} if said else {}


def union(chosen: Iterable[StackSelection]) -> Members:
    """What any of the stacks holds."""
    none: Members = frozenset()
    members = [one.specs for one in chosen]
    return reduce(or_, members) if members else none


def of_packages(graph: SpecGraph, names: Iterable[str]) -> Members:
    """The specs of packages."""
    packages = [graph.find(PACKAGE, name) for name in names]
    specs = [graph.starts_of(OF_PACKAGE, package) for package in packages if package is not None]
    return reduce(or_, specs, frozenset())


def _of_release(graph: SpecGraph, release: str | None) -> list[StackSelection]:
    if release is not None:
        check_release(graph, release)
    elif graph.count(RELEASE) > 1 and graph.find(RELEASE, DEVELOP) is not None:
        release = DEVELOP
    of_release = release and graph.find(RELEASE, release)
    stacks = [
        *(graph.nodes(STACK) if of_release is None else graph.starts_of(OF_RELEASE, of_release))
    ]
    keyed = zip(graph.values(STACK, stacks, ("key", "name")), stacks, strict=True)
    return [
        StackSelection(graph, key, stack) for (key, name), stack in sorted(keyed) if name != ROOT
    ]


def _named(graph: SpecGraph, name: str, release: str | None) -> StackSelection:
    exact = graph.find(STACK, name)
    if exact is not None:
        return StackSelection(graph, name, exact)
    of, bare = StackKey.parse(name)
    if of:
        release = None
    elif release is not None:
        check_release(graph, release)
    keys = [key for key in graph.keys(STACK) if StackKey.parse(key).name == bare]
    within = [key for key in keys if not of and release in (None, StackKey.parse(key).release)]
    if f"{DEVELOP}/{name}" in within:
        within = [f"{DEVELOP}/{name}"]
    if len(within) == 1:
        return StackSelection(graph, within[0], graph.find(STACK, within[0]))
    group = _group(graph, bare, of or release or (DEVELOP if within else None))
    if group is not None:
        return _of_group(graph, bare, group, keys)
    if within:
        raise UsageError(
            f"several releases have a stack {name}: {first_few(within)}",
            "name one of them in full, or its release with --release",
        )
    raise _unknown(graph, name, release)


def _group(graph: SpecGraph, name: str, release: str | None) -> "Group | None":
    """The group of that name: of a stack of the release, else of develop, or the only one."""
    from cachegraph.analysis.selection.groups import groups_named

    found: list[Group] = []
    for of in (DEVELOP, None) if release is None else (release,):
        found = found or [*groups_named(graph, name, of)]
    if len(found) > 1:
        stacks = first_few([f"{group.name} of {group.stack}" for group in found])
        raise UsageError(
            f"{name} is no stack, and there are several groups of that name: {stacks}",
            f"name one of them in full, as in {found[0].key}",
        )
    return found[0] if found else None


def _of_group(graph: SpecGraph, name: str, group: "Group", stacks: list[str]) -> StackSelection:
    """What a group holds, with a note that says so; ``stacks`` have its name in other releases."""
    release = StackKey.parse(group.stack).release
    one = StackSelection(graph, f"{release}/{name}", group.node, group)
    one.note = (
        f"{release} has no stack {name}: answered for the group {group.name} of {group.stack}"
    )
    if stacks:
        one.note += f"; it is a stack in {first_few([key.rpartition('/')[0] for key in stacks])}"
    return one


def _unknown(graph: SpecGraph, name: str, release: str | None) -> NotFoundError:
    """What says that there is no such stack, nor a group, and which are of a name that is close."""
    from cachegraph.analysis.selection.groups import group_keys

    of = StackKey.parse(name).release
    meant = of if graph.find(RELEASE, of) is not None else release
    hint = stacks_like(graph, name, release, group_keys(graph, meant))
    return NotFoundError(f"no stack {name}{f' in {release}' if release else ''}", hint)

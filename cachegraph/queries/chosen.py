"""The stacks that a question is about: by name, or as the group of one that was a stack before."""

from collections.abc import Iterable, Iterator, Sequence, Set
from functools import cached_property, reduce
from operator import or_
from typing import TYPE_CHECKING

from cachegraph.errors import NotFoundError, UsageError
from cachegraph.graph import Handle, Members, SpecGraph
from cachegraph.queries.names import DEVELOP, ROOT, check_release, stacks_like
from cachegraph.queries.reach import below
from cachegraph.schema import IN_STACK, OF_PACKAGE, OF_RELEASE, PACKAGE, RELEASE, ROOT_OF, STACK

if TYPE_CHECKING:
    from cachegraph.queries.answers import Notes, StackSize

RUNTIME = ("compiler-wrapper", "gcc-runtime", "glibc")
"""Packages that nearly every spec needs since Spack 1.0, and that inflate what stacks share."""


class Chosen:
    """A stack, or of a stack what one group of its roots needs; its specs are read when asked."""

    def __init__(self, graph: SpecGraph, key: str, node: Handle) -> None:
        self._graph = graph
        self.key = key
        """``release/name``, of a group as of the stack that it once was."""
        self.node = node
        """The stack that holds the specs."""
        self.roots: Set[Handle] | None = None
        """Of a group its roots, else None."""
        self.group_of: str | None = None
        """Of a group the key of its stack."""
        self.note: str | None = None
        self.without: Sequence[str] = ()
        """Packages that are left out."""

    @cached_property
    def specs(self) -> Members:
        """What it holds, but for the packages that are left out."""
        held = self._graph.into(IN_STACK, self.node)
        if self.roots is not None:
            held = held & below(self._graph, self.roots)
        return held - of_packages(self._graph, self.without) if self.without else held

    def asked(self) -> Set[Handle]:
        """The specs that its environment asked for."""
        return self._graph.into(ROOT_OF, self.node) if self.roots is None else self.roots

    def size(self) -> "StackSize":
        """Its row in an answer."""
        row: StackSize = {"key": self.key, "specs": len(self.specs)}
        if self.group_of is not None:
            row["group_of"] = self.group_of
        return row


def choose(
    graph: SpecGraph,
    names: Iterable[str] = (),
    release: str | None = None,
    *,
    ignore_runtime: bool = False,
) -> list[Chosen]:
    """The stacks with these names; without any, all but the root of the release that is meant.

    A bare name is looked up in ``release``, else in the only release that has it, else in develop.
    What is no stack there but a group of one gives what the group's roots need. The release that is
    meant is ``release``, else the only one, else develop, else all of them. NotFoundError suggests
    names that are close.
    """
    named = [_named(graph, name, release) for name in names]
    chosen = [*{one.key: one for one in named}.values()] or _of_release(graph, release)
    for one in chosen:
        one.without = RUNTIME if ignore_runtime else ()
    return chosen


def without(ignore_runtime: bool) -> list[str]:
    """The packages that are left out, as a parameter of Cypher."""
    return [*RUNTIME] if ignore_runtime else []


def notes(chosen: Iterable[Chosen], more: Iterable[str] = ()) -> "Notes":
    """What has to be said of the stacks, as the part of an answer; empty when there is nothing."""
    said = [*(one.note for one in chosen if one.note), *more]
    return {"notes": said} if said else {}


def of_packages(graph: SpecGraph, names: Iterable[str]) -> Members:
    """The specs of packages."""
    packages = [graph.find(PACKAGE, name) for name in names]
    specs = [graph.into(OF_PACKAGE, package) for package in packages if package is not None]
    return reduce(or_, specs, frozenset())


def _of_release(graph: SpecGraph, release: str | None) -> list[Chosen]:
    if release is not None:
        check_release(graph, release)
    elif graph.count(RELEASE) > 1 and graph.find(RELEASE, DEVELOP) is not None:
        release = DEVELOP
    of_release = release and graph.find(RELEASE, release)
    stacks = [*(graph.nodes(STACK) if of_release is None else graph.into(OF_RELEASE, of_release))]
    keyed = zip(graph.values(STACK, stacks, ("key", "name")), stacks, strict=True)
    return [Chosen(graph, key, stack) for (key, name), stack in sorted(keyed) if name != ROOT]


def _named(graph: SpecGraph, name: str, release: str | None) -> Chosen:
    exact = graph.find(STACK, name)
    if exact is not None:
        return Chosen(graph, name, exact)
    keys = [key for key in graph.starting(STACK) if key.rpartition("/")[2] == name]
    within = [key for key in keys if release is None or key == f"{release}/{name}"]
    if release is not None:
        check_release(graph, release)
    if f"{DEVELOP}/{name}" in within:
        within = [f"{DEVELOP}/{name}"]
    if len(within) == 1:
        return Chosen(graph, within[0], graph.find(STACK, within[0]))
    group = _group(graph, name, release or (DEVELOP if within else None), keys)
    if group is not None:
        return group
    if within:
        raise UsageError(
            f"several releases have a stack {name}: {', '.join(within)}",
            "name one of them in full, or its release with --release",
        )
    said = f" in {release}" if release else ""
    raise NotFoundError(f"no stack {name}{said}", stacks_like(graph, name, release))


def _group(graph: SpecGraph, name: str, release: str | None, stacks: list[str]) -> Chosen | None:
    """The group of that name, of a stack of the release, of develop, or of the only one with it."""
    before, _, bare = name.rpartition("/")
    if before and (release is not None or graph.find(RELEASE, before) is None):
        return None
    found = dict(groups_named(graph, bare, before or release))
    if len(found) > 1:
        found = {key: one for key, one in found.items() if key == f"{DEVELOP}/{bare}"}
    for key, (stack, roots) in found.items():
        one = Chosen(graph, key, graph.find(STACK, stack))
        one.roots, one.group_of = roots, stack
        of = stack.rpartition("/")[0]
        one.note = f"{of} has no stack {bare}: answered for the group {bare} of {stack}"
        earlier = [other.rpartition("/")[0] for other in stacks or _keys_of(graph, bare)]
        if earlier:
            one.note += f"; it is a stack in {', '.join(earlier)}"
        return one
    return None


def _keys_of(graph: SpecGraph, name: str) -> list[str]:
    return [key for key in graph.starting(STACK) if key.rpartition("/")[2] == name]


def groups_named(
    graph: SpecGraph, name: str, release: str | None
) -> Iterator[tuple[str, tuple[str, Set[Handle]]]]:
    """The groups of that name: the key that each would have, its stack and its roots."""
    for key in graph.starting(STACK, f"{release}/" if release else ""):
        of, _, stack = key.rpartition("/")
        if release is not None and of != release:
            continue
        roots: set[Handle] = set()
        for (_, groups), starts in graph.groups(ROOT_OF, graph.find(STACK, key)):
            if {name, name.removeprefix(f"{stack}-")} & {*(groups or "").split(", ")} - {""}:
                roots.update(starts)
        if roots:
            yield f"{of}/{name}", (key, roots)

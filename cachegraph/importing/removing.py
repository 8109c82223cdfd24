"""Takes stacks out of a store, and all that only they held, in one transaction."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypedDict

from cachegraph.importing.known_sources import KnownSources
from cachegraph.importing.targets import join_compatible_targets
from cachegraph.model.schema import (
    COMPILER,
    IN_STACK,
    OPERATING_SYSTEM,
    PACKAGE,
    ROOT_OF,
    SOURCE,
    SPEC,
    STACK,
    TARGET,
)
from cachegraph.model.stack_key import StackKey
from cachegraph.stores import Store
from cachegraph.stores.pruning import prune, remove_sources

if TYPE_CHECKING:
    from cachegraph.model.graph import Handle, Members


class RemovedStack(TypedDict):
    """A stack that was removed, the number of its specs, and of those that left the graph."""

    key: str
    specs: int
    removed: int


class RemoveAnswer(TypedDict):
    """The answer of ``remove``: what was removed, or with ``dry_run`` would be."""

    question: str
    dry_run: bool
    stacks: list[RemovedStack]
    releases: list[str]
    specs: int
    packages: int
    compilers: int
    operating_systems: int
    targets: int
    sources: int


_COUNTED = {
    "specs": SPEC,
    "packages": PACKAGE,
    "compilers": COMPILER,
    "operating_systems": OPERATING_SYSTEM,
    "targets": TARGET,
    "sources": SOURCE,
}


class _DryRun(Exception):  # noqa: N818  # ends a transaction, and is no error
    """Raised to roll back a transaction."""


def remove(
    store: Store, select: Callable[[], tuple[Sequence[str], Sequence[str]]], *, dry_run: bool
) -> RemoveAnswer:
    """Removes the stacks and releases that ``select`` returns, read within the transaction.

    Specs that another stack holds, or that a spec of another stack depends on, stay. With
    ``dry_run`` the transaction is rolled back.
    """
    try:
        with store.writing():
            answer = _remove(store, *select())
            answer["dry_run"] = dry_run
            if dry_run:
                raise _DryRun
    except _DryRun:
        pass
    return answer


def _remove(store: Store, stacks: Sequence[str], releases: Sequence[str]) -> RemoveAnswer:
    before = {name: store.count(label) for name, label in _COUNTED.items()}
    targets = {*store.keys(TARGET)}
    sources = KnownSources(store)
    members: dict[str, Members] = {}
    dropped: set[Handle] = set()
    for key in stacks:
        stack = store.find(STACK, key)
        members[key] = store.starts_of(IN_STACK, stack)
        dropped |= {*members[key]} | {*store.starts_of(ROOT_OF, stack)}
        sources.remove(key)
    store.remove(STACK, [store.find(STACK, key) for key in stacks])
    for release in {StackKey.parse(key).release for key in stacks}:
        for scope in [*sources.of_release(release)]:
            (sources.remove if release in releases else sources.demote)(scope)
    store.load(sources.nodes({}, ""))
    store.flush()
    removed = prune(store, dropped, sources.scopes)
    remove_sources(store, sources.superseded())
    join_compatible_targets(store, targets)
    store.flush()
    left = {name: before[name] - store.count(label) for name, label in _COUNTED.items()}
    rows: list[RemovedStack] = [
        {"key": key, "specs": len(inside), "removed": len(removed.intersection(inside))}
        for key, inside in members.items()
    ]
    return {
        "question": "remove",
        "dry_run": False,
        "stacks": rows,
        "releases": [*releases],
        **left,  # type: ignore[typeddict-item]  # the counts by name
    }

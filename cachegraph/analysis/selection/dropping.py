"""The stacks that ``prune`` drops: by name, by age, or by when they were last used."""

from collections.abc import Sequence
from typing import NamedTuple

from cachegraph.analysis.selection.lookup import check_release, stacks_of_release
from cachegraph.analysis.selection.release_order import ordered_releases
from cachegraph.analysis.selection.removal import stacks_named
from cachegraph.analysis.selection.scope import releases_named
from cachegraph.errors import UsageError
from cachegraph.model.graph import SpecGraph
from cachegraph.model.schema import STACK
from cachegraph.model.stack_key import StackKey


class DroppedStacks(NamedTuple):
    """The keys of stacks, sorted, and notes on options that name none."""

    stacks: list[str]
    notes: list[str]


def stacks_to_drop(
    graph: SpecGraph,
    names: Sequence[str] = (),
    *,
    keep_last: int = 0,
    unused_since: str | None = None,
    only_in: Sequence[str] = (),
) -> DroppedStacks:
    """The stacks that the options name, together.

    ``names`` are those of ``remove``. ``keep_last`` names the dated releases of each series but the
    last so many, ``unused_since`` the releases before that one in its series, ``only_in`` releases
    by name or pattern. UsageError without any option.
    """
    if not (names or keep_last or unused_since or only_in):
        hint = "give --drop STACK, --keep-last N, --unused-since RELEASE or --only-in RELEASE"
        raise UsageError("nothing is to be dropped", hint)
    if keep_last < 0:
        raise UsageError(f"{keep_last} releases cannot be kept", "give 1 or more")
    releases = {*(releases_named(graph, only_in) or ())}
    notes = []
    if keep_last:
        old = _all_but_last(graph, keep_last)
        notes += [] if old else [f"no series has more than {keep_last} dated releases"]
        releases |= old
    if unused_since:
        old = _before(graph, unused_since)
        notes += [] if old else [f"no release of its series is before {unused_since}"]
        releases |= old
    keys = {*stacks_named(graph, names).stacks}
    for release in releases:
        keys |= {key for key, _ in stacks_of_release(graph, release)}
    return DroppedStacks(sorted(keys), notes)


def names_for_remove(graph: SpecGraph, keys: Sequence[str]) -> list[str]:
    """The shortest names by which ``remove`` is told the same stacks: releases where all go."""
    by_release: dict[str, set[str]] = {}
    for key in graph.keys(STACK):
        by_release.setdefault(StackKey.parse(key).release, set()).add(key)
    dropped = {*keys}
    names = set()
    for key in keys:
        release = StackKey.parse(key).release
        # A release in whose name there is a slash may be called as a stack of another is.
        is_whole = by_release[release] <= dropped and graph.find(STACK, release) is None
        names.add(release if is_whole and release else key)
    return sorted(names)


def _all_but_last(graph: SpecGraph, count: int) -> set[str]:
    """The dated releases that are followed by as many or more of their series."""
    followers: dict[str, int] = {}
    dated = [one for one in ordered_releases(graph) if one.date is not None]
    for one in reversed(dated):
        followers.setdefault(one.name, 0)
        if one.before is not None:
            followers[one.before] = followers[one.name] + 1
    return {name for name, after in followers.items() if after >= count}


def _before(graph: SpecGraph, release: str) -> set[str]:
    """The releases before one in its series."""
    check_release(graph, release)
    before = {one.name: one.before for one in ordered_releases(graph)}
    found: set[str] = set()
    earlier = before[release]
    while earlier is not None:
        found.add(earlier)
        earlier = before[earlier]
    return found

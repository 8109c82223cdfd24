"""The stacks that an answer covers: by name, pattern, release, or by default; and in words."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from cachegraph.analysis.rows import Scope
from cachegraph.analysis.selection.lookup import (
    check_release,
    first_few,
    stacks_like,
    stacks_of_release,
)
from cachegraph.analysis.selection.stacks import StackSelection, excluded_packages
from cachegraph.errors import NotFoundError, UsageError
from cachegraph.model.graph import SpecGraph
from cachegraph.model.schema import RELEASE, STACK
from cachegraph.model.stack_key import DEVELOP, ROOT, StackKey

if TYPE_CHECKING:
    from cachegraph.analysis.selection.groups import Group

_WILD = "*?["
_FEW = 3


def is_pattern(name: str) -> bool:
    """Whether a name of stacks or releases has wildcards."""
    return any(character in name for character in _WILD)


def fitting(names: Iterable[str], pattern: str) -> list[str]:
    """The names that a pattern fits, ``*`` for any text; upper and lower case differ."""
    from fnmatch import fnmatchcase

    return [name for name in names if fnmatchcase(name, pattern)]


def select_stacks(
    graph: SpecGraph,
    names: Sequence[str] = (),
    release: str | Sequence[str] | None = (),
    *,
    all_releases: bool = False,
    ignore_runtime: bool = False,
    everywhere: bool = False,
) -> list[StackSelection]:
    """The stacks with these names in the releases; without names, all stacks of these.

    ``everywhere`` is for questions about all specs: without releases, patterns are of the stacks of
    all releases, and with them the stack ``root``, which has all specs of a release, is among them.
    Names and releases may be patterns; a pattern of stacks with a slash fits ``release/stack``. A
    bare name is looked up in each of the releases, or without any in the only one that has it, else
    in develop. A name that no stack has there, but a group of one, selects what the roots of the
    group need. With no names and no releases: the only release, else develop, else all.
    NotFoundError suggests names that are close; UsageError lists stacks when several are meant.
    """
    releases = releases_named(graph, release, all_releases=all_releases)
    default = None if everywhere or all_releases else default_releases(graph)
    selected = [one for name in names for one in _named(graph, name, releases, default)]
    if not names:
        searched = None if all_releases else releases or default
        selected = _of_releases(graph, searched, with_root=everywhere)
    once = {(one.group_of or one.key, one.group and one.group.name): one for one in selected}
    for one in once.values():
        one.excluded = excluded_packages(ignore_runtime=ignore_runtime)
    return [*once.values()]


def select_stack(
    graph: SpecGraph,
    name: str,
    release: str | Sequence[str] | None = (),
    *,
    ignore_runtime: bool = False,
) -> StackSelection:
    """The one stack of that name in the releases; UsageError if it means several."""
    found = select_stacks(graph, [name], release, ignore_runtime=ignore_runtime)
    if len(found) > 1:
        message = f"{name} means {len(found)} stacks: {first_few([one.key for one in found])}"
        raise UsageError(message, "name one of them in full")
    return found[0]


def releases_named(
    graph: SpecGraph, release: str | Sequence[str] | None, *, all_releases: bool = False
) -> list[str] | None:
    """The releases with these names or that fit these patterns; all, or None if none is named.

    NotFoundError suggests close names; UsageError if both some and all are asked for.
    """
    names = [release] if isinstance(release, str) else [*(release or ())]
    if all_releases:
        if names:
            raise UsageError("some releases or all of them, not both", "leave one of them out")
        return graph.keys(RELEASE)
    found: list[str] = []
    for name in names:
        if is_pattern(name):
            fit = fitting(graph.keys(RELEASE), name)
            if not fit:
                hint = f"there are {first_few(graph.keys(RELEASE))}"
                raise NotFoundError(f"no release fits {name}", hint)
            found += fit
        else:
            check_release(graph, name)
            found.append(name)
    return [*dict.fromkeys(found)] if names else None


def default_releases(graph: SpecGraph) -> list[str] | None:
    """The releases that are asked about if none is named: develop of several; None for all."""
    is_one_of_several = graph.count(RELEASE) > 1 and graph.find(RELEASE, DEVELOP) is not None
    return [DEVELOP] if is_one_of_several else None


def _of_releases(
    graph: SpecGraph, releases: Iterable[str] | None, *, with_root: bool
) -> list[StackSelection]:
    """The stacks of releases; None for all, also those of no release."""
    searched = [None] if releases is None else releases
    stacks = chain.from_iterable(stacks_of_release(graph, release) for release in searched)
    named = ((key, node) for key, node in stacks if with_root or StackKey.parse(key).name != ROOT)
    return [StackSelection(graph, key, node) for key, node in sorted(named)]


def _named(
    graph: SpecGraph, name: str, releases: list[str] | None, default: list[str] | None
) -> list[StackSelection]:
    if is_pattern(name):
        return _fitting(graph, name, releases, default)
    if graph.find(STACK, name) is not None or releases is None or "/" in name:
        return [_stack(graph, name, None)]
    found, errors = [], []
    for release in releases:
        try:
            found.append(_stack(graph, name, release))
        except NotFoundError as error:
            errors.append(error)
    if not found:
        if len(errors) == 1:
            raise errors[0]
        where = first_few(releases)
        raise NotFoundError(f"no stack {name} in {where}", stacks_like(graph, name, None))
    return found


def _fitting(
    graph: SpecGraph, pattern: str, releases: list[str] | None, default: list[str] | None
) -> list[StackSelection]:
    """The stacks that a pattern fits; root only where the pattern says so."""
    keys = graph.keys(STACK)
    if "/" not in pattern:
        searched = default if releases is None else releases
        if searched is not None:
            keys = [key for key in keys if StackKey.parse(key).release in searched]
        fit = {*fitting((StackKey.parse(key).name for key in keys), pattern)}
        found = [key for key in keys if StackKey.parse(key).name in fit]
    else:
        found = fitting(keys, pattern)
        if releases is not None:
            found = [key for key in found if StackKey.parse(key).release in releases]
    if StackKey.parse(pattern).name != ROOT:
        found = [key for key in found if StackKey.parse(key).name != ROOT]
    if not found:
        where = f" in {first_few(releases)}" if releases else ""
        raise NotFoundError(f"no stack fits {pattern}{where}", "list them: cachegraph stacks")
    return [StackSelection(graph, key, graph.find(STACK, key)) for key in found]


def _stack(graph: SpecGraph, name: str, release: str | None) -> StackSelection:
    """The stack with a key, or the one that a bare name means in the release, or in any."""
    exact = graph.find(STACK, name)
    if exact is not None:
        return StackSelection(graph, name, exact)
    own_release, bare = StackKey.parse(name)
    if own_release:
        release = None
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

    if graph.find(RELEASE, name) is not None:
        hint = f"{name} is a release: --release {name}, or its stacks by pattern, '{name}/*'"
        raise NotFoundError(f"no stack {name}", hint)
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


def scope_of(graph: SpecGraph, selected: Sequence[StackSelection] | None, *, named: bool) -> Scope:
    """The scope of an answer about these stacks, or, for None, about all specs.

    A few stacks are listed if they were ``named``.
    """
    if selected is None:
        releases, count = graph.keys(RELEASE), graph.count(STACK)
    else:
        releases = [*dict.fromkeys(StackKey.parse(one.key).release for one in selected)]
        count = len(selected)
    where = first_few(releases) or "no release"
    text = f"in {where}: {count} stack{'' if count == 1 else 's'}"
    if selected is None:
        text = f"all specs, {text}"
    elif named and count <= _FEW:
        text = f"in {', '.join(one.key for one in selected)}"
    return {"text": text, "releases": releases, "stacks": count, "everything": selected is None}

"""The order of releases: snapshots by date, versions, others by name, and develop last."""

import re
from collections.abc import Set
from typing import Any, NamedTuple

from cachegraph.model.graph import SpecGraph
from cachegraph.model.schema import RELEASE
from cachegraph.model.stack_key import DEVELOP

_version = re.compile(r"v?(\d+(?:\.\d+)*)([-.]?(?:a|b|rc|alpha|beta|dev)[.\d]*)?").fullmatch
# Without its number a name is that of a series: develop-2025-10-12, e4s-24.11, v1.0-rc1.
_number = re.compile(r"(^|[-_./])v?\d[\w.-]*$").sub
# The kinds of releases, in their order.
_SNAPSHOT, _VERSION, _OTHER, _DEVELOP = range(4)


class OrderedRelease(NamedTuple):
    """A release, its date if it has one, and the release before it in its series."""

    name: str
    date: str | None
    before: str | None
    """The release before it in its series."""


def ordered_releases(graph: SpecGraph, unknown: Set[str] = frozenset()) -> list[OrderedRelease]:
    """The releases in their order, without the unknown ones, each with the one before it."""
    dated = graph.values(RELEASE, graph.nodes(RELEASE), (RELEASE.key.name, "date"))
    ordered = sorted((_place(name, date), name, date) for name, date in dated)
    ordered = [one for one in ordered if one[1] not in unknown]
    last: dict[tuple[int, str], str] = {}
    releases = []
    for (kind, *_), name, date in ordered:
        series = kind, _number("", name)
        before = last.get(series)
        if kind == _DEVELOP:
            before = last.get((_SNAPSHOT, DEVELOP), last.get((_VERSION, "")))
        releases.append(OrderedRelease(name, date, before))
        last[series] = name
    return releases


def _place(name: str, date: str | None) -> tuple[Any, ...]:
    """A sort key of releases: the kind, then the date, the version or the name."""
    if name == DEVELOP:
        return (_DEVELOP,)
    if date is not None:
        return _SNAPSHOT, date
    if version := _version(name):
        return _VERSION, _natural(version[1]), version[2] is None, version[2]
    return _OTHER, _natural(name)


def _natural(name: str) -> tuple[tuple[bool, int, str, str], ...]:
    """A sort key of names by the numbers in them; words come before numbers."""
    parts = re.findall(r"\d+|[^\W\d_]+", name)
    # Of two numbers the one with more digits is larger: int() refuses very long ones.
    digits = [part.lstrip("0") if part.isdecimal() else "" for part in parts]
    return tuple(
        (part.isdecimal(), len(number), number, part)
        for part, number in zip(parts, digits, strict=True)
    )

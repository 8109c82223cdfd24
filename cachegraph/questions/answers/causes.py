"""Answers about why specs are built more than once."""

from typing import NotRequired, TypedDict

from cachegraph.questions.answers import Notes, SpecRow, StackSize


class Cause(TypedDict):
    """Something that two specs do not have in common, and the way there from the asked ones.

    ``kind`` is one of version, variant, flag, compiler, os, target, external, recipe, namespace,
    dependency, provider, deptypes. What is absent on a side is None.
    """

    package: str
    kind: str
    attribute: str
    left: str | None
    right: str | None
    path: list[str]
    depth: int


class WhyAnswer(Notes):
    """The answer of ``why``."""

    question: str
    left: SpecRow
    right: SpecRow
    causes: list[Cause]


class BlamedCause(TypedDict):
    """Something in which specs that look alike, or what they need, differ.

    ``redundant`` is the number of builds that it makes redundant, ``alone`` of those for which
    nothing but this package differs; of a provider ``package`` is the virtual that it provides.
    ``roots`` are the packages of roots that need one of the specs; of very large graphs they are
    not told.
    """

    package: str
    kind: str
    attribute: str
    values: list[str]
    groups: int
    redundant: int
    alone: int
    stacks: list[str]
    roots: NotRequired[list[str]]


class BlameAnswer(Notes):
    """The answer of ``blame``; ``unknown`` redundant builds have no cause that is recorded."""

    question: str
    stacks: list[StackSize]
    groups: int
    redundant: int
    unknown: int
    causes: list[BlamedCause]


class Step(TypedDict):
    """What one pin saves after those before it."""

    pin: str
    after: int
    saved: int


class Thinned(TypedDict):
    """A package, how many builds of it there are, and would be left."""

    package: str
    builds: int
    after: int


class WhatIfAnswer(Notes):
    """The answer of ``what-if``: ``saved`` is an upper bound.

    Of ``undescribed`` builds, of pages, no dependencies are recorded: they count as they are.
    """

    question: str
    stacks: list[StackSize]
    pins: list[str]
    builds: int
    after: int
    saved: int
    upper_bound: bool
    steps: list[Step]
    packages: list[Thinned]
    undescribed: int


class RankedCause(TypedDict):
    """Something in which specs differ, and how many were rebuilt because of it.

    A compiler, os, target or provider counts by itself: there ``package`` is empty.
    """

    package: str
    kind: str
    attribute: str
    left: str | None
    right: str | None
    rebuilt: int


class DiffSide(StackSize):
    """A stack, or a release with the number of its stacks."""

    stacks: NotRequired[int]


Changed = TypedDict(
    "Changed",
    {"package": str, "from": list[SpecRow], "to": list[SpecRow], "differs": list[str]},
)
"""The specs of a package that are neither the same nor rebuilt, and what differs in them."""

Rebuilt = TypedDict(
    "Rebuilt", {"package": str, "version": str, "from": str, "to": str, "causes": list[Cause]}
)
"""A spec with the same package, version and variants under a new hash, and why."""


class DiffAnswer(Notes):
    """The answer of ``diff``.

    The left side has ``kept``, ``removed``, the ``from`` of ``changed``, and ``rebuilt``; the right
    side ``kept``, ``added``, the ``to`` of ``changed``, and ``rebuilt``.
    """

    question: str
    left: DiffSide
    right: DiffSide
    kept: int
    added: list[SpecRow]
    removed: list[SpecRow]
    changed: list[Changed]
    rebuilt: list[Rebuilt]
    causes: list[RankedCause]

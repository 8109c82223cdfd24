"""Answers about why specs are built more than once."""

from typing import TypedDict

from cachegraph.queries.answers import Notes, SpecRow, StackSize


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

    ``redundant`` is the number of builds that it makes redundant, ``alone`` of those for which it
    is the only cause; of a provider ``package`` is the virtual that it provides.
    """

    package: str
    kind: str
    attribute: str
    values: list[str]
    groups: int
    redundant: int
    alone: int
    stacks: list[str]


class BlameAnswer(Notes):
    """The answer of ``blame``; ``unknown`` redundant builds have no cause that is recorded."""

    question: str
    stacks: list[StackSize]
    groups: int
    redundant: int
    unknown: int
    causes: list[BlamedCause]

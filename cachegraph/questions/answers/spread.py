"""Answers about where packages are, and since when."""

from typing import NotRequired, TypedDict

from cachegraph.questions.answers import Notes


class Unknown(TypedDict):
    """A package, and how many specs of it are in no cell as the value is unknown or none."""

    package: str
    specs: int


class CoverageAnswer(Notes):
    """The answer of ``coverage``: row i is of package i, the most holes first.

    ``columns`` are the values in all chosen stacks, of whichever package; ``holes`` counts cells
    that are 0. A package without any value is no row, but in ``unknown``.
    """

    question: str
    by: str
    stacks: list[str]
    columns: list[str]
    rows: list[str]
    cells: list[list[int]]
    holes: int
    unknown: list[Unknown]


class Vanished(TypedDict):
    """A stack that held the package in the release before and is no stack of this one.

    ``now`` is the stack that has its specs, if any; ``how`` that is known: ``group`` (a group of
    its roots has the name), ``name`` (its name is that of a new stack and something more) or
    ``versions`` (a new stack holds mostly the same package-versions, as ``jaccard`` tells).
    """

    stack: str
    now: NotRequired[str]
    how: NotRequired[str]
    jaccard: NotRequired[float]


class HistoryRow(TypedDict):
    """What a release has of a package.

    ``before`` is the release that it is compared with; without one there is no ``new``, ``gone``.
    """

    name: str
    date: NotRequired[str]
    versions: list[str]
    specs: int
    hashes: list[str]
    stacks: list[str]
    before: NotRequired[str]
    new: NotRequired[int]
    gone: NotRequired[int]
    vanished: NotRequired[list[Vanished]]


class HistoryAnswer(Notes):
    """The answer of ``history``."""

    question: str
    package: str
    releases: list[HistoryRow]

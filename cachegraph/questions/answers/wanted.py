"""Answers about the nearest binaries."""

from typing import NotRequired, TypedDict

from cachegraph.questions.answers import Notes, SpecRow


class WantedPart(TypedDict):
    """What is wanted: a spec as it was typed, or a lock file; and where it is to run, if said."""

    spec: NotRequired[str]
    lock: NotRequired[str]
    platform: NotRequired[str]
    os: NotRequired[str]
    target: NotRequired[str]


class Differs(TypedDict):
    """One thing in which a candidate differs from what is wanted; it may have none of it.

    ``what`` is platform, os, target, compiler, variant, flag, dependency, version, namespace or
    hash. The latter, where a lock file is asked for, is said when nothing else can be seen to
    differ: then it is dependencies or the recipe.
    """

    what: str
    wanted: str
    found: str | None


class HeldSpec(SpecRow):
    """A spec and the chosen stacks that hold it."""

    stacks: list[str]


class CandidateRow(HeldSpec):
    """A binary that there is. Those equally near have one rank.

    ``runs`` is absent when nothing was said of where it is to run.
    """

    rank: int
    differs: list[Differs]
    runs: NotRequired[bool]


class LockedRow(TypedDict):
    """A spec of a lock file: whether the stacks have it, else the nearest binary that runs.

    ``state`` is available, near (the candidate differs in one thing) or missing.
    """

    hash: str
    package: NotRequired[str]
    version: NotRequired[str]
    state: str
    available: bool
    stacks: NotRequired[list[str]]
    candidate: NotRequired[HeldSpec]
    differs: list[Differs]


class WantAnswer(Notes):
    """The answer of ``want``; ``total`` counts all candidates, or all specs but ``external``."""

    question: str
    wanted: WantedPart
    stacks: list[str]
    candidates: list[CandidateRow]
    total: int
    specs: NotRequired[list[LockedRow]]
    available: NotRequired[int]
    near: NotRequired[int]
    missing: NotRequired[int]
    external: NotRequired[int]

"""What the answers about dependencies look like."""

from typing import NotRequired, TypedDict

from cachegraph.questions.answers import Notes, SpecRow


class HowFar(TypedDict, total=False):
    """How ``deps`` and ``dependents`` may be asked."""

    transitive: bool
    deptypes: "list[str] | tuple[str, ...]"
    """Only over dependencies that have any of these."""
    tree: bool
    path: str | None
    """The spec to which one shortest chain is wanted."""
    stacks: "list[str] | tuple[str, ...]"
    """Only specs that these hold."""
    release: str | None
    compact: bool
    """``specs`` are tuples of the values of ``columns``: less, and quicker when there are many."""


class ReachedRow(SpecRow):
    """A spec, and how many dependencies away it is; of those next to a root also what for."""

    depth: int
    deptypes: NotRequired[list[str]]
    virtuals: NotRequired[list[str]]


class TreeRow(TypedDict):
    """A line of a tree, each after the one it belongs to; ``again`` when it was shown before."""

    level: int
    hash: str
    package: NotRequired[str]
    version: NotRequired[str]
    deptypes: NotRequired[list[str]]
    virtuals: NotRequired[list[str]]
    again: NotRequired[bool]


class Step(SpecRow):
    """A spec of a chain, and what it needs the next one for."""

    deptypes: NotRequired[list[str]]
    virtuals: NotRequired[list[str]]


class ReachAnswer(Notes):
    """The answer of ``deps`` and ``dependents``; of a path it has that and no specs."""

    question: str
    spec: str
    roots: list[str]
    deptypes: list[str]
    transitive: bool
    specs: NotRequired[list[ReachedRow]]
    columns: NotRequired[list[str]]
    tree: NotRequired[list[TreeRow]]
    to: NotRequired[str]
    path: NotRequired[list[Step]]


class MatchedRow(SpecRow):
    """A spec that was asked about; ``purl`` is absent when its package is unknown."""

    stacks: list[str]
    purl: NotRequired[str]


class AffectedRow(MatchedRow):
    """A spec that depends on one of those, and how many dependencies away it is."""

    depth: int


class AffectedStack(TypedDict):
    """A stack, and how many of its specs match, depend on those, and are roots of either kind."""

    key: str
    matched: int
    specs: int
    roots: int


class AffectedRoot(TypedDict):
    """A root of a stack that matches or depends on what does."""

    hash: str
    package: NotRequired[str]
    version: NotRequired[str]
    stack: str
    depth: int


class AffectedAnswer(Notes):
    """The answer of ``affected``."""

    question: str
    spec: str
    deptypes: list[str]
    matched: list[MatchedRow]
    specs: list[AffectedRow]
    stacks: list[AffectedStack]
    roots: list[AffectedRoot]
    releases: list[str]

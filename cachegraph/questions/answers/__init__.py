"""What answers look like: the keys of the JSON that scripts rely on. Types, for annotations."""

from typing import Any, NotRequired, TypedDict


class SpecRow(TypedDict):
    """A concrete spec; what is not known of it is left out."""

    hash: str
    package: NotRequired[str]
    version: NotRequired[str]
    variants: NotRequired[list[str]]
    flags: NotRequired[list[str]]
    compiler: NotRequired[str]
    platform: NotRequired[str]
    os: NotRequired[str]
    target: NotRequired[str]


class Notes(TypedDict):
    """What has to be said of an answer; absent when there is nothing."""

    notes: NotRequired[list[str]]


class StackSize(TypedDict):
    """A stack, and how many specs it holds; of a group of a stack the key of that."""

    key: str
    specs: int
    group_of: NotRequired[str]


class StatsAnswer(TypedDict):
    """The answer of ``stats``."""

    question: str
    nodes: dict[str, int]
    relationships: dict[str, int]


class ReleaseRow(TypedDict):
    """A release, the number of its stacks, and of the specs in any of them."""

    name: str
    stacks: int
    specs: int


class ReleasesAnswer(TypedDict):
    """The answer of ``releases``."""

    question: str
    releases: list[ReleaseRow]


class StackRow(TypedDict):
    """A stack, the number of its specs, and of those that its environment asked for.

    ``groups`` are what the environment has these in, if it has any; each can be asked by its name.
    """

    key: str
    release: str
    name: str
    specs: int
    roots: int
    groups: NotRequired[list[str]]


class StacksAnswer(TypedDict):
    """The answer of ``stacks``."""

    question: str
    stacks: list[StackRow]


class VerifiedSource(TypedDict):
    """How the bytes of a source stand to the DAG hashes of the specs that it describes.

    ``equal``, ``different`` and ``unknown`` are all of its specs; ``reasons`` counts the different
    ones by why they may be so. ``dangling`` are dependencies on specs that no source describes.
    """

    location: str
    format: str
    format_version: str
    specs: int
    equal: int
    different: int
    unknown: int
    dangling: int
    conflicts: int
    reasons: dict[str, int]


class Problem(TypedDict):
    """Something wrong: of kind ``hash``, ``dangling``, ``conflict`` or ``cycle``."""

    kind: str
    location: NotRequired[str]
    stack: NotRequired[str]
    hash: NotRequired[str]
    package: NotRequired[str]
    version: NotRequired[str]
    reason: NotRequired[str]
    recomputed: NotRequired[str]
    missing: NotRequired[str]
    differs: NotRequired[list[str]]
    hashes: NotRequired[list[str]]


class LoadAnswer(TypedDict):
    """How much of a graph there was to copy, and how much of it was new."""

    question: str
    location: str
    removed: int
    nodes: int
    relationships: int
    new_nodes: int
    new_relationships: int
    conflicts: int


class VerifyAnswer(TypedDict):
    """The answer of ``verify``."""

    question: str
    sources: list[VerifiedSource]
    problems: list[Problem]

"""What the answers look like that tell how many stacks hold what."""

from typing import NotRequired, TypedDict

from cachegraph.questions.answers import Notes, StackSize


class HeldRow(TypedDict):
    """A spec, or at other levels than hash what is equal there, and the stacks that hold it.

    Of what is equal there is what the level compares, and ``hashes`` for ``hash``.
    """

    hash: NotRequired[str]
    alike: NotRequired[str]
    package: NotRequired[str]
    version: NotRequired[str]
    variants: NotRequired[list[str]]
    flags: NotRequired[list[str]]
    compiler: NotRequired[str]
    platform: NotRequired[str]
    os: NotRequired[str]
    target: NotRequired[str]
    hashes: NotRequired[list[str]]
    stacks: list[str]


class SharedAnswer(Notes):
    """The answer of ``shared``."""

    question: str
    at_least: int
    level: str
    stacks: list[StackSize]
    specs: list[HeldRow]


class VersionRow(TypedDict):
    """A version of a package."""

    package: str
    version: str


class Cell(TypedDict):
    """A package, and a target that it is built for."""

    package: str
    target: str


class DanglingRoot(TypedDict):
    """A root of another stack, and the hashes that it needs and that would be lost."""

    hash: str
    package: NotRequired[str]
    version: NotRequired[str]
    stack: str
    missing: list[str]


class UniqueAnswer(Notes):
    """The answer of ``unique``: what none of the stacks in ``among`` holds."""

    question: str
    level: str
    stack: StackSize
    among: list[str]
    specs: list[HeldRow]
    versions: list[VersionRow]
    cells: list[Cell]
    roots: list[DanglingRoot]


class Group(TypedDict):
    """Specs that look the same but have several hashes.

    ``redundant`` is how many of them one build would save; ``within`` the most in any one stack.
    """

    alike: str
    package: str
    version: str
    redundant: int
    within: int
    hashes: list[str]
    stacks: list[str]


class DuplicatesAnswer(Notes):
    """The answer of ``duplicates``."""

    question: str
    within: bool
    stacks: list[StackSize]
    specs: int
    redundant: int
    groups: list[Group]

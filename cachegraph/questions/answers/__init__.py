"""What answers look like: the keys of the JSON that scripts rely on. Types, for annotations."""

from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

if TYPE_CHECKING:
    from cachegraph.questions.answers.causes import BlamedCause


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


class Level(TypedDict):
    """How much is shared when specs that are equal at a level count as one."""

    shared: int
    union: int
    jaccard: float


class Apart(TypedDict):
    """A package-version that all stacks have, though no spec of it; and why none can be shared.

    An attribute is in ``differs`` when no value of it is common to all stacks. With none there,
    what differs is a combination of them, or dependencies or the recipe.
    """

    package: str
    version: str
    differs: list[str]


class OverlapAnswer(Notes):
    """The answer of ``overlap``; ``causes`` are those of what looks alike but is not shared."""

    question: str
    stacks: list[StackSize]
    levels: dict[str, Level]
    shared: list[SpecRow]
    apart: list[Apart]
    apart_by: dict[str, int]
    causes: list["BlamedCause"]


class MatrixAnswer(Notes):
    """The answer of ``matrix``: row and column i are of stack i, the diagonal holds its size."""

    question: str
    level: str
    stacks: list[str]
    shared: list[list[int]]
    jaccard: list[list[float]]


class DependencyRow(SpecRow):
    """A spec that another depends on, and what for."""

    deptypes: NotRequired[list[str]]
    virtuals: NotRequired[list[str]]


class Card(SpecRow):
    """All that the graph knows of a spec."""

    namespace: NotRequired[str]
    package_hash: NotRequired[str]
    external: NotRequired[bool]
    prefix: NotRequired[str]
    modules: NotRequired[list[str]]
    target_features: NotRequired[str]
    verified: NotRequired[bool]
    recomputed: NotRequired[str]
    specfile_version: NotRequired[int]
    alike: NotRequired[str]
    stacks: list[str]
    roots: list[str]
    requests: list[str]
    """The abstract specs by which environments asked for it."""
    dependencies: list[DependencyRow]
    dependents: int
    sources: list[dict[str, Any]]


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


class PackageCard(TypedDict):
    """What the site's page shows of a package, over all releases."""

    name: str
    versions: list[str]
    compilers: list[str]
    operating_systems: list[str]
    platforms: list[str]
    targets: list[str]
    stacks: list[str]
    specs_by_stack: dict[str, int]
    specs: list[Card]


class ShowAnswer(TypedDict):
    """The answer of ``show``: one spec, or a package with all of its specs."""

    question: str
    specs: list[Card]
    packages: NotRequired[list[PackageCard]]

"""The graph model as data: every label, relationship type and property, once.

Stores, exports and documentation are generated from here. No Cypher text and no I/O.
"""

from collections.abc import Callable
from typing import Any, NamedTuple


class Kind(NamedTuple):
    """The type of a property, and its spelling in every output."""

    name: str
    graphml: str
    csv: str
    """In the header of a file for neo4j-admin."""
    encode: Callable[[Any], str]
    decode: Callable[[str], Any]


def _listed(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _list(text: str) -> tuple[str, ...]:
    import json

    return tuple(json.loads(text))


STRING = Kind("string", "string", "string", str, str)
STRINGS = Kind("list of strings", "string", "string[]", _listed, _list)
INTEGER = Kind("integer", "long", "long", str, int)
DIGEST = Kind("digest", "string", "string", str, str)
BOOLEAN = Kind(
    "boolean", "boolean", "boolean", lambda value: "true" if value else "false", "true".__eq__
)


class Property(NamedTuple):
    """A named value of a node or relationship; absent when unknown, never a placeholder."""

    name: str
    kind: Kind
    doc: str
    visible: bool = False
    """Whether a page shows it of a spec: specs that agree in all of these are alike."""
    fixed_by_hash: bool = False
    """Whether the DAG hash fixes it: two sources that differ in it contradict each other."""
    difference: tuple[str, str] = ("", "")
    """The kind and the attribute of a cause, where specs that differ in it have one."""
    on_card: bool = False
    """Whether ``show`` prints it."""


class NodeType(NamedTuple):
    """A label: what its key is, and what else its nodes know."""

    label: str
    key: Property
    properties: tuple[Property, ...]
    doc: str


class RelationshipType(NamedTuple):
    """A relationship type: which labels it joins, and what its relationships know."""

    name: str
    start: NodeType
    end: NodeType
    doc: str
    properties: tuple[Property, ...] = ()

    @property
    def within(self) -> bool:
        """Whether it joins nodes of one label, any of them to any other."""
        return self.start is self.end


# Each is one object, and a key of many dictionaries: nothing but identity need be looked at.
NodeType.__hash__ = RelationshipType.__hash__ = object.__hash__  # type: ignore[method-assign]

PACKAGE = NodeType(
    "Package", Property("name", STRING, "Name of the package."), (), "A Spack package, by name."
)


def _fixed(name: str, kind: Kind, doc: str, cause: str) -> Property:
    """A property of a spec that its DAG hash fixes, and the kind of cause that it is."""
    return Property(name, kind, doc, fixed_by_hash=True, difference=(cause, name), on_card=True)


def _visible(name: str, kind: Kind, doc: str, cause: str = "") -> Property:
    """A property of a spec that a page shows as well; a list has one cause for each member."""
    attribute = "" if kind is STRINGS else name
    return _fixed(name, kind, doc, cause)._replace(
        visible=True, difference=(cause, attribute if cause else "")
    )


SPEC = NodeType(
    "Spec",
    Property("hash", STRING, "DAG hash: 32 characters of a-z2-7."),
    (
        _visible("package", STRING, "Name of the package."),
        _visible("version", STRING, "Exact version, as text.", "version"),
        _visible("variants", STRINGS, "Variants in normal form, sorted by name.", "variant"),
        _visible("flags", STRINGS, "Compiler flags, as name=value; pages do not say.", "flag"),
        _visible("compiler", STRING, "The compiler, as name@version.", "compiler"),
        _visible("platform", STRING, "Platform, such as linux.", "os"),
        _visible("os", STRING, "Operating system.", "os"),
        _visible("target", STRING, "Target microarchitecture.", "target"),
        _fixed("namespace", STRING, "Namespace of the recipe, such as builtin.", "namespace"),
        _fixed("package_hash", STRING, "Hash of the recipe, its patches and sources.", "recipe"),
        _fixed("external", BOOLEAN, "Whether Spack found it instead of building it.", "external"),
        _fixed("prefix", STRING, "Where an external is installed.", "external"),
        _fixed("modules", STRINGS, "Modules that an external is loaded by.", "external"),
        Property(
            "target_features",
            DIGEST,
            "Digest of all that the node says of its target.",
            fixed_by_hash=True,
            difference=("target", "features"),
        ),
        Property("specfile_version", INTEGER, "Format of the spec node it was read from."),
        Property(
            "verified", BOOLEAN, "Whether the DAG hash was recomputed and matched.", on_card=True
        ),
        Property(
            "recomputed",
            STRING,
            "What its DAG hash was recomputed to, when not equal.",
            on_card=True,
        ),
        Property("alike", DIGEST, "Digest of all that is visible but dependencies and recipe."),
    ),
    "A concrete spec.",
)

STACK = NodeType(
    "Stack",
    Property("key", STRING, "release/name."),
    (
        Property("name", STRING, "Name of the stack, such as e4s."),
        Property("release", STRING, "Name of its release."),
    ),
    "A stack of one release, or an environment.",
)

RELEASE = NodeType(
    "Release",
    Property("name", STRING, "develop, a snapshot, or a version."),
    (Property("date", STRING, "YYYY-MM-DD, of a dated snapshot."),),
    "What was built together: develop, a weekly snapshot, a release of Spack.",
)

COMPILER = NodeType(
    "Compiler",
    Property("name", STRING, "name@version."),
    (
        Property("family", STRING, "Name without version, such as gcc."),
        Property("version", STRING, "Version, as text."),
    ),
    "A compiler that specs were built with.",
)

OPERATING_SYSTEM = NodeType(
    "OperatingSystem",
    Property("name", STRING, "Name as Spack writes it, such as ubuntu22.04."),
    (Property("platform", STRING, "Platform it belongs to."),),
    "An operating system that specs run on.",
)

TARGET = NodeType(
    "Target",
    Property("name", STRING, "Microarchitecture, such as zen3."),
    (
        Property("family", STRING, "Architecture family, such as x86_64."),
        Property("vendor", STRING, "Vendor of the microarchitecture."),
        Property("generation", INTEGER, "Generation within its vendor's line."),
    ),
    "A microarchitecture that specs were built for.",
)

SOURCE = NodeType(
    "Source",
    Property("digest", STRING, "sha256 of the bytes."),
    (
        Property("location", STRING, "Where the bytes were first read."),
        Property("format", STRING, "What the bytes are, such as page."),
        Property("format_version", STRING, "Version or era of the format."),
        Property("imported_at", STRING, "When it was first imported, UTC."),
        Property("specs", INTEGER, "How many specs it holds."),
        Property("conflicts", INTEGER, "Specs it describes otherwise than an earlier source."),
    ),
    "A document that specs were read from.",
)

OF_PACKAGE = RelationshipType("OF_PACKAGE", SPEC, PACKAGE, "The spec is a build of the package.")
IN_STACK = RelationshipType("IN_STACK", SPEC, STACK, "The stack's build cache holds the spec.")
ROOT_OF = RelationshipType(
    "ROOT_OF",
    SPEC,
    STACK,
    "The spec was asked for by the stack's environment.",
    (
        Property("requests", STRINGS, "The abstract specs that were asked for."),
        Property("group", STRING, "Group of the environment it belongs to."),
    ),
)
OF_RELEASE = RelationshipType("OF_RELEASE", STACK, RELEASE, "The stack belongs to the release.")
BUILT_WITH = RelationshipType(
    "BUILT_WITH",
    SPEC,
    COMPILER,
    "The spec was built with the compiler.",
    (Property("languages", STRINGS, "Languages it compiled, where known."),),
)
RUNS_ON = RelationshipType(
    "RUNS_ON", SPEC, OPERATING_SYSTEM, "The spec runs on the operating system."
)
BUILT_FOR = RelationshipType("BUILT_FOR", SPEC, TARGET, "The spec was built for the target.")
DEPENDS_ON = RelationshipType(
    "DEPENDS_ON",
    SPEC,
    SPEC,
    "The spec depends on the other.",
    (
        Property("deptypes", STRINGS, "Of build, link, run, test."),
        Property("virtuals", STRINGS, "Virtual packages it is needed for, if any, such as mpi."),
    ),
)
EXTENDS = RelationshipType("EXTENDS", TARGET, TARGET, "What is built for the other runs on it too.")
RECORDED_IN = RelationshipType(
    "RECORDED_IN",
    SPEC,
    SOURCE,
    "The source describes the spec.",
    (
        Property("verified", BOOLEAN, "Whether the source's bytes give the DAG hash."),
        Property("reason", STRING, "Why they need not: external, spliced, carried over."),
        Property("differs", STRINGS, "In what the source contradicts the graph."),
    ),
)
BUILT_AS = RelationshipType("BUILT_AS", SPEC, SPEC, "The spliced spec was built as the other.")

NODE_TYPES = (PACKAGE, SPEC, STACK, RELEASE, COMPILER, OPERATING_SYSTEM, TARGET, SOURCE)
RELATIONSHIP_TYPES = (
    OF_PACKAGE,
    IN_STACK,
    ROOT_OF,
    OF_RELEASE,
    BUILT_WITH,
    RUNS_ON,
    BUILT_FOR,
    DEPENDS_ON,
    EXTENDS,
    RECORDED_IN,
    BUILT_AS,
)

# In a database the one node that tells that the graph is ours, and by which model.
MARKER = NodeType(
    "CacheGraph",
    Property("key", STRING, "graph."),
    (Property("model", INTEGER, "Version of the graph model."),),
    "Marks a database that holds a graph of cachegraph.",
)
MARKER_KEY = "graph"
MODEL = 1

VISIBLE = tuple(p.name for p in SPEC.properties if p.visible)
"""The properties that ``alike`` digests: all that a page shows of a build."""

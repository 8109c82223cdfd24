"""The graph model as data: every label, relationship type and property, once.

Stores, exports and documentation are made from it. No Cypher text and no I/O.
"""

from typing import NamedTuple

from cachegraph.model.kinds import BOOLEAN, DIGEST, INTEGER, STRING, STRINGS, Kind


class Property(NamedTuple):
    """A named value of a node or relationship; absent if unknown, never a placeholder."""

    name: str
    kind: Kind
    doc: str
    visible: bool = False
    """Whether pages show it: specs that agree in all visible properties are alike."""
    fixed_by_hash: bool = False
    """Whether the DAG hash fixes it: two sources that differ in it contradict each other."""
    difference: tuple[str, str] = ("", "")
    """The kind and the attribute of the cause where two specs differ in it; empty for none."""
    on_card: bool = False
    """Whether ``show`` prints it."""


class NodeType(NamedTuple):
    """A label, the key of its nodes, and their other properties."""

    label: str
    key: Property
    properties: tuple[Property, ...]
    doc: str


class RelationshipType(NamedTuple):
    """A relationship type, the labels that it joins, and the properties of its relationships."""

    name: str
    start: NodeType
    end: NodeType
    doc: str
    properties: tuple[Property, ...] = ()

    @property
    def same_label(self) -> bool:
        """Whether it joins nodes of one label."""
        return self.start is self.end


# Types are keys of many dictionaries, and each is one object: hashing its identity is enough.
NodeType.__hash__ = RelationshipType.__hash__ = object.__hash__  # type: ignore[method-assign]

PACKAGE = NodeType(
    "Package", Property("name", STRING, "Name of the package."), (), "A Spack package, by name."
)


def _fixed(name: str, kind: Kind, doc: str, cause: str) -> Property:
    """A property that the DAG hash fixes; ``cause`` is the kind of cause if specs differ in it."""
    return Property(name, kind, doc, fixed_by_hash=True, difference=(cause, name), on_card=True)


def _visible(name: str, kind: Kind, doc: str, cause: str = "") -> Property:
    """A visible property, part of ``alike``; a list has a cause for each element that differs."""
    difference = cause, name if cause and kind is not STRINGS else ""
    return _fixed(name, kind, doc, cause)._replace(visible=True, difference=difference)


SPEC = NodeType(
    "Spec",
    Property("hash", STRING, "DAG hash: 32 characters of a-z2-7."),
    (
        _visible("package", STRING, "Name of the package."),
        _visible("version", STRING, "Exact version, as text.", "version"),
        _visible("variants", STRINGS, "Variants in normal form, sorted by name.", "variant"),
        _visible("flags", STRINGS, "Compiler flags, as name=value; unknown from pages.", "flag"),
        _visible("compiler", STRING, "The compiler, as name@version.", "compiler"),
        _visible("platform", STRING, "Platform, such as linux.", "os"),
        _visible("os", STRING, "Operating system.", "os"),
        _visible("target", STRING, "Target microarchitecture.", "target"),
        _fixed("namespace", STRING, "Namespace of the recipe, such as builtin.", "namespace"),
        _fixed("package_hash", STRING, "Hash of the recipe, its patches and sources.", "recipe"),
        _fixed(
            "provides", STRINGS, "Virtual packages that it can provide, since Spack 1.3.", "recipe"
        ),
        _fixed("external", BOOLEAN, "Whether it is external: not built by Spack.", "external"),
        _fixed("prefix", STRING, "Where an external is installed.", "external"),
        _fixed("modules", STRINGS, "Modules that an external is loaded by.", "external"),
        # A later Spack may describe the target of a spec anew.
        Property(
            "target_features",
            DIGEST,
            "Digest of the description of the target.",
            difference=("target", "features"),
        ),
        Property("specfile_version", INTEGER, "Format of the spec node that it was read from."),
        Property(
            "verified", BOOLEAN, "Whether the DAG hash was recomputed and matched.", on_card=True
        ),
        Property("recomputed", STRING, "The recomputed DAG hash, if it is another.", on_card=True),
        Property("size", INTEGER, "Bytes of its archive in a build cache.", on_card=True),
        Property(
            "deprecated_for",
            STRING,
            "Hash of the spec that replaces it, once deprecated.",
            on_card=True,
        ),
        Property("alike", DIGEST, "Digest of the visible properties."),
    ),
    "A concrete spec.",
)

STACK = NodeType(
    "Stack",
    Property("key", STRING, "release/name."),
    (
        Property("name", STRING, "Name of the stack, such as e4s."),
        Property("release", STRING, "Release of the stack."),
    ),
    "A stack of one release, or an environment.",
)

RELEASE = NodeType(
    "Release",
    Property("name", STRING, "develop, a snapshot, or a version."),
    (Property("date", STRING, "YYYY-MM-DD, of a dated snapshot."),),
    "Stacks that were built together: develop, a weekly snapshot, a release of Spack.",
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
    (Property("platform", STRING, "Platform that it belongs to."),),
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
        Property("format", STRING, "Format of the bytes, such as page."),
        Property("format_version", STRING, "Version or era of the format."),
        Property("imported_at", STRING, "Time of the import that brought what it lists, UTC."),
        Property("specs", INTEGER, "Number of specs in it."),
        Property("conflicts", INTEGER, "Number of specs that contradict an earlier source."),
        Property(
            "lists",
            STRINGS,
            "Stacks that hold exactly what it lists; of a page, its release and package.",
        ),
        Property(
            "part_of", STRINGS, "The same where they hold more, or it was read with warnings."
        ),
        Property("reader", INTEGER, "Version of the reader that read it."),
    ),
    "A document that specs were read from.",
)

OF_PACKAGE = RelationshipType("OF_PACKAGE", SPEC, PACKAGE, "The spec is a build of the package.")
IN_STACK = RelationshipType("IN_STACK", SPEC, STACK, "The stack holds the spec.")
ROOT_OF = RelationshipType(
    "ROOT_OF",
    SPEC,
    STACK,
    "The environment of the stack requests the spec.",
    (
        Property("requests", STRINGS, "The abstract specs of the environment."),
        Property("group", STRING, "Group of the environment that it belongs to."),
    ),
)
OF_RELEASE = RelationshipType("OF_RELEASE", STACK, RELEASE, "The stack belongs to the release.")
BUILT_WITH = RelationshipType(
    "BUILT_WITH",
    SPEC,
    COMPILER,
    "The spec was built with the compiler.",
    (Property("languages", STRINGS, "Languages that it compiled, if known."),),
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
        Property(
            "virtuals", STRINGS, "Virtual packages that it provides to the spec, such as mpi."
        ),
    ),
)
EXTENDS = RelationshipType(
    "EXTENDS", TARGET, TARGET, "Binaries for the other target run on this one."
)
RECORDED_IN = RelationshipType(
    "RECORDED_IN",
    SPEC,
    SOURCE,
    "The source describes the spec.",
    (
        Property("verified", BOOLEAN, "Whether the DAG hash recomputed from the source matches."),
        Property(
            "reason", STRING, "Why it differs: external, spliced, carried over, keys sorted, ..."
        ),
        Property("differs", STRINGS, "Properties in which the source contradicts the graph."),
        Property(
            "index_fault", STRING, "How the index of a build cache contradicts its other files."
        ),
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

# The one node in a database that marks the graph as ours and names the version of its model.
MARKER = NodeType(
    "CacheGraph",
    Property("key", STRING, "graph."),
    (Property("model", INTEGER, "Version of the graph model."),),
    "Marks a database that holds a graph of cachegraph.",
)
MARKER_KEY = "graph"
MODEL_VERSION = 1

VISIBLE = tuple(p.name for p in SPEC.properties if p.visible)
"""The properties that ``alike`` covers: no dependencies, no recipe."""

"""The files of ``cypher/``: where they are, and the texts of those that are generated.

``python -m cachegraph.neo4j.cypher_files`` writes the generated files of a checkout again.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from cachegraph.model import schema
from cachegraph.model.schema import MARKER, NODE_TYPES, SPEC, NodeType, RelationshipType
from cachegraph.neo4j import statements

AWAIT_INDEXES = "CALL db.awaitIndexes(300)"
# Besides keys: the properties by which people and questions look specs up.
_INDEXED = ("package", "alike")
_GENERATED_BY = "// Written by python -m cachegraph.neo4j.cypher_files"


def _shipped(name: str) -> Path:
    """A file or folder that lies in the package when installed, and beside it in a checkout."""
    inside = Path(__file__).parents[1] / name
    return inside if inside.exists() else inside.parents[1] / name


def cypher_folder() -> Path:
    """The folder with a Cypher file for each question, and with the Browser's style sheet."""
    return _shipped("cypher")


def compose_file() -> Path:
    """The Compose file that starts a Neo4j for a graph."""
    return _shipped("docker-compose.yml")


@cache
def read(name: str) -> str:
    """The text of ``cypher/NAME.cypher``."""
    return (cypher_folder() / f"{name}.cypher").read_text(encoding="utf-8")


def constraint_name(label: NodeType) -> str:
    """The name of the constraint that makes the keys of a label unique."""
    return f"cachegraph_{label.label.lower()}_key"


def index_properties() -> dict[str, str]:
    """The property of specs that each index is on, by the name of the index."""
    return {f"cachegraph_spec_{name}": name for name in _INDEXED}


def schema_statements() -> list[str]:
    """The statements that create constraints, indexes and names; they can be run again."""
    constraints = [
        f"CREATE CONSTRAINT {constraint_name(type_)} IF NOT EXISTS "
        f"FOR (n:{type_.label}) REQUIRE n.{type_.key.name} IS UNIQUE"
        for type_ in (*NODE_TYPES, MARKER)
    ]
    indexes = [
        f"CREATE INDEX {index} IF NOT EXISTS FOR (n:{SPEC.label}) ON (n.{name})"
        for index, name in index_properties().items()
    ]
    return [*constraints, *indexes, *_name_statements()]


def _name_statements() -> Iterator[str]:
    """Create every type and property: Neo4j warns of a name that nothing in the database has."""
    types = [type_.name for type_ in schema.RELATIONSHIP_TYPES]
    owners = (*NODE_TYPES, *schema.RELATIONSHIP_TYPES)
    properties = sorted({p.name for owner in owners for p in owner.properties})
    for procedure, names in (("RelationshipType", types), ("Property", properties)):
        yield f"UNWIND {names} AS name CALL db.create{procedure}(name)"


_TITLES = {
    "schema": "Constraints, indexes and names of cachegraph; can be run again",
    "stats": "Counts of nodes by label and of relationships by type",
}


def generated_files() -> dict[str, str]:
    """The text of each generated file, by its name without ``.cypher``."""
    counts = []
    for type_ in (*NODE_TYPES, *schema.RELATIONSHIP_TYPES):
        name = type_.label if isinstance(type_, NodeType) else type_.name
        count = statements.count(type_).replace("RETURN", "WITH")
        counts.append(f"{count} AS count RETURN '{name}' AS of, count")
    texts = {
        "schema": "".join(f"{statement};\n" for statement in schema_statements()),
        "stats": "\nUNION ALL\n".join(counts) + "\n",
    }
    return {name: f"// {_TITLES[name]}\n{_GENERATED_BY}\n{text}" for name, text in texts.items()}


def after_file(
    lists: Iterable[tuple[NodeType | RelationshipType, str]], more: Iterable[str] = ()
) -> str:
    """``after.cypher``, which finishes a graph that neo4j-admin imported.

    ``lists`` are the properties that have a boolean in the place of some lists. ``more`` are
    statements that need the constraints.
    """
    finish = [_restore_lists(type_, name) for type_, name in lists]
    # From the model of the marker node on, cachegraph reads the graph.
    marker = f"(m:{MARKER.label} {{{MARKER.key.name}: {schema.MARKER_KEY!r}}})"
    set_model = f"MATCH {marker} SET m.model = {schema.MODEL_VERSION}"
    finish += [*schema_statements(), AWAIT_INDEXES, *more, set_model]
    title = "// Finishes a graph that neo4j-admin imported; can be run again\n"
    return title + "".join([f"{statement};\n" for statement in finish])


def _restore_lists(what: NodeType | RelationshipType, name: str) -> str:
    """Replaces true by an empty list, and false by the list of an empty string."""
    path = f"(x:{what.label})" if isinstance(what, NodeType) else f"()-[x:{what.name}]->()"
    change = f"SET x.{name} = CASE x.{name} WHEN true THEN [] ELSE [''] END"
    calls = f"CALL (x) {{ {change} }} IN TRANSACTIONS OF 50000 ROWS"
    return f"MATCH {path} WHERE x.{name} IN [true, false] {calls}"


def restore_empty(
    what: NodeType | RelationshipType, name: str, keys: Sequence[str | tuple[str, str]]
) -> str:
    """Sets a property of these nodes, or relationships by both ends, to the empty string."""
    if isinstance(what, NodeType):
        path = f"(x:{what.label} {{{what.key.name}: key}})"
    else:
        start = f"(:{what.start.label} {{{what.start.key.name}: key[0]}})"
        path = f"{start}-[x:{what.name}]->(:{what.end.label} {{{what.end.key.name}: key[1]}})"
    # A list of texts in JSON is one in Cypher.
    return f"UNWIND {json.dumps(keys)} AS key MATCH {path} SET x.{name} = ''"


if __name__ == "__main__":
    for name, text in generated_files().items():
        (cypher_folder() / f"{name}.cypher").write_text(text, encoding="utf-8")

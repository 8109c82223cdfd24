"""All Cypher text: built from the schema, or read from ``cypher/``. No driver.

Labels, relationship types and names of properties come from the schema alone, every value is a
parameter, and each text is constant, so that a server plans it once. In the common subset of
Cypher 5 and Cypher 25.
"""

from functools import cache
from pathlib import Path

from cachegraph.model.schema import (
    MARKER,
    MARKER_KEY,
    MODEL,
    NODE_TYPES,
    RELATIONSHIP_TYPES,
    SPEC,
    STRINGS,
    NodeType,
    RelationshipType,
)

# Comes back when the indexes are there.
AWAIT = "CALL db.awaitIndexes(300)"
# Besides keys: what people and questions look specs up by.
_INDEXED = ("package", "alike")


@cache
def read(name: str) -> str:
    """The text of ``cypher/NAME.cypher``, which lies in the package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    for folder in (package / "cypher", package.parent / "cypher"):
        path = folder / f"{name}.cypher"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise FileNotFoundError(f"cypher/{name}.cypher")


# Files that follow from the schema

_WRITTEN = "Written by python -m tests.neo4j.test_cypher from cachegraph/schema.py"


def constraint(label: NodeType) -> str:
    """The name of the constraint on a label's key."""
    return f"cachegraph_{label.label.lower()}_key"


def indexes() -> dict[str, str]:
    """The names of the indexes, and the properties of specs that they are on."""
    return {f"cachegraph_spec_{name}": name for name in _INDEXED}


def schema() -> list[str]:
    """The statements that make the constraints and indexes; they may be repeated."""
    constraints = [
        f"CREATE CONSTRAINT {constraint(type_)} IF NOT EXISTS "
        f"FOR (n:{type_.label}) REQUIRE n.{type_.key.name} IS UNIQUE"
        for type_ in (*NODE_TYPES, MARKER)
    ]
    return constraints + [
        f"CREATE INDEX {index} IF NOT EXISTS FOR (n:{SPEC.label}) ON (n.{name})"
        for index, name in indexes().items()
    ]


def schema_file() -> str:
    """What ``cypher/schema.cypher`` holds."""
    return "\n".join(
        [
            "// Constraints and indexes of cachegraph; may be repeated",
            f"// {_WRITTEN}",
            *(f"{statement};" for statement in schema()),
            "",
        ]
    )


def stats_file() -> str:
    """What ``cypher/stats.cypher`` holds: counts that Neo4j keeps, one for each type."""
    counted = [
        f"{count(type_).replace('RETURN', 'WITH')} AS count RETURN '{name}' AS of, count"
        for type_, name in (
            *((type_, type_.label) for type_ in NODE_TYPES),
            *((type_, type_.name) for type_ in RELATIONSHIP_TYPES),
        )
    ]
    return "\n".join(
        [
            "// Counts of nodes by label and of relationships by type",
            f"// {_WRITTEN}",
            "\nUNION ALL\n".join(counted),
            "",
        ]
    )


# QuestionMethods


@cache
def keys(label: NodeType) -> str:
    """The keys of all nodes of a label."""
    return f"MATCH (n:{label.label}) RETURN n.{label.key.name}"


@cache
def starting(label: NodeType) -> str:
    """The keys that begin with ``$prefix``."""
    key = f"n.{label.key.name}"
    return f"MATCH (n:{label.label}) WHERE {key} STARTS WITH $prefix RETURN {key}"


@cache
def values(label: NodeType, names: tuple[str, ...]) -> str:
    """Of the nodes with ``$keys`` the key, and a list of the values of these properties."""
    said = ", ".join(f"n.{name}" for name in names)
    return f"UNWIND $keys AS key MATCH {_node('n', label)} RETURN key, [{said}]"


@cache
def starts_of(type_: RelationshipType) -> str:
    """The keys of the nodes from which relationships lead to the node with ``$key``."""
    return f"MATCH {_into(type_, '$key')} RETURN s.{type_.start.key.name}"


@cache
def ends_of(type_: RelationshipType) -> str:
    """The keys of the nodes to which relationships lead from those with ``$keys``."""
    end = f"e.{type_.end.key.name}"
    path = f"{_node('s', type_.start)}-[:{type_.name}]->(e) {_seek('s', type_.start)}"
    return f"UNWIND $keys AS key MATCH {path} RETURN DISTINCT {end}"


@cache
def beside(type_: RelationshipType, *, reverse: bool) -> str:
    """What relationships from those with ``$keys`` lead to, or what such to them lead from.

    With anything in ``$any_of``, only over those whose first property has any of it.
    """
    here, there = (type_.end, type_.start) if reverse else (type_.start, type_.end)
    path = f"<-[r:{type_.name}]-" if reverse else f"-[r:{type_.name}]->"
    fits = (
        f"any(x IN r.{type_.properties[0].name} WHERE x IN $any_of)"
        if type_.properties
        else "false"
    )
    return (
        f"UNWIND $keys AS key MATCH {_node('s', here)}{path}(e) {_seek('s', here)} "
        f"WHERE size($any_of) = 0 OR {fits} RETURN DISTINCT e.{there.key.name}"
    )


@cache
def starts_by_properties(type_: RelationshipType) -> str:
    """Starts of the relationships to ``$key``, collected by the values of their properties."""
    returned = "".join(f"r.{p.name}, " for p in type_.properties)
    return f"MATCH {_into(type_, '$key')} RETURN {returned}collect(s.{type_.start.key.name})"


@cache
def adjacent(type_: RelationshipType) -> str:
    """For each of ``$keys`` the relationships from it: the key of the end, and the properties."""
    return f"UNWIND $keys AS key MATCH {_node('s', type_.start)} RETURN key, {_from(type_)}"


@cache
def count(what: NodeType | RelationshipType) -> str:
    """How many there are, which Neo4j knows without looking."""
    if isinstance(what, NodeType):
        return f"MATCH (n:{what.label}) RETURN count(n)"
    return f"MATCH ()-[r:{what.name}]->() RETURN count(r)"


@cache
def nodes(label: NodeType) -> str:
    """Of all nodes of a label the key, and a list of the values of the properties."""
    said = ", ".join(f"n.{p.name}" for p in label.properties)
    return f"MATCH (n:{label.label}) RETURN n.{label.key.name}, [{said}]"


@cache
def relationships(type_: RelationshipType) -> str:
    """Of each node of the start's label its key and the relationships from it."""
    start = f"s.{type_.start.key.name}"
    return f"MATCH (s:{type_.start.label}) RETURN {start}, {_from(type_)}"


# Changing


@cache
def merge_nodes(label: NodeType) -> str:
    """Sets the properties of ``$rows`` of ``key`` and ``properties``; missing nodes are made."""
    return f"UNWIND $rows AS row MERGE {_node('n', label, 'row.key')} SET n += row.properties"


@cache
def create_nodes(label: NodeType) -> str:
    """Makes nodes of ``$rows`` of a key and all values, of which it is known that they are new."""
    said = (f"{p.name}: row[{i}]" for i, p in enumerate((label.key, *label.properties)))
    return f"UNWIND $rows AS row CREATE (n:{label.label} {{{', '.join(said)}}})"


@cache
def known(label: NodeType) -> str:
    """Those of ``$keys`` that are there."""
    return f"UNWIND $keys AS key MATCH {_node('n', label)} RETURN key"


@cache
def merge_relationships(type_: RelationshipType) -> str:
    """Joins ``$rows`` of ``start``, ``end`` and ``properties``; those joined keep what they say."""
    ends = f"MATCH {_node('s', type_.start, 'row.start')} MATCH {_node('e', type_.end, 'row.end')}"
    fill = " WITH r, row WHERE size(keys(r)) = 0 SET r = row.properties" * bool(type_.properties)
    return f"UNWIND $rows AS row {ends} MERGE (s)-[r:{type_.name}]->(e){fill}"


@cache
def create_relationships(type_: RelationshipType) -> str:
    """Joins ``$rows`` of a start and its ends, each with the place of its properties in ``$said``.

    For starts that are known to have none yet.
    """
    said = ", ".join(f"{p.name}: $said[to[1]].{p.name}" for p in type_.properties)
    return (
        f"UNWIND $rows AS row MATCH {_node('s', type_.start, 'row[0]')} UNWIND row[1] AS to "
        f"MATCH {_node('e', type_.end, 'to[0]')} "
        f"CREATE (s)-[:{type_.name}{f' {{{said}}}' if said else ''}]->(e)"
    )


@cache
def odd(label: NodeType, types: tuple[RelationshipType, ...]) -> str:
    """Those of ``$keys`` of which the server has something else: a place, and what is there.

    Others have the text of their properties in ``$texts``, and as the sum of ``$weights`` of the
    ends of their relationships, a mapping for each type, what ``$sums`` says. The ends to which
    relationships without properties lead add up to nothing or to what ``$silent`` says. Where only
    relationships are odd, there are no properties.
    """
    start = _node("s", label, "$keys[i]")
    weighed = [_weighed(i, type_) for i, type_ in enumerate(types)]
    silent = [_weighed(i, t, silent=True) for i, t in enumerate(types) if t.properties]
    return (
        f"UNWIND range(0, size($keys) - 1) AS i MATCH {start} "
        f"WITH i, s, {_text(label)} <> $texts[i] AS other, "
        f"{' + '.join(weighed or '0')} <> $sums[i] AS lacks, "
        f"NOT {' + '.join(silent or '0')} IN [0, $silent[i]] AS silent "
        "WHERE other OR lacks OR silent "
        "RETURN i, CASE WHEN other THEN properties(s) END, lacks OR silent"
    )


def _weighed(i: int, type_: RelationshipType, *, silent: bool = False) -> str:
    says = " AND ".join(f"r.{p.name} IS NULL" for p in type_.properties)
    path = f"-[r:{type_.name}]->(e) WHERE {says}" if silent else f"-[:{type_.name}]->(e)"
    weight = f"coalesce($weights[{i}][e.{type_.end.key.name}], 0)"
    return f"reduce(x = 0, w IN [(s){path} | {weight}] | x + w)"


# What stands for an absent value, and what ends one, in a text of all values.
ABSENT, ENDED = "\x01", "\x1f"


def _text(label: NodeType) -> str:
    """All properties of ``s`` in one text."""
    absent, ended = (f"'\\u{ord(mark):04x}'" for mark in (ABSENT, ENDED))
    parts = []
    for p in label.properties:
        shown = f"toString(s.{p.name})"
        if p.kind is STRINGS:
            listed = f"reduce(x = '', v IN s.{p.name} | x + v + {ended})"
            shown = f"CASE WHEN s.{p.name} IS NOT NULL THEN {listed} END"
        parts.append(f"coalesce({shown}, {absent}) + {ended}")
    return " + ".join(parts) or "''"


@cache
def discard(type_: RelationshipType) -> str:
    """Takes out the relationships from ``$keys`` to ``$end``."""
    # Not by UNWIND: what leads to the end would be walked once for each of the keys.
    return f"MATCH {_into(type_, '$end')} WHERE s.{type_.start.key.name} IN $keys DELETE r"


@cache
def remove_some(label: NodeType) -> str:
    """Takes out up to ``$many`` nodes of a label; how many those were."""
    return f"MATCH (n:{label.label}) WITH n LIMIT $many DETACH DELETE n RETURN count(*)"


@cache
def remove(label: NodeType) -> str:
    """Takes out the nodes with ``$keys``, with all relationships at them."""
    return f"UNWIND $keys AS key MATCH {_node('n', label)} DETACH DELETE n"


# After a bulk import


def relist(what: NodeType | RelationshipType, name: str) -> str:
    """Makes the empty list of true in a property, and the list of an empty string of false."""
    path = f"(x:{what.label})" if isinstance(what, NodeType) else f"()-[x:{what.name}]->()"
    lists = f"CASE x.{name} WHEN true THEN [] ELSE [''] END"
    return (
        f"MATCH {path} WHERE x.{name} IN [true, false] "
        f"CALL (x) {{ SET x.{name} = {lists} }} IN TRANSACTIONS OF 50000 ROWS"
    )


def finish() -> str:
    """Tells of which model the graph is: from now on it is there."""
    return f"MATCH {_node('m', MARKER, repr(MARKER_KEY))} SET m.model = {MODEL}"


def _node(name: str, label: NodeType, key: str = "key") -> str:
    return f"({name}:{label.label} {{{label.key.name}: {key}}})"


def _into(type_: RelationshipType, key: str) -> str:
    """The relationships to one end."""
    return f"{_node('e', type_.end, key)}<-[r:{type_.name}]-(s) {_seek('e', type_.end)}"


def _seek(name: str, label: NodeType) -> str:
    """Where to begin: until it has counted again, Neo4j takes what was just loaded for empty."""
    return f"USING INDEX SEEK {name}:{label.label}({label.key.name})"


def _from(type_: RelationshipType) -> str:
    """The relationships from a start, as a list of lists; no list of rows to be grouped."""
    said = ", ".join((f"e.{type_.end.key.name}", *(f"r.{p.name}" for p in type_.properties)))
    return f"[(s)-[r:{type_.name}]->(e) | [{said}]]"

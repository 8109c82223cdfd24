"""The constraints and indexes of a Neo4j database: made, and checked before anything is loaded."""

from cachegraph.errors import StoreError
from cachegraph.model.schema import MARKER, MARKER_KEY, MODEL_VERSION, NODE_TYPES, NodeType
from cachegraph.neo4j import statements
from cachegraph.neo4j.connection import Connection

_CONSTRAINTS = "SHOW CONSTRAINTS YIELD name, type, labelsOrTypes, properties"
_INDEXES = "SHOW INDEXES YIELD name"
_LABELS = "CALL db.labels() YIELD label RETURN label"
# Taking the marker, which every transaction that writes begins with: whoever else writes waits.
MARK = {"rows": [{"key": MARKER_KEY, "properties": {"model": MODEL_VERSION}}]}
_UNIQUE = ("UNIQUENESS", "NODE_PROPERTY_UNIQUENESS", "NODE_KEY")
_OTHER = "name another database with NEO4J_DATABASE, or an empty one"


def check(connection: Connection) -> bool:
    """Whether the database has a graph of ours; StoreError when it is of another model."""
    found = connection.rows(statements.values(MARKER, ("model",)), {"keys": [MARKER_KEY]})
    if not found:
        return False
    ((_, (model,)),) = found
    if model is None:
        raise StoreError(
            f"{connection.location}: the graph was imported by neo4j-admin, and not finished",
            "run after.cypher, of the folder that it was imported from",
        )
    if model != MODEL_VERSION:
        raise StoreError(
            f"{connection.location}: the graph was loaded by another cachegraph: model {model}, "
            f"this one reads {MODEL_VERSION}",
            "load it again: cachegraph load URI --replace",
        )
    return True


def prepare(connection: Connection) -> None:
    """Makes the constraints and indexes that are missing; StoreError when something is in the way.

    The first time, labels of ours that somebody else's nodes have are in the way.
    """
    if not check(connection):
        check_labels(connection)
    if not (_missing(connection) or _indexes(connection)):
        return
    connection.change(*statements.schema(), statements.AWAIT)
    if missing := _missing(connection):
        raise StoreError(
            f"{connection.location}: {missing[0]} could not be made unique",
            "something else may have the name of the constraint: SHOW CONSTRAINTS",
        )


def _missing(connection: Connection) -> list[str]:
    """The keys that no constraint makes unique; StoreError when one of its name does otherwise."""
    wanted = {statements.constraint(type_): _of(type_) for type_ in (*NODE_TYPES, MARKER)}
    there = set()
    for name, kind, labels, names in connection.rows(_CONSTRAINTS):
        of = f"{':'.join(labels)}({', '.join(names)})"
        there |= {of} if kind in _UNIQUE else set()
        if name in wanted and wanted[name] not in there:
            raise StoreError(
                f"{connection.location}: the constraint {name} is {kind} on {of}, which should "
                f"make {wanted[name]} unique",
                "drop it, or use another database",
            )
    return [of for of in wanted.values() if of not in there]


def _of(type_: NodeType) -> str:
    return f"{type_.label}({type_.key.name})"


def _indexes(connection: Connection) -> bool:
    """Whether one of the indexes is missing."""
    there = {name for (name,) in connection.rows(_INDEXES)}
    return not there.issuperset(statements.indexes())


def check_labels(connection: Connection) -> None:
    """StoreError when nodes that are not ours have one of our labels."""
    if connection.rows(statements.known(MARKER), {"keys": [MARKER_KEY]}):
        return
    there = {label for (label,) in connection.rows(_LABELS)}
    for type_ in NODE_TYPES:
        if type_.label in there and (count := connection.rows(statements.count(type_))[0][0]):
            raise StoreError(
                f"{connection.location}: the database holds something else: {count} nodes labelled "
                f"{type_.label} that cachegraph did not load",
                _OTHER,
            )

"""The constraints and indexes of a Neo4j database: made, and checked before anything is loaded."""

from cachegraph import cypher
from cachegraph.errors import StoreError
from cachegraph.schema import MARKER, MARKER_KEY, MODEL, NODE_TYPES
from cachegraph.stores.connection import Connection

_SHOW = "SHOW CONSTRAINTS YIELD name, type, labelsOrTypes, properties"
_LABELS = "CALL db.labels() YIELD label RETURN label"
_UNIQUE = ("UNIQUENESS", "NODE_PROPERTY_UNIQUENESS", "NODE_KEY")
_OTHER = "name another database with NEO4J_DATABASE, or an empty one"


def check(connection: Connection) -> bool:
    """Whether the database has a graph of ours; StoreError when it is of another model."""
    found = connection.rows(cypher.values(MARKER, ("model",)), {"keys": [MARKER_KEY]})
    if not found:
        return False
    ((_, (model,)),) = found
    if model is None:
        raise StoreError(
            f"{connection.location}: the graph was imported by neo4j-admin, and not finished",
            "run after.cypher, of the folder that it was imported from",
        )
    if model != MODEL:
        raise StoreError(
            f"{connection.location}: the graph was loaded by another cachegraph: model {model}, "
            f"this one reads {MODEL}",
            "load it again: cachegraph load URI --replace",
        )
    return True


def prepare(connection: Connection) -> None:
    """Makes the constraints and indexes that are missing; StoreError when something is in the way.

    The first time, labels of ours that somebody else's nodes have are in the way.
    """
    if not check(connection):
        _check_labels(connection)
    _check_constraints(connection)
    connection.change(*cypher.schema(), cypher.AWAIT)
    there = {(labels[0], *of) for _, kind, labels, of in connection.rows(_SHOW) if kind in _UNIQUE}
    for type_ in (*NODE_TYPES, MARKER):
        if (type_.label, type_.key.name) not in there:
            raise StoreError(
                f"{connection.location}: {type_.label}.{type_.key.name} could not be made unique",
                "something else may have the name of the constraint: SHOW CONSTRAINTS",
            )


def _check_labels(connection: Connection) -> None:
    """StoreError when nodes that are not ours have one of our labels."""
    there = {label for (label,) in connection.rows(_LABELS)}
    for type_ in NODE_TYPES:
        if type_.label in there and (count := connection.rows(cypher.count(type_))[0][0]):
            raise StoreError(
                f"{connection.location}: the database holds something else: {count} nodes labelled "
                f"{type_.label} that cachegraph did not load",
                _OTHER,
            )


def _check_constraints(connection: Connection) -> None:
    """StoreError when a constraint of another kind has one of our names."""
    wanted = {cypher.constraint(type_): type_ for type_ in (*NODE_TYPES, MARKER)}
    for name, kind, labels, names in connection.rows(_SHOW):
        type_ = wanted.get(name)
        if type_ and (kind not in _UNIQUE or [*labels, *names] != [type_.label, type_.key.name]):
            raise StoreError(
                f"{connection.location}: the constraint {name} is on "
                f"{':'.join(labels)}({', '.join(names)}), not on {type_.label}({type_.key.name})",
                "drop it, or use another database",
            )

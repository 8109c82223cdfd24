"""Creates the constraints and indexes of a Neo4j database, and checks what is in it."""

from cachegraph.errors import StoreError
from cachegraph.model.schema import MARKER, MARKER_KEY, MODEL_VERSION, NODE_TYPES
from cachegraph.neo4j import cypher_files, statements
from cachegraph.neo4j.connection import Connection

_CONSTRAINTS = "SHOW CONSTRAINTS YIELD name, type, labelsOrTypes, properties"
_INDEXES = "SHOW INDEXES YIELD name"
_LABELS = "CALL db.labels() YIELD label RETURN label"
# Parameters that merge the marker node. Every writing transaction begins by merging it, which locks
# it: so there is one writer at a time, and the others wait.
MARKER_ROWS = {"rows": [{"key": MARKER_KEY, "properties": {"model": MODEL_VERSION}}]}
_UNIQUE_KINDS = ("UNIQUENESS", "NODE_PROPERTY_UNIQUENESS", "NODE_KEY")


def has_graph(connection: Connection) -> bool:
    """Whether the database has a graph of cachegraph; StoreError if it is of another model."""
    markers = connection.rows(statements.values(MARKER, ("model",)), {"keys": [MARKER_KEY]})
    if not markers:
        return False
    ((_, (model,)),) = markers
    if model is None:
        message = f"{connection.location}: the graph was imported by neo4j-admin, and not finished"
        raise StoreError(message, "run after.cypher, which is in the folder it was imported from")
    if model != MODEL_VERSION:
        models = f"model {model}, this one reads {MODEL_VERSION}"
        message = f"{connection.location}: the graph was loaded by another cachegraph: {models}"
        raise StoreError(message, "load it again: cachegraph load URI --replace")
    return True


def prepare(connection: Connection) -> None:
    """Creates missing constraints and indexes; StoreError if the database does not allow it.

    StoreError too if another constraint has one of our names, or if in a database without a graph
    of cachegraph there are nodes with its labels.
    """
    if not has_graph(connection):
        check_labels(connection)
    indexes = {name for (name,) in connection.rows(_INDEXES)}
    has_indexes = indexes.issuperset(cypher_files.index_properties())
    if not _missing_constraints(connection) and has_indexes:
        return
    connection.change_schema(*cypher_files.schema_statements(), cypher_files.AWAIT_INDEXES)
    if missing := _missing_constraints(connection):
        message = f"{connection.location}: {missing[0]} could not be made unique"
        raise StoreError(message, "another constraint or index may have its name: SHOW CONSTRAINTS")


def _missing_constraints(connection: Connection) -> list[str]:
    """The keys that no constraint makes unique; StoreError if one of our names is of another."""
    types = {cypher_files.constraint_name(type_): type_ for type_ in (*NODE_TYPES, MARKER)}
    wanted = {name: f"{type_.label}({type_.key.name})" for name, type_ in types.items()}
    unique = set()
    for name, kind, labels, names in connection.rows(_CONSTRAINTS):
        key = f"{':'.join(labels)}({', '.join(names)})"
        unique |= {key} if kind in _UNIQUE_KINDS else set()
        if name in wanted and wanted[name] not in unique:
            other = f"{kind} on {key}, which should make {wanted[name]} unique"
            message = f"{connection.location}: the constraint {name} is {other}"
            raise StoreError(message, "drop it, or use another database")
    return [key for key in wanted.values() if key not in unique]


def check_labels(connection: Connection) -> None:
    """StoreError if nodes that cachegraph did not load have one of its labels."""
    if connection.rows(statements.existing_keys(MARKER), {"keys": [MARKER_KEY]}):
        return
    labels = {label for (label,) in connection.rows(_LABELS)}
    for type_ in NODE_TYPES:
        if type_.label in labels and (count := connection.rows(statements.count(type_))[0][0]):
            found = f"{count} nodes labelled {type_.label} that cachegraph did not load"
            hint = "name another database with NEO4J_DATABASE, or an empty one"
            raise StoreError(f"{connection.location}: the database holds other data: {found}", hint)

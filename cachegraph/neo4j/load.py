"""Copies a graph into Neo4j: resumable, idempotent, and quick where all is new.

A spec comes after what it depends on, and is made in one transaction with all relationships from
it. So one that the transaction itself makes has none yet, which can be created without looking;
and whenever the server or we are killed, a spec that is there is complete. Those that are there are
compared, and what they lack is merged.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from random import getrandbits
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

from cachegraph.model.elements import Nodes, Properties
from cachegraph.model.merging import merge
from cachegraph.model.schema import MARKER, NODE_TYPES, SPEC, STACK, NodeType
from cachegraph.neo4j import statements
from cachegraph.neo4j.ahead import ahead
from cachegraph.neo4j.batches import OutgoingRelationships, RelationshipBatch
from cachegraph.neo4j.bolt import chunks, from_bolt, properties_of, to_bolt
from cachegraph.neo4j.prepare import MARKER_ROWS, check_labels, prepare
from cachegraph.neo4j.texts import text_of

if TYPE_CHECKING:
    from neo4j import ManagedTransaction

    from cachegraph.neo4j.connection import Connection
    from cachegraph.stores import Store

# Nodes made in one transaction, with all relationships from them: some 30,000.
_NODES_AT_ONCE = 2_000
_WEIGHT_BITS = 40
# Relationships lead to labels that come earlier.
_IN_ORDER = (*(type_ for type_ in NODE_TYPES if type_ not in (STACK, SPEC)), STACK, SPEC)

Progress = Callable[[Iterable[int], int], Iterator[int]]
Row = list[Any]
"""A key, and the values of the properties in the order of the type."""


class LoadAnswer(TypedDict):
    """The answer of ``load``: how much there was to copy, and how much of it was new."""

    question: str
    location: str
    removed: int
    nodes: int
    relationships: int
    new_nodes: int
    new_relationships: int
    conflicts: int


class LoadCounts(NamedTuple):
    """How much was copied, how much of it was new, and how many specs contradict the database."""

    nodes: int
    relationships: int
    new_nodes: int
    new_relationships: int
    conflicts: int

    def __add__(self, other: "LoadCounts") -> "LoadCounts":  # type: ignore[override]  # of counts
        return LoadCounts(*map(int.__add__, self, other))


def copy(
    source: "Store", connection: "Connection", progress: Progress = lambda steps, _: iter(steps)
) -> LoadCounts:
    """Copies a whole graph into a Neo4j database, and merges it with the graph that is there.

    Merging follows the rules of an import: absent values erase nothing, missing properties are
    filled in, and a spec that contradicts the database keeps what it has there and is counted as a
    conflict. The copy may be stopped at any moment and run again. ``progress`` gets the steps, each
    the number of nodes that it copied, and the number of all nodes.
    """
    prepare(connection)
    job = _Job(source, connection)
    total = sum(map(source.count, NODE_TYPES))
    for _ in progress(job.steps(), total):
        pass
    return job.counts


def clear(connection: "Connection") -> int:
    """Deletes all nodes of cachegraph from a database, and nothing else; returns how many."""
    check_labels(connection)
    count = 0
    # Specs first: then few relationships are left at the other nodes.
    for type_ in (SPEC, *NODE_TYPES, MARKER):
        while removed := connection.write(lambda tx, type_=type_: _remove_some(tx, type_)):  # type: ignore[misc]
            count += removed
    return count


def _remove_some(transaction: "ManagedTransaction", type_: NodeType) -> int:
    result = transaction.run(statements.remove_up_to(type_), {"limit": _NODES_AT_ONCE})
    return int(result.single(strict=True)[0])


class _Job:
    """One copy under way."""

    def __init__(self, source: "Store", connection: "Connection") -> None:
        self._source = source
        self._connection = connection
        self.counts = LoadCounts(0, 0, 0, 0, 0)

    def steps(self) -> Iterator[int]:
        """Copies, and yields the number of nodes after each step."""
        nodes: dict[NodeType, dict[str, Sequence[Any]]] = {type_: {} for type_ in NODE_TYPES}
        outgoing = OutgoingRelationships()
        for element in self._source.elements():
            if isinstance(element, Nodes):
                # An element without values stands for nodes with only a key.
                values = element.values or [None] * len(element.type.properties)
                nodes[element.type].update(dict.fromkeys(element.keys, values))
                outgoing.number(element.type, element.keys)
            else:
                outgoing.add(element)
        # The server copies one batch while the next one is made.
        yield from ahead(self._copy, self._batches(nodes, outgoing))

    def _batches(
        self, nodes: dict[NodeType, dict[str, Sequence[Any]]], outgoing: OutgoingRelationships
    ) -> Iterator["_Batch"]:
        for type_ in _IN_ORDER:
            for keys, relationships, deferred in outgoing.batches(type_, _NODES_AT_ONCE):
                rows = [[key, *map(_listed, nodes[type_].pop(key))] for key in keys]
                yield _Batch(type_, rows, relationships, deferred)

    def _copy(self, batch: "_Batch") -> int:
        """Copies a batch; returns the number of its nodes."""
        type_, rows, relationships, deferred = batch
        self._write(_copy_nodes, type_, rows, relationships)
        if deferred:
            self._write(_copy_relationships, deferred)
        return len(rows)

    def _write(self, work: Callable[..., LoadCounts], *arguments: Any) -> None:
        """Does work in one transaction that locks the marker, so that other writers wait."""

        def locked(transaction: "ManagedTransaction") -> LoadCounts:
            transaction.run(statements.merge_nodes(MARKER), MARKER_ROWS)
            return work(transaction, *arguments)

        self.counts += self._connection.write(locked)


class _Batch(NamedTuple):
    """Nodes with all relationships from them, and others that no batch before could have."""

    type: NodeType
    rows: list[Row]
    relationships: Sequence[RelationshipBatch]
    deferred: Sequence[RelationshipBatch]


def _listed(value: Any) -> Any:
    return [*value] if type(value) is tuple else value


def _copy_nodes(
    transaction: "ManagedTransaction",
    type_: NodeType,
    rows: Sequence[Row],
    relationships: Sequence[RelationshipBatch],
) -> LoadCounts:
    """Creates missing nodes with all relationships from them, and completes existing ones."""
    keys = [row[0] for row in rows]
    result = transaction.run(statements.existing_keys(type_), {"keys": keys})
    existing = {key for (key,) in result.values()}
    new = [row for row in rows if row[0] not in existing]
    if new:
        _create_nodes(transaction, type_, new)
    new_relationships = [batch.from_starts({row[0] for row in new}) for batch in relationships]
    for batch in new_relationships:
        # A node that this transaction creates has no relationships yet.
        if batch.rows:
            _create_relationships(transaction, batch)
    total = sum(batch.size for batch in relationships)
    created = sum(batch.size for batch in new_relationships)
    counts = LoadCounts(len(rows), total, len(new), created, 0)
    if existing:
        old = [row for row in rows if row[0] in existing]
        from_old = [batch.from_starts(existing) for batch in relationships]
        counts += _complete_nodes(transaction, type_, old, from_old)
    return counts


# A text for each row: to pack its values takes the driver longer than all the rest of our part.
def _create_nodes(transaction: "ManagedTransaction", type_: NodeType, rows: Sequence[Row]) -> None:
    texts = [text_of(row) for row in rows]
    text = (statements.create_nodes_of_texts if all(texts) else statements.create_nodes)(type_)
    # The driver keeps the parameters of what is not consumed: 110 MB on 100,000 specs.
    transaction.run(text, {"rows": texts if all(texts) else rows}).consume()


def _create_relationships(transaction: "ManagedTransaction", batch: RelationshipBatch) -> None:
    create = statements.create_relationships
    if texts := batch.texts():
        create = statements.create_relationships_of_texts
    parameters = {"rows": texts or batch.rows, "properties": [*map(to_bolt, batch.properties)]}
    transaction.run(create(batch.type), parameters).consume()


def _complete_nodes(
    transaction: "ManagedTransaction",
    type_: NodeType,
    rows: Sequence[Row],
    relationships: Sequence[RelationshipBatch],
) -> LoadCounts:
    """Fills in properties that existing nodes lack, and creates relationships that are missing."""
    keys = [row[0] for row in rows]
    text = statements.differing_nodes(type_, tuple([batch.type for batch in relationships]))
    parameters = {"keys": keys, "texts": [text_of(row[1:]) for row in rows]}
    parameters |= _weight_parameters(keys, relationships)
    differing = transaction.run(text, parameters).values()
    others = [(rows[i], known) for i, known, _ in differing if known is not None]
    incomplete = {keys[i] for i, _, is_incomplete in differing if is_incomplete}
    created = _merge(transaction, [batch.from_starts(incomplete) for batch in relationships])
    return LoadCounts(0, 0, 0, created, _fill_properties(transaction, type_, others))


def _weight_parameters(
    keys: Sequence[str], relationships: Sequence[RelationshipBatch]
) -> dict[str, Any]:
    """A random weight for each end, and for each key the sum of the weights of its ends.

    The server adds up the weights of the ends that it has: comparing two sums takes the place of
    sending the keys of all ends, which would be most of the graph.
    """
    weights = []
    sums, bare_sums = dict.fromkeys(keys, 0), dict.fromkeys(keys, 0)
    for batch in relationships:
        weight = {end: getrandbits(_WEIGHT_BITS) for _, end, _ in batch.relationships()}
        weights.append(weight)
        is_bare = [batch.type.properties and not properties for properties in batch.properties]
        for start, some in batch.rows:
            for number, ends in some:
                added = sum(map(weight.__getitem__, ends))
                sums[start] += added
                bare_sums[start] += added if is_bare[number] else 0
    return {"weights": weights, "sums": [*sums.values()], "bare_sums": [*bare_sums.values()]}


def _fill_properties(
    transaction: "ManagedTransaction", type_: NodeType, others: Sequence[tuple[Row, Properties]]
) -> int:
    """Fills in properties that nodes lack; returns how many contradict them and stay unchanged."""
    changed, conflicts = [], 0
    for (key, *values), known in others:
        changes = _changes(type_, key, known, properties_of(type_, values))
        conflicts += changes is None
        changed += [{"key": key, "properties": changes}] if changes else []
    if changed:
        transaction.run(statements.merge_nodes(type_), {"rows": changed})
    return conflicts


def _changes(
    type_: NodeType, key: str, known: Properties, given: Properties
) -> dict[str, Any] | None:
    """The properties that a node gains; None if the given ones contradict it."""
    if type_ is not SPEC:
        return {name: value for name, value in given.items() if name not in known}
    names = [p.name for p in type_.properties]
    before = properties_of(type_, from_bolt(map(known.get, names)))
    after = properties_of(type_, from_bolt(map(given.get, names)))
    merged, differs = merge(before, after, key)
    if differs:
        return None
    return to_bolt({name: value for name, value in merged.items() if before.get(name) != value})


def _copy_relationships(
    transaction: "ManagedTransaction", relationships: Sequence[RelationshipBatch]
) -> LoadCounts:
    created = _merge(transaction, relationships)
    return LoadCounts(0, sum(batch.size for batch in relationships), 0, created, 0)


def _merge(transaction: "ManagedTransaction", relationships: Sequence[RelationshipBatch]) -> int:
    """Creates missing relationships, and fills in properties; returns how many were created."""
    created = 0
    for batch in relationships:
        keys = [start for start, _ in batch.rows]
        result = transaction.run(statements.adjacent(batch.type), {"keys": keys})
        existing: dict[tuple[str, str], bool] = {}
        for start, ends in result.values():
            for end, *values in ends:
                existing[start, end] = any(value is not None for value in values)
        rows = []
        for start, end, properties in batch.relationships():
            if (start, end) not in existing or (properties and not existing[start, end]):
                rows.append({"start": start, "end": end, "properties": to_bolt(properties)})
        for chunk in chunks(rows):
            transaction.run(statements.merge_relationships(batch.type), {"rows": chunk})
        created += sum((row["start"], row["end"]) not in existing for row in rows)
    return created

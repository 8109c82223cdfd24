"""Copies a graph into Neo4j: resumable, idempotent, and quick where all is new.

Nodes come first. A spec that is made gets a second label, Loading, which it loses in the same
transaction that gives it all of its relationships: so of a spec with that label it is known, even
after the server or we were killed, that it has none yet, and they can be made without looking.
All else is compared with what is there, and only what is missing is sent.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from cachegraph import cypher
from cachegraph.elements import Element, Nodes, Properties
from cachegraph.merging import merge
from cachegraph.neo4j.outgoing import Joined, Outgoing
from cachegraph.neo4j.preparing import check_labels, prepare
from cachegraph.neo4j.rows import MANY, frozen, parts, plain
from cachegraph.schema import (
    MARKER,
    MARKER_KEY,
    MODEL,
    NODE_TYPES,
    SPEC,
    NodeType,
    RelationshipType,
)

if TYPE_CHECKING:
    from neo4j import ManagedTransaction

    from cachegraph.graph import SpecGraph
    from cachegraph.neo4j.connection import Connection

# Specs of which the relationships are made in one transaction: some 30,000 relationships.
_SPECS = 2_000

Progress = Callable[[Iterable[int], int], Iterator[int]]
Row = dict[str, Any]


class Copied(NamedTuple):
    """How much there was to copy, how much of it was new, and what contradicts the database."""

    nodes: int
    relationships: int
    new_nodes: int
    new_relationships: int
    conflicts: int

    def __add__(self, other: "Copied") -> "Copied":  # type: ignore[override]  # of counts
        return Copied(*map(int.__add__, self, other))


def copy(
    source: "SpecGraph",
    connection: "Connection",
    progress: Progress = lambda steps, _: iter(steps),
) -> Copied:
    """Puts all of a graph into a Neo4j database, to what is there.

    Merging is that of an import: what is absent erases nothing, what is known of a spec is filled
    in, and one that is described otherwise keeps what it has and is counted as a conflict. May be
    stopped at any moment, and be run again. ``progress`` is given the steps, each the number of
    nodes that it was about, and how many that will be in all.
    """
    prepare(connection)
    job = _Job(source, connection)
    total = source.count(SPEC) + sum(map(source.count, NODE_TYPES))
    for _ in progress(job.steps(), total):
        pass
    return job.copied


def clear(connection: "Connection") -> int:
    """Takes all nodes of ours out of a database, and nothing else; how many there were."""
    check_labels(connection)
    count = 0
    # Specs first: by then few relationships are left at the others.
    for type_ in (SPEC, *NODE_TYPES, MARKER):
        text = cypher.remove_some(type_)
        while removed := connection.write(
            lambda tx, text=text: tx.run(text, {"many": _SPECS}).single(strict=True)[0]  # type: ignore[misc]
        ):
            count += removed
    return count


class _Job:
    """One copy under way."""

    def __init__(self, source: "SpecGraph", connection: "Connection") -> None:
        self._source = source
        self._connection = connection
        self._outgoing = Outgoing()
        self.copied = Copied(0, 0, 0, 0, 0)

    def steps(self) -> Iterator[int]:
        """Copies, and yields of how many nodes each step was: first nodes, then relationships."""
        elements = self._source.elements()
        first = yield from self._nodes(elements)
        for element in chain(first, elements):
            assert not isinstance(element, Nodes), "nodes come before relationships"
            self._outgoing.add(element)
        for starts, joined in self._outgoing.batches(_SPECS):
            self._done(_join, starts, joined)
            yield len(starts)

    def _nodes(self, elements: Iterator[Element]) -> Generator[int, None, list[Element]]:
        """Copies the nodes that come first; the element after them."""
        waiting: dict[NodeType, list[Row]] = {type_: [] for type_ in NODE_TYPES}
        after: list[Element] = []
        for element in elements:
            if not isinstance(element, Nodes):
                after = [element]
                break
            properties = plain(element.properties)
            rows = waiting[element.type]
            rows += [{"key": key, "properties": properties} for key in element.keys]
            if len(rows) >= MANY:
                yield from self._put(element.type, rows)
                rows.clear()
        for type_, rows in waiting.items():
            yield from self._put(type_, rows)
        return after

    def _put(self, type_: NodeType, rows: list[Row]) -> Iterator[int]:
        self._outgoing.number(type_, [row["key"] for row in rows])
        for part in parts(rows):
            self._done(_put, type_, part)
            yield len(part)

    def _done(self, work: Callable[..., Copied], *arguments: Any) -> None:
        """Does one piece of work in a transaction, alone: whoever else writes waits."""

        def alone(transaction: "ManagedTransaction") -> Copied:
            marker = {"key": MARKER_KEY, "properties": {"model": MODEL}}
            transaction.run(cypher.merge_nodes(MARKER), {"rows": [marker]})
            return work(transaction, *arguments)

        self.copied += self._connection.write(alone)


def _put(transaction: "ManagedTransaction", type_: NodeType, rows: list[Row]) -> Copied:
    """Makes the nodes that are missing, and fills in the others."""
    keys = [row["key"] for row in rows]
    there = {key for (key,) in transaction.run(cypher.known(type_), {"keys": keys}).values()}
    new = [row for row in rows if row["key"] not in there]
    if new:
        mark = cypher.LOADING if type_ is SPEC else ""
        transaction.run(cypher.create_nodes(type_, mark), {"rows": new})
    old = [row for row in rows if row["key"] in there]
    found = transaction.run(cypher.differing(type_), {"rows": old}).values() if old else []
    given = {row["key"]: row["properties"] for row in old}
    changed, conflicts = [], 0
    for key, known in found:
        changes = _changes(type_, key, known, given[key])
        conflicts += changes is None
        changed += [{"key": key, "properties": changes}] if changes else []
    if changed:
        transaction.run(cypher.merge_nodes(type_), {"rows": changed})
    return Copied(len(rows), 0, len(new), 0, conflicts)


def _changes(
    type_: NodeType, key: str, known: Properties, given: Properties
) -> dict[str, Any] | None:
    """What a node gains; None when it is described otherwise."""
    if type_ is not SPEC:
        return {name: value for name, value in given.items() if name not in known}
    names = [p.name for p in type_.properties]
    before, after = (
        {name: frozen(said[name]) for name in names if name in said} for said in (known, given)
    )
    merged, differs = merge(before, after, key)
    if differs:
        return None
    return plain({name: value for name, value in merged.items() if before.get(name) != value})


def _join(
    transaction: "ManagedTransaction", starts: Sequence[str], joined: Sequence[Joined]
) -> Copied:
    """Makes the relationships of some nodes that are missing."""
    rows = transaction.run(cypher.unmarked(), {"keys": starts}).values()
    fresh = {key for (key,) in rows}
    total = made = 0
    for type_, properties, found in joined:
        total += sum(len(ends) for _, ends in found)
        new = [row for row in found if row[0] in fresh]
        if new:
            parameters = {"rows": new, "said": [*map(plain, properties)]}
            transaction.run(cypher.create_relationships(type_), parameters)
            made += sum(len(ends) for _, ends in new)
        if len(new) < len(found):
            old = [row for row in found if row[0] not in fresh]
            made += _merge(transaction, type_, properties, old)
    return Copied(0, total, 0, made, 0)


def _merge(
    transaction: "ManagedTransaction",
    type_: RelationshipType,
    properties: Sequence[Properties],
    found: Sequence[tuple[str, list[tuple[str, int]]]],
) -> int:
    """Makes those of the relationships that are not there; how many."""
    keys = [start for start, _ in found]
    there = {
        (start, end): any(value is not None for value in said)
        for start, ends in transaction.run(cypher.joined(type_), {"keys": keys}).values()
        for end, *said in ends
    }
    rows = [
        {"start": start, "end": end, "properties": plain(properties[number])}
        for start, ends in found
        for end, number in ends
        if not there.get((start, end), False) and ((start, end) not in there or properties[number])
    ]
    for part in parts(rows):
        transaction.run(cypher.merge_relationships(type_), {"rows": part})
    return sum((row["start"], row["end"]) not in there for row in rows)

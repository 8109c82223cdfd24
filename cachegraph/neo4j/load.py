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
from cachegraph.model.schema import (
    MARKER,
    NODE_TYPES,
    SPEC,
    STACK,
    NodeType,
)
from cachegraph.neo4j import statements
from cachegraph.neo4j.batches import Joined, Outgoing
from cachegraph.neo4j.bolt import frozen, parts, plain
from cachegraph.neo4j.prepare import MARK, check_labels, prepare

if TYPE_CHECKING:
    from neo4j import ManagedTransaction

    from cachegraph.neo4j.connection import Connection
    from cachegraph.stores import Store

# Nodes that are made in one transaction, with all relationships from them: some 30,000.
_AT_ONCE = 2_000
_WEIGHT = 40  # bits
# Relationships lead to what comes earlier.
_IN_ORDER = (*(type_ for type_ in NODE_TYPES if type_ not in (STACK, SPEC)), STACK, SPEC)

Progress = Callable[[Iterable[int], int], Iterator[int]]
# A key, and the values of the properties in the order of the type.
Row = list[Any]


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
    source: "Store",
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
    total = sum(map(source.count, NODE_TYPES))
    for _ in progress(job.steps(), total):
        pass
    return job.copied


def clear(connection: "Connection") -> int:
    """Takes all nodes of ours out of a database, and nothing else; how many there were."""
    check_labels(connection)
    count = 0
    # Specs first: by then few relationships are left at the others.
    for type_ in (SPEC, *NODE_TYPES, MARKER):
        text = statements.remove_some(type_)
        while removed := connection.write(
            lambda tx, text=text: tx.run(text, {"many": _AT_ONCE}).single(strict=True)[0]  # type: ignore[misc]
        ):
            count += removed
    return count


class _Job:
    """One copy under way."""

    def __init__(self, source: "Store", connection: "Connection") -> None:
        self._source = source
        self._connection = connection
        self.copied = Copied(0, 0, 0, 0, 0)

    def steps(self) -> Iterator[int]:
        """Copies, and yields of how many nodes each step was."""
        nodes: dict[NodeType, dict[str, list[Any]]] = {type_: {} for type_ in NODE_TYPES}
        outgoing = Outgoing()
        for element in self._source.elements():
            if isinstance(element, Nodes):
                # All of them, where an element of a bare key has none.
                said = element.values or [None] * len(element.type.properties)
                values = [[*value] if type(value) is tuple else value for value in said]
                nodes[element.type].update(dict.fromkeys(element.keys, values))
                outgoing.number(element.type, element.keys)
            else:
                outgoing.add(element)
        for type_ in _IN_ORDER:
            for keys, joined, late in outgoing.batches(type_, _AT_ONCE):
                rows = [[key, *nodes[type_][key]] for key in keys]
                self._done(_put, type_, rows, joined)
                if late:
                    self._done(_join, late)
                yield len(rows)

    def _done(self, work: Callable[..., Copied], *arguments: Any) -> None:
        """Does one piece of work in a transaction, alone: whoever else writes waits."""

        def alone(transaction: "ManagedTransaction") -> Copied:
            transaction.run(statements.merge_nodes(MARKER), MARK)
            return work(transaction, *arguments)

        self.copied += self._connection.write(alone)


def _put(
    transaction: "ManagedTransaction",
    type_: NodeType,
    rows: Sequence[Row],
    joined: Sequence[Joined],
) -> Copied:
    """Makes nodes that are missing, with all relationships from them; completes the others."""
    keys = [row[0] for row in rows]
    there = {key for (key,) in transaction.run(statements.known(type_), {"keys": keys}).values()}
    new = [row for row in rows if row[0] not in there]
    if new:
        transaction.run(statements.create_nodes(type_), {"rows": new})
    made = [of.of({row[0] for row in new}) for of in joined]
    for of in made:
        # Of nodes that this transaction makes it is known that there are none yet.
        if of.rows:
            parameters = {"rows": of.rows, "said": [*map(plain, of.properties)]}
            transaction.run(statements.create_relationships(of.type), parameters)
    total, fresh = (sum(of.size for of in some) for some in (joined, made))
    copied = Copied(len(rows), total, len(new), fresh, 0)
    if there:
        old = [row for row in rows if row[0] in there]
        copied += _complete(transaction, type_, old, [of.of(there) for of in joined])
    return copied


def _complete(
    transaction: "ManagedTransaction",
    type_: NodeType,
    rows: Sequence[Row],
    joined: Sequence[Joined],
) -> Copied:
    """Gives nodes that are there what they lack, and makes relationships that are missing.

    First asks which nodes are odd. A node's values are sent as one text; and every end of a
    relationship has a random weight, of which the server adds up those that are there: names of
    ends would be most of what there is.
    """
    weights = [
        {end: getrandbits(_WEIGHT) for _, ends in of.rows for end, _ in ends} for of in joined
    ]
    keys = [row[0] for row in rows]
    sums, silent = dict.fromkeys(keys, 0), dict.fromkeys(keys, 0)
    for of, weight in zip(joined, weights, strict=True):
        speaks = [bool(said) or not of.type.properties for said in of.properties]
        for start, ends in of.rows:
            sums[start] += sum([weight[end] for end, _ in ends])
            silent[start] += sum([weight[end] for end, number in ends if not speaks[number]])
    parameters = {
        "keys": keys,
        "texts": [_text(row[1:]) for row in rows],
        "weights": weights,
        "sums": [*sums.values()],
        "silent": [*silent.values()],
    }
    text = statements.odd(type_, tuple([of.type for of in joined]))
    odd = transaction.run(text, parameters).values()
    other = [(rows[i], known) for i, known, _ in odd if known is not None]
    lacking = {keys[i] for i, _, lacks in odd if lacks}
    made = _merge(transaction, [of.of(lacking) for of in joined])
    return Copied(0, 0, 0, made, _fill(transaction, type_, other))


def _text(values: Sequence[Any]) -> str:
    """All values of a node in one text, as the server puts them together."""
    return "".join([f"{_shown(value)}{statements.ENDED}" for value in values])


def _shown(value: Any) -> str:
    if value is None:
        return statements.ABSENT
    if type(value) is list:
        return "".join([f"{member}{statements.ENDED}" for member in value])
    return value if type(value) is str else str(value).lower()


def _fill(
    transaction: "ManagedTransaction",
    type_: NodeType,
    found: Sequence[tuple[Row, Properties]],
) -> int:
    """Gives nodes what they lack; how many are described otherwise, and stay as they are."""
    names = [p.name for p in type_.properties]
    changed, conflicts = [], 0
    for (key, *said), known in found:
        values = zip(names, said, strict=True)
        given = {name: value for name, value in values if value is not None}
        changes = _changes(type_, key, known, given)
        conflicts += changes is None
        changed += [{"key": key, "properties": changes}] if changes else []
    if changed:
        transaction.run(statements.merge_nodes(type_), {"rows": changed})
    return conflicts


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


def _join(transaction: "ManagedTransaction", joined: Sequence[Joined]) -> Copied:
    """Makes relationships that are missing between nodes that are there."""
    made = _merge(transaction, joined)
    return Copied(0, sum(of.size for of in joined), 0, made, 0)


def _merge(transaction: "ManagedTransaction", joined: Sequence[Joined]) -> int:
    """Makes those of the relationships that are not there; how many."""
    made = 0
    for of in joined:
        keys = [start for start, _ in of.rows]
        there = {
            (start, end): any(value is not None for value in said)
            for start, ends in transaction.run(
                statements.adjacent(of.type), {"keys": keys}
            ).values()
            for end, *said in ends
        }
        rows = [
            {"start": start, "end": end, "properties": plain(of.properties[number])}
            for start, ends in of.rows
            for end, number in ends
            if (start, end) not in there or (of.properties[number] and not there[start, end])
        ]
        for part in parts(rows):
            transaction.run(statements.merge_relationships(of.type), {"rows": part})
        made += sum((row["start"], row["end"]) not in there for row in rows)
    return made

"""The graph in a Neo4j database, read and written over Bolt. A handle is a node's key.

Each method of ``SpecGraph`` is one statement of ``statements``; a question sends one of
its own: that of ``own_statements``, else its file in ``cypher/``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from cachegraph.errors import StoreError
from cachegraph.model import schema
from cachegraph.model.elements import Element, Nodes, Pairs, Properties, Relationships
from cachegraph.model.graph import SpecGraph
from cachegraph.model.schema import MARKER, NODE_TYPES, SPEC, NodeType, RelationshipType
from cachegraph.neo4j import cypher_files, statements
from cachegraph.neo4j.bolt import chunks, from_bolt, properties_of, to_bolt
from cachegraph.neo4j.connection import Connection
from cachegraph.neo4j.own_statements import OWN_STATEMENTS
from cachegraph.neo4j.prepare import MARKER_ROWS, has_graph, prepare
from cachegraph.stores import StoreFacts

_STARTS_AT_ONCE = 100_000
_SILENT_WAIT = 1.0  # seconds for which another writer is awaited without a word
Notify = Callable[[str], None]


class Neo4jStore:
    """A store in a Neo4j database."""

    def __init__(
        self, uri: str, *, write: bool = False, wait: float = 0, notify: Notify = lambda _: None
    ) -> None:
        self.connection = Connection(uri)
        self.location = self.connection.location
        self._wait, self._notify = wait, notify
        try:
            self.connection.version()
            if not write and not has_graph(self.connection):
                address = self.connection.location
                message = f"{address}: no graph of cachegraph is in the database"
                raise StoreError(message, f"load one: cachegraph load {address}")
        except BaseException:
            self.connection.close()
            raise

    # Reading

    def facts(self) -> StoreFacts:
        facts: StoreFacts = {
            "store": self.connection.location,
            "kind": "neo4j",
            "server": self.connection.version(),
        }
        if self.connection.database:
            facts["database"] = self.connection.database
        return facts

    def rows(self, question: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        """The rows of the question's own statement or file, by the names of their columns."""
        text = OWN_STATEMENTS.get(question) or cypher_files.read(question)
        return self.connection.records(text, parameters)

    def subgraph(self, question: str, parameters: dict[str, Any]) -> SpecGraph:
        """The part of the graph that the question's rows tell of, in memory."""
        from cachegraph.neo4j.subgraph import elements
        from cachegraph.stores.networkx import NetworkXStore

        store = NetworkXStore(self.location)
        store.load(elements(self.rows(question, parameters)))
        return store

    def snapshot(self) -> AbstractContextManager[None]:
        return nullcontext()  # others may change the server at any time, in any process

    def check(self) -> None:
        """Nothing to do: the server checks what it keeps."""

    def nodes(self, label: NodeType) -> Set[str]:
        return self._keys(statements.all_keys(label))

    def find(self, label: NodeType, key: str) -> str | None:
        return next(iter(self._keys(statements.existing_keys(label), {"keys": [key]})), None)

    def keys(self, label: NodeType, prefix: str = "") -> list[str]:
        return sorted(self._keys(statements.keys_with_prefix(label), {"prefix": prefix}))

    def starts_of(self, type_: RelationshipType, end: str) -> Set[str]:
        return self._keys(statements.starts_of(type_), {"key": end})

    def ends_of(self, type_: RelationshipType, starts: Iterable[str]) -> Set[str]:
        text = statements.ends_of(type_)
        return frozenset().union(*(self._keys(text, {"keys": keys}) for keys in chunks(starts)))

    def breadth_first(
        self,
        type_: RelationshipType,
        starts: Iterable[str],
        *,
        reverse: bool = False,
        any_of: Sequence[str] = (),
    ) -> Iterator[Set[str]]:
        text = statements.neighbours(type_, reverse=reverse)
        level = {*starts}
        seen = {*level}
        while level:
            reached: set[str] = set()
            for keys in chunks(level):
                reached |= self._keys(text, {"keys": keys, "any_of": [*any_of]})
            level = reached - seen
            if level:
                seen |= level
                yield level

    def starts_by_properties(
        self, type_: RelationshipType, end: str
    ) -> Iterator[tuple[tuple[Any, ...], Set[str]]]:
        text = statements.starts_by_properties(type_)
        for *values, starts in self.connection.rows(text, {"key": end}):
            yield from_bolt(values), frozenset(starts)

    def adjacent(
        self, type_: RelationshipType, starts: Iterable[str]
    ) -> Iterator[tuple[list[str], list[tuple[Any, ...]]]]:
        starts = [*starts]
        text = statements.adjacent(type_)
        result: dict[str, tuple[list[str], list[tuple[Any, ...]]]] = {s: ([], []) for s in starts}
        for keys in chunks(result):
            for start, relationships in self.connection.rows(text, {"keys": keys}):
                for end, *values in relationships:
                    result[start][0].append(end)
                    result[start][1].append(from_bolt(values))
        return map(result.__getitem__, starts)

    def relationship_values(
        self, type_: RelationshipType, token: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        return token

    def count(self, what: NodeType | RelationshipType) -> int:
        return int(self.connection.rows(statements.count(what))[0][0])

    def has_values(self, label: NodeType, name: str) -> bool:
        return bool(self.connection.rows(statements.has_values(label, name))[0][0])

    def values(
        self, label: NodeType, nodes: Iterable[str], names: Sequence[str]
    ) -> Iterator[tuple[Any, ...]]:
        text = statements.values(label, tuple(names))
        for keys in chunks(nodes):
            rows = self.connection.rows(text, {"keys": keys})
            by_key = {key: from_bolt(values) for key, values in rows}
            if len(by_key) < len({*keys}):
                message = f"{self.location}: a {label.label} was deleted while it was read"
                raise StoreError(message, "ask again")
            yield from map(by_key.__getitem__, keys)

    def tokens(
        self, label: NodeType, nodes: Iterable[str], names: Sequence[str]
    ) -> list[Sequence[Any]]:
        rows = [*self.values(label, nodes, names)]
        return [*zip(*rows, strict=True)] if rows else [() for _ in names]

    def elements(self) -> Iterator[Element]:
        for label in NODE_TYPES:
            for key, values in self.connection.stream(statements.all_nodes(label)):
                yield Nodes(label, [key], from_bolt(values))
        for type_ in schema.RELATIONSHIP_TYPES:
            yield from self._relationships(type_)

    def _relationships(self, type_: RelationshipType) -> Iterator[Pairs]:
        """All relationships of a type, those with equal properties together."""
        rows = self.connection.stream(statements.all_relationships(type_))
        for chunk in chunks(rows, _STARTS_AT_ONCE):
            equal: dict[tuple[Any, ...], tuple[list[str], list[str]]] = {}
            for start, relationships in chunk:
                for end, *values in relationships:
                    starts, ends = equal.setdefault(from_bolt(values), ([], []))
                    starts.append(start)
                    ends.append(end)
            for known, (starts, ends) in equal.items():
                yield Pairs(type_, starts, ends, properties_of(type_, known))

    def _keys(self, text: str, parameters: dict[str, Any] | None = None) -> frozenset[str]:
        return frozenset(key for (key,) in self.connection.rows(text, parameters))

    # Writing

    @contextmanager
    def writing(self) -> Iterator[None]:
        prepare(self.connection)
        self._wait_for_others()
        with self.connection.transaction():
            # Locks the marker: other writers wait until the transaction ends.
            self.connection.rows(statements.merge_nodes(MARKER), MARKER_ROWS)
            yield

    def _wait_for_others(self) -> None:
        """StoreError if another writer has not finished after the seconds of ``--wait``."""
        if self._is_free(_SILENT_WAIT):
            return
        self._notify("waiting for another import or load")
        if not self._is_free(self._wait):
            waited = f"another import or load is under way; waited {self._wait:g} s for it"
            hint = "try again when it is done, or wait longer with --wait"
            raise StoreError(f"{self.location}: {waited}", hint)

    def _is_free(self, seconds: float) -> bool:
        """Whether the marker can be locked within some seconds; the server checks every two."""
        return self.connection.try_write(statements.merge_nodes(MARKER), MARKER_ROWS, seconds)

    def known(self, hashes: Iterable[str]) -> Mapping[str, Properties]:
        text = statements.values(SPEC, tuple(p.name for p in SPEC.properties))
        known = {}
        for keys in chunks(hashes):
            for key, values in self.connection.rows(text, {"keys": keys}):
                if properties := properties_of(SPEC, from_bolt(values)):
                    known[key] = properties
        return known

    def load(self, elements: Iterable[Element]) -> None:
        nodes: dict[NodeType, list[Any]] = {}
        relationships: dict[RelationshipType, list[Any]] = {}
        for element in elements:
            if isinstance(element, Nodes):
                properties = to_bolt(element.properties)
                rows = nodes.setdefault(element.type, [])
                rows += [{"key": key, "properties": properties} for key in element.keys]
            else:
                starts, ends = element.starts, _ends(element)
                for label, keys in ((element.type.start, starts), (element.type.end, ends)):
                    rows = nodes.setdefault(label, [])
                    rows += [{"key": key, "properties": {}} for key in dict.fromkeys(keys)]
                properties = to_bolt(element.properties)
                relationships.setdefault(element.type, []).extend(
                    {"start": start, "end": end, "properties": properties}
                    for start, end in zip(starts, ends, strict=True)
                )
        for label, rows in nodes.items():
            self._write_rows(statements.merge_nodes(label), rows)
        for type_, rows in relationships.items():
            self._write_rows(statements.merge_relationships(type_), rows)

    def _write_rows(self, text: str, rows: Iterable[Any]) -> None:
        for chunk in chunks(rows):
            self.connection.rows(text, {"rows": chunk})

    def flush(self) -> None:
        """Nothing to do: loaded elements are visible at once."""

    def starts_of_any(self, type_: RelationshipType, ends: Iterable[str]) -> Set[str]:
        text = statements.starts_of_any(type_)
        return frozenset().union(*(self._keys(text, {"keys": keys}) for keys in chunks(ends)))

    def unreferenced(
        self, types: Sequence[RelationshipType], nodes: Iterable[str]
    ) -> Iterable[str]:
        text = statements.unreferenced(tuple(types))
        for keys in chunks(nodes):
            yield from self._keys(text, {"keys": keys})

    def discard(self, type_: RelationshipType, starts: Iterable[str], end: str) -> None:
        for keys in chunks(starts):
            self.connection.rows(statements.discard(type_), {"keys": keys, "end": end})

    def clear(self, label: NodeType, nodes: Iterable[str]) -> None:
        for keys in chunks(nodes):
            self.connection.rows(statements.clear(label), {"keys": keys})

    def remove(self, label: NodeType, nodes: Iterable[str]) -> None:
        for keys in chunks(nodes):
            self.connection.rows(statements.remove(label), {"keys": keys})

    def close(self) -> None:
        self.connection.close()


def _ends(element: Relationships | Pairs) -> Sequence[str]:
    return element.ends if isinstance(element, Pairs) else [element.end] * len(element.starts)

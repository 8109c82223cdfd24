"""The graph in a Neo4j database, read and written over Bolt. A handle is a node's key.

A question is walked, as ``reading`` reads the graph, or sends one statement of its own: that of
``own_statements``, else its file in ``cypher/``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from cachegraph.errors import StoreError
from cachegraph.model import schema
from cachegraph.model.elements import Element, Nodes, Pairs, Properties, Relationships
from cachegraph.model.schema import MARKER, NODE_TYPES, SPEC, NodeType, RelationshipType
from cachegraph.neo4j import cypher_files, statements
from cachegraph.neo4j.bolt import chunks, from_bolt, properties_of, to_bolt
from cachegraph.neo4j.connection import Connection
from cachegraph.neo4j.own_statements import OWN_STATEMENTS
from cachegraph.neo4j.prepare import MARKER_ROWS, has_graph, prepare
from cachegraph.neo4j.reading import GraphReader
from cachegraph.stores import StoreFacts

_STARTS_AT_ONCE = 100_000
_SILENT_WAIT = 1.0  # seconds for which another writer is awaited without a word
Notify = Callable[[str], None]


class Neo4jStore(GraphReader):
    """A store in a Neo4j database."""

    def __init__(
        self, uri: str, *, write: bool = False, wait: float = 0, notify: Notify = lambda _: None
    ) -> None:
        super().__init__(Connection(uri))
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

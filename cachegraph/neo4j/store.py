"""The graph in Neo4j, asked over Bolt. A handle is a node's key.

Every word is one statement that ``statements`` builds from the schema; a question that has a file
in ``cypher/`` is asked as a whole.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from typing import Any

from cachegraph.errors import StoreError
from cachegraph.model.elements import Element, Nodes, Pairs, Properties, Relationships
from cachegraph.model.graph import SpecGraph
from cachegraph.model.schema import (
    MARKER,
    NODE_TYPES,
    RELATIONSHIP_TYPES,
    SPEC,
    NodeType,
    RelationshipType,
)
from cachegraph.neo4j import statements
from cachegraph.neo4j.bolt import frozen, parts, plain
from cachegraph.neo4j.connection import Connection
from cachegraph.neo4j.prepare import MARK, check, prepare

_GROUPED = 100_000
Notify = Callable[[str], None]


class Neo4jStore:
    """A graph in a Neo4j database, which speaks the words of ``SpecGraph``."""

    def __init__(
        self,
        location: str,
        *,
        write: bool = False,
        wait: float = 0,
        notify: Notify = lambda _: None,
    ) -> None:
        self.location = location
        self.connection = Connection(location)
        self._wait, self._notify = wait, notify
        try:
            self.connection.version()
            if not write and not check(self.connection):
                raise StoreError(
                    f"{self.connection.location}: no graph of cachegraph is in the database",
                    f"bring one there: cachegraph load {self.connection.location}",
                )
        except BaseException:
            self.connection.close()
            raise

    # QuestionMethods

    def rows(self, question: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        """The rows of ``cypher/QUESTION.cypher``, by the names of their columns."""
        return self.connection.named(statements.read(question), parameters)

    def subgraph(self, question: str, parameters: dict[str, Any]) -> SpecGraph:
        from cachegraph.neo4j.subgraph import elements
        from cachegraph.stores.networkx import NetworkXStore

        found = NetworkXStore(self.location)
        found.load(elements(self.rows(question, parameters)))
        return found

    def nodes(self, label: NodeType) -> Set[str]:
        return self._keys(statements.keys(label))

    def find(self, label: NodeType, key: str) -> str | None:
        return next(iter(self._keys(statements.known(label), {"keys": [key]})), None)

    def keys(self, label: NodeType, prefix: str = "") -> list[str]:
        return sorted(self._keys(statements.keys(label), {"prefix": prefix}))

    def starts_of(self, type_: RelationshipType, end: str) -> Set[str]:
        return self._keys(statements.starts_of(type_), {"key": end})

    def ends_of(self, type_: RelationshipType, starts: Iterable[str]) -> Set[str]:
        text = statements.ends_of(type_)
        return frozenset().union(*(self._keys(text, {"keys": part}) for part in parts(starts)))

    def breadth_first(
        self,
        type_: RelationshipType,
        starts: Iterable[str],
        *,
        reverse: bool = False,
        any_of: Sequence[str] = (),
    ) -> Iterator[Set[str]]:
        text = statements.beside(type_, reverse=reverse)
        edge = {*starts}
        found = {*edge}
        while edge:
            said = ({"keys": part, "any_of": [*any_of]} for part in parts(edge))
            edge = set().union(*(self._keys(text, parameters) for parameters in said)) - found
            if edge:
                found |= edge
                yield edge

    def starts_by_properties(
        self, type_: RelationshipType, end: str
    ) -> Iterator[tuple[tuple[Any, ...], Set[str]]]:
        for *said, starts in self.connection.rows(
            statements.starts_by_properties(type_), {"key": end}
        ):
            yield tuple(map(frozen, said)), frozenset(starts)

    def adjacent(
        self, type_: RelationshipType, starts: Iterable[str]
    ) -> Iterator[tuple[list[str], list[tuple[Any, ...]]]]:
        starts = [*starts]
        text = statements.adjacent(type_)
        found: dict[str, tuple[list[str], list[tuple[Any, ...]]]] = {s: ([], []) for s in starts}
        for part in parts(found):
            for start, relationships in self.connection.rows(text, {"keys": part}):
                for end, *values in relationships:
                    found[start][0].append(end)
                    found[start][1].append(tuple(map(frozen, values)))
        return map(found.__getitem__, starts)

    def relationship_values(
        self, type_: RelationshipType, token: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        return token

    def count(self, what: NodeType | RelationshipType) -> int:
        return int(self.connection.rows(statements.count(what))[0][0])

    def values(
        self, label: NodeType, nodes: Iterable[str], names: Sequence[str]
    ) -> Iterator[tuple[Any, ...]]:
        text = statements.values(label, tuple(names))
        for part in parts(nodes):
            rows = self.connection.rows(text, {"keys": part})
            found = {key: tuple(map(frozen, said)) for key, said in rows}
            if len(found) < len({*part}):
                raise StoreError(
                    f"{self.location}: a {label.label} was taken out while it was read",
                    "ask again",
                )
            yield from map(found.__getitem__, part)

    def tokens(
        self, label: NodeType, nodes: Iterable[str], names: Sequence[str]
    ) -> list[Sequence[Any]]:
        rows = [*self.values(label, nodes, names)]
        return [*zip(*rows, strict=True)] if rows else [() for _ in names]

    def elements(self) -> Iterator[Element]:
        for label in NODE_TYPES:
            for key, said in self.connection.stream(statements.nodes(label)):
                yield Nodes(label, [key], [*map(frozen, said)])
        for type_ in RELATIONSHIP_TYPES:
            yield from self._relationships(type_)

    def _relationships(self, type_: RelationshipType) -> Iterator[Pairs]:
        """All relationships of a type, many with equal properties at once."""
        names = [p.name for p in type_.properties]
        rows = self.connection.stream(statements.relationships(type_))
        for part in parts(rows, _GROUPED):
            alike: dict[tuple[Any, ...], tuple[list[str], list[str]]] = {}
            for start, found in part:
                for end, *said in found:
                    starts, ends = alike.setdefault(tuple(map(frozen, said)), ([], []))
                    starts.append(start)
                    ends.append(end)
            for values, (starts, ends) in alike.items():
                known = zip(names, values, strict=True)
                yield Pairs(type_, starts, ends, {n: v for n, v in known if v is not None})

    def _keys(self, text: str, parameters: dict[str, Any] | None = None) -> frozenset[str]:
        return frozenset(key for (key,) in self.connection.rows(text, parameters))

    # Changing

    @contextmanager
    def writing(self) -> Iterator[None]:
        prepare(self.connection)
        self._wait_for_others()
        with self.connection.transaction():
            self._mark()
            yield

    def _mark(self) -> None:
        """Takes the marker: whoever else writes waits until the transaction ends."""
        self.connection.rows(statements.merge_nodes(MARKER), MARK)

    def _wait_for_others(self) -> None:
        """StoreError when somebody else writes for longer than we wait."""
        if self._is_free(0):
            return
        self._notify("waiting for another import or load")
        if not self._is_free(self._wait):
            raise StoreError(
                f"{self.location}: another import or load is under way; "
                f"waited {self._wait:g} s for it",
                "try again when it is done, or wait longer with --wait",
            )

    def _is_free(self, seconds: float) -> bool:
        """Whether the marker can be taken: the server looks every two seconds who has to stop."""
        return self.connection.attempt(statements.merge_nodes(MARKER), MARK, seconds)

    def known(self, hashes: Iterable[str]) -> Mapping[str, Properties]:
        names = [p.name for p in SPEC.properties]
        text = statements.values(SPEC, tuple(names))
        known = {}
        for part in parts(hashes):
            for key, said in self.connection.rows(text, {"keys": part}):
                values = zip(names, map(frozen, said), strict=True)
                known[key] = {name: value for name, value in values if value is not None}
        return {key: properties for key, properties in known.items() if properties}

    def load(self, elements: Iterable[Element]) -> None:
        nodes: dict[NodeType, list[Any]] = {}
        relationships: dict[RelationshipType, list[Any]] = {}
        for element in elements:
            if isinstance(element, Nodes):
                properties = plain(element.properties)
                rows = nodes.setdefault(element.type, [])
                rows += [{"key": key, "properties": properties} for key in element.keys]
            else:
                starts, ends = element.starts, _ends(element)
                for label, keys in ((element.type.start, starts), (element.type.end, ends)):
                    rows = nodes.setdefault(label, [])
                    rows += [{"key": key, "properties": {}} for key in dict.fromkeys(keys)]
                properties = plain(element.properties)
                relationships.setdefault(element.type, []).extend(
                    {"start": start, "end": end, "properties": properties}
                    for start, end in zip(starts, ends, strict=True)
                )
        for label, rows in nodes.items():
            self._run(statements.merge_nodes(label), rows)
        for type_, rows in relationships.items():
            self._run(statements.merge_relationships(type_), rows)

    def _run(self, text: str, rows: Iterable[Any]) -> None:
        for part in parts(rows):
            self.connection.rows(text, {"rows": part})

    def flush(self) -> None:
        """Nothing to do: what is loaded is there."""

    def discard(self, type_: RelationshipType, starts: Iterable[str], end: str) -> None:
        for part in parts(starts):
            self.connection.rows(statements.discard(type_), {"keys": part, "end": end})

    def remove(self, label: NodeType, nodes: Iterable[str]) -> None:
        for part in parts(nodes):
            self.connection.rows(statements.remove(label), {"keys": part})

    def close(self) -> None:
        self.connection.close()


def _ends(element: Relationships | Pairs) -> Sequence[str]:
    if isinstance(element, Pairs):
        return element.ends
    return [element.end] * len(element.starts)

"""The graph in memory, as a ``networkx.MultiDiGraph``; exported files are read into it too.

A node is named ``Label:key``; its attributes are its properties, its key and, as ``kind``, its
label. The key of an edge is its relationship type.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import RLock
from types import MappingProxyType
from typing import Any

import networkx as nx

from cachegraph.model.elements import Element, Nodes, Pairs, Properties, Relationships
from cachegraph.model.schema import NODE_TYPES, RELATIONSHIP_TYPES, SPEC, NodeType, RelationshipType
from cachegraph.stores import StoreFacts


class NetworkXStore:
    """A store in memory. A handle is a node's name, ``Label:key``."""

    def __init__(
        self,
        location: str = ":memory:",
        graph: "nx.MultiDiGraph[str] | None" = None,
        names: Mapping[NodeType, Iterable[str]] = MappingProxyType({}),
    ) -> None:
        self.location = location
        self.graph: nx.MultiDiGraph[str] = nx.MultiDiGraph() if graph is None else graph
        self._names: dict[NodeType, dict[str, None]] = {
            type_: dict.fromkeys(names.get(type_, ())) for type_ in NODE_TYPES
        }
        self._counts: Counter[str] | None = None  # of relationships, until any is added or removed
        self._lock = RLock()

    @classmethod
    def read(cls, path: str) -> "NetworkXStore":
        """A store with the graph of an exported GraphML file."""
        from cachegraph.stores.graphml import elements, own_form

        found = own_form(Path(path))
        if found is None:
            store = cls(path)
            store.load(elements(Path(path)))
            return store
        graph, names = found
        return cls(path, graph, names)

    # Reading

    def facts(self) -> StoreFacts:
        if self.location == ":memory:":
            return {"store": self.location, "kind": "memory"}
        from cachegraph.stores.disk_files import file_facts

        return file_facts("graphml", self.location)

    def snapshot(self) -> AbstractContextManager[Any]:
        return self._lock

    def check(self) -> None:
        """Nothing to do: all was read at first."""

    def nodes(self, label: NodeType) -> Set[str]:
        return self._names[label].keys()

    def find(self, label: NodeType, key: str) -> str | None:
        name = f"{label.label}:{key}"
        return name if name in self.graph else None

    def keys(self, label: NodeType, prefix: str = "") -> list[str]:
        skip = len(label.label) + 1
        keys = (name[skip:] for name in self._names[label])
        return sorted(key for key in keys if key.startswith(prefix))

    def starts_of(self, type_: RelationshipType, end: str) -> Set[str]:
        return {start for start, edges in self.graph.pred[end].items() if type_.name in edges}

    def ends_of(self, type_: RelationshipType, starts: Iterable[str]) -> Set[str]:
        ends: set[str] = set()
        for start in starts:
            neighbours = self.graph.succ[start].items()
            ends.update(end for end, edges in neighbours if type_.name in edges)
        return ends

    def breadth_first(
        self,
        type_: RelationshipType,
        starts: Iterable[str],
        *,
        reverse: bool = False,
        any_of: Sequence[str] = (),
    ) -> Iterator[Set[str]]:
        neighbours = self.graph.pred if reverse else self.graph.succ
        list_name = type_.properties[0].name if any_of else ""
        wanted = {*any_of}
        frontier = {*starts}
        seen = {*frontier}
        while frontier:
            reached: set[str] = set()
            for node in frontier:
                for other, edges in neighbours[node].items():
                    if (edge := edges.get(type_.name)) is None:
                        continue
                    if not wanted or not wanted.isdisjoint(edge.get(list_name) or ()):
                        reached.add(other)
            frontier = reached - seen
            if frontier:
                seen |= frontier
                yield frontier

    def starts_by_properties(
        self, type_: RelationshipType, end: str
    ) -> Iterator[tuple[tuple[Any, ...], Set[str]]]:
        names = [p.name for p in type_.properties]
        starts: dict[tuple[Any, ...], set[str]] = {}
        for start, edges in self.graph.pred[end].items():
            if type_.name in edges:
                starts.setdefault(tuple(map(edges[type_.name].get, names)), set()).add(start)
        yield from starts.items()

    def adjacent(
        self, type_: RelationshipType, starts: Iterable[str]
    ) -> Iterator[tuple[list[str], list[tuple[Any, ...]]]]:
        names = [p.name for p in type_.properties]
        for start in starts:
            values = {
                end: tuple(map(edges[type_.name].get, names))
                for end, edges in self.graph.succ[start].items()
                if type_.name in edges
            }
            yield [*values], [*values.values()]

    def relationship_values(
        self, type_: RelationshipType, token: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        return token

    def count(self, what: NodeType | RelationshipType) -> int:
        if isinstance(what, NodeType):
            return len(self._names[what])
        if self._counts is None:
            self._counts = Counter(key for _, _, key in self.graph.edges(keys=True))
        return self._counts[what.name]

    def has_values(self, label: NodeType, name: str) -> bool:
        nodes = self.graph.nodes
        return any(nodes[node].get(name) is not None for node in self._names[label])

    def values(
        self, label: NodeType, nodes: Iterable[str], names: Sequence[str]
    ) -> Iterator[tuple[Any, ...]]:
        for node in nodes:
            data = self.graph.nodes[node]
            yield tuple(data.get(name) for name in names)

    def tokens(
        self, label: NodeType, nodes: Iterable[str], names: Sequence[str]
    ) -> list[Sequence[Hashable]]:
        attributes = [self.graph.nodes[node] for node in nodes]
        return [[data.get(name) for data in attributes] for name in names]

    def elements(self) -> Iterator[Element]:
        for label in NODE_TYPES:
            names = [p.name for p in label.properties]
            for node in self._names[label]:
                data = self.graph.nodes[node]
                yield Nodes(label, [data[label.key.name]], [*map(data.get, names)])
        types = {type_.name: type_ for type_ in RELATIONSHIP_TYPES}
        for start, end, name, data in self.graph.edges(keys=True, data=True):
            start_key, end_key = start.partition(":")[2], end.partition(":")[2]
            yield Relationships(types[name], [start_key], end_key, data)

    # Writing

    @contextmanager
    def writing(self) -> Iterator[None]:
        with self._lock:
            before = self.graph.copy(), {label: {**names} for label, names in self._names.items()}
            try:
                yield
            except BaseException:
                self.graph, self._names = before
                self._counts = None
                raise

    def known(self, hashes: Iterable[str]) -> Mapping[str, Properties]:
        names = [p.name for p in SPEC.properties]
        known = {}
        for key in hashes:
            data = self.graph.nodes.get(f"{SPEC.label}:{key}", {})
            if properties := {name: data[name] for name in names if name in data}:
                known[key] = properties
        return known

    def load(self, elements: Iterable[Element]) -> None:
        for element in elements:
            if isinstance(element, Nodes):
                self._add_nodes(element.type, element.keys, element.properties)
            else:
                self._add_relationships(element)

    def _add_nodes(self, label: NodeType, keys: Iterable[str], properties: Properties) -> list[str]:
        names = []
        for key in keys:
            name = f"{label.label}:{key}"
            names.append(name)
            if properties or name not in self._names[label]:
                self._names[label].setdefault(name)
                self.graph.add_node(name, kind=label.label, **{label.key.name: key}, **properties)
        return names

    def _add_relationships(self, element: Relationships | Pairs) -> None:
        self._counts = None
        type_ = element.type
        given = [(p.name, element.properties.get(p.name)) for p in type_.properties]
        properties = {name: value for name, value in given if value is not None}
        starts = self._add_nodes(type_.start, element.starts, {})
        if isinstance(element, Pairs):
            ends = self._add_nodes(type_.end, element.ends, {})
        else:
            ends = self._add_nodes(type_.end, [element.end], {}) * len(starts)
        for start, end in zip(starts, ends, strict=True):
            if not self.graph.get_edge_data(start, end, type_.name):
                self.graph.add_edge(start, end, type_.name, **properties)

    def flush(self) -> None:
        """Nothing to do: loaded elements are visible at once."""

    def starts_of_any(self, type_: RelationshipType, ends: Iterable[str]) -> Set[str]:
        return {start for end in ends for start in self.starts_of(type_, end)}

    def unreferenced(
        self, types: Sequence[RelationshipType], nodes: Iterable[str]
    ) -> Iterable[str]:
        return [node for node in nodes if not any(self.starts_of(t, node) for t in types)]

    def discard(self, type_: RelationshipType, starts: Iterable[str], end: str) -> None:
        self._counts = None
        for start in starts:
            if self.graph.has_edge(start, end, type_.name):
                self.graph.remove_edge(start, end, type_.name)

    def clear(self, label: NodeType, nodes: Iterable[str]) -> None:
        for node in nodes:
            data = self.graph.nodes[node]
            for name in {*data} - {"kind", label.key.name}:
                del data[name]

    def remove(self, label: NodeType, nodes: Iterable[str]) -> None:
        self._counts = None
        for node in [*nodes]:
            self.graph.remove_node(node)
            del self._names[label][node]

    def close(self) -> None:
        """Nothing to close."""

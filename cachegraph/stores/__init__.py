"""Where a graph lives: what every store can do."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, NotRequired, Protocol, TypedDict

from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.schema import NodeType, RelationshipType

if TYPE_CHECKING:
    from cachegraph.model.elements import Element, Properties


class StoreFacts(TypedDict):
    """Where a store is and what it is; what a kind of store does not know is left out."""

    store: str
    kind: str
    """file, memory, graphml, parquet or neo4j."""
    bytes: NotRequired[int]
    """Size of its files."""
    changed: NotRequired[str]
    """When they last changed, UTC."""
    store_version: NotRequired[int]
    """Version of the files."""
    server: NotRequired[str]
    """Version of the server."""
    database: NotRequired[str]
    """Name of the database on the server."""


class Store(SpecGraph, Protocol):
    """A graph that can be read, and changed within one transaction."""

    location: str

    def facts(self) -> StoreFacts:
        """Where the store is, and what it is."""

    def elements(self) -> Iterator["Element"]:
        """The whole graph, nodes before relationships."""

    def writing(self) -> AbstractContextManager[None]:
        """A transaction: commits at the end of the ``with`` block, rolls back on an exception."""

    def known(self, hashes: Iterable[str]) -> Mapping[str, "Properties"]:
        """The properties of the specs with these hashes; unknown specs and stubs are left out."""

    def load(self, elements: Iterable["Element"]) -> None:
        """Adds elements and sets the properties they have; other properties stay as they are."""

    def flush(self) -> None:
        """Makes loaded elements visible to reads within the transaction."""

    def unreferenced(
        self, types: Sequence[RelationshipType], nodes: Iterable[Handle]
    ) -> Iterable[Handle]:
        """Those of the nodes to which no relationship of these types leads."""

    def discard(self, type_: RelationshipType, starts: Iterable[Handle], end: Handle) -> None:
        """Removes the relationships of a type from the starts to the end."""

    def clear(self, label: NodeType, nodes: Iterable[Handle]) -> None:
        """Removes all properties of nodes but their keys."""

    def remove(self, label: NodeType, nodes: Iterable[Handle]) -> None:
        """Removes nodes, and every relationship at them."""

    def close(self) -> None:
        """Closes files and connections."""

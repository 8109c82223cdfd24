"""Where a graph lives: opening the store that a location names."""

import os
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from cachegraph.errors import StoreError
from cachegraph.graph import Handle, SpecGraph
from cachegraph.schema import NodeType, RelationshipType

if TYPE_CHECKING:
    from cachegraph.elements import Element, Properties

MEMORY = ":memory:"
_SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")


class Store(SpecGraph, Protocol):
    """A graph that can be asked, and changed within one transaction."""

    location: str

    def writing(self) -> AbstractContextManager[None]:
        """A transaction: what is loaded in it is there when it ends, or nothing when it fails."""

    def known(self, hashes: Iterable[str]) -> Mapping[str, "Properties"]:
        """The properties of those of the specs that the graph has; none for a stub."""

    def load(self, elements: Iterable["Element"]) -> None:
        """Puts elements in: the given properties are set, others and other elements stay."""

    def flush(self) -> None:
        """Makes what was loaded visible to questions within the transaction."""

    def discard(self, type_: RelationshipType, starts: Iterable[Handle], end: Handle) -> None:
        """Takes relationships out."""

    def remove(self, label: NodeType, nodes: Iterable[Handle]) -> None:
        """Takes nodes out, with all relationships at them."""

    def close(self) -> None:
        """Lets go of the store."""


def is_neo4j(location: str) -> bool:
    """Whether a location is the address of a Neo4j server."""
    scheme, there, _ = location.partition("://")
    return bool(there) and scheme.lower() in _SCHEMES


def open_store(location: str | os.PathLike[str], *, write: bool = False, **options: Any) -> Store:
    """The store at a location: a file, a Neo4j server, an exported GraphML, or ``:memory:``."""
    text = os.fspath(location)
    if is_neo4j(text):
        from cachegraph.neo4j.store import Neo4jStore

        return Neo4jStore(text, write=write, **options)
    if text == MEMORY or text.endswith((".graphml", ".graphml.gz")):
        if write and text != MEMORY:
            raise StoreError(
                f"{text}: an exported file is read-only",
                "import into another store and export it again",
            )
        from cachegraph.stores.networkx import NetworkXStore

        return NetworkXStore() if text == MEMORY else NetworkXStore.read(text)
    from cachegraph.stores.file import FileStore

    return FileStore(text, write=write, **options)

"""Where a graph lives: what every store can do."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from cachegraph.model.graph import Handle, SpecGraph
from cachegraph.model.schema import NodeType, RelationshipType

if TYPE_CHECKING:
    from cachegraph.model.elements import Element, Properties


class Store(SpecGraph, Protocol):
    """A graph that can be asked, and changed within one transaction."""

    location: str

    def elements(self) -> Iterator["Element"]:
        """The whole graph, nodes before relationships, in groups."""

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

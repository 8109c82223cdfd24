"""The operations by which every question reads a graph, in whichever store it is.

A node is represented by a handle, which only the graph that returned it understands: handles can
be compared, put in sets and passed back. Sets of nodes may be read from the store only when used.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from cachegraph.model.schema import NodeType, RelationshipType

if TYPE_CHECKING:
    from numpy import int64
    from numpy.typing import NDArray

Handle = Any
Members = Set[Handle]


class SpecGraph(Protocol):
    """A graph of specs that questions can read."""

    def snapshot(self) -> AbstractContextManager[Any]:
        """A context in which the graph stays as it is: changes by other threads wait."""

    def check(self) -> None:
        """StoreError if anything is damaged in what the graph is read from."""

    def nodes(self, label: NodeType) -> Members:
        """All nodes of a label."""

    def find(self, label: NodeType, key: str) -> Handle | None:
        """The node with this key, or None."""

    def keys(self, label: NodeType, prefix: str = "") -> list[str]:
        """The keys that begin with the prefix, sorted."""

    def starts_of(self, type_: RelationshipType, end: Handle) -> Members:
        """The nodes from which a relationship of this type leads to ``end``."""

    def starts_of_any(self, type_: RelationshipType, ends: Iterable[Handle]) -> Members:
        """The nodes from which a relationship of this type leads to any of the ends."""

    def ends_of(self, type_: RelationshipType, starts: Iterable[Handle]) -> Members:
        """The nodes to which relationships of this type lead from any of the starts."""

    def breadth_first(
        self,
        type_: RelationshipType,
        starts: Iterable[Handle],
        *,
        reverse: bool = False,
        any_of: Sequence[str] = (),
    ) -> Iterator[Members]:
        """The nodes one relationship of this type away from the starts, then two, and so on.

        Each node comes once, the starts never. ``reverse`` goes from ends to starts. ``any_of`` are
        values of which the first property of a relationship, a list, must have one.
        """

    def starts_by_properties(
        self, type_: RelationshipType, end: Handle
    ) -> Iterator[tuple[tuple[Any, ...], Members]]:
        """The starts of the relationships to one end, by the values of their properties.

        Values are in the order of the type's properties; an absent one is None, a list a tuple.
        """

    def adjacent(
        self, type_: RelationshipType, starts: Iterable[Handle]
    ) -> Iterator[tuple[Sequence[Handle], Sequence[Hashable]]]:
        """For each start, in order, the ends of its relationships and a token for each of them.

        Two tokens are equal exactly when the relationships have equal properties: the cheapest way
        to compare nodes. ``relationship_values`` gives the properties.
        """

    def relationship_values(self, type_: RelationshipType, token: Any) -> tuple[Any, ...]:
        """The values of the properties that a token of ``adjacent`` stands for."""

    def count(self, what: NodeType | RelationshipType) -> int:
        """The number of nodes of a label, or of relationships of a type."""

    def has_values(self, label: NodeType, name: str) -> bool:
        """Whether any node of a label has the named property."""

    def values(
        self, label: NodeType, nodes: Iterable[Handle], names: Sequence[str]
    ) -> Iterator[tuple[Any, ...]]:
        """For each node, in order, the values of the named properties; the key counts as one.

        An absent value is None, a list a tuple.
        """

    def tokens(
        self, label: NodeType, nodes: Iterable[Handle], names: Sequence[str]
    ) -> Sequence[Sequence[Hashable]]:
        """For each named property, a token for each node, in order.

        Two tokens of a property are equal exactly when its values are. Cheaper than ``values``.
        """


@runtime_checkable
class CypherGraph(SpecGraph, Protocol):
    """A graph behind a server that answers Cypher; each statement is one round trip."""

    def rows(self, question: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        """The rows of the question's Cypher, by the names of their columns."""


@runtime_checkable
class ArrayGraph(SpecGraph, Protocol):
    """A graph whose handles are small numbers, and which can be read as NumPy arrays as a whole."""

    def token_arrays(self, label: NodeType, names: Sequence[str]) -> "list[NDArray[Any]]":
        """For each named property the numbers of ``tokens``; those of a node are at its handle."""

    def adjacent_arrays(
        self, type_: RelationshipType
    ) -> "tuple[NDArray[int64], NDArray[int64], NDArray[int64]]":
        """Where the relationships of each node begin, and for each of them its end and token.

        They are in the order of their starts. After the last node stands where its own end.
        """


WholeColumn = tuple[Iterable[int], Callable[[Iterable[int]], Mapping[int, Any]]]
"""A code for each handle from 0 on, and a function that gives the values of codes."""


@runtime_checkable
class ColumnGraph(SpecGraph, Protocol):
    """A graph whose handles are small numbers, and of which whole columns are quick to read."""

    def whole_columns(self, label: NodeType, names: Sequence[str]) -> list[WholeColumn]:
        """For each named property a code for each handle, in order, and what codes stand for."""

    def in_key_order(self, label: NodeType) -> tuple[list[str], list[Handle]]:
        """The keys of all nodes of a label, sorted, and the nodes in that order."""


def relationships(
    graph: SpecGraph, type_: RelationshipType, starts: Iterable[Handle]
) -> Iterator[tuple[Handle, Handle, tuple[Any, ...]]]:
    """The relationships from the starts: start, end, and the values of the properties."""
    distinct = [*dict.fromkeys(starts)]
    for start, (ends, tokens) in zip(distinct, graph.adjacent(type_, distinct), strict=True):
        for end, token in zip(ends, tokens, strict=True):
            yield start, end, graph.relationship_values(type_, token)

"""The few words that every question walks by, whatever keeps the graph.

A node is named by a handle, which means something to its graph alone: compare handles, put them
in sets, hand them back. Sets of neighbours are read when they are used.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence, Set
from typing import Any, Protocol, runtime_checkable

from cachegraph.model.schema import NodeType, RelationshipType

Handle = Any
Members = Set[Handle]


class SpecGraph(Protocol):
    """A graph of specs that can be asked."""

    def nodes(self, label: NodeType) -> Members:
        """All nodes of a label."""

    def find(self, label: NodeType, key: str) -> Handle | None:
        """The node with this key, or None."""

    def keys(self, label: NodeType, prefix: str = "") -> list[str]:
        """The keys that begin with the prefix, sorted."""

    def starts_of(self, type_: RelationshipType, end: Handle) -> Members:
        """The nodes that a relationship of this type leads from, to ``end``."""

    def ends_of(self, type_: RelationshipType, starts: Iterable[Handle]) -> Members:
        """The nodes that relationships of this type lead to, from any of the starts."""

    def breadth_first(
        self,
        type_: RelationshipType,
        starts: Iterable[Handle],
        *,
        reverse: bool = False,
        any_of: Sequence[str] = (),
    ) -> Iterator[Members]:
        """What is one relationship of this type away from the starts, then two, and so on.

        Along the relationships or against them; every node once, the starts never. With ``any_of``
        only those relationships count whose first property, a list, has any of these values.
        """

    def starts_by_properties(
        self, type_: RelationshipType, end: Handle
    ) -> Iterator[tuple[tuple[Any, ...], Members]]:
        """The relationships to one end: the values of their properties, and where they start.

        Values are in the order of the type's properties; None is absent, a list is a tuple.
        """

    def adjacent(
        self, type_: RelationshipType, starts: Iterable[Handle]
    ) -> Iterator[tuple[Sequence[Handle], Sequence[Hashable]]]:
        """For each start, in their order, the ends of its relationships and tokens of how.

        Two tokens are equal exactly when the properties are. The cheapest way to compare nodes.
        """

    def relationship_values(self, type_: RelationshipType, token: Any) -> tuple[Any, ...]:
        """The values of the properties that a token of ``leaving`` stands for."""

    def count(self, what: NodeType | RelationshipType) -> int:
        """How many nodes of a label, or relationships of a type, there are."""

    def values(
        self, label: NodeType, nodes: Iterable[Handle], names: Sequence[str]
    ) -> Iterator[tuple[Any, ...]]:
        """A tuple for each node, in their order: its values of these properties or its key.

        An absent value is None; a list is a tuple.
        """

    def tokens(
        self, label: NodeType, nodes: Iterable[Handle], names: Sequence[str]
    ) -> Sequence[Sequence[Hashable]]:
        """A column for each property: tokens in the order of the nodes.

        Two tokens of a property are equal exactly when its values are. Cheaper than values.
        """


@runtime_checkable
class CypherGraph(SpecGraph, Protocol):
    """A graph that is far away and has a language of its own: one statement is one round trip."""

    def rows(self, question: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        """The rows of ``cypher/QUESTION.cypher``, by the names of their columns."""

    def subgraph(self, question: str, parameters: dict[str, Any]) -> SpecGraph:
        """The part of the graph that ``cypher/QUESTION.cypher`` gives, to be walked here.

        Each row is a spec, as ``spec``; its ``dependencies``, each the hash, deptypes and virtuals;
        the keys of the ``stacks`` that hold it; and its ``roots``, each the key of a stack,
        requests and group.
        """


def relationships(
    graph: SpecGraph, type_: RelationshipType, starts: Iterable[Handle]
) -> Iterator[tuple[Handle, Handle, tuple[Any, ...]]]:
    """The relationships from the starts: start, end, and the values of the properties."""
    once = [*dict.fromkeys(starts)]
    for start, (ends, tokens) in zip(once, graph.adjacent(type_, once), strict=True):
        for end, token in zip(ends, tokens, strict=True):
            yield start, end, graph.relationship_values(type_, token)

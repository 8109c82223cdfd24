"""Nodes and relationships on their way into and out of a store, many at a time.

An import is fast because it handles thousands at once: nodes with equal properties, relationships
to one end. In a database each key is a node, and each pair of start and end a relationship.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cachegraph.model.schema import NodeType, RelationshipType

Properties = Mapping[str, Any]
EMPTY: Mapping[str, Any] = {}


def without_none(properties: Properties) -> Properties:
    """The properties that are known: those that are not None."""
    return {name: value for name, value in properties.items() if value is not None}


class Nodes(NamedTuple):
    """Nodes of one label that have equal properties."""

    type: NodeType
    keys: Sequence[str]
    values: Sequence[Any] = ()
    """One for each property of the type, in its order; None if unknown."""

    @classmethod
    def of(cls, type_: NodeType, keys: Sequence[str], properties: Properties) -> "Nodes":
        """Nodes with these properties, by name."""
        return cls(type_, keys, tuple([properties.get(p.name) for p in type_.properties]))

    @property
    def properties(self) -> Properties:
        """The known properties, by name."""
        values = zip(self.type.properties, self.values, strict=False)
        return {p.name: value for p, value in values if value is not None}


class Relationships(NamedTuple):
    """Relationships of one type to one end that have equal properties."""

    type: RelationshipType
    starts: Sequence[str]
    end: str
    properties: Properties = EMPTY


class Pairs(NamedTuple):
    """Relationships of one type that have equal properties, each with its own start and end."""

    type: RelationshipType
    starts: Sequence[str]
    ends: Sequence[str]
    properties: Properties = EMPTY


Element = Nodes | Relationships | Pairs

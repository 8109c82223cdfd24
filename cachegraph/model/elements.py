"""What a graph is made of: nodes and relationships, in groups.

A group is what makes an import fast: many nodes with equal properties, many relationships to one
end. Its members are what a graph database calls a node and a relationship.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cachegraph.model.schema import NodeType, RelationshipType

Properties = Mapping[str, Any]
NOTHING: Properties = {}


class Nodes(NamedTuple):
    """Nodes of one label that have equal properties."""

    type: NodeType
    keys: Sequence[str]
    values: Sequence[Any] = ()
    """One for each property of the type, in its order; None for what is not known."""

    @classmethod
    def of(cls, type_: NodeType, keys: Sequence[str], properties: Properties) -> "Nodes":
        """Nodes with these properties, by name."""
        return cls(type_, keys, tuple([properties.get(p.name) for p in type_.properties]))

    @property
    def properties(self) -> Properties:
        """What is known of the nodes, by name."""
        known = zip(self.type.properties, self.values, strict=False)
        return {p.name: value for p, value in known if value is not None}


class Relationships(NamedTuple):
    """Relationships of one type to one end that have equal properties."""

    type: RelationshipType
    starts: Sequence[str]
    end: str
    properties: Properties = NOTHING


class Pairs(NamedTuple):
    """Relationships of one type that have equal properties, each with its own start and end."""

    type: RelationshipType
    starts: Sequence[str]
    ends: Sequence[str]
    properties: Properties = NOTHING


Element = Nodes | Relationships | Pairs

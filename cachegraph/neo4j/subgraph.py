"""A part of the graph, fetched by the file of a question: what its walk needs, in memory."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cachegraph.model.elements import Element, Nodes, Pairs, Relationships
from cachegraph.model.schema import (
    DEPENDS_ON,
    IN_STACK,
    OF_PACKAGE,
    OF_RELEASE,
    ROOT_OF,
    SPEC,
    STACK,
    RelationshipType,
)
from cachegraph.model.stack_key import StackKey
from cachegraph.neo4j.bolt import frozen


def elements(rows: Iterable[Mapping[str, Any]]) -> Iterator[Element]:
    """The specs of the rows, their packages, dependencies and stacks, and where they are roots."""
    stacks: set[str] = set()
    for row in rows:
        properties = {name: frozen(value) for name, value in row["spec"].items()}
        key = properties.pop(SPEC.key.name)
        yield Nodes.of(SPEC, [key], properties)
        if package := properties.get("package"):
            yield Relationships(OF_PACKAGE, [key], package)
        for end, *said in row.get("dependencies") or ():
            yield Pairs(DEPENDS_ON, [key], [end], _known(DEPENDS_ON, said))
        for stack in row.get("stacks") or ():
            stacks.add(stack)
            yield Relationships(IN_STACK, [key], stack)
        for stack, *said in row.get("roots") or ():
            stacks.add(stack)
            yield Relationships(ROOT_OF, [key], stack, _known(ROOT_OF, said))
    for stack in stacks:
        release, name = StackKey.parse(stack)
        yield Nodes.of(STACK, [stack], {"name": name, "release": release})
        yield Relationships(OF_RELEASE, [stack], release)


def _known(type_: RelationshipType, said: Iterable[Any]) -> dict[str, Any]:
    values = zip(type_.properties, said, strict=True)
    return {p.name: frozen(value) for p, value in values if value is not None}

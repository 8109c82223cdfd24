"""The specs that a question's Cypher file returns, as elements to load into memory."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cachegraph.model import schema
from cachegraph.model.elements import Element, Nodes, Pairs, Relationships
from cachegraph.model.schema import DEPENDS_ON, ROOT_OF, SPEC
from cachegraph.model.stack_key import StackKey
from cachegraph.neo4j.bolt import from_bolt, properties_of


def elements(rows: Iterable[Mapping[str, Any]]) -> Iterator[Element]:
    """The specs, with their packages, dependencies and stacks, and the stacks they are roots of.

    With ``originals`` in a row also what a spliced spec was built as.
    """
    stacks: set[str] = set()
    for row in rows:
        properties = dict(zip(row["spec"], from_bolt(row["spec"].values()), strict=True))
        key = properties.pop(SPEC.key.name)
        yield Nodes.of(SPEC, [key], properties)
        if package := properties.get("package"):
            yield Relationships(schema.OF_PACKAGE, [key], package)
        for end, *values in row.get("dependencies") or ():
            yield Pairs(DEPENDS_ON, [key], [end], properties_of(DEPENDS_ON, from_bolt(values)))
        for original in row.get("originals") or ():
            yield Pairs(schema.BUILT_AS, [key], [original])
        for stack in row.get("stacks") or ():
            stacks.add(stack)
            yield Relationships(schema.IN_STACK, [key], stack)
        for stack, *values in row.get("roots") or ():
            stacks.add(stack)
            yield Relationships(ROOT_OF, [key], stack, properties_of(ROOT_OF, from_bolt(values)))
    for stack in stacks:
        release, name = StackKey.parse(stack)
        yield Nodes.of(schema.STACK, [stack], {"name": name, "release": release})
        yield Relationships(schema.OF_RELEASE, [stack], release)

"""Converts values between stores and the driver, and cuts long lists into chunks."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from cachegraph.model.elements import Properties
from cachegraph.model.schema import NodeType, RelationshipType

Item = TypeVar("Item")
# Keys or rows that are sent with one statement.
CHUNK = 5_000


def chunks(items: Iterable[Item], size: int = CHUNK) -> Iterator[list[Item]]:
    """The items in lists of at most ``size``."""
    rest = iter(items)
    while chunk := [*islice(rest, size)]:
        yield chunk


def from_bolt(values: Iterable[Any]) -> tuple[Any, ...]:
    """Values from the driver as stores have them: a list becomes a tuple."""
    return tuple([tuple(value) if type(value) is list else value for value in values])


def properties_of(type_: NodeType | RelationshipType, values: Iterable[Any]) -> dict[str, Any]:
    """The values of all properties of a type, by name, without absent ones."""
    pairs = zip(type_.properties, values, strict=True)
    return {p.name: value for p, value in pairs if value is not None}


def to_bolt(properties: Properties) -> dict[str, Any]:
    """Properties as the driver takes them: a tuple becomes a list; absent values are left out."""
    return {
        name: [*value] if isinstance(value, tuple) else value
        for name, value in properties.items()
        if value is not None
    }

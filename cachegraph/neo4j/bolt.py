"""Values and rows as they go over Bolt, and as stores have them."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from cachegraph.model.elements import Properties

Item = TypeVar("Item")
# So many keys or rows go in one statement.
MANY = 5_000


def parts(items: Iterable[Item], size: int = MANY) -> Iterator[list[Item]]:
    """The items, so many at a time."""
    rest = iter(items)
    while part := [*islice(rest, size)]:
        yield part


def frozen(value: Any) -> Any:
    """A value as the other stores have it: a list is a tuple."""
    return tuple(value) if type(value) is list else value


def plain(properties: Properties) -> dict[str, Any]:
    """Properties as the driver takes them: a tuple is a list, and what is absent is left out."""
    return {
        name: [*value] if isinstance(value, tuple) else value
        for name, value in properties.items()
        if value is not None
    }

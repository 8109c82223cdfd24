"""The keys that the rows of an answer may have, by its type."""

from collections.abc import Iterable
from typing import Any, NotRequired, get_args, get_origin, is_typeddict


def keys_of_rows(answer: type[Any], section: str) -> Iterable[str]:
    """The keys of the rows under a key of an answer; none if they are no typed dictionaries."""
    hint = getattr(answer, "__annotations__", {}).get(section)
    if get_origin(hint) is NotRequired:
        (hint,) = get_args(hint)
    row = next(iter(get_args(hint)), None)
    return row.__annotations__ if row is not None and is_typeddict(row) else ()

"""The types of properties: their spelling in every output, and their values as text."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Kind(NamedTuple):
    """The type of a property, and its spelling in every output."""

    name: str
    graphml: str
    csv: str
    """The type in the header of a file for neo4j-admin."""
    encode: Callable[[Any], str]
    decode: Callable[[str], Any]
    """ValueError for a text that is no value of this kind."""
    python: type = str
    """The type of the values in Python."""


def _encode_list(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _decode_list(text: str) -> tuple[str, ...]:
    import json

    values = json.loads(text)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"a list of texts expected, not {text[:100]}")
    return tuple(values)


def _decode_integer(text: str) -> int:
    """An integer of 64 bits, as every store and export can hold it."""
    value = int(text)
    if not -(1 << 63) <= value < 1 << 63:
        raise ValueError(f"an integer of 64 bits expected, not {text[:100]}")
    return value


def _encode_boolean(value: Any) -> str:
    return "true" if value else "false"


def _decode_boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(f"true or false expected, not {text[:100]}")
    return text == "true"


STRING = Kind("string", "string", "string", str, str)
STRINGS = Kind("list of strings", "string", "string[]", _encode_list, _decode_list, tuple)
INTEGER = Kind("integer", "long", "long", str, _decode_integer, int)
DIGEST = Kind("digest", "string", "string", str, str)
# To igraph an absent boolean is false, an absent number is none: see graphml_form.
BOOLEAN = Kind("boolean", "int", "boolean", _encode_boolean, _decode_boolean, bool)

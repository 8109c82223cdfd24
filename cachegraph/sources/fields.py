"""Reads the fields of an entry that the site wrote, each of a known type."""

from typing import Any

from cachegraph.sources.pagemeta import show


class BadFieldError(Exception):
    """A field of an entry, and how it does not follow the format."""


def text_field(entry: dict[str, Any], name: str) -> str | None:
    """The text of a field; None if it is missing."""
    value = entry.get(name)
    if value is not None and not isinstance(value, str):
        raise BadFieldError(f".{name}", f"expected text, found {show(value)}")
    return value


def texts_field(entry: dict[str, Any], name: str) -> list[str]:
    """The texts in the list of a field; empty if it is missing."""
    value = entry.get(name, [])
    if type(value) is not list:
        raise BadFieldError(f".{name}", f"expected a list, found {show(value)}")
    for item in value:
        if not isinstance(item, str):
            raise BadFieldError(f".{name}", f"expected text in the list, found {show(item)}")
    return value

"""Formats each value once: many nodes have equal values."""

from collections.abc import Callable
from typing import Any

_LARGEST = 10_000


class FormatCache(dict[Any, str]):
    """The text of each value formatted so far; emptied when it has grown too large."""

    def __init__(self, format_value: Callable[[Any], str]) -> None:
        super().__init__()
        self._format = format_value

    def __missing__(self, value: Any) -> str:
        if len(self) > _LARGEST:
            self.clear()
        text = self[value] = self._format(value)
        return text

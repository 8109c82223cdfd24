"""Values as they are written, each spelled once: most values are those of many nodes."""

from collections.abc import Callable
from typing import Any

_MANY = 10_000


class Spellings(dict[Any, str]):
    """The spelling of each value that was asked for; of too many it forgets all."""

    def __init__(self, spell: Callable[[Any], str]) -> None:
        super().__init__()
        self._spell = spell

    def __missing__(self, value: Any) -> str:
        if len(self) > _MANY:
            self.clear()
        spelled = self[value] = self._spell(value)
        return spelled

"""Long lists of rows, of which some are made at a time: of millions none is kept."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

_AT_ONCE = 1 << 11
_NONE: Mapping[str, int] = {}


class LongRows(Sequence[Any]):
    """Rows that are made of items when they are asked for, while the graph is open.

    ``counts`` are numbers of what the rows have in common, by name.
    """

    def __init__(
        self,
        items: Sequence[Any],
        make: Callable[[Sequence[Any]], list[Any]],
        counts: Mapping[str, int] = _NONE,
    ) -> None:
        self._items, self._make, self.counts = items, make, counts

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return self._make(self._items[index])
        return self._make([self._items[index]])[0]

    def __iter__(self) -> Iterator[Any]:
        for first in range(0, len(self), _AT_ONCE):
            yield from self[first : first + _AT_ONCE]


def rows_of(
    items: Sequence[Any],
    make: Callable[[Sequence[Any]], list[Any]],
    counts: Mapping[str, int] = _NONE,
) -> Any:
    """The rows that are made of items: a list, or ``LongRows`` where there are many."""
    return LongRows(items, make, counts) if len(items) > _AT_ONCE else make(items)


def make_rows(answer: dict[str, Any]) -> None:
    """Puts lists in the place of the long rows of an answer."""
    for name, value in answer.items():
        if isinstance(value, LongRows):
            answer[name] = [*value]

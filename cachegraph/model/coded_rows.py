"""Rows that are kept as columns of codes: of 100,000 rows that are nearly alike none is made."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, count
from typing import Any

Column = tuple[Iterable[int], Callable[[Iterable[int]], Mapping[int, Any]]]
"""A code for each place, and a function that gives the values of codes."""


class CodedColumns:
    """Columns that stand side by side and have few different values together.

    Each place has a code, and each code the values of all these columns.
    """

    def __init__(
        self, names: Sequence[str], codes: Sequence[int], values: Mapping[int, Sequence[Any]]
    ) -> None:
        self.names, self.codes, self.values = names, codes, values
        self._texts: dict[int, str] = {}

    @classmethod
    def of(cls, names: Sequence[str], columns: Sequence[Column]) -> "CodedColumns":
        """Several columns, with as many places as the shortest has, or one."""
        if len(columns) == 1:
            ((some, values_of),) = columns
            codes = [*some]
            return cls(names, codes, {code: [value] for code, value in values_of(codes).items()})
        known: defaultdict[tuple[int, ...], int] = defaultdict(count().__next__)
        codes = [*map(known.__getitem__, zip(*(some for some, _ in columns), strict=False))]
        decoded = [
            map(values_of({*some}).__getitem__, some)
            for some, (_, values_of) in zip(zip(*known, strict=True), columns, strict=False)
        ]
        return cls(names, codes, dict(enumerate(zip(*decoded, strict=True))))

    def at(self, codes: Sequence[int]) -> "CodedColumns":
        """The same columns with other codes of theirs."""
        found = CodedColumns(self.names, codes, self.values)
        found._texts = self._texts
        return found

    def with_values(self, cells: Callable[[str, Sequence[Any]], Sequence[Any]]) -> "CodedColumns":
        """The same with other values, made of the name of each column and its values."""
        columns = zip(*self.values.values(), strict=True)
        made = zip(*map(cells, self.names, columns), strict=True)
        return CodedColumns(self.names, self.codes, dict(zip(self.values, made, strict=True)))

    def texts(self, join: Callable[[Sequence[Any]], str]) -> list[str]:
        """The text of the values at each place; that of a code is made by the first function."""
        if not self._texts:
            self._texts.update({code: join(values) for code, values in self.values.items()})
        return [*map(self._texts.__getitem__, self.codes)]


class CodedRows(Sequence[Sequence[Any]]):
    """Rows of coded columns, but for one column before the last ones, that of keys."""

    def __init__(
        self,
        before: Sequence[CodedColumns],
        keys: Sequence[str],
        after: CodedColumns,
        mark: str = "",
    ) -> None:
        self.before, self.keys, self.after = before, keys, after
        self.mark = mark
        """The text that is printed before each key."""

    def with_values(
        self, cells: Callable[[str, Sequence[Any]], Sequence[Any]], mark: str
    ) -> "CodedRows":
        """The same with other values, and a mark before the keys."""
        before = [part.with_values(cells) for part in self.before]
        return CodedRows(before, self.keys, self.after.with_values(cells), mark)

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, index: Any) -> Any:
        if not isinstance(index, slice):
            return next(iter(self[index : index + 1 or None]))
        before = [part.at(part.codes[index]) for part in self.before]
        after = self.after.at(self.after.codes[index])
        return CodedRows(before, self.keys[index], after, self.mark)

    def __iter__(self) -> Iterator[Sequence[Any]]:
        codes = zip(*(part.codes for part in self.before), strict=True)
        for begin, key, end in zip(codes, self.keys, self.after.codes, strict=True):
            values = (part.values[code] for part, code in zip(self.before, begin, strict=True))
            yield (*chain.from_iterable(values), self.mark + key, *self.after.values[end])

"""The sections of an answer, and the tables and grids that they become."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from cachegraph.output.tables import Table


class Grid(NamedTuple):
    """A section that is a value for each row and column; rows may have no names.

    ``name`` says what the rows are.
    """

    name: str
    rows: Sequence[str]
    columns: Sequence[str]
    cells: Sequence[Sequence[Any]]


class Asked(Protocol):
    """The question that an answer belongs to, or the command if it is no question."""

    main_section: str
    sections: tuple[str, ...]

    def tables(self, answer: Any) -> Iterable[Table]:
        """The sections of the answer as tables."""

    def grids(self, answer: Any) -> Mapping[str, Grid]:
        """The sections that are grids, by name."""

    def row_keys(self, section: str) -> Iterable[str]:
        """The keys that the rows of a section may have."""

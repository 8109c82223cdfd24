"""The texts of a file store by their numbers, and the values that are made of them."""

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any

from cachegraph.model.schema import STRINGS, Kind, RelationshipType
from cachegraph.stores.file.columns import decode_value
from cachegraph.stores.file.database import LIST_MEMBERS, Database


class Texts(dict[int, str]):
    """The texts that were read, by number."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database
        self._values: dict[tuple[RelationshipType, int], tuple[Any, ...]] = {}

    def read(self, numbers: Iterable[int]) -> None:
        """Reads the texts with these numbers; StoreError if one is missing."""
        if missing := [number for number in numbers if number and number not in self]:
            sql = f"SELECT id, value FROM text WHERE id IN ({LIST_MEMBERS})"
            self.update(self._database.rows(sql, str(missing)))
            self._database.require(all(map(self.__contains__, missing)))

    def decode(self, kind: Kind, numbers: Sequence[int]) -> list[Any]:
        """The values of one kind that the numbers stand for; the texts must have been read."""
        with self._database.store_errors():
            values = {n: decode_value(kind, n, self.__getitem__) for n in {*numbers} - {0}}
        return [*map(values.get, numbers)]

    def relationship_values(self, type_: RelationshipType, number: int) -> tuple[Any, ...]:
        """The values of the properties of a relationship, which are one text; 0 has none."""
        if (type_, number) not in self._values:
            self.read({number})
            kinds = [p.kind for p in type_.properties]
            with self._database.store_errors():
                texts = STRINGS.decode(self[number]) if number else ()
                # An earlier cachegraph may have known fewer properties of the type.
                known = zip(kinds, (*texts, *repeat(None, len(kinds))), strict=False)
                values = [None if text is None else kind.decode(text) for kind, text in known]
            self._values[type_, number] = tuple(values)
        return self._values[type_, number]

    def clear(self) -> None:
        """Forgets all: a transaction that failed gives its numbers to the next one."""
        super().clear()
        self._values.clear()

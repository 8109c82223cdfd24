"""The texts of a file store by their numbers, and the values that are made of them."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import repeat
from typing import Any

from cachegraph.model.kinds import DIGEST, Kind
from cachegraph.model.schema import RelationshipType
from cachegraph.stores.file.blocks import Blocks
from cachegraph.stores.file.columns import decode_value
from cachegraph.stores.file.packing import read_texts, unpack_texts

TEXT_BITS = 7
TEXT_MASK = (1 << TEXT_BITS) - 1
AREA = "texts"


class Texts(dict[int, Sequence[str | None]]):
    """The texts of a store in blocks, by number from 1, each block read on first use."""

    def __init__(self, blocks: Blocks) -> None:
        super().__init__()
        self._blocks = blocks
        self._values: dict[tuple[RelationshipType, int], tuple[Any, ...]] = {}

    def __missing__(self, block: int) -> Sequence[str | None]:
        data = self._blocks.read(AREA, block)
        with self._blocks.errors():
            texts = self[block] = unpack_texts(data)
        return texts

    def __call__(self, number: int) -> str:
        """The text of a number; IndexError or ValueError if there is none."""
        text = self[number >> TEXT_BITS][number & TEXT_MASK]
        if text is None:
            raise ValueError("a text that others refer to is missing")
        return text

    def decode(self, kind: Kind, numbers: Sequence[int]) -> list[Any]:
        """The values of one kind that the numbers stand for."""
        if kind is DIGEST:  # hardly any two are equal
            return [f"{number:016x}" if number else None for number in numbers]
        return [*map(self._values_of(kind, numbers).get, numbers)]

    def of_kind(self, kind: Kind) -> Callable[[Iterable[int]], dict[int, Any]]:
        """A function that gives the values of numbers, those of one kind; that of 0 is None."""
        return partial(self._values_of, kind)

    def _values_of(self, kind: Kind, numbers: Iterable[int]) -> dict[int, Any]:
        wanted = {*numbers} - {0}
        missing = {number >> TEXT_BITS for number in wanted} - self.keys()
        with self._blocks.errors():
            for block, data in self._blocks.read_each(AREA, missing):
                self[block] = unpack_texts(data)
            return {0: None, **{n: decode_value(kind, n, self) for n in wanted}}

    def relationship_values(self, type_: RelationshipType, number: int) -> tuple[Any, ...]:
        """The values of the properties of a relationship, which are one text; 0 has none."""
        if (type_, number) not in self._values:
            kinds = [p.kind for p in type_.properties]
            with self._blocks.errors():
                texts = read_texts(self(number)) if number else ()
                # An earlier cachegraph may have known fewer properties of the type.
                known = zip(kinds, (*texts, *repeat(None, len(kinds))), strict=False)
                values = [None if text is None else kind.decode(text) for kind, text in known]
            self._values[type_, number] = tuple(values)
        return self._values[type_, number]

    def clear(self) -> None:
        """Forgets all: a transaction that failed gives its numbers to the next one."""
        super().clear()
        self._values.clear()

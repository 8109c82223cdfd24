"""Numbers the values of properties for a file store, and writes the texts that the numbers mean."""

from functools import cached_property
from typing import Any

from cachegraph.model.kinds import Kind
from cachegraph.stores.file.blocks import Blocks
from cachegraph.stores.file.columns import encode_value
from cachegraph.stores.file.packing import pack_texts, unpack_texts
from cachegraph.stores.file.texts import AREA, TEXT_BITS, TEXT_MASK


class TextNumbers(dict[str, int]):
    """The number of each text, from 1; looking up a text that is new gives it the next number."""

    def __init__(self, blocks: Blocks) -> None:
        super().__init__()
        self._blocks = blocks

    @cached_property
    def _texts(self) -> list[str | None]:
        """All texts by number; those of the file are read when the first is looked up."""
        texts: list[str | None] = []
        for _, data in self._blocks.read_all(AREA):
            with self._blocks.errors():
                texts += unpack_texts(data)
        self._written = len(texts)
        # No text has the number 0, which stands for an absent value.
        texts = texts or [""]
        self.update((text, n) for n, text in enumerate(texts) if n and text is not None)
        return texts

    def __missing__(self, text: str) -> int:
        texts = self._texts
        if text in self:  # since they have been read
            return self[text]
        number = self[text] = len(texts)
        texts.append(text)
        return number

    def text(self, number: int) -> str:
        """The text that has a number; LookupError if there is none."""
        text = self._texts[number]
        if text is None:
            raise LookupError("a text that others refer to is missing")
        return text

    def flush(self) -> None:
        """Writes the new texts."""
        if "_texts" not in self.__dict__:
            return
        rows = []
        texts = self._texts
        for block in range(self._written >> TEXT_BITS, len(texts) + TEXT_MASK >> TEXT_BITS):
            part = texts[block << TEXT_BITS : block + 1 << TEXT_BITS]
            rows.append((block, len(part), pack_texts(part)))
        if len(texts) > self._written:
            self._blocks.write(AREA, rows)
            self._written = len(texts)


class ValueNumbers(dict[Any, int]):
    """The text number of each value of one kind other than text."""

    def __init__(self, kind: Kind, texts: TextNumbers) -> None:
        super().__init__()
        self._kind = kind
        self._texts = texts

    def __missing__(self, value: Any) -> int:
        number = self[value] = self._texts[encode_value(self._kind, value)]
        return number


class DigestNumbers(dict[str, int]):
    """The number of each digest: its sixteen hexadecimal digits are a number themselves."""

    def __missing__(self, digest: str) -> int:
        return int(digest, 16)

"""The JSON in a document: clear-signed or not, with a byte order mark or data behind it or not."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import orjson

from cachegraph.errors import FormatError
from cachegraph.sources import Document, Note

_BOM = b"\xef\xbb\xbf"
_SIGNED = b"-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE = b"-----BEGIN PGP SIGNATURE-----"
_FIRST_KEY = re.compile(rb'\s*\{\s*"([^"\\]*)"\s*:').match
_ENTRY = re.compile(rb'"([a-z2-7]{32})"\s*:\s*(?=\{)')
_CHUNK = 256  # entries parsed at a time


def unsigned(data: bytes) -> bytes:
    """The text without byte order mark, and without the lines of a signature around it."""
    data = data.removeprefix(_BOM)
    if not data.startswith(_SIGNED):
        return data
    _, _, body = data.replace(b"\r\n", b"\n").partition(b"\n\n")
    body, _, _ = body.partition(_SIGNATURE)
    # Lines that begin with a dash are written with another dash and a blank before them.
    return re.sub(rb"^- ", b"", body, flags=re.MULTILINE)


def first_key(data: bytes) -> str:
    """The first key of a JSON object; empty when the text is none."""
    match = _FIRST_KEY(unsigned(data))
    return match[1].decode(errors="replace") if match else ""


def parse(document: Document) -> Any:
    """The JSON value of a document, whatever follows it; FormatError says where it is none."""
    text = unsigned(document.data)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as exc:
        _, end = _first_value(text)
        # What follows is passed over; what is no JSON inside is not, though Python takes some.
        if end:
            with suppress(orjson.JSONDecodeError):
                return orjson.loads(text[:end])
        raise FormatError(
            f"{document.location}: line {exc.lineno}, column {exc.colno}: not JSON: {exc.msg}",
            "it may be cut off: fetch it again",
        ) from exc


def _first_value(text: bytes) -> tuple[Any, int]:
    """The first JSON value of a text and the byte after it, as Spack reads it; 0 without one."""
    import json

    try:
        decoded = text.decode()
        start = len(decoded) - len(decoded.lstrip())
        value, end = json.JSONDecoder().raw_decode(decoded, start)
        return value, len(decoded[:end].encode())
    except (ValueError, RecursionError):
        return None, 0


class Entries:
    """The entries of the one large object in a JSON text, of hashes to objects, parsed in turns.

    A text of hundreds of megabytes is in memory once, and of its values a few at a time.
    """

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._starts: list[int] = []
        self._values: list[int] = []
        self._places: dict[str, int] = {}
        self.frame: Any = None
        """The JSON value without the entries; None when the text is not of this shape."""
        for place, match in enumerate(_ENTRY.finditer(text)):
            self._starts.append(match.start())
            self._values.append(match.end())
            self._places[match[1].decode()] = place
        if self._starts and len(self._places) == len(self._starts):
            self._frame()

    def _frame(self) -> None:
        """Finds where the last entry ends, and reads what is around the entries."""
        last = self._text[self._values[-1] :]
        _, length = _first_value(last)
        if not length:
            return
        self._starts.append(self._values[-1] + length)
        frame, end = _first_value(self._text[: self._starts[0]] + last[length:])
        self.frame = frame if end else None

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, key: str) -> Any:
        """The value of one entry, parsed anew; KeyError when there is none, or it is no JSON."""
        place = self._places[key]
        try:
            return orjson.loads(_cut(self._text, self._values[place], self._starts[place + 1]))
        except ValueError as exc:
            raise KeyError(key) from exc

    def items(self, note: Note) -> Iterator[tuple[str, Any]]:
        """The keys and values in the order of the text; takes note of entries that are not JSON."""
        for first in range(0, len(self), _CHUNK):
            after = min(first + _CHUNK, len(self))
            part = _cut(self._text, self._starts[first], self._starts[after])
            try:
                yield from orjson.loads(b"{" + part + b"}").items()
            except ValueError:
                yield from self._one_by_one(range(first, after), note)

    def _one_by_one(self, places: range, note: Note) -> Iterator[tuple[str, Any]]:
        keys = [*self._places]
        for place in places:
            try:
                yield keys[place], self[keys[place]]
            except KeyError as exc:
                note(f"byte {self._values[place]}: /{keys[place]}: not JSON: {exc.__cause__}")


def _cut(text: bytes, start: int, end: int) -> bytes:
    """The bytes from start to end without the comma there."""
    return text[start:end].rstrip().removesuffix(b",")

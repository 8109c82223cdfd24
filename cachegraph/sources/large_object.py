"""Reads the one large object in a JSON text in parts, as in an index of gigabytes."""

import re
from array import array
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from cachegraph.model.spec import is_dag_hash
from cachegraph.sources.jsontext import first_value
from cachegraph.sources.parts import Text

LARGE = 8 << 20
"""Bytes of a text that is not parsed at once, if it may have only few entries that are good."""
_ENTRY = re.compile(rb'"([a-z2-7]{32})"\s*:\s*')
# A third of the time of the expression: each character of a hash as "a", blanks as " ", and the key
# found as a plain text. A text with blanks before colons, or with each value on a line, is searched
# with the expression.
_KINDS = bytes.maketrans(b"abcdefghijklmnopqrstuvwxyz234567\t\n\r\f\v", b"a" * 32 + b" " * 5)
_HASH = b'"%b"' % (b"a" * 32)
# Entries parsed at a time.
_CHUNK = 256
# Bytes in which entries are looked for at a time, and those kept of them: a key and its blanks.
_PART = 4 << 20
_KEPT = 256
_BEGINNING = 8
_SHOWN = 40


class LargeObject:
    """The one large object in a JSON text, from DAG hashes to objects, parsed a few at a time.

    The text may be a file of gigabytes: where its entries begin is in memory, eight bytes for each
    and eight of its key, and not their values.
    """

    def __init__(self, text: Text) -> None:
        self._text = text
        self._starts = array("Q")
        self._beginnings = bytearray()
        self.frame: Any = None
        """The JSON value around the entries; None if the text does not have this shape."""
        keys = set()
        for start, key in _entries(text):
            self._starts.append(start)
            self._beginnings += key[:_BEGINNING]
            keys.add(key)
        if self._starts and len(keys) == len(self._starts):
            self._read_frame()

    def _read_frame(self) -> None:
        """Finds the end of the last entry, and reads the JSON value around the entries."""
        text, first, start = self._text, self._starts[0], self._starts[-1]
        if first + text.size - start > 2 * LARGE:
            return  # most of the text is something else, or one entry is
        last = text.read(start, text.size)
        value_at = _ENTRY.match(last).end()  # type: ignore[union-attr]  # found before
        last = last[value_at:]
        _, length = first_value(last)
        if not length:
            return
        self._starts.append(start + value_at + length)
        if first + len(last) - length > LARGE:
            return
        frame, end = first_value(text.read(0, first) + last[length:])
        self.frame = frame if end else None

    def __len__(self) -> int:
        return len(self._beginnings) // _BEGINNING

    def __getitem__(self, key: str) -> Any:
        """The value of one entry, parsed each time; KeyError if there is none or it is not JSON."""
        if not is_dag_hash(key):
            raise KeyError(key)
        wanted = key.encode()
        at = self._beginnings.find(wanted[:_BEGINNING])
        while at >= 0:
            if not at % _BEGINNING:
                found, _, text = self._entry(at // _BEGINNING)
                if found == key:
                    return self._value_of(text)
            at = self._beginnings.find(wanted[:_BEGINNING], at + 1)
        raise KeyError(key)

    def _value_of(self, text: bytes) -> Any:
        try:
            return _value(text)[0]
        except ValueError as exc:
            raise KeyError from exc

    def _entry(self, number: int) -> tuple[str, int, bytes]:
        """The key of an entry, where its value begins, and the text from there to the next."""
        start = self._starts[number]
        text = self._text.read(start, self._starts[number + 1])
        key: re.Match[bytes] = _ENTRY.match(text)  # type: ignore[assignment]  # found before
        return key[1].decode(), start + key.end(), _cut(text[key.end() :])

    def items(self, report_fault: Callable[[str], None]) -> Iterator[tuple[str, Any]]:
        """The keys and values in the order of the text; reports entries that are not JSON."""
        for first in range(0, len(self), _CHUNK):
            after = min(first + _CHUNK, len(self))
            part = _cut(self._text.read(self._starts[first], self._starts[after]))
            try:
                yield from orjson.loads(b"{" + part + b"}").items()
            except ValueError:
                yield from self._one_by_one(range(first, after), report_fault)

    def _one_by_one(
        self, numbers: range, report_fault: Callable[[str], None]
    ) -> Iterator[tuple[str, Any]]:
        for number in numbers:
            key, at, text = self._entry(number)
            try:
                value, rest = _value(text)
            except ValueError as exc:
                report_fault(f"byte {at}: /{key}: not JSON: {exc}")
                continue
            yield key, value
            if rest:
                found = rest[:_SHOWN].decode(errors="backslashreplace")
                after = f"byte {self._starts[number + 1] - len(rest)}: after /{key}"
                report_fault(f"{after}: expected a DAG hash, found {found}")


def _entries(text: Text) -> Iterator[tuple[int, bytes]]:
    """Where each entry begins, and its key."""
    before = b""
    for start in range(0, text.size, _PART):
        part = before + text.read(start, min(start + _PART, text.size))
        at = start - len(before)
        end = 0
        for match in _matches(part):
            # Blanks may go on in the next part.
            if match.end() == len(part) and at + len(part) < text.size:
                break
            yield at + match.start(), match[1]
            end = match.end()
        before = part[max(end, len(part) - _KEPT) :]


def _matches(part: bytes) -> Iterator[re.Match[bytes]]:
    """The matches of ``_ENTRY`` in a part of a text."""
    kinds = part.translate(_KINDS)
    if _HASH + b" " in kinds:
        yield from _ENTRY.finditer(part)
        return
    key = _HASH + b":"
    at = kinds.find(key)
    while at >= 0:
        yield _ENTRY.match(part, at)  # type: ignore[misc]  # found before
        at = kinds.find(key, at + len(key))


def _value(text: bytes) -> tuple[Any, bytes]:
    """The value at the beginning of a text, and what comes after it."""
    try:
        return orjson.loads(text), b""
    except ValueError:
        _, end = first_value(text)
        return orjson.loads(text[:end]), text[end:].strip(b", \t\r\n")


def _cut(text: bytes) -> bytes:
    """The text without the comma at its end."""
    return text.rstrip().removesuffix(b",")

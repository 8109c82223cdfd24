"""Numbers and texts as bytes, and back; ValueError, IndexError or TypeError for other bytes."""

import sys
from collections.abc import Iterable, Sequence
from itertools import compress

_BYTES = bytes(range(256))
_JOINED, _JSON = b"t", b"j"


def pack(numbers: Sequence[int]) -> bytes:
    """Numbers as little-endian bytes of the narrowest integer type, after that type's code."""
    from array import array

    largest = max(numbers, default=0)
    code = "B" if largest < 1 << 8 else "H" if largest < 1 << 16 else "I"
    packed = array(code if largest < 1 << 32 else "Q", numbers)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.typecode.encode() + packed.tobytes()


def unpack(data: memoryview) -> Sequence[int]:
    """The numbers that ``pack`` wrote; without copying them on little-endian machines."""
    code = chr(data[0])
    if code not in "BHIQ":
        raise ValueError("numbers of an unknown type")
    if sys.byteorder == "little":
        numbers: Sequence[int] = data[1:].cast(code)  # type: ignore[call-overload]
        return numbers
    from array import array

    swapped = array(code, data[1:].tobytes())
    swapped.byteswap()
    return swapped


def are_below(numbers: Sequence[int], limit: int) -> bool:
    """Whether no number is much larger than the limit, or larger than a full last byte of it.

    A twentieth of the time of ``max``: only the highest bytes of the numbers are looked at.
    """
    data = memoryview(numbers)  # type: ignore[arg-type]  # what unpack returns is a buffer
    width = data.itemsize
    data = data.cast("B")
    for place in reversed(range(width)):
        allowed = max(limit - 1, 0) >> 8 * place
        if allowed < len(_BYTES):
            at = place if sys.byteorder == "little" else width - 1 - place
            if data[at::width].tobytes().translate(None, _BYTES[: allowed + 1]):
                return False
        if allowed:
            return True
    return limit > 0 or not len(numbers)


class _BitPlaces(dict[int, tuple[int, ...]]):
    """For each byte the places of its bits that are 1."""

    def __missing__(self, byte: int) -> tuple[int, ...]:
        places = self[byte] = (*[place for place in range(8) if byte >> place & 1],)
        return places


_BIT_PLACES = _BitPlaces()


def places_of_bits(data: bytes) -> list[int]:
    """The places of the bits that are 1, sorted; the first bit of a byte is the least."""
    firsts = compress(range(0, len(data) << 3, 8), data)
    places = map(_BIT_PLACES.__getitem__, data.translate(None, b"\0"))
    return [first + place for first, some in zip(firsts, places) for place in some]  # noqa: B905


def join_parts(parts: Iterable[bytes]) -> bytes:
    """The parts, each after its length."""
    return b"".join([len(part).to_bytes(4, "little") + part for part in parts])


def split_parts(data: memoryview) -> list[memoryview]:
    """The parts that ``join_parts`` joined."""
    parts: list[memoryview] = []
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "little")
        parts.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return parts


def encode(*columns: Sequence[int]) -> bytes:
    """Columns of numbers as bytes."""
    return join_parts(map(pack, columns))


def decode(data: bytes) -> list[Sequence[int]]:
    """The columns that ``encode`` wrote."""
    return [*map(unpack, split_parts(memoryview(data)))]


def pack_texts(texts: Sequence[str | None]) -> bytes:
    """Texts as bytes; None where there is none.

    They are joined, because splitting is faster than reading JSON, if they can be split again.
    """
    if texts and None not in texts:
        joined = "\0".join(texts)  # type: ignore[arg-type]  # all are texts
        if joined.count("\0") == len(texts) - 1:
            return _JOINED + joined.encode("utf-8", "surrogatepass")
    import json

    return _JSON + json.dumps(texts).encode()


def unpack_texts(data: bytes | memoryview) -> list[str | None]:
    """The texts that ``pack_texts`` wrote."""
    form, text = bytes(data[:1]), str(data[1:], "utf-8", "surrogatepass")
    if form == _JOINED:
        return [*text.split("\0")]
    if form != _JSON:
        raise ValueError("texts in an unknown form")
    return read_texts(text)


class PackedTexts:
    """The texts in bytes that ``pack_texts`` wrote, all of one length, each made when asked for."""

    def __init__(self, data: bytes, width: int) -> None:
        self._joined, self._width = data.decode("ascii"), width

    def __getitem__(self, place: int) -> str:
        first = place * (self._width + 1) + 1
        text = self._joined[first : first + self._width]
        if not text:
            raise IndexError(f"no text at {place}")
        return text


def texts_in(data: bytes) -> PackedTexts | list[str | None]:
    """The texts that ``pack_texts`` wrote; if all are ASCII and of one length, as they are."""
    width = data.find(b"\0", 1) - 1
    separators = data[width + 1 :: width + 1] if width > 0 else b""
    is_even = data[:1] == _JOINED and separators and len(data) % (width + 1) == 0
    if is_even and data.count(b"\0") == len(separators) == separators.count(0) and data.isascii():
        return PackedTexts(data, width)
    return unpack_texts(data)


def read_texts(text: str) -> list[str | None]:
    """The texts and Nones of a JSON list."""
    import json

    texts = json.loads(text)
    if not isinstance(texts, list) or not all(isinstance(t, str | None) for t in texts):
        raise ValueError(f"a list of texts expected, not {text[:100]}")
    return texts

"""Sets of ids as bitmaps of pyroaring, which counts what two have in common the quickest."""

import sys
from array import array
from collections.abc import Iterator, Sequence
from struct import pack
from typing import Any

from cachegraph.stores.file.packing import places_of_bits

# https://github.com/RoaringBitmap/RoaringFormatSpec: ids in containers of 65,536, those of more
# than 4,096 ids as bits, as we have them, the others as sorted numbers.
_COOKIE = 12346
_BYTES = 1 << 13
_MOST_NUMBERS = 1 << 12


def bitmap_of_numbers(numbers: Sequence[int]) -> Any:
    """The bitmap of ids."""
    from pyroaring import BitMap

    return BitMap(numbers)


def bitmap_of_bits(data: bytes) -> Any:
    """The bitmap of the ids whose bits are 1; a hundredth of the time of one made of numbers."""
    from pyroaring import BitMap

    heads, containers = list[bytes](), list[bytes]()
    for key, part, count in _parts(data):
        heads.append(pack("<HH", key, count - 1))
        containers.append(part.ljust(_BYTES, b"\0") if count > _MOST_NUMBERS else _numbers(part))
    at = 8 + 8 * len(heads)
    offsets = list[bytes]()
    for container in containers:
        offsets.append(pack("<I", at))
        at += len(container)
    head = pack("<II", _COOKIE, len(heads))
    return BitMap.deserialize(b"".join([head, *heads, *offsets, *containers]))


def _parts(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """The parts of bits that are not empty: number, bits, and how many are 1."""
    for key, first in enumerate(range(0, len(data), _BYTES)):
        part = data[first : first + _BYTES]
        if count := int.from_bytes(part, "little").bit_count():
            yield key, part, count


def _numbers(part: bytes) -> bytes:
    numbers = array("H", places_of_bits(part))
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()

"""Sets of node ids: in memory as the bits of one integer, on disk as bits or as sorted numbers.

Ids are small and dense, so the bits are few and set operations are quick.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import reduce
from itertools import chain, repeat
from operator import or_
from typing import TYPE_CHECKING, Any, TypeGuard

from cachegraph.stores.file.packing import pack, places_of_bits, unpack

if TYPE_CHECKING:
    from array import array

_BITS, _NUMBERS = b"b", b"n"
_DIGITS = b"01" + bytes(254)
_FEW, _VERY_FEW = 1000, 16
_LONGEST_LIST = 1 << 14


class IdSet(Set[int]):
    """A set of small integers; ``&``, ``|``, ``-`` and ``len`` work on the bits of one integer."""

    __slots__ = ("_bytes", "_numbers", "bits")
    bits: int
    """The members as the bits of one integer."""

    def __init__(self, ids: Iterable[int] = ()) -> None:
        self._bytes: bytes | None = None
        self._numbers: Sequence[int] | None = None
        if _is_array(ids) and len(ids) > _FEW and _are_dense(len(ids), end := max(ids) + 1):
            self.bits = _bits_below(ids, end)
        else:
            self._numbers = _consecutive(ids) or sorted({*ids})

    @classmethod
    def up_to(cls, end: int) -> "IdSet":
        """All ids less than the end."""
        made = _from_bits((1 << end) - 1)
        made._numbers = range(end)
        return made

    def __getattr__(self, name: str) -> int:
        # The bits of a set made from numbers are computed on first use: many sets never need them.
        if name != "bits":
            raise AttributeError(name)
        self.bits = _to_bits(self._numbers or ())
        return self.bits

    def __contains__(self, item: object) -> bool:
        data = self._as_bytes()
        if not isinstance(item, int) or not 0 <= item >> 3 < len(data):
            return False
        return bool(data[item >> 3] >> (item & 7) & 1)

    def __iter__(self) -> Iterator[int]:
        return iter(self.in_order())

    def in_order(self) -> Sequence[int]:
        """The members, sorted: a range if each is one more than that before it, or an array."""
        if self._numbers is None:
            end = self.bits.bit_length()
            first = end - self.bits.bit_count()
            if self.bits == (1 << end) - (1 << first):
                self._numbers = range(first, end)
            else:
                self._numbers = _compact(places_of_bits(self._as_bytes()))
        return self._numbers

    def __len__(self) -> int:
        return self.bits.bit_count() if self._numbers is None else len(self._numbers)

    def __and__(self, other: Set[object]) -> "IdSet":
        return _from_bits(self.bits & _as_id_set(other).bits)

    def __or__(self, other: Set[object]) -> "IdSet":
        others = _as_id_set(other)
        mine, theirs = self._numbers, others._numbers
        if mine is not None and theirs is not None:
            if not mine or not theirs:
                return others if theirs else self
            if not _are_dense(len(mine) + len(theirs), max(mine[-1], theirs[-1])):
                # Their bits would be as many as the largest number: a million take milliseconds.
                return IdSet(chain(mine, theirs))
        return _from_bits(self.bits | others.bits)

    def __sub__(self, other: Set[object]) -> "IdSet":
        if not other:
            return self
        if self._numbers is not None and len(self._numbers) <= _FEW:
            # Their bits would be as many as the largest number.
            return IdSet([number for number in self._numbers if number not in other])
        return _from_bits(self.bits & ~_as_id_set(other).bits)

    @property
    def is_small(self) -> bool:
        """Whether it has so few members that looking for each of them is quick."""
        return self._numbers is not None and len(self._numbers) <= _VERY_FEW

    def _as_bytes(self) -> bytes:
        if self._bytes is None:
            self._bytes = self.bits.to_bytes(self.bits.bit_length() + 7 >> 3, "little")
        return self._bytes

    def bitmap(self) -> Any:
        """The set as a ``BitMap`` of pyroaring."""
        from cachegraph.stores.file.roaring import bitmap_of_bits, bitmap_of_numbers

        if self._numbers is not None:
            return bitmap_of_numbers(self._numbers)
        return bitmap_of_bits(self._as_bytes())

    def encode(self) -> bytes:
        """The set as bytes, in the shorter of the two forms."""
        numbers = self._numbers
        if numbers and not _are_dense(len(numbers), numbers[-1]):
            return _NUMBERS + pack(numbers)
        if _are_dense(len(self), self.bits.bit_length()):
            return _BITS + self._as_bytes()
        return _NUMBERS + pack([*self])


def decode(blob: bytes, limit: int) -> IdSet:
    """The set that ``encode`` wrote; ValueError if an id is not less than the limit."""
    data = memoryview(blob)
    if data[:1] == _BITS:
        return _from_bits(_bits_in(data, limit))
    return IdSet(_numbers_in(data, limit))


def _consecutive(ids: Iterable[int]) -> Sequence[int] | None:
    """The ids if each is one more than that before it, as those of a page's new specs are."""
    if not _is_array(ids) or not ids or ids[-1] - ids[0] + 1 != len(ids):
        return None
    range_ = range(ids[0], ids[-1] + 1)
    return range_ if ids == type(ids)(ids.typecode, range_) else None


def _is_array(ids: Iterable[int]) -> "TypeGuard[array[int]]":
    """Whether it is an array; a question that has none need not import what that is."""
    return hasattr(ids, "typecode")


def _bits_in(data: memoryview, limit: int) -> int:
    if len(data) > 1 + (limit + 7 >> 3):
        raise ValueError("a set of nodes has one that is not there")
    return int.from_bytes(data[1:], "little")


def _numbers_in(data: memoryview, limit: int) -> Sequence[int]:
    numbers = unpack(data[1:])
    if len(numbers) and max(numbers) >= limit:
        raise ValueError("a set of nodes has one that is not there")
    return numbers


def _from_bits(bits: int) -> IdSet:
    made = IdSet.__new__(IdSet)
    made.bits = bits
    made._numbers = made._bytes = None
    return made


def _compact(numbers: list[int]) -> Sequence[int]:
    """The numbers in an array if they are many: in a list they take nine times the memory."""
    if len(numbers) <= _LONGEST_LIST:
        return numbers
    from array import array

    return array("I", numbers)


def _as_id_set(ids: Set[object]) -> IdSet:
    return ids if isinstance(ids, IdSet) else IdSet(ids)  # type: ignore[arg-type]  # a set of ids


def _to_bits(numbers: Sequence[int]) -> int:
    """The bits of sorted numbers."""
    if isinstance(numbers, range):
        return (1 << numbers.stop) - (1 << numbers.start)
    if len(numbers) <= _VERY_FEW:
        return reduce(or_, map((1).__lshift__, numbers), 0)
    return _bits_below(numbers, numbers[-1] + 1)


def _are_dense(count: int, limit: int) -> bool:
    """Whether the bits of so many numbers less than the limit take no more memory than they do."""
    return 32 * count > limit


def _bits_below(numbers: Iterable[int], limit: int) -> int:
    """The bits of numbers that are less than the limit."""
    # One byte for each place; the bytes then become the digits of a binary number.
    places = bytearray(limit)
    deque(map(places.__setitem__, numbers, repeat(1)), maxlen=0)
    places.reverse()
    return int(places.translate(_DIGITS), 2)


def decode_union(blobs: Iterable[bytes], limit: int) -> IdSet:
    """The union of the sets that ``encode`` wrote; many small ones cost less than one by one."""
    bits, parts = 0, list[Sequence[int]]()
    for blob in blobs:
        data = memoryview(blob)
        if data[:1] == _BITS:
            bits |= _bits_in(data, limit)
        else:
            parts.append(_numbers_in(data, limit))
    numbers = chain.from_iterable(parts)
    if _are_dense(sum(map(len, parts)), limit):
        return _from_bits(bits | _bits_below(numbers, limit))
    return IdSet(numbers) | _from_bits(bits) if bits else IdSet(numbers)


def ends_of_range(blob: bytes) -> tuple[int, int]:
    """The least and the largest member of the set that ``encode`` wrote, which is not empty."""
    data = memoryview(blob)
    if data[:1] == _BITS:
        bits = int.from_bytes(data[1:], "little")
        return (bits & -bits).bit_length() - 1, bits.bit_length() - 1
    numbers = unpack(data[1:])
    return min(numbers), max(numbers)


def members_in(blob: bytes, wanted: IdSet) -> Iterable[int]:
    """The members of the set that ``encode`` wrote that are among the ids."""
    data = memoryview(blob)
    if data[:1] == _BITS:
        if wanted.is_small:
            return [number for number in wanted if _has_bit(data[1:], number)]
        return _from_bits(int.from_bytes(data[1:], "little")) & wanted
    if wanted.is_small:
        return {*wanted}.intersection(unpack(data[1:]))
    return [number for number in unpack(data[1:]) if number in wanted]


def intersects(blob: bytes, wanted: IdSet) -> bool:
    """Whether the set that ``encode`` wrote contains any of the ids."""
    data = memoryview(blob)
    if data[:1] != _BITS or wanted.is_small:
        return bool(members_in(blob, wanted))
    return bool(int.from_bytes(data[1:], "little") & wanted.bits)


def _has_bit(data: memoryview, number: int) -> bool:
    return number >> 3 < len(data) and bool(data[number >> 3] >> (number & 7) & 1)

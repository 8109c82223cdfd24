"""The ids of very many keys, in a fourth of the memory that a dict takes."""

import sys
from array import array
from collections.abc import Iterable
from hashlib import blake2b
from itertools import compress

_LEAST = 1 << 10
_FULL = 2 / 3
_MARKS = 4


def _digest(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "little", signed=True)


# Where Python makes only 32 bits of a key, two of a million would be taken for one.
key_hash = hash if sys.hash_info.width >= 64 else _digest  # noqa: PLR2004  # bits
"""64 bits of a key."""


class IdTable:
    """A hash table from keys to ids in arrays: 24 to 48 bytes a key, where a dict takes 155.

    Keys are known by 64 bits of their hash, which Python makes with a secret of the process: among
    a million keys two are taken for one in one of thirty million imports.
    """

    def __init__(self) -> None:
        self._count = 0
        self._make(_LEAST)

    def _make(self, size: int) -> None:
        """Makes an empty table of so many places, a power of two."""
        self._mask = size - 1
        self._hashes = array("q", bytes(8 * size))
        # Ids from 1: a place with a 0 is empty.
        self._ids = array("I", bytes(4 * size))
        # Which keys may be there: of others nearly all are left out without looking for them.
        self._marks = bytearray(_MARKS * size)

    def add(self, ids: Iterable[tuple[str, int]], count: int) -> None:
        """Adds so many keys, which are not there, with their ids."""
        size = self._mask + 1
        self._count += count
        while self._count > size * _FULL:
            size *= 2
        if size > self._mask + 1:
            known = zip(compress(self._hashes, self._ids), filter(None, self._ids), strict=True)
            self._make(size)
            self._put(known)
        self._put((key_hash(key), id_ + 1) for key, id_ in ids)

    def _put(self, numbers: Iterable[tuple[int, int]]) -> None:
        known, ids, mask, marks = self._hashes, self._ids, self._mask, self._marks
        last_mark = len(marks) - 1
        for hash_, number in numbers:
            place = hash_ & mask
            while ids[place]:
                place = place + 1 & mask
            ids[place], known[place] = number, hash_
            marks[hash_ & last_mark] = 1

    def get(self, key: str) -> int | None:
        """The id of a key; None if it is not there."""
        ids, mask, hash_ = self._ids, self._mask, key_hash(key)
        place = hash_ & mask
        while number := ids[place]:
            if self._hashes[place] == hash_:
                return number - 1
            place = place + 1 & mask
        return None

    def find(self, keys: Iterable[str]) -> dict[str, int]:
        """The ids of those of the keys that are there."""
        keys = [*keys]
        marks = map((len(self._marks) - 1).__and__, map(key_hash, keys))
        maybe = [*compress(keys, map(self._marks.__getitem__, marks))]
        found = zip(maybe, map(self.get, maybe), strict=True)
        return {key: id_ for key, id_ in found if id_ is not None}

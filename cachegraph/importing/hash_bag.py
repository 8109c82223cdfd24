"""The hashes of the specs of one document, of which there may be millions."""

import hashlib
from array import array
from collections.abc import Iterable
from itertools import pairwise

from cachegraph.model.id_table import key_hash


class HashBag:
    """Hashes of which only the number and whether they are the same as others can be told.

    Eight bytes for each, where a set has more than a hundred: of a hash it keeps the 64 bits that
    Python makes of it with a secret of the process. Among a million hashes two are taken for one
    in one of thirty million imports.
    """

    def __init__(self, hashes: Iterable[str] = ()) -> None:
        self._hashes = array("q", map(key_hash, hashes))

    def update(self, hashes: Iterable[str]) -> None:
        """Adds hashes, which may be there."""
        self._hashes.extend(map(key_hash, hashes))

    def copy(self) -> "HashBag":
        """Another bag with the same hashes."""
        new = HashBag()
        new._hashes = self._hashes[:]
        return new

    def __bool__(self) -> bool:
        return bool(self._hashes)

    def __len__(self) -> int:
        """The number of distinct hashes."""
        return len(self._distinct())

    def digest(self) -> str:
        """The same for bags with the same hashes, in this process."""
        return hashlib.sha256(self._distinct()).hexdigest()

    def _distinct(self) -> "array[int]":
        in_order = sorted(self._hashes)
        distinct = array("q", in_order[:1])
        distinct.extend(after for before, after in pairwise(in_order) if after != before)
        return distinct


Hashes = set[str] | HashBag

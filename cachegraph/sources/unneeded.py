"""Finds the specs of a document that no other depends on, in little memory."""

from collections.abc import Iterator

from cachegraph.model.id_table import IdTable
from cachegraph.sources.dependencies import NeededHashes

# So many needed hashes are in a dict: a million takes some 130 MB. Older ones are in a table.
_MOST = 1 << 17
_LENGTH = 32  # of a DAG hash
_AT_ONCE = 1 << 12


class Unneeded:
    """The specs of a document that no other depends on; ``needed`` are those that some need."""

    def __init__(self, needed: NeededHashes) -> None:
        self._needed = needed
        self._older = IdTable()
        # Those that were not needed when they were added, one after another.
        self._hashes = bytearray()

    def add(self, hash_: str) -> None:
        """Adds a spec."""
        if hash_ not in self._needed and self._older.get(hash_) is None:
            self._hashes += hash_.encode()

    def settle(self) -> None:
        """Empties ``needed`` into the table if it has many."""
        needed = self._needed
        if len(needed) > _MOST:
            new = needed.keys() - self._older.find(needed)
            self._older.add(((hash_, 0) for hash_ in new), len(new))
            needed.clear()

    def __iter__(self) -> Iterator[str]:
        """The specs that are not needed, each once, in the order in which they were added."""
        found: dict[str, None] = {}
        for start in range(0, len(self._hashes), _LENGTH * _AT_ONCE):
            text = self._hashes[start : start + _LENGTH * _AT_ONCE].decode()
            hashes = [text[at : at + _LENGTH] for at in range(0, len(text), _LENGTH)]
            older = self._older.find(hashes)
            found.update((h, None) for h in hashes if h not in self._needed and h not in older)
        return iter(found)

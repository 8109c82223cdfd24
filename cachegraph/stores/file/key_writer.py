"""Writes the keys of the nodes of one label, and their index."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from cachegraph.stores.file.blocks import Blocks, Row
from cachegraph.stores.file.keys import KEY_BITS, Index, Keys, encode_leaf
from cachegraph.stores.file.packing import pack_texts, unpack_texts

_MASK = (1 << KEY_BITS) - 1
_LEAF = 128
_LARGEST = 2 * _LEAF
_TOP = 0
# Blocks written at once: some megabytes.
_AT_ONCE = 1 << 10
# Keys added to the index at once: they take a hundred and sixty bytes each.
_KEYS_AT_ONCE = 1 << 19


class KeyWriter:
    """The keys of the nodes of one label, in one transaction."""

    def __init__(self, blocks: Blocks, label: str) -> None:
        self._blocks = blocks
        self.keys = Keys(blocks, label)

    def add(
        self, ids: Mapping[str, int], reused: Sequence[str], new: Sequence[str], first: int
    ) -> None:
        """Gives keys to ids that have none: those in reused, and new ones from the first id on.

        They can be found by their keys only when these are in the index.
        """
        self._write(sorted((ids[key], key) for key in reused))
        self._append(new, first)
        self.forget()

    def add_to_index(self, keys: Sequence[str], ids: Sequence[int]) -> None:
        """Adds keys with their ids to the index."""
        # No dict of them: it would take as much memory as the keys.
        order = sorted(range(len(keys)), key=keys.__getitem__)
        in_order = [*map(keys.__getitem__, order)]
        _add(self._blocks, self.keys.index, in_order, array("I", map(ids.__getitem__, order)))
        self.forget()

    def add_ids_to_index(self, first: int, end: int) -> None:
        """Adds the written keys of the ids from the first to before the end, some at a time.

        They are read again, so that nobody has to keep them.
        """
        for start in range(first, end, _KEYS_AT_ONCE):
            ids = range(start, min(start + _KEYS_AT_ONCE, end))
            blocks = start >> KEY_BITS, (ids[-1] >> KEY_BITS) + 1
            keys: list[Any] = []
            for _, data in self._blocks.read_between(self.keys.area, *blocks):
                with self._blocks.errors():
                    keys += unpack_texts(data)
            self.add_to_index(keys[start & _MASK :][: len(ids)], ids)

    def remove(self, ids: Iterable[int]) -> None:
        """Takes the keys of ids away."""
        ids = sorted(ids)
        gone = [key for id_ in ids if (key := self.keys[id_ >> KEY_BITS][id_ & _MASK]) is not None]
        self._write((id_, None) for id_ in ids)
        _remove(self._blocks, self.keys.index, gone)
        self.forget()

    def free_ids(self) -> list[int]:
        """Ids of removed nodes, the largest first; they are used again so that ids stay dense."""
        used = {id_ for id_, _ in self.keys.pairs()}
        return sorted({*range(self.keys.end())} - used, reverse=True)

    def _write(self, sorted_: Iterable[tuple[int, str | None]]) -> None:
        rows: list[Row] = []
        for number, group in groupby(sorted_, lambda pair: pair[0] >> KEY_BITS):
            keys = self.keys[number]
            for id_, key in group:
                place = id_ & _MASK
                keys += [None] * (place + 1 - len(keys))
                keys[place] = key
            rows.append(_block_of_keys(number, keys))
        self._blocks.write(self.keys.area, rows)

    def _append(self, keys: Sequence[str], first: int) -> None:
        """Writes keys of consecutive ids, which have none yet."""
        rows: list[Row] = []
        start = 0
        while start < len(keys):
            number, place = first + start >> KEY_BITS, first + start & _MASK
            end = start + _MASK + 1 - place
            before = self.keys[number][:place] if place else []
            before += [None] * (place - len(before))
            rows.append(_block_of_keys(number, [*before, *keys[start:end]]))
            start = end
            if len(rows) >= _AT_ONCE:
                self._blocks.write(self.keys.area, rows)
                rows = []
        self._blocks.write(self.keys.area, rows)

    def forget(self) -> None:
        """Forgets what was read: it may be as much as the file has."""
        self.keys.clear()
        self.keys.index = Index(self._blocks, self.keys.index.area)


def _block_of_keys(number: int, keys: list[str | None]) -> Row:
    return number, len(keys) - keys.count(None), pack_texts(keys)


def _add(blocks: Blocks, index: Index, keys: Sequence[str], numbers: Sequence[int]) -> None:
    """Adds sorted keys with their numbers to the leaves in which they belong."""
    top = _Top(blocks, index)
    for place, part in index.places_of(keys):
        if not index.top[0]:
            top.replace(place, keys[part], numbers[part])
            continue
        there = dict(zip(*index.leaf(place, keep=False), strict=True))
        there.update(zip(keys[part], numbers[part], strict=True))
        merged = sorted(there)
        top.replace(place, merged, [*map(there.__getitem__, merged)])
    top.write()


def _remove(blocks: Blocks, index: Index, keys: list[str]) -> None:
    """Removes keys from the leaves in which they are."""
    keys.sort()
    top = _Top(blocks, index)
    for place, part in index.places_of(keys):
        gone = {*keys[part]}
        left = [pair for pair in zip(*index.leaf(place), strict=True) if pair[0] not in gone]
        top.replace(place, [key for key, _ in left], [number for _, number in left])
    top.write()


class _Top:
    """The list of leaves of an index while leaves are written anew, in order."""

    def __init__(self, blocks: Blocks, index: Index) -> None:
        self._blocks = blocks
        self._area = index.area
        self._before = index.top
        self._fresh = max(index.top[1], default=_TOP) + 1
        self._keys: list[str] = []
        self._numbers: list[int] = []
        self._copied = 0
        self._rows: list[Row] = []
        self._gone: list[int] = []

    def replace(self, place: int, keys: Sequence[str], numbers: Sequence[int]) -> None:
        """Writes the leaf at a place, a large one as several; an empty one is deleted."""
        self._copy(place)
        own = [*self._before[1][place : place + 1]]
        self._copied = place + 1
        step = len(keys) if len(keys) <= _LARGEST else _LEAF
        for start in range(0, len(keys), step or 1):
            number = own.pop() if own else self._fresh
            self._fresh += number == self._fresh
            part = keys[start : start + step]
            leaf = encode_leaf(part, numbers[start : start + step])
            self._rows.append((number, len(part), leaf))
            self._keys.append(part[0])
            self._numbers.append(number)
            if len(self._rows) >= _AT_ONCE:
                self._write_rows()
        self._gone += own

    def _copy(self, place: int) -> None:
        """Keeps the leaves before a place as they are."""
        keys, numbers = self._before
        self._keys += keys[self._copied : place]
        self._numbers += numbers[self._copied : place]

    def _write_rows(self) -> None:
        self._blocks.write(self._area, self._rows)
        self._rows = []

    def write(self) -> None:
        """Writes what is left, and which leaves there are."""
        if not self._copied:
            return
        self._copy(len(self._before[0]))
        self._rows.append((_TOP, len(self._keys), encode_leaf(self._keys, self._numbers)))
        self._write_rows()
        self._blocks.delete(self._area, self._gone)

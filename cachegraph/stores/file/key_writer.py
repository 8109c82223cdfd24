"""Writes the keys of the nodes of one label, and their index."""

from collections.abc import Iterable
from itertools import groupby

from cachegraph.stores.file.blocks import Blocks, Row
from cachegraph.stores.file.keys import KEY_BITS, Index, Keys, encode_leaf
from cachegraph.stores.file.packing import pack_texts

_MASK = (1 << KEY_BITS) - 1
_LEAF = 128
_LARGEST = 2 * _LEAF
_TOP = 0
Numbered = Iterable[tuple[int, str]]


class KeyWriter:
    """The keys of the nodes of one label, in one transaction."""

    def __init__(self, blocks: Blocks, label: str) -> None:
        self._blocks = blocks
        self.keys = Keys(blocks, label)

    def add(self, numbered: Numbered) -> None:
        """Gives keys to ids that have none."""
        numbered = sorted(numbered)
        self._write((id_, key) for id_, key in numbered)
        _add(self._blocks, self.keys.index, [(key, id_) for id_, key in numbered])
        self._forget_index()

    def remove(self, ids: Iterable[int]) -> None:
        """Takes the keys of ids away."""
        ids = sorted(ids)
        gone = [key for id_ in ids if (key := self.keys[id_ >> KEY_BITS][id_ & _MASK]) is not None]
        self._write((id_, None) for id_ in ids)
        _remove(self._blocks, self.keys.index, gone)
        self._forget_index()

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
            rows.append((number, len(keys) - keys.count(None), pack_texts(keys)))
        self._blocks.write(self.keys.area, rows)

    def _forget_index(self) -> None:
        self.keys.index = Index(self._blocks, self.keys.index.area)


def _add(blocks: Blocks, index: Index, pairs: list[tuple[str, int]]) -> None:
    """Adds keys with their numbers to the leaves in which they belong."""
    pairs.sort()
    changed = {}
    for place, part in index.places_of([key for key, _ in pairs]):
        there = zip(*index.leaf(place), strict=True) if index.top[0] else ()
        changed[place] = sorted([*there, *pairs[part]])
    _write_leaves(blocks, index, changed)


def _remove(blocks: Blocks, index: Index, keys: list[str]) -> None:
    """Removes keys from the leaves in which they are."""
    keys.sort()
    changed = {}
    for place, part in index.places_of(keys):
        gone = {*keys[part]}
        pairs = zip(*index.leaf(place), strict=True)
        changed[place] = [pair for pair in pairs if pair[0] not in gone]
    _write_leaves(blocks, index, changed)


def _write_leaves(blocks: Blocks, index: Index, changed: dict[int, list[tuple[str, int]]]) -> None:
    """Writes the leaves at some places anew, large ones as several, and which leaves there are."""
    top = [*zip(*index.top, strict=True)]
    fresh = max(index.top[1], default=_TOP) + 1
    rows: list[Row] = []
    for place, pairs in sorted(changed.items(), reverse=True):
        step = len(pairs) if len(pairs) <= _LARGEST else _LEAF
        numbers = [number for _, number in top[place : place + 1]]
        first_keys = []
        for start in range(0, len(pairs), step or 1):
            part = pairs[start : start + step]
            number = numbers.pop() if numbers else fresh
            fresh += number == fresh
            rows.append((number, len(part), encode_leaf(*map(list, zip(*part, strict=True)))))
            first_keys.append((part[0][0], number))
        blocks.delete(index.area, numbers)
        top[place : place + 1] = first_keys
    if changed:
        keys, numbers = [key for key, _ in top], [number for _, number in top]
        rows.append((_TOP, len(top), encode_leaf(keys, numbers)))
        blocks.write(index.area, rows)

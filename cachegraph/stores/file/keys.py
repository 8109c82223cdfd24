"""The keys of the nodes of one label: by id in blocks, and sorted in the leaves of an index."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, takewhile
from operator import ge, gt, itemgetter
from typing import Any

from cachegraph.stores.file.blocks import Blocks
from cachegraph.stores.file.columns import by_block
from cachegraph.stores.file.id_sets import IdSet
from cachegraph.stores.file.packing import (
    join_parts,
    pack,
    pack_texts,
    split_parts,
    texts_in,
    unpack,
    unpack_texts,
)

KEY_BITS = 7
_MASK = (1 << KEY_BITS) - 1
_TOP = 0
_MANY, _AT_ONCE = 64, 64  # blocks
_FEW = 16
# Leaves kept at once: their keys take some fifty megabytes.
_MOST_LEAVES = 1 << 12


def keys_area(label: str) -> str:
    """The area in which the keys of a label are."""
    return f"{label} keys"


def id_limit(blocks: Blocks, area: str) -> int:
    """A number that is larger than every id of a node, and not by much."""
    numbers = blocks.directory(area).numbers
    with blocks.errors():
        if len(numbers) and numbers[-1] >= len(numbers):
            raise ValueError("keys are missing")
    return len(numbers) << KEY_BITS


Leaf = tuple[Sequence[str], Sequence[int]]
"""Consecutive keys, sorted, and the number that each has: the id of its node."""


def encode_leaf(keys: Sequence[str], numbers: Sequence[int]) -> bytes:
    """A leaf as bytes."""
    return join_parts([pack_texts(keys), pack(numbers)])


class Keys(dict[int, list[str | None]]):
    """The keys in each block of ids, read on first use; None for a node that was removed."""

    def __init__(self, blocks: Blocks, label: str) -> None:
        super().__init__()
        self._blocks = blocks
        self.area = keys_area(label)
        self.index = Index(blocks, f"{label} index")
        self._packed: dict[int, Any] = {}
        self._long_readings = 0

    def __missing__(self, block: int) -> list[str | None]:
        data = self._blocks.read(self.area, block)
        with self._blocks.errors():
            keys = self[block] = unpack_texts(data) if data else []
        return keys

    def count(self) -> int:
        """The number of nodes."""
        return sum(self._blocks.directory(self.area).sizes)

    def end(self) -> int:
        """The id after the last one that is, or was, in use."""
        limit = id_limit(self._blocks, self.area)
        return limit - (1 << KEY_BITS) + len(self[(limit >> KEY_BITS) - 1]) if limit else 0

    def ids(self) -> IdSet:
        """The ids of all nodes."""
        end = self.end()
        return IdSet.up_to(end) if self.count() == end else IdSet(id_ for id_, _ in self.pairs())

    def pairs(self) -> Iterator[tuple[int, str]]:
        """The id and the key of each node, by id."""
        for number, data in self._blocks.read_all(self.area):
            with self._blocks.errors():
                keys = enumerate(unpack_texts(data), number << KEY_BITS)
            yield from ((id_, key) for id_, key in keys if key is not None)

    def of(self, nodes: Sequence[int]) -> list[str]:
        """The keys of nodes; StoreError if one of the nodes is not there."""
        if any(map(gt, nodes, nodes[1:])):
            in_order = sorted({*nodes})
            return [*map(dict(zip(in_order, self._of(in_order), strict=True)).__getitem__, nodes)]
        return self._of(nodes)

    def _of(self, nodes: Sequence[int]) -> list[str]:
        """The keys of nodes that are sorted.

        Of a node here and there the whole blocks are kept. When many are asked for, the other keys
        of their blocks would take more memory than these, and nothing is kept; when many are asked
        for again, the bytes of the blocks.
        """
        parts = [*by_block(nodes, KEY_BITS)]
        is_long = len(parts) > _MANY
        # To split a block takes as long as to cut out so many of its keys.
        few = len(nodes) < _FEW * len(parts)
        self._long_readings += is_long
        keys: list[str | None] = []
        for first in range(0, len(parts), _AT_ONCE):
            some = parts[first : first + _AT_ONCE]
            texts = self._texts_of({number for number, _ in some}, few=few) if is_long else self
            with self._blocks.errors():
                for number, places in some:
                    at_places = itemgetter(*places)(texts[number])
                    keys += at_places if len(places) > 1 else (at_places,)
        with self._blocks.errors():
            if None in keys:
                raise ValueError("a node that others refer to is missing")
        return keys  # type: ignore[return-value]  # None is not among them

    def _texts_of(self, numbers: set[int], *, few: bool) -> dict[int, Any]:
        """The keys in the blocks with these numbers; ``few`` if only a few of each are wanted."""
        found = {number: self._packed[number] for number in numbers & self._packed.keys()}
        again = self._long_readings > 1
        read = self._blocks.read_each(self.area, numbers - found.keys())
        with self._blocks.errors():
            for number, data in read:
                found[number] = texts_in(data) if again or few else unpack_texts(data)
        if again:
            self._packed.update(found)
        return found


class Index:
    """Texts in order, each with a number, in blocks that are the leaves."""

    def __init__(self, blocks: Blocks, area: str) -> None:
        self._blocks = blocks
        self.area = area
        self._leaves: dict[int, Leaf] = {}

    @cached_property
    def top(self) -> Leaf:
        """The first key of each leaf, and the number of its block."""
        return self._read(_TOP)

    def leaf(self, place: int, *, keep: bool = True) -> Leaf:
        """The leaf at a place in the order of the leaves; the last ones read are kept."""
        with self._blocks.errors():
            number = self.top[1][place]
        if number not in self._leaves:
            leaf = self._read(number)
            first, following = self.top[0][place], self.top[0][place + 1 : place + 2]
            with self._blocks.errors():
                if leaf[0][0] != first or not all(leaf[0][-1] < key for key in following):
                    raise ValueError(f"a leaf of {self.area} is in the place of another")
            if not keep:
                return leaf
            if len(self._leaves) >= _MOST_LEAVES:
                self._leaves.clear()
            self._leaves[number] = leaf
        return self._leaves[number]

    def _read(self, number: int) -> Leaf:
        data = self._blocks.read(self.area, number)
        with self._blocks.errors():
            if not data:
                if number != _TOP:
                    raise ValueError(f"a leaf of {self.area} is missing")
                return [], ()
            texts, packed = split_parts(memoryview(data))
            keys: list[Any] = unpack_texts(texts)
            numbers = unpack(packed)
            if None in keys or len(keys) != len(numbers):
                raise ValueError(f"a leaf of {self.area} has not a number for each key")
            if any(map(ge, keys, keys[1:])):
                raise ValueError(f"a leaf of {self.area} is not sorted")
        return keys, numbers

    def place_of(self, key: str) -> int:
        """The place of the leaf in which a key is, if it is anywhere."""
        return max(0, bisect_right(self.top[0], key) - 1)

    def places_of(self, keys: Sequence[str]) -> Iterator[tuple[int, slice]]:
        """Which of the keys, which are sorted, belong in the leaf at each place, if in any."""
        tops, start = self.top[0], 0
        while start < len(keys):
            place = self.place_of(keys[start])
            end = bisect_left(keys, tops[place + 1], start) if place + 1 < len(tops) else len(keys)
            yield place, slice(start, end)
            start = end

    def find(self, key: str) -> int | None:
        """The number of a key, or None."""
        if not self.top[0]:
            return None
        keys, numbers = self.leaf(self.place_of(key))
        place = bisect_left(keys, key)
        return numbers[place] if place < len(keys) and keys[place] == key else None

    def find_each(self, keys: Iterable[str]) -> Iterator[tuple[str, int]]:
        """Those of the keys that are there, each with its number."""
        if self.top[0]:
            keys = sorted(keys)
            for place, part in self.places_of(keys):
                numbers = dict(zip(*self.leaf(place), strict=True))
                yield from ((key, numbers[key]) for key in keys[part] if key in numbers)

    def all(self) -> tuple[list[str], list[int]]:
        """All keys in order, and the number of each."""
        keys: list[Any] = []
        numbers: list[int] = []
        with self._blocks.errors():
            leaves = [*self.top[1]]
        for first in range(0, len(leaves), _AT_ONCE):
            some = leaves[first : first + _AT_ONCE]
            read = dict(self._blocks.read_each(self.area, {*some}))
            with self._blocks.errors():
                for texts, packed in (split_parts(memoryview(read[number])) for number in some):
                    keys += unpack_texts(texts)
                    numbers += unpack(packed)
        with self._blocks.errors():
            # At once: a third of the time of doing so for each leaf.
            if None in keys or len(keys) != len(numbers) or any(map(ge, keys, keys[1:])):
                raise ValueError(f"{self.area} is not sorted, or has not a number for each key")
        return keys, numbers

    def beginning_with(self, prefix: str) -> list[str]:
        """The keys that begin with a prefix, sorted."""
        tops = self.top[0]
        first = self.place_of(prefix)
        # Of the leaves after the first one those whose first key begins so.
        following = takewhile(
            lambda place: tops[place].startswith(prefix), range(first + 1, len(tops))
        )
        places = chain([first] if tops else (), following)
        leaves = (self.leaf(place)[0] for place in places)
        return [key for key in chain.from_iterable(leaves) if key.startswith(prefix)]

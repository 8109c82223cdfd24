"""The least and the largest start of each set, for a type of relationships with many sets.

So a question about one node reads a few sets of 20,000. They are one block beside the sets, with
the checksum of each set: spans of other sets than those that are there, or none, leave out nothing.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import chain

from cachegraph.model.schema import RECORDED_IN
from cachegraph.stores.file.blocks import Blocks
from cachegraph.stores.file.id_sets import IdSet, ends_of_range
from cachegraph.stores.file.packing import decode, encode

_SPANNED = (RECORDED_IN,)
_MANY = 256
_BLOCK = 0


def _area(of: str) -> str:
    return f"{of} spans"


def _spans(blocks: Blocks, of: str) -> list[Sequence[int]]:
    """Numbers, checksums, least and largest starts of sets; empty if there are no spans."""
    data = blocks.read(_area(of), _BLOCK)
    with blocks.errors():
        columns: list[Sequence[int]] = [*decode(data)] if data else [()] * 4
        numbers, checksums, least, most = columns
        if not len(numbers) == len(checksums) == len(least) == len(most):
            raise ValueError("spans are not of as many sets as they have checksums")
    return columns


def may_hold(blocks: Blocks, of: str, starts: IdSet) -> Collection[int] | None:
    """The numbers of the sets that may hold any of the starts; None if that is not known."""
    numbers, checksums, least, most = _spans(blocks, of)
    directory = blocks.directory(of)
    is_of_these = [*numbers] == [*directory.numbers] and [*checksums] == [*directory.checksums]
    if not is_of_these or not len(numbers):
        return None
    if not starts:
        return ()
    first, last = ends_of_range(starts.encode())
    spans = zip(numbers, least, most, strict=True)
    return {number for number, low, high in spans if low <= last and first <= high}


def write_spans(blocks: Blocks) -> None:
    """Writes the spans of the sets that the transaction has changed."""
    for type_ in _SPANNED:
        directory = blocks.directory(type_.name)
        there = [*zip(directory.numbers, directory.checksums, strict=True)]
        if len(there) < _MANY:
            blocks.delete(_area(type_.name), [_BLOCK])
            continue
        numbers, checksums, least, most = _spans(blocks, type_.name)
        known = dict(
            zip(zip(numbers, checksums, strict=True), zip(least, most, strict=True), strict=True)
        )
        missing = {number for number, checksum in there if (number, checksum) not in known}
        if missing or len(known) != len(there):
            read = dict(_read(blocks, type_.name, missing))
            spans = [read.get(set_[0]) or known[set_] for set_ in there]
            columns = zip(*there, strict=True), zip(*spans, strict=True)
            data = encode(*map(list, chain.from_iterable(columns)))
            blocks.write(_area(type_.name), [(_BLOCK, len(there), data)])


def _read(
    blocks: Blocks, of: str, numbers: Collection[int]
) -> Iterator[tuple[int, tuple[int, int]]]:
    """The spans of sets."""
    if 2 * len(numbers) > len(blocks.directory(of).numbers):
        sets = [(number, blob) for number, blob in blocks.read_all(of) if number in numbers]
    else:
        sets = [(number, blocks.read(of, number)) for number in numbers]
    with blocks.errors():
        for number, blob in sets:
            yield number, ends_of_range(blob)

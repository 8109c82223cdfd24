"""Columns and relationships of a whole store as NumPy arrays, for questions that read most of it.

Only what looks at very many nodes pays for importing NumPy, which cachegraph does not require.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cachegraph.stores.file.adjacency import BLOCK_BITS as BITS_OF_NEIGHBOURS
from cachegraph.stores.file.adjacency import Direction
from cachegraph.stores.file.columns import BLOCK_BITS, Column

Numbers = NDArray[Any]
"""Node numbers, text numbers, or places: integers of the type that is wide enough."""


class NeighbourArrays(NamedTuple):
    """The relationships of all nodes, those of each one after another."""

    bounds: Numbers
    """Where the relationships of each node begin, and where those of the last one end."""
    ends: Numbers
    texts: Numbers
    """The text number of the properties of each relationship."""


def column_array(column: Column, limit: int) -> Numbers:
    """The numbers of all nodes in a column, in the order of the nodes; ``limit`` are there."""
    blocks = [_array(column[block]) for block in range(-(-limit >> BLOCK_BITS))]
    found = np.zeros(limit, np.result_type(np.uint8, *blocks))
    for number, block in enumerate(blocks):
        part = found[number << BLOCK_BITS : number + 1 << BLOCK_BITS]
        part[: len(block)] = block[: len(part)]
    return found


def neighbour_arrays(outgoing: Direction, limit: int) -> NeighbourArrays:
    """The relationships of all nodes in one direction; ``limit`` nodes are there."""
    numbers = outgoing.directory.numbers
    bounds = np.zeros(max(limit, outgoing.end) + 1, np.int64)
    degrees = bounds[1:]
    ends, texts = [np.zeros(0, np.uint8)], [np.zeros(0, np.uint8)]
    for number in numbers:
        block = outgoing[number]
        first = number << BITS_OF_NEIGHBOURS
        of_block = np.diff(_array(block.bounds).astype(np.int64))
        if of_block.min() < 0:
            raise ValueError("a block of neighbours is not in order")
        degrees[first : first + len(of_block)] = of_block
        ends.append(_array(block.ids))
        places = block.places if len(block.places) else bytes(len(block.ids))
        texts.append(_array(block.texts)[_array(places)])
    np.cumsum(degrees, out=degrees)
    found = NeighbourArrays(bounds, np.concatenate(ends), np.concatenate(texts))
    if found.ends.max(initial=0) >= max(limit, 1):
        raise ValueError("a node has a neighbour that is not there")
    return found


def _array(numbers: Any) -> Numbers:
    return np.asarray(memoryview(numbers))  # in memory that the block has: nothing is copied

"""The rows of most specs of a graph, in order, as columns that are read as a whole."""

from collections import deque
from collections.abc import Mapping, Sized
from itertools import chain, count, repeat
from operator import itemgetter
from typing import TypeGuard

from cachegraph.model.coded_rows import CodedColumns, CodedRows
from cachegraph.model.graph import ColumnGraph, Handle, SpecGraph, WholeColumn
from cachegraph.model.schema import SPEC

_NAMES = ("package", "version", "compiler", "os", "target", "variants")
_MANY = 10_000


def is_most(graph: SpecGraph, specs: Sized) -> TypeGuard[ColumnGraph]:
    """Whether there are so many specs that reading all of the graph is quicker."""
    is_many = len(specs) >= _MANY and 3 * len(specs) >= graph.count(SPEC)
    return is_many and isinstance(graph, ColumnGraph)


def coded_rows(graph: ColumnGraph, depth: Mapping[Handle, int]) -> CodedRows:
    """The specs with their depth, sorted by depth, package, version and hash.

    The columns are those and what ``find`` prints of a spec, in the order of its table. Only texts
    that differ are compared, and no hashes: these are in order in the store.
    """
    package, version, *others, variants = graph.whole_columns(SPEC, _NAMES)
    depths = map(depth.get, count(), repeat(0)), lambda codes: {code: code for code in codes}
    begin = CodedColumns.of(("depth", *_NAMES[:2]), [depths, _texts(package), _texts(version)])
    built = CodedColumns.of(_NAMES[2:5], others)
    variant = CodedColumns.of(_NAMES[5:], [variants])
    keys, nodes = graph.in_key_order(SPEC)
    # Without an interpreter step for each.
    hashes = [""] * len(begin.codes)
    deque(map(hashes.__setitem__, nodes, keys), 0)
    alike: list[list[Handle]] = [[] for _ in begin.values]
    deque(map(list.append, map(alike.__getitem__, map(begin.codes.__getitem__, nodes)), nodes), 0)
    reached = (code for code, (far, *_) in begin.values.items() if far)
    ranked = sorted(reached, key=lambda code: (*begin.values[code],))
    order = [*chain.from_iterable(map(alike.__getitem__, ranked))]
    if len(order) != len(depth):
        raise LookupError("a spec is not among the hashes")
    repeated = chain.from_iterable(repeat(code, len(alike[code])) for code in ranked)
    at = itemgetter(*order)
    before = [begin.at([*repeated]), built.at(at(built.codes))]
    return CodedRows(before, at(hashes), variant.at(at(variant.codes)))


def _texts(column: WholeColumn) -> WholeColumn:
    """The column with empty texts for unknown values."""
    codes, values_of = column
    return codes, lambda some: {code: text or "" for code, text in values_of(some).items()}

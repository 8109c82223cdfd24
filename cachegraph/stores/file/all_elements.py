"""Everything in a file store as elements, many nodes or relationships in each."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import repeat
from typing import TYPE_CHECKING

from cachegraph.model.elements import Element, Nodes, Pairs, Properties, Relationships
from cachegraph.model.schema import NODE_TYPES, RELATIONSHIP_TYPES, NodeType, RelationshipType
from cachegraph.stores.file.columns import BLOCK_BITS
from cachegraph.stores.file.start_sets import StartSets

if TYPE_CHECKING:
    from cachegraph.stores.file.store import FileStore

Keys = Sequence[str | None]
"""The key of each node by its id; None where there is no node. Half the memory of a dictionary."""


def elements(store: "FileStore") -> Iterator[Element]:
    """The whole graph, nodes before relationships."""
    keys: dict[NodeType, Keys] = {}
    for label in NODE_TYPES:
        keys[label] = _all_keys(store, label)
        yield from _nodes(store, label, keys[label])
    for type_ in RELATIONSHIP_TYPES:
        if type_.same_label:
            yield from _pairs(store, type_, keys[type_.start])
        else:
            yield from _relationships(store, type_, keys[type_.start], keys[type_.end])


def _all_keys(store: "FileStore", label: NodeType) -> Keys:
    keys: list[str | None] = []
    for node, key in store.keys_of(label).pairs():
        keys += repeat(None, node - len(keys))
        keys.append(key)
    return keys


def _of(store: "FileStore", keys: Keys, nodes: Iterable[int]) -> list[str]:
    """The keys of nodes; StoreError if one of the nodes is not there."""
    with store.database.store_errors():
        found = [*map(keys.__getitem__, nodes)]
    store.database.require(None not in found)
    return found  # type: ignore[return-value]  # None is not among them


def _nodes(store: "FileStore", label: NodeType, keys: Keys) -> Iterator[Nodes]:
    """The nodes of each block, those with equal properties in one element."""
    names = [p.name for p in label.properties]
    for first in range(0, len(keys), 1 << BLOCK_BITS):
        block = range(first, min(first + (1 << BLOCK_BITS), len(keys)))
        nodes = [node for node in block if keys[node] is not None]
        equal: dict[Hashable, list[int]] = {}
        rows_of_tokens = zip(*store.tokens(label, nodes, names), strict=True)
        for index, tokens in enumerate(rows_of_tokens if names else repeat(0, len(nodes))):
            equal.setdefault(tokens, []).append(index)
        firsts = [nodes[indices[0]] for indices in equal.values()]
        values = store.values(label, firsts, names) if names else [()] * len(firsts)
        for indices, row in zip(equal.values(), values, strict=True):
            yield Nodes(label, _of(store, keys, [nodes[index] for index in indices]), row)


def _relationships(
    store: "FileStore", type_: RelationshipType, starts: Keys, ends: Keys
) -> Iterator[Relationships]:
    for end, number, nodes in StartSets(store.blocks, type_).all():
        (end_key,) = _of(store, ends, [end])
        keys = _of(store, starts, nodes)
        yield Relationships(type_, keys, end_key, _properties(store, type_, number))


def _pairs(store: "FileStore", type_: RelationshipType, keys: Keys) -> Iterator[Pairs]:
    for number, starts, ends in store.adjacency(type_).pairs():
        start_keys, end_keys = _of(store, keys, starts), _of(store, keys, ends)
        yield Pairs(type_, start_keys, end_keys, _properties(store, type_, number))


def _properties(store: "FileStore", type_: RelationshipType, number: int) -> Properties:
    values = zip(type_.properties, store.relationship_values(type_, number), strict=True)
    return {p.name: value for p, value in values if value is not None}

"""Everything in a file store as elements, many nodes or relationships in each."""

from collections.abc import Hashable, Iterator, Mapping
from itertools import chain, groupby, repeat
from typing import TYPE_CHECKING

from cachegraph.model.elements import Element, Nodes, Pairs, Properties, Relationships
from cachegraph.model.schema import NODE_TYPES, RELATIONSHIP_TYPES, NodeType, RelationshipType
from cachegraph.stores.file.columns import BLOCK_BITS
from cachegraph.stores.file.start_sets import StartSets

if TYPE_CHECKING:
    from cachegraph.stores.file.store import FileStore

Keys = Mapping[int, str]


def elements(store: "FileStore") -> Iterator[Element]:
    """The whole graph, nodes before relationships."""
    keys: dict[NodeType, Keys] = {}
    for label in NODE_TYPES:
        keys[label] = dict(store.keys_of(label).pairs())
        yield from _nodes(store, label, keys[label])
    for type_ in RELATIONSHIP_TYPES:
        if type_.same_label:
            yield from _pairs(store, type_, keys[type_.start])
        else:
            yield from _relationships(store, type_, keys[type_.start], keys[type_.end])


def _nodes(store: "FileStore", label: NodeType, keys: Keys) -> Iterator[Nodes]:
    """The nodes of each block, those with equal properties in one element."""
    names = [p.name for p in label.properties]
    for _, block in groupby(keys, lambda node: node >> BLOCK_BITS):
        nodes = [*block]
        equal: dict[Hashable, list[int]] = {}
        rows_of_tokens = zip(*store.tokens(label, nodes, names), strict=True)
        for index, tokens in enumerate(rows_of_tokens if names else repeat(0, len(nodes))):
            equal.setdefault(tokens, []).append(index)
        firsts = [nodes[indices[0]] for indices in equal.values()]
        values = store.values(label, firsts, names) if names else [()] * len(firsts)
        for indices, row in zip(equal.values(), values, strict=True):
            yield Nodes(label, [keys[nodes[index]] for index in indices], row)


def _relationships(
    store: "FileStore", type_: RelationshipType, starts: Keys, ends: Keys
) -> Iterator[Relationships]:
    for end, number, nodes in StartSets(store.blocks, type_).all():
        store.database.require(end in ends and all(map(starts.__contains__, nodes)))
        keys = [*map(starts.__getitem__, nodes)]
        yield Relationships(type_, keys, ends[end], _properties(store, type_, number))


def _pairs(store: "FileStore", type_: RelationshipType, keys: Keys) -> Iterator[Pairs]:
    for number, starts, ends in store.adjacency(type_).pairs():
        store.database.require(all(map(keys.__contains__, chain(starts, ends))))
        start_keys, end_keys = [*map(keys.__getitem__, starts)], [*map(keys.__getitem__, ends)]
        yield Pairs(type_, start_keys, end_keys, _properties(store, type_, number))


def _properties(store: "FileStore", type_: RelationshipType, number: int) -> Properties:
    values = zip(type_.properties, store.relationship_values(type_, number), strict=True)
    return {p.name: value for p, value in values if value is not None}

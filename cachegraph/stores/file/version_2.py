"""Reads stores of version 2, to write them anew: each kind of thing had a table of its own then.

Property values were blocks of text numbers as now, and so were neighbours; a checksum was part of
each block.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain, groupby, repeat
from operator import sub
from typing import Any
from zlib import crc32

from cachegraph.model.elements import Element, Nodes, Pairs, Properties, Relationships
from cachegraph.model.schema import NODE_TYPES, RELATIONSHIP_TYPES, NodeType, RelationshipType
from cachegraph.stores.file import columns, id_sets
from cachegraph.stores.file.database import Database
from cachegraph.stores.file.packing import read_texts, split_parts, unpack

_VERSION = 2
_NEIGHBOUR_BITS = 8
_ABSENT = bytes(columns.BLOCK_MASK + 1)
_TABLES = {
    **{
        type_.label: f"CREATE TABLE {type_.label} (id INTEGER PRIMARY KEY, key TEXT NOT NULL)"
        for type_ in NODE_TYPES
    },
    "text": "CREATE TABLE text (id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE)",
    "property": "CREATE TABLE property (label TEXT, name TEXT, block INTEGER,"
    " texts BLOB NOT NULL, PRIMARY KEY (label, name, block))",
    "relationship": 'CREATE TABLE relationship (type TEXT, "end" INTEGER, properties INTEGER,'
    ' size INTEGER NOT NULL, starts BLOB NOT NULL, PRIMARY KEY (type, "end", properties))',
    "neighbours": "CREATE TABLE neighbours (type TEXT, direction INTEGER, block INTEGER,"
    " data BLOB NOT NULL, PRIMARY KEY (type, direction, block))",
}
_INDEXES = {f"CREATE UNIQUE INDEX {type_.label}_key ON {type_.label} (key)" for type_ in NODE_TYPES}


class OlderDatabase(Database):
    """A file with a store of version 2, and in a transaction with an empty one of this version."""

    is_older = False

    def _check_own(self, tables: set[str], is_store: bool) -> bool:
        """Whether the tables are those of this version; those of version 2 are checked too."""
        self.is_older = is_store and bool(tables) and self.version == _VERSION
        if not self.is_older:
            return super()._check_own(tables, is_store)
        # An index was made when the first node was written.
        self.check_schema(tables - _INDEXES, {*_TABLES.values()}, is_store)
        return False

    def drop_older(self) -> None:
        """Deletes the tables of version 2."""
        for name in _TABLES:
            self.rows(f"DROP TABLE {name}")


class OlderElements:
    """The elements of a store of version 2, many nodes or relationships in each."""

    def __init__(self, database: OlderDatabase) -> None:
        self._database = database
        self._texts: dict[int, str] = dict(database.rows("SELECT id, value FROM text"))
        self._keys: dict[NodeType, dict[int, str]] = {}

    def __iter__(self) -> Iterator[Element]:
        """Nodes before relationships; StoreError if anything is damaged."""
        for label in NODE_TYPES:
            sql = f"SELECT id, key FROM {label.label} ORDER BY id"
            self._keys[label] = dict(self._database.rows(sql))
            yield from self._nodes(label)
        for type_ in RELATIONSHIP_TYPES:
            yield from self._pairs(type_) if type_.same_label else self._sets(type_)

    def _nodes(self, label: NodeType) -> Iterator[Nodes]:
        keys = self._keys[label]
        for block, nodes in groupby(keys, lambda node: node >> columns.BLOCK_BITS):
            numbers = [self._column(label, p.name, block) for p in label.properties]
            equal: dict[tuple[int, ...], list[str]] = defaultdict(list)
            for node in nodes:
                place = node & columns.BLOCK_MASK
                with self._database.store_errors():
                    equal[tuple([column[place] for column in numbers])].append(keys[node])
            for row, of_row in equal.items():
                yield Nodes(label, of_row, self._values(label, row))

    def _column(self, label: NodeType, name: str, block: int) -> Sequence[int]:
        sql = "SELECT texts FROM property WHERE label = ? AND name = ? AND block = ?"
        rows = self._database.rows(sql, label.label, name, block)
        with self._database.store_errors():
            return unpack(_unsealed(rows[0][0])) if rows else _ABSENT

    def _values(self, label: NodeType, numbers: Sequence[int]) -> list[Any]:
        with self._database.store_errors():
            return [
                columns.decode_value(p.kind, number, self._texts.__getitem__) if number else None
                for p, number in zip(label.properties, numbers, strict=True)
            ]

    def _sets(self, type_: RelationshipType) -> Iterator[Relationships]:
        starts, ends = self._keys[type_.start], self._keys[type_.end]
        limit = max(starts, default=-1) + 1
        sql = 'SELECT "end", properties, size, starts FROM relationship WHERE type = ?'
        for end, number, size, blob in self._database.rows(sql, type_.name):
            with self._database.store_errors():
                nodes = id_sets.decode(bytes(_unsealed(blob)), limit)
                if len(nodes) != size:
                    raise ValueError("a set of nodes has another size than the store lists")
                keys = [*map(starts.__getitem__, nodes)]
                yield Relationships(type_, keys, ends[end], self._properties(type_, number))

    def _properties(self, type_: RelationshipType, number: int) -> Properties:
        """The known properties of a relationship, which are one text; 0 has none."""
        texts = read_texts(self._texts[number]) if number else ()
        # An earlier cachegraph may have known fewer properties of the type.
        known = zip(type_.properties, texts, strict=False)
        return {p.name: p.kind.decode(text) for p, text in known if text is not None}

    def _pairs(self, type_: RelationshipType) -> Iterator[Pairs]:
        keys = self._keys[type_.start]
        sizes = self._block(type_, -1)[0]
        for number, size in enumerate(sizes):
            parts: dict[int, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
            if size:
                bounds, ids, texts, places = self._block(type_, number)
                with self._database.store_errors():
                    if len(ids) != size:
                        raise ValueError(
                            "a block of neighbours has another size than the store lists"
                        )
                    degrees = map(sub, bounds[1:], bounds)
                    nodes = range(number << _NEIGHBOUR_BITS, number + 1 << _NEIGHBOUR_BITS)
                    starts = chain.from_iterable(map(repeat, nodes, degrees))
                    of_ids = map(texts.__getitem__, places or repeat(0, size))
                    for start, end, text in zip(starts, ids, of_ids, strict=True):
                        parts[text][0].append(keys[start])
                        parts[text][1].append(keys[end])
            for text, (from_, to) in parts.items():
                with self._database.store_errors():
                    properties = self._properties(type_, text)
                yield Pairs(type_, from_, to, properties)

    def _block(self, type_: RelationshipType, number: int) -> list[Sequence[int]]:
        """The columns of a block of neighbours; of the number -1 the size of each block."""
        sql = "SELECT data FROM neighbours WHERE type = ? AND direction = 0 AND block = ?"
        rows = self._database.rows(sql, type_.name, number)
        with self._database.store_errors():
            if not rows and number == -1:
                return [()]
            name, *parts = split_parts(_unsealed(rows[0][0]))
            if bytes(name) != f"{type_.name} 0 {number}".encode():
                raise ValueError("a block of the store is in the place of another")
            return [*map(unpack, parts)]


def _unsealed(blob: bytes) -> memoryview:
    """The bytes after their checksum; ValueError if they do not match it."""
    data = memoryview(blob)[4:]
    if crc32(data) != int.from_bytes(blob[:4], "little"):
        raise ValueError("a block of the store does not match its checksum")
    return data

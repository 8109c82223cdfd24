"""Writes texts and nodes of a file store: collects them in memory, then writes changed blocks."""

import json
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

from cachegraph.model.schema import Kind, NodeType
from cachegraph.stores.file.columns import BLOCK_BITS, BLOCK_MASK, Column, encode_value
from cachegraph.stores.file.database import LIST_MEMBERS, Database
from cachegraph.stores.file.id_sets import pack, seal

Row = tuple[int, ...]


class TextNumbers(dict[str, int]):
    """The number of each text, from 1; looking up a text that is new gives it the next number."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database
        last = database.rows("SELECT coalesce(max(id), 0) FROM text")[0][0]
        self._fresh = last == 0
        self._next = last + 1
        self._texts: dict[int, str] = {}
        self._new: list[tuple[int, str]] = []

    def __missing__(self, text: str) -> int:
        sql = "SELECT id FROM text WHERE value = ?"
        rows = [] if self._fresh else self._database.rows(sql, text)
        if rows:
            number = int(rows[0][0])
        else:
            number, self._next = self._next, self._next + 1
            self._new.append((number, text))
        self[text] = number
        return number

    def text(self, number: int) -> str:
        """The text that has a number."""
        if number not in self._texts:
            self.flush()
            sql = "SELECT value FROM text WHERE id = ?"
            self._texts[number] = str(self._database.rows(sql, number)[0][0])
        return self._texts[number]

    def flush(self) -> None:
        """Writes the new texts."""
        self._database.write("INSERT INTO text VALUES (?, ?)", self._new)
        self._new = []


class ValueNumbers(dict[Any, int]):
    """The text number of each value of one kind other than text."""

    def __init__(self, kind: Kind, texts: TextNumbers) -> None:
        super().__init__()
        self._kind = kind
        self._texts = texts

    def __missing__(self, value: Any) -> int:
        number = self[value] = self._texts[encode_value(self._kind, value)]
        return number


class DigestNumbers(dict[str, int]):
    """The number of each digest: its sixteen hexadecimal digits are a number themselves."""

    def __missing__(self, digest: str) -> int:
        return int(digest, 16)


class NodeWriter:
    """The nodes of one label in one transaction: their ids by key, and their rows of numbers."""

    def __init__(self, database: Database, type_: NodeType) -> None:
        self._database = database
        self._type = type_
        self.blank: Row = (0,) * len(type_.properties)
        self.ids: dict[str, int] = {}
        nodes, last = database.rows(f"SELECT count(*), coalesce(max(id), -1) FROM {type_.label}")[0]
        self._fresh = nodes == 0
        self._free = self._free_ids(last) if nodes <= last else []
        self._reused: list[tuple[int, str]] = []
        # Keys and rows of new nodes, until they are written; their ids begin at ``_first``.
        self._first: int = last + 1
        self._keys: list[str] = []
        self._rows: list[Row] = []
        self._blocks: dict[int, list[Row]] = {}
        self._changed: set[int] = set()

    def _free_ids(self, last: int) -> list[int]:
        """Ids of removed nodes; they are used again so that ids stay dense."""
        used = {row[0] for row in self._database.rows(f"SELECT id FROM {self._type.label}")}
        return sorted({*range(last)} - used, reverse=True)

    def look_up(self, keys: Iterable[str]) -> None:
        """Reads the ids of the keys that are in the file into ``ids``."""
        if self._fresh:
            return
        missing = [key for key in keys if key not in self.ids]
        if missing:
            sql = f"SELECT key, id FROM {self._type.label} WHERE key IN ({LIST_MEMBERS})"
            self.ids.update(self._database.rows(sql, json.dumps(missing)))

    def ids_of(self, keys: Sequence[str]) -> list[int]:
        """The ids of the keys; for a key that is new a node with only its key is added."""
        ids = self.ids
        try:
            return [*map(ids.__getitem__, keys)]
        except KeyError:
            self.look_up(keys)
            new = dict.fromkeys(key for key in keys if key not in ids)
            self._add([*new], [self.blank] * len(new))
            return [*map(ids.__getitem__, keys)]

    def merge(self, keys: Sequence[str], rows: Sequence[Row]) -> None:
        """Merges a row into each node, which is added if it is new; a 0 changes nothing."""
        self.look_up(keys)
        if self.ids.keys().isdisjoint(keys) and len({*keys}) == len(keys):
            self._add(keys, rows)
            return
        first, pending, blank = self._first, self._rows, self.blank
        for node, row in zip(self.ids_of(keys), rows, strict=True):
            # The usual case: the node was added as a stub, by a relationship to it.
            if node >= first and pending[node - first] is blank:
                pending[node - first] = row
            else:
                self._merge_row(node, row)

    def _add(self, keys: Sequence[str], rows: Sequence[Row]) -> None:
        """Adds new nodes; the first of them take the ids of removed nodes."""
        reused = min(len(self._free), len(keys))
        for key, row in zip(keys[:reused], rows[:reused], strict=True):
            node = self.ids[key] = self._free.pop()
            self._reused.append((node, key))
            self._merge_row(node, row)
        keys, rows = keys[reused:], rows[reused:]
        self.ids.update(zip(keys, count(self._first + len(self._keys)), strict=False))
        self._keys += keys
        self._rows += rows

    def _merge_row(self, node: int, row: Row) -> None:
        rows, place = self._place(node)
        before, after = rows[place], row
        if before != self.blank:
            after = tuple([new or old for new, old in zip(row, before, strict=True)])
        if after != before:
            rows[place] = after
            if node < self._first:
                self._changed.add(node >> BLOCK_BITS)

    def clear(self, nodes: Iterable[int]) -> None:
        """Empties the rows of nodes, which may be deleted."""
        for node in nodes:
            rows, place = self._place(node)
            rows[place] = self.blank
            self._changed.add(node >> BLOCK_BITS)
        self.ids.clear()

    def row(self, node: int) -> Row:
        """The numbers of the values of a node."""
        rows, place = self._place(node)
        return rows[place]

    def _place(self, node: int) -> tuple[list[Row], int]:
        """The rows in which the row of a node is, new ones or those of a block, and its place."""
        if node >= self._first:
            return self._rows, node - self._first
        return self._block(node >> BLOCK_BITS), node & BLOCK_MASK

    def _block(self, block: int) -> list[Row]:
        if block not in self._blocks:
            label = self._type.label
            columns = [Column(self._database, label, p)[block] for p in self._type.properties]
            # The column of an absent property is as long as a full block, the others as the nodes.
            rows: list[Row] = [*zip(*columns, strict=False)]
            self._blocks[block] = rows or [()] * (BLOCK_MASK + 1)
        return self._blocks[block]

    def flush(self) -> None:
        """Writes the new nodes and the blocks that changed."""
        numbered = [*self._reused, *enumerate(self._keys, self._first)]
        self._database.write(f"INSERT INTO {self._type.label} VALUES (?, ?)", numbered)
        self._reused = []
        self._fresh = self._fresh and not numbered
        self._database.index(self._type.label)
        self._move_to_blocks()
        for number in sorted(self._changed):
            self._write_block(number)
        self._changed = set()

    def _write_block(self, number: int) -> None:
        label = self._type.label
        columns = zip(*self._blocks[number], strict=True)
        named = zip([p.name for p in self._type.properties], columns, strict=False)
        rows = [(label, name, number, seal(pack(column))) for name, column in named if any(column)]
        sql = "DELETE FROM property WHERE label = ? AND block = ?"
        self._database.write(sql, [(label, number)])
        self._database.write("INSERT INTO property VALUES (?, ?, ?, ?)", rows)

    def _move_to_blocks(self) -> None:
        while self._rows:
            number, place = self._first >> BLOCK_BITS, self._first & BLOCK_MASK
            block = self._block(number) if place else self._blocks.setdefault(number, [])
            part = self._rows[: BLOCK_MASK + 1 - place]
            block[place : place + len(part)] = part
            self._changed.add(number)
            self._first += len(part)
            del self._rows[: len(part)]
        self._keys = []

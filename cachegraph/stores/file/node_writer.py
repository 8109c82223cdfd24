"""The texts and the nodes of a file store while it is written: gathered, then written in blocks."""

import json
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

from cachegraph.model.schema import Kind, NodeType
from cachegraph.stores.file.columns import BLOCK, WITHIN, Column, stored
from cachegraph.stores.file.database import GIVEN, Database
from cachegraph.stores.file.id_sets import pack, sealed

Row = tuple[int, ...]


class Texts(dict[str, int]):
    """Every text as a number, from 1; a text that has none gets one when it is looked up."""

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
        known = [] if self._fresh else self._database.rows(sql, text)
        if known:
            number = int(known[0][0])
        else:
            number, self._next = self._next, self._next + 1
            self._new.append((number, text))
        self[text] = number
        return number

    def text(self, number: int) -> str:
        """The text with a number."""
        if number not in self._texts:
            self.flush()
            sql = "SELECT value FROM text WHERE id = ?"
            self._texts[number] = str(self._database.rows(sql, number)[0][0])
        return self._texts[number]

    def flush(self) -> None:
        """Writes the texts that are new."""
        self._database.write("INSERT INTO text VALUES (?, ?)", self._new)
        self._new = []


class Encoded(dict[Any, int]):
    """The values of one kind, other than text, by the numbers of their texts."""

    def __init__(self, kind: Kind, texts: Texts) -> None:
        super().__init__()
        self._kind = kind
        self._texts = texts

    def __missing__(self, value: Any) -> int:
        number = self[value] = self._texts[stored(self._kind, value)]
        return number


class Digests(dict[str, int]):
    """Digests of sixteen hexadecimal digits are numbers themselves."""

    def __missing__(self, digest: str) -> int:
        return int(digest, 16)


class Table:
    """The nodes of one label: their ids by key, and a row of numbers for each."""

    def __init__(self, database: Database, type_: NodeType) -> None:
        self._database = database
        self._type = type_
        self.blank: Row = (0,) * len(type_.properties)
        self.ids: dict[str, int] = {}
        nodes, last = database.rows(f"SELECT count(*), coalesce(max(id), -1) FROM {type_.label}")[0]
        self._fresh = nodes == 0
        self._free = self._gaps(last) if nodes <= last else []
        self._reused: list[tuple[int, str]] = []
        # New nodes follow the last one there was: their keys and rows, until they are written.
        self._first: int = last + 1
        self._keys: list[str] = []
        self._rows: list[Row] = []
        self._blocks: dict[int, list[Row]] = {}
        self._changed: set[int] = set()

    def _gaps(self, last: int) -> list[int]:
        """Ids that removed nodes have left, to be used again: sets stay dense."""
        used = {row[0] for row in self._database.rows(f"SELECT id FROM {self._type.label}")}
        return sorted({*range(last)} - used, reverse=True)

    def look_up(self, keys: Iterable[str]) -> None:
        """Makes ``ids`` know those of the keys that the file has."""
        if self._fresh:
            return
        missing = [key for key in keys if key not in self.ids]
        if missing:
            sql = f"SELECT key, id FROM {self._type.label} WHERE key IN ({GIVEN})"
            self.ids.update(self._database.rows(sql, json.dumps(missing)))

    def ids_of(self, keys: Sequence[str]) -> list[int]:
        """The ids of the keys; a key not seen yet becomes a node that has only its key."""
        ids = self.ids
        try:
            return [*map(ids.__getitem__, keys)]
        except KeyError:
            self.look_up(keys)
            unseen = dict.fromkeys(key for key in keys if key not in ids)
            self._add([*unseen], [self.blank] * len(unseen))
            return [*map(ids.__getitem__, keys)]

    def put(self, keys: Sequence[str], rows: Sequence[Row]) -> None:
        """Sets the values of a row on each node; where it has 0 what is known stays."""
        self.look_up(keys)
        if self.ids.keys().isdisjoint(keys) and len({*keys}) == len(keys):
            self._add(keys, rows)
            return
        first, gathered, blank = self._first, self._rows, self.blank
        for node, row in zip(self.ids_of(keys), rows, strict=True):
            # Mostly a stub that came before its spec.
            if node >= first and gathered[node - first] is blank:
                gathered[node - first] = row
            else:
                self._set(node, row)

    def _add(self, keys: Sequence[str], rows: Sequence[Row]) -> None:
        """Adds nodes that are not there; the first ones where others have left."""
        reused = min(len(self._free), len(keys))
        for key, row in zip(keys[:reused], rows[:reused], strict=True):
            node = self.ids[key] = self._free.pop()
            self._reused.append((node, key))
            self._set(node, row)
        keys, rows = keys[reused:], rows[reused:]
        self.ids.update(zip(keys, count(self._first + len(self._keys)), strict=False))
        self._keys += keys
        self._rows += rows

    def _set(self, node: int, row: Row) -> None:
        rows, place = self._place(node)
        before = rows[place]
        after = row if before == self.blank else _merged(before, row)
        if after != before:
            rows[place] = after
            if node < self._first:
                self._changed.add(node >> BLOCK)

    def clear(self, nodes: Iterable[int]) -> None:
        """Forgets nodes that leave."""
        for node in nodes:
            rows, place = self._place(node)
            rows[place] = self.blank
            self._changed.add(node >> BLOCK)
        self.ids.clear()

    def row(self, node: int) -> Row:
        """The numbers of a node's values."""
        rows, place = self._place(node)
        return rows[place]

    def _place(self, node: int) -> tuple[list[Row], int]:
        """Where the row of a node is: among the new ones, or in a block."""
        if node >= self._first:
            return self._rows, node - self._first
        return self._block(node >> BLOCK), node & WITHIN

    def _block(self, block: int) -> list[Row]:
        if block not in self._blocks:
            columns = [
                Column(self._database, self._type.label, p)[block] for p in self._type.properties
            ]
            # A column without values is as long as a block; the others have all its nodes.
            rows: list[Row] = [*zip(*columns, strict=False)]
            self._blocks[block] = rows or [()] * (WITHIN + 1)
        return self._blocks[block]

    def flush(self) -> None:
        """Writes the nodes that are new and the blocks that changed."""
        numbered = [*self._reused, *enumerate(self._keys, self._first)]
        self._database.write(f"INSERT INTO {self._type.label} VALUES (?, ?)", numbered)
        self._reused = []
        self._fresh = self._fresh and not numbered
        self._database.index(self._type.label)
        self._append()
        for number in sorted(self._changed):
            columns = zip(*self._blocks[number], strict=True)
            self._database.write(
                "DELETE FROM property WHERE label = ? AND block = ?", [(self._type.label, number)]
            )
            self._database.write(
                "INSERT INTO property VALUES (?, ?, ?, ?)",
                [
                    (self._type.label, p.name, number, sealed(pack(column)))
                    for p, column in zip(self._type.properties, columns, strict=False)
                    if any(column)
                ],
            )
        self._changed = set()

    def _append(self) -> None:
        """Moves the rows of new nodes into blocks."""
        while self._rows:
            number, place = self._first >> BLOCK, self._first & WITHIN
            block = self._block(number) if place else self._blocks.setdefault(number, [])
            part = self._rows[: WITHIN + 1 - place]
            block[place : place + len(part)] = part
            self._changed.add(number)
            self._first += len(part)
            del self._rows[: len(part)]
        self._keys = []


def _merged(before: Row, row: Row) -> Row:
    """The values of the row, and where it has 0 what is known."""
    return tuple([new or old for new, old in zip(row, before, strict=True)])

"""Writes nodes of a file store: collects them in memory, then writes changed blocks."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import count, islice, repeat

from cachegraph.model.id_table import IdTable
from cachegraph.model.schema import NodeType
from cachegraph.stores.file.blocks import Blocks
from cachegraph.stores.file.columns import BLOCK_BITS, BLOCK_MASK, Column
from cachegraph.stores.file.key_writer import KeyWriter
from cachegraph.stores.file.packing import pack

Row = tuple[int, ...]
# The ids of this many nodes are in a dict: a million takes some 150 MB. All others are in a table,
# or in the file, where more are looked up at a time. Relationships among nodes take memory too.
_MOST_IDS = 1 << 18
_MOST_IDS_ALONE = 1 << 20
_MOST_FOUND = 1 << 20


class _Ids(dict[str, int]):
    """The ids of keys; of a key that is new the next id, and it is added to the new keys."""

    def __init__(self, first: int) -> None:
        super().__init__()
        self.first = first
        """The id of the first of the new keys."""
        self.new: list[str] = []
        """The keys of new nodes, by id, until they are written."""
        self.table: IdTable | None = None
        """The ids of keys that are not here, if these are many."""

    def __missing__(self, key: str) -> int:
        node = self.table.get(key) if self.table is not None else None
        if node is None:
            node = self.first + len(self.new)
            self.new.append(key)
        self[key] = node
        return node


class NodeWriter:
    """The nodes of one label in one transaction: their ids by key, and their rows of numbers."""

    def __init__(self, blocks: Blocks, type_: NodeType) -> None:
        self._blocks = blocks
        self._type = type_
        self._columns = [Column(blocks, type_.label, p) for p in type_.properties]
        self._keys = KeyWriter(blocks, type_.label)
        self.blank: Row = (0,) * len(type_.properties)
        # The rows of new nodes, until they are written; their ids begin at ``_first``.
        self._first = self._keys.keys.end()
        self.ids = _Ids(self._first)
        # Whether ``ids`` has all keys, together with the table if there is one: then the file, in
        # which to look up a key takes ten times as long, is not asked.
        self._has_all_ids = self._first == 0
        self._in_table = 0
        """The ids below it are in the table."""
        self._free = self._keys.free_ids() if self._keys.keys.count() < self._first else []
        self._reused: list[str] = []
        # What is not in the index: keys of reused ids, and those of the ids from ``_indexed`` on.
        self._not_in_index: list[str] = []
        self._indexed = self._first
        self._rows: list[Row] = []
        # Other rows that have changed: by block, and by their place in it.
        self._edited: dict[int, dict[int, Row]] = defaultdict(dict)
        self._edits = 0
        # Whether the nodes of this transaction are stubs, as most in an index first are: their
        # rows need not be read again.
        self._before = self._first
        self._is_stub = bytearray()

    def look_up(self, keys: Iterable[str]) -> None:
        """Reads the ids of the keys that are in the table, or in the file, into ``ids``."""
        if self.ids.table is not None:
            self.ids.update(self.ids.table.find(keys))
        if self._has_all_ids:
            return
        missing = [key for key in keys if key not in self.ids]
        found = dict(self._keys.keys.index.find_each(missing))
        with self._blocks.errors():
            if max(found.values(), default=-1) >= self._first:
                raise ValueError("a key has the number of a node that is not there")
        self.ids.update(found)

    def trim(self, *, related: bool) -> None:
        """Moves the ids to the table if they are many; fewer if nodes are related to each other."""
        table = self.ids.table
        most = _MOST_IDS if related or table is not None else _MOST_IDS_ALONE
        if len(self.ids) > most and self._has_all_ids:
            self._move_ids()

    def _move_ids(self) -> None:
        table = self.ids.table = self.ids.table or IdTable()
        known, end = self._in_table, self._first + len(self.ids.new)
        table.add((pair for pair in self.ids.items() if pair[1] >= known), end - known)
        self._in_table = end
        self.ids.clear()

    def settle(self) -> None:
        """Moves all ids to the table if it has some: what follows takes memory too."""
        if self.ids.table is not None:
            self._move_ids()

    def ids_of(self, keys: Sequence[str]) -> list[int]:
        """The ids of the keys; for a key that is new a node with only its key is added."""
        if not self._has_all_ids:
            self.look_up(keys)
        ids = self.ids
        if self._free:
            new = dict.fromkeys(key for key in keys if key not in ids)
            self._add([*new], [self.blank] * len(new))
        found = [*map(ids.__getitem__, keys)]
        if added := len(ids.new) - len(self._rows):
            self._rows += [self.blank] * added
            self._is_stub += b"\1" * added
        return found

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
                self._set_row(node, row)
            else:
                self._merge_row(node, row)

    def _add(self, keys: Sequence[str], rows: Sequence[Row]) -> None:
        """Adds new nodes; the first of them take the ids of removed nodes."""
        reused = min(len(self._free), len(keys))
        for key, row in zip(keys[:reused], rows[:reused], strict=True):
            node = self.ids[key] = self._free.pop()
            self._reused.append(key)
            self._merge_row(node, row)
        keys, rows = keys[reused:], rows[reused:]
        self.ids.update(zip(keys, count(self._first + len(self.ids.new)), strict=False))
        self.ids.new += keys
        self._rows += rows
        blank = self.blank
        self._is_stub += bytes([row is blank for row in rows])

    def _merge_row(self, node: int, row: Row) -> None:
        before, after = self.row(node), row
        if before != self.blank:
            after = tuple([new or old for new, old in zip(row, before, strict=True)])
        if after != before:
            self._set_row(node, after)

    def _set_row(self, node: int, row: Row) -> None:
        if node >= self._before:
            self._is_stub[node - self._before] = row is self.blank
        if node >= self._first:
            self._rows[node - self._first] = row
        else:
            self._edited[node >> BLOCK_BITS][node & BLOCK_MASK] = row
            self._edits += 1

    def remove(self, nodes: Iterable[int]) -> None:
        """Takes the keys and the rows of nodes away."""
        nodes = [*nodes]
        self._keys.remove(nodes)
        self.clear(nodes)

    def clear(self, nodes: Iterable[int]) -> None:
        """Empties the rows of nodes."""
        for node in nodes:
            self._set_row(node, self.blank)
        self.ids.clear()
        self._has_all_ids = False
        self.ids.table = None

    def row(self, node: int) -> Row:
        """The numbers of the values of a node."""
        if node >= self._first:
            return self._rows[node - self._first]
        if node >= self._before and self._is_stub[node - self._before]:
            return self.blank
        block, place = node >> BLOCK_BITS, node & BLOCK_MASK
        if block in self._edited and place in self._edited[block]:
            return self._edited[block][place]
        with self._blocks.errors():
            return tuple([column[block][place] for column in self._columns])

    @property
    def pending(self) -> int:
        """How many new and changed nodes are collected."""
        return len(self.ids.new) + self._edits

    def flush(self) -> None:
        """Writes the new nodes and the blocks that changed, and makes the keys known to readers."""
        self.write()
        self._write_index()

    def _write_index(self) -> None:
        if self._not_in_index:
            keys = self._not_in_index
            self._keys.add_to_index(keys, [*map(self.ids.__getitem__, keys)])
            self._not_in_index = []
        if self._has_all_ids and self.ids.table is None:  # in the order of the ids
            new = [*islice(self.ids, self._indexed, None)]
            self._keys.add_to_index(new, range(self._indexed, self._first))
        else:
            self._keys.add_ids_to_index(self._indexed, self._first)
        self._indexed = self._first

    def write(self) -> None:
        """Writes the new nodes and the blocks that changed."""
        new = self.ids.new
        if self._reused or new:
            self._keys.add(self.ids, self._reused, new, self._first)
            self._not_in_index += self._reused
            self._reused = []
        self._write_rows()
        for column in self._columns:
            column.clear()
        if len(self.ids) > _MOST_FOUND and not self._has_all_ids:
            self._write_index()
            self.ids.clear()

    def _write_rows(self) -> None:
        """Writes the blocks in which rows are new or have changed."""
        start, first = 0, self._first
        while start < len(self._rows):
            end = start + BLOCK_MASK + 1 - (first + start & BLOCK_MASK)
            number = first + start >> BLOCK_BITS
            self._write_block(number, self._edited.pop(number, {}), self._rows[start:end])
            start = end
        for number, edited in sorted(self._edited.items()):
            self._write_block(number, edited, [])
        self._first += len(self._rows)
        self.ids.first, self.ids.new = self._first, []
        self._rows, self._edits = [], 0
        self._edited.clear()

    def _write_block(self, number: int, edited: Mapping[int, Row], new: Sequence[Row]) -> None:
        """Writes a block of rows, of which some have changed and some are new, at its end."""
        size = max(0, min(self._first - (number << BLOCK_BITS), BLOCK_MASK + 1))
        added: Iterable[Sequence[int]] = zip(*new, strict=True) if new else repeat(())
        places, rows = edited.keys(), zip(*edited.values(), strict=True)
        changed: Iterable[Sequence[int]] = rows if edited else repeat(())
        for column, of_new, of_changed in zip(self._columns, added, changed, strict=False):
            numbers = [*column[number][:size]] if size else []
            for place, value in zip(places, of_changed, strict=True):
                numbers[place] = value
            numbers += of_new
            if any(numbers):
                self._blocks.write(column.area, [(number, size + len(new), pack(numbers))])
            else:
                self._blocks.delete(column.area, [number])
            # What was read of it: of all blocks together it may be as much as the file has.
            column.pop(number, None)

"""The graph in one SQLite file.

Nodes of each label are numbered from 0. A property is a column of text numbers, cut into blocks of
nodes. Relationships to one end are stored as the set of their starts; relationships within one
label, such as dependencies, as lists of neighbours. So a question reads a few blocks and sets,
however large the graph is, and an import writes few rows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from functools import reduce
from itertools import chain
from operator import or_
from typing import TYPE_CHECKING, Any

from cachegraph.model.schema import DIGEST, Kind, NodeType, RelationshipType
from cachegraph.stores.file.columns import Column, by_block
from cachegraph.stores.file.database import LIST_MEMBERS, VERSION, Database, Notify
from cachegraph.stores.file.id_sets import IdSet, decode, decode_union, intersects, members_in
from cachegraph.stores.file.texts import Texts

if TYPE_CHECKING:
    from cachegraph.model.elements import Element, Properties
    from cachegraph.stores import StoreFacts
    from cachegraph.stores.file.adjacency import Adjacency
    from cachegraph.stores.file.writer import FileWriter


class FileStore:
    """A store in one file, read as questions need it. A handle is a node's number."""

    def __init__(
        self, path: str, *, write: bool = False, wait: float = 0, notify: Notify = lambda _: None
    ) -> None:
        self.location = path
        self.database = Database(path, write=write)
        self._wait, self._notify = wait, notify
        self._columns: dict[tuple[str, str], Column] = {}
        self._adjacencies: dict[RelationshipType, Adjacency] = {}
        self._texts = Texts(self.database)
        self._writer: FileWriter | None = None

    # Reading

    def facts(self) -> "StoreFacts":
        from cachegraph.stores.disk_files import file_facts

        log = f"{self.location}-wal"
        return {**file_facts("file", self.location, [log]), "store_version": VERSION}

    def nodes(self, label: NodeType) -> IdSet:
        return IdSet([row[0] for row in self.rows(f"SELECT id FROM {label.label}")])

    def find(self, label: NodeType, key: str) -> int | None:
        rows = self.rows(f"SELECT id FROM {label.label} WHERE key = ?", key)
        return rows[0][0] if rows else None

    def keys(self, label: NodeType, prefix: str = "") -> list[str]:
        sql = f"SELECT key FROM {label.label} WHERE key >= ? AND key < ? ORDER BY key"
        return [row[0] for row in self.rows(sql, prefix, prefix + chr(0x10FFFF))]

    def starts_of(self, type_: RelationshipType, end: int) -> IdSet:
        if type_.same_label:
            return self.adjacency(type_).starts_of(end)
        sql = 'SELECT starts FROM relationship WHERE type = ? AND "end" = ?'
        rows = self.rows(sql, type_.name, end)
        with self.database.store_errors():
            return reduce(or_, (decode(starts) for (starts,) in rows)) if rows else IdSet()

    def ends_of(self, type_: RelationshipType, starts: Iterable[int]) -> IdSet:
        if type_.same_label:
            return self.adjacency(type_).ends_of(starts)
        wanted = IdSet(starts)
        rows = self.rows('SELECT "end", starts FROM relationship WHERE type = ?', type_.name)
        with self.database.store_errors():
            return IdSet([end for end, blob in rows if intersects(blob, wanted)])

    def breadth_first(
        self,
        type_: RelationshipType,
        starts: Iterable[int],
        *,
        reverse: bool = False,
        any_of: Sequence[str] = (),
    ) -> Iterator[Set[int]]:
        def matches(number: int) -> bool:
            return not {*any_of}.isdisjoint(self.relationship_values(type_, number)[0] or ())

        assert type_.same_label, "a breadth-first search stays within one label"
        adjacency = self.adjacency(type_)
        return adjacency.breadth_first(starts, matches if any_of else None, reverse=reverse)

    def starts_by_properties(
        self, type_: RelationshipType, end: int
    ) -> Iterator[tuple[tuple[Any, ...], IdSet]]:
        if type_.same_label:
            groups = self.adjacency(type_).starts_by_properties(end)
        else:
            sql = 'SELECT properties, starts FROM relationship WHERE type = ? AND "end" = ?'
            rows = self.rows(sql, type_.name, end)
            with self.database.store_errors():
                groups = iter([(number, decode(blob)) for number, blob in rows])
        for number, starts in groups:
            yield self.relationship_values(type_, number), starts

    def adjacent(
        self, type_: RelationshipType, starts: Iterable[int]
    ) -> Iterator[tuple[Sequence[int], Sequence[int]]]:
        if type_.same_label:
            return self.adjacency(type_).adjacent(starts)
        starts = [*starts]
        result: dict[int, tuple[list[int], list[int]]] = {start: ([], []) for start in starts}
        wanted = IdSet(starts)
        sql = 'SELECT "end", properties, starts FROM relationship WHERE type = ?'
        for end, number, blob in self.rows(sql, type_.name):
            with self.database.store_errors():
                common = members_in(blob, wanted)
            for start in common:
                result[start][0].append(end)
                result[start][1].append(number)
        return map(result.__getitem__, starts)

    def count(self, what: NodeType | RelationshipType) -> int:
        if isinstance(what, NodeType):
            return int(self.rows(f"SELECT count(*) FROM {what.label}")[0][0]) if self else 0
        if what.same_label:
            return self.adjacency(what).count()
        sql = "SELECT coalesce(sum(size), 0) FROM relationship WHERE type = ?"
        return int(self.rows(sql, what.name)[0][0]) if self else 0

    def has_values(self, label: NodeType, name: str) -> bool:
        sql = "SELECT 1 FROM property WHERE label = ? AND name = ? LIMIT 1"
        return bool(self and self.rows(sql, label.label, name))

    def values(
        self, label: NodeType, nodes: Iterable[int], names: Sequence[str]
    ) -> Iterator[tuple[Any, ...]]:
        nodes = [*nodes]
        kinds = {p.name: p.kind for p in label.properties}
        properties = [name for name in names if name in kinds]
        numbers = dict(zip(properties, self.tokens(label, nodes, properties), strict=True))
        texts = [column for name, column in numbers.items() if kinds[name] is not DIGEST]
        self._texts.read(set[int]().union(*texts))
        columns = [
            self._decode(kinds[name], numbers[name]) if name in kinds else self._keys(label, nodes)
            for name in names
        ]
        return zip(*columns, strict=True)

    def _keys(self, label: NodeType, nodes: list[int]) -> list[str]:
        least, most = min(nodes, default=0), max(nodes, default=-1)
        if most - least < 2 * len(nodes):
            # Usually nearly all keys: reading them in order is faster than looking up each.
            sql = f"SELECT key FROM {label.label} WHERE id BETWEEN ? AND ? ORDER BY id"
            ordered = [*chain.from_iterable(self.rows(sql, least, most))]
            if len(ordered) == most - least + 1:
                return [ordered[node - least] for node in nodes]
        sql = f"SELECT id, key FROM {label.label} WHERE id IN ({LIST_MEMBERS})"
        keys = dict(self.rows(sql, str(nodes)))
        in_order: list[Any] = [*map(keys.get, nodes)]
        self.database.require(None not in in_order)
        return in_order

    def _decode(self, kind: Kind, numbers: Sequence[int]) -> list[Any]:
        if kind is DIGEST:  # hardly any two are equal
            return [f"{number:016x}" if number else None for number in numbers]
        return self._texts.decode(kind, numbers)

    def tokens(
        self, label: NodeType, nodes: Iterable[int], names: Sequence[str]
    ) -> list[list[int]]:
        places = [*by_block([*nodes])] if names else []
        return [self._column(label, name).numbers_at(places) for name in names]

    def elements(self) -> Iterator["Element"]:
        from cachegraph.stores.file.all_elements import elements

        return elements(self)

    def relationship_values(self, type_: RelationshipType, token: int) -> tuple[Any, ...]:
        return self._texts.relationship_values(type_, token)

    def _column(self, label: NodeType, name: str) -> Column:
        key = label.label, name
        if key not in self._columns:
            property_ = next(p for p in label.properties if p.name == name)
            self._columns[key] = Column(self.database, label.label, property_)
        return self._columns[key]

    def adjacency(self, type_: RelationshipType) -> "Adjacency":
        """The relationships of a type within one label."""
        if type_ not in self._adjacencies:
            from cachegraph.stores.file.adjacency import Adjacency

            self._adjacencies[type_] = Adjacency(self.database, type_.name)
        return self._adjacencies[type_]

    def _clear_caches(self) -> None:
        """Drops what was read before a change."""
        self._columns.clear()
        self._adjacencies.clear()

    def rows(self, sql: str, *parameters: Any) -> list[Any]:
        """All rows of a statement; none if the file has no graph yet."""
        return self.database.rows(sql, *parameters) if self.database.has_tables else []

    def __bool__(self) -> bool:
        return self.database.has_tables

    # Writing

    @contextmanager
    def writing(self) -> Iterator[None]:
        from cachegraph.stores.file.writer import FileWriter

        with self.database.transaction(self._wait, self._notify):
            self._writer = FileWriter(self.database)
            try:
                yield
                self.flush()
            finally:
                self._writer = None
                self._clear_caches()
                self._texts.clear()

    @property
    def writer(self) -> "FileWriter":
        """The writer of the current transaction."""
        assert self._writer is not None, "changes need a transaction: with store.writing()"
        return self._writer

    def known(self, hashes: Iterable[str]) -> Mapping[str, "Properties"]:
        return self.writer.known(hashes)

    def load(self, elements: Iterable["Element"]) -> None:
        self.writer.load(elements)

    def flush(self) -> None:
        self.writer.flush()
        self._clear_caches()

    def starts_of_any(self, type_: RelationshipType, ends: Iterable[int]) -> IdSet:
        sql = f'SELECT starts FROM relationship WHERE type = ? AND "end" IN ({LIST_MEMBERS})'
        rows = self.rows(sql, type_.name, str([*ends]))
        with self.database.store_errors():
            return decode_union(starts for (starts,) in rows)

    def unreferenced(
        self, types: Sequence[RelationshipType], nodes: Iterable[int]
    ) -> Iterable[int]:
        remaining = {*nodes}
        for type_ in types:
            if type_.same_label:
                remaining = {node for node in remaining if not self.starts_of(type_, node)}
            elif remaining:
                sql = f'SELECT "end" FROM relationship WHERE type = ? AND "end" IN ({LIST_MEMBERS})'
                remaining -= {end for (end,) in self.rows(sql, type_.name, str([*remaining]))}
        return remaining

    def discard(self, type_: RelationshipType, starts: Iterable[int], end: int) -> None:
        self.writer.discard(type_, IdSet(starts), end)
        self._clear_caches()

    def clear(self, label: NodeType, nodes: Iterable[int]) -> None:
        self.writer.clear(label, nodes)
        self._clear_caches()

    def remove(self, label: NodeType, nodes: Iterable[int]) -> None:
        self.writer.remove(label, IdSet(nodes))
        self._clear_caches()

    def close(self) -> None:
        self.database.close()

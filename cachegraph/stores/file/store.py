"""The graph in one SQLite file.

Nodes of each label are numbered from 0. A property is a column of text numbers, cut into blocks of
nodes. Relationships to one end are stored as the set of their starts; relationships within one
label, such as dependencies, as lists of neighbours. So a question reads a few blocks and sets,
however large the graph is, and an import writes few rows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from cachegraph.model.graph import WholeColumn
from cachegraph.model.schema import NodeType, RelationshipType
from cachegraph.stores.file.blocks import Blocks
from cachegraph.stores.file.columns import Column, numbers_of, whole_column
from cachegraph.stores.file.database import Database, Notify
from cachegraph.stores.file.id_sets import IdSet
from cachegraph.stores.file.keys import Keys, id_limit, keys_area
from cachegraph.stores.file.start_sets import StartSets
from cachegraph.stores.file.texts import Texts

if TYPE_CHECKING:
    from threading import RLock

    from numpy import int64
    from numpy.typing import NDArray

    from cachegraph.model.elements import Element, Properties
    from cachegraph.stores import StoreFacts
    from cachegraph.stores.file.adjacency import Adjacency
    from cachegraph.stores.file.writer import FileWriter


class FileStore:
    """A store in one file, read as questions need it. A handle is a node's number."""

    database_type = Database

    def __init__(
        self, path: str, *, write: bool = False, wait: float = 0, notify: Notify = lambda _: None
    ) -> None:
        self.location = path
        self.database = self.database_type(path, write=write)
        self._wait, self._notify = wait, notify
        self.blocks = Blocks(self.database)
        self._columns: dict[tuple[str, str], Column] = {}
        self._adjacencies: dict[RelationshipType, Adjacency] = {}
        self._keys_of: dict[NodeType, Keys] = {}
        self._texts = Texts(self.blocks)
        self._writer: FileWriter | None = None
        self._in_use: RLock | None = None

    # Reading

    def facts(self) -> "StoreFacts":
        from cachegraph.stores.disk_files import file_facts

        log = f"{self.location}-wal"
        return {**file_facts("file", self.location, [log]), "store_version": self.database.version}

    def snapshot(self) -> AbstractContextManager[Any]:
        return self._in_use or nullcontext()  # a reading connection sees one state of the file

    def share(self) -> None:
        """Lets other threads close it: as soon as, and only if, nobody asks it a question."""
        from threading import RLock

        self._in_use = RLock()

    def check(self) -> None:
        self.blocks.check()

    def nodes(self, label: NodeType) -> IdSet:
        return self.keys_of(label).ids()

    def find(self, label: NodeType, key: str) -> int | None:
        return self.keys_of(label).index.find(key)

    def keys(self, label: NodeType, prefix: str = "") -> list[str]:
        return self.keys_of(label).index.beginning_with(prefix)

    def starts_of(self, type_: RelationshipType, end: int) -> IdSet:
        if type_.same_label:
            return self.adjacency(type_).starts_of(end)
        return self._sets(type_).to_any([end])

    def ends_of(self, type_: RelationshipType, starts: Iterable[int]) -> IdSet:
        if type_.same_label:
            return self.adjacency(type_).ends_of(starts)
        return self._sets(type_).ends_from(IdSet(starts))

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
            groups = iter(self._sets(type_).to(end))
        for number, starts in groups:
            yield self.relationship_values(type_, number), starts

    def adjacent(
        self, type_: RelationshipType, starts: Iterable[int]
    ) -> Iterator[tuple[Sequence[int], Sequence[int]]]:
        if type_.same_label:
            return self.adjacency(type_).adjacent(starts)
        starts = [*starts]
        result: dict[int, tuple[list[int], list[int]]] = {start: ([], []) for start in starts}
        for end, number, common in self._sets(type_).from_(IdSet(starts)):
            for start in common:
                result[start][0].append(end)
                result[start][1].append(number)
        return map(result.__getitem__, starts)

    def count(self, what: NodeType | RelationshipType) -> int:
        if isinstance(what, NodeType):
            return self.keys_of(what).count()
        return self.adjacency(what).count() if what.same_label else self._sets(what).count()

    def has_values(self, label: NodeType, name: str) -> bool:
        return bool(self.blocks.directory(self._column(label, name).area).numbers)

    def values(
        self, label: NodeType, nodes: Iterable[int], names: Sequence[str]
    ) -> Iterator[tuple[Any, ...]]:
        nodes = [*nodes]
        kinds = {p.name: p.kind for p in label.properties}
        properties = [name for name in names if name in kinds]
        numbers = dict(zip(properties, self.tokens(label, nodes, properties), strict=True))
        decode, keys_of = self._texts.decode, self.keys_of(label).of
        columns = [
            decode(kinds[name], numbers[name]) if name in kinds else keys_of(nodes)
            for name in names
        ]
        return zip(*columns, strict=True)

    def tokens(
        self, label: NodeType, nodes: Iterable[int], names: Sequence[str]
    ) -> list[list[int]]:
        columns = [self._column(label, name) for name in names]
        return numbers_of(columns, nodes.in_order() if isinstance(nodes, IdSet) else [*nodes])

    def whole_columns(self, label: NodeType, names: Sequence[str]) -> list[WholeColumn]:
        end, columns = self.keys_of(label).end(), [self._column(label, name) for name in names]
        return [(whole_column(one, end), self._texts.of_kind(one.kind)) for one in columns]

    def in_key_order(self, label: NodeType) -> tuple[list[str], list[int]]:
        return self.keys_of(label).index.all()

    def token_arrays(self, label: NodeType, names: Sequence[str]) -> "list[NDArray[Any]]":
        from cachegraph.stores.file.arrays import column_array

        limit = id_limit(self.blocks, keys_area(label.label))
        with self.blocks.errors():
            return [column_array(self._column(label, name), limit) for name in names]

    def adjacent_arrays(
        self, type_: RelationshipType
    ) -> "tuple[NDArray[int64], NDArray[int64], NDArray[int64]]":
        assert type_.same_label, "nodes of two labels have the same numbers"
        from cachegraph.stores.file.arrays import neighbour_arrays

        limit = id_limit(self.blocks, keys_area(type_.start.label))
        with self.blocks.errors():
            return neighbour_arrays(self.adjacency(type_).outgoing, limit)

    def elements(self) -> Iterator["Element"]:
        from cachegraph.stores.file.all_elements import elements

        return elements(self)

    def relationship_values(self, type_: RelationshipType, token: int) -> tuple[Any, ...]:
        return self._texts.relationship_values(type_, token)

    def _column(self, label: NodeType, name: str) -> Column:
        key = label.label, name
        if key not in self._columns:
            property_ = next(p for p in label.properties if p.name == name)
            self._columns[key] = Column(self.blocks, label.label, property_)
        return self._columns[key]

    def keys_of(self, label: NodeType) -> Keys:
        """The keys of the nodes of a label."""
        if label not in self._keys_of:
            self._keys_of[label] = Keys(self.blocks, label.label)
        return self._keys_of[label]

    def _sets(self, type_: RelationshipType) -> StartSets:
        return StartSets(self.blocks, type_)

    def adjacency(self, type_: RelationshipType) -> "Adjacency":
        """The relationships of a type within one label."""
        if type_ not in self._adjacencies:
            from cachegraph.stores.file.adjacency import Adjacency

            self._adjacencies[type_] = Adjacency(self.blocks, type_)
        return self._adjacencies[type_]

    def _clear_caches(self) -> None:
        """Drops what was read before a change."""
        self._columns.clear()
        self._adjacencies.clear()
        self._keys_of.clear()
        self._texts.clear()

    # Writing

    @contextmanager
    def writing(self) -> Iterator[None]:
        from cachegraph.stores.file.spans import write_spans
        from cachegraph.stores.file.writer import FileWriter

        with self.database.transaction(self._wait, self._notify):
            self.blocks.forget()
            self._writer = FileWriter(self.blocks)
            try:
                yield
                self.flush()
                write_spans(self.blocks)
                self.blocks.seal()
            finally:
                self._writer = None
                self._clear_caches()
                self.blocks.forget()

    @property
    def writer(self) -> "FileWriter":
        """The writer of the current transaction."""
        assert self._writer is not None, "changes need a transaction: with store.writing()"
        return self._writer

    def known(self, hashes: Iterable[str]) -> Mapping[str, "Properties"]:
        with self.blocks.errors():
            return self.writer.known(hashes)

    def load(self, elements: Iterable["Element"]) -> None:
        with self.blocks.errors():
            if self.writer.load(elements):
                self._clear_caches()

    def flush(self) -> None:
        with self.blocks.errors():
            self.writer.flush()
        self._clear_caches()

    def starts_of_any(self, type_: RelationshipType, ends: Iterable[int]) -> IdSet:
        return self._sets(type_).to_any(ends)

    def unreferenced(
        self, types: Sequence[RelationshipType], nodes: Iterable[int]
    ) -> Iterable[int]:
        remaining = {*nodes}
        for type_ in types:
            if type_.same_label:
                remaining = {node for node in remaining if not self.starts_of(type_, node)}
            else:
                remaining -= self._sets(type_).ends()
        return remaining

    def discard(self, type_: RelationshipType, starts: Iterable[int], end: int) -> None:
        with self.blocks.errors():
            self.writer.discard(type_, IdSet(starts), end)
        self._clear_caches()

    def clear(self, label: NodeType, nodes: Iterable[int]) -> None:
        with self.blocks.errors():
            self.writer.clear(label, nodes)
        self._clear_caches()

    def remove(self, label: NodeType, nodes: Iterable[int]) -> None:
        with self.blocks.errors():
            self.writer.remove(label, IdSet(nodes))
        self._clear_caches()

    def close(self) -> None:
        self.database.close()

    def close_if_idle(self) -> bool:
        """Closes the file unless another thread asks a question of it just now; whether it did."""
        assert self._in_use is not None, "a store that threads share"
        if is_idle := self._in_use.acquire(blocking=False):
            self.close()
            self._in_use.release()
        return is_idle

"""One transaction on a file store: elements are gathered in memory and written in few rows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, NamedTuple

from cachegraph.model.elements import Element, Nodes, Pairs, Properties, Relationships
from cachegraph.model.schema import (
    BOOLEAN,
    DIGEST,
    INTEGER,
    NODE_TYPES,
    RELATIONSHIP_TYPES,
    SPEC,
    STRINGS,
    Kind,
    NodeType,
    RelationshipType,
)
from cachegraph.stores.file.adjacency_writer import AdjacencyWriter
from cachegraph.stores.file.columns import decoded
from cachegraph.stores.file.database import Database
from cachegraph.stores.file.id_sets import IdSet, decode
from cachegraph.stores.file.node_writer import Digests, Encoded, Row, Table, Texts


class _Run(NamedTuple):
    """Starts of relationships to one end that came one after another with equal properties."""

    number: int
    starts: list[int]


class FileWriter:
    """Gathers what is loaded; nothing is in the file before ``flush``."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._texts = Texts(database)
        self._tables = {type_: Table(database, type_) for type_ in NODE_TYPES}
        self._starts: dict[tuple[RelationshipType, int], list[_Run]] = defaultdict(list)
        self._within = {
            type_: AdjacencyWriter(database, type_.name)
            for type_ in RELATIONSHIP_TYPES
            if type_.same_label
        }
        self._said: dict[tuple[Any, ...], int] = {}
        self._waiting = False
        if not database.rows("SELECT 1 FROM neighbours LIMIT 1"):
            for adjacency in self._within.values():
                adjacency.prepare()
        self._decoded: dict[Row, Properties] = {}
        encoded: dict[Kind, dict[Any, int]] = {
            kind: Encoded(kind, self._texts) for kind in (STRINGS, INTEGER, BOOLEAN)
        }
        encoded[DIGEST] = Digests()
        for numbers in (self._texts, *encoded.values()):
            numbers[None] = 0  # what is not known has no text
        # Of each label what gives the numbers of the values of its properties.
        self._numbers: dict[NodeType, list[dict[Any, int]]] = {
            type_: [encoded.get(p.kind, self._texts) for p in type_.properties]
            for type_ in NODE_TYPES
        }

    def known(self, hashes: Iterable[str]) -> Mapping[str, Properties]:
        """The properties of those of the specs that the store has; none for a stub."""
        table = self._tables[SPEC]
        hashes = [*hashes]
        table.look_up(hashes)
        ids = table.ids
        rows = ((key, table.row(ids[key])) for key in hashes if key in ids)
        return {key: self._properties(row) for key, row in rows if row != table.blank}

    def _properties(self, row: Row) -> Properties:
        if row not in self._decoded:
            self._decoded[row] = {
                p.name: decoded(p, number, self._texts.text)
                for p, number in zip(SPEC.properties, row, strict=True)
                if number
            }
        return self._decoded[row]

    def load(self, elements: Iterable[Element]) -> None:
        """Gathers the elements; nodes that only relationships name become stubs."""
        self._waiting = True
        for type_, several in groupby(elements, lambda element: element.type):
            if isinstance(type_, NodeType):
                self._put(type_, several)  # type: ignore[arg-type]  # nodes, as their type says
            else:
                for element in several:
                    self._relate(element)  # type: ignore[arg-type]  # and relationships

    def _put(self, type_: NodeType, several: Iterable[Nodes]) -> None:
        numbers, table = self._numbers[type_], self._tables[type_]
        keys: list[str] = []
        rows: list[Row] = []
        for _, some, values in several:
            row = [known[value] for known, value in zip(numbers, values, strict=False)]
            keys += some
            rows += [tuple(row) or table.blank] * len(some)
        table.put(keys, rows)

    def _relate(self, element: Relationships | Pairs) -> None:
        type_ = element.type
        number = self._number(type_, element.properties)
        starts = self._tables[type_.start].ids_of(element.starts)
        ends = element.ends if isinstance(element, Pairs) else [element.end]
        ends_ids = self._tables[type_.end].ids_of(ends)
        if type_.same_label:
            several = ends_ids if isinstance(element, Pairs) else ends_ids * len(starts)
            self._within[type_].add(starts, several, number)
        elif isinstance(element, Pairs):
            of_end: dict[int, list[int]] = defaultdict(list)
            for start, end in zip(starts, ends_ids, strict=True):
                of_end[end].append(start)
            for end, some in of_end.items():
                self._gather(type_, end, number, some)
        else:
            self._gather(type_, ends_ids[0], number, starts)

    def _number(self, type_: RelationshipType, properties: Properties) -> int:
        """The number of the text of a relationship's properties; 0 when it has none."""
        values = (type_, *[properties.get(p.name) for p in type_.properties])
        if values not in self._said:
            said = [
                None if value is None else p.kind.encode(value)
                for p, value in zip(type_.properties, values[1:], strict=True)
            ]
            known = said.count(None) < len(said)
            self._said[values] = self._texts[STRINGS.encode(said)] if known else 0
        return self._said[values]

    def _gather(self, type_: RelationshipType, end: int, number: int, starts: list[int]) -> None:
        runs = self._starts[type_, end]
        if runs and runs[-1].number == number:
            runs[-1].starts.extend(starts)
        else:
            runs.append(_Run(number, starts))

    def flush(self) -> None:
        """Writes what was gathered."""
        for table in self._tables.values():
            table.flush()
        fresh = not self._database.rows("SELECT 1 FROM relationship LIMIT 1")
        changed = []
        for (type_, end), runs in self._starts.items():
            sets = {} if fresh else self._sets(type_, end)
            for number, starts in runs:
                _join(sets, number, IdSet(starts))
            changed.append((type_, end, sets))
        self._store(changed)
        self._starts.clear()
        for adjacency in self._within.values():
            adjacency.flush()
        self._texts.flush()
        self._waiting = False

    def _sets(self, type_: RelationshipType, end: int) -> dict[int, IdSet]:
        sql = 'SELECT properties, starts FROM relationship WHERE type = ? AND "end" = ?'
        rows = self._database.rows(sql, type_.name, end)
        with self._database.explained():
            return {number: decode(blob) for number, blob in rows}

    def _store(self, changed: Iterable[tuple[RelationshipType, int, Mapping[int, IdSet]]]) -> None:
        rows = [
            (type_.name, end, number, len(ids), ids.encode())
            for type_, end, sets in changed
            for number, ids in sets.items()
        ]
        self._database.write("INSERT OR REPLACE INTO relationship VALUES (?, ?, ?, ?, ?)", rows)
        if any(not row[3] for row in rows):
            self._database.write("DELETE FROM relationship WHERE size = 0", [()])

    def discard(self, type_: RelationshipType, starts: IdSet, end: int) -> None:
        """Takes the relationships from these starts to the end out of the file."""
        if self._waiting:
            self.flush()
        if type_.same_label:
            self._within[type_].discard(starts, end)
            return
        sets = self._sets(type_, end)
        self._store([(type_, end, {number: ids - starts for number, ids in sets.items()})])

    def remove(self, label: NodeType, nodes: IdSet) -> None:
        """Takes nodes, and every relationship at them, out of the file."""
        if self._waiting:
            self.flush()
        for type_ in RELATIONSHIP_TYPES:
            if type_.same_label:
                if type_.end is label:
                    self._within[type_].remove(nodes)
                continue
            if type_.end is label:
                self._database.write(
                    'DELETE FROM relationship WHERE type = ? AND "end" = ?',
                    [(type_.name, node) for node in nodes],
                )
            if type_.start is label:
                sql = 'SELECT DISTINCT "end" FROM relationship WHERE type = ?'
                for (end,) in self._database.rows(sql, type_.name):
                    self.discard(type_, nodes, end)
        self._database.write(f"DELETE FROM {label.label} WHERE id = ?", [(node,) for node in nodes])
        self._tables[label].clear(nodes)
        self._tables[label].flush()


def _join(sets: dict[int, IdSet], number: int, starts: IdSet) -> None:
    """Adds starts with one set of properties: the first properties that are known stay."""
    if not sets:
        sets[number] = starts
        return
    said = IdSet()
    for other, ids in sets.items():
        if other:
            said |= ids
    new = starts - said
    if number:
        sets[0] = sets.get(0, IdSet()) - new
    else:
        new |= sets.get(0, IdSet())
    sets[number] = sets.get(number, IdSet()) | new

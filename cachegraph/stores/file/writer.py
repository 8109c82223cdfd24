"""Writes to a file store: collects elements in memory and writes them as few, long rows."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, groupby, repeat
from typing import Any

from cachegraph.model import schema
from cachegraph.model.elements import Element, Nodes, Pairs, Properties, Relationships
from cachegraph.model.kinds import BOOLEAN, DIGEST, INTEGER, STRINGS, Kind
from cachegraph.model.schema import RELATIONSHIP_TYPES, SPEC, NodeType, RelationshipType
from cachegraph.stores.file.adjacency_writer import AdjacencyWriter
from cachegraph.stores.file.blocks import Blocks
from cachegraph.stores.file.blocks import Row as BlockRow
from cachegraph.stores.file.columns import decode_value
from cachegraph.stores.file.id_sets import IdSet
from cachegraph.stores.file.node_writer import NodeWriter, Row
from cachegraph.stores.file.start_sets import StartSets, block_number
from cachegraph.stores.file.text_numbers import DigestNumbers, TextNumbers, ValueNumbers

_Run = tuple[int, "array[int]"]
"""The text number of the properties of consecutive relationships to one end, and their starts."""

# What is collected before it is written: a new node takes some hundred bytes, a dependency twelve,
# and twice that while it is written.
_MOST_NODES = 1 << 16
_MOST_STARTS = 1 << 21
_MOST_PAIRS = 1 << 20
_MOST_ROWS = 1 << 13
_AT_ONCE = 8 << 20  # bytes


class FileWriter:
    """What is written in one transaction; elements reach the file when ``flush`` is called."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._texts = TextNumbers(blocks)
        self._nodes = {type_: NodeWriter(blocks, type_) for type_ in schema.NODE_TYPES}
        self._starts: dict[tuple[RelationshipType, int], list[_Run]] = defaultdict(list)
        self._adjacencies = {
            type_: AdjacencyWriter(blocks, type_)
            for type_ in RELATIONSHIP_TYPES
            if type_.same_label
        }
        self._property_numbers: dict[tuple[Any, ...], int] = {}
        self._is_dirty = False
        self._pending_starts = 0
        self._properties_by_row: dict[Row, Properties] = {}
        by_kind: dict[Kind, dict[Any, int]] = {DIGEST: DigestNumbers()}
        for kind in (STRINGS, INTEGER, BOOLEAN):
            by_kind[kind] = ValueNumbers(kind, self._texts)
        for numbers in (self._texts, *by_kind.values()):
            numbers[None] = 0  # an absent value has no text
        # For each property of a label the numbers of its values.
        self._value_numbers: dict[NodeType, list[dict[Any, int]]] = {
            label: [by_kind.get(p.kind, self._texts) for p in label.properties]
            for label in schema.NODE_TYPES
        }

    def known(self, hashes: Iterable[str]) -> Mapping[str, Properties]:
        """The properties of the specs with these hashes; unknown ones and stubs are left out."""
        nodes = self._nodes[SPEC]
        hashes = [*hashes]
        nodes.look_up(hashes)
        ids = nodes.ids
        if ids.keys().isdisjoint(hashes):  # nearly always, and quicker to see than one by one
            return {}
        rows = ((key, nodes.row(ids[key])) for key in hashes if key in ids)
        return {key: self._properties(row) for key, row in rows if row != nodes.blank}

    def _properties(self, row: Row) -> Properties:
        if row not in self._properties_by_row:
            if len(self._properties_by_row) >= _MOST_ROWS:
                self._properties_by_row.clear()
            self._properties_by_row[row] = {
                p.name: decode_value(p.kind, number, self._texts.text)
                for p, number in zip(SPEC.properties, row, strict=True)
                if number
            }
        return self._properties_by_row[row]

    def load(self, elements: Iterable[Element]) -> bool:
        """Collects elements; nodes that only a relationship names become stubs.

        Whether they were so many that those collected were written.
        """
        self._is_dirty = True
        for type_, group in groupby(elements, lambda element: element.type):
            if isinstance(type_, NodeType):
                self._add_nodes(type_, group)  # type: ignore[arg-type]  # nodes, by their type
            else:
                for element in group:
                    self._add_relationships(element)  # type: ignore[arg-type]
        return self._write_much()

    def _write_much(self) -> bool:
        """Writes what takes much memory by now; whether that are nodes."""
        for adjacency in self._adjacencies.values():
            if adjacency.pending >= _MOST_PAIRS:
                adjacency.spill()
        self._nodes[SPEC].trim(related=self._adjacencies[schema.DEPENDS_ON].is_used)
        has_many_starts = self._pending_starts >= _MOST_STARTS
        is_full = has_many_starts or self._nodes[SPEC].pending >= _MOST_NODES
        if is_full:
            for nodes in self._nodes.values():
                nodes.write()
        # What was written of an end is read again with the next: all its starts have to be there.
        if has_many_starts:
            self._write_starts()
        return is_full

    def _add_nodes(self, type_: NodeType, group: Iterable[Nodes]) -> None:
        _, equal, values = zip(*group, strict=True)
        nodes = self._nodes[type_]
        columns = zip(self._value_numbers[type_], zip(*values, strict=True), strict=False)
        numbers = [map(numbers_of.__getitem__, column) for numbers_of, column in columns]
        rows = zip(*numbers, strict=True) if numbers else repeat(nodes.blank)
        repeated = map(repeat, rows, map(len, equal))
        nodes.merge([*chain.from_iterable(equal)], [*chain.from_iterable(repeated)])

    def _add_relationships(self, element: Relationships | Pairs) -> None:
        type_ = element.type
        number = self._number(type_, element.properties) if element.properties else 0
        starts = self._nodes[type_.start].ids_of(element.starts)
        end_keys = element.ends if isinstance(element, Pairs) else [element.end]
        ends = self._nodes[type_.end].ids_of(end_keys)
        if type_.same_label:
            all_ends = ends if isinstance(element, Pairs) else ends * len(starts)
            self._adjacencies[type_].add(starts, all_ends, number)
        elif isinstance(element, Relationships):
            self._add_run(type_, ends[0], number, starts)
        else:
            by_end: dict[int, list[int]] = defaultdict(list)
            for start, end in zip(starts, ends, strict=True):
                by_end[end].append(start)
            for end, its_starts in by_end.items():
                self._add_run(type_, end, number, its_starts)

    def _number(self, type_: RelationshipType, properties: Properties) -> int:
        """The text number of the properties of a relationship; 0 if it has none."""
        values = (type_, *[properties.get(p.name) for p in type_.properties])
        if values not in self._property_numbers:
            pairs = zip(type_.properties, values[1:], strict=True)
            texts = [None if value is None else p.kind.encode(value) for p, value in pairs]
            is_known = texts.count(None) < len(texts)
            self._property_numbers[values] = self._texts[STRINGS.encode(texts)] if is_known else 0
        return self._property_numbers[values]

    def _add_run(
        self, type_: RelationshipType, end: int, number: int, starts: Sequence[int]
    ) -> None:
        self._pending_starts += len(starts)
        runs = self._starts[type_, end]
        if not runs or runs[-1][0] != number:
            runs.append((number, array("I")))
        runs[-1][1].extend(starts)

    def flush(self) -> None:
        """Writes the collected elements, so that they can be read."""
        for nodes in self._nodes.values():
            nodes.write()
            nodes.settle()
        self._write_starts()
        for adjacency in self._adjacencies.values():
            adjacency.flush()
        for nodes in self._nodes.values():
            nodes.flush()
        self._texts.flush()
        self._is_dirty = False

    def _write_starts(self) -> None:
        """Writes the collected relationships to nodes of another label."""
        self._pending_starts = 0
        rows: dict[RelationshipType, list[BlockRow]] = defaultdict(list)
        sizes: dict[RelationshipType, int] = defaultdict(int)
        while self._starts:
            (type_, end), runs = self._starts.popitem()
            sets = self._read_sets(type_, end)
            for number, starts in _joined(runs):
                _merge_starts(sets, number, starts)
            new = _rows(end, sets)
            rows[type_] += new
            sizes[type_] += sum(len(data) for _, _, data in new)
            if sizes[type_] > _AT_ONCE:
                self._write_rows(type_, rows.pop(type_))
                del sizes[type_]
        for type_, of_type in rows.items():
            self._write_rows(type_, of_type)

    def _read_sets(self, type_: RelationshipType, end: int) -> dict[int, IdSet]:
        return dict(StartSets(self._blocks, type_).to(end))

    def discard(self, type_: RelationshipType, starts: IdSet, end: int) -> None:
        """Deletes the relationships from the starts to the end."""
        if self._is_dirty:
            self.flush()
        if type_.same_label:
            self._adjacencies[type_].discard(starts, end)
        else:
            self._discard(type_, starts, [end])

    def _discard(self, type_: RelationshipType, starts: IdSet, ends: Iterable[int]) -> None:
        rows: list[BlockRow] = []
        for end in ends:
            left = {number: ids - starts for number, ids in self._read_sets(type_, end).items()}
            rows += _rows(end, left)
        self._write_rows(type_, rows)

    def _write_rows(self, type_: RelationshipType, rows: list[BlockRow]) -> None:
        """Writes blocks of relationships; deletes those that have none."""
        self._blocks.write(type_.name, [row for row in rows if row[1]])
        self._blocks.delete(type_.name, [number for number, size, _ in rows if not size])

    def clear(self, label: NodeType, nodes: Iterable[int]) -> None:
        """Removes the properties of nodes."""
        if self._is_dirty:
            self.flush()
        self._nodes[label].clear(nodes)
        self._nodes[label].flush()

    def remove(self, label: NodeType, nodes: IdSet) -> None:
        """Deletes nodes, and every relationship at them."""
        if self._is_dirty:
            self.flush()
        for type_ in RELATIONSHIP_TYPES:
            if not type_.same_label:
                self._remove_sets(type_, label, nodes)
            elif type_.end is label:
                self._adjacencies[type_].remove(nodes)
        self._nodes[label].remove(nodes)
        self._nodes[label].flush()

    def _remove_sets(self, type_: RelationshipType, label: NodeType, nodes: IdSet) -> None:
        """Deletes the relationships of a type at nodes of a label."""
        sets = StartSets(self._blocks, type_)
        if type_.end is label:
            numbers = [number for node in nodes for number in sets.numbers(node)]
            self._blocks.delete(type_.name, numbers)
        if type_.start is label:
            self._discard(type_, nodes, sets.ends_from(nodes))


def _rows(end: int, sets: Mapping[int, IdSet]) -> list[BlockRow]:
    """The blocks of the relationships to one end, by the text numbers of their properties."""
    return [(block_number(end, number), len(ids), ids.encode()) for number, ids in sets.items()]


def _joined(runs: Sequence[_Run]) -> Iterable[tuple[int, IdSet]]:
    """The runs as one for each number, if no start is in runs of several numbers other than 0."""
    by_number: dict[int, array[int]] = {}
    for number, starts in runs:
        if number in by_number:
            by_number[number].extend(starts)
        else:
            by_number[number] = starts[:]
    joined = {number: IdSet(starts) for number, starts in by_number.items()}
    with_properties = [ids for number, ids in joined.items() if number]
    count = sum(map(len, with_properties))
    if len(with_properties) < 2 or count == len(IdSet(chain.from_iterable(with_properties))):  # noqa: PLR2004  # several
        return joined.items()
    return ((number, IdSet(starts)) for number, starts in runs)


def _merge_starts(sets: dict[int, IdSet], number: int, starts: IdSet) -> None:
    """Adds starts to the sets by property number; a start keeps the first properties known of it.

    The number 0 stands for starts without properties.
    """
    if not sets:
        sets[number] = starts
        return
    with_properties = IdSet()
    for other, ids in sets.items():
        if other:
            with_properties |= ids
    new = starts - with_properties
    if number:
        sets[0] = sets.get(0, IdSet()) - new
    else:
        new |= sets.get(0, IdSet())
    sets[number] = sets.get(number, IdSet()) | new

"""Reads the graph of a Neo4j database by the operations of ``SpecGraph``. A handle is a node's key.

Properties and relationships with properties are fetched as texts, which are tokens too. Within
``snapshot`` what was read of specs is kept.
"""

from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from functools import partial
from itertools import chain
from threading import local
from typing import Any

from cachegraph.errors import StoreError
from cachegraph.model.schema import DEPENDS_ON, IN_STACK, SPEC, NodeType, RelationshipType
from cachegraph.neo4j import statements
from cachegraph.neo4j.ahead import ahead
from cachegraph.neo4j.bolt import chunks, from_bolt
from cachegraph.neo4j.connection import Connection
from cachegraph.neo4j.kept import Kept
from cachegraph.neo4j.texts import (
    ABSENT,
    END,
    NEXT,
    NODE,
    are_whole,
    cut,
    token_of,
    value_of,
    values_of,
)

# Nodes that are read at once: of their relationships, where larger pages are not quicker, and of
# their properties, of which most travel once for all nodes of a page that have them in common.
_STARTS_AT_ONCE = 2_000
_NODES_AT_ONCE = 10_000
_COMMON = {
    "package",
    "version",
    "variants",
    "flags",
    "namespace",
    "package_hash",
    "provides",
    "specfile_version",
}
"""The properties of specs in which many of a package are equal."""


class GraphReader:
    """The graph that a connection leads to, to be read."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.location = connection.location
        self._local = local()
        self._uses: dict[tuple[RelationshipType, str], tuple[Any, ...]] = {}

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Keeps what this thread reads of specs.

        Others may change the server at any time, in any process.
        """
        if self._is_kept:
            yield
            return
        self._local.kept = {SPEC: Kept()}
        try:
            yield
        finally:
            del self._local.kept

    @property
    def _is_kept(self) -> bool:
        return hasattr(self._local, "kept")

    def _kept(self, label: NodeType) -> Kept:
        kept: dict[NodeType, Kept] = getattr(self._local, "kept", {})
        return kept.get(label) or Kept()

    def check(self) -> None:
        """Nothing to do: the server checks what it keeps."""

    def nodes(self, label: NodeType) -> Set[str]:
        return self._keys(statements.all_keys(label))

    def find(self, label: NodeType, key: str) -> str | None:
        rows = self.connection.rows(statements.existing_keys(label), {"keys": [key]})
        return rows[0][0] if rows else None

    def keys(self, label: NodeType, prefix: str = "") -> list[str]:
        return sorted(self._keys(statements.keys_with_prefix(label), {"prefix": prefix}))

    def starts_of(self, type_: RelationshipType, end: str) -> Set[str]:
        kept = self._kept(type_.start)
        if (type_, end) not in kept.sets:
            # What near-duplicates are found by comes along: it takes a tenth of asking for it.
            names = ("alike",) if type_ is IN_STACK and self._is_kept else ()
            pages = self.connection.rows(statements.starts_of(type_, *names), {"key": end})
            for keys, *columns in pages:
                texts = (_tokens(text.removesuffix(END) for text in column) for column in columns)
                kept.add(keys, dict(zip(names, texts, strict=True)))
            kept.sets[type_, end] = frozenset(chain.from_iterable(keys for keys, *_ in pages))
        return kept.sets[type_, end]

    def starts_of_any(self, type_: RelationshipType, ends: Iterable[str]) -> Set[str]:
        text = statements.starts_of_any(type_)
        return frozenset().union(*(self._keys(text, {"keys": keys}) for keys in chunks(ends)))

    def ends_of(self, type_: RelationshipType, starts: Iterable[str]) -> Set[str]:
        text = statements.ends_of(type_)
        return frozenset().union(*(self._keys(text, {"keys": keys}) for keys in chunks(starts)))

    def breadth_first(
        self,
        type_: RelationshipType,
        starts: Iterable[str],
        *,
        reverse: bool = False,
        any_of: Sequence[str] = (),
    ) -> Iterator[Set[str]]:
        text = statements.neighbours(type_, reverse=reverse)
        kept = self._kept(SPEC)
        is_kept = type_ is DEPENDS_ON and self._is_kept and not (reverse or any_of)
        level = {*starts}
        seen = {*level}
        while level:
            if is_kept:
                reached = kept.all_ends(self._read_ends(kept, type_, [*level]))
            else:
                parameters = ({"keys": keys, "any_of": [*any_of]} for keys in chunks(level))
                reached = {*chain.from_iterable(self._keys(text, each) for each in parameters)}
            level = reached - seen
            if level:
                seen |= level
                yield level

    def starts_by_properties(
        self, type_: RelationshipType, end: str
    ) -> Iterator[tuple[tuple[Any, ...], Set[str]]]:
        text = statements.starts_by_properties(type_)
        for *values, starts in self.connection.rows(text, {"key": end}):
            yield from_bolt(values), frozenset(starts)

    def adjacent(
        self, type_: RelationshipType, starts: Iterable[str]
    ) -> Iterator[tuple[list[str], list[str]]]:
        kept = self._kept(SPEC) if type_ is DEPENDS_ON else Kept()
        return map(kept.ends, self._read_ends(kept, type_, [*starts]))

    def _read_ends(self, kept: Kept, type_: RelationshipType, starts: list[str]) -> list[str]:
        """Reads the relationships from the starts that were not read; returns the starts."""
        whole: set[str] = set()
        unread = kept.unread_starts(starts)
        for keys, texts in self._texts(statements.adjacent_texts(type_), unread, _STARTS_AT_ONCE):
            rows = [row.split(NEXT) for text in texts for row in text.split(NODE)[1:]]
            found = [row[0] for row in rows]
            parts = [part.partition(END) for row in rows for part in row[1:]]
            uses = [part[2] for part in parts]
            new = {*uses}.difference(whole)
            whole.update(use for use in new if are_whole(use, type_.properties))
            if whole.issuperset(new) and _are_same(found, keys):
                counts = (len(row) - 1 for row in rows)
                kept.add_ends(found, counts, [part[0] for part in parts], uses)
            else:
                self._read_ends_verbatim(kept, type_, keys)
        return starts

    def _read_ends_verbatim(self, kept: Kept, type_: RelationshipType, starts: list[str]) -> None:
        """Reads relationships whose texts cannot be cut; a node that is not there has none."""
        found: dict[str, Any] = dict(
            self.connection.rows(statements.adjacent(type_), {"keys": starts})
        )
        for start in starts:
            rows: list[Any] = found.get(start) or []
            uses = [token_of(*from_bolt(row[1:])) for row in rows]
            kept.add_ends([start], [len(rows)], [row[0] for row in rows], uses)

    def _texts(
        self, text: str, keys: list[str], at_once: int
    ) -> Iterator[tuple[list[str], list[str]]]:
        """The lists that a statement finds for the keys, so many of these at once.

        The server finds the next while the program takes in one: both take as long.
        """
        pages = [*chunks(keys, at_once)]
        ask = partial(self.connection.rows, text)
        if len(pages) == 1 or self.connection.is_writing:
            found: Iterable[Any] = (ask({"keys": page}) for page in pages)
        else:
            found = ahead(ask, ({"keys": page} for page in pages))
        for page, ((texts,),) in zip(pages, found, strict=True):
            yield page, texts

    def relationship_values(self, type_: RelationshipType, token: str) -> tuple[Any, ...]:
        values = self._uses.get((type_, token))
        if values is None:
            values = self._uses[type_, token] = values_of(token, type_.properties)
        return values

    def count(self, what: NodeType | RelationshipType) -> int:
        return int(self.connection.rows(statements.count(what))[0][0])

    def has_values(self, label: NodeType, name: str) -> bool:
        return bool(self.connection.rows(statements.has_values(label, name))[0][0])

    def values(
        self, label: NodeType, nodes: Iterable[str], names: Sequence[str]
    ) -> Iterator[tuple[Any, ...]]:
        kinds = {p.name: p.kind for p in label.properties}
        columns: list[Iterable[Any]] = []
        for name, column in zip(names, self.tokens(label, nodes, names), strict=True):
            if kind := kinds.get(name):
                values = {text: value_of(text, kind) for text in {*column}}
                columns.append(map(values.__getitem__, column))
            else:
                columns.append(column)
        return zip(*columns, strict=True)

    def tokens(
        self, label: NodeType, nodes: Iterable[str], names: Sequence[str]
    ) -> list[list[str | None]]:
        kept, keys = self._kept(label), [*nodes]
        self._read(kept, label, keys, [name for name in names if name != label.key.name])
        columns = iter(kept.texts(keys, [name for name in names if name != label.key.name]))
        return [next(columns) if name != label.key.name else [*keys] for name in names]

    def _read(self, kept: Kept, label: NodeType, nodes: list[str], names: Sequence[str]) -> None:
        """Reads the properties of those of the nodes that were not read."""
        kinds = {p.name: p.kind for p in label.properties}
        common = tuple([name for name in names if name in _COMMON])
        own = tuple([name for name in names if name not in _COMMON])
        text = statements.value_texts(label, common, own)
        kinds_of = [[kinds[name] for name in some] for some in (common, own)]
        for keys, texts in self._texts(text, kept.unread(nodes, names), _NODES_AT_ONCE):
            found, *columns = cut(texts, *kinds_of) or [()]
            if _are_same(found, keys):
                tokens = zip(common + own, map(_tokens, columns), strict=True)
                kept.add(found, dict(tokens))
            else:
                self._read_verbatim(kept, label, keys, names)

    def _read_verbatim(
        self, kept: Kept, label: NodeType, keys: list[str], names: Sequence[str]
    ) -> None:
        """Reads properties of nodes whose texts cannot be cut."""
        rows = self.connection.rows(statements.values(label, tuple(names)), {"keys": keys})
        if len(rows) < len(keys):
            message = f"{self.location}: a {label.label} was deleted while it was read"
            raise StoreError(message, "ask again")
        for key, values in rows:
            tokens = ([_token(value)] for value in from_bolt(values))
            kept.add([key], dict(zip(names, tokens, strict=True)))

    def _keys(self, text: str, parameters: dict[str, Any] | None = None) -> frozenset[str]:
        return frozenset(
            chain.from_iterable(page for (page,) in self.connection.rows(text, parameters))
        )


def _are_same(found: Sequence[str], keys: Sequence[str]) -> bool:
    """Whether each of the keys was found once, and no other."""
    return len(found) == len(keys) and {*found} == {*keys}


def _tokens(texts: Iterable[str]) -> list[str | None]:
    """The texts of values; None for absent ones."""
    return [None if text == ABSENT else text for text in texts]


def _token(value: Any) -> str | None:
    """The token of the value of a property."""
    text = token_of(value)
    (found,) = _tokens([text if text.startswith(END) else text.removesuffix(END)])
    return found

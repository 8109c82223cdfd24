"""Blocks of neighbours in a file: what is read, what is written again, and damage."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cachegraph.errors import StoreError
from cachegraph.model.elements import Pairs
from cachegraph.model.graph import relationships
from cachegraph.model.schema import DEPENDS_ON, SPEC
from cachegraph.opening import open_store
from cachegraph.stores.file.adjacency import BLOCK_BITS, SIZES, Direction, decode, encode
from tests.conformance.test_relationships import CHAIN, named


def chain(path: Path) -> None:
    """A store in which every spec of a chain depends on the next."""
    with closing(open_store(path, write=True)) as store, store.writing():
        store.load([Pairs(DEPENDS_ON, CHAIN[:-1], CHAIN[1:], {"deptypes": ("link",)})])


def change(path: Path, sql: str, *parameters: Any) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(sql, parameters).fetchall()


def test_loading_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    everything = "SELECT * FROM neighbours ORDER BY type, direction, block"
    chain(path)
    before = change(path, everything)
    chain(path)
    assert change(path, everything) == before


def test_dependents_of_one_spec_are_in_one_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "graph.db"
    chain(path)
    read = []
    columns = Direction._columns

    def noted(direction: Direction, block: int) -> Any:
        read.append((direction.block_name(block), block))
        return columns(direction, block)

    monkeypatch.setattr(Direction, "_columns", noted)
    with closing(open_store(path)) as store:
        node = store.find(SPEC, CHAIN[700])
        assert named(store, SPEC, store.starts_of(DEPENDS_ON, node)) == {CHAIN[699]}
        assert isinstance(node, int)
        block = node >> BLOCK_BITS
        assert read == [(b"DEPENDS_ON 1 -1", SIZES), (f"DEPENDS_ON 1 {block}".encode(), block)]


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM neighbours WHERE block = 1",
        "DELETE FROM neighbours WHERE block = -1",
        "UPDATE neighbours SET data = x'00'",
        "UPDATE neighbours SET data = substr(data, 1, length(data) - 1)",
        "UPDATE neighbours SET data = (SELECT data FROM neighbours WHERE block = 2)",
    ],
)
def test_damaged_blocks_are_told(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "graph.db"
    chain(path)
    change(path, damage)
    for ask in (
        lambda store: store.ends_of(DEPENDS_ON, [300]),
        lambda store: store.starts_of(DEPENDS_ON, 300),
        lambda store: [*store.starts_by_properties(DEPENDS_ON, 300)],
        lambda store: [*relationships(store, DEPENDS_ON, [300])],
        lambda store: [*store.elements()],
    ):
        with (
            closing(open_store(path)) as store,
            pytest.raises(StoreError, match=r"graph\.db: is damaged"),
        ):
            ask(store)
    with (
        closing(open_store(path, write=True)) as store,
        pytest.raises(StoreError, match=r"graph\.db: is damaged"),
        store.writing(),
    ):
        store.load([Pairs(DEPENDS_ON, CHAIN[1:], CHAIN[:-1])])


def test_block_in_the_place_of_another() -> None:
    blob = encode(b"DEPENDS_ON 0 1", [1, 2], [70_000], [])
    assert [[*column] for column in decode(blob, b"DEPENDS_ON 0 1")] == [[1, 2], [70_000], []]
    with pytest.raises(ValueError, match="in the place of another"):
        decode(blob, b"DEPENDS_ON 0 2")

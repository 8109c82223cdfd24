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
from cachegraph.stores.file.adjacency import BLOCK_BITS
from cachegraph.stores.file.blocks import Blocks
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
    everything = "SELECT * FROM block ORDER BY area, number"
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
    read_block = Blocks._read

    def noted(blocks: Blocks, area: str, number: int, checksum: int) -> bytes:
        read.append((area, number))
        return read_block(blocks, area, number, checksum)

    monkeypatch.setattr(Blocks, "_read", noted)
    with closing(open_store(path)) as store:
        node = store.find(SPEC, CHAIN[700])
        read.clear()
        starts = store.starts_of(DEPENDS_ON, node)
        assert isinstance(node, int)
        assert read == [("DEPENDS_ON in", node >> BLOCK_BITS)]
        assert named(store, SPEC, starts) == {CHAIN[699]}


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM block WHERE number = 1",
        "DELETE FROM block WHERE number = -1",
        "DELETE FROM block WHERE area = ''",
        "DELETE FROM seal",
        "UPDATE seal SET checksum = checksum + 1",
        "INSERT INTO seal SELECT checksum FROM seal",
        "UPDATE block SET data = x'00'",
        "UPDATE block SET data = 'text'",
        "UPDATE block SET data = substr(data, 1, length(data) - 1)",
        "UPDATE block SET data = (SELECT data FROM block AS b"
        " WHERE b.area = block.area AND b.number = 2) WHERE number = 1",
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

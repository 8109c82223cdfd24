"""Keys of a file store: found by key, by prefix and by id, after any changes; and their log."""

import random
import threading
from contextlib import closing, suppress
from pathlib import Path

import pytest

import cachegraph
from cachegraph.model.elements import Nodes
from cachegraph.model.schema import SPEC, STACK
from cachegraph.opening import open_store
from cachegraph.stores import Store
from cachegraph.stores.file import database
from tests.support.corpus import spec, write_page

LETTERS = "ab\0\x1f\U0010ffff\ue000é"


def key(chance: random.Random) -> str:
    return "".join(chance.choices(LETTERS, k=chance.randrange(9)))


def agree(store: Store, expected: set[str], others: set[str]) -> None:
    """Everything that a store says of keys is what a set says of them."""
    assert store.keys(SPEC) == sorted(expected)
    assert store.count(SPEC) == len(expected)
    nodes = [*store.nodes(SPEC)]
    found = [row[0] for row in store.values(SPEC, nodes, ("hash",))]
    assert sorted(found) == sorted(expected)
    assert [store.find(SPEC, one) for one in found] == nodes
    assert all(store.find(SPEC, one) is None for one in others - expected)
    for prefix in ("", "a", "ab", "\0", "b\x1f", "é", "\U0010ffff", "z"):
        starting = sorted(one for one in expected if one.startswith(prefix))
        assert store.keys(SPEC, prefix) == starting


@pytest.mark.parametrize("seed", range(3))
def test_any_changes(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = tmp_path / "graph.db"
    expected: set[str] = set()
    ever: set[str] = set()
    for size in (5, 700, 40, 0, 900, 3):
        added = {key(chance) for _ in range(size)}
        gone = {*chance.sample(sorted(expected), len(expected) // chance.choice((1, 3, 50)))}
        with closing(open_store(path, write=True)) as store:
            with store.writing():
                store.remove(SPEC, [store.find(SPEC, one) for one in gone])
                store.load([Nodes(SPEC, [*added])])
                store.flush()
                store.load([Nodes(SPEC, [*added])])
            expected = expected - gone | added
            ever |= expected | gone
            agree(store, expected, ever)
        with closing(open_store(path)) as store:
            store.check()
            agree(store, expected, ever)


def test_what_a_failed_transaction_wrote_is_forgotten(tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "graph.db", write=True)) as store:
        with store.writing():
            store.load([Nodes(SPEC, ["a"])])
        with suppress(KeyError), store.writing():
            store.load([Nodes(SPEC, ["b"]), Nodes(STACK, ["r/s"])])
            store.flush()
            assert store.find(SPEC, "b") is not None
            raise KeyError
        agree(store, {"a"}, {"b"})
        assert store.count(STACK) == 0
        store.check()


def test_a_long_log_waits_for_readers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_LONG_LOG", 0)
    path = tmp_path / "graph.db"
    cachegraph.open(path).import_(write_page(tmp_path / "1", "zlib", [spec("a", "e4s")]))
    with cachegraph.open(path) as later, cachegraph.open(path) as reader:
        assert reader.stats()["nodes"]["Spec"] == 1
        leave = threading.Timer(0.3, reader.close)
        leave.start()
        cachegraph.open(path).import_(write_page(tmp_path / "2", "curl", [spec("c", "e4s")]))
        leave.join()
        assert later.stats()["nodes"]["Spec"] == 2
        assert (tmp_path / "graph.db-wal").stat().st_size == 0
    assert cachegraph.open(path).stats()["nodes"]["Spec"] == 2

"""What is written a little at a time is the same graph as what is written at once."""

import random
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from cachegraph.importing import loader
from cachegraph.model import id_table
from cachegraph.model.elements import Pairs
from cachegraph.model.schema import DEPENDS_ON, NODE_TYPES, RELATIONSHIP_TYPES, SPEC
from cachegraph.opening import open_store
from cachegraph.reading.discover import SAMPLE
from cachegraph.stores import Store
from cachegraph.stores.file import key_writer, node_writer, writer
from tests.support.corpus import index, needs, node, write

# What is done when there is little: each alone, while the others wait for much; or all together.
LITTLE = {
    "nodes": [(writer, "_MOST_NODES", 1)],
    "starts": [(writer, "_MOST_STARTS", 1)],
    "pairs": [(writer, "_MOST_PAIRS", 1)],
    "ids": [(node_writer, "_MOST_IDS", 3), (id_table, "_LEAST", 2)],
    "ids alone": [(node_writer, "_MOST_IDS_ALONE", 5), (id_table, "_LEAST", 2)],
    "found": [(node_writer, "_MOST_FOUND", 3), (writer, "_MOST_NODES", 1)],
    "keys": [(key_writer, "_KEYS_AT_ONCE", 7)],
}


@pytest.fixture(params=[*LITTLE, "all"])
def little(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    some = [*chain(*LITTLE.values())] if request.param == "all" else LITTLE[request.param]
    for module, name, value in some:
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(writer, "_AT_ONCE", 1)
    monkeypatch.setattr(loader, "_BATCH_SIZE", 10)


def contents(store: Store) -> dict[str, object]:
    """All nodes with their properties, and all relationships, by the keys of their ends."""
    found: dict[str, object] = {}
    keys = {}
    for label in NODE_TYPES:
        nodes = [*store.nodes(label)]
        names = [label.key.name, *(p.name for p in label.properties if p.name != "imported_at")]
        rows = [*store.values(label, nodes, names)]
        keys[label] = {one: row[0] for one, row in zip(nodes, rows, strict=True)}
        found[label.label] = sorted(rows, key=str)
        assert [store.find(label, row[0]) for row in rows] == nodes
    for type_ in RELATIONSHIP_TYPES:
        starts = [*store.nodes(type_.start)]
        found[type_.name] = sorted(
            (
                keys[type_.start][start],
                keys[type_.end][end],
                store.relationship_values(type_, one),
            )
            for start, (ends, tokens) in zip(starts, store.adjacent(type_, starts), strict=True)
            for end, one in zip(ends, tokens, strict=True)
        )
    return found


def made_up(folder: Path) -> list[Path]:
    """Two indexes that share specs, with dependencies at random, and the pages of the sample."""
    chance = random.Random(5)
    nodes: list[dict[str, object]] = []
    for number in range(60):
        below = chance.sample(nodes, min(number, chance.randrange(5)))
        dependencies = [needs(one, chance.choice(["build", "link", "run"])) for one in below]
        more: dict[str, Any] = {"dependencies": dependencies} if dependencies else {}
        nodes.append(node(f"package{number}", **more))
    chance.shuffle(nodes)
    paths = [folder / "a" / "index.json", folder / "b" / "index.json"]
    write(paths[0], index(*nodes[:40]))
    write(paths[1], index(*nodes[20:]))
    return [*paths, SAMPLE]


def imported(path: Path, locations: list[Path]) -> tuple[dict[str, object], object]:
    with cachegraph.open(path) as graph:
        first = graph.import_(*locations[:2])
        again = graph.import_(*locations[1:])
        counts = [vars(one) | {"sources": None} for one in (first, again)]
    with closing(open_store(path)) as store:
        store.check()
        return contents(store), counts


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], object]:
    """Documents, and what is imported of them when nothing is written before the end."""
    folder = tmp_path_factory.mktemp("made-up")
    locations = made_up(folder)
    expected = imported(folder / "at-once.db", locations)
    in_memory = cachegraph.open(":memory:")
    in_memory.import_(*locations)
    assert contents(in_memory.store)["DEPENDS_ON"] == expected[0]["DEPENDS_ON"]
    return locations, expected


def test_the_same_graph(at_once: tuple[list[Path], object], little: None, tmp_path: Path) -> None:
    locations, expected = at_once
    assert imported(tmp_path / "little.db", locations) == expected


def test_the_first_properties_stay(tmp_path: Path, little: None) -> None:
    path = tmp_path / "graph.db"
    with closing(open_store(path, write=True)) as store, store.writing():
        for properties in ({}, {"deptypes": ("link",)}, {"deptypes": ("run",)}):
            store.load([Pairs(DEPENDS_ON, ["a", "b"], ["b", "c"], properties)])
    with closing(open_store(path)) as store:
        (found,) = store.starts_by_properties(DEPENDS_ON, store.find(SPEC, "c"))
        assert found[0] == (("link",), None)
        assert store.count(DEPENDS_ON) == 2

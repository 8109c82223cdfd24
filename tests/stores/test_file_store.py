"""What a file promises: all of an import or nothing, one writer, and clear words when it is bad."""

import json
import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from cachegraph.model.elements import Nodes, Pairs
from cachegraph.model.graph import relationships
from cachegraph.model.schema import BUILT_AS, DEPENDS_ON, SPEC
from cachegraph.opening import open_store
from cachegraph.stores import Store
from cachegraph.stores.file.id_sets import IdSet, decode, intersects
from tests.support.corpus import spec, write_page
from tests.support.realfiles import DATA
from tests.support.sample import PAGES


def command(store: Path, *words: str, **more: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "cachegraph", *words, "--store", str(store)],
        capture_output=True,
        text=True,
        check=False,
        **more,
    )


def contents(store: Path) -> Any:
    """All that a store holds; nothing for one that is not there or has no graph yet."""
    try:
        with cachegraph.open(store) as graph:
            copy = graph.networkx()
    except cachegraph.StoreError as error:
        if not error.message.startswith("no store at"):
            raise
        return set()
    nodes = {(name, json.dumps(data, sort_keys=True)) for name, data in copy.nodes(data=True)}
    return nodes | set(copy.edges(keys=True))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of 300 pages and 3,000 specs."""
    folder = tmp_path_factory.mktemp("site")
    letters = "abcdefghijklmnop"
    for number in range(300):
        name = "".join(letters[int(digit)] for digit in f"{number:03}")
        specs = [spec(f"{name}{letters[k]}", "e4s", versions=[f"{k}"]) for k in range(10)]
        write_page(folder, f"package-{number}", specs)
    return folder


# An import that says when so many pages have been read, and goes on when its standard input ends.
# With "none" it says so when all are loaded, and goes on at once to what is left to do.
STOPPING = """
import sys
import cachegraph

site, store, pages = sys.argv[1:]

def progress(items, _):
    for number, item in enumerate(items):
        if str(number) == pages:
            print("there", flush=True)
            sys.stdin.read()
        yield item
    print("there", flush=True)

cachegraph.open(store).import_(site, progress=progress)
"""


@pytest.mark.slow
@pytest.mark.parametrize("pages", ["0", "150", "299", "none"])
@pytest.mark.parametrize("before", [None, PAGES], ids=["new-store", "store-with-a-graph"])
def test_killed_at_any_moment_the_store_is_as_before(
    tmp_path: Path, site: Path, before: Path | None, pages: str
) -> None:
    store = tmp_path / "graph.db"
    if before:
        cachegraph.open(store).import_(before)
    was = contents(store)
    pipe = subprocess.PIPE
    words = [sys.executable, "-c", STOPPING, str(site), str(store), pages]
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "there\n"
        process.kill()
    found = contents(store)
    # When it was killed at the very end, it may be done.
    assert found == was or pages == "none"
    # Nothing that the killed one has left is in the way of the next import.
    cachegraph.open(store).import_(site)
    complete = contents(store)
    assert len(complete) > len(was) + 3000
    assert found == was or len(found) == len(complete)


def during(act: Callable[[], None]) -> Any:
    """A progress bar that acts when the last document has been loaded."""

    def progress(items: Any, _: int) -> Iterator[Any]:
        yield from items
        act()

    return progress


def test_reader_beside_an_import_sees_the_graph_of_before(tmp_path: Path, site: Path) -> None:
    store = tmp_path / "graph.db"
    cachegraph.open(store).import_(PAGES)
    seen = []

    def look() -> None:
        with cachegraph.open(store) as reader:
            seen.append(reader.stats()["nodes"]["Spec"])

    cachegraph.open(store).import_(site, progress=during(look))
    look()
    assert seen == [390, 3390]


def test_reader_that_was_there_keeps_its_view(tmp_path: Path) -> None:
    store = tmp_path / "graph.db"
    cachegraph.open(store).import_(write_page(tmp_path / "1", "zlib", [spec("a", "e4s")]))
    with cachegraph.open(store) as reader:
        assert reader.stats()["nodes"]["Spec"] == 1
        cachegraph.open(store).import_(write_page(tmp_path / "2", "curl", [spec("c", "e4s")]))
        assert len(reader.show("zlib")["specs"]) == 1
        assert reader.stats()["nodes"]["Spec"] == 1
    assert cachegraph.open(store).stats()["nodes"]["Spec"] == 2


def test_second_import_says_that_the_store_is_held(tmp_path: Path) -> None:
    store = tmp_path / "graph.db"
    told: list[str] = []
    errors: list[cachegraph.StoreError] = []

    def second() -> None:
        try:
            cachegraph.open(store).import_(PAGES, wait=0.1, notify=told.append)
        except cachegraph.StoreError as error:
            errors.append(error)

    cachegraph.open(store).import_(PAGES, progress=during(second))
    assert told == [f"waiting for another process that writes to {store}"]
    assert errors[0].message == f"{store} is held by another process; waited 0.1 s for it"
    assert errors[0].hint == "try again when it is done, or wait longer with --wait"
    assert {path.name for path in tmp_path.iterdir()} <= {
        "graph.db",
        "graph.db-wal",
        "graph.db-shm",
    }


def test_second_import_goes_on_when_the_first_is_done(tmp_path: Path) -> None:
    store = tmp_path / "graph.db"
    page = write_page(tmp_path, "zlib", [spec("a", "e4s")])
    waiting = threading.Event()
    second = threading.Thread(
        target=lambda: cachegraph.open(store).import_(
            page, wait=600, notify=lambda _: waiting.set()
        )
    )

    def meanwhile() -> None:
        second.start()
        assert waiting.wait(600)

    cachegraph.open(store).import_(PAGES, progress=during(meanwhile))
    second.join()
    assert cachegraph.open(store).stats()["nodes"]["Spec"] == 391


def test_no_store(tmp_path: Path) -> None:
    with pytest.raises(cachegraph.StoreError, match="no store at") as caught:
        cachegraph.open(tmp_path / "graph.db").stats()
    assert caught.value.hint == "make one: cachegraph import --sample"
    assert not (tmp_path / "graph.db").exists()


@pytest.mark.parametrize("write", [False, True])
def test_a_folder_is_no_store(tmp_path: Path, write: bool) -> None:
    with pytest.raises(cachegraph.StoreError) as caught:
        open_store(tmp_path, write=write)
    assert str(caught.value) == f"{tmp_path} is a folder, and a store is one file"


@pytest.mark.parametrize("address", ["http://example.org/graph.db", "s3://bucket/x.graphml"])
def test_an_address_is_no_store(address: str) -> None:
    with pytest.raises(cachegraph.StoreError) as caught:
        cachegraph.open(address).stats()
    kinds = (
        "a file, a Neo4j server as in neo4j://localhost, an exported .graphml, "
        "or a folder of Parquet"
    )
    assert str(caught.value) == f"{address}: not a store, which is {kinds}"
    assert "cachegraph import" in (caught.value.hint or "")


def empty(store: Path) -> None:
    store.touch()


def without_tables(store: Path) -> None:
    """What an import leaves that is killed when it has written nothing but the journal mode."""
    change(store, "PRAGMA journal_mode = WAL")


@pytest.mark.parametrize("leave", [empty, without_tables])
def test_file_without_a_graph_is_no_store(tmp_path: Path, leave: Callable[[Path], None]) -> None:
    store = tmp_path / "graph.db"
    leave(store)
    with pytest.raises(cachegraph.StoreError, match="no store at") as caught:
        cachegraph.open(store).stats()
    assert caught.value.hint == "make one: cachegraph import --sample"
    assert cachegraph.open(store).import_(PAGES).specs == 390
    assert cachegraph.open(store).stats()["nodes"]["Spec"] == 390


def test_store_that_has_lost_its_tables_is_not_empty(tmp_path: Path) -> None:
    store = tmp_path / "graph.db"
    cachegraph.open(store).import_(PAGES)
    data = bytearray(store.read_bytes())
    data[103:105] = bytes(2)  # how many tables and indexes the first page lists
    for mark in (bytes(data[68:72]), bytes(4)):
        data[68:72] = mark
        store.write_bytes(data)
        with pytest.raises(cachegraph.StoreError, match=r"other tables|another program"):
            cachegraph.open(store).stats()
        with pytest.raises(cachegraph.StoreError, match=r"other tables|another program"):
            cachegraph.open(store).import_(PAGES)


def change(store: Path, sql: str) -> None:
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute(sql)


def test_newer_store(tmp_path: Path) -> None:
    store = tmp_path / "graph.db"
    cachegraph.open(store).import_(PAGES)
    change(store, "PRAGMA user_version = 99")
    before = store.read_bytes()
    for act in (
        lambda: cachegraph.open(store).stats(),
        lambda: cachegraph.open(store).import_(PAGES),
    ):
        with pytest.raises(cachegraph.StoreError, match="newer cachegraph: store version 99"):
            act()
    assert store.read_bytes() == before


def test_store_too_old(tmp_path: Path) -> None:
    store = tmp_path / "graph.db"
    cachegraph.open(store).import_(PAGES)
    change(store, "PRAGMA user_version = 1")
    before = store.read_bytes()
    graph = cachegraph.open(store)
    for act in (graph.stats, lambda: graph.import_(PAGES), graph.upgrade):
        with pytest.raises(cachegraph.StoreError, match="written by an older cachegraph") as caught:
            act()
        assert caught.value.hint == "import again into a new file"
    assert store.read_bytes() == before


def test_database_of_something_else(tmp_path: Path) -> None:
    store = tmp_path / "other.db"
    change(store, "CREATE TABLE diary (day, entry)")
    before = store.read_bytes()
    for act in (
        lambda: cachegraph.open(store).stats(),
        lambda: cachegraph.open(store).import_(PAGES),
    ):
        with pytest.raises(cachegraph.StoreError, match="a database of another program"):
            act()
    assert store.read_bytes() == before


def test_file_that_is_no_database(tmp_path: Path) -> None:
    store = tmp_path / "notes.txt"
    store.write_text("remember the milk\n" * 100)
    before = store.read_bytes()
    for act in (
        lambda: cachegraph.open(store).stats(),
        lambda: cachegraph.open(store).import_(PAGES),
    ):
        with pytest.raises(cachegraph.StoreError, match="not a store of cachegraph"):
            act()
    assert store.read_bytes() == before


@pytest.mark.slow
def test_damaged_file_gives_right_answers_or_a_clear_error(tmp_path: Path) -> None:
    store = tmp_path / "graph.db"
    with cachegraph.open(store) as graph:
        graph.import_(PAGES)
    depend(store)
    with cachegraph.open(store) as graph:
        right = [*answers(graph)]
    whole = store.read_bytes()
    refused = []
    random_ = random.Random(3)
    for place in range(100, len(whole), 2999 if DATA else 4999):
        damaged = bytearray(whole)
        damaged[place : place + 60] = random_.randbytes(60)
        store.write_bytes(damaged)
        try:
            with cachegraph.open(store) as graph:
                found = [*answers(graph)]
        except cachegraph.CacheGraphError as error:
            refused.append(error.message)
        else:
            assert found == right
    assert len(refused) > 3
    assert all(message.startswith((str(store), "no ")) for message in refused)


def depend(path: Path) -> None:
    """Makes the specs of a store depend on one another, and one be built as another."""
    numbers = random.Random(5)
    with closing(open_store(path, write=True)) as store, store.writing():
        hashes = store.keys(SPEC)
        for types in (("build",), ("link", "run"), ("build", "link")):
            starts, ends = numbers.choices(hashes, k=900), numbers.choices(hashes, k=900)
            store.load([Pairs(DEPENDS_ON, starts, ends, {"deptypes": types})])
        store.load([Pairs(BUILT_AS, hashes[:9], hashes[9:18])])


def answers(graph: cachegraph.Graph) -> Iterator[Any]:
    yield from dependencies(graph.store)
    yield graph.stats()
    yield graph.stacks()
    yield graph.overlap("e4s", "ml-linux-x86_64-cpu")
    yield graph.matrix(level="spec")


def dependencies(store: Store) -> Iterator[Any]:
    """What a store says of dependencies, asked in every way."""
    for type_ in (DEPENDS_ON, BUILT_AS):
        yield store.count(type_)
        yield sorted(relationships(store, type_, store.nodes(SPEC)))
        for node in range(0, 390, 13):
            yield {*store.ends_of(type_, [node])}
            yield {*store.starts_of(type_, node)}
            yield sorted(
                (said, sorted(starts)) for said, starts in store.starts_by_properties(type_, node)
            )
        pairs = (element for element in store.elements() if element.type is type_)
        yield sorted(repr(element) for element in pairs)


@pytest.mark.parametrize("allowed", [60_000, 150_000, 300_000])
def test_disk_that_is_full(tmp_path: Path, site: Path, allowed: int) -> None:
    """A limit on the size of files stands in for the disk: every write beyond it fails."""
    store = tmp_path / "graph.db"
    cachegraph.open(store).import_(write_page(tmp_path, "zlib", [spec("za", "e4s")]))
    before = contents(store)
    limited = (
        "import resource, sys; from cachegraph.__main__ import main;"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({allowed}, {allowed}));"
        f"sys.argv[1:] = ['import', {str(site)!r}, '--store', {str(store)!r}]; main()"
    )
    found = subprocess.run(
        [sys.executable, "-c", limited], capture_output=True, text=True, check=False
    )
    assert found.returncode == 2, found
    assert found.stderr.startswith(f"Error: {store}: cannot be read or written")
    assert "the store is as it was" in found.stderr
    assert contents(store) == before


def test_full_database_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cachegraph.stores.file import database

    connect = database._connect

    def small(path: str, *, write: bool) -> sqlite3.Connection:
        connection = connect(path, write=write)
        connection.execute("PRAGMA max_page_count = 6")
        return connection

    monkeypatch.setattr(database, "_connect", small)
    store = tmp_path / "graph.db"
    with pytest.raises(cachegraph.StoreError, match="the disk is full"):
        cachegraph.open(store).import_(PAGES)
    assert contents(store) == set()


@pytest.mark.parametrize("store", ["/dev/null/graph.db", "/proc/graph.db"])
def test_folder_that_cannot_be_written(store: str) -> None:
    with pytest.raises(cachegraph.StoreError, match=r"graph\.db") as caught:
        cachegraph.open(store).import_(PAGES)
    assert caught.value.hint


@pytest.mark.parametrize("gone", [[], [0], [7], [3, 4, 9]])
def test_keys_of_nodes_among_which_others_are_gone(tmp_path: Path, gone: list[int]) -> None:
    keys = [f"k{number:031d}" for number in range(10)]
    with closing(open_store(tmp_path / "graph.db", write=True)) as store:
        with store.writing():
            store.load([Nodes(SPEC, keys)])
        with store.writing():
            store.remove(SPEC, [store.find(SPEC, keys[place]) for place in gone])
        left = [key for place, key in enumerate(keys) if place not in gone]
        nodes = [store.find(SPEC, key) for key in left]
        for some in (slice(None), slice(None, None, -1), slice(2, 4), slice(0)):
            assert [*store.values(SPEC, nodes[some], ("hash",))] == [(key,) for key in left[some]]


@pytest.mark.parametrize("ids", [[], [0], [5, 3, 3], [7, 8, 9], [*range(5000)], [1, 10**6]])
def test_sets_of_ids(ids: list[int]) -> None:
    made = IdSet(ids)
    for found in (made, decode(made.encode(), 10**6 + 1), made & made):
        assert [*found] == sorted({*ids})
        assert len(found) == len({*ids})
        assert all(number in found for number in ids)
        assert -1 not in found
        assert 4 not in found or 4 in ids
        assert {*found} == {*ids}
        assert {*(found & {3, 8})} == {*ids} & {3, 8}
        assert {*(found | {3, 8})} == {*ids} | {3, 8}
        assert {*(found - {3, 8})} == {*ids} - {3, 8}
    assert intersects(made.encode(), IdSet(ids[:1])) == bool(ids)
    assert not intersects(made.encode(), IdSet([6])) or 6 in ids


CRAFTED = [
    "CREATE TRIGGER t AFTER INSERT ON block BEGIN DELETE FROM block; END",
    "CREATE VIEW v AS WITH RECURSIVE n(i) AS (VALUES(0) UNION ALL SELECT i FROM n) SELECT * FROM n",
    "DROP TABLE block; CREATE VIEW block AS SELECT 'IN_STACK' AS area, 1 AS number, x'00' AS data",
    "DROP TABLE seal",
    "CREATE TABLE other (x)",
]


@pytest.mark.parametrize("statements", CRAFTED)
def test_store_with_what_no_store_has(tmp_path: Path, statements: str) -> None:
    """What a file brings is not run: neither by a question nor by an import."""
    path = tmp_path / "graph.db"
    with cachegraph.open(path) as graph:
        graph.import_(write_page(tmp_path / "1", "zlib", [spec("a", "e4s")]))
    crafted = sqlite3.connect(path)
    crafted.executescript(statements)
    crafted.close()
    for use in (cachegraph.open(path).stacks, lambda: cachegraph.open(path).import_(PAGES)):
        with pytest.raises(cachegraph.StoreError, match="other tables, views or triggers"):
            use()


def test_a_question_leaves_nothing_beside_the_store(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    with cachegraph.open(path) as graph:
        graph.import_(PAGES)
        graph.stats()
    assert [*tmp_path.iterdir()] == [path]
    with cachegraph.open(path) as first, cachegraph.open(path) as second:
        assert first.stats() == second.stats()
    assert [*tmp_path.iterdir()] == [path]

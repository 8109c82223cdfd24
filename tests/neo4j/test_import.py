"""An import into Neo4j is one transaction: all of it or nothing, and one at a time."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import cachegraph
from cachegraph.cli import cli
from cachegraph.errors import CacheGraphError, StoreError
from tests.support.corpus import lock as lock_file
from tests.support.corpus import node, page, spec, write
from tests.support.loading import PATIENCE, begin, in_database, in_store, run
from tests.support.sample import PAGES
from tests.support.server import Database

pytestmark = [pytest.mark.neo4j, pytest.mark.newest]
WAITS = "waiting for another import or load"


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """A page of one spec."""
    path = tmp_path / "one.md"
    path.write_text(page("zlib", [spec("a", "e4s")]))
    return path


def test_an_import_that_fails_changes_nothing(
    tmp_path: Path, one: Path, neo4j_emptied: str, neo4j_server: Database
) -> None:
    graph = cachegraph.open(neo4j_emptied)
    graph.import_(one)
    before = in_database(neo4j_server)
    # Two sources that would be one stack, with different specs: seen when both have been read.
    left = write(tmp_path / "left/env/spack.lock", lock_file(node("curl")))
    right = write(tmp_path / "right/env/spack.lock", lock_file(node("hdf5")))
    bad = tmp_path / "bad.md"
    bad.write_text(page("curl", [spec("b", "e4s"), spec("c", "e4s", hash="?")]))
    for locations, strict in (((PAGES, left, right), False), ((PAGES, bad), True)):
        with pytest.raises(CacheGraphError, match=r"local/env|bad\.md"):
            graph.import_(*locations, strict=strict)
        assert in_database(neo4j_server) == before
    assert neo4j_server.size() == len(before.nodes) + 1  # and the marker


def test_stopped_by_hand_it_changes_nothing(
    one: Path, neo4j_emptied: str, neo4j_server: Database
) -> None:
    graph = cachegraph.open(neo4j_emptied)
    graph.import_(one)
    before = in_database(neo4j_server)

    def progress(items: Any, _: int) -> Iterator[Any]:
        yield from items
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        graph.import_(PAGES, progress=progress)
    assert in_database(neo4j_server) == before
    graph.import_(PAGES, wait=PATIENCE)  # nothing is held


def test_two_imports_wait_for_one_another(
    tmp_path: Path, one: Path, neo4j_store: str, neo4j_server: Database
) -> None:
    waits = threading.Event()
    told: list[str] = []
    failed: list[BaseException] = []

    def notify(message: str) -> None:
        told.append(message)
        waits.set()

    def second() -> None:
        try:
            cachegraph.open(neo4j_store).import_(one, notify=notify, wait=PATIENCE)
        except BaseException as exc:  # for the first to raise
            failed.append(exc)
            waits.set()

    other = threading.Thread(target=second)

    def progress(items: Any, _: int) -> Iterator[Any]:
        other.start()
        assert waits.wait(PATIENCE)
        yield from items

    try:
        cachegraph.open(neo4j_store).import_(PAGES, progress=progress)
    finally:
        if other.ident:  # it has begun, and would be in the way of the next test
            other.join(PATIENCE)
    assert (told, failed) == ([WAITS], [])
    file = cachegraph.open(tmp_path / "both.db")
    file.import_(PAGES)
    file.import_(one)
    expected = in_store(tmp_path / "both.db").without("Source", "imported_at")
    assert in_database(neo4j_server).without("Source", "imported_at") == expected


def test_who_waits_too_long_is_told(one: Path, neo4j_emptied: str, neo4j_server: Database) -> None:
    def progress(items: Any, _: int) -> Iterator[Any]:
        told: list[str] = []
        with pytest.raises(StoreError, match="another import or load is under way") as caught:
            cachegraph.open(neo4j_emptied).import_(one, wait=0.1, notify=told.append)
        assert told == [WAITS]
        assert "--wait" in (caught.value.hint or "")
        done = run("import", one, "--store", neo4j_emptied, "--wait", "0")
        assert done.returncode == 2
        waiting, error, hint = done.stderr.splitlines()
        assert waiting == WAITS
        assert error.startswith(f"Error: {neo4j_emptied}: another import or load is under way; ")
        assert hint == "Hint: try again when it is done, or wait longer with --wait"
        # A question does not wait: it sees the graph of before.
        with (
            cachegraph.open(neo4j_emptied) as graph,
            pytest.raises(StoreError, match="no graph of cachegraph is in the database"),
        ):
            graph.stats()
        yield from items

    cachegraph.open(neo4j_emptied).import_(PAGES, progress=progress)
    assert in_database(neo4j_server).counts["Spec"] == 390


def test_a_load_waits_for_an_import(
    tmp_path: Path, one: Path, neo4j_emptied: str, neo4j_server: Database
) -> None:
    cachegraph.open(tmp_path / "one.db").import_(one)
    with ExitStack() as stack:
        begun = []

        def progress(items: Any, _: int) -> Iterator[Any]:
            load = begin("load", neo4j_emptied, "--store", tmp_path / "one.db")
            begun.append(stack.enter_context(load))
            text = "SHOW TRANSACTIONS YIELD status WHERE status STARTS WITH 'Blocked' RETURN status"
            while not neo4j_server.run(text) and begun[0].poll() is None:
                pass
            yield from items

        cachegraph.open(neo4j_emptied).import_(PAGES, progress=progress)
        _, said = begun[0].communicate(timeout=PATIENCE)
        assert begun[0].returncode == 0, said
    counts = in_database(neo4j_server).counts
    assert (counts["Spec"], counts["Source"]) == (391, 5)


def test_a_replaced_stack_is_what_its_source_holds(
    tmp_path: Path, neo4j_emptied: str, neo4j_server: Database
) -> None:
    path = tmp_path / "env/spack.lock"
    for place in (neo4j_emptied, str(tmp_path / "graph.db")):
        for nodes in ((node("curl"), node("zlib")), (node("zlib"),)):
            write(path, lock_file(*nodes))
            words = ("import", str(path), "--store", place)
            result = CliRunner().invoke(cli, words)
            assert result.exit_code == 0, result.output
    expected = in_store(tmp_path / "graph.db").without("Source", "imported_at")
    assert expected.counts["Spec"] == 1
    assert in_database(neo4j_server).without("Source", "imported_at") == expected


def test_a_stack_that_a_load_has_added_to_is_parsed_again(
    tmp_path: Path, neo4j_emptied: str, neo4j_server: Database
) -> None:
    """Each of the two lock files was all of the stack; together they are not."""
    path = tmp_path / "env/spack.lock"
    curl = lock_file(node("curl"), node("zlib"))
    for number, value in enumerate((curl, lock_file(node("cmake"), node("zlib")))):
        cachegraph.open(tmp_path / f"{number}.db").import_(write(path, value))
        cachegraph.open(tmp_path / f"{number}.db").load(neo4j_emptied)
    assert in_database(neo4j_server).counts["Spec"] == 3
    with cachegraph.open(neo4j_emptied) as graph:
        summary = graph.import_(write(path, curl))
        assert (summary.unchanged, summary.removed) == (0, 1)
        assert graph.import_(path).unchanged == 1
    expected = in_store(tmp_path / "0.db").without("Source", "imported_at")
    assert in_database(neo4j_server).without("Source", "imported_at") == expected


def test_info_shows_no_password(tmp_path: Path, one: Path, neo4j_emptied: str) -> None:
    with cachegraph.open(neo4j_emptied) as graph:
        graph.import_(one)
        info = graph.info()
        assert graph.remove("develop")["specs"] == info["nodes"]["Spec"] == 1
    assert (info["store"], info["kind"]) == (neo4j_emptied, "neo4j")
    assert "@" not in info["store"]
    assert info["server"][0].isdigit()
    assert "bytes" not in info

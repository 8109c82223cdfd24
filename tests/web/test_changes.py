"""Stores that change while they are served, and stores of other kinds."""

import re
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from cachegraph.questions import answer
from cachegraph.reading.discover import SAMPLE
from cachegraph.web import asking
from cachegraph.web.asking import Asker
from tests.support.corpus import lock, node, write
from tests.support.pages import serving

PAGES = (
    "/",
    "/packages/",
    "/package/zlib-ng/",
    "/package/py-mpi4py/?stack=develop/e4s",
    "/spec/kc2bmnx/",
    "/release/e4s-24.11/",
    "/release/e4s-24.11/package/",
    "/stack/e4s-24.11/gcc-cuda/",
    "/stack/e4s-24.11/gcc-cuda/changes/",
    "/stack/develop/e4s/causes/",
    "/overlap/e4s-24.11/gcc-cpu/e4s-24.11/gcc-cuda/",
    "/blame/?release=e4s-24.11",
    "/matrix/",
    "/search/?q=zlib-ng%2Bopt",
)


def command(*words: object) -> None:
    """Runs a command in a process of its own."""
    whole = [sys.executable, "-m", "cachegraph", *map(str, words)]
    subprocess.run(whole, check=True, capture_output=True)


@pytest.fixture
def store(sample_store: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(sample_store, tmp_path / "graph.db"))


def test_pages_follow_another_process(store: Path, tmp_path: Path) -> None:
    write(tmp_path / "more" / "one" / "spack.lock", lock(node("new-package")))
    log = Path(f"{store}-wal")
    with serving(store) as served:
        assert "466</strong> specs" in served.get("/").text
        command("remove", "e4s-24.02", "--store", store)
        assert served.get("/release/e4s-24.02/").status_code == 404
        assert served.get("/complete.json?q=new-p").json() == []
        command("import", tmp_path / "more", "--store", store)
        assert served.get("/package/new-package/").status_code == 200
        assert len(served.get("/complete.json?q=new-p").json()) == 1
        # The server keeps nothing of what was before, so that the log can begin anew.
        served.get("/")
        command("remove", "local", "--store", store)
        served.get("/")
        assert not log.exists() or log.stat().st_size == 0
    assert not log.exists()


def test_the_log_is_let_go_though_nobody_asks(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cachegraph.web.server.app._SECONDS_BETWEEN_LOOKS", 0.05)
    log = Path(f"{store}-wal")
    with serving(store) as served:
        served.get("/")
        command("remove", "e4s-24.02", "--store", store)
        until = time.monotonic() + 60
        while log.exists() and log.stat().st_size:
            assert time.monotonic() < until
            time.sleep(0.01)


def test_the_log_is_gone_when_the_server_has_ended(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its threads end at any time, and what they have open is closed with the graph, not later."""
    monkeypatch.setattr("cachegraph.web.server.app._SECONDS_BETWEEN_LOOKS", 0.0005)
    write(store.parent / "more" / "one" / "spack.lock", lock(node("new-package")))
    for _ in range(20):
        with serving(store) as served:
            served.get("/")
            with cachegraph.open(store) as graph:
                graph.import_(store.parent / "more")
                graph.remove("local")
            served.get("/")
        assert {path.name for path in store.parent.iterdir()} == {"graph.db", "more"}


def test_a_store_that_is_replaced(store: Path, tmp_path: Path) -> None:
    write(tmp_path / "other" / "one" / "spack.lock", lock(node("curl")))
    with cachegraph.open(tmp_path / "new.db") as graph:
        graph.import_(tmp_path / "other")
    with serving(store) as served:
        assert served.get("/package/zlib-ng/").status_code == 200
        (tmp_path / "new.db").replace(store)
        assert served.get("/package/zlib-ng/").status_code == 404
        assert served.get("/package/curl/").status_code == 200


def test_answers_are_kept_while_nothing_changes(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readers make a log of no length and take it away, which is no change."""
    asked: Counter[str] = Counter()

    def counting(question: Any, store: Any) -> Any:
        asked[type(question).__name__] += 1
        return answer(question, store)

    def read() -> None:
        for _ in range(5):
            assert served.get("/matrix/").status_code == 200

    monkeypatch.setattr(asking, "answer", counting)
    with serving(store) as served:
        read()
        assert asked["Matrix"] == 1
        command("remove", "e4s-24.02", "e4s-24.11", "--store", store)
        read()
        # That nobody reads from the log any more may change the file once again.
        assert asked["Matrix"] in (2, 3)


def test_an_answer_of_before_is_not_kept(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One who asks while the store is let go gets what is there now, or is not remembered."""
    graph = cachegraph.open(store)
    asker = Asker(graph)
    assert len(asker.stacks()) == 17
    with cachegraph.open(store) as other:
        other.remove("e4s-24.02")
    close, found = graph.close, []

    def closing() -> None:
        close()
        thread = threading.Thread(target=lambda: found.append(len(asker.stacks())))
        thread.start()
        thread.join()

    monkeypatch.setattr(graph, "close", closing)
    asker.refresh()
    assert len(asker.stacks()) == 16
    close()


def test_too_many_answers_are_not_kept(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_MOST_ROWS", 1000)
    with cachegraph.open(store) as graph:
        asker = Asker(graph)
        for name in asker.packages():
            asker.ask("find", spec=name)
        assert 0 < len(asker._kept) < 12
        assert asker._kept.keys() == asker._rows.keys()
        assert asker.ask("find", spec="zlib-ng") is asker.ask("find", spec="zlib-ng")


def test_an_error_is_not_kept(store: Path) -> None:
    with cachegraph.open(store) as graph:
        asker = Asker(graph)
        for _ in range(2):
            with pytest.raises(cachegraph.NotFoundError):
                asker.ask("show", spec="nothing")
        assert not asker._kept


def shown(location: str) -> dict[str, str]:
    """The pages without what is of an import: its time."""
    with serving(location) as served:
        found = {path: served.get(path) for path in PAGES}
    assert {one.status_code for one in found.values()} == {200}
    return {path: re.sub(r"\d{4}-\d\d-\d\dT[\d:.Z+]+", "", one.text) for path, one in found.items()}


@pytest.mark.slow
def test_an_exported_graph_is_served(sample_store: Path, tmp_path: Path) -> None:
    with cachegraph.open(sample_store) as graph:
        graph.export(tmp_path / "graph.graphml")
    assert shown(str(tmp_path / "graph.graphml")) == shown(str(sample_store))


@pytest.mark.neo4j
def test_neo4j_is_served(sample_store: Path, neo4j_emptied: str) -> None:
    with cachegraph.open(neo4j_emptied) as graph:
        graph.import_(SAMPLE)
    found, expected = shown(neo4j_emptied), shown(str(sample_store))
    for path in PAGES:
        assert found[path] == expected[path], path


@pytest.mark.neo4j
def test_neo4j_is_asked_again_after_a_while(
    neo4j_emptied: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody's question is disturbed by that."""
    write(tmp_path / "one" / "spack.lock", lock(node("zlib")))
    with cachegraph.open(neo4j_emptied) as graph:
        graph.import_(tmp_path / "one")
        with serving(neo4j_emptied) as served:
            assert served.get("/package/zlib/").status_code == 200
            graph.remove("local")
            monkeypatch.setattr(asking, "_LONGEST_KEPT", 1e-9)
            assert served.get("/package/zlib/").status_code == 404

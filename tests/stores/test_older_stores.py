"""Stores that earlier versions of cachegraph wrote, kept as they were: read, or upgraded."""

import gzip
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import cachegraph
from cachegraph.reading.discover import SAMPLE
from cachegraph.stores.file.database import VERSION
from cachegraph.stores.file.version_2 import OlderDatabase
from tests.support.loading import Contents, in_store
from tests.support.sample import PAGES

STORES = Path(__file__).parents[1] / "fixtures" / "stores"


def written_by(version: int, folder: Path) -> Path:
    """The sample, as the version that is said wrote it."""
    path = folder / f"version-{version}.db"
    path.write_bytes(gzip.decompress((STORES / f"{path.name}.gz").read_bytes()))
    return path


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """The sample, imported now."""
    path = tmp_path_factory.mktemp("today") / "graph.db"
    cachegraph.open(path).import_(SAMPLE)
    return in_store(path).without("Source", "imported_at")


def test_version_3_is_read(tmp_path: Path, today: Contents) -> None:
    path = written_by(3, tmp_path)
    before = path.read_bytes()
    assert in_store(path).without("Source", "imported_at") == today
    assert cachegraph.open(path).info()["store_version"] == 3
    assert path.read_bytes() == before


def test_version_3_becomes_the_newest_when_written_to(tmp_path: Path) -> None:
    path = written_by(3, tmp_path)
    cachegraph.open(path).import_(PAGES)  # they are there already
    assert version_of(path) == cachegraph.open(path).info()["store_version"] == VERSION
    cachegraph.open(path).store.check()


@pytest.mark.parametrize("version", [2, 3])
def test_upgrade(tmp_path: Path, today: Contents, version: int) -> None:
    path = written_by(version, tmp_path)
    graph = cachegraph.open(path)
    answer = {"question": "upgrade", "store": str(path), "version": VERSION}
    assert graph.upgrade() == answer | {"version_before": version}
    assert in_store(path).without("Source", "imported_at") == today
    graph.store.check()
    assert graph.upgrade() == answer | {"version_before": VERSION}
    assert [*tmp_path.iterdir()] == [path]
    assert path.stat().st_size < 200_000  # what nothing uses is given back
    assert len(graph.import_(PAGES).sources) == len([*Path(PAGES).rglob("specs.md")])


def test_version_2_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = written_by(2, tmp_path)
    before = path.read_bytes()
    for act in (
        lambda: cachegraph.open(path).stats(),
        lambda: cachegraph.open(path).overlap("e4s", "ml-linux-x86_64-cpu"),
        lambda: cachegraph.open(path).import_(PAGES),
    ):
        with pytest.raises(cachegraph.StoreError, match="written by an older cachegraph") as caught:
            act()
        assert caught.value.hint == f"upgrade it: cachegraph upgrade --store {path}"
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE property SET texts = substr(texts, 1, 40) WHERE name = 'version'",
        "UPDATE relationship SET size = size + 1 WHERE type = 'IN_STACK'",
        "DELETE FROM text WHERE id = 3",
        "DELETE FROM Spec WHERE id = 7",
        "DELETE FROM neighbours WHERE block = 1",
        "UPDATE neighbours SET block = 9 WHERE block = 1",
        "CREATE VIEW v AS SELECT 1",
    ],
)
def test_damaged_version_2(tmp_path: Path, damage: str) -> None:
    path = written_by(2, tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(damage)
    before = path.read_bytes()
    with pytest.raises(cachegraph.StoreError, match=r"damaged|other tables"):
        cachegraph.open(path).upgrade()
    assert (path.read_bytes(), version_of(path)) == (before, 2)


def test_upgrade_that_fails_leaves_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written_by(2, tmp_path)
    before = path.read_bytes()
    monkeypatch.setattr(OlderDatabase, "drop_older", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        cachegraph.open(path).upgrade()
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing.db", "no store at"),
        ("empty.db", "the file is empty"),
        ("folder", "is a folder"),
        ("graph.graphml", "not a file that imports write"),
    ],
)
def test_nothing_to_upgrade(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "empty.db").touch()
    (tmp_path / "folder").mkdir()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(cachegraph.StoreError, match=message):
        cachegraph.open(tmp_path / name).upgrade()
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("scheme", ["neo4j", "http"])
def test_an_address_is_no_file_and_its_password_is_not_told(scheme: str) -> None:
    with pytest.raises(cachegraph.StoreError, match=rf"^{scheme}://localhost: ") as caught:
        cachegraph.open(f"{scheme}://user:SECRET@localhost").upgrade()
    assert "SECRET" not in f"{caught.value} {caught.value.hint}"


def test_command(tmp_path: Path) -> None:
    path = written_by(2, tmp_path)
    words = [sys.executable, "-m", "cachegraph", "upgrade", "--store", str(path), "--csv"]
    ran = subprocess.run(words, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[2:] == ["version before,2", f"version,{VERSION}"]

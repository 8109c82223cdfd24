"""What an export does to its target: a file is replaced, a stream written to, the store refused."""

import gzip
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import cachegraph
from cachegraph.exports import FORMATS
from cachegraph.exports.files import atomic_file, atomic_folder
from tests.support.corpus import lock, node, write


@pytest.fixture
def store(tmp_path: Path) -> cachegraph.Graph:
    graph = cachegraph.open(tmp_path / "graph.db")
    graph.import_(write(tmp_path / "spack.lock", lock(node("zlib"))))
    return graph


EVERY_FORMAT = pytest.mark.parametrize("form", FORMATS)


@EVERY_FORMAT
@pytest.mark.parametrize("ending", ["", "-wal", "-shm"])
def test_the_store_is_not_replaced(
    store: cachegraph.Graph, tmp_path: Path, ending: str, form: str
) -> None:
    with pytest.raises(cachegraph.CacheGraphError, match="this is the store itself"):
        store.export(tmp_path / f"graph.db{ending}", form, plain=form == "sqlite")
    assert store.stats()["nodes"]["Spec"] == 1


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_link_to_the_store_is_not_replaced(
    store: cachegraph.Graph, tmp_path: Path, link: object
) -> None:
    link(tmp_path / "graph.db", tmp_path / "link.graphml")  # type: ignore[operator]  # a function
    with pytest.raises(cachegraph.CacheGraphError, match="this is the store itself"):
        store.export(tmp_path / "link.graphml")


@EVERY_FORMAT
def test_nothing_is_written_into_a_store_that_is_a_folder(tmp_path: Path, form: str) -> None:
    (tmp_path / "store/nodes").mkdir(parents=True)
    (tmp_path / "link").symlink_to("store/nodes")
    graph = cachegraph.open(tmp_path / "store")
    for target in ("store", "store/new", "store/nodes/new", "link", "link/new", "./link/../new"):
        with pytest.raises(cachegraph.CacheGraphError, match="this is the store itself"):
            graph.export(tmp_path / target, form, plain=form == "sqlite")
    assert [*(tmp_path / "store").rglob("*")] == [tmp_path / "store/nodes"]


@EVERY_FORMAT
def test_no_store_is_replaced(store: cachegraph.Graph, tmp_path: Path, form: str) -> None:
    """Another one, neither by its name nor by a link."""
    other = tmp_path / "other.db"
    cachegraph.open(other).import_(tmp_path / "spack.lock")
    before = other.read_bytes()
    (tmp_path / "link").symlink_to("other.db")
    for target in (other, tmp_path / "link"):
        with pytest.raises(
            cachegraph.CacheGraphError, match=r"a store of cachegraph|exists already"
        ):
            store.export(target, form, plain=form == "sqlite")
    assert other.read_bytes() == before


@EVERY_FORMAT
def test_a_name_that_is_too_long(store: cachegraph.Graph, tmp_path: Path, form: str) -> None:
    with pytest.raises(cachegraph.StoreError, match="x: cannot be written: File name too long"):
        store.export(tmp_path / ("x" * 5000), form, plain=form == "sqlite")


@pytest.mark.parametrize("name", ["", "-", "a\0b"])
def test_what_is_no_name(store: cachegraph.Graph, name: str) -> None:
    with pytest.raises(cachegraph.UsageError, match="not the name of a file") as caught:
        store.export(name, "graphml")
    assert "/dev/stdout" in str(caught.value.hint)


@pytest.mark.parametrize("form", ["graphml", "cyjs", "node-link"])
def test_what_ends_in_gz_is_compressed(store: cachegraph.Graph, tmp_path: Path, form: str) -> None:
    store.export(tmp_path / "plain", form)
    store.export(tmp_path / "packed.gz", form)
    packed = (tmp_path / "packed.gz").read_bytes()
    assert gzip.decompress(packed) == (tmp_path / "plain").read_bytes()


def test_a_long_name(store: cachegraph.Graph, tmp_path: Path) -> None:
    """The temporary name fits into a folder where the name itself does."""
    for length, letter in ((255, "x"), (85, "日")):
        store.export(tmp_path / (letter * length), "graphml")
        assert (tmp_path / (letter * length)).stat().st_size > 0


def test_a_folder_is_named_as_it_was_given(
    store: cachegraph.Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(cachegraph.StoreError, match=r"^spack.lock: exists already"):
        store.export("spack.lock", "parquet")


def test_a_link_stays_and_its_file_is_replaced(store: cachegraph.Graph, tmp_path: Path) -> None:
    (tmp_path / "link.graphml").symlink_to("target.graphml")
    store.export(tmp_path / "link.graphml")
    assert (tmp_path / "link.graphml").is_symlink()
    assert (tmp_path / "target.graphml").read_text().startswith("<?xml")
    assert [*tmp_path.glob(".*")] == []


def test_a_pipe_is_written_to(store: cachegraph.Graph, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.graphml"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    store.export(pipe)
    reader.join()
    assert read[0].endswith("</graphml>\n")
    assert pipe.is_fifo()


@pytest.mark.parametrize("folder", ["/", "."])
def test_a_folder_is_not_a_file(
    store: cachegraph.Graph, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(cachegraph.CacheGraphError, match="Is a directory"):
        store.export(folder, "graphml")


def test_what_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    for atomic in (atomic_file, atomic_folder):
        with pytest.raises(SystemExit), atomic(tmp_path / "out"):
            raise SystemExit(143)
    assert [*tmp_path.iterdir()] == []


STOPPED = """
import os, signal, sys
from pathlib import Path
from cachegraph import cli
from cachegraph.__main__ import main
from cachegraph.exports.files import atomic_file

def run(standalone_mode, obj):
    with atomic_file(Path(sys.argv[1])):
        os.kill(os.getpid(), signal.SIGTERM)

cli.cli.main = run
main()
"""


def test_a_signal_ends_it_cleanly(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", STOPPED, tmp_path / "out"], check=False)
    assert ended.returncode == 128 + signal.SIGTERM
    assert [*tmp_path.iterdir()] == []


KILLED = """
import os, signal, sys
from pathlib import Path

import cachegraph
from cachegraph.exports import exporter

with cachegraph.open(sys.argv[1]) as graph:
    elements = [*graph.store.elements()]
form = exporter(sys.argv[2])

def end(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def ending(at):
    for number, element in enumerate(elements):
        if number == at:
            end()
        yield element
    if at == len(elements):
        end()

for at in (0, 1, len(elements) // 2, len(elements), "renamed"):
    path = Path(sys.argv[3], str(at))
    before = at == 1 and sys.argv[2] not in ("neo4j-admin", "parquet")
    if before:
        path.write_text("before")
    if not os.fork():
        if at == "renamed":
            Path.rename = Path.replace = os.rename = os.replace = end
        form.export(ending(at), path)
        os._exit(0)
    _, status = os.wait()
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, (at, status)
    assert path.exists() == before, at
    assert not before or path.read_text() == "before"
path = Path(sys.argv[3], "whole")
assert form.export(iter(elements), path) > 0
assert path.exists()
"""


@EVERY_FORMAT
def test_what_is_killed_leaves_nothing_under_its_name(
    store: cachegraph.Graph, tmp_path: Path, form: str
) -> None:
    """Killed with -9 before, between and after the elements, and when the name is to be given."""
    folder = tmp_path / "out"
    folder.mkdir()
    words = [sys.executable, "-c", KILLED, str(tmp_path / "graph.db"), form, str(folder)]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("atomic", ["atomic_file", "atomic_folder"])
def test_what_killed_processes_left_goes_with_the_next_export(tmp_path: Path, atomic: str) -> None:
    """What others may be writing stays: processes that run, and other machines."""
    code = f"""
import os, signal, sys
from pathlib import Path
from cachegraph.exports.files import {atomic}

with {atomic}(Path(sys.argv[1])):
    if sys.argv[2:]:
        os.kill(os.getpid(), signal.SIGKILL)
"""
    words = [sys.executable, "-c", code, str(tmp_path / "out")]
    assert subprocess.run([*words, "killed"], check=False).returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".out.")
    assert left.name.endswith(".part")
    machine, _, word = left.name.removeprefix(".out.").split("-")
    kept = {f".out.{machine}-{os.getpid()}-{word}", f".out.0{machine}-1-{word}", ".out.part"}
    for name in kept:
        (tmp_path / name).touch()
    subprocess.run(words, check=True)
    assert {path.name for path in tmp_path.iterdir()} == {"out", *kept}

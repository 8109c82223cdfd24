"""find on the command line: words, tables, exit status."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

import cachegraph
from tests.cli.test_cli import run
from tests.support.corpus import lock, needs, node, write
from tests.support.terminal import in_terminal


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """hdf5 with flags needs zlib, which a second stack has too."""
    folder = tmp_path_factory.mktemp("store")
    zlib = node("zlib", version="1.3.1", parameters={"pic": True})
    said = {"mpi": True, "cflags": ["-O2", "-g"]}
    hdf5 = node("hdf5", needs(zlib, "link"), version="1.14.3", parameters=said)
    graph = cachegraph.open(folder / "graph.db")
    graph.import_(
        write(folder / "a" / "spack.lock", lock(hdf5, zlib)),
        write(folder / "b" / "spack.lock", lock(zlib)),
    )
    return folder / "graph.db"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["zlib"], ["zlib"]),
        (["zlib", "+pic"], ["zlib"]),
        (["hdf5@1.14", "^zlib", "+pic"], ["hdf5"]),
        (["hdf5", "cflags=-g -O2"], ["hdf5"]),  # as a shell gives cflags="-g -O2"
        (["hdf5", "cflags=-g -O3"], []),
        (["hdf5", 'cflags="-g -O2" +mpi'], ["hdf5"]),
        (["hdf5", "--", "-mpi"], []),
        (["zlib", "--in", "a", "--in", "b"], ["zlib"]),
        (["hdf5", "--in", "b"], []),
        (["hdf5", "--release", "local"], ["hdf5"]),
    ],
)
def test_words_and_exit_status(store: Path, words: Sequence[str], found: Sequence[str]) -> None:
    result = run("find", "--json", "--store", store, *words)
    assert result.exit_code == 0, result.stderr
    assert [row["package"] for row in json.loads(result.stdout)["specs"]] == found
    assert run("find", "--exit-code", "--store", store, *words).exit_code == bool(found)


def test_tables(store: Path) -> None:
    lines = run("find", "zlib", "--store", store).stdout.splitlines()
    head, row = (line.split("\t") for line in lines)
    said = dict(zip(head, row, strict=True))
    assert (said["stacks"], said["held by"], said["variants"]) == ("2", "local/a local/b", "+pic")
    shown = in_terminal("find", "zlib", "--store", store, NO_COLOR="1", COLUMNS="100")
    assert shown.startswith("1 spec fits: 1 package-version, held by 2 stacks\n")
    assert in_terminal("find", "zlib@7", "--store", store) == "No spec fits zlib@7.\n"


def test_two_readings_and_errors_go_to_stderr(store: Path) -> None:
    result = run("find", "zlib %gcc +pic", "--store", store)
    assert result.stderr.startswith("Note: what follows %gcc may describe it")
    result = run("find", "zlib %%gcc", "--store", store)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "Error: spec 'zlib %%gcc', character 6: %% (a compiler for all dependencies) is not "
        "supported\nHint: write %\n"
    )

"""Folders of Parquet that somebody has made: right checksums and wrong contents, or no files."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import cachegraph
from cachegraph.errors import StoreError
from cachegraph.exports.parquet import export
from cachegraph.stores import parquet_parts
from tests.exports.test_parquet import TINY

Rows = list[dict[str, Any]]


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    export(TINY, tmp_path / "tiny")
    return tmp_path / "tiny"


def described(folder: Path, what: str) -> None:
    """Makes ``schema.json`` say what is in the first part of a label or type."""
    schema = json.loads((folder / "schema.json").read_text())
    group, name = what.split("/")
    file = schema[group][name]["files"][0]
    part = folder / file["path"]
    rows = pq.read_metadata(part).num_rows
    schema[group][name]["count"] += rows - file["rows"]
    file |= {"sha256": sha256(part.read_bytes()).hexdigest(), "rows": rows}
    (folder / "schema.json").write_text(json.dumps(schema))


def first(folder: Path, what: str) -> Path:
    return folder / what / "part-00000.parquet"


def changed(folder: Path, what: str, change: Callable[[Rows], Any]) -> None:
    """Changes the rows of a part, and its description."""
    table = pq.read_table(first(folder, what))
    rows = table.to_pylist()
    change(rows)
    made = pa.Table.from_pylist(rows, pa.schema([f.with_nullable(True) for f in table.schema]))
    pq.write_table(made, first(folder, what), store_schema=False)
    described(folder, what)


@pytest.mark.parametrize(
    ("what", "change", "message"),
    [
        ("nodes/Spec", lambda rows: rows[0].update(key=None), "part-00000.parquet: .*key is null"),
        (
            "relationships/DEPENDS_ON",
            lambda rows: rows[0].update(end=None),
            "part-00000.parquet: not as cachegraph writes it: a key is null",
        ),
        ("nodes/Spec", lambda rows: rows[0].update(flags=["", None]), "a list has a null in it"),
        ("nodes/Stack", lambda rows: rows.append(rows[0]), "nodes/Stack: 3 in its parts, and only"),
        (
            "nodes/Stack",
            lambda rows: rows.append({**rows[0], "name": "other"}),
            "nodes/Stack: 3 in its parts, and only 2 different ones",
        ),
        (
            "relationships/DEPENDS_ON",
            lambda rows: rows.append({**rows[0], "deptypes": ["run"]}),
            "relationships/DEPENDS_ON: 4 in its parts, and only 3 different ones",
        ),
        (
            "relationships/DEPENDS_ON",
            lambda rows: rows[0].update(end="nowhere"),
            "nodes/Spec: relationships lead to 1 that are not in its parts",
        ),
        (
            "relationships/IN_STACK",
            lambda rows: [row.update(end="no/where") for row in rows],
            "nodes/Stack: relationships lead to 1 that are not in its parts",
        ),
    ],
)
def test_wrong_contents(tiny: Path, what: str, change: Callable[[Rows], Any], message: str) -> None:
    changed(tiny, what, change)
    with pytest.raises(StoreError, match=f"^{tiny}/.*{message}") as caught:
        cachegraph.open(tiny).stats()
    assert str(caught.value.hint).startswith("copy it again")


def test_no_text(tiny: Path) -> None:
    part = first(tiny, "nodes/Release")
    bad = pa.array([b"\xff", b"v2"])
    texts = pa.Array.from_buffers(pa.string(), 2, bad.buffers())
    pq.write_table(pa.table({"key": texts, "date": pa.nulls(2, pa.string())}), part)
    described(tiny, "nodes/Release")
    with pytest.raises(
        StoreError, match=r"nodes/Release/part-00000.parquet: not as .* can't decode"
    ):
        cachegraph.open(tiny).stats()


def test_what_does_not_unpack(tiny: Path) -> None:
    part = first(tiny, "nodes/Spec")
    data = part.read_bytes()
    column = pq.read_metadata(part).row_group(0).column(1)
    start = column.dictionary_page_offset
    noise = bytes(range(column.total_compressed_size))
    part.write_bytes(data[:start] + noise + data[start + len(noise) :])
    described(tiny, "nodes/Spec")
    with pytest.raises(StoreError, match=r"part-00000.parquet: not as cachegraph writes") as caught:
        cachegraph.open(tiny).stats()
    assert str(caught.value.hint).startswith("copy it again")


def test_what_unpacks_to_very_much(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal keys take no memory of their own; large cells and lists are refused before."""

    def repeat(rows: Rows) -> None:
        rows[:] = [{**rows[0], "key": "x" * 10_000}] * 2_000

    changed(tiny, "nodes/Stack", repeat)
    with pytest.raises(StoreError, match="2000 in its parts, and only 1 different"):
        cachegraph.open(tiny).stats()
    monkeypatch.setattr(parquet_parts, "_MOST_VALUES", 1_999)
    with pytest.raises(StoreError, match="bytes and 2,000 rows"):
        cachegraph.open(tiny).stats()
    monkeypatch.setattr(parquet_parts, "_LARGEST_GROUP", 9_999)
    with pytest.raises(StoreError, match=r"a row group of 1.,... bytes"):
        cachegraph.open(tiny).stats()


def test_very_long_lists(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_parts, "_MOST_VALUES", 1_000)
    changed(tiny, "nodes/Spec", lambda rows: rows[0].update(flags=["-g"] * 2_000))
    with pytest.raises(StoreError, match="lists with 2,001 texts"):  # another spec has one
        cachegraph.open(tiny).stats()


def link(path: Path) -> None:
    outside = path.rename(path.parents[3] / path.name)
    path.symlink_to(outside)


def link_of_folder(path: Path) -> None:
    outside = path.parent.rename(path.parents[3] / "outside")
    path.parent.symlink_to(outside)


def device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


PART = "nodes/Spec/part-00000.parquet"


@pytest.mark.parametrize(
    ("name", "put", "message"),
    [
        (PART, link, "a link that leads out of the folder"),
        (PART, link_of_folder, "a link that leads out of the folder"),
        (PART, pipe, "a pipe or a device, where a file is needed"),
        ("schema.json", device, "a link that leads out of the folder"),
        ("schema.json", pipe, "a pipe or a device, where a file is needed"),
    ],
)
def test_nothing_outside_is_read(
    tiny: Path, name: str, put: Callable[[Path], None], message: str
) -> None:
    put(tiny / name)
    with pytest.raises(StoreError, match=f"{tiny}/{name}: {message}") as caught:
        cachegraph.open(tiny).stats()
    assert caught.value.hint == "put the file itself in its place"


def test_links_inside_and_to_the_folder(tiny: Path, tmp_path: Path) -> None:
    part = tiny / "nodes/Spec/part-00000.parquet"
    part.rename(tiny / "specs.parquet")
    part.symlink_to("../../specs.parquet")
    (tmp_path / "link").symlink_to("tiny")
    assert cachegraph.open(tmp_path / "link").stats()["nodes"]["Spec"] == 4


def test_a_schema_without_end(tiny: Path) -> None:
    with (tiny / "schema.json").open("r+b") as file:
        file.truncate(1 << 40)
    with pytest.raises(StoreError, match=r"schema.json: larger than 4 MiB"):
        cachegraph.open(tiny).stats()


def test_no_room_for_the_copy(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tiny / "missing"))
    with pytest.raises(StoreError, match=f"^{tiny}: no temporary folder") as caught:
        cachegraph.open(tiny).stats()
    assert "TMPDIR" in str(caught.value.hint)


def test_the_copy_of_a_killed_process_goes(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = """
import os, signal, sys
from cachegraph.stores import parquet

parquet.read_part = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
parquet.ParquetStore(sys.argv[1])
"""
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "temporary").mkdir()
    killed = subprocess.run([sys.executable, "-c", code, tiny], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert [*(tmp_path / "temporary").iterdir()]
    cachegraph.open(tiny).stats()
    assert not [*(tmp_path / "temporary").iterdir()]

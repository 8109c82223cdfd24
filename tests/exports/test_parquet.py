"""The folder of Parquet: what is in it, that it comes back whole, and that damage is noticed."""

import json
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import cachegraph
from cachegraph.cli import cli
from cachegraph.errors import StoreError
from cachegraph.exports import parquet as parquet_export
from cachegraph.exports.parquet import export as export_parquet
from cachegraph.model.elements import Element, Nodes, Pairs, Relationships
from cachegraph.model.parquet_layout import TYPES, folder
from cachegraph.model.schema import (
    DEPENDS_ON,
    IN_STACK,
    PACKAGE,
    RELEASE,
    ROOT_OF,
    SPEC,
    STACK,
)
from cachegraph.opening import open_store
from cachegraph.stores.networkx import NetworkXStore
from tests.conformance.groups import grouped
from tests.exports.test_neo4jadmin import ODD, expected, odd_elements
from tests.support.corpus import lock, node, write
from tests.support.sample import PAGES

SEEN = {"package": "zlib", "variants": ("+shared", "opt=a,b"), "flags": (), "external": False}
TINY: list[Element] = [
    Nodes(SPEC, ["aaa", "bbb"], Nodes.of(SPEC, [], SEEN).values),
    Nodes(SPEC, ["ccc"]),
    Nodes.of(SPEC, ["ddd"], {"version": "", "flags": ("",), "size": 1 << 62}),
    Nodes.of(STACK, ["v1/e4s"], {"name": "e4s", "release": "v1"}),
    Nodes.of(STACK, ["v2/e4s"], {"name": "e4s", "release": "v2"}),
    Nodes(RELEASE, ["v1", "v2"]),
    Relationships(IN_STACK, ["aaa", "bbb"], "v1/e4s"),
    Relationships(IN_STACK, ["aaa"], "v2/e4s"),
    Pairs(IN_STACK, ["bbb", "ccc"], ["v2/e4s", "v1/e4s"]),
    Relationships(ROOT_OF, ["aaa"], "v1/e4s", {"requests": ("zlib@1.3",), "group": "cpu"}),
    Pairs(DEPENDS_ON, ["aaa", "bbb"], ["bbb", "ccc"], {"deptypes": ("build",), "virtuals": ()}),
    Pairs(DEPENDS_ON, ["aaa"], ["ccc"], {"deptypes": ("build", "link")}),
]


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    export_parquet(TINY, tmp_path / "tiny")
    return tmp_path / "tiny"


def rows(folder_: Path, name: str) -> list[dict[str, Any]]:
    """The known values of each row of a part."""
    found = pq.read_table(folder_ / name).to_pylist()
    return [{key: value for key, value in row.items() if value is not None} for row in found]


def test_rows_of_a_tiny_graph(tiny: Path) -> None:
    seen = {"package": "zlib", "variants": ["+shared", "opt=a,b"], "flags": [], "external": False}
    assert rows(tiny, "nodes/Spec/part-00000.parquet") == [
        {"key": "aaa", **seen},
        {"key": "bbb", **seen},
        {"key": "ccc"},
        {"key": "ddd", "version": "", "flags": [""], "size": 1 << 62},
    ]
    assert rows(tiny, "relationships/DEPENDS_ON/part-00000.parquet") == [
        {"start": "aaa", "end": "bbb", "deptypes": ["build"], "virtuals": []},
        {"start": "bbb", "end": "ccc", "deptypes": ["build"], "virtuals": []},
        {"start": "aaa", "end": "ccc", "deptypes": ["build", "link"]},
    ]
    # Memberships are in parts by release.
    assert rows(tiny, "relationships/IN_STACK/part-00000.parquet") == [
        {"start": "aaa", "end": "v1/e4s"},
        {"start": "bbb", "end": "v1/e4s"},
        {"start": "ccc", "end": "v1/e4s"},
    ]
    assert rows(tiny, "relationships/IN_STACK/part-00001.parquet") == [
        {"start": "aaa", "end": "v2/e4s"},
        {"start": "bbb", "end": "v2/e4s"},
    ]
    assert (
        pq.ParquetFile(tiny / "nodes/Spec/part-00000.parquet")
        .metadata.row_group(0)
        .column(1)
        .compression
        == "ZSTD"
    )


def test_schema_of_a_tiny_graph(tiny: Path) -> None:
    schema = json.loads((tiny / "schema.json").read_text())
    assert (schema["format"], schema["version"], schema["model"]) == ("cachegraph parquet", 1, 1)
    assert [*schema["nodes"], *schema["relationships"]] == [
        folder(type_).split("/")[1] for type_ in TYPES
    ]
    stacks = schema["relationships"]["IN_STACK"]
    assert (stacks["start"], stacks["end"], stacks["count"]) == ("Spec", "Stack", 5)
    assert [(file["release"], file["rows"]) for file in stacks["files"]] == [("v1", 3), ("v2", 2)]
    assert schema["relationships"]["ROOT_OF"]["columns"] == {
        "start": "string",
        "end": "string",
        "requests": "list of strings",
        "group": "string",
    }
    assert schema["nodes"]["Spec"]["key"] == "hash"
    # Of what there is none a part has the columns, so that a pattern of names finds them.
    (empty,) = schema["nodes"]["Target"]["files"]
    assert empty["rows"] == 0
    assert pq.read_schema(tiny / empty["path"]).names == ["key", "family", "vendor", "generation"]


def test_large_elements_and_many_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Elements are cut, small ones collected; nothing is lost, whichever file is closed when."""
    for name, value in (("GROUP", 10), ("FILE", 30), ("WAITING", 25)):
        monkeypatch.setattr(parquet_export, f"_{name}_ROWS", value)
    monkeypatch.setattr(parquet_export, "_OPEN_FILES", 2)
    keys = [f"spec{n}" for n in range(95)]
    elements: list[Element] = [Nodes(SPEC, keys)]
    for number in range(5):
        key = f"r{number}/e4s"
        elements.append(Nodes.of(STACK, [key], {"release": f"r{number}"}))
        elements.append(Relationships(IN_STACK, keys[number : number + 33], key))
    for number in range(60):  # as from a store that does not sort them
        elements.append(Pairs(DEPENDS_ON, [keys[number]], [keys[number + 1]], {"virtuals": ()}))
        elements.append(Relationships(IN_STACK, [keys[number]], f"r{number % 5}/e4s"))
    assert export_parquet(elements, tmp_path / "out") == 95 + 5 + 5 * 33 + 120
    schema = json.loads((tmp_path / "out/schema.json").read_text())
    assert schema["relationships"]["IN_STACK"]["count"] == 5 * 33 + 60
    assert len(schema["nodes"]["Spec"]["files"]) > 1
    groups = pq.ParquetFile(tmp_path / "out/nodes/Spec/part-00000.parquet").metadata
    assert (groups.num_row_groups, groups.num_rows) == (3, 30)
    found = sorted(
        (row["start"], row["end"], file.get("release"))
        for file in schema["relationships"]["IN_STACK"]["files"]
        for row in rows(tmp_path / "out", file["path"])
    )
    assert found == sorted(
        (start, element.end, element.end[:2])
        for element in elements
        if isinstance(element, Relationships)
        for start in element.starts
    )


def everything(store: Any) -> Any:
    return expected([*store.elements()])


def test_everything_comes_back(tmp_path: Path) -> None:
    """Pages, groups of roots, odd characters; absent, empty and full lists."""
    store, graph = NetworkXStore(), cachegraph.open(":memory:")
    graph.import_(PAGES, grouped(tmp_path))
    with store.writing():
        store.load([*graph.store.elements(), *odd_elements(), Nodes(PACKAGE, ODD)])
    export_parquet(store.elements(), tmp_path / "out")
    read = open_store(tmp_path / "out")
    assert everything(read) == everything(store)
    read.close()


def test_the_same_store_gives_the_same_bytes(tmp_path: Path) -> None:
    graph = cachegraph.open(tmp_path / "graph.db")
    graph.import_(PAGES)
    for name in ("one", "two"):
        graph.export(tmp_path / name, "parquet")
    one, two = (
        {path.relative_to(tmp_path / name): path.read_bytes() for path in files(tmp_path / name)}
        for name in ("one", "two")
    )
    assert one == two


def files(folder_: Path) -> list[Path]:
    return sorted(path for path in folder_.rglob("*") if path.is_file())


def test_it_is_read_only(tiny: Path) -> None:
    with pytest.raises(StoreError, match="an exported folder is read-only"):
        cachegraph.open(tiny).import_(PAGES)
    with pytest.raises(StoreError, match="an exported folder is read-only"):
        cachegraph.open(tiny).remove("e4s")


def test_facts_and_stacks_of_files(
    tmp_path: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the store tells of itself; and files may stand beside its stacks."""
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", None)
    path = write(tmp_path / "here" / "spack.lock", lock(node("zlib")))
    with cachegraph.open(tiny) as graph:
        info = graph.info()
        assert (info["kind"], info["store"]) == ("parquet", str(tiny))
        parts = [path for path in files(tiny) if path.name.startswith("part-")]
        size = sum(path.stat().st_size for path in (*parts, tiny / "schema.json"))
        assert info["bytes"] == size
        found = graph.overlap(str(path), "v1/e4s")
        assert found["levels"]["hash"] == {"shared": 0, "union": 4, "jaccard": 0.0}
        # Nothing is left behind, even while it is open.
        assert [*(tmp_path / "temporary").iterdir()] == []


def test_an_empty_key_is_not_for_neo4j(tmp_path: Path) -> None:
    export_parquet([Nodes(PACKAGE, ["zlib", ""])], tmp_path / "out")
    refused = subprocess.run([tmp_path / "out/import.sh"], check=False, capture_output=True)
    assert refused.returncode == 1
    assert b"cachegraph export FOLDER --format neo4j-admin" in refused.stderr


def removed(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def edited(old: str, new: str) -> Callable[[Path], None]:
    def edit(path: Path) -> None:
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return edit


PART = "relationships/IN_STACK/part-00001.parquet"


@pytest.mark.parametrize(
    ("name", "damage", "message", "hint"),
    [
        (PART, removed, "a part of the export is missing", "copy it again"),
        (PART, cut, "damaged: its bytes are not those exported", "copy it again"),
        (PART, flipped, "damaged: its bytes are not those exported", "copy it again"),
        ("schema.json", removed, "no export of cachegraph: it has no schema.json", "make one"),
        ("schema.json", cut, "no JSON", "copy it again"),
        (
            "schema.json",
            edited('"version": 1', '"version": 2'),
            "written by a newer cachegraph: version 2, known is 1",
            "upgrade",
        ),
        (
            "schema.json",
            edited('"version": 1', '"version": "1"'),
            "version is '1'",
            "copy it again",
        ),
        ("schema.json", edited("cachegraph parquet", "x"), "not of cachegraph", "make one"),
        (
            "schema.json",
            edited('"count": 5', '"count": 6'),
            "IN_STACK has other columns",
            "again",
        ),
        (
            "schema.json",
            edited("part-00001", "../../x"),
            "IN_STACK has other columns",
            "again",
        ),
        (
            "schema.json",
            edited('"Spec": {', '"Specs": {'),
            "Spec has other columns",
            "again",
        ),
    ],
)
def test_damage(
    tiny: Path, name: str, damage: Callable[[Path], None], message: str, hint: str
) -> None:
    damage(tiny / name)
    with pytest.raises(StoreError, match=message) as caught:
        cachegraph.open(tiny).stats()
    assert hint in str(caught.value.hint)
    assert str(tiny) in str(caught.value)


def test_a_part_of_somebody_else(tiny: Path) -> None:
    """Its checksum fits, and it is another type's."""
    schema = json.loads((tiny / "schema.json").read_text())
    target, package = (schema["nodes"][name]["files"][0] for name in ("Target", "Package"))
    shutil.copy(tiny / package["path"], tiny / target["path"])
    target["sha256"] = package["sha256"]
    (tiny / "schema.json").write_text(json.dumps(schema))
    with pytest.raises(StoreError, match="not as cachegraph writes it: it has other columns"):
        cachegraph.open(tiny).stats()


def test_without_pyarrow(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    store = tmp_path / "graph.db"
    cachegraph.open(store).import_(PAGES)
    words = ["export", str(tmp_path / "out"), "--format", "parquet", "--store", str(store)]
    for refused in (words, ["stats", "--store", str(tiny)]):
        result = CliRunner().invoke(cli, refused)
        assert result.exit_code == 2
        assert "Parquet needs pyarrow, which is not installed" in result.stderr
        assert "Hint: pip install 'cachegraph[parquet]'" in result.stderr
    assert not (tmp_path / "out").exists()


EXPORTED = """
import sys
import cachegraph
cachegraph.open(sys.argv[1]).stats()
assert not [name for name in sys.modules if name.startswith("pyarrow")]
"""


def test_pyarrow_is_imported_for_parquet_alone(tmp_path: Path) -> None:
    cachegraph.open(tmp_path / "graph.db").import_(PAGES)
    subprocess.run([sys.executable, "-c", EXPORTED, tmp_path / "graph.db"], check=True)


KILLED = """
import os, signal, sys
import pyarrow.parquet
import cachegraph

def see(event, arguments):
    if armed and event in ("open", "os.mkdir", "os.rename", "os.rmdir"):
        events.append(event)
        if len(events) == int(sys.argv[3]):
            os.kill(os.getpid(), signal.SIGKILL)

armed, events = False, []
graph = cachegraph.open(sys.argv[1])
graph.stats()
sys.addaudithook(see)
armed = True
graph.export(sys.argv[2], "parquet")
armed = False
print(len(events))
"""


@pytest.mark.slow
def test_killed_at_any_moment(tmp_path: Path) -> None:
    """What has the name is whole: the last thing that is done is to give it."""
    store, out = tmp_path / "graph.db", tmp_path / "out"
    cachegraph.open(store).import_(write(tmp_path / "spack.lock", lock(node("zlib"))))

    def exported(last: int) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-c", KILLED, str(store), str(out), str(last)]
        return subprocess.run(words, check=False, capture_output=True, text=True)

    done = exported(0)
    assert done.returncode == 0, done.stderr
    events = int(done.stdout)
    shutil.rmtree(out)
    for last in (2, events // 2, events):
        assert exported(last).returncode == -signal.SIGKILL
        assert not out.exists()
    assert exported(0).returncode == 0
    assert cachegraph.open(out).stats()["nodes"]["Spec"] == 1


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    many = Nodes(PACKAGE, [sha256(str(n).encode()).hexdigest() for n in range(100_000)])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, limits[1]))
    try:
        with pytest.raises(StoreError, match="out: cannot be written: File too large"):
            export_parquet([many], tmp_path / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [*tmp_path.iterdir()] == []


def test_the_command_says_what_to_do_next(tmp_path: Path) -> None:
    store, folder_ = tmp_path / "graph.db", tmp_path / "my graph"
    cachegraph.open(store).import_(PAGES)
    words = ["export", str(folder_), "--store", str(store), "--format", "parquet"]
    first, sql, *neo4j = CliRunner().invoke(cli, words).stderr.splitlines()
    assert first == f"3182 nodes and relationships are in {folder_}"
    assert (Path(sql.rpartition(" are in ")[2]) / "matrix.sql").exists()
    assert neo4j == [
        f"Next, with Neo4j stopped: sh '{folder_}/import.sh'",
        f"Then, with Neo4j started: cypher-shell -f '{folder_}/after.cypher'",
    ]

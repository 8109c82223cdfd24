"""The files for neo4j-admin: their bytes, and the database that the real tool makes of them."""

import json
import resource
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import chdir, closing
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import cachegraph
from cachegraph.cli import cli
from cachegraph.errors import StoreError, UsageError
from cachegraph.exports.neo4j_admin import export as export_neo4j_admin
from cachegraph.exports.parquet import export as export_parquet
from cachegraph.model.elements import Element, Nodes, Pairs, Relationships
from cachegraph.model.schema import (
    DEPENDS_ON,
    IN_STACK,
    NODE_TYPES,
    OF_PACKAGE,
    PACKAGE,
    RELEASE,
    ROOT_OF,
    SPEC,
    STACK,
)
from cachegraph.opening import open_store
from cachegraph.stores.networkx import NetworkXStore
from tests.support.sample import PAGES
from tests.support.server import Database, Server

LOCK = Path(__file__).parents[1] / "fixtures/spack/locks/e4s-23.05"
SEEN = {
    "package": "zlib",
    "version": "1.3",
    "variants": ("+shared", "opt=a,b"),
    "flags": (),
    "external": False,
    "prefix": "",
    "specfile_version": 5,
    "alike": "0a1b",
}
TINY: list[Element] = [
    Nodes(SPEC, ["aaa", "bbb"], Nodes.of(SPEC, [], SEEN).values),
    Nodes(SPEC, ["ccc"]),
    Nodes.of(SPEC, ["ddd"], {"version": 'the "new"\none', "flags": ("",), "variants": ()}),
    Nodes.of(STACK, ["develop/e4s"], {"name": "e4s", "release": "develop"}),
    Nodes(RELEASE, ["develop"]),
    Relationships(IN_STACK, ["aaa", "bbb"], "develop/e4s"),
    Relationships(ROOT_OF, ["aaa"], "develop/e4s", {"requests": ("zlib@1.3", "zlib opt=a,b")}),
    Pairs(DEPENDS_ON, ["aaa", "bbb"], ["bbb", "ccc"], {"deptypes": ("build",), "virtuals": ()}),
    Pairs(DEPENDS_ON, ["aaa"], ["ccc"], {"deptypes": ("build", "link")}),
]
# What the importer of Neo4j might trip over, as keys, values and members of lists.
ODD = ["", " ", "a,b", '"', 'a"', "\\", '\\"', "a\nb", "\r\n", "\r", "é😀", ";", "\0", "\ufeff"]
ODD += ["\x1e", "\u2028", "\uffff", "true", "\t"]


def spec_header(flags: str, variants: str) -> bytes:
    return (
        f"hash:ID(Spec),package:string,version:string,variants:{variants},flags:{flags},"
        "compiler:string,platform:string,os:string,target:string,namespace:string,"
        "package_hash:string,provides:string[],external:boolean,prefix:string,modules:string[],"
        "target_features:string,specfile_version:long,verified:boolean,recomputed:string,"
        "size:long,deprecated_for:string,alike:string\n"
    ).encode()


def test_the_bytes_of_a_tiny_graph(tmp_path: Path) -> None:
    assert export_neo4j_admin(TINY, tmp_path / "out") == 12
    files = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    seen = b',zlib,1.3,"+shared\x1fopt=a,b",true,,,,,,,,false,"",,,5,,,,,0a1b\n'
    script, after = files.pop("import.sh").decode(), files.pop("after.cypher").decode()
    assert files == {
        "CacheGraph.header.csv": b"key:ID(CacheGraph),model:long\n",
        "CacheGraph.csv": b"graph,\n",
        "Spec-flags.header.csv": spec_header("boolean", "string[]"),
        "Spec-flags.csv": b"aaa" + seen + b"bbb" + seen,
        "Spec.header.csv": spec_header("string[]", "string[]"),
        "Spec.csv": b"ccc,,,,,,,,,,,,,,,,,,,,,\n",
        "Spec-variants-flags.header.csv": spec_header("boolean", "boolean"),
        "Spec-variants-flags.csv": b'ddd,,"the ""new""\none",true,false,,,,,,,,,,,,,,,,,\n',
        "Stack.header.csv": b"key:ID(Stack),name:string,release:string\n",
        "Stack.csv": b"develop/e4s,e4s,develop\n",
        "Release.header.csv": b"name:ID(Release),date:string\n",
        "Release.csv": b"develop,\n",
        "IN_STACK.header.csv": b":START_ID(Spec),:END_ID(Stack)\n",
        "IN_STACK.csv": b"aaa,develop/e4s\nbbb,develop/e4s\n",
        "ROOT_OF.header.csv": b":START_ID(Spec),:END_ID(Stack),requests:string[],group:string\n",
        "ROOT_OF.csv": b'aaa,develop/e4s,"zlib@1.3\x1fzlib opt=a,b",\n',
        "DEPENDS_ON-virtuals.header.csv": (
            b":START_ID(Spec),:END_ID(Spec),deptypes:string[],virtuals:boolean\n"
        ),
        "DEPENDS_ON-virtuals.csv": b"aaa,bbb,build,true\nbbb,ccc,build,true\n",
        "DEPENDS_ON.header.csv": (
            b":START_ID(Spec),:END_ID(Spec),deptypes:string[],virtuals:string[]\n"
        ),
        "DEPENDS_ON.csv": b"aaa,ccc,build\x1flink,\n",
    }
    assert "  --nodes=Spec=./Spec-flags.header.csv,./Spec-flags.csv \\\n" in script
    assert "  --relationships=ROOT_OF=./ROOT_OF.header.csv,./ROOT_OF.csv \\\n" in script
    assert "  --multiline-fields=true \\\n" in script
    relisted = [line.split(" WHERE ")[0] for line in after.splitlines() if "WHERE" in line]
    assert relisted == ["MATCH (x:Spec)", "MATCH (x:Spec)", "MATCH ()-[x:DEPENDS_ON]->()"]
    assert after.endswith("MATCH (m:CacheGraph {key: 'graph'}) SET m.model = 1;\n")


def called(folder: Path, *arguments: str) -> list[str]:
    """What ``import.sh`` gives to neo4j-admin, which runs where the files are."""
    tool = folder.parent / "neo4j-admin"
    tool.write_text("#!/bin/sh\nls import.sh && printf '%s\\n' \"$@\"\n")
    tool.chmod(0o755)
    done = subprocess.run(
        [folder / "import.sh", *arguments],
        env={"PATH": f"{tool.parent}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    found, *given = done.stdout.splitlines()
    assert found == "import.sh"
    return given


def test_the_script_runs_the_tool_beside_the_files(tmp_path: Path) -> None:
    folder = tmp_path / "a graph, of mine"
    export_neo4j_admin(TINY[3:5], folder)
    assert called(folder, "stacks", "--overwrite-destination") == [
        *("database", "import", "full", "stacks", "--overwrite-destination"),
        *("--strict", "--bad-tolerance=0", "--id-type=string", "--array-delimiter=U+001F"),
        "--multiline-fields=false",
        "--nodes=CacheGraph=./CacheGraph.header.csv,./CacheGraph.csv",
        "--nodes=Stack=./Stack.header.csv,./Stack.csv",
        "--nodes=Release=./Release.header.csv,./Release.csv",
    ]


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    assert export_neo4j_admin(TINY, folder) == 12  # an empty one is not in use
    before = {path: path.stat() for path in folder.iterdir()}
    with pytest.raises(StoreError, match="exists already, and is not an empty folder") as caught:
        export_neo4j_admin(TINY, folder)
    assert "new folder" in str(caught.value.hint)
    assert {path: path.stat() for path in folder.iterdir()} == before


def test_what_separates_lists_is_refused_in_them(tmp_path: Path) -> None:
    version = Nodes.of(SPEC, ["aaa"], {"version": "1\x1f2"})
    export_neo4j_admin([version], tmp_path / "kept")
    assert b"aaa,,1\x1f2," in (tmp_path / "kept/Spec.csv").read_bytes()
    flags = Nodes.of(SPEC, ["aaa"], {"flags": ("a\x1fb",)})
    with pytest.raises(StoreError, match=r"flags: 'a\\x1fb' has the character U\+001F"):
        export_neo4j_admin([*TINY, flags], tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    many = Nodes(PACKAGE, [f"package-{number}" for number in range(100_000)])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, limits[1]))
    try:
        with pytest.raises(StoreError, match="out: cannot be written: File too large"):
            export_neo4j_admin([many], tmp_path / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [*tmp_path.iterdir()] == []


def test_the_command_says_what_to_run(tmp_path: Path) -> None:
    store, folder = tmp_path / "graph.db", tmp_path / "my graph"
    cachegraph.open(store).import_(PAGES)
    words = ["export", str(folder), "--store", str(store)]
    refused = CliRunner().invoke(cli, words)
    assert refused.exit_code == 2
    assert "Hint: name the format: --format with one of graphml, neo4j-admin, " in refused.stderr
    result = CliRunner().invoke(cli, [*words, "--format", "neo4j-admin"])
    assert result.stderr == (
        f"3182 nodes and relationships are in {folder}\n"
        f"Next, with Neo4j stopped: sh '{folder}/import.sh'\n"
        f"Then, with Neo4j started: cypher-shell -f '{folder}/after.cypher'\n"
    )
    with pytest.raises(UsageError, match=r"graph\.png"):
        cachegraph.open(store).export(tmp_path / "graph.png")


# With the real tool

Rows = Counter[str]


def row(*parts: Any) -> str:
    return json.dumps(parts, sort_keys=True)


def expected(elements: list[Element]) -> Rows:
    """Each node and relationship by itself, and the marker."""
    rows = Counter([row(["CacheGraph"], {"key": "graph", "model": 1})])
    for element in elements:
        if isinstance(element, Nodes):
            key = element.type.key.name
            rows.update(
                row([element.type.label], {key: one, **element.properties}) for one in element.keys
            )
        else:
            ends = element.ends if isinstance(element, Pairs) else repeat(element.end)
            type_ = element.type
            said = {name: v for name, v in element.properties.items() if v is not None}
            rows.update(
                row(type_.name, type_.start.label, start, type_.end.label, end, said)
                for start, end in zip(element.starts, ends, strict=False)
            )
    return rows


def found(database: Database) -> Rows:
    """Each node and relationship of a database, whatever it is."""
    keys = {type_.label: type_.key.name for type_ in NODE_TYPES}
    rows = Counter(
        row(each["labels"], each["said"])
        for each in database.run("MATCH (n) RETURN labels(n) AS labels, properties(n) AS said")
    )
    rows.update(
        row(
            each["type"],
            *chain(*((label, node[keys[label]]) for (label,), node in (each["s"], each["e"]))),
            each["said"],
        )
        for each in database.run(
            "MATCH (s)-[r]->(e) RETURN type(r) AS type, properties(r) AS said, "
            "[labels(s), properties(s)] AS s, [labels(e), properties(e)] AS e"
        )
    )
    return rows


def odd_elements() -> Iterator[Element]:
    yield Nodes(PACKAGE, ODD)
    for number, text in enumerate(ODD):
        said = {"version": text, "variants": (text, "x"), "flags": (text,), "modules": ()}
        yield Nodes.of(SPEC, [f"odd{number}"], said)
        yield Relationships(OF_PACKAGE, [f"odd{number}"], text)
        yield Pairs(DEPENDS_ON, [f"odd{number}"], ["odd0"], {"virtuals": (text,), "deptypes": ()})


@pytest.fixture
def everything() -> NetworkXStore:
    """Pages, a lock file, and what may trip an importer up."""
    store = NetworkXStore()
    graph = cachegraph.open(":memory:")
    graph.import_(PAGES, LOCK)
    with store.writing():
        store.load([*graph.store.elements(), *odd_elements()])
    return store


@pytest.fixture
def location(neo4j_process: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The store that the server of the jars is, with the credentials for it."""
    assert neo4j_process.password
    monkeypatch.setenv("NEO4J_USERNAME", neo4j_process.user)
    monkeypatch.setenv("NEO4J_PASSWORD", neo4j_process.password)
    yield neo4j_process.uri
    neo4j_process.database.wipe()


def imported(folder: Path, server: Server) -> subprocess.CompletedProcess[str]:
    """Does what ``import.sh`` does, and starts the server on the result."""
    options = called(folder, "--overwrite-destination")
    server.stop()
    try:
        with chdir(folder):
            return server.admin(*options)
    finally:
        server.start()


@pytest.mark.slow
@pytest.mark.newest
def test_the_real_tool_makes_the_graph_that_is_loaded_over_bolt(
    neo4j_process: Server, location: str, tmp_path: Path, everything: NetworkXStore
) -> None:
    database, elements = neo4j_process.database, [*everything.elements()]
    rows = by_the_real_tool(export_neo4j_admin, elements, location, neo4j_process, tmp_path)
    database.wipe()
    with closing(open_store(location, write=True)) as store, store.writing():
        store.load(elements)
    assert found(database) == rows


@pytest.mark.slow
@pytest.mark.newest
def test_the_real_tool_makes_the_same_graph_of_parquet(
    neo4j_process: Server, location: str, tmp_path: Path, everything: NetworkXStore
) -> None:
    """But for an empty key, of which there is a test without the tool."""
    elements = [element for element in everything.elements() if "" not in keys_of(element)]
    by_the_real_tool(export_parquet, elements, location, neo4j_process, tmp_path)


def keys_of(element: Element) -> list[str]:
    if isinstance(element, Nodes):
        return [*element.keys]
    return [*element.starts, *(element.ends if isinstance(element, Pairs) else [element.end])]


def by_the_real_tool(
    export: Callable[[list[Element], Path], int],
    elements: list[Element],
    location: str,
    neo4j_process: Server,
    tmp_path: Path,
) -> Rows:
    """What is in the database that the tool and ``after.cypher`` make: all that was exported."""
    folder, database = tmp_path / "out", neo4j_process.database
    count = export(elements, folder)
    done = imported(folder, neo4j_process)
    assert done.returncode == 0, done.stdout + done.stderr
    with (
        pytest.raises(StoreError, match="imported by neo4j-admin, and not finished"),
        closing(open_store(location)),
    ):
        pass
    statements = (folder / "after.cypher").read_text().split(";\n")[:-1]
    for statement in statements * 2:  # which may be repeated
        database.run(statement)
    rows = found(database)
    assert rows.total() == count + 1
    assert rows == expected(elements)
    return rows


@pytest.mark.slow
def test_the_real_tool_refuses_what_is_not_whole(neo4j_process: Server, tmp_path: Path) -> None:
    dangling = Relationships(OF_PACKAGE, ["aaa"], "nothing")
    export_neo4j_admin([*TINY, Nodes(PACKAGE, ["zlib"]), dangling], tmp_path / "out")
    options = called(tmp_path / "out", "another")  # the server runs on, beside it
    with chdir(tmp_path / "out"):
        done = neo4j_process.admin(*options)
    assert done.returncode != 0

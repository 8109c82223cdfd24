"""GraphML opens elsewhere with its labels and types, and comes back whole."""

import gzip
import json
import xml.etree.ElementTree as ET
from math import isnan
from pathlib import Path
from typing import Any

import igraph
import networkx as nx
import pytest

import cachegraph
from cachegraph.exports.graphml import export as export_graphml
from cachegraph.model.elements import Element, Nodes, Relationships
from cachegraph.model.schema import IN_STACK, SOURCE, SPEC, STACK
from cachegraph.stores.graphml import elements, own_form
from cachegraph.stores.networkx import NetworkXStore
from tests.support.corpus import dag_hash
from tests.support.sample import PAGES

LOCK = Path(__file__).parents[1] / "fixtures/spack/locks/e4s-23.05"
RENAMED = {"name": "short_name", "size": "archive_size"}
OURS = ("label", "kind", "name", "interaction")
G = "{http://graphml.graphdrawing.org/xmlns}"


@pytest.fixture
def graph() -> cachegraph.Graph:
    graph = cachegraph.open(":memory:")
    graph.import_(PAGES)
    return graph


def test_networkx_reads_it_back(graph: cachegraph.Graph, tmp_path: Path) -> None:
    path = tmp_path / "graph.graphml"
    graph.export(path)
    found = nx.read_graphml(path, force_multigraph=True)
    original = graph.networkx()
    assert set(found) == set(original)
    for name, data in original.nodes(data=True):
        read = dict(found.nodes[name])
        assert read.pop("label")
        assert read.pop("name") == name
        for key, value in data.items():
            attribute = RENAMED.get(key, key)
            assert read.pop(attribute) == (json.dumps(value) if isinstance(value, tuple) else value)
        assert read == {}
    edges = sorted((start, end, data["kind"]) for start, end, data in found.edges(data=True))
    assert edges == sorted(original.edges(keys=True))
    for *_, data in found.edges(data=True):
        assert data["label"] == data["interaction"] == data["kind"]


def test_igraph_reads_it_back(graph: cachegraph.Graph, tmp_path: Path) -> None:
    path = tmp_path / "graph.graphml"
    graph.export(path)
    found = igraph.Graph.Read_GraphML(str(path))
    original = graph.networkx()
    assert (found.vcount(), found.ecount()) == (len(original), original.number_of_edges())
    assert {*found.vs["id"]} == {*original}
    assert found.vs["name"] == found.vs["id"]
    assert found.vs.find("Package:py-mpi4py")["short_name"] == "py-mpi4py"
    assert found.neighbors("Stack:develop/e4s", "out") == [found.vs.find("Release:develop").index]
    specs = found.vs.select(kind="Spec")
    assert len(specs) == 390
    one = found.vs.find(id="Spec:2feova4prghd2gkebr23if6bojkyydpt")
    assert one["label"] == "py-mpi4py@4.0.1 /2feova4"
    assert (one["os"], one["compiler"]) == ("ubuntu22.04", "gcc@11.4.0")
    (source,) = found.vs.select(location=f"{PAGES}/py-mpi4py/specs.md")
    assert source["specs"] == 91
    kinds = [edge["kind"] for edge in found.es]
    assert kinds.count("IN_STACK") == 882


def test_absent_booleans_are_absent_in_igraph(tmp_path: Path) -> None:
    path = tmp_path / "graph.graphml"
    specs: dict[str, dict[str, Any]] = {
        "a": {"external": True, "size": 1 << 40},
        "b": {"external": False},
        "c": {},
    }
    export_graphml([Nodes.of(SPEC, [key], said) for key, said in specs.items()], path)
    found = igraph.Graph.Read_GraphML(str(path))
    assert found.vs["external"][:2] == [1, 0]
    assert isnan(found.vs["external"][2])
    assert found.vs["archive_size"][0] == 1 << 40  # Gephi would draw it so large by its size
    assert [*nx.read_graphml(path).nodes(data="external")] == [
        ("Spec:a", True),
        ("Spec:b", False),
        ("Spec:c", None),
    ]
    store = cachegraph.open(path).networkx()
    assert {key: dict(store.nodes[f"Spec:{key}"]) for key in specs} == {
        key: {"kind": "Spec", "hash": key, **said} for key, said in specs.items()
    }
    assert store.nodes["Spec:b"]["external"] is False


# As exports before 0.2.0 have it: names and sizes under their own names, booleans as such.
EARLIER = """\
<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="n0" for="node" attr.name="label" attr.type="string"/>
<key id="n1" for="node" attr.name="kind" attr.type="string"/>
<key id="n2" for="node" attr.name="name" attr.type="string"/>
<key id="n3" for="node" attr.name="hash" attr.type="string"/>
<key id="n4" for="node" attr.name="external" attr.type="boolean"/>
<key id="n5" for="node" attr.name="size" attr.type="long"/>
<key id="n6" for="node" attr.name="variants" attr.type="string"/>
<key id="n7" for="node" attr.name="key" attr.type="string"/>
<key id="n8" for="node" attr.name="version" attr.type="string"/>
<key id="e0" for="edge" attr.name="label" attr.type="string"/>
<key id="e1" for="edge" attr.name="kind" attr.type="string"/>
<key id="e2" for="edge" attr.name="requests" attr.type="string"/>
<graph edgedefault="directed">
<node id="Package:zlib"><data key="n2">zlib</data><data key="n0">zlib</data>\
<data key="n1">Package</data></node>
<node id="Spec:a"><data key="n3">a</data><data key="n0">/a</data><data key="n1">Spec</data>\
<data key="n6">[&quot;+pic&quot;]</data><data key="n8">x=&lt;&#10;&ufffd;001f&gt;</data>\
<data key="n4">false</data><data key="n5">7</data></node>
<node id="Stack:r/&amp;"><data key="n7">r/&amp;</data><data key="n0">r/&amp;</data>\
<data key="n1">Stack</data><data key="n2">&amp;</data></node>
<edge source="Spec:a" target="Package:zlib"><data key="e0">OF_PACKAGE</data>\
<data key="e1">OF_PACKAGE</data></edge>
<edge source="Spec:a" target="Stack:r/&amp;"><data key="e0">IN_STACK</data>\
<data key="e1">IN_STACK</data></edge>
<edge source="Spec:a" target="Stack:r/&amp;"><data key="e0">ROOT_OF</data>\
<data key="e1">ROOT_OF</data><data key="e2">[&quot;zlib&quot;]</data></edge>
</graph>
</graphml>
""".replace("&ufffd;", "\ufffd")


@pytest.mark.parametrize("form", ["own", "of another program"])
def test_an_export_of_an_earlier_version_is_read(tmp_path: Path, form: str) -> None:
    path = tmp_path / "graph.graphml"
    text = EARLIER if form == "own" else EARLIER.replace("><", ">\n<")
    path.write_text(text, encoding="utf-8")
    assert (own_form(path) is not None) == (form == "own")
    found = cachegraph.open(path).networkx()
    assert {name: {**data} for name, data in found.nodes(data=True)} == {
        "Package:zlib": {"kind": "Package", "name": "zlib"},
        "Spec:a": {
            "kind": "Spec",
            "hash": "a",
            "variants": ("+pic",),
            "version": "x=<\n\x1f>",
            "external": False,
            "size": 7,
        },
        "Stack:r/&": {"kind": "Stack", "key": "r/&", "name": "&"},
    }
    assert [*found.edges(keys=True, data=True)] == [
        ("Spec:a", "Package:zlib", "OF_PACKAGE", {}),
        ("Spec:a", "Stack:r/&", "IN_STACK", {}),
        ("Spec:a", "Stack:r/&", "ROOT_OF", {"requests": ("zlib",)}),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<data key", " <data key"),
        ("&#10;", "&#xa;"),
        ("&lt;", "&amp"),
        ("&gt;", ">"),
        ("x=", "x=\x01"),
        ('"n4">false', '"n4">no'),
        ('<node id="Spec:a">', '<node id="Spec:a" x="">'),
        ('source="Spec:a"', 'source="Spec:b"'),
        ('source="Spec:a"', 'source="Package:zlib"'),
        ('id="Package:zlib"', 'id="Package:zlib2"'),
        ("ROOT_OF", "IN_STACK"),
        ("</graphml>", "</graphml><!-- -->"),
        ("</graph>", "<node/></graph>"),
        ('<graph edgedefault="directed">', "<!DOCTYPE x>"),
        ("+pic", "+p\udce9c"),
        ("+pic", "+" * (9 << 20)),
    ],
)
def test_what_is_not_just_as_we_write_it_is_left_to_the_general_reader(
    tmp_path: Path, old: str, new: str
) -> None:
    path = tmp_path / "graph.graphml"
    path.write_text(EARLIER.replace(old, new), encoding="utf-8", errors="surrogateescape")
    assert own_form(path) is None


@pytest.mark.parametrize("location", [PAGES, LOCK])
def test_both_readers_read_the_same(tmp_path: Path, location: Path) -> None:
    path = tmp_path / "graph.graphml.gz"
    with cachegraph.open(":memory:") as graph:
        graph.import_(location)
        graph.export(path)
        by_line = cachegraph.open(path).networkx()
        assert own_form(path) is not None
        general = NetworkXStore()
        general.load(elements(path))
        assert nx.utils.graphs_equal(by_line, general.graph)
        assert nx.utils.graphs_equal(by_line, graph.networkx())


def test_its_form(graph: cachegraph.Graph, tmp_path: Path) -> None:
    """One fixed type an attribute; no attribute called id; ids of label and key."""
    path = tmp_path / "graph.graphml"
    graph.export(path)
    root = ET.parse(path).getroot()
    keys = root.findall(f"{G}key")
    named = [(key.get("for"), key.get("attr.name")) for key in keys]
    assert len(named) == len({*named})
    assert "id" not in {name for _, name in named}
    types = {name: key.get("attr.type") for (_, name), key in zip(named, keys, strict=True)}
    assert types["specs"] == "long"
    assert types["verified"] == "int"
    assert types["variants"] == "string"
    labels = {key.get("id") for key in keys if key.get("attr.name") in OURS}
    graph_element = root.find(f"{G}graph")
    assert graph_element is not None
    for element in graph_element:
        present = {data.get("key") for data in element}
        assert len(present & labels) == 3
        assert all(data.text for data in element)
    ids = {node.get("id", "") for node in graph_element.findall(f"{G}node")}
    assert {"Stack:develop/e4s", "Compiler:gcc@11.4.0", "Package:py-mpi4py"} <= ids


def test_everything_is_escaped(tmp_path: Path) -> None:
    nasty = '<&">\n\t\x0b\x1f\ufffe\U0001f600é'
    path = tmp_path / "graph.graphml"
    nasty_ones: list[Element] = [
        Nodes.of(SPEC, [dag_hash("a")], {"package": nasty, "variants": (nasty,)}),
        Nodes.of(STACK, [f"r/{nasty}"], {"name": nasty}),
        Nodes.of(SOURCE, ["0"], {"location": nasty}),
        Relationships(IN_STACK, [dag_hash("a")], f"r/{nasty}"),
    ]
    export_graphml(nasty_ones, path)
    graph = nx.read_graphml(path, force_multigraph=True)
    held = '<&">\n\t\ufffd000b\ufffd001f\ufffdfffe\U0001f600é'
    assert graph.nodes[f"Spec:{dag_hash('a')}"]["package"] == held
    assert graph.nodes[f"Stack:r/{held}"]["short_name"] == held
    assert graph.number_of_edges() == 1
    assert own_form(path) is not None
    store = cachegraph.open(path)
    assert store.stacks()["stacks"][0]["specs"] == 1


def test_compressed_by_its_ending(graph: cachegraph.Graph, tmp_path: Path) -> None:
    plain, packed = tmp_path / "graph.graphml", tmp_path / "graph.graphml.gz"
    assert graph.export(plain) == graph.export(packed) == 3182
    assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()
    assert packed.stat().st_size < plain.stat().st_size / 5
    assert sorted(path.name for path in tmp_path.iterdir()) == [plain.name, packed.name]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not GraphML of cachegraph"),
        ("<html></html>", "not GraphML of cachegraph"),
        (
            "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><graphml>&a;</graphml>",
            "not GraphML",
        ),
        ("<!-- <graphml> -->" + " " * 5000 + "<!DOCTYPE x><graphml/>", "not GraphML of cachegraph"),
        (f"<graphml xmlns='{G[1:-1]}'><graph><node id='a'/></graph></graphml>", "without 'kind'"),
        (f"<graphml xmlns='{G[1:-1]}'><graph><node id='a'>", "not GraphML of cachegraph"),
    ],
)
@pytest.mark.parametrize("ending", ["graphml", "graphml.gz"])
def test_file_of_something_else(tmp_path: Path, text: str, message: str, ending: str) -> None:
    path = tmp_path / f"graph.{ending}"
    path.write_bytes(gzip.compress(text.encode()) if ending.endswith("gz") else text.encode())
    with pytest.raises(cachegraph.StoreError, match=message):
        cachegraph.open(path).stats()


def test_file_that_is_cut_off(graph: cachegraph.Graph, tmp_path: Path) -> None:
    path = tmp_path / "graph.graphml.gz"
    graph.export(path)
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(cachegraph.StoreError, match="cannot be read"):
        cachegraph.open(path).stats()


def test_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(cachegraph.StoreError, match="no store at"):
        cachegraph.open(tmp_path / "graph.graphml").stats()

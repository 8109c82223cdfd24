"""GraphML opens elsewhere with its labels and types, and comes back whole."""

import gzip
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import igraph
import networkx as nx
import pytest

import cachegraph
from cachegraph.exports.graphml import export as export_graphml
from cachegraph.model.elements import Element, Nodes, Relationships
from cachegraph.model.schema import IN_STACK, SOURCE, SPEC, STACK
from tests.support.corpus import dag_hash
from tests.support.sample import PAGES

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
        for key, value in data.items():
            assert read.pop(key) == (json.dumps(value) if isinstance(value, tuple) else value)
        assert read == {}
    edges = sorted((start, end, data["kind"]) for start, end, data in found.edges(data=True))
    assert edges == sorted(original.edges(keys=True))
    assert all(data["label"] == data["kind"] for *_, data in found.edges(data=True))


def test_igraph_reads_it_back(graph: cachegraph.Graph, tmp_path: Path) -> None:
    path = tmp_path / "graph.graphml"
    graph.export(path)
    found = igraph.Graph.Read_GraphML(str(path))
    original = graph.networkx()
    assert (found.vcount(), found.ecount()) == (len(original), original.number_of_edges())
    assert {*found.vs["id"]} == {*original}
    specs = found.vs.select(kind="Spec")
    assert len(specs) == 390
    one = found.vs.find(id="Spec:2feova4prghd2gkebr23if6bojkyydpt")
    assert one["label"] == "py-mpi4py@4.0.1 /2feova4"
    assert (one["os"], one["compiler"]) == ("ubuntu22.04", "gcc@11.4.0")
    (source,) = found.vs.select(location=f"{PAGES}/py-mpi4py/specs.md")
    assert source["specs"] == 91
    kinds = [edge["kind"] for edge in found.es]
    assert kinds.count("IN_STACK") == 882


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
    assert types["verified"] == "boolean"
    assert types["variants"] == "string"
    labels = {key.get("id") for key in keys if key.get("attr.name") in ("label", "kind")}
    graph_element = root.find(f"{G}graph")
    assert graph_element is not None
    for element in graph_element:
        present = {data.get("key") for data in element}
        assert len(present & labels) == 2
        assert all(data.text for data in element)
    ids = {node.get("id", "") for node in graph_element.findall(f"{G}node")}
    assert {"Stack:develop/e4s", "Compiler:gcc@11.4.0", "Package:py-mpi4py"} <= ids


def test_everything_is_escaped(tmp_path: Path) -> None:
    nasty = '<&">\n\t\x0b\x1f\ufffe\U0001f600é'
    path = tmp_path / "graph.graphml"
    elements: list[Element] = [
        Nodes.of(SPEC, [dag_hash("a")], {"package": nasty, "variants": (nasty,)}),
        Nodes.of(STACK, [f"r/{nasty}"], {"name": nasty}),
        Nodes.of(SOURCE, ["0"], {"location": nasty}),
        Relationships(IN_STACK, [dag_hash("a")], f"r/{nasty}"),
    ]
    export_graphml(elements, path)
    graph = nx.read_graphml(path, force_multigraph=True)
    held = '<&">\n\t\ufffd000b\ufffd001f\ufffdfffe\U0001f600é'
    assert graph.nodes[f"Spec:{dag_hash('a')}"]["package"] == held
    assert graph.nodes[f"Stack:r/{held}"]["name"] == held
    assert graph.number_of_edges() == 1
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

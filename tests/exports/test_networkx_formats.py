"""The formats that NetworkX writes: it reads them back equal to the graph; they have a limit."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

import cachegraph
from cachegraph.exports import IN_MEMORY, exporter, networkx_graph
from cachegraph.model.elements import Element, Nodes, Pairs, Relationships
from cachegraph.model.schema import DEPENDS_ON, IN_STACK, PACKAGE, ROOT_OF, SOURCE, SPEC, STACK
from tests.support.sample import PAGES

LOCK = Path(__file__).parents[1] / "fixtures/spack/locks/e4s-23.05"
NASTY = '<&">\n\t\x0b\U0001f600é'
NODES: dict[str, dict[str, Any]] = {
    "Package:zlib": {"kind": "Package", "name": "zlib"},
    "Spec:abcdefghijk": {
        "kind": "Spec",
        "hash": "abcdefghijk",
        "package": "zlib",
        "version": "1.3",
        "variants": ("+pic", "x=a,b"),
        "flags": (),
        "external": False,
        "size": 3 << 31,
    },
    "Spec:b": {"kind": "Spec", "hash": "b"},
    "Stack:r/e4s": {"kind": "Stack", "key": "r/e4s", "name": "e4s", "release": "r"},
    "Source:0": {"kind": "Source", "digest": "0", "location": NASTY},
}
EDGES: list[tuple[str, str, str, dict[str, Any]]] = [
    ("Spec:abcdefghijk", "Stack:r/e4s", "IN_STACK", {}),
    ("Spec:abcdefghijk", "Stack:r/e4s", "ROOT_OF", {"requests": ("zlib", "zlib+pic")}),
    ("Spec:abcdefghijk", "Spec:b", "DEPENDS_ON", {"deptypes": ("build",), "virtuals": ()}),
]
LABELS = ["zlib", "zlib@1.3 /abcdefg", "/b", "r/e4s", NASTY]


def tiny() -> list[Element]:
    types = {type_.label: type_ for type_ in (PACKAGE, SPEC, STACK, SOURCE)}
    found: list[Element] = []
    for name, data in NODES.items():
        label, _, key = name.partition(":")
        found.append(Nodes.of(types[label], [key], data))
    found.append(Relationships(IN_STACK, ["abcdefghijk"], "r/e4s"))
    found.append(Relationships(ROOT_OF, ["abcdefghijk"], "r/e4s", EDGES[1][3]))
    found.append(Pairs(DEPENDS_ON, ["abcdefghijk"], ["b"], EDGES[2][3]))
    return found


def as_json(data: dict[str, Any]) -> dict[str, Any]:
    """Lists as JSON: GEXF has none. Control characters as exports to XML write them."""
    made = {}
    for name, value in data.items():
        text = json.dumps(value, separators=(",", ":")) if isinstance(value, tuple) else value
        made[name] = text.replace("\x0b", "\ufffd000b") if isinstance(text, str) else text
    return made


def with_lists(data: dict[str, Any]) -> dict[str, Any]:
    return {k: [*v] if isinstance(v, tuple) else v for k, v in data.items()}


def test_gexf(tmp_path: Path) -> None:
    path = tmp_path / "graph.gexf"
    assert exporter("gexf").export(tiny(), path) == 8
    found: Any = nx.read_gexf(path)
    labels = [text.replace("\x0b", "\ufffd000b") for text in LABELS]
    assert {name: {**data} for name, data in found.nodes(data=True)} == {
        name: {**as_json(data), "label": label}
        for (name, data), label in zip(NODES.items(), labels, strict=True)
    }
    read = [(s, e, data["label"], {**data}) for s, e, data in found.edges(data=True)]
    for *_, data in read:
        assert data.pop("id")
        assert data.pop("label") == data.pop("kind")
    assert sorted(read, key=str) == sorted(((*e[:3], as_json(e[3])) for e in EDGES), key=str)
    (graph,) = ET.parse(path).getroot().findall("{http://www.gexf.net/1.2draft}graph")
    assert graph.attrib == {"defaultedgetype": "directed", "mode": "static"}  # all of the schema's
    types = {a.get("title"): a.get("type") for a in ET.parse(path).iter() if a.get("title")}
    assert (types["size"], types["external"], types["variants"]) == ("long", "boolean", "string")


def test_cytoscape(tmp_path: Path) -> None:
    """Cytoscape shows the ``name`` of a node, and takes ``interaction`` for the type of an edge."""
    path = tmp_path / "graph.cyjs"
    assert exporter("cyjs").export(tiny(), path) == 8
    made = json.loads(path.read_text(encoding="utf-8"))
    assert [node["data"]["name"] for node in made["elements"]["nodes"]] == LABELS
    assert made["data"] == {}
    found: Any = nx.cytoscape_graph(made)
    for (name, data), label in zip(NODES.items(), LABELS, strict=True):
        read = {**found.nodes[name]}
        assert (read.pop("id"), read.pop("value"), read.pop("name")) == (name, name, label)
        if "name" in data:
            read["name"] = read.pop("short_name")
        assert read == with_lists(data)
    for start, end, type_, data in EDGES:
        read = {**found.edges[start, end, type_]}
        ours = {"source": start, "target": end, "key": type_, "interaction": type_}
        assert read == ours | with_lists(data)
    assert found.number_of_edges() == len(EDGES)


def test_node_link(tmp_path: Path) -> None:
    path = tmp_path / "graph.json"
    assert exporter("node-link").export(tiny(), path) == 8
    made = json.loads(path.read_text(encoding="utf-8"))
    assert made["nodes"][0] == {"kind": "Package", "name": "zlib", "id": "Package:zlib"}
    found: Any = nx.node_link_graph(made, edges="edges")
    assert dict(found.nodes(data=True)) == {name: with_lists(data) for name, data in NODES.items()}
    expected = [(*edge[:3], with_lists(edge[3])) for edge in EDGES]
    assert sorted(found.edges(keys=True, data=True), key=str) == sorted(expected, key=str)


@pytest.mark.parametrize("location", [PAGES, LOCK])
def test_a_real_graph_comes_back(tmp_path: Path, location: Path) -> None:
    with cachegraph.open(":memory:") as graph:
        graph.import_(location)
        path = tmp_path / "graph.json"
        count = graph.export(path)
        original = graph.networkx()
        assert count == len(original) + original.number_of_edges()
        found: Any = nx.node_link_graph(json.loads(path.read_bytes()), edges="edges")
        for data in (*found.nodes.values(), *(data for *_, data in found.edges(data=True))):
            data.update({k: tuple(v) for k, v in data.items() if isinstance(v, list)})
        assert nx.utils.graphs_equal(found, original)
        graph.export(tmp_path / "graph.gexf")
        graph.export(tmp_path / "graph.cyjs")
        ends = sorted(original.edges(keys=True))
        gexf: Any = nx.read_gexf(tmp_path / "graph.gexf").edges(data="label")
        assert sorted(gexf) == ends
        cyjs: Any = nx.cytoscape_graph(json.loads((tmp_path / "graph.cyjs").read_bytes()))
        assert sorted(cyjs.edges(keys=True)) == ends


@pytest.mark.parametrize("form", IN_MEMORY)
def test_a_graph_that_is_too_large_is_refused(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(networkx_graph, "MOST", 8)
    exporter(form).export(tiny(), tmp_path / "kept")
    monkeypatch.setattr(networkx_graph, "MOST", 7)
    with pytest.raises(cachegraph.UsageError) as caught:
        exporter(form).export(tiny(), tmp_path / "out")
    assert "out: more than 7 nodes and relationships" in caught.value.message
    hint = str(caught.value.hint)
    assert hint.startswith(
        "export a part, with --in STACK or --around SPEC, or all as one of graph"
    )
    assert form not in hint
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]

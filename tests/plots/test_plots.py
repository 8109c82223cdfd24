"""Pictures of answers: what is in them, in every type of file, and that names do nothing there."""

import io
import re
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

import cachegraph
from cachegraph.cli import cli
from cachegraph.output.charts import CHARTS, FORMATS, chart_of
from cachegraph.output.charts.clusters import clustered
from cachegraph.output.charts.graphs import (
    Drawing,
    Edge,
    Node,
    as_dot,
    as_mermaid,
    drawing_of,
)
from cachegraph.output.charts.rendering import render
from cachegraph.questions import answer, question_class
from cachegraph.reading.discover import SAMPLE

QUESTIONS: dict[str, dict[str, Any]] = {
    "affected": {"spec": "zlib-ng", "stacks": ("e4s-24.11/*",)},
    "base": {"release": "e4s-24.11"},
    "blame": {"release": "e4s-24.11"},
    "coverage": {"release": "develop"},
    "dependents": {"spec": "zlib-ng", "tree": True, "stacks": ("gcc-cpu",)},
    "deps": {"spec": "axom", "path": "zlib-ng"},
    "diff": {"left": "e4s-24.02/gcc-cuda", "right": "e4s-24.11/gcc-cuda"},
    "history": {"package": "ginkgo"},
    "matrix": {"all_releases": True},
    "overlap": {"stacks": ("gcc-cpu", "e4s-24.11/gcc-cuda")},
    "releases": {},
    "shared": {"all_releases": True, "at_least": 1},
    "what-if": {"release": "e4s-24.11", "best": 2},
    "why": {"left": "/kc2bmnx", "right": "/tqdtzdz"},
}
NASTY = "</script><script>alert(1)</script>\u202e<b>&\"'"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "graph.db"
    cachegraph.open(path).import_(SAMPLE)
    return path


@pytest.fixture(scope="module")
def graph(store: Path) -> cachegraph.Graph:
    return cachegraph.open(store)


def asked(graph: cachegraph.Graph, name: str) -> Any:
    return answer(question_class(name)(**QUESTIONS[name]), graph.store)


def texts(svg: bytes) -> str:
    root = ElementTree.fromstring(svg)
    found = (element for element in root.iter() if element.tag.endswith("text"))
    return " ".join(" ".join(element.itertext()) for element in found)


def test_what_is_alike_lies_together() -> None:
    likeness = [
        [1.0, 0.0, 0.9, 0.1],
        [0.0, 1.0, 0.0, 0.8],
        [0.9, 0.0, 1.0, 0.2],
        [0.1, 0.8, 0.2, 1.0],
    ]
    # 0 and 2 are most alike, then 1 and 3; of their ends 2 and 3.
    assert clustered(likeness) in ([0, 2, 3, 1], [1, 3, 2, 0])
    assert clustered([[1.0]]) == [0]
    assert clustered([]) == []


def test_every_question_with_a_picture_is_tried() -> None:
    assert {*QUESTIONS} == {*CHARTS}


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("dark", [False, True])
def test_svg(graph: cachegraph.Graph, name: str, dark: bool) -> None:
    found = asked(graph, name)
    svg, again = (re.sub(rb"gradient_\d+", b"", render(found, "svg", dark=dark)) for _ in range(2))
    assert svg == again
    shown = texts(svg)
    chart = chart_of(found)
    assert chart.title in shown
    scope = found.get("scope", {"everything": True})
    assert scope["everything"] or scope["text"] in shown
    assert len(chart.description) > 20
    (described,) = (one.text for one in ElementTree.fromstring(svg) if one.tag.endswith("desc"))
    assert chart.title in str(described)
    assert chart.description in str(described)
    assert not re.search(rb"<image|<script|href=|url\([^#]", svg)


def test_what_is_in_them(graph: cachegraph.Graph) -> None:
    shown = texts(render(asked(graph, "blame"), "svg"))
    assert "zlib-ng: +new_strategies, ~new_strategies" in shown
    matrix = texts(render(asked(graph, "matrix"), "svg"))
    assert "e4s-24.11/gcc-cuda" in matrix
    assert " 30 " in matrix  # shared by gcc-cpu and gcc-cuda
    pins = chart_of(asked(graph, "what-if"))
    assert pins.title.startswith("Of 49 builds")


@pytest.mark.parametrize(("suffix", "begins"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_other_types(graph: cachegraph.Graph, suffix: str, begins: bytes) -> None:
    assert render(asked(graph, "history"), suffix).startswith(begins)


def test_html_asks_for_nothing(graph: cachegraph.Graph) -> None:
    html = render(asked(graph, "matrix"), "html").decode()
    outside = re.sub(r"(<script[^>]*>).*?</script>", r"\1", html, flags=re.DOTALL)
    assert "<script" in outside
    assert not re.search(r"(src|href)\s*=", outside)


def nasty() -> dict[str, Any]:
    return {
        "question": "history",
        "package": NASTY,
        "releases": [{"name": NASTY, "versions": [NASTY, "\ue000<"]}],
        "scope": {"text": NASTY, "everything": False},
    }


def test_names_do_nothing() -> None:
    root = ElementTree.fromstring(render(nasty(), "svg"))
    assert not [element for element in root.iter() if element.tag.endswith(("script", "}b"))]
    html = render(nasty(), "html").decode()
    assert "</script><script>alert" not in html
    escaped = html.count("\\u003cscript>alert(1)") + html.count("&lt;script&gt;alert(1)")
    assert html.count("alert(1)") == escaped


def run(store: Path, *words: str) -> Any:
    return CliRunner().invoke(cli, [*words, "--store", str(store)])


@pytest.mark.parametrize("suffix", FORMATS)
def test_on_the_command_line(store: Path, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"picture.{suffix}"
    result = run(store, "matrix", "--release", "e4s-24.11", "--plot", str(path))
    assert (result.exit_code, result.stderr) == (0, f"The picture is in {path}\n")
    assert result.stdout.startswith("\tstack\t1\t2\n")
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("words", "said", "hint"),
    [
        (("matrix", "--plot", "x.jpg"), "a picture of an unknown type", "name it .svg, .png, .pdf"),
        (("matrix", "--in", "e4s", "--plot", "x.svg"), "two stacks or more", "other stacks"),
        (("blame", "--plot", "x.svg"), "no cause of near-duplicates", "other stacks"),
    ],
)
def test_no_picture(
    store: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    words: tuple[str, ...],
    said: str,
    hint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(store, *words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert hint in result.stderr
    assert [*tmp_path.iterdir()] == []


def test_without_the_package(store: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    result = run(store, "matrix", "--plot", str(tmp_path / "x.svg"))
    assert result.exit_code == 2
    assert "pip install 'cachegraph[plots]'" in result.stderr


def test_not_over_the_store(store: Path, tmp_path: Path) -> None:
    link = tmp_path / "x.svg"
    link.symlink_to(store)
    before = store.read_bytes()
    result = run(store, "matrix", "--plot", str(link))
    assert "this is the store itself" in result.stderr
    assert store.read_bytes() == before


def test_what_has_no_picture(graph: cachegraph.Graph, tmp_path: Path) -> None:
    with pytest.raises(cachegraph.UsageError, match="an answer of stats has no picture"):
        graph.plot(graph.stats(), tmp_path / "x.svg")
    assert io.BytesIO(render(asked(graph, "coverage"), "png")).read(4) == b"\x89PNG"


# Drawings --------------------------------------------------------------------------------------

DRAWING = Drawing(
    "What is below app",
    [Node("a", "app@1 /aaaaaaa", is_marked=True), Node("b", 'li"b\\@2 </b>'), Node("c", "c")],
    [Edge("a", "b", "build, link"), Edge("a", "c"), Edge("b", "c", "run")],
)


def test_dot() -> None:
    assert as_dot(DRAWING).splitlines()[3:] == [
        '  "a" [label="app@1 /aaaaaaa", style=bold];',
        '  "b" [label="li\\"b\\\\@2 </b>"];',
        '  "c" [label="c"];',
        '  "a" -> "b" [label="build, link"];',
        '  "a" -> "c";',
        '  "b" -> "c" [label="run"];',
        "}",
    ]


def test_mermaid() -> None:
    assert as_mermaid(DRAWING).splitlines() == [
        "flowchart LR",
        '  n0["app@1 /aaaaaaa"]',
        '  n1["li#34;b#92;@2 #60;/b#62;"]',
        '  n2["c"]',
        '  n0 -->|"build, link"| n1',
        "  n0 --> n2",
        '  n1 -->|"run"| n2',
        "  style n0 stroke-width:3px",
    ]


def test_layers_follow_the_dependencies(graph: cachegraph.Graph) -> None:
    found = drawing_of(graph.deps("axom", path="zlib-ng"))
    labels = [node.label.partition("@")[0] for node in found.nodes]
    assert labels == ["axom", "cmake", "zlib-ng"]
    assert [edge.label for edge in found.edges] == ["build", "build, link"]
    up = drawing_of(graph.dependents("zlib-ng", tree=True, stacks="gcc-cpu"))
    down = {edge.start: edge.end for edge in up.edges}
    marked = {node.key for node in up.nodes if node.is_marked}
    assert len(marked) == 2
    assert not marked & down.keys()
    assert marked <= {*down.values()}


def test_causes_are_drawn_below_their_packages(graph: cachegraph.Graph) -> None:
    found = drawing_of(graph.why("/kc2bmnx", "/tqdtzdz"))
    assert [node.label for node in found.nodes] == [
        "cmake",
        "zlib-ng",
        "~new_strategies -> +new_strategies",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("deps", "conduit", "--plot", "x.svg"), "ask with --tree"),
        (("deps", "zlib-ng", "--path", "axom", "--plot", "x.dot"), "no spec is there"),
        (("matrix", "--plot", "x.dot"), "an answer of matrix has no nodes and lines"),
    ],
)
def test_no_drawing(
    store: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    words: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(store, *words)
    assert result.exit_code == 2
    assert said in result.stderr


def test_too_many_to_read() -> None:
    rows = [
        {"level": min(number, 1), "hash": f"{number:a>32}", "package": "p", "version": "1"}
        for number in range(200)
    ]
    tree = {"question": "deps", "spec": "p", "roots": [rows[0]["hash"]], "tree": rows}
    with pytest.raises(ValueError, match="200 specs are too many to read"):
        chart_of(tree)
    assert as_dot(drawing_of(tree)).count("->") == 199

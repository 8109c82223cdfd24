"""Answers and graphs as HTML: all text is escaped, long sections are cut and say so."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from cachegraph.answers.commands import answer_of_command
from cachegraph.output.html import as_html
from cachegraph.output.tables import Table
from cachegraph.reading.discover import SAMPLE
from tests.support.corpus import lock, node, write

HOSTILE = "<script>alert('&')</script>"
TAGS = {"div", "p", "strong", "table", "thead", "tbody", "tr", "th", "td"}


class Page(HTMLParser):
    """The text of the elements by tag; fails on a tag that is not ours or not closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: dict[str, list[str]] = {tag: [] for tag in TAGS}
        self.titles: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        assert {name for name, _ in attributes} <= {"style", "title"}
        self.titles += [value or "" for name, value in attributes if name == "title"]
        self._open.append(tag)
        self.texts[tag].append("")

    def handle_data(self, data: str) -> None:
        self.texts[self._open[-1]][-1] += data

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag


def shown(of: Any) -> Page:
    return Page(of._repr_html_())


@pytest.fixture(scope="module")
def graph() -> cachegraph.Graph:
    graph = cachegraph.open(":memory:")
    graph.import_(SAMPLE)
    return graph


def test_an_answer_has_a_heading_and_a_table_for_each_section(graph: cachegraph.Graph) -> None:
    page = shown(graph.overlap("e4s-24.11/gcc-cpu", "e4s-24.11/gcc-cuda"))
    assert page.texts["strong"] == ["overlap: in e4s-24.11/gcc-cpu, e4s-24.11/gcc-cuda"]
    assert page.texts["p"][1:4] == ["stacks", "levels", "30 shared specs"]
    assert page.texts["td"][:4] == ["e4s-24.11/gcc-cpu", "35", "e4s-24.11/gcc-cuda", "44"]
    assert "and 10 more rows" in page.texts["p"]
    assert len(page.texts["table"]) == 4


def test_hashes_are_cut_and_whole_in_the_title(graph: cachegraph.Graph) -> None:
    page = shown(graph.find("zlib-ng+new_strategies"))
    assert "/6s7cgpm" in page.texts["td"]
    assert [title[:8] for title in page.titles if title.startswith("/")] == ["/6s7cgpm"]
    assert {len(title) for title in page.titles if title.startswith("/")} == {33}


def test_notes_are_shown(graph: cachegraph.Graph) -> None:
    page = shown(graph.deps("py-mpi4py"))
    assert any(text.startswith("Note: 91 specs fit py-mpi4py") for text in page.texts["p"])


def test_text_is_escaped(tmp_path: Path) -> None:
    root = {"hash": (app := node("app"))["hash"], "spec": "app"}
    path = write(tmp_path / "env" / "spack.lock", lock(app, roots=[root]))
    with cachegraph.open(":memory:") as graph:
        graph.import_(path, stack=HOSTILE, release=HOSTILE)
        for of in (graph.find("app"), graph.stacks(), graph.matrix(), graph.info(), graph):
            assert HOSTILE in "".join(map("".join, shown(of).texts.values()))
    query = {"question": "query", "columns": [HOSTILE], "rows": [[HOSTILE], [{"a": HOSTILE}]]}
    page = shown(answer_of_command(query))
    assert page.texts["th"] == [HOSTILE]
    assert page.texts["td"][0] == HOSTILE


def test_what_a_terminal_or_a_browser_would_obey_is_spelled_out() -> None:
    table = Table("names", ("name",), [("\u202egnp.exe",), ("\x1b[31m",)])
    assert Page(as_html([table], "")).texts["td"] == ["\\u202egnp.exe", "\\x1b[31m"]


def test_rows_that_are_left_out_are_counted() -> None:
    rows = [(number,) for number in range(22)]
    page = Page(as_html([Table("numbers", ("n",), rows)], "", most_rows=21))
    assert page.texts["td"] == [str(number) for number in range(21)]
    assert page.texts["p"] == ["numbers", "and 1 more row"]
    assert Page(as_html([Table("none", ("n",), [])], "")).texts["p"] == []


def test_long_cells_are_cut() -> None:
    page = Page(as_html([Table("one", ("n",), [("x" * 121,)])], ""))
    assert page.texts["td"] == ["x" * 119 + "…"]
    assert page.titles == ["x" * 121]


def test_a_graph_shows_its_store_and_what_is_in_it(graph: cachegraph.Graph) -> None:
    page = shown(graph)
    assert page.texts["strong"] == ["cachegraph: :memory: (memory)"]
    cells = page.texts["td"]
    assert cells[cells.index("Stack") + 1] == "17"
    assert cells[-3:] == ["e4s-24.11", "2", "49"]


def test_a_graph_without_a_store_shows_the_error(tmp_path: Path) -> None:
    page = shown(cachegraph.open(tmp_path / "<none>.db"))
    assert page.texts["p"][0] == f"no store at {tmp_path / '<none>.db'}"
    assert page.texts["p"][1].startswith("Hint: ")

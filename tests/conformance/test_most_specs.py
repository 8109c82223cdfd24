"""Tables of most specs of a graph are made of whole columns, with the same rows."""

import pytest

import cachegraph
from cachegraph.model.coded_rows import CodedColumns, CodedRows
from cachegraph.model.graph import ColumnGraph
from cachegraph.output.render import as_csv, as_markdown, as_tsv
from cachegraph.output.tables import Table
from cachegraph.output.terminal import Style, for_terminal
from cachegraph.questions import dependencies
from cachegraph.questions.dependencies import DependenciesQuestion, Dependents, Deps
from cachegraph.reading.discover import SAMPLE
from tests.conftest import Kept

QUESTIONS = [
    Dependents(spec="zlib-ng", transitive=True, for_table=True),
    Dependents(spec="glibc", transitive=True, for_table=True),
    Deps(spec="axom", transitive=True, for_table=True),
    Deps(spec="umpire", transitive=True, for_table=True, stacks=["e4s-24.11/gcc-cpu"]),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=range(len(QUESTIONS)))
def test_the_table_is_that_of_another_store(
    question: DependenciesQuestion, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    def table(graph: cachegraph.Graph) -> Table:
        (found,) = question.tables(graph.ask(question))
        return found

    expected = table(kept.graph("memory", SAMPLE))
    monkeypatch.setattr(dependencies, "is_most", lambda graph, _: isinstance(graph, ColumnGraph))
    found = table(kept.graph("file", SAMPLE))
    assert isinstance(found.rows, CodedRows)
    assert not isinstance(expected.rows, CodedRows)
    assert len(found.rows) > 10
    assert [*found.rows] == [*expected.rows]
    assert [found.rows[0], found.rows[-1]] == [expected.rows[0], expected.rows[-1]]
    assert found[:2] == expected[:2]
    assert found.note == expected.note
    style = Style(80, lines=12)
    assert [*for_terminal([found], "", style)] == [*for_terminal([expected], "", style)]
    for form in (as_tsv, as_csv, as_markdown):
        assert "".join(form([found])) == "".join(form([expected]))


def test_a_value_is_on_one_line() -> None:
    named = CodedColumns(("a", "b"), [7, 5, 7], {5: ("x\ty", 1), 7: ("z", "")})
    rows = CodedRows(
        [named], ["k1", "k\n2", "k3"], CodedColumns(("c",), [0, 0, 1], {0: ["{}"], 1: ["\t"]}), "/"
    )
    assert [*rows][1] == ("x\ty", 1, "/k\n2", "{}")
    lines = ["a\tb\tkey\tc", "z\t\t/k1\t{}", "x y\t1\t/k 2\t{}", "z\t\t/k3\t "]
    assert "".join(as_tsv([Table("t", ("a", "b", "key", "c"), rows)])).splitlines() == lines

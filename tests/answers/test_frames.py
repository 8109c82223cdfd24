"""Answers as frames: each section has the rows of the JSON, with stable columns."""

import builtins
import copy
import json
import pickle
import subprocess
import sys
from typing import Any

import pandas as pd
import pytest

import cachegraph
from cachegraph.answers import AnswerDict
from cachegraph.answers.commands import answer_of_command
from cachegraph.reading.discover import SAMPLE

CPU, CUDA = "e4s-24.11/gcc-cpu", "e4s-24.11/gcc-cuda"
ZLIB_NG = ["2.1.5", "2.2.1", "2.2.1"]
"""The versions of zlib-ng in the three lock files of the sample, as grep finds them there."""


@pytest.fixture(scope="module")
def graph() -> cachegraph.Graph:
    graph = cachegraph.open(":memory:")
    graph.import_(SAMPLE)
    return graph


def frame_of(answer: Any, *arguments: Any, **options: Any) -> Any:
    """As those call it whose types are not checked."""
    return answer.to_frame(*arguments, **options)


def test_an_answer_is_still_a_dictionary(graph: cachegraph.Graph) -> None:
    answer = graph.find("zlib-ng")
    plain = json.loads(json.dumps(answer))
    assert isinstance(answer, dict)
    assert answer == plain == {**answer}
    assert repr(answer) == repr({**answer})
    for copied in (copy.deepcopy(answer), pickle.loads(pickle.dumps(answer)), copy.copy(answer)):
        assert copied == answer
        assert frame_of(copied)["version"].tolist() == ZLIB_NG


def test_rows_have_whole_hashes_and_lists(graph: cachegraph.Graph) -> None:
    frame = frame_of(graph.find("zlib-ng"))
    assert isinstance(frame, pd.DataFrame)
    assert frame["version"].tolist() == ZLIB_NG
    assert {len(hash_) for hash_ in frame["hash"]} == {32}
    assert "+new_strategies" in [variant for row in frame["variants"] for variant in row]
    assert cachegraph.to_frame(graph.find("zlib-ng")).equals(frame)


def test_columns_do_not_depend_on_the_rows(graph: cachegraph.Graph) -> None:
    some, none = (frame_of(graph.find(spec)) for spec in ("zlib-ng", "zlib-ng@99"))
    assert len(none) == 0
    assert {*none.columns} == {*some.columns} >= {"hash", "compiler", "flags", "stacks"}


def test_a_matrix_is_square_with_stacks_on_both_sides(graph: cachegraph.Graph) -> None:
    frame = frame_of(graph.matrix(CPU, CUDA))
    assert [*frame.index] == [*frame.columns] == [CPU, CUDA]
    assert frame.loc[CPU, CUDA] == frame.loc[CUDA, CPU] == 30
    assert (frame.loc[CPU, CPU], frame.loc[CUDA, CUDA]) == (35, 44)
    assert frame_of(graph.matrix(CPU, CUDA), "jaccard").loc[CPU, CUDA] == round(30 / 49, 4)
    assert frame_of(graph.matrix(CPU, CUDA), "pairs")["shared"].tolist() == [30]


def test_coverage_is_packages_by_columns(graph: cachegraph.Graph) -> None:
    frame = frame_of(graph.coverage("curl", "umpire", by="stack", stacks=[CPU, CUDA]))
    assert [*frame.columns] == [CPU, CUDA]
    assert {package: [*row] for package, row in frame.iterrows()} == {
        "curl": [2, 2],
        "umpire": [0, 1],
    }


def test_main_rows_and_other_sections(graph: cachegraph.Graph) -> None:
    assert frame_of(graph.stats(), "nodes").set_index("label")["nodes"]["Stack"] == 17
    assert frame_of(graph.overlap(CPU, CUDA)).loc[0, "shared"] == 30
    assert len(frame_of(graph.overlap(CPU, CUDA), "shared")) == 30
    assert frame_of(graph.why("/kc2bmnx", "/tqdtzdz"))["attribute"].tolist() == ["new_strategies"]
    assert frame_of(graph.info())["key"].nunique() == 17
    assert frame_of(graph.history("zlib-ng"))["new"].dtype == "Int64"
    dry = graph.remove(CPU, dry_run=True)
    assert frame_of(dry)["key"].tolist() == [CPU]


def test_rows_of_cypher_keep_their_values() -> None:
    rows: list[list[Any]] = [["e4s", 52, ["a"]], ["hep", None, []]]
    query = {"question": "query", "columns": ["n", "k", "l"], "rows": rows, "truncated": False}
    frame = answer_of_command(query).to_frame()
    assert frame["n"].tolist() == ["e4s", "hep"]
    assert frame["k"].tolist() == [52, pd.NA]
    assert frame["l"].tolist() == [["a"], []]


def test_unknown_sections_and_libraries(graph: cachegraph.Graph) -> None:
    with pytest.raises(cachegraph.UsageError, match="no section spec") as error:
        frame_of(graph.find("zlib-ng"), "spec")
    assert error.value.hint == "there are specs"
    with pytest.raises(cachegraph.UsageError, match="no frames of numpy"):
        frame_of(graph.find("zlib-ng"), library="numpy")
    with pytest.raises(TypeError, match="a copy of its keys"):
        cachegraph.to_frame({**graph.releases()})


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_missing_library_is_named(
    graph: cachegraph.Graph, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(cachegraph.UsageError, match=f"frames of {library} need") as error:
        frame_of(graph.releases(), library=library)
    assert "pip install 'cachegraph[frames]'" in str(error.value.hint)


def test_frames_of_polars(graph: cachegraph.Graph) -> None:
    polars = pytest.importorskip("polars")
    frame = frame_of(graph.find("zlib-ng"), library="polars")
    assert frame["version"].to_list() == ZLIB_NG
    assert frame.schema["variants"] == polars.List(polars.String)
    square = frame_of(graph.matrix(CPU, CUDA), library="polars")
    assert square.columns == ["stack", CPU, CUDA]
    assert square.rows() == [(CPU, 35, 30), (CUDA, 30, 44)]


def test_answers_need_no_library() -> None:
    code = (
        "import cachegraph, sys; g = cachegraph.open(':memory:'); g.stats();"
        "sys.exit(bool({'pandas', 'polars', 'numpy'} & {*sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_answer_is_one(graph: cachegraph.Graph) -> None:
    for answer in (
        graph.stats(),
        graph.releases(),
        graph.info(),
        graph.verify(),
        graph.blame(CUDA),
    ):
        assert isinstance(answer, builtins.dict)
        assert type(answer) is AnswerDict

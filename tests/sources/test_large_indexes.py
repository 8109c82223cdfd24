"""An index of which most entries have no DAG hash: they are read one by one, and not kept."""

import json
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from cachegraph.model.schema import SPEC
from cachegraph.sources import index as index_source
from cachegraph.sources import large_object
from tests.support.corpus import index, node, write

ZLIB = node("zlib")
GOOD = index(ZLIB)["database"]["installs"]


def bad(prefix: str) -> dict[str, Any]:
    return {f"{prefix}{n}": n for n in range(20)}


@pytest.mark.parametrize(
    ("installs", "faults"),
    [
        (bad("x") | GOOD, 20),
        (GOOD | bad("x"), 20),
        (bad("x") | GOOD | bad("y"), 40),
        (bad("x"), 20),
        (bad("x") | {"x20": {"deep": [{'"\\ é': "}"}]}} | GOOD, 21),
    ],
    ids=["before", "after", "around", "only", "nested"],
)
def test_entries_without_a_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installs: dict[str, Any], faults: int
) -> None:
    def refuse(_: object) -> None:
        pytest.fail("the whole text was parsed at once")

    monkeypatch.setattr(large_object, "LARGE", 100)
    monkeypatch.setattr(index_source, "LARGE", 100)
    monkeypatch.setattr(index_source, "parse_json", refuse)
    value = index(ZLIB)
    value["database"]["installs"] = installs
    path = write(tmp_path / "index.json", value)
    with cachegraph.open(":memory:") as graph:
        summary = graph.import_(path)
        assert graph.store.keys(SPEC) == [*(GOOD.keys() & installs.keys())]
    first, rest = summary.warnings[:20], summary.warnings[20:]
    assert all("expected a DAG hash" in warning for warning in first)
    assert [warning.rpartition(": ")[2] for warning in rest] == (
        [f"{faults - 20} more faults like these"] if faults > 20 else []
    )


@pytest.mark.parametrize("rest", ["", '{"x": 1', '{"x": }}}', '{"x": 1 "y": 2}}}', '{"x": 1,}}}'])
def test_a_large_index_that_is_no_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rest: str
) -> None:
    monkeypatch.setattr(index_source, "LARGE", 10)
    path = tmp_path / "index.json"
    path.write_text('{"database": {"version": "8", "installs": ' + rest)
    with pytest.raises(cachegraph.CacheGraphError, match="not JSON"):
        cachegraph.open(":memory:").import_(path)


def test_installs_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_source, "LARGE", 10)
    database = index(ZLIB)["database"]
    value = {"database": {"installs": {}, **database}, "installs": {"x": 1}}
    text = json.dumps({"database": database | {"note": {"installs": {"a": 1}}}})
    with cachegraph.open(":memory:") as graph:
        graph.import_(write(tmp_path / "index.json", value))
        assert graph.store.keys(SPEC) == [ZLIB["hash"]]
    moved = json.dumps({"installs": {"x": 1}}).removesuffix("}")
    with cachegraph.open(":memory:") as graph:
        graph.import_(write(tmp_path / "other.json", json.loads(f"{moved}, {text[1:]}")))
        assert graph.store.keys(SPEC) == [ZLIB["hash"]]

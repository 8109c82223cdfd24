"""Whatever a document raises that nobody foresaw becomes its error, at one edge."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from cachegraph.sources import index, unexpected
from tests.support.corpus import index as index_of
from tests.support.corpus import lock, node, write

FORESEEN = unexpected.UNEXPECTED
ERRORS = [
    (RecursionError(), "nested too deeply"),
    (MemoryError(), "too large for the memory of this machine"),
    (KeyError("x"), "x is missing"),
    (TypeError("y"), "y"),
    (ZeroDivisionError(), "ZeroDivisionError"),
]


@pytest.fixture(autouse=True)
def _edge(monkeypatch: pytest.MonkeyPatch, _faults_of_our_own_are_seen: None) -> None:
    monkeypatch.setattr(unexpected, "UNEXPECTED", FORESEEN)


@pytest.mark.parametrize(("error", "said"), ERRORS, ids=lambda one: type(one).__name__)
def test_a_document_that_raises_before_its_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def raising(*_: object) -> None:
        raise error

    monkeypatch.setattr(index, "_version", raising)
    path = write(tmp_path / "a" / "index.json", index_of(node("zlib")))
    write(tmp_path / "b" / "spack.lock", lock(node("curl")))
    summary = cachegraph.open(":memory:").import_(tmp_path)
    assert summary.specs == 1
    assert summary.warnings == [f"{path}: not as its format promises: {said}"]


@pytest.mark.parametrize(("error", "said"), ERRORS, ids=lambda one: type(one).__name__)
def test_a_document_that_raises_within_its_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    """The records before it go in."""
    real = index._Index._items

    def raising(*arguments: Any) -> Iterator[Any]:
        items = real(*arguments)
        yield next(items)
        raise error

    monkeypatch.setattr(index._Index, "_items", raising)
    path = write(tmp_path / "index.json", index_of(node("zlib"), node("curl")))
    summary = cachegraph.open(":memory:").import_(path)
    assert summary.specs == 1
    assert summary.warnings == [f"{path}: not as its format promises: {said}"]

"""An index in a file that is read in parts is read as one that is in memory."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import cachegraph
from cachegraph.model.schema import DEPENDS_ON, IN_STACK, SPEC
from cachegraph.sources import large_object
from cachegraph.sources.parts import FileText
from tests.support.corpus import index, needs, node, write

GCC = node("gcc")
ZLIB = node("zlib", dependencies=[needs(GCC, "build", virtuals=["c"])])
CURL = node("curl", dependencies=[needs(GCC, "build", virtuals=["c"]), needs(ZLIB, "link")])
VALUE = index(CURL, ZLIB, GCC)
INSTALLS = VALUE["database"]["installs"]
TEXT = json.dumps(VALUE)
FIRST = json.dumps(CURL["hash"])


def _answers(path: Path) -> tuple[object, ...]:
    try:
        with cachegraph.open(":memory:") as graph:
            summary = graph.import_(path)
            store = graph.store
            counts = store.count(DEPENDS_ON), store.count(IN_STACK)
            compilers = [*store.values(SPEC, store.nodes(SPEC), ("hash", "compiler"))]
            return summary.warnings, sorted(compilers), counts, summary.roots, summary.stubs
    except cachegraph.CacheGraphError as error:
        return str(error), error.hint


CHANGES: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "indented": lambda _: json.dumps(VALUE, indent=4),
    "version after": lambda _: json.dumps({"database": {"installs": INSTALLS, "version": "8"}}),
    "a key twice": lambda text: text.replace('"installs": {', f'"installs": {{{FIRST}: 1, '),
    "an entry without a hash": lambda text: text.replace('"installs": {', '"installs": {"x": 1, '),
    "a bad entry": lambda text: text.replace(f"{FIRST}: {{", f"{FIRST}: {{nothing"),
    "cut off": lambda text: text[:-40],
    "more after it": lambda text: f"{text} and more",
    "another version": lambda text: text.replace('"8"', '"99"'),
    "many blanks": lambda text: text.replace(f"{FIRST}:", f"{FIRST}{' ' * 600}:{' ' * 600}"),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("part", [64, 4 << 20])
def test_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str, part: int) -> None:
    path = tmp_path / "index.json"
    path.write_text(CHANGES[change](TEXT))
    expected = _answers(path)
    # Smaller than the file, and larger than what is around its entries.
    monkeypatch.setattr(large_object, "LARGE", len(TEXT) - 200)
    monkeypatch.setattr(large_object, "_PART", part)
    monkeypatch.setattr(large_object, "_CHUNK", 1)
    monkeypatch.setattr(FileText, "parts", _parts)
    if change in ("as it is", "indented", "version after"):
        monkeypatch.setattr(FileText, "whole", lambda _: pytest.fail("it was read whole"))
    found = _answers(path)
    if change in ("as it is", "indented", "version after"):
        assert expected[2] == (3, 3)
        assert not expected[0]
    assert found == expected


def _parts(text: FileText) -> list[bytes]:
    return [text.read(start, min(start + 7, text.size)) for start in range(0, text.size, 7)]


def test_a_file_that_changes(tmp_path: Path) -> None:
    path = write(tmp_path / "index.json", VALUE)
    text = FileText(str(path), "here", 1 << 30)
    assert text.read(0, 5) == TEXT.encode()[:5]
    path.write_text(f"{TEXT} ")
    with pytest.raises(cachegraph.CacheGraphError, match="here: changed while it was read"):
        text.read(0, 5)


def test_more_than_fits(tmp_path: Path) -> None:
    path = write(tmp_path / "index.json", VALUE)
    with pytest.raises(cachegraph.CacheGraphError, match="larger than 0 MiB"):
        FileText(str(path), "here", 100).whole()

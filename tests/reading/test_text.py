"""UTF-16, byte order marks, and messages of Spack before JSON: what shells make of files."""

import codecs
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from tests.support.corpus import (
    PACK,
    in_each_format,
    layout_3,
    lock,
    needs,
    node,
    page,
    spec,
    view,
    write,
)

ZLIB = node("zlib")
CURL = node("curl", needs(ZLIB, "link"))
# The specs have names beyond ASCII, as paths of externals may.
YAML = (
    "spec:\n- zlib:\n    version: 1.2.11\n    arch:\n      platform: linux\n"
    "      platform_os: centos7\n      target: haswell\n    namespace: builtin\n"
    "    external:\n      path: /opt/zlib-\u00e9\n    hash: t5mczux3tfqpxwmg7egp7axy2jvyulqk\n"
)


def text_of(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else json.dumps(value)


EACH = {
    **{name: (text_of(value), 2) for name, value in in_each_format(CURL, ZLIB).items()},
    "zlib.spec.yaml": (YAML, 1),
    "find.json": (json.dumps([CURL, ZLIB], indent=1).replace("\n", "\r\n"), 2),
    "zlib/specs.md": (page("zlib", [spec("a", "e4s"), spec("b", "e4s")]), 2),
    "windows/specs.md": (page("zlib", [spec("a"), spec("b")]).replace("\n", "\r\n") + "\r\n", 2),
}
ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "utf-8 with mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "utf-16 little": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "utf-16 big": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
}
each_format = pytest.mark.parametrize("name", EACH)
each_encoding = pytest.mark.parametrize("encoding", ENCODINGS)


def imported(path: Path) -> tuple[int, set[str]]:
    """How many specs an import reads, without a warning, and the digests of its sources."""
    graph = cachegraph.open(":memory:")
    summary = graph.import_(path)
    assert summary.warnings == []
    digests = {n.removeprefix("Source:") for n in graph.networkx() if n.startswith("Source:")}
    return summary.specs, digests


@each_format
@each_encoding
@pytest.mark.parametrize("ending", ["", *PACK])
def test_every_format_in_every_encoding(
    tmp_path: Path, name: str, encoding: str, ending: str
) -> None:
    text, specs = EACH[name]
    path = write(tmp_path / "in" / f"{name}{ending}", ENCODINGS[encoding](text))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert imported(path) == (specs, {digest})
    assert imported(tmp_path / "in") == (specs, {digest})


@each_encoding
def test_a_long_file_below_a_folder(tmp_path: Path, encoding: str) -> None:
    many = [node(f"package-{number}") for number in range(100)]
    data = ENCODINGS[encoding](json.dumps(lock(*many), indent=4))
    path = write(tmp_path / "in" / "other.txt", data)
    assert imported(path.parent) == (100, {hashlib.sha256(data).hexdigest()})


@each_encoding
def test_a_manifest_of_a_build_cache(tmp_path: Path, encoding: str) -> None:
    mirror = layout_3(tmp_path / "mirror", ZLIB)
    manifest = view(mirror, ZLIB)
    manifest.write_bytes(ENCODINGS[encoding](manifest.read_text()))
    assert imported(mirror)[0] == 1


@pytest.mark.parametrize("cut", [1, 3])
def test_a_cut_or_odd_file(tmp_path: Path, cut: int) -> None:
    data = codecs.BOM_UTF16_LE + json.dumps(lock(ZLIB)).encode("utf-16-le")
    path = write(tmp_path / "spack.lock", data[:-cut])
    with pytest.raises(cachegraph.FormatError) as caught:
        imported(path)
    assert str(caught.value) == f"{path}: damaged UTF-16 text: truncated data"


def test_half_a_character(tmp_path: Path) -> None:
    path = write(tmp_path / "spack.lock", codecs.BOM_UTF16_LE + b"{\0\0\xd8{\0")
    with pytest.raises(cachegraph.FormatError, match=r"spack\.lock: damaged UTF-16 text"):
        imported(path)


# Messages before JSON

ONE = "==> Warning: the key is not known\n"
SEVERAL = (
    "\n==> Warning: 'compilers' is deprecated\n    it moved to packages.yaml: {see: [the manual]}\n"
    "\n==> Fetching a\n==> Error: no keys\n  [1] and 2\n"
)
MESSAGES = {
    "one": ONE,
    "several": SEVERAL,
    "windows": SEVERAL.replace("\n", "\r\n"),
    "many": ONE * 1000,
    "spinner": "==> Warning: a\n[+] /opt/zlib\n",
}


@pytest.mark.parametrize("messages", MESSAGES)
@pytest.mark.parametrize(
    "name", ["spack.lock", "index.json", "curl.spec.json", "find.json", "database.json"]
)
def test_messages_before_every_json(tmp_path: Path, messages: str, name: str) -> None:
    text, specs = EACH[name]
    data = (MESSAGES[messages] + text).encode()
    path = write(tmp_path / "in" / name, data)
    expected = (specs, {hashlib.sha256(data).hexdigest()})
    assert imported(path) == expected
    assert imported(path.parent) == expected
    both = write(tmp_path / "both" / name, ENCODINGS["utf-16 little"](MESSAGES[messages] + text))
    assert imported(both)[0] == specs


@pytest.mark.parametrize(
    "name", ["spack.lock", "index.json", "curl.spec.json", "find.json", "database.json"]
)
def test_messages_after_json(tmp_path: Path, name: str) -> None:
    text, specs = EACH[name]
    path = write(tmp_path / name, f"{ONE}{text}\n{SEVERAL}".encode())
    assert imported(path)[0] == specs


def test_a_fault_is_named_by_its_line_of_the_file(tmp_path: Path) -> None:
    text = json.dumps(lock(ZLIB), indent=1)
    path = write(tmp_path / "spack.lock", (SEVERAL + text.replace(": 6", ": six")).encode())
    line = SEVERAL.count("\n") + text[: text.index(": 6")].count("\n") + 1
    with pytest.raises(cachegraph.FormatError, match=rf"spack\.lock: line {line}, column "):
        imported(path)


def test_messages_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "find.json", b"==> Error: No package matches the query: x\n")
    with pytest.raises(cachegraph.FormatError) as caught:
        imported(path)
    said = "messages of Spack without JSON after them: it begins with '==> Error: No package"
    assert said in str(caught.value)


def test_other_text_before_json_is_no_message(tmp_path: Path) -> None:
    path = write(tmp_path / "spack.lock", b"hello\n" + json.dumps(lock(ZLIB)).encode())
    with pytest.raises(cachegraph.FormatError, match="found 'hello'"):
        imported(path)

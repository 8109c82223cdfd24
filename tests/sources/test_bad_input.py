"""What bad input gets: a message with file, position and field; the rest goes in."""

import json
import os
from pathlib import Path

import pytest

import cachegraph
from cachegraph.importing.summary import ImportSummary
from cachegraph.sources.files import open_file
from tests.support.corpus import page, spec, write_page

GOOD = 1


def import_beside_a_good_page(folder: Path, name: str, data: bytes) -> ImportSummary:
    """Imports a folder with one good page and one other file."""
    write_page(folder, "curl", [spec("c", "e4s")])
    path = folder / "_cache" / "develop" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return cachegraph.open(folder / "graph.db").import_(folder / "_cache")


TWO = page("zlib", [spec("a", "e4s"), spec("b", "e4s")])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"hello\nworld", "line 1: no front matter: expected '---', found 'hello'"),
        (b"---\nhello", "front matter, but not of a page"),
        (b"\x7fELF\0\0\0\1" * 999, "a binary file, not a page"),
        (TWO[:-4].encode(), "line 6: cut off: no closing '---'"),
        ((TWO[:-40] + "\n---").encode(), "line 6, column "),
        (TWO.replace("spec_details", "details").encode(), "spec_details: is missing"),
        (TWO.replace('"zlib"', "12").encode(), "title: expected a package name, found 12"),
        (TWO.encode().replace(b"e4s", b"\xff\xfe"), "not YAML: "),
        (b"---\nmeta: " + b"[" * 100_000 + b"\n---", "specs.md: "),
    ],
    ids=[
        "empty",
        "prose",
        "other-front-matter",
        "binary",
        "cut",
        "cut-inside",
        "no-details",
        "title",
        "utf-8",
        "deep",
    ],
)
def test_bad_document(tmp_path: Path, data: bytes, message: str) -> None:
    summary = import_beside_a_good_page(tmp_path, "zlib/specs.md", data)
    assert summary.specs == GOOD
    (warning,) = summary.warnings
    assert warning.startswith(f"{tmp_path}/_cache/develop/zlib/specs.md: ")
    assert message in warning


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"hash": "abc"},
            ".hash: expected a DAG hash (32 characters of a-z2-7), found text: 'abc'",
        ),
        ({"hash": "A" * 32}, ".hash: expected a DAG hash"),
        ({"hash": None}, ".hash: expected a DAG hash (32 characters of a-z2-7), found null: None"),
        ({"versions": []}, ".versions: expected one version, found a list: []"),
        ({"versions": ["1", "2"]}, ".versions: expected one version, found a list: ['1', '2']"),
        ({"versions": "1.0"}, ".versions: expected a list, found text: '1.0'"),
        ({"versions": [1]}, ".versions: expected text in the list, found a number: 1"),
        ({"variants": "+shared"}, ".variants: expected a list, found text: '+shared'"),
        ({"variants": [True]}, ".variants: expected text in the list, found a boolean: True"),
        ({"variants": [""]}, ".variants: expected variants, found an empty one"),
        ({"stacks": "e4s"}, ".stacks: expected a list, found text: 'e4s'"),
        ({"stacks": [None]}, ".stacks: expected text in the list, found null: None"),
        ({"compiler": 11}, ".compiler: expected text, found a number: 11"),
        ({"os": ["ubuntu"]}, ".os: expected text, found a list: ['ubuntu']"),
        ({"target": {"name": "zen3"}}, ".target: expected text, found an object:"),
        ({"platform": 0}, ".platform: expected text, found a number: 0"),
    ],
)
def test_bad_field(tmp_path: Path, fields: dict[str, object], message: str) -> None:
    text = page("zlib", [spec("a"), spec("b"), spec("d")])
    bad = json.dumps(spec("b")), json.dumps({**spec("b"), **fields})
    summary = import_beside_a_good_page(tmp_path, "zlib/specs.md", text.replace(*bad).encode())
    assert summary.specs == GOOD + 2
    (warning,) = summary.warnings
    expected = f"{tmp_path}/_cache/develop/zlib/specs.md: line 6: spec_details[1]{message}"
    assert warning.startswith(expected)


def test_entry_that_is_no_object(tmp_path: Path) -> None:
    text = page("zlib", [spec("a"), spec("b")]).replace(json.dumps(spec("b")), "7")
    summary = import_beside_a_good_page(tmp_path, "zlib/specs.md", text.encode())
    assert summary.specs == GOOD + 1
    assert "spec_details[1]: expected an object, found a number" in summary.warnings[0]


def test_strict_makes_the_first_an_error_and_nothing_goes_in(tmp_path: Path) -> None:
    write_page(tmp_path, "curl", [spec("c", "e4s")])
    write_page(tmp_path, "zlib", [spec("a", versions=[])])
    graph = cachegraph.open(tmp_path / "graph.db")
    with pytest.raises(cachegraph.FormatError, match=r"spec_details\[0\]\.versions"):
        graph.import_(tmp_path / "_cache", strict=True)
    with pytest.raises(cachegraph.StoreError, match="no store at"):
        graph.stats()


def test_strict_contradiction(tmp_path: Path) -> None:
    path = write_page(tmp_path, "curl", [spec("c", "e4s")], num_specs=4)
    with pytest.raises(cachegraph.FormatError, match="num_specs"):
        cachegraph.open(":memory:").import_(path, strict=True)


def test_other_files_of_a_site_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "_data").mkdir()
    (tmp_path / "_data" / "tags.yaml").write_text("- name: develop\n  stacks:\n  - e4s\n")
    (tmp_path / "about.md").write_text("---\nlayout: page\ntitle: About\n---\nHello.\n")
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "specs.md").write_text("nothing")
    write_page(tmp_path, "zlib", [spec("a", "e4s")])
    summary = cachegraph.open(":memory:").import_(tmp_path)
    assert (summary.specs, summary.warnings) == (1, [])


def test_pages_of_any_name(tmp_path: Path) -> None:
    (tmp_path / "zlib.txt").write_text(page("zlib", [spec("a", "e4s")]))
    (tmp_path / "curl").write_text(page("curl", [spec("c", "e4s")]))
    assert cachegraph.open(":memory:").import_(tmp_path).packages == 2
    assert cachegraph.open(":memory:").import_(tmp_path / "curl").packages == 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "no such file or folder"),
        (lambda path: path.mkdir(), "no files in this folder"),
        (
            lambda path: (path.mkdir(), (path / "x.txt").write_text("x")),
            "nothing to import in this folder",
        ),
        (lambda path: path.write_bytes(b"\0\1\2"), "a binary file, not a page"),
    ],
    ids=["nothing", "empty-folder", "folder-without-page", "binary"],
)
def test_nothing_to_import_is_an_error(tmp_path: Path, make: object, message: str) -> None:
    path = tmp_path / "input"
    make(path)  # type: ignore[operator]  # a callable
    graph = cachegraph.open(tmp_path / "graph.db")
    with pytest.raises(cachegraph.CacheGraphError, match=message) as caught:
        graph.import_(path)
    assert str(path) in caught.value.message
    assert caught.value.hint


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(tmp_path: Path) -> None:
    write_page(tmp_path, "curl", [spec("c", "e4s")])
    path = write_page(tmp_path, "zlib", [spec("a", "e4s")])
    path.chmod(0)
    summary = cachegraph.open(":memory:").import_(tmp_path)
    assert summary.specs == GOOD
    assert summary.warnings == [f"{path}: Permission denied"]


def test_file_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_page(tmp_path, "curl", [spec("c", "e4s")])
    path = write_page(tmp_path, "zlib", [spec("a", "e4s")])

    def denied(name: str) -> int:
        if name == str(path):
            raise PermissionError(13, "Permission denied")
        return open_file(name)

    monkeypatch.setattr("cachegraph.reading.blobs.open_file", denied)
    summary = cachegraph.open(":memory:").import_(tmp_path)
    assert summary.specs == GOOD
    assert summary.warnings == [f"{path}: Permission denied"]


@pytest.mark.parametrize("name", ["", "a" * 5000, "\0"], ids=["nothing", "long", "null"])
def test_a_name_that_no_file_can_have(name: str) -> None:
    with pytest.raises(cachegraph.FetchError) as caught:
        cachegraph.open(":memory:").import_(name)
    assert caught.value.message.startswith(f"{name}: ")
    assert caught.value.hint


def test_a_link_to_where_nobody_may_look(tmp_path: Path) -> None:
    """A link to a name that no file can have stands for one into a folder that is closed."""
    write_page(tmp_path, "curl", [spec("c", "e4s")])
    (tmp_path / "link").symlink_to("a" * 300)
    summary = cachegraph.open(":memory:").import_(tmp_path)
    assert (summary.specs, summary.warnings) == (GOOD, [])


@pytest.mark.parametrize("other", [None, "notes.txt"], ids=["empty", "without-page"])
def test_folder_without_page_beside_a_good_one(tmp_path: Path, other: str | None) -> None:
    write_page(tmp_path / "good", "curl", [spec("c", "e4s")])
    folder = tmp_path / "other"
    folder.mkdir()
    if other:
        (folder / other).write_text("nothing to see")
    summary = cachegraph.open(":memory:").import_(folder, tmp_path / "good")
    assert summary.specs == GOOD
    (warning,) = summary.warnings
    assert warning.startswith((f"{folder}: no ", f"{folder}: nothing to import"))
    with pytest.raises(cachegraph.FetchError, match="in this folder"):
        cachegraph.open(":memory:").import_(folder, tmp_path / "good", strict=True)


def test_two_pages_of_one_package_are_named(tmp_path: Path) -> None:
    first = write_page(tmp_path / "1", "zlib", [spec("a", "e4s")])
    second = write_page(tmp_path / "2", "zlib", [spec("b", "e4s")])
    summary = cachegraph.open(":memory:").import_(first, second)
    assert summary.specs == 2
    (warning,) = summary.warnings
    assert (
        f"{second}: a second page of zlib in develop, after {first}; both were imported" in warning
    )

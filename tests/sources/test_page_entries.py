"""Entries that are read in groups give what each gives alone, whatever is written in them."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

import cachegraph
from cachegraph.model.spec import SpecRecord
from cachegraph.sources import Document, page, page_entries
from tests.support.corpus import dag_hash, spec
from tests.support.corpus import page as page_text
from tests.support.sample import PAGES

REAL = sorted(PAGES.rglob("specs.md"))
A, B, C = map(dag_hash, "abc")

Read = tuple[list[SpecRecord], list[str], bool]


def read(text: str) -> Read:
    """The records of a page by their hashes, the messages, and whether it was read in groups."""
    problems: list[cachegraph.CacheGraphError] = []
    document = Document("specs.md", "specs.md", text.encode())
    contents = page.read(document, problems.append)
    records = sorted(contents.records, key=lambda record: record.hash)
    return records, [problem.message for problem in problems], contents.groups is not None


def read_one_by_one(text: str) -> Read:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page_entries, "parse", orjson.loads)
        return read(text)


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.parent.name)
def test_real_pages_are_read_in_groups(path: Path) -> None:
    text = path.read_text()
    records, problems, in_groups = read(text)
    assert (problems, in_groups) == ([], True)
    # As anyone would read them.
    found = re.search("^spec_details: (.*)$", text, re.MULTILINE)
    assert found is not None
    entries = {entry["hash"]: entry for entry in json.loads(found[1])}
    assert [record.hash for record in records] == sorted(entries)
    for record in records:
        entry = entries[record.hash]
        assert [record.description.version] == entry["versions"]
        assert [key.partition("/")[2] for key in record.stacks] == entry["stacks"]
        assert record.description.target == entry["target"]


GOOD = page_text("zlib", [spec("a", "e4s"), spec("b", "e4s"), spec("c")])
ODD: dict[str, Callable[[str], str]] = {
    "as-it-is": lambda text: text,
    "braces-in-a-variant": lambda text: text.replace('"build_system=cmake"', '"a=}, {"'),
    "braces-in-one-variant": lambda text: text.replace('"build_system=cmake"', '"a=}, {"', 1),
    "half-an-entry-in-a-variant": lambda text: text.replace(
        '"build_system=cmake"', f'"a=}}, {{\\"hash\\": \\"{A}\\""', 1
    ),
    "bracket-in-a-stack": lambda text: text.replace('"e4s"', '"e]4s"'),
    "hash-in-a-variant": lambda text: text.replace('"build_system=cmake"', f'"hash={A}"'),
    "a-key-before-hash": lambda text: text.replace('"hash": ', '"x\\"hash": "y", "hash": ', 1),
    "a-second-hash": lambda text: text.replace(f'"{A}"', f'"{A}", "hash": "{B}"'),
    "a-second-hash-that-is-empty": lambda text: text.replace(f'"{A}"', f'"{A}", "hash": ""'),
    "a-second-hash-in-escapes": lambda text: text.replace(f'"{A}"', f'"{A}", "\\u0068ash": ""'),
    "a-hash-in-an-object": lambda text: text.replace(f'"hash": "{A}"', f'"x": {{"hash": "{A}"}}'),
    "a-hash-inside-and-out": lambda text: text.replace(
        f'"hash": "{A}"', f'"x": {{"hash": "{C}"}}, "hash": "{A}"'
    ),
    "a-second-list-of-stacks": lambda text: text.replace('"stacks": ', '"stacks": [], "stacks": '),
    "stacks-in-an-object": lambda text: text.replace('"stacks": ', '"x": {"stacks": []}, "y": ', 1),
    "a-hash-twice": lambda text: text.replace(A, B),
    "a-short-hash": lambda text: text.replace(A, A[:-1]),
    "a-long-hash": lambda text: text.replace(A, A + "a"),
    "a-hash-of-capitals": lambda text: text.replace(A, A.upper()),
    "a-number-as-hash": lambda text: text.replace(f'"{A}"', "1"),
    "no-hash": lambda text: text.replace(f'"hash": "{A}", ', ""),
    "an-empty-version": lambda text: text.replace('"versions": ["1.0"]', '"versions": [""]', 1),
    "two-versions": lambda text: text.replace('"versions": ["1.0"]', '"versions": ["1", "2"]', 1),
    "an-empty-variant": lambda text: text.replace('"build_system=cmake"', '""', 1),
    "a-number-as-variant": lambda text: text.replace('"build_system=cmake"', "1", 1),
    "a-number-as-stack": lambda text: text.replace('"root", "e4s"]', '"root", 1]', 1),
    "a-list-as-stack": lambda text: text.replace('"root", "e4s"]', '"root", ["e4s"]]', 1),
    "text-as-stacks": lambda text: re.sub(r'"stacks": \[[^]]*\]', '"stacks": "e4s"', text, count=1),
    "no-target": lambda text: re.sub(r'"target": "[^"]*", ', "", text, count=1),
    "a-number-as-target": lambda text: re.sub(r'"target": "[^"]*"', '"target": 1', text, count=1),
    "without-blanks": lambda text: text.replace("}, {", "},{"),
    "one-without-blanks": lambda text: text.replace("}, {", "},{", 1),
    "an-entry-that-is-empty": lambda text: text.replace("}, {", "}, {}, {", 1),
    "an-entry-that-is-a-number": lambda text: text.replace("}, {", "}, 1, {", 1),
    "not-ascii": lambda text: text.replace("build_system=cmake", "+größe"),
}


@pytest.mark.parametrize("change", ODD.values(), ids=ODD)
def test_odd_entries(change: Callable[[str], str]) -> None:
    before = GOOD.index("spec_details: ")
    text = GOOD[:before] + change(GOOD[before:])
    assert (text == GOOD) == (change is ODD["as-it-is"]), "the change changes nothing"
    records, problems, _ = read(text)
    assert (records, problems, False) == read_one_by_one(text)


def test_what_is_good_is_read_in_groups() -> None:
    assert read(GOOD)[2]
    assert not read_one_by_one(GOOD)[2]
    assert not read(ODD["a-second-hash-in-escapes"](GOOD))[2]
    assert not read(GOOD.replace('"num_specs": 3', '"num_specs": 4'))[2]

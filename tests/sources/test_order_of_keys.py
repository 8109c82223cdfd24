"""Formats are recognized by any of their keys: in any order, among others, at any width."""

import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from cachegraph.sources.jsontext import OBJECT_HEAD, has_entry
from tests.support.corpus import (
    PACK,
    database,
    index,
    layout_3,
    lock,
    needs,
    node,
    page,
    signed,
    spec,
    spec_file,
    write,
)

ZLIB = node("zlib")
CURL = node("curl", needs(ZLIB, "link"))
# What an OCI registry has in the config of an image that is a spec.
IMAGE = {
    "architecture": "amd64",
    "os": "linux",
    "rootfs": {"type": "layers", "diff_ids": ["sha256:" + "a" * 64]},
    "config": {"Env": ["spec=[", '"database": {"installs": {', "\\"]},
}
CHECKSUM = {
    "buildcache_layout_version": 2,
    "binary_cache_checksum": {"hash_algorithm": "sha256", "hash": "b" * 64},
}
EACH: dict[str, dict[str, Any]] = {
    "lock": lock(CURL, ZLIB, spack={"version": "1.0"}, include_concrete={}),
    "index": index(CURL, ZLIB),
    "database": database([CURL], ZLIB),
    "spec": {**spec_file(CURL, ZLIB), **CHECKSUM},
    "image": {**IMAGE, **spec_file(CURL, ZLIB), **CHECKSUM},
}
OTHER_KEYS = {"$schema": "x", "note": {"a": [1, "}"], "concrete_specs": 1, "database": {}}, "z": []}


def sorted_keys(value: Any) -> Any:
    """The value with all keys sorted, as ``jq -S`` writes it."""
    return json.loads(json.dumps(value, sort_keys=True))


def reversed_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: reversed_keys(value[key]) for key in reversed(value)}
    return [reversed_keys(item) for item in value] if isinstance(value, list) else value


def specs_in(path: Path) -> int:
    summary = cachegraph.open(":memory:").import_(path)
    assert summary.warnings == []
    return summary.specs


def check(folder: Path, data: bytes) -> None:
    """Two specs are read from a file by itself, whatever its compression, and below a folder."""
    for ending in ("", *PACK):
        path = write(folder / "in" / f"a.b{ending}", data)
        assert specs_in(path) == 2
        assert specs_in(path.parent) == 2
        path.unlink()


@pytest.mark.parametrize("name", EACH)
@pytest.mark.parametrize("change", [sorted_keys, reversed_keys])
@pytest.mark.parametrize("indent", [None, 4])
def test_sorted_and_reversed(tmp_path: Path, name: str, change: Any, indent: int | None) -> None:
    check(tmp_path, json.dumps(change(EACH[name]), indent=indent).encode())


@pytest.mark.parametrize("name", ["lock", "index", "database", "spec"])
def test_every_order_of_the_outer_keys(tmp_path: Path, name: str) -> None:
    value = {**EACH[name], "note": OTHER_KEYS["note"]}
    for number, keys in enumerate(itertools.islice(itertools.permutations(value), 0, None, 7)):
        path = write(tmp_path / str(number), {key: value[key] for key in keys})
        assert specs_in(path) == 2


@pytest.mark.parametrize("name", EACH)
@pytest.mark.parametrize("indent", [None, "\t"])
def test_behind_other_keys(tmp_path: Path, name: str, indent: str | None) -> None:
    check(tmp_path, json.dumps({**OTHER_KEYS, **EACH[name]}, indent=indent).encode())


@pytest.mark.parametrize("name", EACH)
def test_behind_a_long_value(tmp_path: Path, name: str) -> None:
    # An image of many dependencies has more layers than the first bytes of a file show.
    layers = {"rootfs": {"diff_ids": ["sha256:" + "a" * 64] * 1000}}
    check(tmp_path, json.dumps({**layers, **EACH[name]}).encode())


def test_signed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.sig", signed({**IMAGE, **spec_file(CURL, ZLIB)}))
    assert specs_in(path) == 2


def test_a_list_of_nodes(tmp_path: Path) -> None:
    for change in (sorted_keys, reversed_keys):
        check(tmp_path, json.dumps(change([CURL, ZLIB])).encode())


def test_a_manifest(tmp_path: Path) -> None:
    mirror = layout_3(tmp_path / "mirror", ZLIB, CURL)
    for path in (mirror / "v3").rglob("*.json"):
        path.write_text(json.dumps(reversed_keys(json.loads(path.read_text()))))
    assert specs_in(mirror) == 2


def test_a_site_index(tmp_path: Path) -> None:
    write(tmp_path / "a" / "index.json", index(CURL, ZLIB))
    for number, entry in enumerate(
        (
            {"url": "a/index.json", "label": "e4s"},
            {"size": 3, "note": "x", "url": "a/index.json", "label": "e4s"},
        )
    ):
        assert specs_in(write(tmp_path / f"{number}.json", {"develop": [entry]})) == 2


def test_a_page(tmp_path: Path) -> None:
    # Its longest fields may come first.
    text = page("zlib", [spec("a", *(f"stack-{n}" for n in range(900))), spec("b")])
    first, *fields, last = text.split("\n")
    assert {field.partition(":")[0] for field in fields} >= {"title", "meta", "spec_details"}
    for number, order in enumerate(itertools.permutations(fields)):
        path = tmp_path / str(number) / "any.md"
        assert specs_in(write(path, "\n".join((first, *order, last)).encode())) == 2
        assert specs_in(path.parent) == 2


FOREIGN: dict[str, Mapping[str, Any]] = {
    "kubernetes": {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": []}},
    "settings": {"name": "x", "database": {"host": "h", "version": "1"}},
    "bookmarks": {"checksum": "x", "roots": {"bar": {}}, "version": 1},
    "inside": {"x": {"concrete_specs": {}, "spec": [], "database": {"installs": {}}}},
    "in text": {"x": '"concrete_specs": {', "y": '"spec":[', "z": "\\"},
    "no object": {"x": 1, "concrete_specs": []},
}


@pytest.mark.parametrize("name", FOREIGN)
def test_json_of_others_is_passed_over(tmp_path: Path, name: str) -> None:
    write(tmp_path / "in" / "foreign.json", FOREIGN[name])
    write(tmp_path / "in" / "spack.lock", lock(CURL, ZLIB))
    assert specs_in(tmp_path / "in") == 2
    with pytest.raises(cachegraph.FormatError, match=r"JSON, but none of Spack's"):
        specs_in(tmp_path / "in" / "foreign.json")


def test_an_oci_manifest_is_told_from_the_config_blob(tmp_path: Path) -> None:
    config = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": "sha256:a"}
    path = write(tmp_path / "manifest", {"schemaVersion": 2, "config": config, "layers": []})
    with pytest.raises(cachegraph.FormatError, match="not the config blob that it names"):
        specs_in(path)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b'{"a": 1}', True),
        (b' {"b": {"x": ["}", "a"]}, "a" : 1}', True),
        (b'{"b": "\\"a\\": 1"}', False),
        (b'{"b": {"a": 1}}', False),
        (b'{"b": {}} {"a": 1}', False),
        (b'["a", 1]', False),
        (b'{"b": "a"', False),
        (b'{"b": [', False),
        (b'{"b": "' + b"x" * OBJECT_HEAD + b'", "a": 1}', False),
        (b"", False),
    ],
)
def test_the_keys_of_an_object(text: bytes, found: bool) -> None:
    assert has_entry(text, "a") is found

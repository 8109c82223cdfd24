"""Every good record beside a bad one goes in with its good edges; every bad one is named."""

import json
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from tests.support.corpus import hash_of, index, lock, needs, node, write

ZLIB = node("zlib")
CURL = node("curl", needs(ZLIB))
CMAKE = node("cmake", needs(CURL))


def imported(path: Path) -> tuple[set[str], list[str]]:
    """The packages that are described in the graph, and the warnings of the import."""
    graph = cachegraph.open(":memory:")
    summary = graph.import_(path)
    nodes = graph.networkx().nodes(data=True)
    specs = [data for _, data in nodes if data["kind"] == "Spec"]
    return {data["package"] for data in specs if "package" in data}, summary.warnings


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("nothing", "not JSON"),
        ("[1, 2", "not JSON"),
        ("5", "expected a record with a spec"),
        ("null", "expected a record with a spec"),
    ],
)
@pytest.mark.parametrize("bad", [ZLIB, CURL, CMAKE], ids=lambda one: one["name"])
def test_index_with_a_value_that_is_no_record(
    tmp_path: Path, bad: dict[str, Any], value: str, said: str
) -> None:
    document = index(ZLIB, CURL, CMAKE)
    installs = document["database"]["installs"]
    entries = [
        f'"{key}": {value if key == bad["hash"] else json.dumps(record)}'
        for key, record in installs.items()
    ]
    text = f'{{"database": {{"version": "8", "installs": {{{", ".join(entries)}}}}}}}'
    path = tmp_path / "index.json"
    path.write_text(text)
    if bad is CMAKE and "not JSON" in said:
        # Nothing tells where the last entry ends: the document as a whole is no JSON.
        with pytest.raises(cachegraph.FormatError, match="not JSON"):
            imported(path)
        return
    packages, warnings = imported(path)
    assert packages == {"zlib", "curl", "cmake"} - {bad["name"]}
    (warning,) = warnings
    assert bad["hash"] in warning
    assert said in warning


@pytest.mark.parametrize("key", ["", "not a hash", "a" * 31, "A" * 32])
def test_index_with_a_key_that_is_no_hash(tmp_path: Path, key: str) -> None:
    document = index(ZLIB, CURL, CMAKE)
    installs = document["database"]["installs"]
    other = {key: {"spec": {"name": "other"}, "ref_count": 0, "in_buildcache": True}}
    first = ZLIB["hash"]
    document["database"]["installs"] = {first: installs[first]} | other | installs
    packages, warnings = imported(write(tmp_path / "index.json", document))
    assert packages == {"zlib", "curl", "cmake"}
    (warning,) = warnings
    assert f"installs./{key}" in warning


@pytest.mark.parametrize("hash_", [None, "", "bad", 5, [], {}])
@pytest.mark.parametrize("version", [4, 5, 6, 8])
def test_lock_file_with_a_bad_hash_inside(tmp_path: Path, hash_: object, version: int) -> None:
    form = 5 if version >= 6 else 4
    zlib = node("zlib", spec_format=form)
    curl = node("curl", _needs(zlib, version), spec_format=form)
    document = lock(curl, zlib, version=version)
    document["concrete_specs"][zlib["hash"]] = {**zlib, "hash": hash_}
    packages, warnings = imported(write(tmp_path / "spack.lock", document))
    assert packages == {"curl"}
    assert [warning for warning in warnings if f"concrete_specs./{zlib['hash']}: hash" in warning]


def _needs(child: dict[str, Any], version: int) -> dict[str, Any]:
    if version > 4:
        return needs(child)
    return {"name": child["name"], "hash": child["hash"], "type": ["build", "link"]}


@pytest.mark.parametrize("hash_", [None, "", "bad", 5])
def test_spec_file_of_format_2_with_a_bad_hash(tmp_path: Path, hash_: object) -> None:
    """Its dependencies have build hashes, and are found by name."""
    names = ("curl", "zlib", "cmake")
    nodes = [{**node(name, spec_format=4), "full_hash": hash_of({"full": name})} for name in names]
    needed = [
        {"name": name, "build_hash": hash_of({"build": name}), "type": ["build"]}
        for name in names[1:]
    ]
    nodes[0]["dependencies"] = needed
    nodes[2]["hash"] = hash_
    document = {"spec": {"_meta": {"version": 2}, "nodes": nodes}}
    packages, warnings = imported(write(tmp_path / "curl.spec.json", document))
    assert packages == {"curl", "zlib"}
    assert [warning for warning in warnings if "nodes[2]: hash" in warning]

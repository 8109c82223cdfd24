"""What is wrong with Spack's own files is told by file, place and field; the rest goes in."""

import copy
import gzip
import json
import lzma
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
import zstandard
from click.testing import CliRunner, Result

import cachegraph
from cachegraph.cli import cli
from tests.support.corpus import (
    PACK,
    database,
    index,
    layout_3,
    lock,
    needs,
    node,
    signed,
    spec_file,
    view,
    write,
)

GCC = node("gcc", external={"path": "/usr", "module": ["gcc/11"], "extra_attributes": {}})
ZLIB = node("zlib", needs(GCC, "build", virtuals=["c"]))
HDF5 = node(
    "hdf5",
    needs(ZLIB),
    parameters={"mpi": True, "cflags": ["-O2"], "patches": ["aa"], "api": "v1"},
    arch={"platform": "linux", "platform_os": "sles15", "target": {"name": "zen3"}},
    build_spec={"name": "zlib", "hash": ZLIB["hash"]},
)
OLD = node("old", spec_format=4)
LOCK = lock(HDF5, ZLIB, GCC, version=7, include_concrete={"/other": lock(ZLIB)})


def run(*words: str | Path) -> Result:
    """A command; whatever goes wrong in it is told, and no traceback."""
    result = CliRunner().invoke(cli, [*map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    return result


# Documents


def newer(path: tuple[str, ...], value: Any, version: Any) -> Any:
    changed = copy.deepcopy(value)
    inside = changed
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = version
    return changed


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (
            "spack.lock",
            newer(("_meta", "lockfile-version"), lock(ZLIB), 9),
            "lock file version 9; the newest known is 8",
        ),
        ("index.json", index(ZLIB, version="10"), "database version 10; the newest known is 9"),
        ("index.json", index(ZLIB, version="10.2"), "database version 10.2; the newest known is 9"),
        (
            "zlib.spec.json",
            spec_file(ZLIB, spec_format=7),
            "spec format 7; the newest known is 6",
        ),
    ],
)
def test_newer_than_is_known(tmp_path: Path, name: str, value: Any, said: str) -> None:
    path = write(tmp_path / "env" / name, value)
    with pytest.raises(cachegraph.VersionError) as caught:
        cachegraph.open(":memory:").import_(path)
    assert caught.value.message == f"{path}: {said}"
    result = run("import", path, "--store", tmp_path / "graph.db")
    assert result.exit_code == 2
    assert result.stderr == f"Error: {path}: {said}\nHint: upgrade cachegraph\n"
    # Beside a good one it is a warning.
    write(tmp_path / "env" / "good" / "spack.lock", lock(OLD, version=5))
    summary = cachegraph.open(":memory:").import_(tmp_path / "env")
    assert (summary.specs, summary.warnings) == (1, [f"{path}: {said}"])


TEXT = json.dumps(lock(ZLIB)).encode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b"# This is a Spack Environment file.\nspack:\n  specs: []\n", "spack.yaml, not its lock"),
        (b"spack:\n  specs: [zlib]\n", "an environment's spack.yaml, not its lock file"),
        (b"<!DOCTYPE html>\n<html>", "HTML or XML, not JSON: it begins with '<!DOCTYPE html>'"),
        (b"\x7fELF\0\0\1", "a binary file"),
        (TEXT[:-1], "line 1, column "),
        (TEXT[: len(TEXT) // 2], "not JSON: "),
        (TEXT.replace(b"zlib", b"z\0lib"), "not JSON: "),
        (b'{"_meta": ' * 100_000, "not JSON: "),
        (b'{"_meta": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "_meta is not an object"),
        (b'{"roots": [], "concrete_specs": {}}', "not a lock file: no _meta"),
        (b'{"_meta": {}}', "not a lock file: no lockfile-version"),
        (b"concrete_specs: {}\n", "line 1: not JSON: found 'concrete_specs: {}'"),
        (b"{concrete_specs", "line 1, column 2: not JSON: "),
        (b'[{"hash": ', "not JSON: "),
        (b'{"packages": []}', "JSON, but none of Spack's: it begins with '{\"packages\": []}'"),
    ],
)
def test_what_is_no_lock_file(tmp_path: Path, data: bytes, said: str) -> None:
    path = write(tmp_path / "env" / "spack.lock", data)
    write(tmp_path / "env" / "good" / "spack.lock", lock(OLD, version=5))
    summary = cachegraph.open(":memory:").import_(tmp_path / "env")
    assert summary.specs == 1
    (warning,) = summary.warnings
    assert warning.startswith(f"{path}: ")
    assert said in warning
    result = run("import", path, "--store", tmp_path / "graph.db")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"Error: {warning}\n")


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("index.json", index(ZLIB, version="9" * 5000), "database.version: found '999"),
        ("index.json", {"database": {"version": 8, "installs": {}}}, "database.version: found 8"),
        ("spack.lock", TEXT.replace(b": 6}", b": 1e30}"), "not a lock file: lockfile-version"),
        ("spack.lock", TEXT.replace(b": 6}", b": " + b"9" * 5000 + b"}"), "not JSON: "),
        ("spack.lock", TEXT.decode().encode("utf-16")[:-1], "damaged UTF-16 text: "),
        ("spack.lock", TEXT.decode().encode("utf-16-le"), "a binary file"),
        ("zlib.spec.json.sig", signed(spec_file(ZLIB))[:200], "not JSON: "),
        (
            "zlib.spec.json.sig",
            b"-----BEGIN PGP SIGNED MESSAGE-----\n",
            "found '-----BEGIN PGP SIGNED",
        ),
        ("x.spec.yaml", b"spec:\n- zlib: &a\n    version: *a\n", "not YAML: an alias"),
        ("x.spec.yaml", b"spec:\n- " + b"[" * 30, "not YAML: nested too deeply"),
        # So deep that PyYAML may refuse it first, in words of its own.
        ("x.spec.yaml", b"spec:\n- " + b"[" * 5000, "not YAML: "),
        ("x.spec.yaml", b"spec:\n- " + b"[" * 1_000_000, "not YAML: "),
        ("x.spec.yaml", b"spec:\n- x: !!python/object:os.system y\n", "line 2, column "),
        ("x.spec.yaml", b"spec:\n- x: " + b"9" * 5000, "not YAML: "),
    ],
)
def test_odd_numbers_and_cut_texts(tmp_path: Path, name: str, data: Any, said: str) -> None:
    path = write(tmp_path / name, data)
    with pytest.raises(cachegraph.FormatError) as caught:
        cachegraph.open(":memory:").import_(path)
    assert caught.value.message.startswith(f"{path}: ")
    assert said in caught.value.message


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + json.dumps(LOCK, indent=2).replace("\n", "\r\n").encode(),
        json.dumps(LOCK).encode() + b"\n{}",
        b"\n\n" + json.dumps(LOCK).encode(),
    ],
)
def test_what_is_a_lock_file_all_the_same(tmp_path: Path, data: bytes) -> None:
    summary = cachegraph.open(":memory:").import_(write(tmp_path / "spack.lock", data))
    assert (summary.specs, summary.warnings) == (3, [])


def test_other_json_is_passed_over_below_a_folder_and_told_by_itself(tmp_path: Path) -> None:
    write(tmp_path / "a" / "spack.lock", lock(ZLIB, GCC))
    other = write(tmp_path / "a" / "package.json", {"name": "x", "version": 1})
    summary = cachegraph.open(":memory:").import_(tmp_path)
    assert (summary.specs, summary.warnings) == (2, [])
    with pytest.raises(cachegraph.FormatError, match="JSON, but none of Spack's"):
        cachegraph.open(":memory:").import_(other)


@pytest.mark.parametrize("ending", PACK)
def test_compressed_and_truncated(tmp_path: Path, ending: str) -> None:
    name = {".gz": "gzip", ".zst": "zstd", ".xz": "xz"}[ending]
    path = write(tmp_path / f"spack.lock{ending}", lock(HDF5, ZLIB, GCC))
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(cachegraph.FormatError, match=f"lock{ending}: (truncated|damaged) {name}"):
        cachegraph.open(":memory:").import_(path)
    assert run("import", path, "--store", tmp_path / "graph.db").exit_code == 2


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, zstandard.compress])
def test_compressed_whatever_it_is_called(tmp_path: Path, pack: Any) -> None:
    path = write(tmp_path / "spack.lock", pack(json.dumps(lock(ZLIB, GCC)).encode()))
    assert cachegraph.open(":memory:").import_(path).specs == 2


# Records


def holding(kind: str, bad: Any) -> Any:
    """A document with a good node, a bad one and a good one; places are those of the bad one."""
    key = "a" * 32
    if kind == "lock":
        value = lock(ZLIB, GCC)
        value["concrete_specs"] = {ZLIB["hash"]: ZLIB, key: bad, GCC["hash"]: GCC}
        return value
    if kind == "index":
        value = index(ZLIB)
        value["database"]["installs"][key] = {"spec": bad}
        value["database"]["installs"][GCC["hash"]] = {"spec": GCC}
        return value
    return spec_file(ZLIB, bad, GCC) if kind == "spec" else [ZLIB, bad, GCC]


PLACES = {
    "lock": ("spack.lock", f"concrete_specs./{'a' * 32}: "),
    "index": ("index.json", f"installs./{'a' * 32}: "),
    "spec": ("x.spec.json", "nodes[1]: "),
    "find": ("find.json", "nodes[1]: "),
}


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": None}, "name: found nothing"),
        ({"version": 1.0}, "version: found '1.0'"),
        ({"version": ""}, "an empty name or version"),
        ({"arch": "linux-ubuntu-x86_64"}, "arch: found 'linux-ubuntu-x86_64'"),
        ({"arch": {"platform": "l", "platform_os": "u"}}, "arch.target is missing"),
        ({"namespace": 1}, "namespace: found '1'"),
        ({"parameters": {"mpi": {}}}, "parameters.mpi: found '{}'"),
        ({"parameters": {"cflags": "-O2"}}, "parameters.cflags: found '-O2'"),
        ({"hash": "b"}, "hash: expected a DAG hash, found 'b'"),
        ({"external": "/usr"}, "external: found '/usr'"),
        ({"annotations": {"compiler": 1}}, "annotations.compiler: found '1'"),
    ],
)
def test_a_bad_node_among_good_ones(
    tmp_path: Path, kind: str, fields: dict[str, Any], said: str
) -> None:
    name, place = PLACES[kind]
    bad = {**node("bad"), "hash": "a" * 32, **fields}
    path = write(tmp_path / name, holding(kind, bad))
    graph = cachegraph.open(":memory:")
    summary = graph.import_(path)
    assert summary.specs == 2
    assert any(w.startswith(f"{path}: {place}") and said in w for w in summary.warnings)
    assert graph.stats()["nodes"]["Spec"] == 2
    strict = cachegraph.open(":memory:")
    with pytest.raises(cachegraph.FormatError) as caught:
        strict.import_(path, strict=True)
    assert caught.value.message == summary.warnings[0]
    assert strict.stats()["nodes"]["Spec"] == 0


# Wrong types everywhere

ODD: tuple[Any, ...] = (None, 1, "x", [], {}, True, [[]])


def variations(value: Any) -> Iterator[Any]:
    """A document with each of its values in turn replaced by each odd one."""
    yield from ODD
    places = [*value.items()] if isinstance(value, dict) else [*enumerate(value)]
    for key, inside in places:
        for odd in variations(inside) if isinstance(inside, dict | list) else ODD:
            changed = copy.copy(value)
            changed[key] = odd
            yield changed


BARE = {"arch": {"platform": "l", "platform_os": "u", "target": "t"}, "version": "1"}
FORMAT_1 = {
    "a" * 32: {"x": {**BARE, "dependencies": {"y": {"hash": "b" * 32, "type": ["link"]}}}},
    "b" * 32: {"y": {**BARE, "compiler": {"name": "gcc", "version": "9"}, "parameters": {}}},
}
FORMAT_2 = {
    "a" * 32: {
        "name": "x",
        **BARE,
        "dependencies": [{"name": "y", "build_hash": "b" * 32, "type": ["link"]}],
        "hash": "c" * 32,
    },
    "b" * 32: {"name": "y", **BARE, "hash": "d" * 32},
}
SITE_SPECS = {
    "a" * 32: {
        "hash": "a" * 32,
        "version": "1",
        "variants": ["+x", "y=1", "cflags=-O2"],
        "platform": "l",
        "os": "u",
        "target": "t",
        "dependencies": [
            {
                "name": "gcc",
                "hash": "b" * 32,
                "parameters": {"deptypes": ["build"], "virtuals": ["c"]},
            },
            {"label": "zlib@1", "link": None},
        ],
        "stacks": ["e4s"],
        "releases": ["develop"],
        "tags": ["v1"],
    },
    "b" * 32: {"version": "12", "dependencies": []},
}
SITE_PACKAGES = {
    "x": {"uid": "x", "specs": {"develop": ["a" * 32]}, "releases": ["develop"]},
    "gcc": {"uid": "gcc", "specs": ["b" * 32]},
}
LISTED = [{**one["x" if "x" in one else "y"]} for one in FORMAT_1.values()]
DOCUMENTS: dict[str, tuple[str, Any]] = {
    "lock-7": ("spack.lock", LOCK),
    "lock-5": ("spack.lock", lock(OLD, version=5)),
    "lock-3": ("spack.lock", {**lock(version=3), "concrete_specs": FORMAT_2}),
    "lock-1": ("spack.lock", {**lock(version=1), "concrete_specs": FORMAT_1}),
    "index-8": ("index.json", index(HDF5, outside=[GCC])),
    "index-5": (
        "index.json",
        {"database": {"version": "5", "installs": {k: {"spec": n} for k, n in FORMAT_1.items()}}},
    ),
    "database": ("index.json", database([HDF5])),
    "spec": ("x.spec.json", spec_file(HDF5, ZLIB)),
    "spec-1": ("x.spec.json", {"spec": [*FORMAT_1.values()], "buildinfo": {}}),
    "find": ("find.json", [HDF5, {**ZLIB, "full_hash": "x"}]),
    "image": ("blob", {"os": "linux", "rootfs": {"diff_ids": ["x"]}, **spec_file(ZLIB)}),
    "site specs": ("specs_data.json", SITE_SPECS),
    "site packages": ("package_data.json", SITE_PACKAGES),
}
for _kind in ("lock-3", "lock-1"):
    DOCUMENTS[_kind][1]["roots"] = [{"hash": "a" * 32, "spec": "x"}]


def survives(path: Path) -> None:
    """Imports what is there: it goes in, or it is an error of ours."""
    graph = cachegraph.open(":memory:")
    with suppress(cachegraph.CacheGraphError):
        graph.import_(path)
        graph.verify()


@pytest.mark.slow
@pytest.mark.parametrize("kind", DOCUMENTS)
def test_wrong_types_in_every_field(tmp_path: Path, kind: str) -> None:
    name, value = DOCUMENTS[kind]
    for changed in variations(value):
        survives(write(tmp_path / name, changed))


def test_wrong_types_in_every_field_of_spec_yaml(tmp_path: Path) -> None:
    value = {"spec": [*FORMAT_1.values()], "full_hash": "x"}
    path = tmp_path / "x.spec.yaml"
    for changed in variations(value):
        path.write_text(yaml.safe_dump(changed))
        survives(path)


def test_wrong_types_in_every_field_of_a_manifest(tmp_path: Path) -> None:
    top = view(layout_3(tmp_path, ZLIB, GCC), ZLIB)
    value = json.loads(top.read_bytes())
    for changed in variations(value):
        write(top, changed)
        survives(top)
        survives(tmp_path)


def test_wrong_types_in_every_field_of_a_site_index(tmp_path: Path) -> None:
    write(tmp_path / "a" / "index.json", index(ZLIB))
    value = {"develop": [{"label": "root", "url": "a/index.json"}], "v1": [{"url": "b/index.json"}]}
    for changed in variations(value):
        survives(write(tmp_path / "cache_spack_io_index.json", changed))

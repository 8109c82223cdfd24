"""Bytes of archives: what questions answer where a build cache gives them, and where none does.

The archives of two stacks, which hold curl twice because of a variant of zlib::

    spec          archive  left  right
    zlib +opt        1000   x      x
    zlib ~opt        2000          x
    curl of +opt      300   x
    curl of ~opt      500          x
    hdf5          unknown          x
"""

import json
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from tests.conftest import FIXTURES, Load
from tests.support.corpus import (
    FLAGS,
    archive_entry,
    blob,
    layout_2,
    layout_3,
    manifest_name,
    needs,
    node,
    page,
    spec,
    spec_file,
    view,
    write,
    write_manifest,
)

GCC = node("gcc", external={"path": "/usr", "module": None})


def zlib(*, opt: bool) -> dict[str, Any]:
    parameters = {"build_system": "cmake", "opt": opt, **{flag: [] for flag in FLAGS}}
    return node("zlib", needs(GCC, "build", virtuals=["c"]), parameters=parameters)


WITH, WITHOUT = zlib(opt=True), zlib(opt=False)
CURL_WITH, CURL_WITHOUT = node("curl", needs(WITH)), node("curl", needs(WITHOUT))
HDF5 = node("hdf5", needs(WITH))


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    folder = layout_3(tmp_path / "mirror", WITH, CURL_WITH, sizes={"zlib": 1000, "curl": 300})
    layout_3(folder, WITHOUT, CURL_WITHOUT, sizes={"zlib": 2000, "curl": "500"})
    text = json.dumps(spec_file(HDF5)).encode()
    write_manifest(folder, manifest_name(HDF5), [blob(folder, text, "spec.v5")])
    view(folder, WITH, WITHOUT, CURL_WITH, CURL_WITHOUT, HDF5, outside=[GCC])
    view(folder, WITH, CURL_WITH, name="left", outside=[GCC])
    view(folder, WITH, WITHOUT, CURL_WITHOUT, HDF5, name="right", outside=[GCC])
    return folder


def known(row: Any) -> Any:
    return {name: row[name] for name in ("bytes", "sized", "redundant_bytes") if name in row}


def test_what_a_build_cache_gives(load: Load, mirror: Path) -> None:
    graph = load(mirror)
    stacks = {row["name"]: known(row) for row in graph.stacks()["stacks"]}
    assert stacks == {
        "left": {"bytes": 1300},
        "right": {"bytes": 3500, "sized": 3},
        "root": {"bytes": 3800, "sized": 4},
    }
    (card,) = graph.show(f"/{CURL_WITHOUT['hash']}")["specs"]
    assert card["size"] == 500
    assert "size" not in graph.show("hdf5")["specs"][0]
    # Only right holds zlib ~opt, its curl, and hdf5.
    assert known(graph.unique("right")) == {"bytes": 2500, "sized": 2}
    assert known(graph.unique("right", level="package")) == {"bytes": 2500, "sized": 2}
    assert known(graph.unique("left")) == {"bytes": 300}
    duplicates = graph.duplicates("left", "right")
    (group,) = duplicates["groups"]
    assert known(group) == {"bytes": 800, "redundant_bytes": 300}
    assert known(duplicates) == {"redundant_bytes": 300}
    blame = graph.blame("left", "right")
    assert known(blame) == {"redundant_bytes": 300}
    assert [(cause["attribute"], cause["bytes"]) for cause in blame["causes"]] == [("opt", 300)]
    # One zlib and one curl are left, of which the larger ones may be.
    saved = graph.what_if("zlib+opt", stacks=["left", "right"])
    assert (saved["saved"], saved["saved_bytes"]) == (2, 1300)
    none = graph.what_if("hdf5@1.0", stacks=["left", "right"])
    assert (none["saved"], none["saved_bytes"]) == (0, 0)
    assert graph.verify()["problems"] == []


def test_one_of_two_sizes(load: Load, mirror: Path) -> None:
    text = json.dumps(spec_file(CURL_WITHOUT)).encode()
    write_manifest(mirror, manifest_name(CURL_WITHOUT), [blob(mirror, text, "spec.v5")])
    graph = load(mirror)
    duplicates = graph.duplicates("left", "right")
    # The other archive may be the smaller one.
    assert known(duplicates["groups"][0]) == {"bytes": 300, "sized": 1, "redundant_bytes": 0}
    assert known(duplicates) == known(graph.blame("left", "right")) == {"redundant_bytes": 0}
    assert graph.blame("left", "right")["causes"][0]["bytes"] == 0


def test_nothing_is_said_where_no_size_is_known(load: Load, tmp_path: Path) -> None:
    (tmp_path / "zlib.md").write_text(page("zlib", [spec("za", "e4s"), spec("zb", "e4s")]))
    graph = load(tmp_path)
    answers = (
        *graph.stacks()["stacks"],
        graph.unique("e4s"),
        graph.duplicates("e4s"),
        *graph.duplicates("e4s")["groups"],
        graph.blame("e4s"),
        graph.what_if("zlib@1.0", stacks=["e4s"]),
    )
    assert not any("bytes" in name or name == "sized" for answer in answers for name in answer)


def test_the_specs_of_stacks(load: Load, mirror: Path) -> None:
    graph = load(mirror)
    left, right, _ = graph.stacks(specs=True)["stacks"]
    assert left["specs"] == 2
    row = left["members"][0]
    assert (row["package"], row["size"]) == ("curl", 300)
    assert row["purl"] == f"pkg:spack/builtin/curl@1.0?sha={CURL_WITH['hash']}"
    assert row["variants"] == ["build_system=cmake"]
    assert [row["package"] for row in right["members"]] == ["curl", "hdf5", "zlib", "zlib"]
    assert [row.get("size") for row in right["members"][:2]] == [500, None]
    assert all("members" not in row for row in graph.stacks()["stacks"])


def test_without_a_top_index(load: Load, mirror: Path) -> None:
    (mirror / "v3" / "manifests" / "index" / "index.manifest.json").unlink()
    stacks = {row["name"]: known(row) for row in load(mirror).stacks()["stacks"]}
    assert stacks["root"] == {"bytes": 3800, "sized": 4}


def test_an_index_that_is_stale(load: Load, mirror: Path) -> None:
    view(mirror, WITH, CURL_WITH, CURL_WITHOUT, HDF5, outside=[GCC])
    (mirror / "v3" / "manifests" / manifest_name(CURL_WITH)).unlink()
    graph = load(mirror)
    where = mirror / "v3" / "manifests" / "index" / "index.manifest.json"
    problems = [
        {
            "kind": "index",
            "reason": reason,
            "hash": one["hash"],
            "package": one["name"],
            "version": "1.0",
            "location": str(where),
        }
        for reason, one in (("no manifest", CURL_WITH), ("not in the index", WITHOUT))
    ]
    assert graph.verify()["problems"] == problems
    assert {row["name"]: row["specs"] for row in graph.stacks()["stacks"]}["root"] == 5
    assert graph.show(f"/{WITHOUT['hash']}")["specs"][0]["size"] == 2000


def test_an_archive_that_is_built_again(graph: cachegraph.Graph, mirror: Path) -> None:
    graph.import_(mirror)
    layout_3(mirror, CURL_WITH, sizes={"curl": 77})
    summary = graph.import_(mirror)
    assert (summary.conflicts, summary.warnings) == (0, [])
    assert graph.show(f"/{CURL_WITH['hash']}")["specs"][0]["size"] == 77
    assert graph.verify()["problems"] == []


def test_archives_of_layout_2(load: Load, tmp_path: Path) -> None:
    mirror = layout_2(tmp_path / "mirror", WITH, CURL_WITH, GCC)
    name = f"linux-none-curl-1.0-{CURL_WITH['hash']}.spack"
    write(mirror / "build_cache" / "linux" / "none" / "curl-1.0" / name, b"x" * 123)
    graph = load(mirror)
    assert {row["name"]: known(row) for row in graph.stacks()["stacks"]} == {
        "mirror": {"bytes": 123, "sized": 1}
    }


def test_real(real: Load) -> None:
    mirror = FIXTURES / "spack" / "spack-real" / "buildcache"
    graph = real(mirror)
    # The contentLength of all 26 archives, summed up by hand from the manifests.
    manifests = mirror.glob("v3/manifests/spec/*/*.json")
    entries = [entry for path in manifests for entry in json.loads(path.read_bytes())["data"]]
    archives = [e["contentLength"] for e in entries if ".install." in e["mediaType"]]
    assert len(archives) == 26
    (root,) = [row for row in graph.stacks()["stacks"] if row["name"] == "root"]
    assert known(root) == {"bytes": sum(archives)}
    assert graph.verify()["problems"] == []


class TestArchives:
    """What a manifest may say of its archives."""

    def sizes(self, tmp_path: Path, *entries: Any) -> tuple[int | None, list[str]]:
        mirror = layout_3(tmp_path / "mirror", GCC)
        text = json.dumps(spec_file(WITH, GCC)).encode()
        entry = blob(mirror, text, "spec.v5")
        write_manifest(mirror, manifest_name(WITH), [*entries, entry])
        view(mirror, WITH, GCC)
        graph = cachegraph.open(":memory:")
        warnings = graph.import_(mirror).warnings
        return graph.show("zlib")["specs"][0].get("size"), warnings

    @pytest.mark.parametrize("size", [1, 123456789012, "123"])
    def test_sizes(self, tmp_path: Path, size: Any) -> None:
        assert self.sizes(tmp_path, archive_entry(size)) == (int(size), [])

    @pytest.mark.parametrize(
        "size", [0, -1, 1.5, None, True, "", "many", "1e3", [1], 1 << 63, "9" * 5000]
    )
    def test_what_is_no_size(self, tmp_path: Path, size: Any) -> None:
        known, (warning,) = self.sizes(tmp_path, archive_entry(size))
        assert known is None
        found = repr(size) if size != "9" * 5000 else "'" + "9" * 49 + "..."  # long ones are cut
        assert warning.endswith(f"contentLength of the archive: found {found}")

    def test_no_archive(self, tmp_path: Path) -> None:
        assert self.sizes(tmp_path) == (None, [])

    def test_several_archives(self, tmp_path: Path) -> None:
        media_type = "application/vnd.spack.install.v{}.tar+{}".format
        archives = [
            archive_entry(1, media_type(2, "gzip")),
            archive_entry(2, media_type(3, "zstd")),
            archive_entry(4, media_type(3, "gzip")),
        ]
        assert self.sizes(tmp_path, *archives) == (2, [])

    def test_media_types_in_capitals(self, tmp_path: Path) -> None:
        entry = archive_entry(9, "APPLICATION/VND.SPACK.INSTALL.V2.TAR+GZIP")
        assert self.sizes(tmp_path, entry) == (9, [])

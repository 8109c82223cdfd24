"""Indexes of build caches that are empty, older than the specs beside them, or not readable."""

import json
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from tests.reading.test_build_caches import CURL, GCC, HDF5, ZLIB, read
from tests.support.corpus import (
    blob,
    index,
    layout_2,
    layout_3,
    manifest,
    manifest_name,
    needs,
    node,
    view,
    write,
    write_manifest,
)

RENEW = "`spack buildcache update-index` renews it"
TOP = "index/index.manifest.json"


def short(one: Any) -> str:
    return f"{one['name']}/{one['hash'][:7]}"


def roots(*locations: Path) -> set[str]:
    """The packages of the specs that are roots of any stack."""
    graph = cachegraph.open(":memory:")
    graph.import_(*locations)
    cards = graph.show("platform=linux")["specs"]
    return {card["package"] for card in cards if card["roots"]}


class TestLayout3:
    @pytest.fixture
    def mirror(self, tmp_path: Path) -> Path:
        """The specs hdf5, curl and zlib; gcc is an external of theirs, and in no manifest."""
        folder = layout_3(tmp_path / "mirror", HDF5, CURL, ZLIB, GCC)
        (folder / "v3" / "manifests" / manifest_name(GCC)).unlink()
        return folder

    def test_an_empty_index(self, mirror: Path) -> None:
        top = view(mirror)
        specs = f"3 specs with a manifest, {', '.join(map(short, (CURL, HDF5, ZLIB)))}"
        warning = f"{top}: the index lacks {specs}: read from there; {RENEW}"
        assert read(mirror) == ({"local/root": 3}, 4, [warning])
        # No other spec depends on hdf5 and curl.
        assert roots(mirror) == {"hdf5", "curl"}

    def test_an_index_that_lacks_one(self, mirror: Path) -> None:
        top = view(mirror, CURL, ZLIB, outside=[GCC])
        spec = f"1 spec with a manifest, {short(HDF5)}"
        warning = f"{top}: the index lacks {spec}: read from there; {RENEW}"
        assert read(mirror) == ({"local/root": 3}, 4, [warning])
        assert roots(mirror) == {"hdf5", "curl"}

    def test_a_root_of_the_index_on_which_a_lacking_spec_depends(self, mirror: Path) -> None:
        (mirror / "v3" / "manifests" / manifest_name(CURL)).unlink()
        view(mirror, ZLIB, outside=[GCC])
        assert roots(mirror) == {"hdf5"}

    def test_a_spec_outside_according_to_the_index(
        self, graph: cachegraph.Graph, mirror: Path
    ) -> None:
        top = view(mirror, HDF5, CURL, outside=[ZLIB, GCC])
        (warning,) = graph.import_(mirror).warnings
        (problem,) = graph.verify()["problems"]
        assert (problem["reason"], problem["hash"]) == ("not in the index", ZLIB["hash"])
        assert [row["specs"] for row in graph.stacks()["stacks"]] == [3]
        assert warning.startswith(f"{top}: the index lacks 1 spec with a manifest, {short(ZLIB)}: ")

    def test_an_index_that_has_too_many(self, mirror: Path) -> None:
        (mirror / "v3" / "manifests" / manifest_name(CURL)).unlink()
        top = view(mirror, HDF5, CURL, ZLIB, outside=[GCC])
        warning = (
            f"{top}: the index has 1 spec without a manifest, {short(CURL)}, "
            f"which Spack cannot install; {RENEW}"
        )
        # The index says so, so it stays a member: Spack will try to fetch it.
        assert read(mirror) == ({"local/root": 3}, 4, [warning])

    def test_only_the_first_are_named(self, tmp_path: Path) -> None:
        nodes = [node(f"p{number}") for number in range(5)]
        mirror = layout_3(tmp_path / "mirror", *nodes)
        view(mirror)
        stacks, _, (warning,) = read(mirror)
        assert stacks == {"local/root": 5}
        first = ", ".join(map(short, nodes[:3]))
        assert f"lacks 5 specs with a manifest, such as {first}: " in warning

    def test_an_external_that_the_index_calls_cached(self, mirror: Path) -> None:
        view(mirror, HDF5, CURL, ZLIB, GCC)
        assert read(mirror) == ({"local/root": 4}, 4, [])

    def test_a_view_is_a_part(self, mirror: Path) -> None:
        view(mirror, HDF5, CURL, ZLIB, outside=[GCC])
        view(mirror, ZLIB, name="e4s", outside=[GCC])
        assert read(mirror) == ({"local/root": 3, "local/e4s": 1}, 4, [])

    def test_only_indexes(self, tmp_path: Path) -> None:
        # As in a copy of the indexes alone.
        view(tmp_path / "mirror", HDF5, CURL, ZLIB, outside=[GCC])
        assert read(tmp_path / "mirror") == ({"local/root": 3}, 4, [])

    def test_a_lacking_spec_that_cannot_be_read(self, mirror: Path) -> None:
        top = view(mirror, ZLIB, outside=[GCC])
        bad = mirror / "v3" / "manifests" / manifest_name(CURL)
        bad.write_bytes(b"{")
        stacks, specs, (damaged, lacking) = read(mirror)
        assert (stacks, specs) == ({"local/root": 2}, 3)
        assert damaged.startswith(f"{bad}: line 1, column ")
        assert lacking.startswith(
            f"{top}: the index lacks 2 specs with a manifest, /{CURL['hash'][:7]}"
        )

    def test_a_dependency_whose_file_cannot_be_read(self, mirror: Path) -> None:
        view(mirror)
        (mirror / "v3" / "manifests" / manifest_name(ZLIB)).write_bytes(b"{")
        # The file of hdf5 describes zlib as well.
        assert read(mirror)[:2] == ({"local/root": 2}, 4)

    @pytest.mark.parametrize(
        "text", [b"", b"{", b"[]", b'{"version": 3}', b'{"data": 7}', b"\xff\xfe", b"null"]
    )
    def test_a_damaged_manifest_of_a_spec_in_the_index(self, mirror: Path, text: bytes) -> None:
        view(mirror, HDF5, CURL, ZLIB, outside=[GCC])
        bad = mirror / "v3" / "manifests" / manifest_name(CURL)
        bad.write_bytes(text)
        stacks, specs, (warning,) = read(mirror)
        assert (stacks, specs) == ({"local/root": 3}, 4)
        assert warning.startswith(f"{bad}: ")

    def test_a_manifest_without_a_hash_in_its_name(self, mirror: Path) -> None:
        view(mirror, HDF5, CURL, ZLIB, outside=[GCC])
        odd = mirror / "v3" / "manifests" / "spec" / "zlib" / "zlib-1.0.spec.manifest.json"
        odd.write_bytes((mirror / "v3" / "manifests" / manifest_name(ZLIB)).read_bytes())
        stacks, _, (warning,) = read(mirror)
        assert stacks == {"local/root": 3}
        assert warning == f"{odd}: expected a DAG hash at the end of its name; left out"

    def test_strict(self, mirror: Path) -> None:
        view(mirror)
        with pytest.raises(cachegraph.FormatError, match="the index lacks 3 specs"):
            read(mirror, strict=True)

    def test_an_index_that_is_no_index(self, mirror: Path) -> None:
        top = manifest(mirror, TOP, b'{"database": {"version": "10", "installs": {}}}', "db.v9")
        stacks, specs, (warning,) = read(mirror)
        assert (stacks, specs) == ({"local/root": 3}, 4)
        assert warning == f"{top}: database version 10; the newest known is 9"
        top = manifest(mirror, TOP, b"no JSON", "db.v9")
        assert read(mirror)[0] == {"local/root": 3}

    def test_the_index_is_renewed(self, graph: cachegraph.Graph, mirror: Path) -> None:
        view(mirror, ZLIB, outside=[GCC])
        graph.import_(mirror)
        assert {one["kind"] for one in graph.verify()["problems"]} == {"index"}
        view(mirror, HDF5, CURL, ZLIB, outside=[GCC])
        assert graph.import_(mirror).warnings == []
        assert graph.verify()["problems"] == []
        # And it is as stale as before.
        view(mirror, ZLIB, outside=[GCC])
        graph.import_(mirror)
        assert len(graph.verify()["problems"]) == 2


class TestSeveralIndexes:
    """One manifest with several indexes: v9 has hdf5, v8 has curl, v10 zlib."""

    @pytest.fixture
    def entries(self, tmp_path: Path) -> dict[str, Any]:
        mirror = tmp_path / "mirror"
        return {
            "v8": blob(mirror, json.dumps(index(CURL)).encode(), "db.v8"),
            "v9": blob(mirror, json.dumps(index(HDF5, version="9")).encode(), "db.v9"),
            "v10": blob(mirror, json.dumps(index(ZLIB, version="10")).encode(), "db.v10"),
            "key": blob(mirror, b"{}", "keyindex.v1"),
        }

    def packages(self, mirror: Path, entries: dict[str, Any], order: str) -> tuple[set[str], Any]:
        write_manifest(mirror, TOP, [entries[name] for name in order.split()])
        graph = cachegraph.open(":memory:")
        warnings = graph.import_(mirror).warnings
        (source,) = graph.verify()["sources"]
        found = {row["package"] for row in graph.find("platform=linux")["specs"]}
        assert source["specs"] == 1
        return found, warnings

    @pytest.mark.parametrize("order", ["v9 v8", "v8 v9", "key v8 key v9"])
    def test_the_newest(self, tmp_path: Path, entries: dict[str, Any], order: str) -> None:
        assert self.packages(tmp_path / "mirror", entries, order) == ({"hdf5"}, [])

    @pytest.mark.parametrize("order", ["v10 v9 v8", "v8 v9 v10", "v9 v10 v8"])
    def test_one_that_is_too_new(self, tmp_path: Path, entries: dict[str, Any], order: str) -> None:
        found, (warning,) = self.packages(tmp_path / "mirror", entries, order)
        assert found == {"hdf5"}
        assert warning.endswith(
            ": media type application/vnd.spack.db.v10+json; the newest known is 9; "
            "read its application/vnd.spack.db.v9+json instead"
        )

    @pytest.mark.parametrize("damage", ["gone", "cut off", "no index"])
    def test_one_that_is_damaged(
        self, tmp_path: Path, entries: dict[str, Any], damage: str
    ) -> None:
        mirror = tmp_path / "mirror"
        checksum = entries["v9"]["checksum"]
        path = mirror / "blobs" / "sha256" / checksum[:2] / checksum
        if damage == "gone":
            path.unlink()
        elif damage == "cut off":
            path.write_bytes(path.read_bytes()[:-9])
        else:
            entries["v9"] = blob(mirror, b"none", "db.v9")
        found, (warning,) = self.packages(mirror, entries, "v9 v8")
        assert found == {"curl"}
        assert warning.endswith("; read its application/vnd.spack.db.v8+json instead")

    def test_only_one_that_is_too_new(self, tmp_path: Path, entries: dict[str, Any]) -> None:
        mirror = tmp_path / "mirror"
        top = write_manifest(mirror, TOP, [entries["v10"]])
        error = f"{top}: media type application/vnd.spack.db.v10+json; the newest known is 9"
        with pytest.raises(cachegraph.FormatError) as caught:
            read(mirror)
        assert (caught.value.message, caught.value.hint) == (error, "upgrade cachegraph")
        # With specs beside it, these are read.
        layout_3(mirror, ZLIB, GCC)
        assert read(mirror) == ({"local/root": 2}, 2, [error])
        view(mirror, CURL, ZLIB, outside=[GCC], name="e4s")
        assert read(mirror) == ({"local/root": 2, "local/e4s": 2}, 3, [error])

    def test_media_types_in_capitals(self, tmp_path: Path, entries: dict[str, Any]) -> None:
        for entry in entries.values():
            entry["mediaType"] = entry["mediaType"].upper()
        assert self.packages(tmp_path / "mirror", entries, "v8 v9") == ({"hdf5"}, [])

    def test_a_spec_that_is_too_new(self, tmp_path: Path) -> None:
        mirror = layout_3(tmp_path / "mirror", ZLIB, GCC)
        text = json.dumps({"spec": {"_meta": {"version": 7}, "nodes": [CURL]}}).encode()
        name = manifest_name(CURL)
        path = write_manifest(mirror, name, [blob(mirror, text, "spec.v7")])
        error = f"{path}: media type application/vnd.spack.spec.v7+json; the newest known is 6"
        assert read(mirror) == ({"local/root": 2}, 2, [error])


class TestLayout2:
    def test_an_empty_index(self, tmp_path: Path) -> None:
        mirror = layout_2(tmp_path / "mirror", HDF5, ZLIB, GCC)
        path = write(mirror / "build_cache" / "index.json", index())
        stacks, specs, (warning,) = read(mirror)
        assert (stacks, specs) == ({"local/mirror": 3}, 3)
        assert warning.startswith(f"{path}: the index lacks 3 specs with a spec file, ")

    @pytest.mark.parametrize("sign", [False, True])
    def test_a_stale_index(self, tmp_path: Path, sign: bool) -> None:
        mirror = layout_2(tmp_path / "mirror", HDF5, ZLIB, GCC, sign=sign)
        path = write(mirror / "build_cache" / "index.json", index(CURL, ZLIB, GCC))
        stacks, specs, (lacking, gone) = read(mirror)
        assert (stacks, specs) == ({"local/mirror": 4}, 4)
        assert lacking.startswith(
            f"{path}: the index lacks 1 spec with a spec file, {short(HDF5)}: "
        )
        assert gone.startswith(f"{path}: the index has 1 spec without a spec file, {short(CURL)}, ")

    @pytest.mark.parametrize("text", [b'{"database": {"version": "10"}}', b'{"database": {', b"no"])
    def test_an_index_that_cannot_be_read(self, tmp_path: Path, text: bytes) -> None:
        mirror = layout_2(tmp_path / "mirror", HDF5, ZLIB, GCC)
        path = write(mirror / "build_cache" / "index.json", text)
        stacks, specs, (warning,) = read(mirror)
        assert (stacks, specs) == ({"local/mirror": 3}, 3)
        assert warning.startswith(f"{path}: ")


def test_a_dependency_that_only_the_file_of_a_lacking_spec_describes(tmp_path: Path) -> None:
    cmake = node("cmake", needs(GCC, "build", virtuals=["c"]))
    tool = node("tool", needs(cmake, "build"))
    mirror = layout_3(tmp_path / "mirror", tool, cmake, GCC)
    for one in (cmake, GCC):
        (mirror / "v3" / "manifests" / manifest_name(one)).unlink()
    view(mirror)
    assert read(mirror)[:2] == ({"local/root": 1}, 3)

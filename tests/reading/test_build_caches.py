"""Build caches of layouts 2 and 3, site indexes and install databases: what is read of them."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from tests.conftest import FIXTURES
from tests.support.corpus import (
    database,
    index,
    layout_2,
    layout_3,
    manifest,
    needs,
    node,
    spec_file,
    view,
    write,
)

GCC = node("gcc", version="11.4.0", external={"path": "/usr", "module": None})
ZLIB = node("zlib", needs(GCC, "build", virtuals=["c"]))
HDF5 = node("hdf5", needs(ZLIB), needs(GCC, "build", virtuals=["c"]))
CURL = node("curl", needs(ZLIB))
SPECS = (HDF5, CURL, ZLIB, GCC)


def sizes(graph: cachegraph.Graph) -> dict[str, int]:
    return {row["key"]: row["specs"] for row in graph.stacks()["stacks"]}


def read(*locations: Path, **options: Any) -> tuple[dict[str, int], int, list[str]]:
    """The sizes of the stacks, the number of specs, and the warnings."""
    graph = cachegraph.open(":memory:")
    summary = graph.import_(*locations, **options)
    return sizes(graph), graph.stats()["nodes"]["Spec"], summary.warnings


class TestLayout2:
    def test_index(self, tmp_path: Path) -> None:
        mirror = tmp_path / "mirror"
        write(mirror / "build_cache" / "index.json", index(CURL, ZLIB, outside=[GCC]))
        for path in (mirror, mirror / "build_cache", mirror / "build_cache" / "index.json"):
            assert read(path) == ({"local/mirror": 2}, 3, [])

    @pytest.mark.parametrize("sign", [False, True])
    def test_every_spec_file_without_index(self, tmp_path: Path, sign: bool) -> None:
        # The files of hdf5 and curl have the nodes of zlib and gcc too, which are no members.
        mirror = layout_2(tmp_path / "mirror", *SPECS, sign=sign)
        for path in sorted((mirror / "build_cache").glob("*-gcc-*")):
            path.unlink()
        for path in (mirror, mirror / "build_cache"):
            assert read(path) == ({"local/mirror": 3}, 4, [])

    @pytest.mark.parametrize("kind", ["signed", "unsigned"])
    def test_real(self, tmp_path: Path, kind: str) -> None:
        mirror = tmp_path / kind
        shutil.copytree(FIXTURES / "spack" / "buildcache-v2" / kind, mirror)
        files = [*(mirror / "build_cache").glob("*.spec.json*")]
        assert len(files) == 6
        assert read(mirror) == ({f"local/{kind}": 6}, 7, [])
        (mirror / "build_cache" / "index.json").unlink()
        assert read(mirror)[:2] == ({f"local/{kind}": 6}, 7)

    def test_a_bad_spec_file_is_told(self, tmp_path: Path) -> None:
        mirror = layout_2(tmp_path / "mirror", ZLIB, GCC)
        bad = write(mirror / "build_cache" / "x.spec.json", b"{")
        stacks, _, (warning,) = read(mirror)
        assert stacks == {"local/mirror": 2}
        assert warning.startswith(f"{bad}: ")

    def test_archives_and_keys_are_passed_over(self, tmp_path: Path) -> None:
        mirror = layout_2(tmp_path / "mirror", ZLIB, GCC)
        write(mirror / "build_cache" / "_pgp" / "index.json", {"keys": {}})
        write(mirror / "build_cache" / "linux" / "gcc" / "zlib" / "zlib.spack", b"\0" * 99)
        assert read(mirror) == ({"local/mirror": 2}, 2, [])


class TestLayout3:
    @pytest.fixture
    def mirror(self, tmp_path: Path) -> Path:
        folder = layout_3(tmp_path / "mirror", *SPECS[:3])
        write(folder / "v3" / "layout.json", {"signing": "gpg"})
        view(folder, *SPECS[:3], outside=[GCC])
        view(folder, ZLIB, name="e4s", outside=[GCC])
        return folder

    def test_views_are_stacks_and_the_top_is_root(self, mirror: Path) -> None:
        for path in (mirror, mirror / "v3"):
            assert read(path) == ({"local/e4s": 1, "local/root": 3}, 4, [])

    def test_by_relative_paths(self, mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(mirror)
        for place in (".", "v3", "../mirror"):
            assert read(Path(place)) == ({"local/e4s": 1, "local/root": 3}, 4, [])
        for name, stack in (("", "local/root"), ("e4s/", "local/e4s")):
            path = Path(f"v3/manifests/index/{name}index.manifest.json")
            assert [*read(path)[0]] == [stack]
        monkeypatch.chdir(mirror / "v3")
        assert [*read(Path())[0]] == ["local/e4s", "local/root"]

    @pytest.mark.parametrize(
        ("name", "stack"), [("index.manifest.json", "root"), ("e4s/index.manifest.json", "e4s")]
    )
    def test_the_manifest_of_an_index_alone(self, mirror: Path, name: str, stack: str) -> None:
        path = mirror / "v3" / "manifests" / "index" / name
        stacks, _, warnings = read(path)
        assert (stacks, warnings) == ({f"local/{stack}": 1 if stack == "e4s" else 3}, [])
        assert [*read(path, release="r", stack="s")[0]] == ["r/s"]

    def test_the_manifest_of_a_spec_alone(self, mirror: Path) -> None:
        (path,) = (mirror / "v3" / "manifests" / "spec" / "zlib").iterdir()
        stacks, specs, warnings = read(path, release="r", stack="s")
        # As of any spec file by itself: its root and what that depends on.
        assert (stacks, specs, warnings) == ({"r/s": 1}, 2, [])
        assert read(path)[0] == {f"local/zlib-1.0-{ZLIB['hash']}": 1}

    @pytest.mark.parametrize("sign", [False, True])
    def test_every_spec_without_index(self, tmp_path: Path, sign: bool) -> None:
        mirror = layout_3(tmp_path / "mirror", *SPECS, sign=sign)
        assert read(mirror) == ({"local/root": 4}, 4, [])
        # A view does not hold everything: the manifests still do.
        view(mirror, ZLIB, name="e4s", outside=[GCC])
        assert read(mirror) == ({"local/e4s": 1, "local/root": 4}, 4, [])

    def test_a_blob_with_another_checksum(self, mirror: Path) -> None:
        top = mirror / "v3" / "manifests" / "index" / "index.manifest.json"
        checksum = json.loads(top.read_bytes())["data"][0]["checksum"]
        blob = mirror / "blobs" / "sha256" / checksum[:2] / checksum
        write(blob, json.dumps(index(HDF5)).encode())
        stacks, _, (warning,) = read(mirror)
        assert stacks == {"local/e4s": 1, "local/root": 3}  # from the manifests
        assert warning.startswith(f"{top}: its blob has another checksum: ")
        assert warning.endswith(f", not {checksum}")
        with pytest.raises(cachegraph.FormatError, match="another checksum"):
            read(top)
        blob.unlink()
        stacks, _, (warning,) = read(mirror)
        assert stacks == {"local/e4s": 1, "local/root": 3}
        assert warning.startswith(f"{top} (blobs/sha256/")
        assert warning.endswith(": No such file or directory")

    def test_a_manifest_outside_of_its_mirror(self, mirror: Path, tmp_path: Path) -> None:
        top = mirror / "v3" / "manifests" / "index" / "index.manifest.json"
        shutil.copy(top, tmp_path / "index.manifest.json")
        with pytest.raises(cachegraph.FormatError, match="a manifest outside of its build cache"):
            read(tmp_path / "index.manifest.json")

    def test_an_unknown_checksum(self, mirror: Path) -> None:
        top = mirror / "v3" / "manifests" / "index" / "index.manifest.json"
        top.write_text(top.read_text().replace('"sha256"', '"crc9"'))
        blobs = mirror / "blobs"
        shutil.copytree(blobs / "sha256", blobs / "crc9")
        with pytest.raises(cachegraph.FormatError, match="unknown checksum crc9"):
            read(top)

    def test_a_migrated_mirror_is_read_in_the_new_layout(self, mirror: Path) -> None:
        layout_2(mirror, node("only-in-layout-2"))
        write(mirror / "build_cache" / "index.json", index(node("only-in-layout-2")))
        assert read(mirror) == ({"local/e4s": 1, "local/root": 3}, 4, [])
        # Who asks for the old one gets it.
        assert read(mirror / "build_cache")[0] == {"local/mirror": 1}

    def test_the_manifests_of_keys_are_passed_over(self, tmp_path: Path) -> None:
        mirror = layout_3(tmp_path / "mirror", ZLIB, GCC)
        manifest(mirror, "key/keys.manifest.json", b'{"keys": {}}', "keyindex.v1")
        assert read(mirror) == ({"local/root": 2}, 2, [])

    def test_real(self) -> None:
        mirror = FIXTURES / "spack" / "spack-real" / "buildcache"
        stacks, specs, warnings = read(mirror)
        # 28 with two externals; bcA and bcB hold 25 each, two of them the same externals.
        assert stacks == {"local/root": 26, "local/view-bcA": 23, "local/view-bcB": 23}
        assert (specs, warnings) == (28, [])


def test_what_is_not_in_the_build_cache_is_a_node_and_no_member(
    graph: cachegraph.Graph, tmp_path: Path
) -> None:
    graph.import_(write(tmp_path / "m" / "index.json", index(HDF5, ZLIB, outside=[GCC])))
    (card,) = graph.show("gcc")["specs"]
    assert (card["stacks"], card["external"], card["dependents"]) == ([], True, 2)
    assert graph.show("hdf5")["specs"][0]["roots"] == ["local/m"]
    assert graph.show("zlib")["specs"][0]["roots"] == []
    assert graph.verify()["problems"] == []


class TestDatabase:
    def test_packages_are_not_walked(self, tmp_path: Path) -> None:
        tree = tmp_path / "opt"
        write(tree / ".spack-db" / "index.json", database([HDF5], ZLIB, GCC))
        write(tree / "linux" / "zlib" / ".spack" / "spec.json", spec_file(CURL))
        write(tree / "linux" / "zlib" / "spack.lock", b"not one")
        graph = cachegraph.open(":memory:")
        summary = graph.import_(tree)
        assert [source.location for source in summary.sources] == [f"{tree}/.spack-db/index.json"]
        assert (sizes(graph), summary.warnings) == ({"local/opt": 3}, [])
        assert graph.show("hdf5")["specs"][0]["roots"] == ["local/opt"]
        assert graph.show("zlib")["specs"][0]["roots"] == []

    def test_an_environment_beside_an_installation(self, tmp_path: Path) -> None:
        write(tmp_path / "opt" / ".spack-db" / "index.json", database([ZLIB], GCC))
        write(
            tmp_path / "env" / "spack.lock",
            {"_meta": {"lockfile-version": 6}, "roots": [], "concrete_specs": {}},
        )
        graph = cachegraph.open(":memory:")
        graph.import_(tmp_path)
        assert sizes(graph)["local/opt"] == 2

    def test_a_database_that_is_missing(self, tmp_path: Path) -> None:
        (tmp_path / "opt" / ".spack-db").mkdir(parents=True)
        with pytest.raises(cachegraph.FetchError, match=r"index.json: No such file"):
            cachegraph.open(":memory:").import_(tmp_path / "opt")


class TestSiteIndex:
    @pytest.fixture
    def site(self, tmp_path: Path) -> Path:
        checksum = "0123456789abcdef" * 4
        write(tmp_path / "binaries" / "develop" / "build_cache" / "index.json", index(*SPECS))
        write(tmp_path / "develop" / "e4s" / "build_cache" / "index.json", index(ZLIB))
        write(tmp_path / "blobs" / checksum, index(CURL))
        write(tmp_path / "else where" / "index.json", index(HDF5, GCC))
        here = (tmp_path / "else where" / "index.json").as_uri()
        listed = {
            "develop": [
                {"label": "root", "url": "s3://binaries/develop/build_cache/index.json"},
                {"label": "e4s", "url": "s3://binaries/develop/e4s/build_cache/index.json"},
            ],
            "v1.0": [
                {"label": "root", "url": f"s3://other/v1.0/blobs/{checksum}"},
                {"label": "tiny", "url": "develop/e4s/build_cache/index.json"},
                {"label": "file", "url": here},
            ],
        }
        return write(tmp_path / "cache_spack_io_index.json", listed)

    def test_local_copies(self, site: Path) -> None:
        expected = {
            "develop/root": 4,
            "develop/e4s": 1,
            "v1.0/root": 1,
            "v1.0/tiny": 1,
            "v1.0/file": 2,
        }
        stacks, specs, warnings = read(site)
        assert ({**stacks}, specs, warnings) == (expected, 4, [])

    def test_copies_in_the_folder_that_was_named_are_those_indexes_alone(self, site: Path) -> None:
        stacks, specs, warnings = read(site.parent)
        assert (stacks, specs, warnings) == read(site)

    @pytest.mark.parametrize(
        ("only", "expected"),
        [
            (["develop"], {"develop/root": 4, "develop/e4s": 1}),
            (["v1.0/tiny"], {"v1.0/tiny": 1}),
            (["*/root"], {"develop/root": 4, "v1.0/root": 1}),
            (["*/e4s", "v1.0/[ft]i*"], {"develop/e4s": 1, "v1.0/tiny": 1, "v1.0/file": 2}),
        ],
    )
    def test_only_some(self, site: Path, only: list[str], expected: dict[str, int]) -> None:
        assert read(site, only=only)[0] == expected

    def test_only_what_is_not_there(self, site: Path) -> None:
        with pytest.raises(cachegraph.UsageError, match=r"nothing fits --only v2\.0/\*") as caught:
            read(site, only=["v2.0/*"])
        assert "develop/e4s, develop/root, v1.0/file" in (caught.value.hint or "")

    def test_a_missing_index_is_told_and_the_rest_goes_in(self, site: Path) -> None:
        missing = site.parent / "else where" / "index.json"
        missing.unlink()
        stacks, _, (warning,) = read(site)
        assert "v1.0/file" not in stacks
        assert len(stacks) == 4
        assert warning == f"{missing}: No such file or directory"

    def test_a_bad_entry_is_told_and_the_rest_goes_in(self, site: Path) -> None:
        listed = json.loads(site.read_bytes())
        listed["develop"][1] = {"label": "e4s"}
        write(site, listed)
        stacks, _, (warning,) = read(site)
        assert len(stacks) == 4
        assert warning.startswith(f"{site}: develop[1]: expected a label and a url, found ")

    def test_releases_and_stacks_may_be_given(self, site: Path) -> None:
        listed = {"develop": json.loads(site.read_bytes())["develop"][:1]}
        assert read(write(site, listed), release="r", stack="s")[0] == {"r/s": 4}

    def test_a_site_index_cut_off(self, site: Path, tmp_path: Path) -> None:
        site.write_bytes(site.read_bytes()[:-9])
        with pytest.raises(cachegraph.FormatError, match="not JSON"):
            read(site)
        stacks, _, warnings = read(tmp_path / "develop", site)
        assert stacks == {"local/e4s": 1}
        assert len(warnings) == 1

"""The names of stacks and releases: every line of the table, and what two may not share."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import cachegraph
from cachegraph.cli import cli
from tests.conftest import FIXTURES
from tests.support.corpus import (
    PACK,
    database,
    index,
    layout_2,
    layout_3,
    lock,
    node,
    signed,
    spec,
    spec_file,
    view,
    write,
    write_page,
)

CURL, ZLIB = node("curl"), node("zlib")
LOCK, OTHER = lock(ZLIB), lock(CURL)


def stacks(*locations: str | Path, **options: Any) -> list[str]:
    """The keys of the stacks that an import makes."""
    graph = cachegraph.open(":memory:")
    assert graph.import_(*locations, **options).warnings == []
    return [row["key"] for row in graph.stacks()["stacks"]]


# What names its release and its stacks itself


def test_page(tmp_path: Path) -> None:
    page = write_page(tmp_path, "zlib", [spec("a", "e4s")], tag="v0.23.0")
    assert stacks(page) == ["v0.23.0/e4s", "v0.23.0/root"]
    assert stacks(page, release="mine") == ["mine/e4s", "mine/root"]


def test_site_index(tmp_path: Path) -> None:
    listed = {
        "develop": [{"label": "root", "url": "a/index.json"}],
        "v1.0": [{"label": "e4s", "url": "b"}, {"label": "root", "url": "a/index.json"}],
    }
    write(tmp_path / "a" / "index.json", index(ZLIB, CURL))
    write(tmp_path / "b", index(ZLIB))
    path = write(tmp_path / "cache_spack_io_index.json", listed)
    expected = ["develop/root", "v1.0/e4s", "v1.0/root"]
    assert stacks(path) == expected
    shutil.copy(path, tmp_path / "mine.json")
    assert stacks(tmp_path / "mine.json") == expected


def test_layout_3(tmp_path: Path) -> None:
    mirror = layout_3(tmp_path / "mirror", ZLIB, CURL)
    view(mirror, ZLIB, CURL)
    view(mirror, ZLIB, name="e4s")
    view(mirror, CURL, name="deep/er")
    for path in (mirror, mirror / "v3", tmp_path):
        assert stacks(path) == ["local/deep-er", "local/e4s", "local/root"]
    assert stacks(mirror, release="1.1") == ["1.1/deep-er", "1.1/e4s", "1.1/root"]


# Indexes, install databases and build caches of layout 2


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("mirror/index.json", "mirror/index.json"),
        ("mirror/build_cache/index.json", "mirror/build_cache/index.json"),
        ("mirror/build_cache/index.json", "mirror/build_cache"),
        ("mirror/build_cache/index.json", "mirror"),
        ("mirror/build_cache/index.json", "."),
        ("mirror/build_cache/index.json.gz", "mirror"),
        ("mirror/.spack-db/index.json", "mirror/.spack-db/index.json"),
        ("mirror/.spack-db/index.json", "mirror/.spack-db"),
        ("mirror/.spack-db/index.json", "mirror"),
        ("mirror/.spack-db/index.json", "."),
        ("mirror/any.name", "mirror/any.name"),
        ("a/b/mirror/index.json.zst", "."),
    ],
)
def test_an_index_is_called_like_its_folder(tmp_path: Path, name: str, place: str) -> None:
    write(tmp_path / name, database([ZLIB]) if ".spack-db" in name else index(ZLIB))
    assert stacks(tmp_path / place) == ["local/mirror"]
    assert stacks(tmp_path / place, release="1.0") == ["1.0/mirror"]
    assert stacks(tmp_path / place, stack="e4s") == ["local/e4s"]
    assert stacks(tmp_path / place, release="r", stack="s/t") == ["r/s-t"]


@pytest.mark.parametrize("sign", [False, True])
def test_layout_2_without_index(tmp_path: Path, sign: bool) -> None:
    mirror = layout_2(tmp_path / "mirror", ZLIB, CURL, sign=sign)
    for path in (mirror, mirror / "build_cache", tmp_path):
        assert stacks(path) == ["local/mirror"]
    assert stacks(mirror, release="r", stack="s") == ["r/s"]


# Lock files and spec files


@pytest.mark.parametrize("ending", ["", *PACK])
def test_a_lock_file_by_itself(tmp_path: Path, ending: str) -> None:
    path = write(tmp_path / "e4s-24.11" / f"spack.lock{ending}", LOCK)
    assert stacks(path) == ["local/e4s-24.11"]
    assert stacks(path, release="24.11") == ["24.11/e4s-24.11"]
    assert stacks(path, release="24.11", stack="e4s") == ["24.11/e4s"]
    other = write(tmp_path / "env" / f"v1.2-linux.lock{ending}", LOCK)
    assert stacks(other) == ["local/v1.2-linux"]


def test_a_lock_file_by_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "env" / "spack.lock", LOCK)
    monkeypatch.chdir(tmp_path / "env")
    for place in ("spack.lock", "./spack.lock", ".", "../env", "../env/"):
        assert stacks(place) == ["local/env"]
    (tmp_path / "env" / "below").mkdir()
    monkeypatch.chdir(tmp_path / "env" / "below")
    for place in ("..", "../spack.lock", "../../env/spack.lock"):
        assert stacks(place) == ["local/env"]
    monkeypatch.chdir(tmp_path)
    for place in ("env/spack.lock", "env"):
        assert stacks(place) == ["local/env"]


@pytest.mark.parametrize(
    ("name", "key", "named"),
    [
        ("top/spack.lock", "local/top", "r/top"),
        ("top/a/spack.lock", "local/a", "r/a"),
        ("top/a/b/spack.lock.gz", "a/b", "r/b"),
        ("top/a/b/c/spack.lock", "a/b/c", "r/c"),
        ("top/other.lock", "local/other", "r/other"),
        ("top/a/other.lock.xz", "a/other", "r/other"),
        ("top/23.05/a b/spack.lock", "23.05/a b", "r/a b"),
    ],
)
def test_lock_files_below_a_folder(tmp_path: Path, name: str, key: str, named: str) -> None:
    write(tmp_path / name, LOCK)
    assert stacks(tmp_path / "top") == [key]
    assert stacks(tmp_path / "top", release="r") == [named]
    assert stacks(tmp_path / "top", stack="s") == [f"{key.rpartition('/')[0]}/s"]


@pytest.mark.parametrize(
    ("name", "data", "stem"),
    [
        ("zlib.json", spec_file(ZLIB), "zlib"),
        ("zlib-1.3.spec.json", spec_file(ZLIB), "zlib-1.3"),
        ("zlib.spec.json.sig", signed(spec_file(ZLIB)), "zlib"),
        ("zlib.spec.json.gz", spec_file(ZLIB), "zlib"),
        ("find", [ZLIB], "find"),
    ],
)
def test_spec_files(tmp_path: Path, name: str, data: Any, stem: str) -> None:
    path = write(tmp_path / "a" / name, data)
    assert stacks(path) == [f"local/{stem}"]
    assert stacks(tmp_path) == [f"a/{stem}"]
    assert stacks(path, release="r", stack="s") == ["r/s"]


def test_snapshots_are_releases_of_one_stack(tmp_path: Path) -> None:
    for day, value in (("2025-11-26", LOCK), ("2025-12-11", OTHER)):
        write(tmp_path / day / "julea" / "spack.lock", value)
    assert stacks(tmp_path) == ["2025-11-26/julea", "2025-12-11/julea"]
    graph = cachegraph.open(":memory:")
    for day in ("2025-11-26", "2025-12-11"):
        graph.import_(tmp_path / day / "julea" / "spack.lock", release=f"develop-{day}")
    expected = ["develop-2025-11-26/julea", "develop-2025-12-11/julea"]
    assert [row["key"] for row in graph.stacks()["stacks"]] == expected
    assert graph.overlap(*expected)["levels"]["package"]["union"] == 2
    releases = graph.networkx().nodes
    assert releases["Release:develop-2025-11-26"]["date"] == "2025-11-26"


# Two of one name


@pytest.mark.parametrize("order", [1, -1])
def test_two_sources_of_one_key(tmp_path: Path, order: int) -> None:
    paths = [
        write(tmp_path / "1" / "env" / "spack.lock", LOCK),
        write(tmp_path / "2" / "env" / "spack.lock", OTHER),
    ][::order]
    store = tmp_path / "graph.db"
    result = CliRunner().invoke(cli, ["import", *map(str, paths), "--store", str(store)])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"Error: {paths[0]} and {paths[1]} would both be the stack local/env, with different "
        "specs; nothing was imported\nHint: import them one by one, with --release or --stack\n"
    )
    graph = cachegraph.open(store)
    with pytest.raises(cachegraph.StoreError, match="no store at"):
        graph.stats()
    # As the hint says.
    graph.import_(paths[0])
    graph.import_(paths[1], release="other")
    assert [row["key"] for row in graph.stacks()["stacks"]] == ["local/env", "other/env"]


def test_two_sources_of_one_key_with_equal_specs(tmp_path: Path) -> None:
    first = write(tmp_path / "1" / "env" / "spack.lock", lock(ZLIB, CURL))
    second = write(tmp_path / "2" / "env" / "spack.lock", lock(CURL, ZLIB))
    third = write(tmp_path / "env" / "index.json", index(ZLIB, CURL))
    assert stacks(first, second, third) == ["local/env"]
    assert stacks(tmp_path / "1", tmp_path / "2") == ["local/env"]


def test_one_option_for_several_files(tmp_path: Path) -> None:
    for name, value in (("a", LOCK), ("b", OTHER)):
        write(tmp_path / "top" / name / "spack.lock", value)
    assert stacks(tmp_path / "top", release="1.0") == ["1.0/a", "1.0/b"]
    graph = cachegraph.open(":memory:")
    with pytest.raises(cachegraph.UsageError, match=r"local/one, with different specs"):
        graph.import_(tmp_path / "top", stack="one")
    assert graph.stats()["nodes"] == dict.fromkeys(graph.stats()["nodes"], 0)


def test_two_databases_of_one_folder_name(tmp_path: Path) -> None:
    write(tmp_path / "1" / "opt" / ".spack-db" / "index.json", database([ZLIB]))
    write(tmp_path / "2" / "opt" / ".spack-db" / "index.json", database([CURL]))
    with pytest.raises(cachegraph.UsageError, match="would both be the stack local/opt"):
        cachegraph.open(":memory:").import_(tmp_path)


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path / "env" / "spack.lock", LOCK)
    summary = cachegraph.open(":memory:").import_(path, path)
    assert len(summary.sources) == 1


@pytest.mark.slow
def test_a_folder_that_holds_everything(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "spack", tmp_path / "all")
    graph = cachegraph.open(":memory:")
    summary = graph.import_(tmp_path / "all")
    found = [row["key"] for row in graph.stacks()["stacks"]]
    # By hand from the folders there, but for the locks: those are what their paths say.
    assert [key for key in found if not key.startswith(("locks/", "spack-real/lockfiles/"))] == [
        "local/becker33-db",
        "local/clingo-bootstrap",
        "local/derecho-db",
        "local/root",
        "local/signed",
        "local/spack-json",
        "local/spack-test-db-v8",
        "local/unsigned",
        "local/view-bcA",
        "local/view-bcB",
        "spack-real/pins/base2",
        "spack-real/spack-json/find",
        "spack-real/spack-json/find-bcA",
        "spack-real/spack-json/spec-libxml2",
        *(f"specfiles/hdf5.v0{number}" for number in (13, 16, 17, 19, 20)),
        "specfiles/zlib-legacy",
        "specfiles/zlib-signed",
    ]
    locks = (FIXTURES / "spack").rglob("spack.lock.gz")
    named = {str(path.parent.relative_to(FIXTURES / "spack")) for path in locks}
    assert named <= {*found}
    assert {"locks/legacy/v1", "locks/legacy/v2", "locks/legacy/v3"} <= {*found}
    assert len(found) == len(summary.sources) == 21 + len(named) + 3
    # Three lock files of old formats have several nodes of one hash: 3, 1 and 1.
    assert summary.conflicts == len(summary.warnings) == 5
    assert all("several nodes with this hash" in warning for warning in summary.warnings)

"""What deleting stacks would free, keep and break: answers by hand, the same on every store.

The specs of these tests, and what they depend on::

    app -> lib -> base      tool -> base      other
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import cachegraph
from cachegraph.cli import cli
from cachegraph.errors import NotFoundError, UsageError
from cachegraph.questions.prune import PruneAnswer
from tests.conformance.test_replace import APP, BASE, LIB, OTHER, TOOL
from tests.conftest import Load
from tests.support.corpus import (
    dag_hash,
    index,
    layout_3,
    lock,
    needs,
    node,
    spec,
    view,
    write,
    write_page,
)


@pytest.fixture
def filled(load: Load, tmp_path: Path) -> cachegraph.Graph:
    """Four stacks in three releases.

    24.11/app: app, lib, base; 24.11/tool and 23.05/tool: tool, base; hep-1/hep: other.
    """
    for release, stack, nodes in (
        ("24.11", "app", (APP, LIB, BASE)),
        ("24.11", "tool", (TOOL, BASE)),
        ("23.05", "tool", (TOOL, BASE)),
        ("hep-1", "hep", (OTHER,)),
    ):
        write(tmp_path / "envs" / release / stack / "spack.lock", lock(*nodes))
    return load(tmp_path / "envs")


def hashes(*nodes: Mapping[str, Any]) -> list[str]:
    return sorted(one["hash"] for one in nodes)


def gone(answer: PruneAnswer) -> list[str]:
    return [row["package"] for row in answer["gone"]]


@pytest.mark.newest
def test_a_stack(filled: cachegraph.Graph) -> None:
    answer = filled.prune(drop="24.11/app")
    # base stays: both others hold it, neither alone.
    assert answer["dropped"] == [{"key": "24.11/app", "specs": 3, "gone": 2}]
    assert (answer["specs"], gone(answer)) == (2, ["app", "lib"])
    assert answer["gone"][0]["stacks"] == ["24.11/app"]
    assert answer["kept"] == [
        {"key": "23.05/tool", "specs": 1, "alone": 0},
        {"key": "24.11/tool", "specs": 1, "alone": 0},
    ]
    assert (answer["dangling"], answer["roots"], answer["refused"]) == ([], [], False)
    assert answer["coverage"] == [
        {"package": name, "target": "x86_64_v3"} for name in ("app", "lib")
    ]
    assert answer["keep"] == hashes(BASE, TOOL, OTHER)
    assert answer["remove"] == ["24.11/app"]
    assert "bytes" not in answer
    assert "notes" not in answer


def test_one_alone_holds_what_stays(filled: cachegraph.Graph) -> None:
    answer = filled.prune(drop=["24.11"])
    assert [(row["key"], row["gone"]) for row in answer["dropped"]] == [
        ("24.11/app", 2),
        ("24.11/tool", 0),
    ]
    assert answer["kept"] == [{"key": "23.05/tool", "specs": 2, "alone": 2}]
    assert answer["remove"] == ["24.11"]


def test_patterns_and_everything(filled: cachegraph.Graph) -> None:
    assert filled.prune(drop="*/tool")["remove"] == ["23.05", "24.11/tool"]
    answer = filled.prune(drop="*")
    assert (answer["specs"], answer["kept"], answer["keep"]) == (5, [], [])
    assert answer["remove"] == ["23.05", "24.11", "hep-1"]


def test_remove_takes_what_prune_foretells(graph: cachegraph.Graph, tmp_path: Path) -> None:
    """In the store that can be changed."""
    for name, nodes in (("app", (APP, LIB, BASE)), ("tool", (TOOL, BASE))):
        write(tmp_path / name / "spack.lock", lock(*nodes))
        graph.import_(tmp_path / name, release="v1")
    answer = graph.prune(drop="v1/app")
    removed = graph.remove(*answer["remove"])
    assert removed["specs"] == answer["specs"] == 2
    assert sorted(row["hash"] for row in graph.find("*")["specs"]) == answer["keep"]


SNAPSHOTS = ("develop-2026-01-04", "develop-2026-02-01", "develop-2026-10-04")


@pytest.fixture
def dated(load_once: Load, module_path: Path) -> cachegraph.Graph:
    """Three snapshots with a spec of their own, two of another series, develop and a version.

    za is in the first snapshot and in develop, zb in the first two, zc in all three.
    """
    held = {
        SNAPSHOTS[0]: "abcd",
        SNAPSHOTS[1]: "bce",
        SNAPSHOTS[2]: "cf",
        "develop": "a",
        "v1.0": "d",
        "ml-2026-01-01": "g",
        "ml-2026-01-08": "h",
    }
    for tag, letters in held.items():
        write_page(module_path, "zlib", [spec(f"z{one}", "e4s") for one in letters], tag=tag)
    return load_once(module_path)


def letters(answer: PruneAnswer) -> str:
    return "".join(sorted(row["hash"].rstrip("x")[1] for row in answer["gone"]))


@pytest.mark.newest
def test_all_but_the_last_of_each_series(dated: cachegraph.Graph) -> None:
    answer = dated.prune(keep_last=1)
    # zd is in v1.0 too, za in develop: neither has a date.
    assert letters(answer) == "beg"
    assert answer["remove"] == [*SNAPSHOTS[:2], "ml-2026-01-01"]
    assert letters(dated.prune(keep_last=2)) == ""
    answer = dated.prune(keep_last=3)
    assert (answer["dropped"], answer["remove"]) == ([], [])
    assert answer["notes"][0] == "no series has more than 3 dated releases"


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        (SNAPSHOTS[0], ""),
        (SNAPSHOTS[1], ""),  # zd: v1.0 is of no series that comes before
        (SNAPSHOTS[2], "be"),
        ("develop", "bcef"),
        ("ml-2026-01-08", "g"),
    ],
)
def test_unused_since(dated: cachegraph.Graph, release: str, expected: str) -> None:
    assert letters(dated.prune(unused_since=release)) == expected


def test_only_in(dated: cachegraph.Graph) -> None:
    answer = dated.prune(only_in="develop-2026-0*")
    assert letters(answer) == "be"
    assert answer["remove"] == [*SNAPSHOTS[:2]]


def test_options_add_up(dated: cachegraph.Graph) -> None:
    answer = dated.prune(only_in="develop-2026-0*", drop=["develop", "v1.0"], keep_last=1)
    assert letters(answer) == "abdeg"


def test_nothing_or_what_is_not_there(dated: cachegraph.Graph) -> None:
    for given in ({}, {"keep_last": -1}):
        with pytest.raises(UsageError):
            dated.prune(**given)  # type: ignore[arg-type]
    for name in ("drop", "unused_since", "only_in"):
        with pytest.raises(NotFoundError):
            dated.prune(**{name: "nosuch"})  # type: ignore[arg-type]


def test_the_stack_root_holds_what_no_other_of_its_release_has(load: Load, tmp_path: Path) -> None:
    """Root has za, zb, zc; e4s za, hep za and zb."""
    entries = [spec("za", "e4s", "hep"), spec("zb", "hep"), spec("zc")]
    graph = load(write_page(tmp_path, "zlib", entries))
    answer = graph.prune(drop="hep")
    assert letters(answer) == "b"
    assert answer["kept"] == [{"key": "develop/e4s", "specs": 1, "alone": 1}]
    assert answer["notes"] == [
        "develop/root lists 1 spec that would go: these stay in the store with it",
        "no source records the dependencies of 2 specs that would stay: "
        "whether these lose any is not known",
    ]
    assert letters(graph.prune(drop="develop/root")) == "c"
    assert graph.prune(drop="develop/*")["keep"] == []


# What dangles


ZLIB = node("zlib")
CMAKE = node("cmake", needs(ZLIB))
CURL = node("curl", needs(ZLIB, "link"))


def caches(load: Load, folder: Path) -> cachegraph.Graph:
    """full holds cmake and zlib; thin app and curl, but nothing that app and curl need.

    app needs cmake to be built; cmake and curl need zlib.
    """
    app = node("app", needs(CMAKE, "build"))
    made = {
        "full": index(CMAKE, ZLIB),
        "thin": index(app, CURL, outside=[CMAKE, ZLIB]),
    }
    return load(*(write(folder / name / "index.json", one) for name, one in made.items()))


@pytest.mark.newest
def test_a_stack_that_is_not_closed(load: Load, tmp_path: Path) -> None:
    graph = caches(load, tmp_path)
    answer = graph.prune(drop="full")
    assert gone(answer) == ["cmake", "zlib"]
    assert [(row["package"], row["deptypes"], row["missing"]) for row in answer["dangling"]] == [
        ("app", ["build"], [CMAKE["hash"]]),
        ("curl", ["link"], [ZLIB["hash"]]),
    ]
    assert all(row["stacks"] == ["local/thin"] for row in answer["dangling"])
    (app, curl) = answer["roots"]
    assert (app["package"], app["missing"]) == ("app", hashes(CMAKE, ZLIB))
    assert (curl["package"], curl["stack"], curl["missing"]) == (
        "curl",
        "local/thin",
        [ZLIB["hash"]],
    )
    assert answer["refused"]
    assert not graph.prune(drop="full", force=True)["refused"]
    assert not graph.prune(drop="thin")["refused"]


def test_through_a_spec_in_no_stack(load: Load, tmp_path: Path) -> None:
    """app of thin needs lib, which no stack holds, and that needs zlib of full."""
    lib = node("lib", needs(ZLIB))
    app = node("app", needs(lib))
    full = write(tmp_path / "full" / "index.json", index(ZLIB))
    thin = write(tmp_path / "thin" / "index.json", index(app, outside=[lib, ZLIB]))
    answer = load(full, thin).prune(drop="full")
    assert [(row["package"], row["stacks"]) for row in answer["dangling"]] == [("lib", [])]
    assert [row["package"] for row in answer["roots"]] == ["app"]
    assert answer["keep"] == hashes(app, lib)


def test_what_only_leaving_specs_need_is_not_kept(load: Load, tmp_path: Path) -> None:
    app = node("app", needs(CMAKE, "build"))
    thin = write(tmp_path / "thin" / "index.json", index(app, outside=[CMAKE, ZLIB]))
    other = write(tmp_path / "other" / "index.json", index(OTHER))
    answer = load(thin, other).prune(drop="thin")
    # cmake and zlib are in no stack: they do not count, and leave the store with app.
    assert (gone(answer), answer["keep"]) == (["app"], hashes(OTHER))


def test_a_spliced_spec_keeps_what_it_was_built_as(load: Load, tmp_path: Path) -> None:
    original = node("app")
    spliced = node("app", version="1.0", build_spec={"name": "app", "hash": original["hash"]})
    paths = [
        write(tmp_path / name / "index.json", made)
        for name, made in {
            "one": index(original),
            "two": index(spliced, outside=[original]),
        }.items()
    ]
    answer = load(*paths).prune(drop="one")
    assert answer["refused"]
    assert [row["missing"] for row in answer["dangling"]] == [[original["hash"]]]


def test_bytes(load: Load, tmp_path: Path) -> None:
    """Archives of 100 bytes, but zlib's of 7; one holds cmake and zlib, two curl and zlib."""
    cache = layout_3(tmp_path / "cache", CMAKE, CURL, ZLIB, sizes={"zlib": 7})
    view(cache, CMAKE, ZLIB, name="one")
    view(cache, CURL, ZLIB, name="two")
    view(cache, CMAKE, CURL, ZLIB)
    answer = load(cache).prune(drop="local/one")
    assert answer["dropped"] == [{"key": "local/one", "specs": 2, "gone": 1, "bytes": 100}]
    assert (answer["specs"], answer["bytes"]) == (1, 100)
    assert answer["kept"] == [{"key": "local/two", "specs": 1, "alone": 1, "bytes": 7}]
    assert "sized" not in answer


# The command


@pytest.fixture
def store(tmp_path: Path) -> Path:
    write(tmp_path / "full" / "index.json", index(CMAKE, ZLIB))
    thin = index(CURL, outside=[ZLIB])
    write(tmp_path / "thin" / "index.json", thin)
    path = tmp_path / "graph.db"
    cachegraph.open(path).import_(tmp_path / "full", tmp_path / "thin")
    return path


def prune(store: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["prune", "--store", str(store), *words])


def test_a_keep_list(store: Path, tmp_path: Path) -> None:
    """As Spack reads it: lines of 32 characters, none of them empty."""
    path = tmp_path / "keep.txt"
    result = prune(store, "--drop", "thin", "--keeplist", str(path))
    assert result.exit_code == 0
    assert path.read_text() == "".join(f"{one}\n" for one in hashes(CMAKE, ZLIB))
    assert all(len(line) == 32 for line in path.read_text().splitlines())
    assert "\ncachegraph remove local/thin\n" in result.stdout
    assert (
        f"The hashes of 2 specs that stay are in {path}: Spack deletes all others" in result.stderr
    )
    assert prune(store, "--drop", "thin", "--exit-code").exit_code == 1


def test_what_dangles_is_refused_unless_forced(store: Path, tmp_path: Path) -> None:
    path = tmp_path / "keep.txt"
    result = prune(store, "--drop", "full", "--keeplist", str(path))
    assert (result.exit_code, path.exists()) == (2, False)
    assert "Error: 1 of the specs and roots that stay would lose what they need" in result.stderr
    assert "--force" in result.stderr
    assert CURL["hash"] in result.stdout
    result = prune(store, "--drop", "full", "--force", "--keeplist", str(path))
    assert (result.exit_code, path.read_text()) == (0, f"{CURL['hash']}\n")


def test_no_list_in_place_of_the_store_nor_an_empty_one(store: Path, tmp_path: Path) -> None:
    before = store.read_bytes()
    result = prune(store, "--drop", "thin", "--keeplist", str(store))
    assert (result.exit_code, store.read_bytes()) == (2, before)
    assert "this is the store itself" in result.stderr
    result = prune(store, "--drop", "*", "--keeplist", str(tmp_path / "none"))
    assert result.exit_code == 2
    assert not (tmp_path / "none").exists()
    assert "nothing stays" in result.stderr


def test_stubs_are_kept(load: Load, tmp_path: Path) -> None:
    ghost = {"name": "ghost", "hash": dag_hash("ghost")}
    app = node("app", needs(ghost))
    for name, one in (("app", app), ("other", OTHER)):
        write(tmp_path / "envs" / "v1" / name / "spack.lock", lock(one))
    graph = load(tmp_path / "envs")
    assert graph.prune(drop="v1/other")["keep"] == hashes(app, ghost)
    assert graph.prune(drop="v1/app")["keep"] == hashes(OTHER)

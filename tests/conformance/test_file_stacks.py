"""Files in the place of stacks: the same answers as of stacks that were imported, nothing saved."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

import cachegraph
from cachegraph.cli import cli
from tests.support.corpus import lock, node, write

Load = Callable[..., cachegraph.Graph]
ZLIB, CURL, BZIP2 = (node(name) for name in ("zlib", "curl", "bzip2"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lock files ``one`` (zlib, curl) and ``two`` (zlib, bzip2), in the current folder."""
    write(tmp_path / "here" / "one" / "spack.lock", lock(ZLIB, CURL))
    write(tmp_path / "here" / "two" / "spack.lock", lock(ZLIB, BZIP2))
    (tmp_path / "temporary").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    return tmp_path / "here"


@pytest.fixture
def stored(load: Load, folder: Path) -> cachegraph.Graph:
    """A stack of the store: zlib alone, and one of develop: curl and bzip2."""
    write(folder.parent / "stores" / "24.11" / "mine" / "spack.lock", lock(ZLIB))
    write(folder.parent / "stores" / "develop" / "other" / "spack.lock", lock(CURL, BZIP2))
    return load(folder.parent / "stores")


def nothing_is_left(folder: Path) -> bool:
    return [*(folder.parent / "temporary").iterdir()] == []


def test_two_files_need_no_store(folder: Path) -> None:
    with cachegraph.open(folder / "none.db") as graph:
        found = graph.diff("one/spack.lock", "two/spack.lock")
        assert (found["kept"], [row["package"] for row in found["added"]]) == (1, ["bzip2"])
        assert [row["package"] for row in found["removed"]] == ["curl"]
        assert found["left"]["key"] == "one/spack.lock"
        matrix = graph.matrix("./one", "./two")
        assert matrix["stacks"] == ["./one", "./two"]
        assert matrix["shared"] == [[2, 1], [1, 2]]
        assert graph.shared("./one", "./two/spack.lock")["specs"][0]["package"] == "zlib"
        both = ["./one", "./two"]
        answers = graph.duplicates(*both), graph.blame(*both), graph.what_if(best=1, stacks=both)
        assert [one["scope"]["stacks"] for one in answers] == [2, 2, 2]
    assert not (folder / "none.db").exists()
    assert nothing_is_left(folder)


def test_a_file_beside_stacks_of_a_store(stored: cachegraph.Graph, folder: Path) -> None:
    before = stored.stats()
    found = stored.overlap("./one", "24.11/mine")
    assert found["levels"]["hash"] == {"shared": 1, "union": 2, "jaccard": 0.5}
    assert [row["key"] for row in found["stacks"]] == ["./one", "24.11/mine"]
    # Compared with develop, as everything is by default: curl is there, and zlib is not.
    alone = stored.unique("one/spack.lock")
    assert [row["package"] for row in alone["specs"]] == ["zlib"]
    assert alone["among"] == ["develop/other"]
    everywhere = stored.unique("one/spack.lock", all_releases=True)
    assert everywhere["specs"] == []
    assert [row["package"] for row in stored.find("*", stacks="./two")["specs"]] == [
        "bzip2",
        "zlib",
    ]
    assert stored.stats() == before
    assert nothing_is_left(folder)


def test_a_stack_of_the_store_has_its_name(stored: cachegraph.Graph, folder: Path) -> None:
    write(folder / "24.11" / "mine" / "spack.lock", lock(CURL))
    mine = stored.diff("24.11/mine", "./24.11/mine")
    assert [row["package"] for row in mine["removed"]] == ["zlib"]
    assert [row["package"] for row in mine["added"]] == ["curl"]


def test_a_spec_that_cannot_be_read_is_a_note(folder: Path) -> None:
    bad = lock(ZLIB, CURL)
    bad["concrete_specs"][CURL["hash"]] = {**CURL, "name": None}
    write(folder / "bad" / "spack.lock", bad)
    with cachegraph.open(folder / "none.db") as graph:
        found = graph.diff("bad/spack.lock", "two/spack.lock")
    assert found["left"]["specs"] == 2 - 1
    assert any("bad/spack.lock" in note for note in found["notes"])


def test_a_name_with_wildcards_is_no_pattern(folder: Path) -> None:
    write(folder / "[x]*" / "spack.lock", lock(ZLIB))
    with cachegraph.open(folder / "none.db") as graph:
        found = graph.overlap("./[x]*/spack.lock", "./one")
    assert found["levels"]["hash"]["shared"] == 1


# Revisions in git.


@pytest.fixture
def repository(folder: Path) -> Path:
    """Two commits, of which each has another ``env/spack.lock``."""

    def git(*words: str) -> None:
        name = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *name, *words], check=True, capture_output=True)

    git("init", "--quiet", ".")
    for specs in ((ZLIB, CURL), (ZLIB, BZIP2)):
        write(folder / "env" / "spack.lock", lock(*specs))
        git("add", "env")
        git("commit", "--quiet", "-m", "env")
    return folder


def test_revisions(repository: Path) -> None:
    words = ["diff", "git:HEAD~1:env/spack.lock", "git:HEAD:env/spack.lock"]
    done = CliRunner().invoke(cli, [*words, "--json", "--store", "none.db"])
    assert done.exit_code == 0, done.output
    assert '"key": "git:HEAD~1:env/spack.lock"' in done.stdout
    with cachegraph.open("none.db") as graph:
        found = graph.diff("git:HEAD:env/spack.lock", "env/spack.lock")
        assert (found["kept"], found["added"], found["removed"]) == (2, [], [])
        assert graph.want_lock("git:HEAD~1:env/spack.lock", stacks="./two")["missing"] == 1
    assert nothing_is_left(repository)


def test_a_side_without_lock_files(repository: Path) -> None:
    """The first environment of a repository: all of it is new."""
    (repository / "empty").mkdir()
    with cachegraph.open("none.db") as graph:
        found = graph.impact("./empty", "git:HEAD")
        assert (found["builds"], found["kept"]) == (2, 0)
        assert [row["stack"] for row in found["stacks"]] == ["env"]
        assert found["notes"] == ["./empty: there is no spack.lock"]
        gone = graph.impact("git:HEAD", "./empty")
        assert (gone["builds"], gone["removed"], gone["bucket"]) == (0, 2, "0")


def test_a_lock_file_at_the_top_of_a_revision(repository: Path) -> None:
    with cachegraph.open("none.db") as graph:
        before = graph.impact("git:HEAD~1", "git:HEAD")
        assert [row["stack"] for row in before["stacks"]] == ["env"]
        write(repository / "spack.lock", lock(ZLIB))
        words = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
        for command in (["add", "spack.lock"], ["commit", "--quiet", "-m", "top"]):
            subprocess.run(["git", *words, *command], check=True, capture_output=True)
        after = graph.impact("git:HEAD~1", "git:HEAD")
    assert [(row["stack"], "old" in row) for row in after["stacks"]] == [
        ("env", True),
        ("top", False),
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("./none.lock", "no such file"),
        ("git:HEAD:none", "git:HEAD:none: "),
        ("git:none:env/spack.lock", "git:none:env/spack.lock: "),
        ("git:--output=x:y", "not a file in git"),
        ("git:HEAD:", "not a file in git"),
        ("./several", "there is no spack.lock in it"),
        ("./empty.lock", "empty.lock"),
    ],
)
def test_what_is_no_stack(repository: Path, name: str, said: str) -> None:
    for part in ("a", "b"):
        write(repository / "several" / part / "spack.lock", lock(ZLIB))
    (repository / "empty.lock").write_text("")
    with (
        cachegraph.open("none.db") as graph,
        pytest.raises(cachegraph.CacheGraphError, match=re.escape(said)),
    ):
        graph.overlap(name, "./two")
    assert not (repository / "x").exists()
    assert nothing_is_left(repository)

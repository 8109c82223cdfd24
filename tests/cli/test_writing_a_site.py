"""The command that writes a site: where it writes, what it leaves alone, signals."""

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from cachegraph.web.target import MARK
from tests.cli.test_serving import refused, run
from tests.support.corpus import lock, node, write


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A store of one spec, in a folder of its own."""
    write(tmp_path / "envs" / "one" / "spack.lock", lock(node("zlib")))
    with cachegraph.open(tmp_path / "store" / "graph.db") as graph:
        graph.import_(tmp_path / "envs")
    return tmp_path / "store" / "graph.db"


def test_a_new_folder(small: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / "site"
    result = run("site", target, "--store", small)
    assert result.exit_code == 0
    assert f"The site is in {target}: " in result.stderr
    assert (target / "index.html").is_file()
    (tmp_path / "plain").mkdir()
    assert target.stat().st_mode == (tmp_path / "plain").stat().st_mode
    assert [one.name for one in target.parent.iterdir()] == ["site"]


def test_an_empty_folder_is_taken(small: Path, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    assert run("site", tmp_path / "site", "--store", small).exit_code == 0
    assert (tmp_path / "site" / MARK).is_file()


def files_in(folder: Path) -> set[str]:
    return {str(one.relative_to(folder)) for one in folder.rglob("*")}


def test_a_site_is_replaced_when_told(small: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    run("site", target, "--store", small)
    assert "there is a site already" in refused("site", target, "--store", small)
    before = files_in(target)
    (target / "package" / "old").mkdir()
    assert run("site", target, "--replace", "--store", small).exit_code == 0
    assert files_in(target) == before


def test_what_is_no_site_is_left_alone(small: Path, tmp_path: Path) -> None:
    """Not even --replace touches it."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    (tmp_path / "nowhere").symlink_to(tmp_path / "nothing")
    before = files_in(tmp_path)
    for name, words in {
        "file": "not a folder",
        "mine": "a folder with other files",
        "link": "not a folder",
        "nowhere": "not a folder",
        "file/below": "cannot be written",
        ".": "a folder with other files",
        "mine/../../..": "",
    }.items():
        text = refused("site", tmp_path / name, "--replace", "--store", small)
        assert words in text
        assert "standard output" not in text
    assert files_in(tmp_path) == before


def test_the_current_folder(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for name in (".", "", "../here", "/"):
        assert "cannot be replaced" in refused("site", name, "--store", small)
    assert run("site", "below", "--store", small).exit_code == 0


def test_what_was_put_into_a_site_is_not_lost(small: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    run("site", target, "--store", small)
    (target / ".git").mkdir()
    assert ".git is not of the site" in refused("site", target, "--replace", "--store", small)
    (target / ".git").rmdir()
    inside = target / "package" / "graph.db"
    small.replace(inside)
    assert "the store is in it" in refused("site", target, "--replace", "--store", inside)
    assert inside.is_file()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(small: Path, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    target = tmp_path / "closed" / "site"
    assert f"{target}: cannot be written" in refused("site", target, "--store", small)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_a_disk_that_takes_no_more(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    write_bytes = Path.write_bytes

    def full(path: Path, data: Any) -> int:
        if path.name == "404.html":
            raise OSError(number, os.strerror(number), str(path))
        return write_bytes(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    before = files_in(tmp_path)
    text = refused("site", tmp_path / "site", "--store", small)
    assert f"site: cannot be written: {os.strerror(number)}" in text
    assert files_in(tmp_path) == before


def test_an_earlier_site_survives_what_goes_wrong(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "site"
    run("site", target, "--store", small)
    before, rename = files_in(tmp_path), Path.rename

    def interrupted(path: Path, to: Path) -> Path:
        if path.name == "new":
            raise KeyboardInterrupt
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", interrupted)
    assert run("site", target, "--replace", "--store", small).exit_code == 1
    assert files_in(tmp_path) == before


KILLED = """
import os, signal
from pathlib import Path
found = Path.write_bytes
def write_bytes(path, data):
    if path.name == "404.html":
        os.kill(os.getpid(), signal.{name})
    return found(path, data)
Path.write_bytes = write_bytes
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where tests run in background
from cachegraph.__main__ import main
main()
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_a_signal_in_the_middle(small: Path, tmp_path: Path, name: str) -> None:
    target, before = tmp_path / "site", files_in(tmp_path)
    words = [sys.executable, "-c", KILLED.format(name=name), "site", str(target)]
    ended = subprocess.run(
        [*words, "--store", str(small)], capture_output=True, check=False, text=True
    )
    assert ended.returncode != 0
    assert "Traceback" not in ended.stderr
    assert not target.exists()
    if name != "SIGKILL":
        assert files_in(tmp_path) == before

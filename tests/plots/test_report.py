"""A report: its figures, its sections, and that it asks for nothing and runs nothing."""

import re
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import cachegraph
from cachegraph.cli import cli
from cachegraph.reading.discover import SAMPLE
from tests.support.corpus import lock, node, write
from tests.support.html import Elements


def report(folder: Path, *locations: Path, **chosen: str) -> Elements:
    with cachegraph.open(":memory:") as graph:
        graph.import_(*(locations or [Path(SAMPLE)]))
        graph.report(folder / "report.html", **chosen)  # type: ignore[arg-type]
    return Elements((folder / "report.html").read_text())


def test_figures_and_sections(tmp_path: Path) -> None:
    page = report(tmp_path, release="e4s-24.11")
    text = " ".join(page.text)
    # The two stacks hold 35 and 44 specs, 30 of them both; four are built twice.
    for figure in ("2  stacks", "49  specs", "30  in several stacks", "4  redundant builds"):
        assert figure in text
    names = ["shared", "together", "causes", "pins", "packages", "coverage", "changes", "proof"]
    assert [one["id"] for one in page.of("section")] == names
    assert [one["href"] for one in page.of("a")] == [f"#{name}" for name in names]
    assert "What changed since e4s-24.02" in text
    assert "zlib-ng ~new_strategies" in text
    pictures = page.of("img")
    assert len(pictures) == 6
    assert all(len(str(one["alt"])) > 20 for one in pictures)


def test_it_asks_for_nothing_and_runs_nothing(tmp_path: Path) -> None:
    page = report(tmp_path)
    assert page.of("script") == page.of("link") == page.of("iframe") == []
    addresses = [value for _, some in page.found for name, value in some.items() if name == "src"]
    assert all(str(one).startswith("data:image/svg+xml;base64,") for one in addresses)
    assert not [name for _, some in page.found for name in some if name.startswith("on")]
    (policy,) = [one["content"] for one in page.of("meta") if "http-equiv" in one]
    assert str(policy).startswith("default-src 'none'; ")


def test_names_do_nothing(tmp_path: Path) -> None:
    nasty = '<script>alert(1)</script>"onload="x'
    one, two = (node("zlib", version=version) for version in (nasty, "<b>"))
    for name in ("a", "b"):
        write(tmp_path / "envs" / f"<i>{name}" / "spack.lock", lock(one, two))
    page = report(tmp_path, tmp_path / "envs")
    assert {tag for tag, _ in page.found}.isdisjoint({"script", "b", "i"})
    assert nasty in " ".join(page.text)


def test_folders_of_the_author_are_not_told(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / "envs" / name / "spack.lock", lock(node("zlib", version=name)))
    text = " ".join(report(tmp_path, tmp_path / "envs").text)
    assert "a/spack.lock" in text
    assert str(tmp_path) not in text
    alone = " ".join(report(tmp_path, tmp_path / "envs" / "a").text)
    assert str(tmp_path) not in alone


def test_a_stack_alone(tmp_path: Path) -> None:
    page = report(tmp_path, stacks="e4s-24.11/gcc-cpu")
    assert "causes" in [one["id"] for one in page.of("section")]


def test_without_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    page = report(tmp_path, release="e4s-24.11")
    assert page.of("img") == []
    assert len(page.of("section")) == 8


def test_on_the_command_line(tmp_path: Path) -> None:
    store = tmp_path / "graph.db"
    cachegraph.open(store).import_(SAMPLE)
    path = tmp_path / "report.html"
    words = ["report", str(path), "--in", "e4s-24.11/*", "--store", str(store)]
    result = CliRunner().invoke(cli, words)
    assert (result.exit_code, result.stderr) == (0, f"The report is in {path}\n")
    assert re.search(r"<h1>[^<]+</h1>", path.read_text())
    over = CliRunner().invoke(cli, ["report", str(store), "--store", str(store)])
    assert "this is the store itself" in over.stderr
    none = CliRunner().invoke(cli, ["report", str(path), "--in", "x*", "--store", str(store)])
    assert (none.exit_code, "no stack fits x*" in none.stderr) == (2, True)

"""``shared``, ``unique`` and ``duplicates`` on the command line: tables, status, trouble."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import cachegraph
from cachegraph.cli import cli
from cachegraph.output.render import as_json
from tests.support.corpus import index, needs, node, tiny_cache, write
from tests.support.sample import PAGES

HA, HB, HC, ZA, ZB = (f"/{name:x<32}" for name in ("ha", "hb", "hc", "za", "zb"))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny cache."""
    folder = tmp_path_factory.mktemp("store")
    cachegraph.open(folder / "graph.db").import_(tiny_cache(folder / "site"))
    return folder / "graph.db"


def run(store: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, [*words, "--store", str(store)])


def lines(result: Result) -> list[str]:
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout.splitlines()


LOOK = "gcc@11.4.0\tubuntu22.04\tx86_64_v3"


def test_shared_specs_name_their_stacks(store: Path) -> None:
    assert lines(run(store, "shared", "--section", "specs")) == [
        "package\tversion\tcompiler\tos\ttarget\thash\tin\tstacks\tvariants",
        f"hdf5\t2.0\t{LOOK}\t{HC}\t2\taux, right\tbuild_system=cmake +mpi",
        f"zlib\t1.0\t{LOOK}\t{ZA}\t3\taux, left, right\tbuild_system=cmake",
    ]


def test_shared_at_a_level_has_its_columns(store: Path) -> None:
    words = ("shared", "--level", "version", "--at-least", "3", "--section", "specs")
    assert lines(run(store, *words)) == [
        "package\tversion\tin\tstacks\thashes",
        f"hdf5\t2.0\t3\taux, left, right\t{HA} {HB} {HC}",
        f"zlib\t1.0\t3\taux, left, right\t{ZA} {ZB}",
    ]


def test_unique_says_what_would_be_lost(tmp_path: Path) -> None:
    zlib = node("zlib")
    app = node("app", needs(zlib))
    for name, made in (("lib", index(zlib)), ("user", index(app, outside=[zlib]))):
        write(tmp_path / name / "index.json", made)
    store = tmp_path / "graph.db"
    cachegraph.open(store).import_(tmp_path / "lib", tmp_path / "user")
    sections = run(store, "unique", "lib").stdout.split("\n\n")
    assert [section.partition("\n")[0].split("\t")[0] for section in sections] == ["package"] * 4
    hashes = {one["name"]: f"/{one['hash']}" for one in (zlib, app)}
    assert sections[3].splitlines() == [
        "package\tversion\thash\tstack\tmissing",
        f"app\t1.0\t{hashes['app']}\tlocal/user\t{hashes['zlib']}",
    ]


def test_duplicates_as_csv(store: Path) -> None:
    result = run(store, "duplicates", "--csv", "--section", "groups")
    assert [*csv.DictReader(io.StringIO(result.stdout))] == [
        {
            "package": package,
            "version": version,
            "redundant": "1",
            "most in one": most,
            "stacks": stacks,
            "hashes": hashes,
        }
        for package, version, most, stacks, hashes in (
            (
                "hdf5",
                "2.0",
                "1",
                "left, right",
                f"{HA} {HB}",
            ),
            (
                "zlib",
                "1.0",
                "2",
                "aux, left, right",
                f"{ZA} {ZB}",
            ),
        )
    ]


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("shared",), 1),
        (("shared", "left", "aux", "--level", "spec"), 1),
        (("shared", "left", "root", "--at-least", "2", "--ignore-runtime"), 1),
        (("unique", "left"), 1),
        (("unique", "root"), 0),
        (("duplicates",), 1),
        (("duplicates", "right", "aux"), 0),
        (("duplicates", "left", "right", "--within"), 1),
    ],
)
def test_exit_code_tells_whether_there_is_any(
    store: Path, words: Sequence[str], status: int
) -> None:
    assert run(store, *words).exit_code == 0
    assert run(store, *words, "--exit-code").exit_code == status
    assert json.loads(run(store, *words, "--json").stdout)["question"] == words[0]


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (("shared", "--at-least", "9"), "K has to be from 1 to the number of stacks, 3, not 9", ""),
        (
            ("shared", "left"),
            "K has to be from 1 to the number of stacks, 1, not 2",
            "develop/left",
        ),
        (("unique", "lfet"), "no stack lfet", "did you mean left?"),
        (("duplicates", "--release", "v1"), "no release v1", "cachegraph releases"),
    ],
)
def test_trouble(store: Path, words: Sequence[str], message: str, hint: str) -> None:
    result = run(store, *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"Error: {message}\nHint: ")
    assert hint in result.stderr


def test_unique_wants_one_stack(store: Path) -> None:
    assert run(store, "unique").exit_code == run(store, "unique", "left", "right").exit_code == 2


def test_long_answers_are_the_same_json() -> None:
    rows: list[Any] = [
        {"a": place, "b": ['\u00e9\x1f\u2028"\\', None, True, 0.5], "c": {}, "d": []}
        for place in range(600)
    ]
    answer = {"question": "x", "rows": rows}
    assert "".join(as_json(answer)) == written(answer)
    # What only the slower writer can write.
    answer["rows"] = [*rows, 1 << 70, "\ud800"]
    assert "".join(as_json(answer)) == written(answer)


def written(answer: dict[str, Any]) -> str:
    text = json.dumps(answer, indent=2, ensure_ascii=False) + "\n"
    return text.replace("\u2028", r"\u2028").replace("\ud800", r"\ud800")


def test_sample(tmp_path: Path) -> None:
    store = tmp_path / "graph.db"
    cachegraph.open(store).import_(PAGES)
    answer = json.loads(run(store, "shared", "--json").stdout)
    assert len(answer["stacks"]) == 13

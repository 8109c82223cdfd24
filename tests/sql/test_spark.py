"""The program for Spark answers as cachegraph does."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from cachegraph.sql import spark as program
from tests.support.environment import is_set
from tests.support.server.java import UnavailableError, java
from tests.support.server.process import BRIEF

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One session of Spark, on this machine."""
    try:
        from pyspark.sql import SparkSession

        home = java(17).command.parents[1]
    except (ImportError, UnavailableError) as exc:
        missing = pytest.fail if is_set("CI") else pytest.skip
        missing(f"no Spark for the tests: {exc}. pip install pyspark, and install Java 17 or newer")
    before, os.environ["JAVA_HOME"] = os.environ.get("JAVA_HOME"), str(home)
    folder = tmp_path_factory.mktemp("spark")
    settings: dict[str, Any] = {
        "spark.ui.enabled": "false",
        "spark.driver.extraJavaOptions": " ".join(BRIEF),
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.warehouse.dir": str(folder),
        "spark.local.dir": str(folder),
        # So few rows: 200 tasks a join would be all that it does.
        "spark.sql.shuffle.partitions": "1",
        "spark.default.parallelism": "1",
    }
    session = SparkSession.builder.master("local[1]").config(map=settings).getOrCreate()
    yield session
    session.stop()
    if before is None:
        del os.environ["JAVA_HOME"]
    else:
        os.environ["JAVA_HOME"] = before


def test_matrix(spark: Any, asked: cachegraph.Graph, exported: Path) -> None:
    answer = asked.matrix(all_releases=True)
    found = [tuple(row) for row in program.matrix(spark, str(exported)).collect()]
    assert found == sorted(
        (left, right, answer["shared"][i][j])
        for i, left in enumerate(answer["stacks"])
        for j, right in enumerate(answer["stacks"])
        if answer["shared"][i][j]
    )


def test_duplicates(spark: Any, asked: cachegraph.Graph, exported: Path) -> None:
    columns = ("package", "version", "redundant", "hashes", "alike")
    groups = asked.duplicates(all_releases=True)["groups"]
    assert [tuple(row) for row in program.duplicates(spark, str(exported)).collect()] == [
        tuple(dict(one)[name] for name in columns) for one in groups
    ]


def test_affected(
    spark: Any,
    asked: cachegraph.Graph,
    exported: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As the program prints it: rows of JSON."""
    monkeypatch.setattr(type(spark), "stop", lambda _: None)  # other tests use it too
    program.main([str(exported), "affected", "6s7cgpm"])
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    answer = asked.affected("/6s7cgpm")
    assert {(row["package"], row["version"], row["key"], row["depth"]) for row in found} == {
        *((row["package"], row["version"], row["hash"], row["depth"]) for row in answer["specs"]),
        *((row["package"], row["version"], row["hash"], 0) for row in answer["matched"]),
    }
    assert len(found) == len(answer["specs"]) + 1
    assert [row["depth"] for row in found] == sorted(row["depth"] for row in found)


def test_a_folder_of_any_name_and_none(
    spark: Any, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(spark), "stop", lambda _: None)
    odd = tmp_path / "it's {a} *[1]*?"
    odd.symlink_to(exported)
    found = program.duplicates(spark, str(odd)).count()
    assert found == program.duplicates(spark, str(exported)).count() > 0
    with pytest.raises(SystemExit, match=r"missing: .*PATH_NOT_FOUND"):
        program.main([str(tmp_path / "missing"), "matrix"])


def test_it_imports_nothing_of_cachegraph() -> None:
    lines = map(str.strip, Path(program.__file__).read_text().splitlines())
    imported = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert "pyspark.sql" in imported
    assert not [name for name in imported if name.startswith("cachegraph")]


@pytest.mark.parametrize("words", [[], ["graph"], ["graph", "affected"], ["graph", "matrix", "x"]])
def test_wrong_words(words: list[str]) -> None:
    with pytest.raises(SystemExit, match=r"usage|takes"):
        program.main(words)

"""Asks exported Parquet with Spark: matrix, duplicates, affected. It imports nothing of cachegraph.

``cachegraph export FOLDER --format parquet`` writes the folder, ``pip install 'cachegraph[spark]'``
adds PySpark, which needs Java 17 or newer. On one machine::

    python spark.py FOLDER matrix
    python spark.py FOLDER duplicates
    python spark.py FOLDER affected HASH...

For a cluster there is ``spark-submit spark.py ...``, with a folder that all its machines read. It
has been run on one machine only.
"""

import re
import sys
from collections.abc import Callable, Sequence
from functools import reduce
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def nodes(spark: "SparkSession", folder: str, label: str) -> "DataFrame":
    """The nodes of a label: their key and properties."""
    return spark.read.parquet(f"{_escaped(folder)}/nodes/{label}")


def relationships(spark: "SparkSession", folder: str, type_: str) -> "DataFrame":
    """The relationships of a type: start, end and properties."""
    return spark.read.parquet(f"{_escaped(folder)}/relationships/{type_}")


def _escaped(folder: str) -> str:
    """The name as Spark reads it, to which some characters would be a pattern."""
    return re.sub(r"([][{}*?\\])", r"\\\1", folder)


def members(spark: "SparkSession", folder: str) -> "DataFrame":
    """The key of each spec in each stack but those called root."""
    rows = relationships(spark, folder, "IN_STACK").selectExpr("start AS key", "end AS stack")
    return rows.where("stack NOT LIKE '%/root'")


def matrix(spark: "SparkSession", folder: str) -> "DataFrame":
    """How many specs every two stacks share: left, right, shared; not those that share none."""
    from pyspark.sql.functions import count

    # Stacks by spec are few: to pair them within each is one shuffle, and no join.
    held = members(spark, folder).groupBy("key").agg({"stack": "collect_list"})
    pairs = held.toDF("key", "left").selectExpr("explode(left) AS left", "left AS right")
    pairs = pairs.selectExpr("left", "explode(right) AS right")
    return pairs.groupBy("left", "right").agg(count("*").alias("shared")).orderBy("left", "right")


def duplicates(spark: "SparkSession", folder: str) -> "DataFrame":
    """Specs that are alike but have several hashes: package, version, redundant, hashes, alike."""
    held = members(spark, folder).select("key").distinct()
    specs = nodes(spark, folder, "Spec").join(held, "key", "left_semi").where("alike IS NOT NULL")
    groups = specs.groupBy("alike", "package", "version").agg({"key": "collect_list"})
    groups = groups.toDF("alike", "package", "version", "hashes").where("size(hashes) > 1")
    rows = groups.selectExpr(
        "package",
        "version",
        "size(hashes) - 1 AS redundant",
        "sort_array(hashes) AS hashes",
        "alike",
    )
    return rows.orderBy(
        "redundant", "package", "version", "alike", ascending=[False, True, True, True]
    )


def affected(spark: "SparkSession", folder: str, hashes: Sequence[str]) -> "DataFrame":
    """What depends on specs, by the first characters of their hashes: package, version, key, depth.

    Depth counts dependencies; that of the specs themselves is 0.
    """
    from pyspark.sql.functions import col, lit

    needs = relationships(spark, folder, "DEPENDS_ON").select("start", "end").cache()
    specs = nodes(spark, folder, "Spec").select("key", "package", "version")
    is_asked = reduce(lambda one, other: one | other, [col("key").startswith(h) for h in hashes])
    reached = new = specs.where(is_asked).select("key", lit(0).alias("depth")).localCheckpoint()
    depth = 0
    while not new.isEmpty():
        depth += 1
        # Only what is new is joined again; and without a checkpoint each round would plan, and do,
        # all rounds before it.
        above = needs.join(new, needs.end == new.key).select(needs.start.alias("key")).distinct()
        new = above.join(reached, "key", "left_anti").withColumn("depth", lit(depth))
        new = new.localCheckpoint()
        reached = reached.union(new)
    needs.unpersist()
    return specs.join(reached, "key").orderBy("depth", "package", "key")


QUESTIONS: dict[str, Callable[..., "DataFrame"]] = {
    "matrix": matrix,
    "duplicates": duplicates,
    "affected": affected,
}


def main(arguments: Sequence[str]) -> None:
    """Prints the rows of an answer as JSON, one a line."""
    from pyspark.errors import AnalysisException
    from pyspark.sql import SparkSession

    if len(arguments) < 2 or arguments[1] not in QUESTIONS:  # noqa: PLR2004  # a folder, a question
        sys.exit(f"usage: spark.py FOLDER {'|'.join(QUESTIONS)} [HASH...]")
    folder, question, *hashes = arguments
    if bool(hashes) != (question == "affected"):
        sys.exit("affected takes hashes, and the others none")
    spark = SparkSession.builder.appName(f"cachegraph {question}").getOrCreate()
    try:
        rows = QUESTIONS[question](spark, folder, *([hashes] if hashes else []))
        for row in rows.selectExpr("to_json(struct(*)) AS text").toLocalIterator():
            sys.stdout.write(f"{row.text}\n")
    except AnalysisException as exc:  # there is no such folder, or another one
        sys.exit(f"{folder}: {str(exc).splitlines()[0]}")
    finally:
        spark.stop()


if __name__ == "__main__":
    main(sys.argv[1:])

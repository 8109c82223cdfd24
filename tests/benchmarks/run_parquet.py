"""Measures Parquet beside what else would write or ask it, in one run.

    python tests/benchmarks/run_parquet.py [--specs 100000] [--rounds 5] [--store FILE]

All in CPU seconds, on one thread where there is a choice. Ours are whole processes, start to end,
printing included; of the others the job alone is measured. All run in turns; the figure is the
median.
"""

import argparse
import math
import os
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import generate_index
from run import COMMAND, LOCKS, Measured, Row, in_turns, process, reported, show

SQL = Path(__file__).parents[2] / "cachegraph" / "sql"


def cpu(*words: str, out: Path | None = None) -> Measured:
    """One run of a command: the CPU seconds of its process, and its peak memory."""
    if out is not None:
        process("rm", "-rf", str(out))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = process(*words).peak
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(spent, peak)


def peer(*words: str) -> Callable[[], Measured]:
    """A job of the other side, which is a command of this file."""
    return lambda: reported(*words, script=__file__)


def told(job: Callable[[], object]) -> None:
    """Does a job, and prints the CPU seconds that it took."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    job()
    after = resource.getrusage(resource.RUSAGE_SELF)
    print(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def by_pyarrow(folder: str, out: str) -> None:
    """Writes all tables of a folder, which are in memory, as Parquet."""
    import pyarrow.parquet as pq

    tables = {file: pq.read_table(file) for file in Path(folder).rglob("part-*.parquet")}

    def write() -> None:
        for number, table in enumerate(tables.values()):
            pq.write_table(table, Path(out, f"{number}.parquet"), compression="zstd")

    Path(out).mkdir(exist_ok=True)
    told(write)


def by_duckdb(folder: str, name: str, hash_: str = "") -> None:
    """Answers by a file of SQL; every row is fetched."""
    import duckdb

    connection = duckdb.connect(config={"threads": 1})
    for variable, value in (("graph", folder), ("hashes", [hash_])):
        connection.execute(f"SET VARIABLE {variable} = {value!r}")
    told(lambda: connection.execute((SQL / f"{name}.sql").read_text()).fetchall())


def needed_most(folder: str) -> None:
    """Prints the spec that most specs directly depend on."""
    import duckdb

    parts = f"{folder}/relationships/DEPENDS_ON/part-*.parquet"
    sql = f"SELECT \"end\" FROM '{parts}' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
    print(*(hash_ for (hash_,) in duckdb.connect().execute(sql).fetchall()))


def rows(store: Path, folder: Path, rounds: int) -> Iterator[Row]:
    """The export, and questions of the store and of the Parquet."""
    out = folder / "graph"
    words = [COMMAND, "export", str(out), "--format", "parquet", "--store", str(store)]
    cpu(*words, out=out)
    kept = folder / "kept"
    out.rename(kept)
    found = in_turns(
        rounds, lambda: cpu(*words, out=out), peer("pyarrow", str(kept), str(folder / "theirs"))
    )
    yield Row("export --format parquet, cold", "pyarrow, prebuilt tables", *found, math.inf, False)
    asked = {"matrix": ["matrix"], "duplicates": ["duplicates"]}
    with os.popen(f"{sys.executable} {__file__} needed-most {kept}") as printed:
        hash_ = printed.read().strip()
    if hash_:
        asked["dependents"] = ["dependents", "--transitive", f"/{hash_}"]
    for name, question in asked.items():
        found = in_turns(
            rounds,
            lambda question=question: cpu(COMMAND, *question, "--store", str(store)),
            peer("duckdb", str(kept), name, *([hash_] if name == "dependents" else [])),
        )
        yield Row(f"{name}, cold and printed", "DuckDB on the Parquet", *found, math.inf, False)
    found = in_turns(
        max(1, rounds // 2),
        lambda: cpu(COMMAND, "stacks", "--store", str(kept)),
        lambda: cpu(COMMAND, "stacks", "--store", str(store)),
    )
    yield Row("stacks, of the folder of Parquet", "stacks, of the file", *found, math.inf, False)


def main() -> None:
    """Makes the data, measures, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--specs", default="100000")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--store", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder, store = Path(temporary), options.store
        if store is None:
            store, index = folder / "index.db", folder / "index.json"
            make = sys.executable, generate_index.__file__
            process(*make, str(index), options.specs, *map(str, LOCKS))
            process(COMMAND, "import", str(index), "--store", str(store))
        show([*rows(store, folder, options.rounds)])


JOBS = {"pyarrow": by_pyarrow, "duckdb": by_duckdb, "needed-most": needed_most}

if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in JOBS:
        JOBS[sys.argv[1]](*sys.argv[2:])
    else:
        main()

"""Measures the questions beside what a person would ask with instead, in one run.

    python tests/benchmarks/run_questions.py [--specs 100000] [--rounds 5] [--data FOLDER]
    python tests/benchmarks/run_questions.py --scale [--specs 1000000] [--rounds 3]

The second form prints what questions cost in a large graph, beside what is wanted of them. Needs
the extra ``benchmark``. Ours are whole processes, start to end, printing included, unless
said otherwise; of the others the job alone is timed, on what they have in memory already. All run
in turns; the figure is the median. ``--data`` is a folder with a ``locks/e4s-24.11`` of its own,
such as one with the largest stack, which the fixtures lack.
"""

import argparse
import math
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import generate
import generate_index
from run import COMMAND, LOCKS, Measured, Row, in_turns, installed, process, reported, show

PEERS = str(Path(__file__).with_name("question_peers.py"))
DUCKDB = str(Path(__file__).with_name("duckdb_peers.py"))
E4S = "amd64-gcc-cpu-ubuntu22.04", "amd64-gcc-cuda-ubuntu22.04"
ENVIRONMENTS = 9
MANY = 100_000
Job = Callable[[], Measured]


def asked(store: Path, *words: str) -> Job:
    """A question, asked in a new process."""
    return lambda: process(COMMAND, *words, "--store", str(store))


def peer(*words: str) -> Job:
    """A job of the other side."""
    return lambda: reported(*words, script=PEERS)


def real_stacks(folder: Path, locks: list[str], rounds: int) -> Iterator[Row]:
    """The largest stack of E4S 24.11 that there is."""
    store = folder / "e4s.db"
    process(COMMAND, "import", *locks, "--store", str(store))
    names = [Path(lock).parent.name for lock in locks]
    largest = next(name for name in E4S if name in names)
    other = next(name for name in names if name != largest)
    found = in_turns(
        rounds * 2, asked(store, "blame", largest), asked(store, "overlap", largest, other)
    )
    yield Row(f"blame {largest}", f"cold overlap with {other}", *found, 10, False)


def farm(folder: Path, rounds: int) -> Iterator[Row]:
    """What is asked of all specs of the generated graph."""
    store, index = folder / "index.db", folder / "index" / "index.json"
    process(COMMAND, "import", str(index), "--store", str(store))
    deepest, named, dependents, _ = prepared(index, folder / "peers")
    (folder / "deepest").write_text(deepest)
    peers = str(folder / "peers")
    ours, plain, counts = in_turns(
        rounds, asked(store, "blame"), peer("pass", peers), peer("counts", peers)
    )
    yield Row("blame", "one pass over all edges, counting them", ours, plain, 20, False)
    yield Row("blame", "one pass, counting for each spec", ours, counts, 20, False)
    ours, cold, grouped, filtered = in_turns(
        rounds,
        peer("our-duplicates", str(store)),
        asked(store, "duplicates"),
        peer("pandas", peers),
        peer("pandas-filtered", peers),
    )
    yield Row("duplicates, read and answered", "pandas, groupby of records", ours, grouped, 3, True)
    yield Row("duplicates, cold and printed", "the same", cold, grouped, 0, True)
    yield Row("duplicates, read and answered", "singles left out first", ours, filtered, 0, True)
    above = asked(store, "dependents", "--transitive", f"/{deepest}")
    found = in_turns(rounds, above, peer("ancestors", peers, deepest))
    job = f"dependents of {named}: {dependents}"
    yield Row(job, "networkx.ancestors, prebuilt", *found, 3, False)


def duckdb(*words: str) -> Job:
    """A job of DuckDB on Parquet files, as a process that starts, reads and prints."""
    return lambda: process(sys.executable, DUCKDB, *words)


def as_parquet(store: Path) -> str:
    """The folder with the Parquet files of a store."""
    folder = store.with_suffix(".parquet")
    folder.mkdir(exist_ok=True)
    process(sys.executable, DUCKDB, "write", str(store), str(folder))
    return str(folder)


def wanted(job: str, ours: Measured, seconds: float = 0, peak: float = 0) -> Row:
    """A row that compares with what is wanted: seconds, or else MB of memory."""
    return Row(job, "what is wanted", ours, Measured(seconds, peak), 1, False, not seconds)


def at_scale(folder: Path, specs: int, rounds: int) -> Iterator[Row]:
    """What questions cost in a graph of pages with so many specs, and of an index with as many."""
    make = sys.executable, generate.__file__
    store, packages = folder / "site.db", 4_000 if specs <= MANY else 20_000
    process(*make, str(folder / "site"), str(specs), str(packages))
    process(COMMAND, "import", str(folder / "site"), "--store", str(store))
    tables = as_parquet(store)
    ours, theirs = in_turns(rounds, asked(store, "duplicates"), duckdb("duplicates", tables))
    yield Row("duplicates", "DuckDB on Parquet", ours, theirs, 3, False)
    yield wanted("duplicates, its peak memory", ours, peak=200)
    ours, theirs = in_turns(
        rounds, asked(store, "find", "%gcc@11"), duckdb("find", tables, "gcc@11")
    )
    yield Row("find %gcc@11", "DuckDB on Parquet", ours, theirs, math.inf, False)
    yield wanted("find %gcc@11, its peak memory", ours, peak=150)
    words = [COMMAND, "find", "package-7", "--csv", "--limit", "1", "--store", str(store)]
    hash_ = re.findall(r"/[a-z2-7]{32}", subprocess.check_output(words, text=True))[0]
    (ours,) = in_turns(rounds * 2, asked(store, "show", hash_))
    yield wanted("show /HASH", ours, 0.1)
    index = folder / "scale.json"
    process(sys.executable, generate_index.__file__, str(index), str(specs))
    process(COMMAND, "import", str(index), "--store", str(store.with_name("scale.db")))
    index.unlink()
    (ours,) = in_turns(rounds, asked(store.with_name("scale.db"), "blame"))
    yield wanted("blame", ours, 0.5 if specs <= MANY else 10)
    if specs <= MANY:
        (ours,) = in_turns(rounds, asked(store.with_name("scale.db"), "what-if", "--best", "3"))
        yield wanted("what-if --best 3", ours, 3)


def many_stacks(folder: Path, rounds: int) -> Iterator[Row]:
    """Every pair of 300 stacks, each of which holds 30,000 of 100,000 specs."""
    store, site = folder / "shared.db", folder / "shared"
    process(
        sys.executable, generate.__file__, "shared", str(site), "100000", "2000", "300", "30000"
    )
    process(COMMAND, "import", str(site), "--store", str(store))
    found = in_turns(rounds, peer("our-matrix", str(store)), peer("roaring", str(store)))
    job = "matrix of 300 stacks of 30,000, read and answered"
    yield Row(job, "pyroaring on sets in memory", *found, 3, False)


def bottom(folder: Path, rounds: int) -> Iterator[Row]:
    """The spec that all of a graph needs, as everything does on one system."""
    store, index = folder / "bottom.db", folder / "bottom.json"
    process(COMMAND, "import", str(index), "--store", str(store))
    deepest, named, dependents, _ = prepared(index, folder / "below")
    above = asked(store, "dependents", "--transitive", f"/{deepest}")
    by_duckdb = duckdb("dependents", as_parquet(store), deepest)
    ours, theirs, recursive = in_turns(
        rounds, above, peer("ancestors", str(folder / "below"), deepest), by_duckdb
    )
    job = f"dependents of {named}: {dependents}"
    yield Row(job, "networkx.ancestors, prebuilt", ours, theirs, 2, False)
    yield Row(job, "DuckDB, recursive, on Parquet", ours, recursive, 1, False)


def prepared(index: Path, peers: Path) -> list[str]:
    """Makes what the other side has in memory; the deepest spec and how deep it is."""
    peers.mkdir()
    words = [sys.executable, PEERS, "prepare", str(index), str(peers)]
    return subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout.split()


def pages(folder: Path, rounds: int) -> Iterator[Row]:
    """Pages of the generated graph: the first bytes of the slowest, and all of them as files."""
    store = folder / "index.db"
    deepest = (folder / "deepest").read_text()
    (ours,) = in_turns(rounds, peer("our-first-paint", str(store), deepest))
    yield Row("first paint of the slowest page", "what is wanted", ours, Measured(0.3, 0), 1, False)
    ours = process(COMMAND, "site", str(folder / "site"), "--store", str(store))
    yield Row("site", "what is wanted", ours, Measured(120, 500), 1, False)
    yield Row("site, its peak memory", "what is wanted", ours, Measured(120, 500), 1, False, True)


def stacks(folder: Path, rounds: int) -> Iterator[Row]:
    """What is asked of several stacks, for information: how much longer it takes than overlap."""
    store = folder / "index.db"
    process(COMMAND, "import", str(folder / "locks"), "--store", str(store))
    pair = "kind-1-1", "kind-1-2"  # 2,154 builds differ by one variant
    every = [f"kind-{kind}-{again}" for kind in range(3) for again in range(3)]
    questions = (
        ("what-if", "package-213 choice=0", "--in", pair[0], "--in", pair[1]),
        ("what-if", "--best", "3", "--in", pair[0], "--in", pair[1]),
        ("diff", *pair),
        ("shared", *every),
        ("unique", pair[0]),
        ("coverage",),
        ("find", "^package-7"),
        ("affected", "package-7"),
    )
    for words in questions:
        ours, overlap = in_turns(rounds, asked(store, *words), asked(store, "overlap", *pair))
        yield Row(" ".join(words)[:50], "cold overlap", ours, overlap, math.inf, False)


def main() -> None:
    """Makes the data, measures, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--specs", default="100000")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--scale", action="store_true", help="only what is wanted at scale")
    options = parser.parse_args()
    # What is installed has its bytecode.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    found = options.data.glob("locks/e4s-24.11/*/spack.lock*") if options.data else LOCKS
    make = sys.executable, generate_index.__file__
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if options.scale:
            rows = [*at_scale(folder, int(options.specs), options.rounds)]
            rows += many_stacks(folder, options.rounds)
            process(*make, "one-libc", str(folder / "bottom.json"), str(MANY))
            rows += bottom(folder, options.rounds)
        else:
            (folder / "index").mkdir()
            process(*make, str(folder / "index" / "index.json"), options.specs)
            process(*make, "one-libc", str(folder / "bottom.json"), options.specs)
            process(*make, "locks", str(folder / "locks"), str(ENVIRONMENTS))
            rows = [*real_stacks(folder, sorted(map(str, found)), options.rounds)]
            rows += farm(folder, options.rounds)
            rows += pages(folder, options.rounds)
            rows += bottom(folder, options.rounds)
            rows += stacks(folder, options.rounds)
    print(f"cachegraph is {installed()}")
    print(f"{options.specs} specs; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    show(rows)


if __name__ == "__main__":
    main()

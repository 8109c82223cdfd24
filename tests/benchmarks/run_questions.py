"""Measures the questions beside what a person would ask with instead, in one run.

    python tests/benchmarks/run_questions.py [--specs 100000] [--rounds 5] [--data FOLDER]

Needs the extra ``benchmark``. Ours are whole processes, start to end, printing included, unless
said otherwise; of the others the job alone is timed, on what they have in memory already. All run
in turns; the figure is the median. ``--data`` is a folder with a ``locks/e4s-24.11`` of its own,
such as one with the largest stack, which the fixtures lack.
"""

import argparse
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import generate_index
from run import COMMAND, LOCKS, Measured, Row, in_turns, process, reported, show

PEERS = str(Path(__file__).with_name("question_peers.py"))
E4S = "amd64-gcc-cpu-ubuntu22.04", "amd64-gcc-cuda-ubuntu22.04"
ENVIRONMENTS = 9
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


def bottom(folder: Path, rounds: int) -> Iterator[Row]:
    """The spec that all of a graph needs, as everything does on one system."""
    store, index = folder / "bottom.db", folder / "bottom.json"
    process(COMMAND, "import", str(index), "--store", str(store))
    deepest, named, dependents, _ = prepared(index, folder / "below")
    above = asked(store, "dependents", "--transitive", f"/{deepest}")
    found = in_turns(rounds, above, peer("ancestors", str(folder / "below"), deepest))
    job = f"dependents of {named}: {dependents}"
    yield Row(job, "networkx.ancestors, prebuilt", *found, 3, False)


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
    options = parser.parse_args()
    # What is installed has its bytecode.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    found = options.data.glob("locks/e4s-24.11/*/spack.lock*") if options.data else LOCKS
    make = sys.executable, generate_index.__file__
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "index").mkdir()
        process(*make, str(folder / "index" / "index.json"), options.specs)
        process(*make, "one-libc", str(folder / "bottom.json"), options.specs)
        process(*make, "locks", str(folder / "locks"), str(ENVIRONMENTS))
        rows = [*real_stacks(folder, sorted(map(str, found)), options.rounds)]
        rows += farm(folder, options.rounds)
        rows += pages(folder, options.rounds)
        rows += bottom(folder, options.rounds)
        rows += stacks(folder, options.rounds)
    print(f"{options.specs} specs; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    show(rows)


if __name__ == "__main__":
    main()

"""Measures cachegraph beside what a person would use instead, in one run, and prints the ratios.

    python tests/benchmarks/run.py [--specs 100000] [--pages 4000] [--rounds 5]

Needs the extra ``benchmark``. Whole processes are measured, start to end, in turns; the figure is
the median of their CPU seconds. Peak memory is of the process that did the job.
"""

import argparse
import json
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import NamedTuple

import generate
import generate_index

PEERS = str(Path(__file__).with_name("peers.py"))
COMMAND = str(Path(sys.executable).with_name("cachegraph"))
PAIR = ("e4s", "ml-linux-x86_64-cpu")
LOCKS = sorted(Path(__file__).parents[1].glob("fixtures/spack/locks/e4s-24.11/*/spack.lock.gz"))


# orjson makes ten times the size of an index of it: one larger than this fits into no machine here.
_LARGEST_PARSED = 1 << 30


class Measured(NamedTuple):
    """Seconds, and peak memory in MB."""

    seconds: float
    peak: float


BOUND = Measured(0, 400)
"""What an import may take, whatever the size."""


class Row(NamedTuple):
    """One line of the table; the target is met when ``ratio`` is on the right side of it."""

    job: str
    against: str
    ours: Measured
    peer: Measured
    target: float
    faster: bool
    memory: bool = False
    """Whether it is the peak that is compared, with what the peer has as its peak."""

    def cells(self) -> list[str]:
        """What is printed."""
        if self.memory:
            ours, peer = self.ours.peak, self.peer.peak
            shown = f"{ours:.0f} MB", f"{peer:.0f} MB"
        else:
            ours, peer = self.ours.seconds, self.peer.seconds
            shown = tuple(f"{_time(m.seconds)} ({m.peak:.0f} MB)" for m in (self.ours, self.peer))
        ratio = peer / ours if self.faster else ours / peer
        met = ratio >= self.target if self.faster else ratio <= self.target
        wanted = f"{'at least' if self.faster else 'at most'} {self.target:g}"
        if self.target in (0, math.inf):
            wanted = "to know"
        slower = "times as much" if self.memory else "times as long"
        meaning = "times faster" if self.faster else slower
        return [
            self.job,
            shown[0],
            self.against,
            shown[1],
            f"{ratio:.1f} {meaning}",
            wanted,
            "yes" if met else "NO",
        ]


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


def process(*words: str, wall: bool = False) -> Measured:
    """One run of a command: its CPU seconds, or those that pass while a server works too."""
    began = time.perf_counter()
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        pid = os.posix_spawnp(
            words[0], words, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, nowhere.fileno(), 1)]
        )
        _, status, usage = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"failed: {' '.join(words)}")
    seconds = time.perf_counter() - began if wall else usage.ru_utime + usage.ru_stime
    return Measured(seconds, usage.ru_maxrss / 1024)


def reported(*words: str, script: str = PEERS) -> Measured:
    """One run of a script of ours, which prints how many seconds its job took once prepared."""
    reading, writing = os.pipe()
    pid = os.posix_spawnp(
        sys.executable,
        [sys.executable, script, *words],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, writing, 1)],
    )
    os.close(writing)
    with os.fdopen(reading) as told:
        seconds = float(told.read())
    _, _, usage = os.wait4(pid, 0)
    return Measured(seconds, usage.ru_maxrss / 1024)


def in_turns(rounds: int, *jobs: Callable[[], Measured]) -> list[Measured]:
    """The median of each job, all of them run once in every round."""
    found: list[list[Measured]] = [[] for _ in jobs]
    for _ in range(rounds):
        for job, measured in zip(jobs, found, strict=True):
            measured.append(job())
    return [
        Measured(statistics.median(m.seconds for m in each), max(m.peak for m in each))
        for each in found
    ]


def imports(site: Path, store: Path, rounds: int) -> Iterator[Row]:
    """Reading all pages into a saved store."""

    def ours() -> Measured:
        for file in store.parent.glob(f"{store.name}*"):
            file.unlink()
        return process(COMMAND, "import", str(site), "--store", str(store))

    measured, floor = in_turns(
        rounds, ours, lambda: process(sys.executable, PEERS, "floor", str(site))
    )
    yield Row("import, saved", "reading the files and orjson alone", measured, floor, 3.5, False)
    yield Row("the same, its peak memory", "a bound", measured, BOUND, 1, False, True)
    by_yaml = process(sys.executable, PEERS, "yaml", str(site))
    yield Row("import, saved", "yaml.safe_load script with sets", measured, by_yaml, 40, True)


def imports_again(site: Path, store: Path, rounds: int) -> Iterator[Row]:
    """Reading all pages again, none of which has changed; and into a new store beside it."""
    new = store.with_name("new.db")

    def again(place: Path) -> Measured:
        return process(COMMAND, "import", str(site), "--store", str(place))

    def first() -> Measured:
        for file in new.parent.glob(f"{new.name}*"):
            file.unlink()
        return again(new)

    ours, hashed, at_first = in_turns(
        rounds,
        lambda: again(store),
        lambda: process(sys.executable, PEERS, "hash", str(site)),
        first,
    )
    yield Row("import again, unchanged", "reading the files and sha256", ours, hashed, 1.2, False)
    yield Row("import again, unchanged", "the first import", ours, at_first, 3, True)


def indexes(folder: Path, rounds: int) -> Iterator[Row]:
    """Reading a large index, its hashes verified and stored; and two lock files, compared."""
    index, store = folder / "index" / "index.json", folder / "index.db"

    def ours(*locations: str) -> Measured:
        for file in folder.glob(f"{store.name}*"):
            file.unlink()
        return process(COMMAND, "import", *locations, "--store", str(store))

    if index.stat().st_size < _LARGEST_PARSED:
        found = in_turns(
            max(1, rounds // 2),
            lambda: ours(str(index)),
            lambda: process(sys.executable, PEERS, "index", str(index)),
        )
        job = "index, verified and stored"
        yield Row(job, "orjson.loads and a sha1 a node", *found, 4.5, False)
    else:
        found = in_turns(1, lambda: ours(str(index)))
    yield Row("an index, its peak memory", "a bound", found[0], BOUND, 1, False, True)
    names = [path.parent.name for path in LOCKS]
    locks = [str(index.parent / name / "spack.lock") for name in names]

    def both() -> Measured:
        first, second = ours(*locks), process(COMMAND, "overlap", *names, "--store", str(store))
        return Measured(first.seconds + second.seconds, max(first.peak, second.peak))

    compared = in_turns(rounds * 2, both, lambda: process(sys.executable, "-c", "pass"))
    yield Row("two lock files, imported, compared", "python -c pass", *compared, 20, False)


def cold_overlaps(store: Path, pickled: Path, rounds: int) -> Iterator[Row]:
    """QuestionMethods in a new process."""
    ours, by_pickle, nothing = in_turns(
        rounds * 4,
        lambda: process(COMMAND, "overlap", *PAIR, "--store", str(store)),
        lambda: process(
            sys.executable, PEERS, "pickle", str(pickled), *map("develop/".__add__, PAIR)
        ),
        lambda: process(sys.executable, "-c", "pass"),
    )
    yield Row("cold overlap", "pickled NetworkX graph, loaded and asked", ours, by_pickle, 10, True)
    yield Row("cold overlap", "python -c pass", ours, nothing, 4, False)


def matrices(store: Path, pickled: Path, rounds: int) -> Iterator[Row]:
    """Every pair of 30 stacks."""
    found = in_turns(
        rounds * 2,
        lambda: reported("our-matrix", str(store)),
        lambda: reported("matrix", str(pickled)),
    )
    yield Row("matrix, 30 stacks, read and answered", "Python sets, prebuilt", *found, 10, True)


def exports(store: Path, pickled: Path, rounds: int) -> Iterator[Row]:
    """The whole graph as GraphML."""
    folder = store.parent
    found = in_turns(
        max(1, rounds // 2),
        lambda: reported("our-graphml", str(store), str(folder / "ours.graphml")),
        lambda: reported("graphml", str(pickled), str(folder / "theirs.graphml")),
    )
    yield Row("GraphML, read and written", "networkx.write_graphml_lxml, prebuilt", *found, 6, True)


def graphml_asked(folder: Path, rounds: int) -> Iterator[Row]:
    """GraphML of 23,000 nodes and 320,000 relationships, opened as a store and asked."""
    index, store, path = (str(folder / name) for name in ("20k.json", "20k.db", "20k.graphml"))
    process(sys.executable, generate_index.__file__, index, "20000")
    process(COMMAND, "import", index, "--store", store)
    process(COMMAND, "export", path, "--store", store)
    found = in_turns(
        max(1, rounds // 2),
        lambda: process(COMMAND, "stats", "--store", path),
        lambda: process(sys.executable, PEERS, "read-graphml", path),
    )
    yield Row("GraphML of 23,000 nodes, asked", "networkx.read_graphml alone", *found, 5, True)


def main() -> None:
    """Makes the data, measures, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--specs", type=int, default=100_000)
    parser.add_argument("--pages", type=int, default=4_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        site, store, pickled = folder / "site", folder / "graph.db", folder / "graph.pickle"
        # In another process: what this one holds would count as the peak of those that it starts.
        process(
            sys.executable, generate.__file__, str(site), str(options.specs), str(options.pages)
        )
        (folder / "index").mkdir()
        index = str(folder / "index" / "index.json")
        process(
            sys.executable,
            generate_index.__file__,
            index,
            str(options.specs),
            *map(str, LOCKS),
        )
        rows = [*indexes(folder, options.rounds)]
        rows += imports(site, store, options.rounds)
        rows += imports_again(site, store, options.rounds)
        process(sys.executable, PEERS, "prepare", str(store), str(pickled))
        rows += cold_overlaps(store, pickled, options.rounds)
        rows += matrices(store, pickled, options.rounds)
        rows += exports(store, pickled, options.rounds)
        rows += graphml_asked(folder, options.rounds)
        size = sum(path.stat().st_size for path in site.rglob("specs.md")) / 1e6
        stored = store.stat().st_size / 1e6
    print(
        f"{options.specs} specs on {options.pages} pages, {size:.0f} MB; the store {stored:.0f} MB"
    )
    print(f"cachegraph is {installed()}")
    show(rows)


def installed() -> str:
    """How the measured command is installed: both start alike."""
    origin = distribution("cachegraph").read_text("direct_url.json") or "{}"
    is_linked = json.loads(origin).get("dir_info", {}).get("editable")
    return "a link to a checkout (pip install -e)" if is_linked else "installed as users have it"


def show(rows: list[Row]) -> None:
    """Prints the table."""
    head = ["job", "cachegraph (peak)", "against", "took (peak)", "ratio", "wanted", "met"]
    cells = [head, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        print(
            "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        )


if __name__ == "__main__":
    main()

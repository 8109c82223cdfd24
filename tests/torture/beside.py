"""Readers beside writers: each answer is that of one moment, and the log stays short.

    python -m tests.torture.beside [--seed 1] [--seconds 60]

Two writers import and remove, readers overlap, each for a random time, so that at every moment
somebody reads. In the store a stack has all specs of a lock file or is not there.
"""

import multiprocessing
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any

import cachegraph
from cachegraph.errors import CacheGraphError
from tests.support.sample import PAGES
from tests.torture import parser
from tests.torture.damage import LOCKS

ADDED = LOCKS / "julea"
READERS, WRITERS = 4, 2
LONGEST = 1.0  # seconds for which somebody reads
MOST = 32 << 20  # bytes of a log beside a store of 1 or 2 MB
Found = Iterator[tuple[str, str]]


def wholes(folder: Path) -> dict[str, int]:
    """The stacks that come and go, with the number of their specs."""
    with cachegraph.open(folder / "added.db") as graph:
        graph.import_(ADDED)
        return {row["key"]: row["specs"] for row in graph.stacks()["stacks"]}


def write(store: Path, whole: dict[str, int], chance: random.Random, until: float) -> Found:
    """Imports and removes until the time is over."""
    while time.monotonic() < until:
        graph = cachegraph.open(store)
        try:
            if chance.random() < 0.5:
                graph.import_(ADDED, wait=60)
            else:
                graph.remove(chance.choice([*whole]), wait=60)
        except cachegraph.NotFoundError:
            yield "nothing to remove", ""
        except CacheGraphError as error:
            yield "fault", error.message
        else:
            yield "written", ""


def read(store: Path, whole: dict[str, int], chance: random.Random, until: float) -> Found:
    """Looks twice within one reading, some time apart: both must be one whole moment."""
    while time.monotonic() < until:
        try:
            with cachegraph.open(store) as graph:
                first = {row["key"]: row["specs"] for row in graph.stacks()["stacks"]}
                time.sleep(chance.uniform(0, LONGEST))
                again = {row["key"]: row["specs"] for row in graph.stacks()["stacks"]}
                specs = graph.stats()["nodes"]["Spec"]
        except CacheGraphError as error:
            yield "fault", error.message
            continue
        torn = {key: size for key, size in first.items() if size != whole.get(key, size)}
        is_whole = first == again and not torn and specs >= 390
        yield ("read", "") if is_whole else ("fault", f"{first} {again} {specs}")


def work(job: Any, store: Path, whole: dict[str, int], seed: str, until: float, told: Any) -> None:
    """Tells what a job comes to; what runs in each process."""
    for found in job(store, whole, random.Random(seed), until):
        told.put(found)


def torture(folder: Path, *, seed: int, seconds: float) -> Found:
    """What each reading and each writing came to, and the longest log last."""
    store, whole = folder / "beside.db", wholes(folder)
    cachegraph.open(store).import_(PAGES)
    until = time.monotonic() + seconds
    context = multiprocessing.get_context("spawn")
    told: Any = context.Queue()
    jobs = [write] * WRITERS + [read] * READERS
    processes = [
        context.Process(target=work, args=(job, store, whole, f"{seed} {number}", until, told))
        for number, job in enumerate(jobs)
    ]
    for process in processes:
        process.start()
    longest = 0
    while any(process.is_alive() for process in processes) or not told.empty():
        with suppress(FileNotFoundError):
            longest = max(longest, store.with_name("beside.db-wal").stat().st_size)
        with suppress(Empty):
            yield told.get(timeout=0.02)
    if any(process.exitcode for process in processes):
        yield "fault", "a process has failed"
    yield "longest log" if longest <= MOST else "fault", f"{longest} bytes of log"
    if left := [path.name for path in folder.glob("beside.db-*")]:
        yield "fault", f"left beside the store: {left}"


def main() -> None:
    """Prints what was found; exits with 1 if there was a fault."""
    options = parser(__doc__).parse_args()
    counts: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        for what, detail in torture(Path(folder), seed=options.seed, seconds=options.seconds):
            counts[what] = counts.get(what, 0) + 1
            if what == "longest log" or (what == "fault" and counts[what] < 5):
                print(what, detail)
    print(counts)
    raise SystemExit("fault" in counts)


if __name__ == "__main__":
    main()

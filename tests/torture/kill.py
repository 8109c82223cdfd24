"""Kills imports with -9 at random moments: the store is as it was before the import, or as after.

    python -m tests.torture.kill [--seed 1] [--seconds 60]

Each import goes on from what the one before has left, without a look at the store in between.
"""

import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cachegraph
from cachegraph.errors import StoreError
from tests.torture import parser
from tests.torture.damage import IMPORTS

Contents = frozenset[Any]
NOTHING: Contents = frozenset()


class Killed(NamedTuple):
    """One import: whether it was killed, whether it was done, and what is wrong with the store."""

    number: int
    killed: bool
    done: bool
    fault: str = ""


def contents(store: Path) -> Contents:
    """All that a store holds but the times of imports; nothing if it is none."""
    try:
        with cachegraph.open(store) as graph:
            graph.store.check()
            copy = graph.networkx()
    except StoreError as error:
        if not error.message.startswith("no store at"):
            raise
        return NOTHING
    nodes = ((name, repr({**data, "imported_at": None})) for name, data in copy.nodes(data=True))
    edges = ((*edge[:3], repr(edge[3])) for edge in copy.edges(keys=True, data=True))
    return frozenset(nodes) | frozenset(edges)


def importing(store: Path, location: Path) -> "subprocess.Popen[bytes]":
    """A process that imports a location."""
    words = [sys.executable, "-m", "cachegraph", "import", str(location), "--store", str(store)]
    nowhere = subprocess.DEVNULL
    return subprocess.Popen(words, stdout=nowhere, stderr=nowhere)


def after_each(folder: Path) -> tuple[list[Contents], list[float]]:
    """What a store holds before the first and after each of the imports; the seconds of each."""
    store = folder / "steps.db"
    found, took = [NOTHING], []
    for location in IMPORTS:
        start = time.monotonic()
        importing(store, location).wait()
        took.append(time.monotonic() - start)
        found.append(contents(store))
    return found, took


def torture(folder: Path, *, seed: int, seconds: float, most: int = 10**9) -> Iterator[Killed]:
    """Kills imports until the time is over; each with what was found."""
    steps, took = after_each(folder)
    store, step = folder / "killed.db", 0
    until = time.monotonic() + seconds
    number = 0
    while time.monotonic() < until and number < most:
        chance = random.Random(f"{seed} {number}")
        if step == len(IMPORTS):
            for file in folder.glob("killed.db*"):
                file.unlink()
            step = 0
        process = importing(store, IMPORTS[step])
        try:
            process.wait(chance.uniform(took[step] / 4, took[step] * 1.1))
        except subprocess.TimeoutExpired:
            process.kill()
        killed = process.wait() != 0
        found = looked_at(folder, number, killed, steps[step : step + 2])
        yield found
        step += found.done
        number += 1


def looked_at(folder: Path, number: int, killed: bool, allowed: list[Contents]) -> Killed:
    """What a copy of the store holds: a reader would tidy up what the next import is to find."""
    copy = folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for file in folder.glob("killed.db*"):
        shutil.copy(file, copy)
    try:
        found = contents(copy / "killed.db")
    except StoreError as error:
        return Killed(number, killed, False, error.message)
    fault = "" if found in allowed else "neither as before nor as after the import"
    if not killed and found != allowed[-1]:
        fault = "not as after the import, which was not killed"
    return Killed(number, killed, found == allowed[-1], fault)


def main() -> None:
    """Prints what was found; exits with 1 if there was a fault."""
    options = parser(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = [*torture(Path(folder), seed=options.seed, seconds=options.seconds)]
    faults = [one for one in found if one.fault]
    for one in faults[:10]:
        print(one)
    killed = [one for one in found if one.killed]
    done = sum(one.done for one in killed)
    print(f"{len(found)} imports, {len(killed)} killed, {done} of them done; {len(faults)} faults")
    raise SystemExit(bool(faults))


if __name__ == "__main__":
    main()

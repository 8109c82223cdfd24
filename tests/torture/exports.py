"""Kills exports with -9 at random moments: under the final name there is all of one, or what was.

python -m tests.torture.exports [--seed 1] [--seconds 60]
"""

import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

import cachegraph
from cachegraph.exports import FORMATS
from tests.torture import parser
from tests.torture.damage import IMPORTS

_BEFORE = b"what was there before"


class Exported(NamedTuple):
    """One export: its format, whether it was killed, and what is wrong with what it left."""

    number: int
    form: str
    killed: bool
    fault: str = ""


def exporting(store: Path, path: Path, form: str) -> "subprocess.Popen[bytes]":
    """A process that exports a store."""
    words = [sys.executable, "-m", "cachegraph", "export", str(path), "--store", str(store)]
    words += ["--format", form, *["--plain"] * (form == "sqlite")]
    nowhere = subprocess.DEVNULL
    return subprocess.Popen(words, stdout=nowhere, stderr=nowhere)


def size(path: Path) -> int:
    """The bytes of a file, or of all files in a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def torture(folder: Path, *, seed: int, seconds: float, most: int = 10**9) -> Iterator[Exported]:
    """Kills exports of each format in turn until the time is over; each with what was found."""
    store = folder / "graph.db"
    with cachegraph.open(store) as graph:
        graph.import_(*IMPORTS)
    took, whole = {}, {}
    for form in FORMATS:
        start = time.monotonic()
        exporting(store, folder / form, form).wait()
        took[form], whole[form] = time.monotonic() - start, size(folder / form)
    until = time.monotonic() + seconds
    for number in count():
        if time.monotonic() > until or number == most:
            return
        chance = random.Random(f"{seed} {number}")
        form = [*FORMATS][number % len(FORMATS)]
        path = folder / "out" / "killed"
        path.parent.mkdir()
        # A folder is written anew; a file may replace another.
        before = not (folder / form).is_dir() and chance.random() < 0.5
        if before:
            path.write_bytes(_BEFORE)
        process = exporting(store, path, form)
        try:
            process.wait(chance.uniform(took[form] / 4, took[form] * 1.1))
        except subprocess.TimeoutExpired:
            process.kill()
        killed = process.wait() != 0
        as_before = not path.exists() if not before else path.read_bytes() == _BEFORE
        good = (as_before and killed) or (path.exists() and size(path) == whole[form])
        yield Exported(number, form, killed, "" if good else "neither nothing nor all of it")
        shutil.rmtree(path.parent)


def main() -> None:
    """Prints what was found; exits with 1 if there was a fault."""
    options = parser(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = [*torture(Path(folder), seed=options.seed, seconds=options.seconds)]
    faults = [one for one in found if one.fault]
    for one in faults[:10]:
        print(one)
    killed = sum(one.killed for one in found)
    print(f"{len(found)} exports, {killed} killed; {len(faults)} faults")
    raise SystemExit(bool(faults))


if __name__ == "__main__":
    main()

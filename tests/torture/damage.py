"""Damages the file of a store in five ways, and asks it: every answer is right, or a StoreError.

    python -m tests.torture.damage [--seed 1] [--seconds 60]

``verify`` may find no fault only where every question is answered as before.
"""

import json
import random
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cachegraph
from cachegraph.errors import CacheGraphError, StoreError
from tests.support.sample import PAGES
from tests.torture import parser

LOCKS = Path(__file__).parents[1] / "fixtures/spack/locks"
IMPORTS = (PAGES, LOCKS / "e4s-24.11", LOCKS / "julea", LOCKS / "gmgpolar")
PAGE = 16384
_ASKED = 5
STACKS = ("develop/e4s", "develop/ml-linux-x86_64-cpu")
Ask = Callable[[cachegraph.Graph], Any]


class Versions(NamedTuple):
    """A store as it is after each of several imports, and the page size of its file."""

    last: bytes
    earlier: list[bytes]


class Outcome(NamedTuple):
    """What became of one damage: right, told, silent or traceback; and by which question."""

    what: str
    question: str = ""
    detail: str = ""


def bit(versions: Versions, chance: random.Random) -> bytes:
    """One flipped bit."""
    data = bytearray(versions.last)
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def zeros(versions: Versions, chance: random.Random) -> bytes:
    """A run of zeros."""
    data = bytearray(versions.last)
    size = chance.choice((1, 16, 512, 4096, PAGE))
    start = chance.randrange(len(data))
    if size == PAGE:
        start -= start % PAGE
    end = min(start + size, len(data))
    data[start:end] = bytes(end - start)
    return bytes(data)


def swapped(versions: Versions, chance: random.Random) -> bytes:
    """Two pages, each in the place of the other."""
    data = versions.last
    first, second = sorted(chance.sample(range(len(data) // PAGE), 2))
    pages = [data[at : at + PAGE] for at in range(0, len(data), PAGE)]
    pages[first], pages[second] = pages[second], pages[first]
    return b"".join(pages)


def truncated(versions: Versions, chance: random.Random) -> bytes:
    """The file without its end."""
    size = len(versions.last)
    kept = chance.choice((chance.randrange(size), PAGE * chance.randrange(1, size // PAGE)))
    return versions.last[:kept]


def put_back(versions: Versions, chance: random.Random) -> bytes:
    """A page as it was in an earlier version of the store."""
    earlier = chance.choice(versions.earlier)
    page = PAGE * chance.randrange(min(len(versions.last), len(earlier)) // PAGE)
    data = versions.last
    return data[:page] + earlier[page : page + PAGE] + data[page + PAGE :]


KINDS = (bit, zeros, swapped, truncated, put_back)


def versions_of_a_store(folder: Path) -> Versions:
    """Imports documents one after another; the file after each of the imports."""
    store = folder / "whole.db"
    found = []
    for location in IMPORTS:
        with cachegraph.open(store) as graph:
            graph.import_(location)
        found.append(store.read_bytes())
    return Versions(found[-1], found[:-1])


def questions(whole: cachegraph.Graph) -> dict[str, Ask]:
    """Questions that together read all of a store, some of them of what is not in it."""
    hashes = whole.store.keys(cachegraph.model.schema.SPEC)
    some = hashes[:: len(hashes) // 4]
    stacks = [row["key"] for row in whole.stacks()["stacks"]]
    asked: dict[str, Ask] = {
        "stats": lambda graph: graph.stats(),
        "stacks": lambda graph: graph.stacks(),
        "releases": lambda graph: graph.releases(),
        "overlap": lambda graph: graph.overlap(*STACKS),
        "matrix": lambda graph: graph.matrix(*stacks, level="alike"),
        "no such hash": lambda graph: graph.show("/" + "z" * 32),
        "no such package": lambda graph: graph.show("no-such-package"),
        "find": lambda graph: graph.find("zlib-ng"),
        "find nothing": lambda graph: graph.find("hdf5@99"),
        "dependents": lambda graph: graph.dependents("zlib-ng", transitive=True),
        "blame": lambda graph: graph.blame(*stacks),
        "history": lambda graph: graph.history("cmake"),
        "coverage": lambda graph: graph.coverage(),
        "everything": lambda graph: sorted(map(repr, graph.store.elements())),
    }
    for one in some:
        asked[f"show /{one[:7]}"] = show(one[:9])
    return asked


def show(prefix: str) -> Ask:
    """Asks for the spec of which the hash begins so."""
    return lambda graph: graph.show(f"/{prefix}")


def said(ask: Ask, graph: cachegraph.Graph) -> str:
    """An answer as text; what is not found is an answer too."""
    try:
        return json.dumps(ask(graph), sort_keys=True, default=str)
    except StoreError:
        raise
    except CacheGraphError as error:
        return f"{type(error).__name__}: {error.message}"


class Damager:
    """A store, its questions and their right answers."""

    def __init__(self, folder: Path) -> None:
        self.versions = versions_of_a_store(folder)
        self.path = folder / "damaged.db"
        self.path.write_bytes(self.versions.last)
        with cachegraph.open(self.path) as graph:
            self.questions = questions(graph)
            self.right = {name: said(ask, graph) for name, ask in self.questions.items()}
            self.problems = graph.verify()["problems"]

    def ask(self, data: bytes, chance: random.Random) -> Iterator[Outcome]:
        """Asks a damaged store some questions, each of a fresh reader, then verifies it."""
        names = chance.sample([*self.questions], _ASKED)
        outcomes = [self._outcome(name, data) for name in names]
        yield from outcomes
        yield self._verified(data, all(outcome.what == "right" for outcome in outcomes))

    def _outcome(self, name: str, data: bytes) -> Outcome:
        self._put(data)
        try:
            with cachegraph.open(self.path) as graph:
                answer = said(self.questions[name], graph)
        except StoreError:
            return Outcome("told", name)
        except Exception:
            return Outcome("traceback", name, traceback.format_exc())
        right = answer == self.right[name]
        return Outcome("right" if right else "silent", name, "" if right else answer[:300])

    def _verified(self, data: bytes, is_whole: bool) -> Outcome:
        self._put(data)
        try:
            with cachegraph.open(self.path) as graph:
                problems = graph.verify()["problems"]
        except StoreError:
            return Outcome("told", "verify")
        except Exception:
            return Outcome("traceback", "verify", traceback.format_exc())
        if problems != self.problems and any(p["kind"] == "store" for p in problems):
            return Outcome("told", "verify")
        fine = is_whole and problems == self.problems
        return Outcome("right" if fine else "silent", "verify", "found no fault")

    def _put(self, data: bytes) -> None:
        for beside in self.path.parent.glob(f"{self.path.name}-*"):
            beside.unlink()
        self.path.write_bytes(data)


def torture(folder: Path, *, seed: int, seconds: float, most: int = 10**9) -> Iterator[Any]:
    """Damages until the time is over: the kind, its number and the outcomes that are faults."""
    damager = Damager(folder)
    until = time.monotonic() + seconds
    number = 0
    while time.monotonic() < until and number < most:
        kind = KINDS[number % len(KINDS)]
        chance = random.Random(f"{seed} {number}")
        data = kind(damager.versions, chance)
        if data != damager.versions.last:
            yield kind.__name__, number, [*damager.ask(data, chance)]
        number += 1


def main() -> None:
    """Prints what was found, by kind of damage; exits with 1 if there was a fault."""
    options = parser(__doc__).parse_args()
    counts: dict[str, Counter[str]] = {kind.__name__: Counter() for kind in KINDS}
    shown: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for kind, number, outcomes in torture(
            Path(folder), seed=options.seed, seconds=options.seconds
        ):
            worst = {outcome.what for outcome in outcomes}
            counts[kind]["damages"] += 1
            counts[kind].update(worst)
            for outcome in outcomes:
                if outcome.what in ("silent", "traceback") and shown[outcome.what] < 3:
                    shown[outcome.what] += 1
                    print(f"{kind} {number} {outcome.question}: {outcome.what}", outcome.detail)
    for kind, found in counts.items():
        print(kind, dict(found))
    raise SystemExit(any(found["silent"] + found["traceback"] for found in counts.values()))


if __name__ == "__main__":
    main()

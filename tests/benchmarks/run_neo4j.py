"""Measures what cachegraph does with a Neo4j beside what a person would write, in one run.

    python tests/benchmarks/run_neo4j.py [--specs 100000] [--pages 4000] [--rounds 1]
    python tests/benchmarks/run_neo4j.py --questions STORE

Needs the extras ``test`` and ``benchmark``, Java and Maven: every load has a new server of its own.
Whole processes are timed, start to end; peak memory is of the client. Questions, which the second
form asks of the graph of a store and nothing else, are in CPU seconds, of the client and the server
together.
"""

import argparse
import os
import shlex
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import generate
import generate_index
import psutil
from run import COMMAND, LOCKS, PAIR, Measured, Row, in_turns, show
from run import process as measured_process

from cachegraph.model.schema import NODE_TYPES, RELATIONSHIP_TYPES, SPEC, STACK
from cachegraph.opening import open_store
from tests.support.server.process import Server

PEERS = str(Path(__file__).with_name("bolt_peers.py"))
process = partial(measured_process, wall=True)


@contextmanager
def server(folder: Path, *, started: bool = True) -> Iterator[Server]:
    """A server with a new home, and its credentials in the environment."""
    with tempfile.TemporaryDirectory(dir=folder) as home:
        made = Server(Path(home), heap="2g", lasting=True)
        os.environ |= {"NEO4J_USERNAME": made.user, "NEO4J_PASSWORD": made.password or ""}
        if started:
            made.start()
        try:
            yield made
        finally:
            made.kill()


def memory(made: Server) -> str:
    """What a server takes, in MB."""
    assert made.process
    return f"{psutil.Process(made.process.pid).memory_info().rss / (1 << 20):.0f} MB"


class Loads:
    """Loading one store in every way, each time into a new database."""

    def __init__(self, folder: Path, store: Path) -> None:
        self._folder, self.store = folder, store
        self.notes: list[str] = []
        graph = open_store(str(store))
        self._nodes = sum(map(graph.count, NODE_TYPES))
        self._relationships = sum(map(graph.count, RELATIONSHIP_TYPES))

    def load(self) -> tuple[Measured, Measured]:
        """The first load, and the same again."""
        with server(self._folder) as made:
            words = (COMMAND, "load", made.uri, "--store", str(self.store))
            first, again = process(*words), process(*words)
            self._note("load", first, memory(made))
        return first, again

    def loop(self) -> Measured:
        """The obvious loop."""
        with server(self._folder) as made:
            measured = process(sys.executable, PEERS, "loop", str(self.store), made.uri)
            self._note("loop", measured, memory(made))
        return measured

    def bulk(self) -> Measured:
        """Export, import, start, and what is to be run after the start."""
        files = self._folder / "bulk"
        with server(self._folder, started=False) as made:
            admin = Path(made.home, "neo4j-admin")
            words = made.command("org.neo4j.cli.AdminTool")
            admin.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
            admin.chmod(0o755)
            os.environ |= {
                "NEO4J_ADMIN": str(admin),
                "NEO4J_HOME": str(made.home),
                "NEO4J_CONF": str(made.home / "conf"),
            }
            began = time.perf_counter()
            store = ("--store", str(self.store))
            parts = [process(COMMAND, "export", str(files), "--format", "neo4j-admin", *store)]
            parts.append(process(str(files / "import.sh"), "--overwrite-destination"))
            starting = time.perf_counter()
            made.start()
            started = time.perf_counter() - starting
            parts.append(process(sys.executable, PEERS, "after", str(files), made.uri))
            measured = Measured(time.perf_counter() - began, parts[0].peak)
            shown = (f"{part.seconds:.1f} s" for part in parts)
            self.notes.append("bulk: export {}, import {}, after {}".format(*shown))
            self.notes[-1] += f", start {started:.1f} s"
            self._note("bulk", measured, memory(made))
        for name in ("NEO4J_ADMIN", "NEO4J_HOME", "NEO4J_CONF"):
            del os.environ[name]
        for path in files.iterdir():
            path.unlink()
        files.rmdir()
        return measured

    def _note(self, what: str, measured: Measured, server_memory: str) -> None:
        self.notes.append(
            f"{what}: {self._nodes / measured.seconds:.0f} nodes/s and "
            f"{self._relationships / measured.seconds:.0f} relationships/s; "
            f"client {measured.peak:.0f} MB, server {server_memory}"
        )


def rows(loads: Loads, folder: Path, pages: Path, rounds: int) -> Iterator[Row]:
    """Every job beside its peer."""
    first, again = zip(*(loads.load() for _ in range(rounds)), strict=True)
    ours, twice = _median(first), _median(again)
    loop = _median([loads.loop() for _ in range(rounds)])
    bulk = _median([loads.bulk() for _ in range(rounds)])
    yield Row("load, a new database", "UNWIND and MERGE, 5,000 a batch", ours, loop, 2, True)
    most = Measured(0, 200)
    yield Row("load, peak of the client", "200 MB", ours, most, 1, False, memory=True)
    yield Row("load again", "the first load", twice, ours, 3, True)
    yield Row("bulk: export, import, start", "UNWIND and MERGE", bulk, loop, 3, True)
    with server(folder) as made:
        process(COMMAND, "load", made.uri, "--store", str(pages))
        asked: Callable[[], Measured] = lambda: process(  # noqa: E731
            COMMAND, "overlap", *PAIR, "--store", made.uri
        )
        keys = map("develop/".__add__, PAIR)
        words = (sys.executable, PEERS, "overlap", made.uri, *keys)
        in_turns(3, asked, lambda: process(*words))  # warm
        found = in_turns(10, asked, lambda: process(*words))
        yield Row("overlap, warm server", "the bare driver's call", *found, 1.5, False)
    yield from questions(folder, loads.store, loads.notes)


def questions(folder: Path, store: Path, notes: list[str]) -> Iterator[Row]:
    """What compares all specs, beside the seconds that it may take and beside the file store."""
    with server(folder) as made:
        process(COMMAND, "load", made.uri, "--store", str(store))
        graph = open_store(str(store))
        specs, stacks = graph.keys(SPEC), graph.keys(STACK)
        jobs = [
            (5, "blame"),
            (10, "what-if", "--best", "1"),
            (1, "duplicates"),
            (1, "why", f"/{specs[0]}", f"/{specs[-1]}"),
        ]
        # Among other stacks, in which what pins make of specs is looked for.
        jobs += [(10, "what-if", "--best", "1", "--in", stacks[0])] if len(stacks) > 1 else []
        for seconds, *words in jobs:
            name = " ".join(word for word in words if not word.startswith("/"))
            shares: list[tuple[float, float]] = []
            asked = partial(_worked, made, shares, COMMAND, *words, "--store", made.uri)
            in_turns(3, asked)  # warm
            shares.clear()
            file = partial(measured_process, COMMAND, *words, "--store", str(store))
            ours, peer = in_turns(3, asked, file)
            client, own = map(statistics.median, zip(*shares, strict=True))
            notes.append(f"{name}: client {client:.2f} s, server {own:.2f} s")
            yield Row(name, f"{seconds} s", ours, Measured(seconds, 0), 1, False)
            yield Row(name, "the file store", ours, peer, 5, False)
            yield Row(f"{name}, peak", "200 MB", ours, Measured(0, 200), 1, False, memory=True)


def _worked(made: Server, shares: list[tuple[float, float]], *words: str) -> Measured:
    """The CPU seconds of a command and of the server meanwhile; adds both to the shares."""
    assert made.process
    before = sum(psutil.Process(made.process.pid).cpu_times()[:2])
    client = measured_process(*words)
    own = sum(psutil.Process(made.process.pid).cpu_times()[:2]) - before
    shares.append((client.seconds, own))
    return Measured(client.seconds + own, client.peak)


def _median(found: "list[Measured] | tuple[Measured, ...]") -> Measured:
    return Measured(statistics.median(m.seconds for m in found), max(m.peak for m in found))


def main() -> None:
    """Makes the data, measures, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--specs", type=int, default=100_000)
    parser.add_argument("--pages", type=int, default=4_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--questions", type=Path, metavar="STORE")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if options.questions:
            notes: list[str] = []
            show([*questions(folder, options.questions, notes)])
            print("\n".join(notes))
            return
        site, index = folder / "site", folder / "index" / "index.json"
        index.parent.mkdir()
        specs = str(options.specs)
        process(sys.executable, generate.__file__, str(site), specs, str(options.pages))
        process(sys.executable, generate_index.__file__, str(index), specs, *map(str, LOCKS))
        store, pages = folder / "index.db", folder / "pages.db"
        process(COMMAND, "import", str(index), "--store", str(store))
        process(COMMAND, "import", str(site), "--store", str(pages))
        loads = Loads(folder, store)
        show([*rows(loads, folder, pages, options.rounds)])
    print("\n".join(loads.notes))


if __name__ == "__main__":
    main()

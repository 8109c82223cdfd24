"""Mutated documents of every format: each is imported, or is an error of ours; good records stay.

``python -m tests.torture.documents --seed 1 --seconds 3600`` prints what it tried and what failed.
A change within one record of a document must leave all other records in the graph, with their
dependencies on each other, and if the record itself is not there a warning must name its place.
"""

import json
import random
import shutil
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from click.testing import CliRunner

import cachegraph
from cachegraph.cli import cli
from cachegraph.importing.summary import ImportSummary
from cachegraph.sources import unexpected
from tests.torture import cases, parser
from tests.torture.cases import Case
from tests.torture.mutations import at, changed, damaged, places

_MOST_SHOWN = 20


class FailedError(AssertionError):
    """What a document did that no document may do."""


class Content(NamedTuple):
    """What a graph has of the records of a document."""

    described: set[str]
    edges: set[tuple[str, str, tuple[str, ...]]]
    warnings: list[str]


def content(graph: cachegraph.Graph, summary: ImportSummary) -> Content:
    whole = graph.networkx()
    nodes = whole.nodes(data=True)
    specs = {name: data for name, data in nodes if data["kind"] == "Spec"}
    described = {n for n, data in specs.items() if {"version", "package", "platform"} & {*data}}
    edges = {
        (start, end, data["deptypes"])
        for start, end, type_, data in whole.edges(keys=True, data=True)
        if type_ == "DEPENDS_ON"
    }
    return Content(described, edges, summary.warnings)


def ask(graph: cachegraph.Graph, rng: random.Random) -> None:
    """Some questions on what was imported: answers, or errors of ours."""
    stacks = [one["key"] for one in graph.stacks()["stacks"]]
    questions: list[Callable[[], object]] = [
        graph.stacks,
        graph.verify,
        graph.duplicates,
        graph.blame,
        graph.releases,
        graph.stats,
        graph.matrix,
        lambda: graph.find("platform=linux"),
        lambda: graph.find("gcc"),
        lambda: graph.show("zlib"),
        lambda: graph.overlap(*stacks),
        lambda: graph.unique(stacks[0] if stacks else ""),
        lambda: graph.info(documents=True),
    ]
    for question in rng.sample(questions, 4):
        try:
            question()
        except cachegraph.CacheGraphError as error:
            check_message(error.message)


def check_message(message: str) -> None:
    if len(message) > 10_000:
        raise FailedError(f"a message of {len(message)} characters: {message[:200]}")


def tried(path: Path, store: str, rng: random.Random) -> Content | None:
    """What a store has of a document; None if it is an error of ours."""
    with cachegraph.open(store) as graph:
        try:
            summary = graph.import_(path)
        except cachegraph.CacheGraphError as error:
            check_message(error.message)
            return None
        for warning in summary.warnings:
            check_message(warning)
        if rng.random() < 0.3:
            ask(graph, rng)
        return content(graph, summary)


def on_the_command_line(path: Path, store: Path, rng: random.Random) -> None:
    words = ["import", str(path), *rng.sample(["--json", "--strict", "--exit-code", "--csv"], 2)]
    for command in (words, ["find", "platform=linux", "--json"], ["verify", "--exit-code"]):
        result = CliRunner().invoke(cli, [*command, "--store", str(store)])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        may_find = "--exit-code" in command
        if result.exit_code not in ((0, 1, 2) if may_find else (0, 2)):
            raise FailedError(f"{command}: exit status {result.exit_code}")
        if not result.stderr.replace("\n", "").replace("\t", "").isprintable():
            raise FailedError(f"{command}: {result.stderr[:300]!r}")


class Torture:
    """Tries mutations of documents until a time is over; keeps those that fail in a folder."""

    def __init__(self, seed: int, keep: Path | None = None) -> None:
        self.rng = random.Random(seed)
        self.keep = keep
        self.counts: Counter[str] = Counter()
        self.failures: dict[str, str] = {}
        self._whole: dict[str, Content] = {}
        # As JSON, so that no two places share one object.
        self.cases = [
            case._replace(value=json.loads(json.dumps(case.value)))
            for case in (*cases.made_up(), *cases.real())
        ]

    def run(self, seconds: float, most: int = sys.maxsize) -> None:
        end = time.monotonic() + seconds
        kinds = (self.one_record, self.any_value, self.bytes_, self.folder)
        with TemporaryDirectory() as name:
            cases.folders(Path(name, "folders"))
            while time.monotonic() < end and self.counts.total() < most:
                kind = self.rng.choices(kinds, (5, 3, 3, 1))[0]
                shutil.rmtree(folder := Path(name, "case"), ignore_errors=True)
                folder.mkdir()
                self._try(kind, folder, Path(name, "folders"))

    def _try(self, kind: Callable[..., None], folder: Path, folders: Path) -> None:
        self.counts[kind.__name__] += 1
        try:
            with errors_pass():
                kind(folder, folders)
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            place = next((f for f in reversed(frames) if "/cachegraph/" in f.filename), frames[-1])
            where = f"{type(error).__name__} {Path(place.filename).name}:{place.lineno}"
            where = str(error)[:80] if isinstance(error, FailedError) else where
            if where not in self.failures:
                self.failures[where] = f"{kind.__name__}: {str(error)[:400]}"
                print("FAILED", where, self.failures[where], flush=True)
                if self.keep:
                    shutil.copytree(folder, self.keep / str(len(self.failures)), dirs_exist_ok=True)

    def one_record(self, folder: Path, _: Path) -> None:
        """A change within one record, which leaves all others as they are."""
        case = self.rng.choice([one for one in self.cases if one.records is not None])
        whole = self._content(case, folder)
        records = at(case.value, case.records or ())
        key = self.rng.choice([*records] if isinstance(records, dict) else range(len(records)))
        within = [*places(records[key])]
        place = (*(case.records or ()), key, *self.rng.choice(within))
        is_whole = len(place) == len(case.records or ()) + 1
        path = self._write(case, folder, changed(case.value, place, self.rng, replace=is_whole))
        found = tried(path, ":memory:", self.rng)
        if found is None:
            if len(records) > 1 and case.name != "spec.yaml":  # not every change can be YAML
                raise FailedError(f"{case.name}: all records lost by a change of {place}")
            return
        try:
            self._compare(case, key, whole, found)
        except FailedError as failed:
            raise FailedError(f"{failed} (changed: {place})") from None

    def _compare(self, case: Case, key: Any, whole: Content, found: Content) -> None:
        own = hashes_of(case, key)
        lost = whole.described - found.described - own
        if lost:
            raise FailedError(
                f"{case.name}: lost {sorted(lost)[:3]} by a change of {key}: {found.warnings[:2]}"
            )
        kept = {edge for edge in whole.edges if edge[0] not in own and edge[1] not in own}
        if kept - found.edges:
            raise FailedError(
                f"{case.name}: lost dependencies {[*(kept - found.edges)][:2]} by {key}"
            )
        named = str(key) if isinstance(key, str) else f"[{key}]"
        if case.name == "site packages":
            return  # it lists hashes: one that is missing is not noticed
        is_there = own & whole.described <= found.described
        if not is_there and not any(named in warning for warning in found.warnings):
            raise FailedError(f"{case.name}: {key} is lost without a word: {found.warnings[:2]}")

    def _content(self, case: Case, folder: Path) -> Content:
        if case.name not in self._whole:
            path = self._write(case, folder, case.value)
            found = tried(path, ":memory:", self.rng)
            assert found is not None, case.name
            self._whole[case.name] = found
        return self._whole[case.name]

    def _write(self, case: Case, folder: Path, value: Any) -> Path:
        path = folder / "env" / case.file
        path.parent.mkdir(exist_ok=True)
        try:
            path.write_bytes(case.dump(value))
        except RecursionError:  # of PyYAML
            path.write_bytes(case.dump(case.value))
        return path

    def any_value(self, folder: Path, _: Path) -> None:
        """Changes anywhere in a document."""
        case = self.rng.choice(self.cases)
        value = case.value
        for _number in range(self.rng.choice((1, 1, 2, 5))):
            value = changed(value, self.rng.choice([*places(value)]), self.rng)
        self._survive(self._write(case, folder, value), folder)

    def bytes_(self, folder: Path, _: Path) -> None:
        """Changes of the bytes of a document."""
        case = self.rng.choice(self.cases)
        path = self._write(case, folder, case.value)
        path.write_bytes(damaged(path.read_bytes(), self.rng))
        self._survive(path, folder)

    def folder(self, folder: Path, folders: Path) -> None:
        """Changes of one file of a folder."""
        chosen = self.rng.choice(sorted(folders.iterdir()))
        copied = folder / chosen.name
        shutil.copytree(chosen, copied)
        file = self.rng.choice(sorted(path for path in copied.rglob("*") if path.is_file()))
        file.write_bytes(damaged(file.read_bytes(), self.rng))
        self._survive(copied, folder)

    def _survive(self, path: Path, folder: Path) -> None:
        if self.rng.random() < 0.05:
            on_the_command_line(path, folder / "store.db", self.rng)
        else:
            tried(path, self.rng.choice((":memory:", str(folder / "store.db"))), self.rng)


def hashes_of(case: Case, key: Any) -> set[str]:
    """The names of the nodes that a record stands for."""
    record = at(case.value, (*(case.records or ()), key))
    hashes = {str(key)} if isinstance(key, str) else set()
    values = [record, *record.values()] if isinstance(record, dict) else [record]
    for one in values:
        if isinstance(one, dict) and isinstance(one.get("hash"), str):
            hashes.add(one["hash"])
    if case.name == "site packages":
        hashes |= {hash_ for listed in record["specs"].values() for hash_ in listed}
    return {f"Spec:{hash_}" for hash_ in hashes}


@contextmanager
def errors_pass() -> Iterator[None]:
    """Errors that nobody foresaw are not turned into errors of ours."""
    expected = unexpected.UNEXPECTED
    unexpected.UNEXPECTED = ()
    try:
        yield
    finally:
        unexpected.UNEXPECTED = expected


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--keep", type=Path, help="a folder for the documents that fail")
    arguments = options.parse_args()
    torture = Torture(arguments.seed, arguments.keep)
    torture.run(arguments.seconds)
    print(f"seed {arguments.seed}: tried {dict(torture.counts)}, {len(torture.failures)} failures")
    sys.exit(bool(torture.failures))


if __name__ == "__main__":
    main()

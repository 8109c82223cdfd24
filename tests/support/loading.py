"""What the tests of loading share: all that a database holds, read without cachegraph, and runs."""

import hashlib
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import cachegraph
from cachegraph.model.elements import Nodes, Relationships
from cachegraph.model.schema import NODE_TYPES, RELATIONSHIP_TYPES
from tests.support.server import Database

KEYS = {type_.label: type_.key.name for type_ in NODE_TYPES}
MARKER = "CacheGraph"
Node = tuple[str, str]


class Contents(NamedTuple):
    """Nodes by label and key, and every relationship: sorted, so that a doubled one is seen."""

    nodes: dict[Node, dict[str, Any]]
    relationships: list[tuple[str, Node, Node, str]]

    @property
    def counts(self) -> Counter[str]:
        """How many there are by label and by type."""
        labels = Counter(label for label, _ in self.nodes)
        return labels + Counter(type_ for type_, *_ in self.relationships)

    @property
    def digest(self) -> str:
        """sha256 over sorted rows of everything."""
        rows = [_text(row) for row in (*self.nodes.items(), *self.relationships)]
        return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()

    def without(self, label: str, name: str) -> "Contents":
        """The same, but for one property."""
        nodes = {
            node: {k: v for k, v in said.items() if (node[0], k) != (label, name)}
            for node, said in self.nodes.items()
        }
        return Contents(nodes, self.relationships)


def in_store(location: str | Path) -> Contents:
    """What a store gives as its elements, flattened."""
    nodes: dict[Node, dict[str, Any]] = {}
    relationships: list[tuple[str, Node, Node, str]] = []
    with cachegraph.open(location) as graph:
        for group in graph.store.elements():
            said = _said(group.properties)
            if isinstance(group, Nodes):
                found = {(group.type.label, key): said for key in group.keys}
                assert not nodes.keys() & found.keys(), "a node comes once"
                nodes |= found
                continue
            one_end = isinstance(group, Relationships)
            ends = [group.end] * len(group.starts) if one_end else group.ends  # type: ignore[union-attr]
            of = group.type
            relationships += [
                (of.name, (of.start.label, start), (of.end.label, end), _text(said))
                for start, end in zip(group.starts, ends, strict=True)
            ]
    return Contents(nodes, sorted(relationships))


def in_database(database: Database) -> Contents:
    """What a database holds of ours, asked by the driver alone."""
    nodes: dict[str, tuple[Node, dict[str, Any]]] = {}
    for row in database.run(
        "MATCH (n) WHERE any(label IN labels(n) WHERE label IN $ours) "
        "RETURN elementId(n) AS id, labels(n) AS labels, properties(n) AS said",
        ours=[*KEYS],
    ):
        (label,) = row["labels"]
        said = _said(row["said"])
        nodes[row["id"]] = ((label, said.pop(KEYS[label])), said)
    rows = database.run(
        "MATCH (s)-[r]->(e) WHERE type(r) IN $ours "
        "RETURN type(r) AS type, elementId(s) AS s, elementId(e) AS e, properties(r) AS said",
        ours=[type_.name for type_ in RELATIONSHIP_TYPES],
    )
    relationships = [
        (row["type"], nodes[row["s"]][0], nodes[row["e"]][0], _text(_said(row["said"])))
        for row in rows
    ]
    assert len({node for node, _ in nodes.values()}) == len(nodes)
    return Contents(dict(nodes.values()), sorted(relationships))


def _said(properties: Any) -> dict[str, Any]:
    return {
        name: [*value] if isinstance(value, tuple) else value
        for name, value in properties.items()
        if value is not None
    }


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def words(*parts: str | Path) -> list[str]:
    """A command of cachegraph in a process of its own."""
    return [sys.executable, "-m", "cachegraph", *map(str, parts)]


PATIENCE = 600  # seconds: nothing is promised about time, and a test that hangs has to end


def run(*parts: str | Path, **more: Any) -> "subprocess.CompletedProcess[str]":
    """Runs the command to its end."""
    more = {"capture_output": True, "text": True, "timeout": PATIENCE} | more
    return subprocess.run(words(*parts), check=False, **more)


Process = subprocess.Popen[str]


def begin(*parts: str | Path, **more: Any) -> AbstractContextManager[Process]:
    """Starts the command, which is killed at the end of the block if it still runs."""
    return started(words(*parts), **more)


@contextmanager
def started(command: Sequence[str], **more: Any) -> Iterator[Process]:
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, **more
    ) as process:
        try:
            yield process
        finally:
            process.kill()


# The command ``load``, which prints a line when so many nodes have been copied, and stops until its
# standard input ends when so many more have been.
HALTING = """
import sys
from cachegraph.__main__ import main
from cachegraph.neo4j import load

told, halted = map(int, sys.argv[1:3])
sys.argv[1:] = sys.argv[3:]
copy = load.copy

def progress(steps, total):
    done = 0
    for step in steps:
        before, done = done, done + step
        if before < told <= done:
            print("told", flush=True)
        if before < halted <= done:
            sys.stdin.read()
        yield step

load.copy = lambda source, connection, **_: copy(source, connection, progress)
main()
"""


@contextmanager
def loading(
    source: Path, location: str, *, told: int, halted: int, env: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """A load of which so many nodes have been copied, and which goes no further than ``halted``.

    ``communicate`` lets it go on.
    """
    numbers = (str(told), str(halted))
    command = [sys.executable, "-c", HALTING, *numbers, "load", location, "--store", str(source)]
    with started(command, env=env) as process:
        assert process.stdout
        assert process.stdout.readline() == "told\n", process.communicate()
        yield process


def environment(database: Database) -> dict[str, str]:
    """The credentials for a database, as cachegraph looks for them."""
    given = {"USERNAME": database.user, "PASSWORD": database.password, "DATABASE": database.name}
    return {f"NEO4J_{name}": value for name, value in given.items() if value is not None}


@contextmanager
def in_environment(database: Database) -> Iterator[None]:
    """Has what ``environment`` gives in the environment of this process."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(database).items():
            patch.setenv(name, value)
        yield


def counted(contents: Contents, kinds: Iterable[Any]) -> int:
    """How many nodes or relationships of these kinds there are."""
    return sum(contents.counts[kind] for kind in kinds)

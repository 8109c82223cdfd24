"""The real files of the known answers: where they are, what the oracle reads, what an import gives.

With ``CACHEGRAPH_DATA``, the folder of all of them, every row is there; else those kept here.
"""

import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import cachegraph
from cachegraph.importing.summary import ImportSummary
from tests.oracles import documents as oracle
from tests.support.known_answers import KNOWN, fixture

if TYPE_CHECKING:
    import networkx as nx

DATA = os.environ.get("CACHEGRAPH_DATA")
PACKED = "spack-real/buildcache-4views"
HOLD_NO_SPEC = {"keys", "digest"}


def found(path: str) -> Path:
    """A file of the data folder where that is given, else the one kept here."""
    if not DATA:
        return fixture(path)
    if path.startswith(PACKED):
        return Path(unpacked().name) / path.removeprefix("spack-real/")
    return Path(DATA) / path


@cache
def unpacked() -> "TemporaryDirectory[str]":
    folder = TemporaryDirectory()
    with tarfile.open(Path(str(DATA)) / f"{PACKED}.tar.xz") as archive:
        archive.extractall(folder.name, filter="data")
    return folder


@contextmanager
def tidy() -> Iterator[None]:
    """What was unpacked goes away at the end."""
    yield
    if unpacked.cache_info().currsize:
        unpacked().cleanup()


def here(*paths: str) -> bool:
    return all(DATA or fixture(path).exists() for path in paths)


ROWS = [row for row in KNOWN if here(row.path)]
SPEC_ROWS = [row for row in ROWS if row.format not in HOLD_NO_SPEC]


@cache
def read(path: str) -> oracle.Reading:
    return oracle.read(found(path))


def lock(name: str) -> str:
    return f"spack-real/lockfiles/{name}/spack.lock"


@cache
def truth() -> dict[str, Any]:
    path = found("spack-real/truth.json")
    loaded: dict[str, Any] = json.loads(oracle.text(path.read_bytes()))
    return loaded


class Imported(NamedTuple):
    """One document in a graph of its own."""

    graph: cachegraph.Graph
    summary: ImportSummary
    copy: "nx.MultiDiGraph[str]"


@cache
def imported(path: str) -> Imported:
    """The document imported into memory; nothing may be added to its graph."""
    graph = cachegraph.open(":memory:")
    summary = graph.import_(found(path))
    return Imported(graph, summary, graph.networkx())


Nodes = dict[str, dict[str, Any]]
Edges = dict[tuple[str, str, str], dict[str, Any]]


def everything(copy: "nx.MultiDiGraph[str]") -> tuple[Nodes, Edges]:
    """All nodes and relationships with their properties, but for the time of import."""
    nodes = {
        name: {key: value for key, value in data.items() if key != "imported_at"}
        for name, data in copy.nodes(data=True)
    }
    edges = {(start, end, key): data for start, end, key, data in copy.edges(keys=True, data=True)}
    return nodes, edges

"""What a person would use instead: small scripts, each run as a process of its own.

python peers.py yaml SITE        pages by yaml.safe_load, sets for each stack
python peers.py floor SITE       reading the files and orjson alone
python peers.py hash SITE        reading the files and their sha256 alone
python peers.py index FILE       orjson.loads of an index, and a sha1 for each node
python peers.py pickle FILE A B  a pickled NetworkX graph, loaded and asked
"""

import gc
import os
import pickle
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx


def by_yaml(site: str) -> None:
    """The obvious script."""
    import yaml

    stacks = defaultdict(set)
    specs = {}
    for path in Path(site).rglob("specs.md"):
        page = yaml.safe_load(path.read_text().strip().strip("-"))
        for spec in page["spec_details"]:
            specs[spec["hash"]] = (page["title"], spec["versions"][0], spec["compiler"])
            for stack in spec["stacks"]:
                stacks[stack].add(spec["hash"])
    print(len(specs), len(stacks))


def floor(site: str) -> None:
    """The least that any reader has to do."""
    import orjson

    count = 0
    for folder, _, files in os.walk(site):
        for name in files:
            with open(f"{folder}/{name}", "rb") as file:  # noqa: PTH123  # the quickest way
                data = file.read()
            for line in data.split(b"\n"):
                if line.startswith((b"meta: ", b"spec_details: ")):
                    count += len(orjson.loads(line[line.index(b" ") :]))
    print(count)


def hashed(site: str) -> None:
    """The least that it takes to know that nothing has changed."""
    import hashlib

    digests = set()
    for folder, _, files in os.walk(site):
        for name in files:
            with open(f"{folder}/{name}", "rb") as file:  # noqa: PTH123  # the quickest way
                digests.add(hashlib.sha256(file.read()).digest())
    print(len(digests))


def index(file: str) -> None:
    """The least that it takes to read an index and to know its hashes."""
    import hashlib

    import orjson

    gc.disable()  # three times as quick: whoever measures is generous to the other side
    data = Path(file).read_bytes()
    nodes = len(orjson.loads(data)["database"]["installs"])
    size = len(data) // nodes
    for start in range(0, len(data), size):
        hashlib.sha1(data[start : start + size], usedforsecurity=False).digest()
    print(nodes)


def by_pickle(file: str, left: str, right: str) -> None:
    """A graph that was built before and kept as a pickle, with all that helps switched on."""
    graph = _load(file)
    sides = [
        {spec for spec, keys in graph.pred[f"Stack:{name}"].items() if "IN_STACK" in keys}
        for name in (left, right)
    ]
    for names in (None, ("alike",), ("package", "version", "variants"), ("package", "version")):
        found = [
            side
            if names is None
            else {tuple(graph.nodes[spec].get(name) for name in names) for spec in side}
            for side in sides
        ]
        print(len(found[0] & found[1]), len(found[0] | found[1]))
    for spec in sides[0] & sides[1]:
        print(*graph.nodes[spec].values())
    sys.stdout.flush()
    os._exit(0)


def _load(file: str) -> "nx.MultiDiGraph[str]":
    gc.disable()
    with open(file, "rb") as stream:  # noqa: PTH123
        return pickle.load(stream)


def _quickest(job: Callable[[], object]) -> float:
    """The time of the quickest of several runs: a few milliseconds are easily disturbed."""
    times = []
    for _ in range(9):
        began = time.process_time()
        job()
        times.append(time.process_time() - began)
    return min(times)


def by_sets(file: str) -> None:
    """Sets that are there already, each with each."""
    graph = _load(file)
    sets = [
        {spec for spec, keys in graph.pred[node].items() if "IN_STACK" in keys}
        for node, data in graph.nodes(data=True)
        if data["kind"] == "Stack" and data["name"] != "root"
    ]

    def pairs() -> object:
        return [[len(left & right) for right in sets[:place]] for place, left in enumerate(sets)]

    print(_quickest(pairs))


def our_matrix(store: str) -> None:
    """The same from an opened store, read and answered."""
    import cachegraph
    import cachegraph.questions.matrix

    gc.disable()
    graph = cachegraph.open(store)
    print(_quickest(graph.matrix))


def by_networkx(file: str, out: str) -> None:
    """The writer that NetworkX recommends, of attributes that it can write."""
    import networkx as nx

    graph = _load(file)
    for name, data in graph.nodes(data=True):
        data["label"] = name
        for key, value in data.items():
            if isinstance(value, tuple):
                data[key] = " ".join(value)
    for _, _, key, data in graph.edges(keys=True, data=True):
        data.update(label=key, kind=key)
    began = time.process_time()
    nx.write_graphml_lxml(graph, out)
    print(time.process_time() - began)


def our_graphml(store: str, out: str) -> None:
    """The same from the store, read and written."""
    import cachegraph

    began = time.process_time()
    cachegraph.open(store).export(out)
    print(time.process_time() - began)


def prepare(store: str, file: str) -> None:
    """Pickles the graph of a store."""
    import cachegraph

    with open(file, "wb") as stream:  # noqa: PTH123
        pickle.dump(cachegraph.open(store).networkx(), stream, protocol=5)


def read_graphml(path: str) -> None:
    """A GraphML file as NetworkX reads it."""
    import networkx as nx

    print(len(nx.read_graphml(path, force_multigraph=True)))


JOBS = {
    "yaml": by_yaml,
    "floor": floor,
    "hash": hashed,
    "index": index,
    "pickle": by_pickle,
    "matrix": by_sets,
    "graphml": by_networkx,
    "read-graphml": read_graphml,
    "our-matrix": our_matrix,
    "our-graphml": our_graphml,
    "prepare": prepare,
}

if __name__ == "__main__":
    JOBS[sys.argv[1]](*sys.argv[2:])

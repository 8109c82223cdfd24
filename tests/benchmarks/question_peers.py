"""What a person would ask with instead: each prints how many seconds its job alone took.

python question_peers.py prepare INDEX FOLDER   what the others find there; prints the deepest spec
python question_peers.py pass FOLDER            one pass over all edges, which counts them
python question_peers.py counts FOLDER          one that counts them for the specs they lead to
python question_peers.py pandas FOLDER          near-duplicates, from parsed records
python question_peers.py pandas-filtered FOLDER the same, with the others left out before
python question_peers.py ancestors FOLDER HASH  what depends on a spec, by NetworkX
python question_peers.py our-matrix STORE       ours within a process, the store read
python question_peers.py roaring STORE          the same by pyroaring, on sets in memory
python question_peers.py our-first-paint STORE HASH   until pages of a new server begin to come
"""

import gc
import json
import pickle
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_LOOKS = ["package", "version", "compiler", "platform", "os", "target", "variants", "flags"]
_FLAGS = ("cflags", "cppflags", "cxxflags", "fflags", "ldflags", "ldlibs")


def prepare(index: str, folder: str) -> None:
    """Adjacency lists, records of what can be seen of specs, and a DiGraph."""
    import networkx as nx

    installs = json.loads(Path(index).read_bytes())["database"]["installs"]
    nodes = {hash_: install["spec"] for hash_, install in installs.items()}
    needs = {
        hash_: [edge["hash"] for edge in node.get("dependencies", ())]
        for hash_, node in nodes.items()
    }
    graph = nx.DiGraph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from((start, end) for start, ends in needs.items() for end in ends)
    records = [_record(hash_, node, nodes) for hash_, node in nodes.items()]
    for name, value in (("needs", needs), ("records", records), ("graph", graph)):
        Path(folder, f"{name}.pickle").write_bytes(pickle.dumps(value, protocol=5))
    way_up = dict.fromkeys(nodes, 0)
    for start in nx.topological_sort(graph):
        for end in needs[start]:
            way_up[end] = max(way_up[end], way_up[start] + 1)
    furthest = max(way_up.values())
    deepest = (hash_ for hash_, steps in way_up.items() if steps == furthest)
    dependents, hash_ = max((len(nx.ancestors(graph, hash_)), hash_) for hash_ in deepest)
    named = f"{nodes[hash_]['name']}@{nodes[hash_]['version']}"
    print(hash_, named, dependents, furthest)


def _record(hash_: str, node: dict[str, Any], nodes: dict[str, Any]) -> dict[str, Any]:
    """What can be seen of a spec, in text, which is quick to compare."""
    parameters, target = node["parameters"], node["arch"]["target"]
    compilers = (
        nodes[edge["hash"]]
        for edge in node.get("dependencies", ())
        if "c" in edge["parameters"]["virtuals"]
    )
    return {
        "hash": hash_,
        "package": node["name"],
        "version": node["version"],
        "compiler": next((f"{c['name']}@{c['version']}" for c in compilers), ""),
        "platform": node["arch"]["platform"],
        "os": node["arch"]["platform_os"],
        "target": target["name"] if isinstance(target, dict) else target,
        "variants": json.dumps({k: v for k, v in parameters.items() if k not in _FLAGS}),
        "flags": json.dumps([parameters[flag] for flag in _FLAGS]),
    }


def _kept(folder: str, name: str) -> Any:
    gc.disable()  # whoever measures is generous to the other side
    return pickle.loads(Path(folder, f"{name}.pickle").read_bytes())


def _told(job: Callable[[], object], runs: int = 5) -> None:
    """Prints the median of several runs."""
    times = []
    for _ in range(runs):
        began = time.process_time()
        job()
        times.append(time.process_time() - began)
    print(statistics.median(times))


def one_pass(folder: str) -> None:
    """The least that a pass over all edges can do."""
    needs = _kept(folder, "needs")

    def passed() -> int:
        count = 0
        for ends in needs.values():
            for _ in ends:
                count += 1
        return count

    _told(passed)


def counts(folder: str) -> None:
    """The least that a pass over all edges can be for: how many specs need each."""
    needs = _kept(folder, "needs")

    def counted() -> object:
        needed = dict.fromkeys(needs, 0)
        for ends in needs.values():
            for end in ends:
                needed[end] += 1
        return needed

    _told(counted)


def by_pandas(folder: str) -> None:
    """The groups of specs that look alike and have several hashes, with these."""
    import pandas as pd

    records = _kept(folder, "records")

    def grouped() -> object:
        groups = pd.DataFrame(records).groupby(_LOOKS)["hash"].agg(list)
        return groups[groups.map(len) > 1]

    _told(grouped)


def by_pandas_filtered(folder: str) -> None:
    """The same, by one who knows that most specs are like no other."""
    import pandas as pd

    records = _kept(folder, "records")

    def grouped() -> object:
        frame = pd.DataFrame(records)
        alike = frame[frame.duplicated(_LOOKS, keep=False)]
        return alike.groupby(_LOOKS, sort=False)["hash"].agg(list)

    _told(grouped)


def our_duplicates(store: str) -> None:
    """Ours within a process, as the others are: the store is opened anew, read, and answered."""
    import cachegraph
    import cachegraph.questions.duplicates

    gc.disable()

    def answered() -> None:
        with cachegraph.open(store) as graph:
            assert graph.duplicates()["groups"]

    _told(answered)


def ancestors(folder: str, hash_: str) -> None:
    """All that is above a spec."""
    import networkx as nx

    graph = _kept(folder, "graph")
    _told(lambda: nx.ancestors(graph, hash_))


def our_matrix(store: str) -> None:
    """Ours within a process: the store is opened anew, read, and answered."""
    import cachegraph
    import cachegraph.questions.matrix

    gc.disable()

    def answered() -> None:
        with cachegraph.open(store) as graph:
            assert graph.matrix()["shared"]

    _told(answered)


def by_roaring(store: str) -> None:
    """How much every pair of stacks shares, by sets that are in memory."""
    from pyroaring import BitMap

    import cachegraph
    from cachegraph.model.schema import IN_STACK, STACK

    with cachegraph.open(store) as graph:
        keys = [key for key in graph.store.keys(STACK) if not key.endswith("/root")]
        stacks = [graph.store.find(STACK, key) for key in keys]
        sets = [BitMap([*graph.store.starts_of(IN_STACK, stack)]) for stack in stacks]
    gc.disable()
    _told(
        lambda: [
            [one.intersection_cardinality(other) for other in sets[: place + 1]]
            for place, one in enumerate(sets)
        ]
    )


def our_first_paint(store: str, hash_: str) -> None:
    """Of some pages the one whose beginning takes longest, each asked of a server for once."""
    import threading
    from http.client import HTTPConnection

    import cachegraph
    from cachegraph.web.server.running import make_server

    took = []
    with cachegraph.open(store) as graph:
        package = graph.show(f"/{hash_}")["specs"][0]["package"]
        server, bound, _ = make_server(graph, "127.0.0.1", 0)
        threading.Thread(target=server.run, args=([bound],), daemon=True).start()
        for page in ("", "packages/", f"package/{package}/", f"spec/{hash_}/", "blame/", "matrix/"):
            connection = HTTPConnection("127.0.0.1", bound.getsockname()[1])
            began = time.perf_counter()
            connection.request("GET", f"/{page}")
            assert connection.getresponse().read(100)
            took.append(time.perf_counter() - began)
            connection.close()
        server.should_exit = True
    print(max(took))


JOBS = {
    "our-first-paint": our_first_paint,
    "prepare": prepare,
    "pass": one_pass,
    "counts": counts,
    "our-duplicates": our_duplicates,
    "our-matrix": our_matrix,
    "roaring": by_roaring,
    "pandas": by_pandas,
    "pandas-filtered": by_pandas_filtered,
    "ancestors": ancestors,
}

if __name__ == "__main__":
    JOBS[sys.argv[1]](*sys.argv[2:])

"""What a person would use instead: small scripts, each run as a process of its own.

python peers.py yaml SITE        pages by yaml.safe_load, sets for each stack
python peers.py floor SITE       reading the files and orjson alone
python peers.py pickle FILE A B  a pickled NetworkX graph, loaded and asked
"""

import gc
import os
import pickle
import sys
from collections import defaultdict
from pathlib import Path


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


def by_pickle(file: str, left: str, right: str) -> None:
    """A graph that was built before and kept as a pickle, with all that helps switched on."""
    gc.disable()
    with open(file, "rb") as stream:  # noqa: PTH123
        graph = pickle.load(stream)
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


if __name__ == "__main__":
    {"yaml": by_yaml, "floor": floor, "pickle": by_pickle}[sys.argv[1]](*sys.argv[2:])

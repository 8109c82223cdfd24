"""Random caches against sets, counted the obvious way."""

from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import cachegraph
from tests.support.corpus import page, spec

STACKS = ("e4s", "hep", "ml")
VISIBLE = ("package", "version", "variants", "compiler", "platform", "os", "target")

entries = st.builds(
    lambda name, stacks, version, compiler, os, target, variants: spec(
        name,
        *sorted(stacks),
        versions=[version],
        compiler=compiler,
        os=os,
        target=target,
        variants=sorted(variants),
    ),
    name=st.text("abcdefgh", min_size=4, max_size=4),
    stacks=st.sets(st.sampled_from(STACKS)),
    version=st.sampled_from(["1.0", "1.10"]),
    compiler=st.sampled_from(["gcc@11.4.0", "gcc@=13.2.0", "none"]),
    os=st.sampled_from(["ubuntu22.04", "sles15"]),
    target=st.sampled_from(["zen3", "x86_64_v3"]),
    variants=st.sets(st.sampled_from(["+mpi", "~shared", "cuda_arch:=80,70", "build_type=Debug"])),
)
caches = st.dictionaries(
    st.sampled_from(["zlib", "hdf5", "7zip"]), st.lists(entries, min_size=1, max_size=8), min_size=1
)


def normal(entry: dict[str, Any], package: str) -> dict[str, Any]:
    variants = {"cuda_arch:=80,70": "cuda_arch=70,80"}
    return {
        **entry,
        "package": package,
        "version": entry["versions"][0],
        "compiler": entry["compiler"].replace("@=", "@"),
        "variants": tuple(sorted(variants.get(v, v) for v in entry["variants"])),
    }


@given(cache=caches)
def test_against_sets(cache: dict[str, list[dict[str, Any]]]) -> None:
    unique: dict[str, dict[str, Any]] = {}
    pages = {}
    for package, specs in cache.items():
        new = {entry["hash"]: entry for entry in specs if entry["hash"] not in unique}
        unique.update({hash_: normal(entry, package) for hash_, entry in new.items()})
        pages[package] = page(package, new.values())
    members = {
        stack: {hash_ for hash_, entry in unique.items() if stack in entry["stacks"]}
        for stack in (*STACKS, "root")
    }
    with TemporaryDirectory() as folder:
        for package, text in pages.items():
            (Path(folder) / f"{package}.md").write_text(text)
        memory, file = cachegraph.open(":memory:"), cachegraph.open(Path(folder) / "graph.db")
        for graph in (memory, file):
            graph.import_(folder)
        exported = Path(folder) / "graph.graphml"
        file.export(exported)
        with file:
            for graph in (memory, file, cachegraph.open(exported)):
                check(graph, unique, members)


def check(
    graph: cachegraph.Graph, unique: dict[str, dict[str, Any]], members: dict[str, set[str]]
) -> None:
    keys = {
        "hash": ("hash",),
        "alike": VISIBLE,
        "spec": ("package", "version", "variants"),
        "version": ("package", "version"),
        "package": ("package",),
    }
    held = [stack for stack in members if members[stack]]
    for left, right in combinations(held, 2):
        answer = graph.overlap(left, right)
        for level, names in keys.items():
            sides = [
                {tuple(unique[h][name] for name in names) for h in members[stack]}
                for stack in (left, right)
            ]
            found = answer["levels"][level]
            assert (found["shared"], found["union"]) == (
                len(sides[0] & sides[1]),
                len(sides[0] | sides[1]),
            ), (left, right, level)
        shared = {row["hash"] for row in answer["shared"]}
        assert shared == members[left] & members[right]

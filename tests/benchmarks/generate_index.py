"""Makes up the index of a build cache, as large as one wants, whose DAG hashes are right.

Taken from the real ones: the fields of a node and their order, a microarchitecture as an object in
every fifth node, a dozen variants, compilers as nodes; ten dependencies a spec, as in the richest
lock files.

python generate_index.py INDEX SPECS [LOCK ...]   an index, and beside it real lock files, pruned
python generate_index.py locks FOLDER COUNT       the first environments of that index by themselves
python generate_index.py one-libc INDEX SPECS     an index in which everything needs one spec
"""

import base64
import gzip
import hashlib
import json
import random
import sys
from collections.abc import Iterator, Sequence
from itertools import count, islice
from pathlib import Path
from typing import Any

PACKAGES = 3000
AGAIN = 3
"""So many environments are of one kind."""
CHANGED = 1
"""So many packages are chosen otherwise in one environment than in the one before.

It makes half of all specs near-duplicates, as in the largest stack of E4S 24.11 (538 of 1,045).
"""
_LANGUAGES = (["c"], ["c", "cxx"], ["c", "cxx", "fortran"])
_FLAGS = ("cflags", "cppflags", "cxxflags", "fflags", "ldflags", "ldlibs")
_FEATURES = [
    "adx",
    "aes",
    "avx",
    "avx2",
    "avx512bw",
    "avx512cd",
    "avx512dq",
    "avx512f",
    "avx512vl",
    "bmi1",
    "bmi2",
    "clflushopt",
    "clwb",
    "f16c",
    "fma",
    "mmx",
    "movbe",
    "pclmulqdq",
    "popcnt",
    "rdrand",
    "rdseed",
    "sse",
    "sse2",
    "sse4_1",
    "sse4_2",
    "ssse3",
    "xsavec",
    "xsaveopt",
]
_OBJECT = {
    "name": "skylake_avx512",
    "vendor": "GenuineIntel",
    "features": _FEATURES,
    "generation": 0,
    "parents": ["skylake", "x86_64_v4"],
    "cpupart": "",
}


def _b32(text: bytes) -> str:
    return base64.b32encode(hashlib.sha1(text, usedforsecurity=False).digest()).decode().lower()


def _hashed(node: dict[str, Any]) -> dict[str, Any]:
    node["hash"] = _b32(json.dumps(node, separators=(",", ":")).encode())
    return node


def _edge(child: dict[str, Any], deptypes: list[str], virtuals: list[str]) -> dict[str, Any]:
    parameters = {"deptypes": deptypes, "virtuals": virtuals}
    return {"name": child["name"], "hash": child["hash"], "parameters": parameters}


def write_index(path: Path, specs: int, *below: dict[str, Any]) -> None:
    """Writes an index.json with so many specs and ten times as many dependencies.

    All compilers need what is ``below``, if anything. In memory is the text of each spec.
    """
    chance = random.Random(1)
    nodes = {node["hash"]: _text(node) for node in below}
    for compiler, *built in environments(chance, below):
        nodes[compiler["hash"]] = _text(compiler)
        for node in built:
            if len(nodes) < specs:
                nodes[node["hash"]] = _text(node)
        if len(nodes) >= specs:
            break
    shuffled = [*nodes.items()]
    chance.shuffle(shuffled)
    with path.open("wb") as file:
        file.write(b'{"database":{"version":"8","installs":{')
        for place, (hash_, text) in enumerate(shuffled):
            file.write(b'%s"%s":' % (b"," if place else b"", hash_.encode()))
            file.write(b'{"spec":%s,"ref_count":1,"in_buildcache":true}' % text)
        file.write(b"}}}")


def _text(node: dict[str, Any]) -> bytes:
    return json.dumps(node, separators=(",", ":")).encode()


def environments(
    chance: random.Random, below: Sequence[dict[str, Any]] = ()
) -> Iterator[list[dict[str, Any]]]:
    """The nodes of one environment after another, without end; the compiler is the first.

    Made as a build farm makes them: environments for several systems, compilers and targets, in
    each of which every package is built with what it needs. Three environments of each kind differ
    in a few packages at the bottom and the middle: what needs those is built again.
    """
    needs = [_needed(chance, number) for number in range(PACKAGES)]
    for number in count():
        kind, again = divmod(number, AGAIN)
        if not again:
            chosen = [0] * PACKAGES
        for package in chance.sample(range(PACKAGES), CHANGED):
            chosen[package] = again
        built: list[dict[str, Any]] = []
        compiler = _compiler(f"{10 + kind}.{kind % 3}.0")
        if below:
            compiler["dependencies"] = [_edge(node, ["build", "link"], ["libc"]) for node in below]
        compiler = _hashed(compiler)
        for package, others in enumerate(needs):
            edges = [_edge(compiler, ["build"], _LANGUAGES[package % 3])]
            edges += [_edge(built[other], types, virtuals) for other, types, virtuals in others]
            built.append(node(package, kind, chosen[package], edges))
        yield [compiler, *built]


def _needed(chance: random.Random, package: int) -> list[tuple[int, list[str], list[str]]]:
    """What a package needs of those before it, of which the first are the most popular."""
    found: dict[int, tuple[int, list[str], list[str]]] = {}
    while len(found) < min(package, 9):
        other = int(package * chance.random() ** 2)
        types = chance.choice([["build"], ["build", "link"], ["build", "link", "run"]])
        found[other] = (other, types, ["mpi"] if other % 20 == 7 else [])
    return [*found.values()]


def node(package: int, kind: int, choice: int, edges: list[dict[str, Any]]) -> dict[str, Any]:
    """One node with its hash, for one kind of environment; a choice is a variant and a recipe."""
    shape = random.Random(package)
    parameters: dict[str, Any] = {
        "build_system": shape.choice(["cmake", "autotools", "python_pip"])
    }
    parameters.update(
        {f"variant_{place}": shape.random() < 0.5 for place in range(shape.randrange(3, 18))}
    )
    if package % 2:
        parameters["choice"] = str(choice)
    parameters.update({flag: [] for flag in _FLAGS})
    recipe = f"{package} {0 if package % 2 else choice}"
    return _hashed(
        {
            "name": f"package-{package}",
            "version": f"{shape.randrange(9)}.{shape.randrange(30)}.{shape.randrange(9)}",
            "arch": {
                "platform": "linux",
                "platform_os": f"ubuntu{18 + kind % 4 * 2}.04",
                "target": _OBJECT if kind % 5 == 0 else "x86_64_v3",
            },
            "namespace": "builtin",
            "parameters": parameters,
            "package_hash": _b32(recipe.encode()) + "a" * 20 + "====",
            "dependencies": edges,
            "annotations": {"original_specfile_version": 5},
        }
    )


def _compiler(version: str) -> dict[str, Any]:
    return {
        "name": "gcc",
        "version": version,
        "arch": {"platform": "linux", "platform_os": "ubuntu22.04", "target": "x86_64_v3"},
        "namespace": "builtin",
        "parameters": {"build_system": "autotools", **{flag: [] for flag in _FLAGS}},
        "external": {"path": f"/usr/{version}", "module": None, "extra_attributes": {}},
        "package_hash": _b32(b"gcc") + "a" * 20 + "====",
        "annotations": {"original_specfile_version": 5},
    }


def pruned(lock: dict[str, Any], specs: int) -> dict[str, Any]:
    """A real lock file with only so many of its specs, by leaving out some that nothing needs."""
    nodes = dict(lock["concrete_specs"])
    while len(nodes) > specs:
        needed = {edge["hash"] for node in nodes.values() for edge in node.get("dependencies", ())}
        alone = sorted(nodes.keys() - needed)
        for key in alone[: len(nodes) - specs]:
            del nodes[key]
    roots = [root for root in lock["roots"] if root["hash"] in nodes]
    return {**lock, "roots": roots, "concrete_specs": nodes}


def locks(folder: str, environments_: str) -> None:
    """Writes so many of the environments of the index as lock files, each in its own folder."""
    for number, nodes in enumerate(islice(environments(random.Random(1)), int(environments_))):
        needed = {edge["hash"] for node in nodes for edge in node.get("dependencies", ())}
        lock = {
            "_meta": {"file-type": "spack-lockfile", "lockfile-version": 6, "specfile-version": 5},
            "roots": [
                {"hash": node["hash"], "spec": node["name"]}
                for node in nodes
                if node["hash"] not in needed
            ],
            "concrete_specs": {node["hash"]: node for node in nodes},
        }
        path = Path(folder) / "kind-{}-{}".format(*divmod(number, AGAIN)) / "spack.lock"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(lock, separators=(",", ":")))


def one_libc(path: str, specs: str) -> None:
    """Writes an index in which there is one spec at the very bottom of everything."""
    libc = _hashed({**_compiler("2.35"), "name": "glibc"})
    write_index(Path(path), int(specs), libc)


def main(path: str, specs: str, *locks: str) -> None:
    """Writes an index, and beside it a folder for each lock file."""
    write_index(Path(path), int(specs))
    for lock in locks:
        source = Path(lock)
        made = pruned(json.loads(gzip.decompress(source.read_bytes())), 320)
        folder = Path(path).parent / source.parent.name
        folder.mkdir()
        (folder / "spack.lock").write_text(json.dumps(made, separators=(",", ":")))


if __name__ == "__main__":
    jobs = {"locks": locks, "one-libc": one_libc}
    if sys.argv[1] in jobs:
        jobs[sys.argv[1]](*sys.argv[2:])
    else:
        main(*sys.argv[1:])

"""Makes up the index of a build cache, as large as one wants, whose DAG hashes are right.

Taken from the real ones: the fields of a node and their order, a microarchitecture as an object in
every fifth node, a dozen variants, compilers as nodes; ten dependencies a spec, as in the richest
lock files. About four specs look alike.
"""

import base64
import gzip
import hashlib
import json
import random
import sys
from pathlib import Path
from typing import Any

PACKAGES = 3000
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


def node(
    chance: random.Random, name: str, look: int, edges: list[dict[str, Any]]
) -> dict[str, Any]:
    """One node with its hash; ``look`` is what look-alikes share."""
    shape = random.Random(f"{name} {look}")
    parameters: dict[str, Any] = {
        "build_system": shape.choice(["cmake", "autotools", "python_pip"])
    }
    parameters.update(
        {f"variant_{place}": shape.random() < 0.5 for place in range(shape.randrange(3, 18))}
    )
    parameters.update({flag: [] for flag in _FLAGS})
    package_hash = _b32(f"{name} {chance.randrange(3)}".encode()) + "a" * 20 + "===="
    return _hashed(
        {
            "name": name,
            "version": f"{shape.randrange(9)}.{shape.randrange(30)}.{shape.randrange(9)}",
            "arch": {
                "platform": "linux",
                "platform_os": "ubuntu22.04",
                "target": _OBJECT if look % 5 == 0 else "x86_64_v3",
            },
            "namespace": "builtin",
            "parameters": parameters,
            "package_hash": package_hash,
            "dependencies": edges,
            "annotations": {"original_specfile_version": 5},
        }
    )


def index(specs: int) -> dict[str, Any]:
    """The value of an index.json with so many specs and ten times as many dependencies."""
    chance = random.Random(1)
    compilers = [_hashed(_compiler(version)) for version in ("11.4.0", "13.2.0", "12.3.0")]
    nodes = [*compilers]
    for number in range(specs - len(nodes)):
        name = f"package-{chance.randrange(PACKAGES)}"
        compiler = compilers[number % len(compilers)]
        languages = [["c"], ["c", "cxx"], ["c", "cxx", "fortran"]][number % 3]
        edges = [_edge(compiler, ["build"], languages)]
        others = nodes[max(0, len(nodes) - 5000) :]
        for child in chance.sample(others, min(len(others), 9)):
            deptypes = chance.choice([["build"], ["build", "link"], ["build", "link", "run"]])
            edges.append(_edge(child, deptypes, ["mpi"] if chance.random() < 0.05 else []))
        nodes.append(node(chance, name, chance.randrange(specs // PACKAGES // 4 + 1), edges))
    chance.shuffle(nodes)
    installs = {
        node["hash"]: {"spec": node, "ref_count": 1, "in_buildcache": True} for node in nodes
    }
    return {"database": {"version": "8", "installs": installs}}


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


def main(path: str, specs: str, *locks: str) -> None:
    """Writes an index, and beside it a folder for each lock file."""
    text = json.dumps(index(int(specs)), separators=(",", ":"))
    Path(path).write_text(text)
    for lock in locks:
        source = Path(lock)
        made = pruned(json.loads(gzip.decompress(source.read_bytes())), 320)
        folder = Path(path).parent / source.parent.name
        folder.mkdir()
        (folder / "spack.lock").write_text(json.dumps(made, separators=(",", ":")))


if __name__ == "__main__":
    main(*sys.argv[1:])

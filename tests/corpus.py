"""Tiny caches, written out by hand, and what turns them into pages."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

SPELLED = "abcdefghijklmnopqrstuvwxyz234567"


def dag_hash(name: str) -> str:
    """A DAG hash of 32 characters that begins with a short name."""
    assert set(name) <= set(SPELLED), name
    return name.ljust(32, "x")


def spec(name: str, *stacks: str, **fields: Any) -> dict[str, Any]:
    """An entry of ``spec_details``; what is not given is as most specs have it."""
    entry = {
        "compiler": "gcc@11.4.0",
        "hash": dag_hash(name),
        "os": "ubuntu22.04",
        "platform": "linux",
        "size": "-",
        "stacks": ["root", *stacks],
        "target": "x86_64_v3",
        "variants": ["build_system=cmake"],
        "versions": ["1.0"],
    }
    return {**entry, **fields}


def page(
    package: str, specs: Iterable[Mapping[str, Any]], tag: str = "develop", **meta: Any
) -> str:
    """The text of a page whose ``meta`` sums up its specs, unless told otherwise."""
    specs = [*specs]
    counts: dict[str, int] = {}
    for entry in specs:
        for label in entry["stacks"]:
            counts[label] = counts.get(label, 0) + 1
    summary = {
        "compilers": sorted({entry["compiler"] for entry in specs}),
        "num_specs": len(specs),
        "num_specs_by_stack": counts,
        "oss": sorted({entry["os"] for entry in specs}),
        "platforms": sorted({entry["platform"] for entry in specs}),
        "stacks": sorted(counts),
        "targets": sorted({entry["target"] for entry in specs}),
        "versions": sorted({version for entry in specs for version in entry["versions"]}),
    }
    return (
        f'---\ntitle: "{package}"\nlayout: cache\ncategories: [package, {tag}]\n'
        f"meta: {json.dumps({**summary, **meta})}\nspec_details: {json.dumps(specs)}\n---"
    )


def write_page(folder: Path, package: str, specs: Iterable[Mapping[str, Any]], **more: Any) -> Path:
    """Writes a page where a checkout of the site has it."""
    path: Path = folder / "_cache" / more.get("tag", "develop") / package / "specs.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(package, specs, **more))
    return path


NEWER = {"compiler": "gcc@13.2.0", "os": "ubuntu24.04"}


def tiny_cache(folder: Path) -> Path:
    """Three stacks and nine specs; what they share is worked out in the tests.

    ========  =======  ===============  ====  =====  ===
    spec      version  look             left  right  aux
    ========  =======  ===============  ====  =====  ===
    zlib  za  1.0      older            x     x      x
    zlib  zb  1.0      older, as za     x
    zlib  zc  1.2      older            x
    zlib  zd  1.2      newer                  x
    hdf5  ha  2.0      older            x
    hdf5  hb  2.0      older, as ha           x
    hdf5  hc  2.0      older, +mpi            x      x
    curl  ca  8.1      older            x
    cmake ma  3.9      newer                         x
    ========  =======  ===============  ====  =====  ===
    """
    write_page(
        folder,
        "zlib",
        [
            spec("za", "left", "right", "aux"),
            spec("zb", "left"),
            spec("zc", "left", versions=["1.2"]),
            spec("zd", "right", versions=["1.2"], **NEWER),
        ],
    )
    mpi = {"versions": ["2.0"], "variants": ["+mpi", "build_system=cmake"]}
    write_page(
        folder,
        "hdf5",
        [
            spec("ha", "left", versions=["2.0"]),
            spec("hb", "right", versions=["2.0"]),
            spec("hc", "right", "aux", **mpi),
        ],
    )
    write_page(folder, "curl", [spec("ca", "left", versions=["8.1"])])
    write_page(folder, "cmake", [spec("ma", "aux", versions=["3.9"], **NEWER)])
    return folder

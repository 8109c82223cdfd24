"""Makes up pages of a size that the sample has not, shaped as the real ones are.

Taken from real pages: the fields and their order, two stacks a spec, one compiler, system and
target a stack; stacks that share nothing, but for those of one family, which share most. About four
specs look alike; on the four pages of the sample it is fourteen: what is measured is harder.
"""

import base64
import json
import random
import sys
from pathlib import Path

_FLIPPED = 0.01
FAMILIES = {
    "ml-linux-x86_64": ("cpu", "cuda", "rocm"),
    "ml-linux-aarch64": ("cpu", "cuda"),
}
ALONE = [
    "e4s",
    "e4s-oneapi",
    "e4s-neoverse-v2",
    "e4s-neoverse_v1",
    "e4s-power",
    "e4s-arm",
    "e4s-cray-rhel",
    "e4s-cray-sles",
    "e4s-rocm-external",
    "hep",
    "radiuss",
    "radiuss-aws",
    "radiuss-aws-aarch64",
    "tutorial",
    "build_systems",
    "gpu-tests",
    "data-vis-sdk",
    "developer-tools",
    "aws-isc",
    "aws-isc-aarch64",
    "aws-pcluster-icelake",
    "aws-pcluster-neoverse_v1",
    "ml-darwin-aarch64-mps",
    "bootstrap",
    "windows-vis",
]
ARCHES = [
    ("gcc@11.4.0", "ubuntu22.04", "linux", "x86_64_v3"),
    ("gcc@13.2.0", "ubuntu24.04", "linux", "x86_64_v3"),
    ("gcc@13.2.0", "ubuntu24.04", "linux", "aarch64"),
    ("intel-oneapi-compilers@2025.1.0", "ubuntu22.04", "linux", "x86_64_v3"),
    ("apple-clang@16.0.0", "sequoia", "darwin", "aarch64"),
    ("none", "ubuntu22.04", "linux", "x86_64_v3"),
]
# A stack is built by one compiler for one target, as in the farm.
ARCH_OF = {stack: ARCHES[place % len(ARCHES)] for place, stack in enumerate(ALONE)} | {
    f"{family}-{kind}": ARCHES[1 + place]
    for place, (family, kinds) in enumerate(FAMILIES.items())
    for kind in kinds
}


def pages(folder: Path, specs: int, packages: int, seed: int = 7) -> None:
    """Writes one page a package below ``folder``, as a site checkout has them."""
    random_ = random.Random(seed)
    weights = [1 / (rank + 20) for rank in range(packages)]
    sizes = random_.choices(range(packages), weights, k=specs - packages)
    counts = [1] * packages
    for package in sizes:
        counts[package] += 1
    for package, count in enumerate(counts):
        path = folder / "_cache" / "develop" / f"package-{package}" / "specs.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_page(f"package-{package}", count, random_))


def _page(name: str, count: int, random_: random.Random) -> str:
    options = [f"option{number}" for number in range(random_.randint(0, 10))]
    versions = [f"{random_.randint(0, 9)}.{minor}.0" for minor in range(random_.randint(1, 2))]
    specs = sorted(
        (_spec(options, versions, random_) for _ in range(count)), key=lambda spec: spec["hash"]
    )
    by_stack: dict[str, int] = {}
    for spec in specs:
        for stack in spec["stacks"]:
            by_stack[stack] = by_stack.get(stack, 0) + 1
    meta = {
        "compilers": sorted({spec["compiler"] for spec in specs}),
        "num_specs": count,
        "num_specs_by_stack": dict(sorted(by_stack.items())),
        "oss": sorted({spec["os"] for spec in specs}),
        "platforms": sorted({spec["platform"] for spec in specs}),
        "stacks": sorted(by_stack),
        "targets": sorted({spec["target"] for spec in specs}),
        "versions": sorted({spec["versions"][0] for spec in specs}),
    }
    return (
        f'---\ntitle: "{name}"\nlayout: cache\ncategories: [package, develop]\n'
        f"meta: {json.dumps(meta)}\nspec_details: {json.dumps(specs)}\n---"
    )


def _spec(options: list[str], versions: list[str], random_: random.Random) -> dict:
    stacks = _stacks(random_)
    compiler, os, platform, target = ARCH_OF[min(stacks)] if stacks else random_.choice(ARCHES)
    variants = ["build_system=cmake"]
    variants += [f"{'~' if random_.random() < _FLIPPED else '+'}{option}" for option in options]
    return {
        "compiler": compiler,
        "hash": base64.b32encode(random_.randbytes(20)).decode().lower(),
        "os": os,
        "platform": platform,
        "size": "-",
        "stacks": sorted({*stacks, "root"}),
        "target": target,
        "variants": variants,
        "versions": [random_.choice(versions)],
    }


def _stacks(random_: random.Random) -> set[str]:
    draw = random_.random()
    if draw < 0.1:
        return set()
    if draw < 0.18:
        family = random_.choice([*FAMILIES])
        members = [f"{family}-{kind}" for kind in FAMILIES[family]]
        return {member for member in members if random_.random() < 0.85}
    if draw < 0.184:
        return {"e4s", "ml-linux-x86_64-cpu"}
    return {random_.choice(ALONE)}


if __name__ == "__main__":
    pages(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))

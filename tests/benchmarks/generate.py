"""Makes up pages of a size that the sample has not, shaped as the real ones are.

python generate.py FOLDER SPECS PAGES             one release with 31 stacks
python generate.py FOLDER SPECS PAGES RELEASES    so many releases: 12 have 300 stacks

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


def pages(folder: Path, specs: int, packages: int, releases: int = 1, seed: int = 7) -> None:
    """Writes one page a package and release below ``folder``, as a site checkout has them.

    Of several releases each has 25 of the stacks that stand alone or in families. A spec is built
    in one release, and with even chances it is still there in the next one, and so on.
    """
    random_ = random.Random(seed)
    weights = [1 / (rank + 20) for rank in range(packages)]
    sizes = random_.choices(range(packages), weights, k=specs - packages)
    counts = [1] * packages
    for package in sizes:
        counts[package] += 1
    for package, count in enumerate(counts):
        options = [f"option{number}" for number in range(random_.randint(0, 10))]
        versions = [f"{random_.randint(0, 9)}.{minor}.0" for minor in range(random_.randint(1, 2))]
        made = [_spec(options, versions, random_) for _ in range(count)]
        of_releases = _in_releases(made, releases, random_) if releases > 1 else {"develop": made}
        for release, found in of_releases.items():
            path = folder / "_cache" / release / f"package-{package}" / "specs.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_page(f"package-{package}", release, found))


def _in_releases(made: list[dict], releases: int, random_: random.Random) -> dict[str, list[dict]]:
    """The specs of each release, if there are any."""
    found: dict[str, list[dict]] = {}
    for spec in made:
        release = random_.randrange(releases)
        while release < releases:
            name = f"v0.{release + 10}.0" if release + 1 < releases else "develop"
            found.setdefault(name, []).append({**spec, "stacks": _kept(spec, release)})
            release += 1 if random_.random() < 0.5 else releases
    return found


def _kept(spec: dict, release: int) -> list[str]:
    """The stacks of a spec that a release has: all but five, which are others in each."""
    left_out = {ALONE[(release * 5 + place) % len(ALONE)] for place in range(5)}
    return [stack for stack in spec["stacks"] if stack not in left_out]


def _page(name: str, release: str, specs: list[dict]) -> str:
    specs.sort(key=lambda spec: spec["hash"])
    by_stack: dict[str, int] = {}
    for spec in specs:
        for stack in spec["stacks"]:
            by_stack[stack] = by_stack.get(stack, 0) + 1
    meta = {
        "compilers": sorted({spec["compiler"] for spec in specs}),
        "num_specs": len(specs),
        "num_specs_by_stack": dict(sorted(by_stack.items())),
        "oss": sorted({spec["os"] for spec in specs}),
        "platforms": sorted({spec["platform"] for spec in specs}),
        "stacks": sorted(by_stack),
        "targets": sorted({spec["target"] for spec in specs}),
        "versions": sorted({spec["versions"][0] for spec in specs}),
    }
    return (
        f'---\ntitle: "{name}"\nlayout: cache\ncategories: [package, {release}]\n'
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


def shared_pages(folder: Path, specs: int, packages: int, stacks: int, held: int) -> None:
    """Writes pages of one release with so many stacks, each of which holds so many of the specs.

    So each spec is in many stacks: what is hardest to compare pair by pair.
    """
    random_ = random.Random(7)
    labels = [f"stack-{number:03}" for number in range(stacks)]
    mean = stacks * held // specs
    for package in range(packages):
        made = []
        for _ in range(specs // packages):
            spec = _spec(["option"], ["1.0", "2.0"], random_)
            count = random_.randint(mean // 2, min(stacks, mean + mean // 2))
            spec["stacks"] = sorted([*random_.sample(labels, count), "root"])
            made.append(spec)
        path = folder / "_cache" / "develop" / f"package-{package}" / "specs.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_page(f"package-{package}", "develop", made))


if __name__ == "__main__":
    if sys.argv[1] == "shared":
        shared_pages(Path(sys.argv[2]), *map(int, sys.argv[3:]))
    else:
        pages(Path(sys.argv[1]), *map(int, sys.argv[2:]))

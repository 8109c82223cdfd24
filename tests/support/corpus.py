"""Tiny caches, written out by hand, and what turns them into pages."""

import gzip
import hashlib
import json
import lzma
from base64 import b32encode
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import zstandard

EMPTY: Mapping[str, Any] = {}
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


# What Spack itself writes


def node(
    name: str, *dependencies: Mapping[str, Any], spec_format: int = 5, **fields: Any
) -> dict[str, Any]:
    """A spec node of format 4 or 5 in the order of Spack's files, with its DAG hash."""
    made: dict[str, Any] = {
        "name": name,
        "version": "1.0",
        "arch": {"platform": "linux", "platform_os": "ubuntu22.04", "target": "x86_64_v3"},
    }
    if spec_format == 4:
        made["compiler"] = {"name": "gcc", "version": "11.4.0"}
    made |= {
        "namespace": "builtin",
        "parameters": {"build_system": "cmake", **{flag: [] for flag in FLAGS}},
        "package_hash": f"{name}====",
        "dependencies": [*dependencies],
    }
    if spec_format == 5:
        made["annotations"] = {"original_specfile_version": 5}
    made |= fields
    return {**made, "hash": hash_of(made)}


FLAGS = ("cflags", "cppflags", "cxxflags", "fflags", "ldflags", "ldlibs")


def hash_of(fields: Mapping[str, Any]) -> str:
    """The DAG hash of a node without one: sha1 of its JSON without blanks, in base32."""
    text = json.dumps(fields, separators=(",", ":"))
    return b32encode(hashlib.sha1(text.encode()).digest()).decode().lower()


def needs(child: Mapping[str, Any], *deptypes: str, virtuals: Iterable[str] = ()) -> dict[str, Any]:
    """A dependency as formats 4 and 5 write it."""
    purpose = {"deptypes": [*(deptypes or ("build", "link"))], "virtuals": [*virtuals]}
    return {"name": child["name"], "hash": child["hash"], "parameters": purpose}


def lock(*nodes: Mapping[str, Any], version: int = 6, **more: Any) -> dict[str, Any]:
    """A lock file; its only root is the first node unless told otherwise."""
    return {
        "_meta": {"file-type": "spack-lockfile", "lockfile-version": version},
        "roots": [{"hash": first["hash"], "spec": first["name"]} for first in nodes[:1]],
        "concrete_specs": {one["hash"]: one for one in nodes},
        **more,
    }


def index(
    *nodes: Mapping[str, Any], version: str = "8", outside: Iterable[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """The index of a build cache; of those outside it knows, but does not have them."""
    inside = [(one, True) for one in nodes] + [(one, False) for one in outside]
    installs = {
        one["hash"]: {"spec": one, "ref_count": 1, "in_buildcache": held} for one, held in inside
    }
    return {"database": {"version": version, "installs": installs}}


def database(explicit: Iterable[Mapping[str, Any]], *implicit: Mapping[str, Any]) -> dict[str, Any]:
    """The database of an installation."""
    asked = [(one, True) for one in explicit] + [(one, False) for one in implicit]
    installs = {
        one["hash"]: {"spec": one, "path": "/opt", "installed": True, "explicit": wanted}
        for one, wanted in asked
    }
    return {"database": {"version": "8", "installs": installs}}


def spec_file(*nodes: Mapping[str, Any], spec_format: int = 5) -> dict[str, Any]:
    """A ``spec.json``: its root, then what that depends on."""
    return {"spec": {"_meta": {"version": spec_format}, "nodes": [*nodes]}}


def in_each_format(first: Mapping[str, Any], *others: Mapping[str, Any]) -> dict[str, Any]:
    """A document of the nodes in each format with an object at its top, by the name of a file."""
    return {
        "spack.lock": lock(first, *others),
        "index.json": index(first, *others),
        "database.json": database([first], *others),
        f"{first['name']}.spec.json": spec_file(first, *others),
        f"{first['name']}.spec.json.sig": signed(spec_file(first, *others)),
    }


def signed(value: Any) -> bytes:
    """JSON, clear-signed."""
    text = json.dumps(value, indent=2)
    return (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n"
        f"{text}\n-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n"
    ).encode()


def write(path: Path, value: Any) -> Path:
    """Writes JSON, or bytes, compressed as the name's ending says."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(PACK.get(path.suffix, bytes)(data))
    return path


PACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.compress,
}


def layout_2(folder: Path, *nodes: Mapping[str, Any], sign: bool = False) -> Path:
    """The spec files of a build cache of layout 2; each has the node and what is below it."""
    for one in nodes:
        name = f"linux-none-{one['name']}-{one['version']}-{one['hash']}.spec.json"
        value = spec_file(one, *with_dependencies(one, nodes))
        value["buildcache_layout_version"] = 2
        if sign:
            write(folder / "build_cache" / f"{name}.sig", signed(value))
        else:
            write(folder / "build_cache" / name, value)
    return folder


def with_dependencies(
    one: Mapping[str, Any], nodes: Iterable[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Those of the nodes that one of them depends on, directly or not."""
    by_hash = {other["hash"]: other for other in nodes}
    found: dict[str, Mapping[str, Any]] = {}
    waiting = [one]
    while waiting:
        for needed in waiting.pop().get("dependencies", ()):
            child = by_hash.get(needed["hash"])
            if child is not None and child["hash"] not in found:
                found[child["hash"]] = child
                waiting.append(child)
    return [*found.values()]


def layout_3(
    folder: Path, *nodes: Mapping[str, Any], sign: bool = False, sizes: Mapping[str, Any] = EMPTY
) -> Path:
    """The specs of a build cache of layout 3: a manifest and a blob for each.

    Archives are of 100 bytes, or of as many as ``sizes`` has for the package.
    """
    for one in nodes:
        text = json.dumps(spec_file(one, *with_dependencies(one, nodes))).encode()
        archive = archive_entry(sizes.get(one["name"], 100))
        entries = [blob(folder, text, "spec.v5"), archive]
        write_manifest(folder, manifest_name(one), entries, sign=sign)
    return folder


def manifest_name(one: Mapping[str, Any]) -> str:
    """The path of a spec's manifest below the folder of manifests."""
    return f"spec/{one['name']}/{one['name']}-{one['version']}-{one['hash']}.spec.manifest.json"


def view(folder: Path, *nodes: Mapping[str, Any], name: str = "", **more: Any) -> Path:
    """An index of a build cache of layout 3: the top one, or that of a view."""
    path = f"index/{name}/index.manifest.json" if name else "index/index.manifest.json"
    return manifest(folder, path, json.dumps(index(*nodes, **more)).encode(), "db.v8")


def manifest(folder: Path, name: str, data: bytes, kind: str) -> Path:
    """A manifest of a build cache with one blob."""
    return write_manifest(folder, name, [blob(folder, data, kind)])


def blob(folder: Path, data: bytes, kind: str) -> dict[str, Any]:
    """A blob of a build cache; the entry of a manifest that refers to it."""
    packed = gzip.compress(data, mtime=0)
    checksum = hashlib.sha256(packed).hexdigest()
    write(folder / "blobs" / "sha256" / checksum[:2] / checksum, packed)
    media_type = f"application/vnd.spack.{kind}+json"
    return archive_entry(len(packed), media_type) | {"checksum": checksum}


def archive_entry(
    size: Any, media_type: str = "application/vnd.spack.install.v2.tar+gzip"
) -> dict[str, Any]:
    """The entry of a manifest that refers to an archive."""
    return {
        "contentLength": size,
        "mediaType": media_type,
        "compression": "gzip",
        "checksumAlgorithm": "sha256",
        "checksum": "0" * 64,
    }


def write_manifest(
    folder: Path, name: str, entries: Iterable[Mapping[str, Any]], *, sign: bool = False
) -> Path:
    """A manifest of a build cache with these entries."""
    value = {"version": 3, "data": [*entries]}
    return write(folder / "v3" / "manifests" / name, signed(value) if sign else value)

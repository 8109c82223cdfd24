"""The documents that are mutated: of each format one, made up or real, and its records."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.support.corpus import (
    database,
    index,
    layout_2,
    layout_3,
    lock,
    needs,
    node,
    page,
    signed,
    spec,
    spec_file,
    view,
    write,
)

FIXTURES = Path(__file__).parents[1] / "fixtures"
SAMPLE = Path(__file__).parents[2] / "cachegraph" / "sample"
_MOST_RECORDS = 12

ZLIB = node("zlib")
GCC = node("gcc", version="12.3.0")
CURL = node("curl", needs(ZLIB), needs(GCC, "build", virtuals=["c", "cxx"]))
CMAKE = node("cmake", needs(CURL, "build"), needs(ZLIB, "link", "run"))
NODES = (CMAKE, CURL, ZLIB, GCC)
OLD = [node(name, spec_format=4) for name in ("a", "b", "c")]
OLD.insert(0, node("top", *map(needs, OLD), spec_format=4))

_ARCH = {"platform": "linux", "platform_os": "ubuntu", "target": "x86_64"}
_BARE = {"version": "1", "arch": _ARCH, "compiler": {"name": "gcc", "version": "9"}}


def _hash(name: str) -> str:
    return name * 32


FORMAT_1 = {
    _hash("a"): {"x": {**_BARE, "dependencies": {"y": {"hash": _hash("b"), "type": ["link"]}}}},
    _hash("b"): {"y": {**_BARE, "parameters": {"shared": True, "cflags": ["-O2"]}}},
    _hash("c"): {"z": {**_BARE, "dependencies": {"y": {"hash": _hash("b"), "type": ["run"]}}}},
}
FORMAT_2 = {
    _hash(build): {
        "name": name,
        **_BARE,
        "dependencies": [{"name": "y", "build_hash": _hash("b"), "type": ["link"]}] * (name != "y"),
        "hash": _hash(dag),
    }
    for build, name, dag in (("a", "x", "d"), ("b", "y", "e"), ("c", "z", "f"))
}
SITE_SPECS = {
    one["hash"]: {
        "hash": one["hash"],
        "version": one["version"],
        "variants": ["+shared", "build_system=cmake"],
        "platform": "linux",
        "os": "ubuntu",
        "target": "zen3",
        "dependencies": one["dependencies"],
        "stacks": ["e4s", "ml"],
        "releases": ["develop"],
    }
    for one in NODES
}
SITE_PACKAGES = {
    one["name"]: {"uid": one["name"], "specs": {"develop": [one["hash"]]}} for one in NODES
}
ENTRIES = [spec("a", "e4s"), spec("b", "ml", os="rhel8"), spec("c", "e4s", versions=["2.0"])]


class Case(NamedTuple):
    """A document, how it is written, and the path to the object or list of its records."""

    name: str
    file: str
    value: Any
    records: tuple[Any, ...] | None = None
    dump: Callable[[Any], bytes] = lambda value: json.dumps(value).encode()


def _keyed(nodes: dict[str, Any], version: int) -> dict[str, Any]:
    roots = [{"hash": key, "spec": "x"} for key in nodes][:2]
    return lock(version=version, roots=roots, concrete_specs=nodes)


def _wrapped(one: dict[str, Any]) -> dict[str, Any]:
    """A node of format 2 as format 1 has it."""
    fields = {name: value for name, value in one.items() if name != "name"}
    uses = {
        use["name"]: {"hash": use["build_hash"], "type": use["type"]} for use in one["dependencies"]
    }
    return {one["name"]: {**fields, "dependencies": uses}}


def _page(entries: Any) -> bytes:
    text = page("zlib", ENTRIES)
    return text.replace(json.dumps(ENTRIES), json.dumps(entries)).encode()


def _yaml(value: Any) -> bytes:
    return yaml.safe_dump(value).encode()


def _page_of_year(entry: dict[str, Any]) -> Case:
    entries = [{**one, **entry} for one in ENTRIES]
    return Case(f"page {[*entry]}", "specs.md", entries, (), _page)


def made_up() -> Iterator[Case]:
    """A small document of each format and version."""
    for version in (6, 7, 8):
        yield Case(f"lock {version}", "spack.lock", lock(*NODES, version=version), _LOCK)
    for version in (4, 5):
        yield Case(f"lock {version}", "spack.lock", lock(*OLD, version=5), _LOCK)
    for version in (2, 3):
        nodes: Any = FORMAT_2
        if version == 2:
            nodes = {key: _wrapped(one) for key, one in FORMAT_2.items()}
        yield Case(f"lock {version}", "spack.lock", _keyed(nodes, version), _LOCK)
    yield Case("lock 1", "spack.lock", _keyed(FORMAT_1, 1), _LOCK)
    included = lock(CURL, ZLIB, GCC, include_concrete={"/e": lock(CMAKE, CURL, ZLIB, GCC)})
    yield Case("lock with another", "spack.lock", included, _LOCK)
    old_index = {key: {"spec": one, "ref_count": 1} for key, one in FORMAT_1.items()}
    for form in ("0.9.3", "1", "5"):
        value = {"database": {"version": form, "installs": old_index}}
        yield Case(f"index {form}", "index.json", value, _INDEX)
    for form, nodes in (("7", OLD), ("8", NODES), ("9", NODES)):
        yield Case(f"index {form}", "index.json", index(*nodes, version=form), _INDEX)
    yield Case("database", "index.json", database([CMAKE], CURL, ZLIB, GCC), _INDEX)
    yield from _spec_files()
    yield Case("site specs", "specs_data.json", SITE_SPECS, ())
    yield Case("site packages", "package_data.json", SITE_PACKAGES, ())
    yield _page_of_year({})
    yield _page_of_year({"tarball": "https://x.example/y", "size": 5})
    yield _page_of_year({"compiler": "gcc@=12"})


def _spec_files() -> Iterator[Case]:
    """A spec file of each format, the config of an image, and a list of specs."""
    yield Case("spec 5", "x.spec.json", spec_file(*NODES), ("spec", "nodes"))
    yield Case("spec 4", "x.spec.json", spec_file(*OLD, spec_format=4), ("spec", "nodes"))
    for number in (2, 3):
        value = spec_file(*FORMAT_2.values(), spec_format=number)
        yield Case(f"spec {number}", "x.spec.json", value, ("spec", "nodes"))
    listed = [
        {name: {**fields, "hash": key}}
        for key, one in FORMAT_1.items()
        for name, fields in one.items()
    ]
    yield Case("spec 1", "x.spec.json", {"spec": listed}, ("spec",))
    yield Case("spec.yaml", "x.spec.yaml", {"spec": listed}, ("spec",), _yaml)
    yield Case("signed", "x.spec.json.sig", spec_file(*NODES), ("spec", "nodes"), signed)
    image = {"os": "linux", "rootfs": {"diff_ids": ["x"]}, **spec_file(*NODES)}
    yield Case("image", "blob", image, ("spec", "nodes"))
    yield Case("find", "find.json", [*NODES], ())


def real() -> Iterator[Case]:
    """Real files, of which the first records are kept."""
    paths = [
        path
        for path in FIXTURES.rglob("*")
        if path.name.removesuffix(".gz").endswith((".lock", "index.json", ".spec.json", ".yaml"))
        or path.parent.name in ("specfiles", "spack-json")
    ]
    for path in sorted(paths):
        data = path.read_bytes()
        data = gzip.decompress(data) if path.suffix == ".gz" else data
        if not path.name.endswith((".sig", ".yaml", "manifest.json")):
            yield from _trimmed(path, json.loads(data))


_LOCK = ("concrete_specs",)
_INDEX = ("database", "installs")
_BY_FORMAT = {"spack.lock": _LOCK, "index.json": _INDEX, "x.spec.json": ("spec", "nodes")}


def _trimmed(path: Path, value: Any) -> Iterator[Case]:
    for file, places in _BY_FORMAT.items():
        records = value
        for place in places:
            records = records.get(place) if isinstance(records, dict) else None
        if isinstance(records, dict):
            for key in [*records][_MOST_RECORDS:]:
                del records[key]
        elif isinstance(records, list):
            del records[_MOST_RECORDS:]
        else:
            continue
        yield Case(str(path.relative_to(FIXTURES)), file, value, places)
        return
    if isinstance(value, list):
        yield Case(str(path.relative_to(FIXTURES)), "find.json", value[:_MOST_RECORDS], ())


def folders(folder: Path) -> None:
    """Writes a folder for each format that has several files."""
    layout_2(folder / "layout2", *NODES)
    write(folder / "layout2" / "build_cache" / "index.json", index(CURL, ZLIB, GCC))
    view(layout_3(folder / "layout3", *NODES), *NODES)
    view(folder / "layout3", CURL, ZLIB, GCC, name="small")
    layout_3(folder / "no-index", *NODES, sign=True)
    write(folder / "prefix" / ".spack" / "spec.json", spec_file(*NODES))
    for one in NODES:
        write(folder / "view" / ".spack" / one["name"] / "spec.json", spec_file(one))
    write(folder / "opt" / ".spack-db" / "index.json", database([CMAKE], CURL, ZLIB, GCC))
    write(folder / "site" / "a" / "index.json", index(*NODES))
    entries = [{"label": "root", "url": "a/index.json"}, {"label": "b", "url": "b/index.json"}]
    write(folder / "site" / "cache_spack_io_index.json", {"develop": entries})
    write(folder / "data" / "specs_data.json", SITE_SPECS)
    write(folder / "data" / "package_data.json", SITE_PACKAGES)
    write(folder / "2021" / "zlib" / "spec-0.json", spec_file(ZLIB))
    fields = 'title: "zlib"\nmeta: {"num_specs": 1, "versions": ["1.0"]}\nspec_files: \n'
    text = f"---\n{fields}- x: spec-0.json\n---"
    write(folder / "2021" / "zlib" / "index.md", text.encode())
    for year in ("2021", "2023"):
        for path in (FIXTURES / year).rglob("*"):
            if path.is_file():
                write(folder / f"real-{year}" / path.relative_to(FIXTURES), path.read_bytes())
    write(folder / "page" / "zlib" / "specs.md", page("zlib", ENTRIES).encode())

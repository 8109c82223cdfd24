"""What a graph made of a real file has to hold, worked out from what the oracle reads of it."""

import json
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.oracles import documents as oracle
from tests.support.known_answers import Verified
from tests.support.realfiles import found, read

_WITH_GROUPS = 7

# From (parent, child) to the properties of DEPENDS_ON, lists as sets; perhaps no virtuals.
Needs = dict[tuple[str, str], dict[str, set[str]]]
Asked = dict[str, dict[str, Any]]


class Held(NamedTuple):
    """What one stack holds: its members, and the properties of ROOT_OF of its roots."""

    members: set[str]
    roots: Asked


def needs(path: str) -> Needs:
    """The dependencies that a document tells of; of entries with one hash, those of the first."""
    reading = read(path)
    said: Needs = {}
    for parent, spec in reading.specs.items():
        for child, (types, virtuals) in spec["deps"].items():
            said[parent, child] = {"deptypes": {*types}}
            if virtuals:
                said[parent, child]["virtuals"] = {*virtuals}
    return said


def repeated(path: str) -> int:
    """How many entries of a lock file have the hash of another one."""
    reading = read(path)
    return reading.entries - len(reading.specs) if reading.format == "lock" else 0


def by_type(said: Needs) -> dict[str, int]:
    """How many dependencies there are of each type, and how many provide a virtual."""
    types = Counter(deptype for each in said.values() for deptype in each["deptypes"])
    virtual = sum(bool(each.get("virtuals")) for each in said.values())
    return {**{deptype: types[deptype] for deptype in oracle.TYPES}, "virtual": virtual}


@cache
def raw(path: str) -> Any:
    """The JSON of a document; of a mirror or a manifest that of its index."""
    place = found(path)
    if place.is_dir():
        return raw(f"{path}/v3/manifests/index/index.manifest.json")
    document = json.JSONDecoder().raw_decode(oracle.text(place.read_bytes()))[0]
    if "data" not in document:
        return document
    (entry,) = (each for each in document["data"] if "spack.db" in each["mediaType"])
    folder = next(parent for parent in place.parents if parent.name == "v3").parent
    checksum = entry["checksum"]
    blob: Path = folder / "blobs" / entry["checksumAlgorithm"] / checksum[:2] / checksum
    return json.JSONDecoder().raw_decode(oracle.text(blob.read_bytes()))[0]


@cache
def stacks(path: str) -> dict[str, Held]:
    """The stacks that come of a document, by key; empty where that follows from the location."""
    if read(path).format == "page":
        return _of_page(path)
    indexes = found(path) / "v3" / "manifests" / "index"
    if not indexes.is_dir():
        return {"": held(path)}
    views = [view.name for view in indexes.iterdir() if view.is_dir()]
    inside = {"root": "", **{view: f"{view}/" for view in views}}
    return {
        f"local/{name}": held(f"{path}/v3/manifests/index/{below}index.manifest.json")
        for name, below in inside.items()
    }


def _of_page(path: str) -> dict[str, Held]:
    page = next(yaml.load_all(found(path).read_text(), yaml.CSafeLoader))
    members: dict[str, set[str]] = {}
    for entry in page["spec_details"]:
        for label in entry["stacks"]:
            members.setdefault(f"{page['categories'][1]}/{label}", set()).add(entry["hash"])
    return {key: Held(hashes, {}) for key, hashes in members.items()}


def held(path: str) -> Held:
    """What the stack of one document holds.

    Records that say that they are not in the build cache, or not installed, are no members. A spec
    file by itself is an environment with one root.
    """
    reading = read(path)
    if reading.format == "index":
        records = raw(path)["database"]["installs"]
        members = {
            key
            for key, record in records.items()
            if record.get("in_buildcache", True) and record.get("installed", True)
        }
        return Held(members, _unasked(reading, records, members))
    return Held({*reading.specs}, _asked(reading))


def _unasked(reading: oracle.Reading, records: dict[str, Any], members: set[str]) -> Asked:
    """The roots of an index: what is explicit, or else the members that nothing needs."""
    if any("explicit" in record for record in records.values()):
        return {
            key: {}
            for key, record in records.items()
            if record.get("explicit") and record.get("installed", True)
        }
    needed = {child for spec in reading.specs.values() for child in spec["deps"]}
    return {key: {} for key in members - needed}


def _asked(reading: oracle.Reading) -> Asked:
    """The roots of a lock file with requests and groups, or of a spec file."""
    said: dict[str, list[oracle.Root]] = {}
    for root in reading.roots:
        if reading.version == _WITH_GROUPS and reading.format == "lock":
            root = replace(root, group=root.group or "default")  # noqa: PLW2901  # the same root
        said.setdefault(root.hash, []).append(root)
    return {key: _properties(roots) for key, roots in said.items()}


def _properties(roots: list[oracle.Root]) -> dict[str, Any]:
    requests = tuple(sorted({root.request for root in roots} - {""}))
    groups = ", ".join(sorted({root.group for root in roots if root.group}))
    return {
        **({"requests": requests} if requests else {}),
        **({"group": groups} if groups else {}),
    }


def properties(reading: oracle.Reading, key: str) -> dict[str, Any]:
    """What a Spec node has to say that can be seen in the file: all but digests and proofs."""
    spec = reading.specs[key]
    said: dict[str, Any] = {
        "package": spec["name"],
        "variants": variants(spec),
        **{name: spec[name] for name in ("version", "compiler", "platform", "os", "target")},
    }
    if reading.format != "page":
        said |= _beyond_pages(reading, key)
    return {name: value for name, value in said.items() if value is not None}


def _beyond_pages(reading: oracle.Reading, key: str) -> dict[str, Any]:
    spec = reading.specs[key]
    flags = spec["flags"].items()
    external = spec["external"] or {}
    return {
        "flags": tuple(f"{name}={' '.join(values)}" for name, values in flags if values),
        "namespace": spec["namespace"],
        "package_hash": reading.nodes[key].get("package_hash"),
        "external": bool(spec["external"]),
        "prefix": external.get("path"),
        "modules": _modules(external.get("module")),
        "specfile_version": reading.node_format,
    }


def _modules(module: Any) -> tuple[str, ...] | None:
    if module is None:
        return None
    return (module,) if isinstance(module, str) else tuple(module)


def variants(spec: oracle.Spec) -> tuple[str, ...]:
    """Variants as formats.md has them: +on, ~off, name=value and name=a,b sorted; by name."""
    return tuple(_variant(name, spec["variants"][name]) for name in sorted(spec["variants"]))


def _variant(name: str, value: oracle.Value) -> str:
    if isinstance(value, bool):
        return f"{'+' if value else '~'}{name}"
    return f"{name}={value if isinstance(value, str) else ','.join(value)}"


def compilers(spec: oracle.Spec) -> dict[str, dict[str, Any]]:
    """The compilers of a spec with the properties of BUILT_WITH."""
    used: dict[str, list[str]] = {}
    for language, compiler in spec["languages"].items():
        used.setdefault(compiler, []).append(language)
    if used:
        return {compiler: {"languages": tuple(sorted(found))} for compiler, found in used.items()}
    return {spec["compiler"]: {}} if spec["compiler"] else {}


def reasons(path: str, known: Verified) -> dict[str, int]:
    """Why nodes do not give their hashes, by the first reason of design and formats that fits."""
    reading = read(path)
    counted = Counter(
        _reason(node)
        for key, node in reading.nodes.items()
        if oracle.proof(key, node, reading.node_format) not in {"plain", "indented"}
    )
    assert counted.total() == known.nodes - known.plain - known.indented
    return dict(counted)


def _reason(node: oracle.Node) -> str:
    if node.get("external"):
        return "external"
    if "build_spec" in node:
        return "spliced"
    if (node.get("annotations") or {}).get("compiler"):
        return "carried over"
    if node.get("namespace") in {"builtin_mock", "builtin.mock"}:
        return "test package"
    return "rewritten by a later Spack"

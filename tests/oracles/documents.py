"""A slow, plain reading of everything Spack writes, to hold cachegraph's own readers to.

Nothing of cachegraph is used here, nor any of its fast libraries: one document at a time becomes
plain dictionaries, by the rules of Spack's formats and nothing else.
"""

import base64
import gzip
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

import yaml

FLAGS = ("cflags", "cppflags", "cxxflags", "fflags", "ldflags", "ldlibs")
LANGUAGES = ("c", "cxx", "fortran")
TYPES = ("build", "link", "run", "test")
NODE_FORMAT_OF_LOCK = {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 5, 7: 5}
NODE_FORMAT_OF_INDEX = {"6": 3, "7": 4, "8": 5}
OTHER_HASHES = ("hash", "full_hash", "build_hash")

Node = dict[str, Any]
Value = bool | str | tuple[str, ...]
Edge = tuple[tuple[str, ...], tuple[str, ...] | None]


class Spec(TypedDict):
    """One concrete spec; ``deps`` are (types, virtuals) by the child's DAG hash, both sorted.

    ``compiler`` is the first of ``languages`` or what the node or its annotations say, without
    ``=``; virtuals are None where the format has no word for them.
    """

    name: str
    version: str
    platform: str
    os: str
    target: str
    namespace: str | None
    compiler: str | None
    languages: dict[str, str]
    external: dict[str, Any] | None
    variants: dict[str, Value]
    flags: dict[str, tuple[str, ...]]
    deps: dict[str, Edge]


@dataclass(frozen=True)
class Root:
    """What was asked for, and the DAG hash that came of it."""

    hash: str
    request: str
    group: str | None = None


@dataclass(frozen=True)
class Reading:
    """All that one document says.

    ``version`` is the container's, ``entries`` counts its records; ``nodes`` are as in the file,
    but flat and with DAG hashes for references; ``members`` are what a stack made of it holds: of
    an index what is in the build cache or installed, of a spec file its root. Of two lock file
    entries with one DAG hash the first is kept; ``lost_edges`` are the pairs only the other has.
    """

    format: str
    version: int | str
    node_format: int
    entries: int
    specs: dict[str, Spec]
    members: set[str]
    nodes: dict[str, Node] = field(default_factory=dict)
    roots: list[Root] = field(default_factory=list)
    lost_edges: set[tuple[str, str]] = field(default_factory=set)
    in_buildcache: int | None = None
    included: "dict[str, Reading]" = field(default_factory=dict)


def read(path: Path) -> Reading:
    """Any lock file, index, spec file, list of specs, page, index manifest or mirror."""
    if path.is_dir():
        return _mirror(path)
    document = _parse(text(path.read_bytes()))
    if isinstance(document, dict) and "data" in document:
        return interpret(_parse(text(_blob(path, document).read_bytes())))
    return interpret(document)


def interpret(document: Any) -> Reading:
    """A parsed document, told apart by its keys."""
    if isinstance(document, list):
        return _listed("find", 5, document)
    if "database" in document:
        return _index(document["database"])
    if "concrete_specs" in document:
        return _lock(document, document["_meta"]["lockfile-version"])
    if "spec_details" in document:
        return _page(document)
    return _spec_file(document["spec"])


def text(data: bytes) -> str:
    """What compressed or clear-signed bytes hold."""
    while data.startswith(b"\x1f\x8b"):
        data = gzip.decompress(data)
    decoded = data.decode("utf-8-sig")
    if not decoded.startswith("-----BEGIN PGP SIGNED MESSAGE-----"):
        return decoded
    lines = decoded.splitlines()
    inside = lines[lines.index("") + 1 : lines.index("-----BEGIN PGP SIGNATURE-----")]
    return "\n".join(line.removeprefix("- ") for line in inside)


def _parse(content: str) -> Any:
    if content.lstrip()[:1] in {"{", "["}:
        return json.JSONDecoder().raw_decode(content.lstrip())[0]
    return next(iter(yaml.load_all(content, Loader=yaml.SafeLoader)))


# Containers -----------------------------------------------------------------------------------


def _lock(document: Mapping[str, Any], version: int) -> Reading:
    entries = {key: flat(node) for key, node in document["concrete_specs"].items()}
    dag = {key: key if version == 1 else node["hash"] for key, node in entries.items()}
    kept: dict[str, str] = {}
    for key in walk(entries, [root["hash"] for root in document["roots"]]):
        kept.setdefault(dag[key], key)
    nodes = {found: _resolved(entries[key], dag) for found, key in kept.items()}
    specs = normal(nodes)
    every = {(dag[k], dag[reference(dep)]) for k, n in entries.items() for dep in dependencies(n)}
    return Reading(
        "lock",
        version,
        NODE_FORMAT_OF_LOCK[version],
        len(entries),
        specs,
        {*nodes},
        nodes=nodes,
        lost_edges=every - pairs(specs),
        roots=[Root(dag[r["hash"]], r["spec"], r.get("group")) for r in document["roots"]],
        included={
            path: _lock(inner, version)
            for path, inner in document.get("include_concrete", {}).items()
        },
    )


def walk(entries: Mapping[str, Node], roots: Iterable[str]) -> Iterator[str]:
    """Keys as a depth-first walk from the roots meets them, then those that it does not."""
    seen: set[str] = set()
    waiting = [*reversed([*roots, *entries])]
    while waiting:
        key = waiting.pop()
        if key in entries and key not in seen:
            seen.add(key)
            yield key
            waiting += reversed([reference(dep) for dep in dependencies(entries[key])])


def _index(database: Mapping[str, Any]) -> Reading:
    version, records = database["version"], database["installs"]
    nodes = {key: _resolved(flat(record["spec"]), {}) for key, record in records.items()}
    members = {
        key
        for key, record in records.items()
        if record.get("in_buildcache", record.get("installed"))
    }
    form = NODE_FORMAT_OF_INDEX.get(version, 1)
    said = [record["in_buildcache"] for record in records.values() if "in_buildcache" in record]
    return Reading(
        "index",
        version,
        form,
        len(records),
        normal(nodes),
        members,
        nodes=nodes,
        in_buildcache=sum(said) if said else None,
    )


def _spec_file(spec: Any) -> Reading:
    if isinstance(spec, list):
        return _listed("spec", 1, spec)
    return _listed("spec", spec["_meta"]["version"], spec["nodes"])


def _listed(form: str, version: int, listed: Iterable[Node]) -> Reading:
    """A list of nodes; of a spec file the first one is the root."""
    flattened = [flat(node) for node in listed]
    dag = _hashes_by_name(flattened) if version < 3 else {}
    nodes = {node["hash"]: _resolved(node, dag) for node in flattened}
    roots = [Root(flattened[0]["hash"], "")] if form == "spec" else []
    members = {root.hash for root in roots} or {*nodes}
    specs = normal(nodes)
    return Reading(form, version, version, len(flattened), specs, members, nodes=nodes, roots=roots)


def _hashes_by_name(nodes: Iterable[Node]) -> dict[str, str]:
    """Which DAG hash a reference of an old spec file means.

    It may be any of the child's hashes; which child it is, its name says.
    """
    named = {node["name"]: node for node in nodes}
    found = {}
    for node in named.values():
        for dep in dependencies(node):
            child = named[dep["name"]]
            assert reference(dep) in [child.get(kind) for kind in OTHER_HASHES], dep
            found[reference(dep)] = child["hash"]
    return found


def _mirror(folder: Path) -> Reading:
    """A mirror by its index, or without one by the manifests of its specs."""
    index = folder / "build_cache" / "index.json"
    if index.exists():
        return read(index)
    manifests = folder / "v3" / "manifests"
    if (manifests / "index" / "index.manifest.json").exists():
        return read(manifests / "index" / "index.manifest.json")
    return manifested(folder)


def manifested(folder: Path) -> Reading:
    """A mirror of layout 3 by the manifests of its specs, its index left aside."""
    found = sorted((folder / "v3" / "manifests" / "spec").rglob("*.spec.manifest.json"))
    readings = [read(path) for path in found]
    nodes = {key: node for reading in readings for key, node in reading.nodes.items()}
    members = {key for reading in readings for key in reading.members}
    return Reading("mirror", 3, 5, len(found), normal(nodes), members, nodes=nodes)


def views(folder: Path) -> dict[str, Reading]:
    """The indices of a mirror of layout 3 by name; the one on top is ``root``."""
    manifests = folder / "v3" / "manifests" / "index"
    found = {path.parent: read(path) for path in sorted(manifests.rglob("index.manifest.json"))}
    return {"root" if p == manifests else p.name: reading for p, reading in found.items()}


def _blob(manifest: Path, document: Mapping[str, Any]) -> Path:
    """The blob of a spec or an index that a manifest names, checked."""
    folder = next(parent for parent in manifest.parents if parent.name == "v3").parent
    kinds = ("application/vnd.spack.spec.", "application/vnd.spack.db.")
    (entry,) = (entry for entry in document["data"] if entry["mediaType"].startswith(kinds))
    algorithm, checksum = entry["checksumAlgorithm"], entry["checksum"]
    path: Path = folder / "blobs" / algorithm / checksum[:2] / checksum
    data = path.read_bytes()
    assert hashlib.new(algorithm, data).hexdigest() == checksum, path
    assert len(data) == entry["contentLength"], path
    return path


# Nodes ----------------------------------------------------------------------------------------


def flat(node: Node) -> Node:
    """A node with its name inside, as formats 2 and later have it."""
    if "name" in node:
        return node
    ((name, body),) = node.items()
    return {"name": name, **body}


def dependencies(node: Node) -> list[Node]:
    """The dependencies of a flat node, each with a name."""
    found = node.get("dependencies", [])
    if isinstance(found, dict):
        return [{"name": name, **dep} for name, dep in found.items()]
    return list(found)


def reference(dep: Node) -> str:
    """What a dependency refers to its child by."""
    return str(dep.get("hash") or dep["build_hash"])


def _resolved(node: Node, dag: Mapping[str, str]) -> Node:
    """The node with a list of dependencies that refer by DAG hash."""
    if "dependencies" not in node:
        return node
    resolved = [
        dict(_by_dag(key, value, dag) for key, value in dep.items()) for dep in dependencies(node)
    ]
    return {**node, "dependencies": resolved}


def _by_dag(key: str, value: Any, dag: Mapping[str, str]) -> tuple[str, Any]:
    return ("hash", dag.get(value, value)) if key in OTHER_HASHES else (key, value)


def normal(nodes: Mapping[str, Node]) -> dict[str, Spec]:
    """Flat nodes in normal form."""
    return {key: _spec(node, nodes) for key, node in nodes.items()}


def _spec(node: Node, nodes: Mapping[str, Node]) -> Spec:
    target = node["arch"]["target"]
    languages = _languages(node, nodes)
    return Spec(
        name=node["name"],
        version=node["version"],
        platform=node["arch"]["platform"],
        os=node["arch"]["platform_os"],
        target=target["name"] if isinstance(target, dict) else target,
        namespace=node.get("namespace"),
        compiler=_compiler(node) or next(iter(languages.values()), None),
        languages=languages,
        external=node.get("external"),
        variants={n: _value(v) for n, v in node["parameters"].items() if n not in FLAGS},
        flags={name: tuple(node["parameters"].get(name, ())) for name in FLAGS},
        deps={dep["hash"]: _edge(dep) for dep in dependencies(node)},
    )


def _compiler(node: Node) -> str | None:
    if "compiler" in node:
        return f"{node['compiler']['name']}@{node['compiler']['version']}"
    said = node.get("annotations", {}).get("compiler")
    return canonical(said) if said else None


def canonical(compiler: str) -> str | None:
    """``gcc@11.4.0`` for ``gcc@=11.4.0``, and None for ``none``."""
    return None if compiler in {"", "none"} else compiler.replace("@=", "@")


def _languages(node: Node, nodes: Mapping[str, Node]) -> dict[str, str]:
    """The compilers of format 5 in the order of ``LANGUAGES``."""
    provider = {}
    for dep in dependencies(node):
        types, virtuals = _edge(dep)
        child = nodes.get(dep["hash"])
        if child and "build" in types:
            said = f"{child['name']}@{child['version']}"
            provider.update(dict.fromkeys(virtuals or (), said))
    return {language: provider[language] for language in LANGUAGES if language in provider}


def _value(value: Any) -> Value:
    if isinstance(value, list):
        return tuple(sorted(value))
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    return value if isinstance(value, bool) else str(value)


def _edge(dep: Node) -> Edge:
    if "parameters" not in dep:
        return tuple(sorted(dep["type"])), None
    parameters = dep["parameters"]
    return tuple(sorted(parameters["deptypes"])), tuple(sorted(parameters["virtuals"]))


# Pages ----------------------------------------------------------------------------------------


def _page(page: Mapping[str, Any]) -> Reading:
    """What a page tells: nothing of dependencies, recipes and flags."""
    details = page["spec_details"]
    specs = {entry["hash"]: _page_spec(page["title"], entry) for entry in details}
    return Reading("page", "", 0, len(details), specs, {*specs})


def _page_spec(name: str, entry: Mapping[str, Any]) -> Spec:
    return Spec(
        name=name,
        version=entry["versions"][0],
        platform=entry["platform"],
        os=entry["os"],
        target=entry["target"],
        namespace=None,
        compiler=canonical(entry["compiler"]),
        languages={},
        external=None,
        variants=dict(_page_variant(variant) for variant in entry["variants"]),
        flags={},
        deps={},
    )


def _page_variant(variant: str) -> tuple[str, Value]:
    if variant[0] in "+~":
        return variant.lstrip("+~"), variant[0] == "+"
    name, _, value = variant.partition("=")
    value = value.removeprefix("=").strip("'\"")
    several = name.endswith(":") or "," in value
    return name.removesuffix(":"), tuple(sorted(value.split(","))) if several else value


# Hashes ---------------------------------------------------------------------------------------


def recompute(node: Node, form: int, *, indent: bool | None = None) -> str:
    """The DAG hash of a flat node whose dependencies refer by DAG hash.

    Formats 4 and 5 are hashed as compact JSON and format 3 with an indent, unless told otherwise.
    """
    kept = {key: value for key, value in node.items() if key != "hash"}
    if form == 1:
        return digest(_flow_yaml(without_build(kept)))
    if form == 2:
        return digest(_json(without_build(kept), indent=True))
    return digest(_json(kept, indent=form == 3 if indent is None else indent))


def proof(key: str, node: Node, form: int) -> str:
    """How a hash was found again: ``plain``, ``indented``, ``restored``, or not at all.

    Early nodes of format 4 were hashed with format 3's indent.
    """
    if recompute(node, form) == key:
        return "plain"
    if form == 4 and recompute(node, form, indent=True) == key:
        return "indented"
    tried = (
        recompute(restored, form, indent=i) for restored in restore(node) for i in (None, True)
    )
    return "restored" if key in tried else ""


def restore(node: Node) -> Iterator[Node]:
    """A node as it may have been hashed, where it is known to have been rewritten later.

    Spack's own samples had the namespace ``builtin.mock``; some externals of format 5 had none;
    a spec from before 1.0 had its compiler after ``arch``, and no annotations.
    """
    if node.get("namespace") == "builtin_mock":
        node = {**node, "namespace": "builtin.mock"}
        yield node
    if "external" in node:
        yield {key: value for key, value in node.items() if key != "namespace"}
    if node.get("annotations", {}).get("compiler"):
        yield dict(_before_annotations(node))


def _before_annotations(node: Node) -> Iterator[tuple[str, Any]]:
    name, _, version = node["annotations"]["compiler"].replace("@=", "@").partition("@")
    for key, value in node.items():
        if key != "annotations":
            yield key, value
        if key == "arch":
            yield "compiler", {"name": name, "version": version}


def digest(hashed: str) -> str:
    """Spack's spelling of a SHA-1."""
    return base64.b32encode(hashlib.sha1(hashed.encode()).digest()).decode().lower()


def _json(node: Node, *, indent: bool) -> str:
    if indent:
        return json.dumps(node, indent=2, separators=(",", ": "))
    return json.dumps(node, separators=(",", ":"))


def _flow_yaml(node: Node) -> str:
    body = {key: value for key, value in node.items() if key != "name"}
    if "dependencies" in body:
        body["dependencies"] = {
            dep["name"]: {"hash": dep["hash"], "type": dep["type"]} for dep in body["dependencies"]
        }
    dumped = yaml.dump(
        {node["name"]: body}, default_flow_style=True, sort_keys=False, width=sys.maxsize
    )
    return str(dumped)


def without_build(node: Node) -> Node:
    """What a hash covered before 0.18: no recipe, and no dependency that only builds."""
    kept = {k: v for k, v in node.items() if k not in {*OTHER_HASHES, "package_hash"}}
    kept["dependencies"] = [
        dep for dep in dependencies(node) if {"link", "run"}.intersection(dep["type"])
    ]
    if not kept["dependencies"]:
        del kept["dependencies"]
    return kept


# Counting -------------------------------------------------------------------------------------


def look(spec: Spec) -> tuple[object, ...]:
    """What near-duplicates have in common: all that can be seen but dependencies and recipe."""
    flags = tuple((name, value) for name, value in sorted(spec["flags"].items()) if value)
    arch = (spec["platform"], spec["os"], spec["target"])
    variants = tuple(sorted(spec["variants"].items()))
    return (spec["name"], spec["version"], variants, flags, spec["compiler"], arch)


def pairs(specs: Mapping[str, Spec]) -> set[tuple[str, str]]:
    """Parents with children, by hash."""
    return {(parent, child) for parent, spec in specs.items() for child in spec["deps"]}


def near_duplicates(specs: Mapping[str, Spec]) -> list[set[str]]:
    """Hashes of specs that look the same, where there are several."""
    groups: dict[tuple[object, ...], set[str]] = {}
    for key, spec in specs.items():
        groups.setdefault(look(spec), set()).add(key)
    return [group for group in groups.values() if len(group) > 1]


def count(reading: Reading) -> dict[str, Any]:
    """The numbers that a row of the known answers has, by its field names."""
    specs = [*reading.specs.values()]
    edges = [edge for spec in specs for edge in spec["deps"].values()]
    types = Counter(deptype for found, _ in edges for deptype in found)
    groups = near_duplicates(reading.specs)
    return {
        "format": reading.format,
        "version": reading.version,
        "entries": reading.entries,
        "specs": len(specs),
        "packages": len({spec["name"] for spec in specs}),
        "package_versions": len({(spec["name"], spec["version"]) for spec in specs}),
        "compilers": len({spec["compiler"] for spec in specs} - {None}),
        "operating_systems": tuple(sorted({spec["os"] for spec in specs})),
        "targets": tuple(sorted({spec["target"] for spec in specs})),
        "edges": len(edges) + len(reading.lost_edges),
        "kept_edges": len(edges),
        "groups": len(groups),
        "grouped": sum(map(len, groups)),
        "roots": len(reading.roots),
        "distinct_roots": len({root.hash for root in reading.roots}),
        "externals": sum(spec["external"] is not None for spec in specs),
        "without_compiler": sum(spec["compiler"] is None for spec in specs),
        "in_buildcache": reading.in_buildcache,
        "members": len(reading.members),
        **{deptype: types[deptype] for deptype in TYPES},
        "virtual": sum(bool(virtuals) for _, virtuals in edges),
    }

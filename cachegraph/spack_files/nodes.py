"""The nodes of specs as a lock file has them, each proved by its DAG hash.

A graph does not keep all of a node: of externals not their extra attributes, of a target not its
description, of a variant with one value not whether it may have several, of patches not their
order. So a node is taken from the document that it was imported from, if that is still there
unchanged; else it is put together from the graph, and counts only if it has the right hash.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice, product
from pathlib import Path
from typing import Any

import orjson

from cachegraph.errors import CacheGraphError
from cachegraph.model.graph import Handle, SpecGraph, relationships
from cachegraph.model.schema import DEPENDS_ON, RECORDED_IN, SOURCE, SPEC
from cachegraph.model.spec import FLAGS, variant_name
from cachegraph.reading.decompress import decompress
from cachegraph.sources.dag_hash import check_hash
from cachegraph.sources.formats import Node

FORMAT = 5
"""The format of nodes in a lock file of version 6."""
_PROPERTIES = (
    *("hash", "package", "version", "variants", "flags", "platform", "os", "target"),
    *("namespace", "package_hash", "provides", "external", "specfile_version"),
)
_MOST_TRIED = 1 << 12
_LARGEST = 1 << 30


def lock_nodes(graph: SpecGraph, specs: Iterable[Handle]) -> dict[str, Node]:
    """The nodes of the specs by hash; those whose hash cannot be reproduced are left out."""
    ordered = [*specs]
    values = graph.values(SPEC, ordered, _PROPERTIES)
    known = {
        s: dict(zip(_PROPERTIES, v, strict=True)) for s, v in zip(ordered, values, strict=True)
    }
    known = {s: row for s, row in known.items() if row["specfile_version"] == FORMAT}
    found: dict[str, Node] = {}
    for hash_, node in _documented(graph, {*known}):
        if _is_proved(node, hash_):
            found.setdefault(hash_, {**node, "hash": hash_})
    missing = [spec for spec, row in known.items() if row["hash"] not in found]
    dependencies = _dependencies(graph, missing)
    for spec in missing:
        hash_ = known[spec]["hash"]
        for node in islice(_possible(known[spec], dependencies[spec]), _MOST_TRIED):
            if _is_proved(node, hash_):
                found[hash_] = {**node, "hash": hash_}
                break
    return found


def _is_proved(node: Node, hash_: str) -> bool:
    """Whether a node has the hash."""
    return check_hash(node, hash_, FORMAT).verified is True


# From the documents that were imported


def _documented(graph: SpecGraph, specs: set[Handle]) -> Iterator[tuple[str, Node]]:
    """The nodes of specs in the files that record them and are as they were when imported."""
    wanted = {hash_ for (hash_,) in graph.values(SPEC, specs, ("hash",))}
    sources = [*graph.ends_of(RECORDED_IN, specs)]
    for location, digest in graph.values(SOURCE, sources, ("location", "digest")):
        for hash_, node in _nodes_in(Path(location), digest):
            if hash_ in wanted and isinstance(node, dict):
                yield hash_, {name: value for name, value in node.items() if name != "hash"}


def _nodes_in(path: Path, digest: str) -> Iterator[tuple[str, Any]]:
    """The nodes of a lock file or an index, if the file still has that digest."""
    with suppress(OSError, ValueError, CacheGraphError):
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() == digest:
            document = orjson.loads(decompress(str(path), data, _LARGEST))
            yield from _in_lock_file(document)
            for hash_, install in document.get("database", {}).get("installs", {}).items():
                yield hash_, install["spec"]


def _in_lock_file(lock: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from lock.get("concrete_specs", {}).items()
    for included in lock.get("include_concrete", {}).values():
        yield from _in_lock_file(included)


# From the graph


def _dependencies(graph: SpecGraph, specs: list[Handle]) -> Mapping[Handle, list[Node]]:
    """The dependencies of specs as nodes have them, sorted by name."""
    found: defaultdict[Handle, list[Node]] = defaultdict(list)
    uses = [*relationships(graph, DEPENDS_ON, specs)]
    ends = [end for _, end, _ in uses]
    names = graph.values(SPEC, ends, ("package", "hash"))
    for (spec, _, (deptypes, virtuals)), (name, hash_) in zip(uses, names, strict=True):
        purpose = {"deptypes": [*(deptypes or ())], "virtuals": [*(virtuals or ())]}
        found[spec].append({"name": name or "", "hash": hash_, "parameters": purpose})
    for some in found.values():
        some.sort(key=lambda one: (one["name"], one["hash"]))
    return found


def _possible(row: Mapping[str, Any], dependencies: list[Node]) -> Iterator[Node]:
    """What the node of a spec may have been, by what the graph knows of it."""
    if row["external"] or row["flags"] or row["provides"]:
        return  # how these are written is not known well enough
    variants = [(variant_name(text), text) for text in row["variants"] or ()]
    for values in product(*(_values(text) for _, text in variants)):
        parameters = dict(sorted(zip((name for name, _ in variants), values, strict=True)))
        patches = parameters.get("patches")
        yield {
            "name": row["package"],
            "version": row["version"],
            "arch": {
                "platform": row["platform"],
                "platform_os": row["os"],
                "target": row["target"],
            },
            "namespace": row["namespace"],
            "parameters": {**parameters, **{flag: [] for flag in FLAGS}},
            **({"patches": patches} if patches else {}),
            "package_hash": row["package_hash"],
            **({"dependencies": dependencies} if dependencies else {}),
            "annotations": {"original_specfile_version": FORMAT},
        }


def _values(variant: str) -> list[Any]:
    """The values that a variant in normal form may have had; one value may be one of a list."""
    name, equal, value = variant.partition("=")
    if not equal:
        return [variant[0] == "+"]
    values = value.split(",")
    return [values] if len(values) > 1 or name == "patches" else [value, values]

"""The forms that a spec node had before a later Spack, or a tool, wrote it anew.

A DAG hash is computed once, and later files keep it although they write the node in another way.
So a hash that the node itself does not give is proved if one of these forms gives it.
"""

import json
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from cachegraph.model.spec import FLAGS, REWRITTEN
from cachegraph.sources.formats import (
    FLAT,
    HASHED_WHOLE,
    WITH_COMPILER_NODES,
    WITH_PARAMETERS,
    WITH_PROVIDED,
    Node,
)

EXTERNAL = "external"
SPLICED = "spliced"
CARRIED_OVER = "carried over"
TEST_PACKAGE = "test package"
SORTED = "keys sorted"

# When Spack's test packages were hashed, their namespace was still the first of these.
HASHED_MOCK, MOCK = "builtin.mock", "builtin_mock"

# The order in which Spack writes the fields of a node and of the objects in it.
_NODE = (
    *("name", "version", "arch", "compiler", "namespace", "parameters", "external", "patches"),
    *("package_hash", "provided_virtuals", "dependencies", "build_spec", "annotations"),
)
_NESTED = {
    "arch": ("platform", "platform_os", "target"),
    "target": ("name", "vendor", "features", "generation", "parents", "cpupart"),
    "compiler": ("name", "version"),
    "external": ("path", "module", "extra_attributes"),
    "annotations": ("original_specfile_version", "compiler"),
    "build_spec": ("name", "hash"),
}
_DEPENDENCY = ("name", "hash", "build_hash", "type", "parameters")


class EarlierForm(NamedTuple):
    """A node as it may have been when it was hashed."""

    reason: str
    """Why the node differs from this form; empty for the node as it is."""
    node: Node
    version: int
    """The spec format of this form."""


def earlier_forms(node: Node, version: int) -> Iterator[EarlierForm]:
    """The forms that a node may have had; the node as it is comes first."""
    reason, node = _in_order(node)
    for with_targets in (False, True):
        for form in _in_earlier_formats(reason, node, version):
            for one in _with_other_targets(form) if with_targets else (form,):
                yield one
                yield from _with_earlier_namespaces(one)


def _in_order(node: Node) -> tuple[str, Node]:
    """The node, with its keys in Spack's order; the reason is ``SORTED`` if they were sorted."""
    # A node of format 1 has its name from its key: the first field, whatever the order.
    others = [name for name in node if name != "name"]
    if others != sorted(others) or not {"arch", "version"} <= {*others}:
        return "", node
    ordered = _ordered(node, _NODE)
    for name, fields in _NESTED.items():
        parent = ordered.get("arch") if name == "target" else ordered
        if isinstance(parent, dict) and isinstance(parent.get(name), dict):
            parent[name] = _ordered(parent[name], fields)
    parameters = node.get("parameters") or {}
    variants = {name: value for name, value in parameters.items() if name not in FLAGS}
    ordered["parameters"] = variants | {n: parameters[n] for n in FLAGS if n in parameters}
    # In format 1 dependencies are an object, whose order is the same.
    if isinstance(node.get("dependencies"), list):
        uses = [_ordered(dependency, _DEPENDENCY) for dependency in node["dependencies"]]
        ordered["dependencies"] = uses
    return SORTED, ordered


def _ordered(fields: Node, order: Iterable[str]) -> dict[str, Any]:
    """The fields in an order; unknown ones come last."""
    return {name: fields[name] for name in (*order, *fields) if name in fields}


def _in_earlier_formats(reason: str, node: Node, version: int) -> Iterator[EarlierForm]:
    """The node in its own format, then in the earlier ones from which it may be carried over."""
    yield EarlierForm(reason, node, version)
    reason = reason or CARRIED_OVER
    annotations = node.get("annotations") or {}
    if version >= WITH_PROVIDED and "provided_virtuals" in node:
        node = {name: value for name, value in node.items() if name != "provided_virtuals"}
        yield EarlierForm(reason, node, WITH_COMPILER_NODES)
    if version >= WITH_COMPILER_NODES:
        if not annotations.get("compiler"):
            return
        node = _before_format_5(node)
        yield EarlierForm(reason, node, WITH_PARAMETERS)
    if version >= WITH_PARAMETERS:
        node = _before_format_4(node)
        yield EarlierForm(reason, node, HASHED_WHOLE)
    if version >= HASHED_WHOLE:
        yield EarlierForm(reason, node, FLAT)


def _before_format_5(node: Node) -> dict[str, Any]:
    """A node as before Spack 1.0: with a compiler after its arch, and no ``direct`` dependencies.

    Since June 2025 Spack writes ``direct`` on all dependencies of a node that is carried over.
    """
    name, _, version = node["annotations"]["compiler"].partition("@")
    before: dict[str, Any] = {}
    for field, value in node.items():
        if field == "dependencies":
            before[field] = [_without_direct(dependency) for dependency in value]
        elif field != "annotations":
            before[field] = value
        if field == "arch":
            before["compiler"] = {"name": name, "version": version.removeprefix("=")}
    return before


def _without_direct(dependency: Node) -> Node:
    parameters = dependency.get("parameters") or {}
    if "direct" not in parameters:
        return dependency
    return {**dependency, "parameters": {n: v for n, v in parameters.items() if n != "direct"}}


def _before_format_4(node: Node) -> dict[str, Any]:
    """A node as before Spack 0.21: its dependencies have types and no parameters."""
    if "dependencies" not in node:
        return {**node}
    uses = [
        {"name": one["name"], "hash": one["hash"], "type": one["parameters"]["deptypes"]}
        for one in node["dependencies"]
    ]
    return {**node, "dependencies": uses}


def _with_other_targets(form: EarlierForm) -> Iterator[EarlierForm]:
    """The node with the descriptions that other releases of archspec give of its target."""
    arch = form.node["arch"]
    if isinstance(arch.get("target"), dict):
        for target in _other_descriptions(json.dumps(arch["target"])):
            node = {**form.node, "arch": {**arch, "target": target}}
            yield EarlierForm(form.reason or REWRITTEN, node, form.version)


@lru_cache(maxsize=1 << 8)
def _other_descriptions(description: str) -> list[dict[str, Any]]:
    """The descriptions that archspec has had of a target, from any of them as JSON."""
    target = json.loads(description)
    history = _target_history().get(target["name"], {})
    others = set()
    for features, parents in _features_and_parents(target, history):
        # Since September 2025 archspec adds sse3 to targets with ssse3.
        for known in (features, features - {"sse3"}, features | {"sse3"}):
            if known == features or "ssse3" in features:
                others.add((tuple(sorted(known)), tuple(parents)))
    parts = {None, "", target.get("cpupart"), history.get("cpupart")}
    bare = {name: value for name, value in target.items() if name != "cpupart"}
    return [
        {**bare, "features": features, "parents": parents}
        | ({} if part is None else {"cpupart": part})
        for features, parents in sorted(others)
        for part in parts
    ]


def _features_and_parents(
    target: Node, history: Node
) -> Iterator[tuple[frozenset[str], list[str]]]:
    """The features and parents of a target in the descriptions that archspec has had of it."""
    features, parents = frozenset(target.get("features") or ()), target.get("parents") or []
    newest: list[tuple[frozenset[str], list[str]]] = [(features, parents)]
    changes = history.get("earlier", ())
    for change in changes:
        lacks, has = {*change.get("lacks", ())}, {*change.get("has", ())}
        if has <= features and lacks.isdisjoint(features):
            newest.append((features - has | lacks, history.get("parents", parents)))
    for features, parents in newest:
        yield features, parents
        for change in changes:
            earlier = features.difference(change.get("lacks", ())).union(change.get("has", ()))
            yield earlier, change.get("parents", parents)


@cache
def _target_history() -> dict[str, Any]:
    """The changes of archspec's descriptions of targets, by target: facts since January 2020.

    ``cpupart`` and ``parents`` are those of the newest description; each of ``earlier`` has what
    an earlier one lacked (``lacks``) or had besides (``has``), and its other ``parents``.
    """
    path = Path(__file__).with_name("target_history.json")
    history: dict[str, Any] = json.loads(path.read_bytes())
    return history


def _with_earlier_namespaces(form: EarlierForm) -> Iterator[EarlierForm]:
    """The node in the namespace that it had, and an external without one.

    Spack 1.0 and 1.1 hash externals that they detect before they know the namespace.
    """
    reason, node, version = form
    if node.get("namespace") == MOCK:
        reason, node = reason or TEST_PACKAGE, {**node, "namespace": HASHED_MOCK}
        yield EarlierForm(reason, node, version)
    if node.get("external"):
        bare = {field: value for field, value in node.items() if field != "namespace"}
        yield EarlierForm(reason or EXTERNAL, bare, version)

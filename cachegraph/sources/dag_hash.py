"""Recomputes the DAG hash of a spec node, whose fields must be in the order of the source.

Until Spack 0.17 a hash covered link and run dependencies but no recipe; since 0.18 it covers the
whole node.
"""

import hashlib
from base64 import b32encode
from collections.abc import Callable, Set
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from cachegraph.sources.formats import FLAT, HASHED_WHOLE, WITH_PARAMETERS, Node, dependency_list

_NOT_HASHED = frozenset({"hash", "full_hash", "build_hash", "package_hash"})
_DEPTYPES = frozenset({"link", "run"})
# When Spack's test packages were hashed, their namespace was still the first of these.
_HASHED_MOCK, _MOCK = "builtin.mock", "builtin_mock"
# A spliced spec's hash ends in this many characters of the hash of its build spec.
_SPLICED_LENGTH = 7

EXTERNAL = "external"
SPLICED = "spliced"
CARRIED_OVER = "carried over"
TEST_PACKAGE = "test package"

# The DAG hash that a dependency refers to, from its name and its fields in an old node.
Resolve = Callable[[str, Node], str]


class HashCheck(NamedTuple):
    """Whether the recomputed hash is the DAG hash; if not, why it may differ, and what it is.

    With a reason and nothing recomputed, the DAG hash is that of an earlier form of the node.
    """

    verified: bool | None
    recomputed: str | None = None
    reason: str | None = None


_VERIFIED = HashCheck(verified=True)


def check_hash(node: Node, expected: str, version: int) -> HashCheck:
    """Compares the hash of a node of formats 3 to 5, without its ``hash``, with the expected."""
    text = _to_json(node, indented=version == HASHED_WHOLE)
    recomputed = _hash(text)
    if recomputed == expected:
        return _VERIFIED
    # Spack 0.18 to 0.20 wrote formats 3 and early 4 with line ends.
    if version <= WITH_PARAMETERS:
        other_text = _to_json(node, indented=version != HASHED_WHOLE)
        if _hash(other_text) == expected:
            return _VERIFIED
    return _explain(node, expected, recomputed)


def _to_json(node: Node, *, indented: bool) -> bytes:
    text = orjson.dumps(node, option=orjson.OPT_INDENT_2 if indented else 0)
    if text.isascii():
        return text
    import json

    # Spack escapes what is not ASCII; orjson does not.
    separators = (",", ": ") if indented else (",", ":")
    return json.dumps(node, indent=2 if indented else None, separators=separators).encode()


def _hash(text: bytes) -> str:
    return b32encode(hashlib.sha1(text, usedforsecurity=False).digest()).decode().lower()


def _explain(node: Node, expected: str, recomputed: str) -> HashCheck:
    """Why the hash of a node may differ; proved if an earlier form of the node has the hash."""
    is_external, is_spliced = bool(node.get("external")), "build_spec" in node
    earlier: Node = node
    reasons = []
    if is_external:
        reasons.append(EXTERNAL)
    if is_spliced:
        reasons.append(SPLICED)
    if (node.get("annotations") or {}).get("compiler"):
        reasons.append(CARRIED_OVER)
        earlier = _before_format_5(earlier)
    if node.get("namespace") == _MOCK:
        reasons.append(TEST_PACKAGE)
        earlier = {**earlier, "namespace": _HASHED_MOCK}
    hashes = [_hash(_to_json(earlier, indented=False))]
    if is_external:
        # Spack 1.0 and 1.1 hash externals that they detect before they know the namespace.
        bare = {field: value for field, value in earlier.items() if field != "namespace"}
        hashes.append(_hash(_to_json(bare, indented=False)))
    if is_spliced:
        ending = str(node["build_spec"]["hash"])[-_SPLICED_LENGTH:]
        hashes += [hash_[:-_SPLICED_LENGTH] + ending for hash_ in hashes]
    proved = bool(reasons) and expected in hashes
    return HashCheck(False, None if proved else recomputed, reasons[0] if reasons else None)


def _before_format_5(node: Node) -> dict[str, Any]:
    """A node as it was before Spack 1.0 carried it over: with a compiler after its arch."""
    name, _, version = node["annotations"]["compiler"].partition("@")
    compiler = {"name": name, "version": version.removeprefix("=")}
    before: dict[str, Any] = {}
    for field, value in node.items():
        if field != "annotations":
            before[field] = value
        if field == "arch":
            before["compiler"] = compiler
    return before


def check_old_hash(
    name: str, node: Node, expected: str, version: int, resolve: Resolve
) -> HashCheck:
    """Compares the hash of a node of formats 1 or 2, which has a ``name``, with the expected."""
    hashed = {field: value for field, value in node.items() if field not in _NOT_HASHED}
    hashes = _old_hashes(name, hashed, version, resolve)
    if expected in hashes:
        return _VERIFIED
    if hashed.get("namespace") == _MOCK:
        hashed["namespace"] = _HASHED_MOCK
        proved = expected in _old_hashes(name, hashed, version, resolve)
        return HashCheck(False, None if proved else hashes[0], TEST_PACKAGE)
    return HashCheck(False, hashes[0], EXTERNAL if node.get("external") else None)


def has_build_hash(name: str, node: Node, expected: str, version: int) -> bool:
    """Whether a built node of formats 1 or 2 has this build hash, which covers build dependencies.

    Its dependencies must be referred to by build hash.
    """

    def resolve(_: str, dependency: Node) -> str:
        return str(dependency.get("build_hash") or dependency["hash"])

    hashed = {field: value for field, value in node.items() if field not in _NOT_HASHED}
    if hashed.get("namespace") == _MOCK:
        hashed["namespace"] = _HASHED_MOCK
    return expected in _old_hashes(name, hashed, version, resolve, _DEPTYPES | {"build"})


def _old_hashes(
    name: str, node: Node, version: int, resolve: Resolve, deptypes: Set[str] = _DEPTYPES
) -> tuple[str, ...]:
    """The hashes that a node may have: Spack may have hashed one of format 2 as format 1."""
    reference = "build_hash" if "build" in deptypes else "hash"
    flat, by_name = [], {}
    for dependency in dependency_list(node):
        child, types = dependency["name"], dependency["type"]
        if not deptypes.isdisjoint(types):
            hash_ = resolve(child, dependency)
            flat.append({"name": child, reference: hash_, "type": types})
            by_name[child] = {"hash": hash_, "type": types}
    nameless = {field: value for field, value in node.items() if field != "name"}
    yaml = _flow({name: _with_dependencies(nameless, by_name)})
    hash_of_yaml = _hash(f"{yaml}\n".encode())
    if version != FLAT:
        return (hash_of_yaml,)
    return _hash(_to_json(_with_dependencies(node, flat), indented=True)), hash_of_yaml


def _with_dependencies(node: Node, dependencies: Any) -> dict[str, Any]:
    """The node with these dependencies in the place of its own: the order of fields counts."""
    fields = {**node, "dependencies": dependencies} if "dependencies" in node else {**node}
    if not dependencies:
        fields.pop("dependencies", None)
    return fields


def _flow(value: Any) -> str:
    """A value as PyYAML writes it on one line; its own emitter takes some thirty times as long."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_scalar(k)}: {_flow(v)}' for k, v in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    return _scalar(value)


@lru_cache(maxsize=1 << 14, typed=True)
def _scalar(value: Any) -> str:
    import yaml

    written = yaml.safe_dump([value], default_flow_style=True, width=1 << 30)
    return str(written)[1:-2]

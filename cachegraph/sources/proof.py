"""DAG hashes, recomputed from what a source says of a node, in the order in which it says it.

Until Spack 0.17 a hash covered link and run dependencies and no recipe; after it, the whole node.
"""

import hashlib
from base64 import b32encode
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

_INDENT = orjson.OPT_INDENT_2
_NOT_HASHED = frozenset({"hash", "full_hash", "build_hash", "package_hash"})
_COVERED = frozenset({"link", "run"})
_OLD = 2
_EARLY = 3
_KEPT = 7  # characters at the end of a spliced spec's hash, which are those of its build spec

EXTERNAL = "external"
SPLICED = "spliced"
CARRIED_OVER = "carried over"
TEST_PACKAGE = "test package"

# From a dependency, as a node of the old formats has it, to the DAG hash of the other node.
Resolve = Callable[[str, Mapping[str, Any]], str]


class Proof(NamedTuple):
    """Whether a node gives its DAG hash; and if not, why it need not, and what it gives.

    With a reason and nothing recomputed, the hash is that of the node in an earlier form.
    """

    verified: bool | None
    recomputed: str | None = None
    reason: str | None = None


def proof(node: Mapping[str, Any], expected: str, version: int) -> Proof:
    """Holds a node of formats 3 to 5, given without its hash, against the DAG hash expected."""
    text = _text(node, version == _EARLY)
    found = _hash(text)
    if found == expected:
        return _PROVED
    # Spack 0.18 to 0.20 wrote formats 3 and early 4 with line ends.
    if version <= 4 and _hash(_text(node, version != _EARLY)) == expected:  # noqa: PLR2004
        return _PROVED
    return _explained(node, expected, found)


_PROVED = Proof(verified=True)


def _text(node: Mapping[str, Any], indented: bool) -> bytes:
    text = orjson.dumps(node, option=_INDENT if indented else 0)
    if text.isascii():
        return text
    import json

    # Spack escapes what is not ASCII; orjson does not.
    separators = (",", ": ") if indented else (",", ":")
    return json.dumps(node, indent=2 if indented else None, separators=separators).encode()


def _hash(text: bytes) -> str:
    return b32encode(hashlib.sha1(text, usedforsecurity=False).digest()).decode().lower()


def _explained(node: Mapping[str, Any], expected: str, found: str) -> Proof:
    """Why the hash of a node may be another, shown by a form that has the hash if possible."""
    reason = None
    earlier = found
    annotations = node.get("annotations") or {}
    if node.get("external"):
        reason = EXTERNAL
        # Spack 1.0 and 1.1 hash what they find themselves before they know its namespace.
        earlier = _hash(_text({k: v for k, v in node.items() if k != "namespace"}, indented=False))
    elif "build_spec" in node:
        reason = SPLICED
        earlier = found[:-_KEPT] + str(node["build_spec"]["hash"])[-_KEPT:]
    if annotations.get("compiler"):
        reason = reason or CARRIED_OVER
        if earlier != expected:
            earlier = _hash(_text(_before_format_5(node), indented=False))
    if reason is None and str(node.get("namespace")).endswith("mock"):
        reason = TEST_PACKAGE
    return Proof(False, None if reason and earlier == expected else found, reason)


def _before_format_5(node: Mapping[str, Any]) -> dict[str, Any]:
    """A node as it was before Spack 1.0 carried it over: with a compiler beside its arch."""
    name, _, version = node["annotations"]["compiler"].partition("@")
    compiler = {"name": name, "version": version.removeprefix("=")}
    before: dict[str, Any] = {}
    for field, value in node.items():
        if field != "annotations":
            before[field] = value
        if field == "arch":
            before["compiler"] = compiler
    return before


def old_proof(
    name: str, node: Mapping[str, Any], expected: str, version: int, resolve: Resolve
) -> Proof:
    """Holds a node of formats 1 or 2 against the DAG hash expected."""
    covered = {field: value for field, value in node.items() if field not in _NOT_HASHED}
    needed = _needed(covered.get("dependencies"), version, resolve)
    if needed:
        covered["dependencies"] = needed  # where it was: the order counts
    else:
        covered.pop("dependencies", None)
    if version == _OLD:
        text = _text(covered, indented=True)
    else:
        text = f"{_flow({name: covered})}\n".encode()
    found = _hash(text)
    if found == expected:
        return _PROVED
    reason = EXTERNAL if node.get("external") else None
    if reason is None and str(node.get("namespace")).endswith("mock"):
        reason = TEST_PACKAGE
    return Proof(False, found, reason)


def _needed(dependencies: Any, version: int, resolve: Resolve) -> Any:
    """The dependencies that an old hash covers, in the shape in which it does."""
    if version == _OLD:
        return [
            {"name": d["name"], "hash": resolve(d["name"], d), "type": d["type"]}
            for d in dependencies or ()
            if not _COVERED.isdisjoint(d["type"])
        ]
    return {
        name: {"hash": resolve(name, d), "type": d["type"]}
        for name, d in (dependencies or {}).items()
        if not _COVERED.isdisjoint(d["type"])
    }


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

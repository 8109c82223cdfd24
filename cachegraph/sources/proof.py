"""DAG hashes, recomputed from what a source says of a node, in the order in which it says it.

Until Spack 0.17 a hash covered link and run dependencies and no recipe; after it, the whole node.
"""

import hashlib
from base64 import b32encode
from collections.abc import Callable, Mapping, Set
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

_INDENT = orjson.OPT_INDENT_2
_NOT_HASHED = frozenset({"hash", "full_hash", "build_hash", "package_hash"})
_COVERED = frozenset({"link", "run"})
_BUILDING = _COVERED | {"build"}
_OLD = 2
_EARLY = 3
# Spack's test packages were hashed while their namespace still was the first of these.
_HASHED_MOCK, _MOCK = "builtin.mock", "builtin_mock"
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
    external = bool(node.get("external"))
    carried = bool((node.get("annotations") or {}).get("compiler"))
    earlier: Mapping[str, Any] = node
    reasons = []
    if external:
        reasons.append(EXTERNAL)
    if "build_spec" in node:
        reasons.append(SPLICED)
    if carried:
        reasons.append(CARRIED_OVER)
        earlier = _before_format_5(earlier)
    if node.get("namespace") == _MOCK:
        reasons.append(TEST_PACKAGE)
        earlier = {**earlier, "namespace": _HASHED_MOCK}
    forms = [_hash(_text(earlier, indented=False))]
    if external:
        # Spack 1.0 and 1.1 hash what they find themselves before they know its namespace.
        bare = {field: value for field, value in earlier.items() if field != "namespace"}
        forms.append(_hash(_text(bare, indented=False)))
    if "build_spec" in node:
        kept = str(node["build_spec"]["hash"])[-_KEPT:]
        forms += [form[:-_KEPT] + kept for form in forms]
    proved = bool(reasons) and expected in forms
    return Proof(False, None if proved else found, reasons[0] if reasons else None)


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
    """Holds a node of formats 1 or 2, which has a ``name``, against the DAG hash expected."""
    covered = {field: value for field, value in node.items() if field not in _NOT_HASHED}
    found = _old_hashes(name, covered, version, resolve)
    if expected in found:
        return _PROVED
    if covered.get("namespace") == _MOCK:
        covered["namespace"] = _HASHED_MOCK
        proved = expected in _old_hashes(name, covered, version, resolve)
        return Proof(False, None if proved else found[0], TEST_PACKAGE)
    return Proof(False, found[0], EXTERNAL if node.get("external") else None)


def gives_build_hash(name: str, node: Mapping[str, Any], expected: str, version: int) -> bool:
    """Whether a built node of formats 1 or 2 has this build hash, which covers all that builds it.

    Its dependencies refer by build hash.
    """

    def resolve(_: str, said: Mapping[str, Any]) -> str:
        return str(said.get("build_hash") or said["hash"])

    covered = {field: value for field, value in node.items() if field not in _NOT_HASHED}
    if covered.get("namespace") == _MOCK:
        covered["namespace"] = _HASHED_MOCK
    return expected in _old_hashes(name, covered, version, resolve, _BUILDING)


def _old_hashes(
    name: str,
    covered: Mapping[str, Any],
    version: int,
    resolve: Resolve,
    deptypes: Set[str] = _COVERED,
) -> tuple[str, ...]:
    """What a node gives; one of format 2 may have been hashed as if it were of format 1."""
    listed = covered.get("dependencies") or ()
    if isinstance(listed, dict):
        listed = [{"name": other, **said} for other, said in listed.items()]
    reference = "build_hash" if "build" in deptypes else "hash"
    needed = [
        {"name": said["name"], reference: resolve(said["name"], said), "type": said["type"]}
        for said in listed
        if not deptypes.isdisjoint(said["type"])
    ]
    by_name = {said["name"]: {"hash": said[reference], "type": said["type"]} for said in needed}
    nameless = {field: value for field, value in covered.items() if field != "name"}
    flow = _hash(f"{_flow({name: _with(nameless, by_name)})}\n".encode())
    if version != _OLD:
        return (flow,)
    return _hash(_text(_with(covered, needed), indented=True)), flow


def _with(covered: Mapping[str, Any], dependencies: Any) -> dict[str, Any]:
    """The fields with these dependencies in the place of theirs: the order counts."""
    return {
        field: dependencies if field == "dependencies" else value
        for field, value in covered.items()
        if field != "dependencies" or dependencies
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

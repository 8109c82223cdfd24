"""Recomputes the DAG hash of a spec node, whose fields must be in the order of the source.

Until Spack 0.17 a hash covered link and run dependencies but no recipe; since 0.18 it covers the
whole node.
"""

import hashlib
from base64 import b32encode
from collections.abc import Callable, Iterator, Set
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from cachegraph.errors import quoted
from cachegraph.model.spec import REWRITTEN
from cachegraph.sources.earlier_forms import (
    CARRIED_OVER,
    EXTERNAL,
    HASHED_MOCK,
    MOCK,
    SORTED,
    SPLICED,
    TEST_PACKAGE,
    EarlierForm,
    earlier_forms,
)
from cachegraph.sources.formats import (
    FLAT,
    HASHED_WHOLE,
    WITH_COMPILER_NODES,
    WITH_PARAMETERS,
    Node,
    dependency_list,
)

_NOT_HASHED = frozenset({"hash", "full_hash", "build_hash", "package_hash"})
_DEPTYPES = frozenset({"link", "run"})
# A spliced spec's hash ends in this many characters of the hash of its build spec.
_SPLICED_LENGTH = 7
# The digits of a DAG hash as those that Python reads a number with.
_DIGITS = str.maketrans("abcdefghijklmnopqrstuvwxyz234567", "0123456789abcdefghijklmnopqrstuv")

# The DAG hash that a dependency refers to, from its name and its fields in an old node.
Resolve = Callable[[str, Node], str]


class HashCheck(NamedTuple):
    """Whether the recomputed hash is the DAG hash; if not, why it may differ, and what it is.

    With a reason and nothing recomputed, the DAG hash is that of an earlier form of the node.
    """

    verified: bool | None
    recomputed: str | None = None
    reason: str | None = None
    target: Any = None
    """The target as it was when its description was hashed, if the node has a later one."""


_VERIFIED = HashCheck(verified=True)


def check_hash(node: Node, expected: str, version: int) -> HashCheck:
    """Compares the hash of a node of formats 3 to 6, without its ``hash``, with the expected."""
    text = _to_json(node, indented=version == HASHED_WHOLE)
    # As numbers: Python writes base 32 so slowly that it takes twice as long as the sha1.
    digest = hashlib.sha1(text, usedforsecurity=False).digest()
    if int(expected.translate(_DIGITS), 32) == int.from_bytes(digest):
        return _VERIFIED
    # Spack 0.18 to 0.20 wrote formats 3 and early 4 with line ends.
    if version <= WITH_PARAMETERS:
        other_text = _to_json(node, indented=version != HASHED_WHOLE)
        if _hash(other_text) == expected:
            return _VERIFIED
    return _explain(node, version, expected, _hash(text))


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


def _explain(node: Node, version: int, expected: str, recomputed: str) -> HashCheck:
    """Why the hash of a node may differ; proved if an earlier form of the node has the hash."""
    spliced = node.get("build_spec")
    ending = str(spliced["hash"])[-_SPLICED_LENGTH:] if spliced else ""
    for form in earlier_forms(node, version):
        for hash_ in _hashes_of(form):
            if hash_ == expected or (ending and hash_[:-_SPLICED_LENGTH] + ending == expected):
                return _proved(form, node)
    return HashCheck(False, recomputed, next(_possible_reasons(node), None))


def _proved(form: EarlierForm, node: Node) -> HashCheck:
    """The check of a node whose DAG hash is that of an earlier form."""
    told = form.reason if form.reason in (SORTED, REWRITTEN) else None
    reason = told or next(_possible_reasons(node), form.reason)
    return HashCheck(False, None, reason, form.node["arch"]["target"])


def _hashes_of(form: EarlierForm) -> tuple[str, ...]:
    """The hashes that a form of a node may have."""
    if form.version >= WITH_COMPILER_NODES:
        return (_hash(_to_json(form.node, indented=False)),)
    if form.version > FLAT:
        return tuple(_hash(_to_json(form.node, indented=indented)) for indented in (False, True))
    fields = _covered_before_0_18(form.node)
    return _old_hashes(form.node["name"], fields, FLAT, lambda _, dependency: dependency["hash"])


def _possible_reasons(node: Node) -> Iterator[str]:
    """Why a node may have a hash that none of its known forms gives."""
    if node.get("external"):
        yield EXTERNAL
    if "build_spec" in node:
        yield SPLICED
    if (node.get("annotations") or {}).get("compiler"):
        yield CARRIED_OVER
    if node.get("namespace") == MOCK:
        yield TEST_PACKAGE


def check_old_hash(
    name: str, node: Node, expected: str, version: int, resolve: Resolve
) -> HashCheck:
    """Compares the hash of a node of formats 1 or 2, which has a ``name``, with the expected."""
    recomputed = ""
    for form in earlier_forms(_covered_before_0_18(node), version):
        hashes = _old_hashes(name, form.node, version, resolve)
        if expected in hashes:
            return _proved(form, node) if form.reason else _VERIFIED
        recomputed = recomputed or hashes[0]
    return HashCheck(False, recomputed, next(_possible_reasons(node), None))


def has_build_hash(name: str, node: Node, expected: str, version: int) -> bool:
    """Whether a built node of formats 1 or 2 has this build hash, which covers build dependencies.

    Its dependencies must be referred to by build hash.
    """

    def resolve(_: str, dependency: Node) -> str:
        return str(dependency.get("build_hash") or dependency["hash"])

    hashed = _covered_before_0_18(node)
    if hashed.get("namespace") == MOCK:
        hashed["namespace"] = HASHED_MOCK
    return expected in _old_hashes(name, hashed, version, resolve, _DEPTYPES | {"build"})


def _covered_before_0_18(node: Node) -> dict[str, Any]:
    """The fields that hashes of formats 1 and 2 cover."""
    return {field: value for field, value in node.items() if field not in _NOT_HASHED}


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

    try:
        written = yaml.safe_dump([value], default_flow_style=True, width=1 << 30)
    except yaml.YAMLError as exc:
        raise ValueError(f"{quoted(value)} is no value of YAML") from exc
    return str(written)[1:-2]

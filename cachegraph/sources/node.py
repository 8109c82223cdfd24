"""Reads one spec node of any spec format, as it is in all of Spack's own files.

The dependencies and the compiler of a node refer to other nodes of its document, which the reader
finds through a ``NodeLookup``.
"""

import hashlib
from typing import Any

import orjson

from cachegraph.errors import quoted
from cachegraph.model.spec import (
    FLAGS,
    LANGUAGES,
    Description,
    SpecRecord,
    compiler_name,
    value_or_none,
    variant_name,
    variant_text,
)
from cachegraph.sources import FaultReporter
from cachegraph.sources.dag_hash import HashCheck, check_hash, check_old_hash
from cachegraph.sources.dependencies import (
    UNREADABLE,
    DependencyReader,
    Languages,
    NodeLookup,
    dag_hash,
)
from cachegraph.sources.faults import find_faults
from cachegraph.sources.formats import HASHED_WHOLE
from cachegraph.sources.unexpected import reason

_Compilers = tuple[str | None, tuple[tuple[str, Languages], ...]]


class NodeReader:
    """Reads the nodes of one document, all of one spec format.

    Faults are reported with the place of the node, ``place`` with ``{}`` for its key.
    """

    def __init__(
        self, nodes: NodeLookup, version: int, place: str, report_fault: FaultReporter
    ) -> None:
        self._nodes = nodes
        self._version = version
        self._place = place
        self._report_fault = report_fault
        # Many nodes have these in common: each is made once.
        self._parameters: dict[bytes, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        self._compilers_of: dict[tuple[tuple[str, Languages], ...], _Compilers] = {}
        self._targets: dict[bytes, tuple[str | None, str | None]] = {}
        self._dependencies = DependencyReader(nodes, version)
        self.needed = self._dependencies.needed
        """The hashes that the dependencies of the records refer to."""

    def read(
        self, node: Any, stacks: tuple[str, ...], key: object, hash_: str | None = None
    ) -> SpecRecord | None:
        """The record of the node at ``key``; None for one that cannot be read, which is reported.

        ``hash_`` is the hash of a node that does not contain its own.
        """
        needed = len(self.needed)
        try:
            if not ("versions" in node or node.get("concrete") is False):
                faults: list[str] = []
                record = self._read(node, stacks, hash_, faults)
                for fault in faults:
                    self._report_fault(f"{self._place.format(key)}: {fault}")
                return record
            fault = "an abstract spec; left out"
        except UNREADABLE as exc:
            self._dependencies.needed.forget(needed)
            fault = next(find_faults(node), reason(exc))
        self._report_fault(f"{self._place.format(key)}: {fault}")
        return None

    def _read(
        self, node: Any, stacks: tuple[str, ...], hash_: str | None, faults: list[str]
    ) -> SpecRecord:
        """The record of a node; adds to ``faults`` what is wrong with its relationships."""
        name = node["name"]
        if not name or not node["version"]:
            raise ValueError("an empty name or version")
        hash_ = self._dag_hash(node.get("hash", hash_))
        dependencies, compiled_by = self._dependencies.read(node, faults)
        built = self._build_spec(node, faults)
        check = self._check_hash(node, name, hash_, is_whole=not faults)
        compiler, languages = self._compilers(node, compiled_by)
        arch, external = node["arch"], node.get("external")
        target, features = self._target(check.target or arch["target"])
        variants, flags = self._variants(node.get("parameters") or {})
        description = Description(
            _text(name),
            _text(node["version"]),
            variants,
            flags,
            compiler,
            value_or_none(_text(arch["platform"])),
            value_or_none(_text(arch["platform_os"])),
            target,
            _text_or_none(node.get("namespace")),
            _text_or_none(node.get("package_hash")),
            _virtuals(node.get("provided_virtuals")),
            bool(external),
            value_or_none(_text_or_none(external.get("path"))) if external else None,
            _modules(external.get("module")) if external else None,
            features,
            self._version,
            check.verified,
            check.recomputed,
        )
        return SpecRecord(hash_, description, stacks, dependencies, languages, built, check.reason)

    def _dag_hash(self, hash_: Any) -> str:
        """The hash, as the one object for all that are equal; ValueError if it is no DAG hash."""
        return (isinstance(hash_, str) and self.needed.get(hash_)) or dag_hash(hash_)

    def _check_hash(self, node: Any, name: str, hash_: str, *, is_whole: bool) -> HashCheck:
        """Whether the hash is that of the node; of one that has lost a relationship, unknown."""
        if self._version >= HASHED_WHOLE:
            node.pop("hash", None)
        if not is_whole:
            return HashCheck(None)
        if self._version >= HASHED_WHOLE:
            return check_hash(node, hash_, self._version)
        return check_old_hash(name, node, hash_, self._version, self._nodes.hash_of)

    def _build_spec(self, node: Any, faults: list[str]) -> str | None:
        """The hash of the spec that a spliced one was built as; adds it to the faults if bad."""
        if "build_spec" not in node:
            return None
        try:
            return self._dag_hash(node["build_spec"]["hash"])
        except UNREADABLE as exc:
            faults.append(f"build_spec: {reason(exc)}")
            return None

    def _compilers(self, node: Any, compiled_by: list[tuple[str, Languages]]) -> _Compilers:
        """The compiler of a node, and all its compilers with their languages where recorded."""
        if compiler := node.get("compiler"):
            return compiler_name(f"{_text(compiler['name'])}@{_text(compiler['version'])}"), ()
        if carried_over := (node.get("annotations") or {}).get("compiler"):
            return compiler_name(_text(carried_over)), ()
        key = tuple(compiled_by)
        if key not in self._compilers_of:
            self._compilers_of[key] = self._named(key)
        return self._compilers_of[key]

    def _named(self, compiled_by: tuple[tuple[str, Languages], ...]) -> _Compilers:
        """The first and all of the compilers that are given by their hashes."""
        by_name: dict[str, Languages] = {}
        for hash_, languages in compiled_by:
            if (name_and_version := self._nodes.name_and_version(hash_)) is not None:
                name = compiler_name("@".join(name_and_version))
                if name:
                    by_name[name] = tuple(sorted({*by_name.get(name, ()), *languages}))
        if not by_name:
            return None, ()
        # As in Spack, "the" compiler is that of C, else of C++, else of Fortran.
        first = min(by_name, key=lambda name: LANGUAGES.index(by_name[name][0]))
        return first, tuple(by_name.items())

    def _target(self, target: Any) -> tuple[str | None, str | None]:
        """The name of a target, and a digest of its whole description if it has one."""
        if isinstance(target, str):
            return value_or_none(target), None
        text = orjson.dumps(target)
        if text not in self._targets:
            digest = hashlib.blake2b(text, digest_size=8).hexdigest()
            self._targets[text] = value_or_none(_text(target["name"])), digest
        return self._targets[text]

    def _variants(self, parameters: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Variants and compiler flags in normal form."""
        text = orjson.dumps(parameters)
        if text not in self._parameters:
            values = [(name, value) for name, value in parameters.items() if name not in FLAGS]
            variants = [variant_text(name, _variant_value(value)) for name, value in values]
            words = {name: _list(parameters[name]) for name in FLAGS if parameters.get(name)}
            flags = tuple(f"{name}={' '.join(words[name])}" for name in words)
            self._parameters[text] = tuple(sorted(variants, key=variant_name)), flags
        return self._parameters[text]


def _modules(module: Any) -> tuple[str, ...] | None:
    """The modules of an external: null, a list, or in format 1 one text."""
    if isinstance(module, list):
        return tuple(map(_text, module))
    return (module,) if isinstance(module, str) and value_or_none(module) else None


def _variant_value(value: Any) -> bool | str | tuple[str, ...]:
    """The value of a variant; old files write true and false as text too."""
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, bool):
        return value
    lower = _text(value).lower()
    return lower == "true" if lower in ("true", "false") else value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected text, found {quoted(value)}")
    return value


def _text_or_none(value: Any) -> str | None:
    return None if value is None else _text(value)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"expected a list, found {quoted(value)}")
    return value


def _virtuals(provided: Any) -> tuple[str, ...] | None:
    """The virtual packages that a node says it provides; None if it says nothing."""
    return tuple(sorted(map(_text, _list(provided)))) if provided else None

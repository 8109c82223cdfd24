"""Reads one spec node of any spec format, as it is in all of Spack's own files.

The dependencies and the compiler of a node refer to other nodes of its document, which the reader
finds through a ``NodeLookup``.
"""

import hashlib
from typing import Any, Protocol

import orjson

from cachegraph.errors import quoted
from cachegraph.model.spec import (
    FLAGS,
    LANGUAGES,
    Dependency,
    DependencyUse,
    Description,
    SpecRecord,
    compiler_name,
    is_dag_hash,
    value_or_none,
    variant_name,
    variant_text,
)
from cachegraph.sources import FaultReporter
from cachegraph.sources.dag_hash import HashCheck, check_hash, check_old_hash
from cachegraph.sources.faults import find_faults, find_faults_of_dependency
from cachegraph.sources.formats import (
    HASHED_WHOLE,
    WITH_COMPILER_NODES,
    WITH_PARAMETERS,
    Node,
    dependency_list,
)
from cachegraph.sources.unexpected import reason

Languages = tuple[str, ...]
# What reading a node raises that has another shape than its format promises.
_UNREADABLE = (AttributeError, LookupError, RecursionError, TypeError, ValueError)


class NodeLookup(Protocol):
    """Finds the nodes of a document that dependencies refer to."""

    def hash_of(self, name: str, dependency: Node) -> str:
        """The DAG hash that a dependency of an old format refers to; KeyError if unknown."""

    def name_and_version(self, hash_: str) -> tuple[str, str] | None:
        """Name and version of a node of the document; None if it is not there."""


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
        # Many nodes have these in common: each is made once, from its text.
        self._parameters: dict[bytes, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        self._targets: dict[bytes, tuple[str | None, str | None]] = {}
        self._uses: dict[tuple[str, ...], tuple[DependencyUse, Languages]] = {}
        self._hashes: dict[str, str] = {}

    def read(
        self, node: Any, stacks: tuple[str, ...], key: object, hash_: str | None = None
    ) -> SpecRecord | None:
        """The record of the node at ``key``; None for one that cannot be read, which is reported.

        ``hash_`` is the hash of a node that does not contain its own.
        """
        try:
            if not ("versions" in node or node.get("concrete") is False):
                faults: list[str] = []
                record = self._read(node, stacks, hash_, faults)
                for fault in faults:
                    self._report_fault(f"{self._place.format(key)}: {fault}")
                return record
            fault = "an abstract spec; left out"
        except _UNREADABLE as exc:
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
        dependencies, compiled_by = self._dependencies(node, faults)
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
        """The hash, as one object for all that are equal; ValueError if it is not a DAG hash."""
        if not isinstance(hash_, str):
            raise ValueError(f"hash: expected a DAG hash, found {quoted(hash_)}")
        if hash_ not in self._hashes:
            if not is_dag_hash(hash_):
                raise ValueError(f"hash: expected a DAG hash, found {quoted(hash_)}")
            self._hashes[hash_] = hash_
        return self._hashes[hash_]

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
        except _UNREADABLE as exc:
            faults.append(f"build_spec: {reason(exc)}")
            return None

    def _dependencies(
        self, node: Any, faults: list[str]
    ) -> tuple[tuple[Dependency, ...], list[tuple[str, Languages]]]:
        """The dependencies of a node, and those among them that are its compilers.

        Adds to ``faults`` the dependencies that cannot be read.
        """
        dependencies: dict[str, Dependency] = {}
        compiled_by = []
        for number, dependency in enumerate(dependency_list(node)):
            try:
                if self._version >= WITH_PARAMETERS:
                    hash_ = self._dag_hash(dependency["hash"])
                    parameters = dependency["parameters"]
                    use, languages = self._use(parameters["deptypes"], parameters["virtuals"])
                else:
                    name = _text(dependency["name"])
                    hash_ = self._dag_hash(self._nodes.hash_of(name, dependency))
                    use, languages = self._use(dependency["type"], None)
            except _UNREADABLE as exc:
                place = f"dependencies[{_place_of(node, number)}]"
                found = find_faults_of_dependency(place, dependency, self._version)
                faults.append(next(found, f"{place}: {reason(exc)}"))
                continue
            if languages:
                compiled_by.append((hash_, languages))
            if hash_ in dependencies:
                use = _merge_uses(dependencies[hash_].use, use)
            dependencies[hash_] = Dependency(hash_, use)
        return tuple(dependencies.values()), compiled_by

    def _use(
        self, deptypes: list[str], virtuals: list[str] | None
    ) -> tuple[DependencyUse, Languages]:
        """The use of a dependency, and the languages that it compiles for the spec."""
        key = (*deptypes, "", *(virtuals if virtuals is not None else ("",)))
        if key not in self._uses:
            "".join(key)  # TypeError unless all are text
            if isinstance(deptypes, str) or isinstance(virtuals, str):
                raise TypeError("deptypes and virtuals are lists")
            provided = None if virtuals is None else tuple(sorted({*virtuals}))
            languages = tuple(name for name in LANGUAGES if name in (virtuals or ()))
            is_compiler = self._version >= WITH_COMPILER_NODES and "build" in deptypes
            use = DependencyUse(tuple(sorted({*deptypes})), provided)
            self._uses[key] = use, languages if is_compiler else ()
        return self._uses[key]

    def _compilers(
        self, node: Any, compiled_by: list[tuple[str, Languages]]
    ) -> tuple[str | None, tuple[tuple[str, Languages], ...]]:
        """The compiler of a node, and all its compilers with their languages where recorded."""
        if compiler := node.get("compiler"):
            return compiler_name(f"{_text(compiler['name'])}@{_text(compiler['version'])}"), ()
        if carried_over := (node.get("annotations") or {}).get("compiler"):
            return compiler_name(_text(carried_over)), ()
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


def _place_of(node: Any, number: int) -> object:
    """The place of a dependency of a node: its number, or in format 1 its name."""
    dependencies = node["dependencies"]
    return [*dependencies][number] if isinstance(dependencies, dict) else number


def _merge_uses(left: DependencyUse, right: DependencyUse) -> DependencyUse:
    """The use of a dependency that a node lists twice."""
    deptypes = tuple(sorted({*left.deptypes, *right.deptypes}))
    virtuals = tuple(sorted({*(left.virtuals or ()), *(right.virtuals or ())}))
    return DependencyUse(deptypes, None if left.virtuals is None else virtuals)


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

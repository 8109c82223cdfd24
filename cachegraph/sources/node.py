"""One Spack node, of any spec format, becomes a record. Every source of Spack's own uses it.

What a node says of its dependencies and its compiler takes other nodes of its document to
understand; a ``Nodes`` gives them.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import orjson

from cachegraph.errors import FormatError
from cachegraph.model.spec import (
    FLAGS,
    LANGUAGES,
    Dependency,
    DependencyUse,
    Description,
    SpecRecord,
    compiler_name,
    is_dag_hash,
    known,
    variant_name,
    variant_text,
)
from cachegraph.sources.faults import faults
from cachegraph.sources.proof import Proof, old_proof, proof

NEWEST = 5
"""The newest spec format."""
_WITH_COMPILERS_AS_NODES = 5
_WITH_PARAMETERS = 4
_BY_NAME = 1

Node = Mapping[str, Any]


class Nodes(Protocol):
    """The nodes of a document, as the dependencies of one of them refer to them."""

    def hash_of(self, name: str, dependency: Node) -> str:
        """The DAG hash of what a dependency refers to; KeyError when it cannot be told."""

    def named(self, hash_: str) -> tuple[str, str] | None:
        """Name and version of a node of the document, or None when it is not there."""


class _Use(NamedTuple):
    """What a dependency is for, and the languages that it compiles."""

    use: DependencyUse
    languages: tuple[str, ...]


class Reader:
    """Reads the nodes of one document, all of one spec format."""

    def __init__(self, nodes: Nodes, version: int) -> None:
        self._nodes = nodes
        self._version = version
        # What many nodes have in common is made once, by its text.
        self._parameters: dict[bytes, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        self._targets: dict[bytes, tuple[str | None, str | None]] = {}
        self._uses: dict[tuple[str, ...], _Use] = {}
        self._hashes: dict[str, str] = {}

    def read(
        self, node: Any, stacks: tuple[str, ...], hash_: str | None = None
    ) -> SpecRecord | None:
        """The record of a node, or None of an abstract one; ``hash_`` is for a node without hash.

        FormatError names the field that is not as the format promises.
        """
        try:
            return self._read(node, stacks, hash_)
        except (KeyError, TypeError, AttributeError, ValueError, IndexError) as exc:
            fault = next(faults(node, self._version), None) or _explained(exc)
            raise FormatError(fault) from exc

    def _read(self, node: Any, stacks: tuple[str, ...], hash_: str | None) -> SpecRecord | None:
        if "versions" in node or node.get("concrete") is False:
            return None
        name = node["name"]
        if not name or not node["version"]:
            raise ValueError("an empty name or version")
        hash_ = self._hash(node.get("hash", hash_))
        dependencies, providers = self._dependencies(node)
        proved = self._proof(node, name, hash_)
        compiler, languages = self._compilers(node, providers)
        arch, external = node["arch"], node.get("external")
        target, features = self._target(arch["target"])
        variants, flags = self._variants(node.get("parameters") or {})
        description = Description(
            _text(name),
            _text(node["version"]),
            variants,
            flags,
            compiler,
            known(_text(arch["platform"])),
            known(_text(arch["platform_os"])),
            target,
            _text_or_none(node.get("namespace")),
            _text_or_none(node.get("package_hash")),
            bool(external),
            known(_text_or_none(external.get("path"))) if external else None,
            _modules(external.get("module")) if external else None,
            features,
            self._version,
            proved.verified,
            proved.recomputed,
        )
        build_spec = self._hash(node["build_spec"]["hash"]) if "build_spec" in node else None
        return SpecRecord(
            hash_, description, stacks, dependencies, languages, build_spec, proved.reason
        )

    def _hash(self, hash_: Any) -> str:
        """The hash itself, one object for all that are equal; ValueError when it is none."""
        if hash_ not in self._hashes:
            if not isinstance(hash_, str) or not is_dag_hash(hash_):
                raise ValueError(f"hash: expected a DAG hash, found {hash_!r}")
            self._hashes[hash_] = hash_
        return self._hashes[hash_]

    def _proof(self, node: Any, name: str, hash_: str) -> Proof:
        if self._version >= 3:  # noqa: PLR2004  # from here on the whole node is hashed
            node.pop("hash", None)
            return proof(node, hash_, self._version)
        return old_proof(name, node, hash_, self._version, self._nodes.hash_of)

    def _dependencies(
        self, node: Any
    ) -> tuple[tuple[Dependency, ...], list[tuple[str, tuple[str, ...]]]]:
        """The dependencies of a node, and those of them that compile something."""
        found: dict[str, Dependency] = {}
        providers = []
        for dependency in _listed(node.get("dependencies")):
            if self._version >= _WITH_PARAMETERS:
                hash_ = self._hash(dependency["hash"])
                said = dependency["parameters"]
                use = self._use(said["deptypes"], said["virtuals"])
            else:
                hash_ = self._hash(self._nodes.hash_of(dependency["name"], dependency))
                use = self._use(dependency["type"], None)
            if use.languages:
                providers.append((hash_, use.languages))
            if hash_ in found:
                found[hash_] = Dependency(hash_, _joined(found[hash_].use, use.use))
            else:
                found[hash_] = Dependency(hash_, use.use)
        return tuple(found.values()), providers

    def _use(self, deptypes: list[str], virtuals: list[str] | None) -> _Use:
        key = (*deptypes, "", *(virtuals if virtuals is not None else ("",)))
        if key not in self._uses:
            "".join(key)  # all text, or TypeError
            if isinstance(deptypes, str) or isinstance(virtuals, str):
                raise TypeError("deptypes and virtuals are lists")
            provided = None if virtuals is None else tuple(sorted({*virtuals}))
            languages = tuple(name for name in LANGUAGES if name in (virtuals or ()))
            builds = self._version >= _WITH_COMPILERS_AS_NODES and "build" in deptypes
            use = DependencyUse(tuple(sorted({*deptypes})), provided)
            self._uses[key] = _Use(use, languages if builds else ())
        return self._uses[key]

    def _compilers(
        self, node: Any, providers: list[tuple[str, tuple[str, ...]]]
    ) -> tuple[str | None, tuple[tuple[str, tuple[str, ...]], ...]]:
        """The compiler of a node, and with which languages which one was used where told."""
        if said := node.get("compiler"):
            return compiler_name(f"{_text(said['name'])}@{_text(said['version'])}"), ()
        if carried := (node.get("annotations") or {}).get("compiler"):
            return compiler_name(_text(carried)), ()
        by_name: dict[str, tuple[str, ...]] = {}
        for hash_, languages in providers:
            if (named := self._nodes.named(hash_)) is not None:
                name = compiler_name("@".join(named))
                if name:
                    by_name[name] = tuple(sorted({*by_name.get(name, ()), *languages}))
        if not by_name:
            return None, ()
        # As Spack does: what compiles C, else C++, else Fortran, is "the" compiler.
        first = min(by_name, key=lambda name: LANGUAGES.index(by_name[name][0]))
        return first, tuple(by_name.items())

    def _target(self, target: Any) -> tuple[str | None, str | None]:
        """Name of a target, and the digest of all that is said of it."""
        if isinstance(target, str):
            return known(target), None
        text = orjson.dumps(target)
        if text not in self._targets:
            digest = hashlib.blake2b(text, digest_size=8).hexdigest()
            self._targets[text] = known(_text(target["name"])), digest
        return self._targets[text]

    def _variants(self, parameters: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Variants and compiler flags in normal form."""
        text = orjson.dumps(parameters)
        if text not in self._parameters:
            variants = [
                variant_text(name, tuple(value) if isinstance(value, list) else _switch(value))
                for name, value in parameters.items()
                if name not in FLAGS
            ]
            flags = [
                f"{name}={' '.join(_list(parameters[name]))}"
                for name in FLAGS
                if parameters.get(name)
            ]
            self._parameters[text] = tuple(sorted(variants, key=variant_name)), tuple(flags)
        return self._parameters[text]


def unwrapped(node: Any) -> Any:
    """A node of format 1, ``{name: {...}}``, in the shape of the later ones."""
    ((name, inner),) = node.items()
    return {"name": name, **inner}


def format_of(node: Node) -> int:
    """The format that a node by itself looks like."""
    if "name" not in node:
        return _BY_NAME
    listed = node.get("dependencies")
    for dependency in listed if isinstance(listed, list) else ():
        if not isinstance(dependency, dict) or "parameters" in dependency:
            break
        return 2 if "build_hash" in dependency or "full_hash" in node else 3
    return _WITH_PARAMETERS if node.get("compiler") else _WITH_COMPILERS_AS_NODES


def _listed(dependencies: Any) -> Any:
    """Dependencies as a list, as they are from format 2 on."""
    if isinstance(dependencies, dict):
        return [{"name": name, **said} for name, said in dependencies.items()]
    return dependencies or ()


def _joined(left: DependencyUse, right: DependencyUse) -> DependencyUse:
    """Two entries for one child, as one."""
    virtuals = {*(left.virtuals or ()), *(right.virtuals or ())}
    return DependencyUse(
        tuple(sorted({*left.deptypes, *right.deptypes})),
        None if left.virtuals is None else tuple(sorted(virtuals)),
    )


def _modules(module: Any) -> tuple[str, ...] | None:
    """The modules of an external: null, a list, or in format 1 one text."""
    if isinstance(module, list):
        return tuple(map(_text, module))
    return (module,) if isinstance(module, str) and known(module) else None


def _switch(value: Any) -> bool | str:
    """A variant's value; old files write on and off as text too."""
    if isinstance(value, bool):
        return value
    text = _text(value)
    return text.lower() == "true" if text.lower() in ("true", "false") else text


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected text, found {value!r}")
    return value


def _text_or_none(value: Any) -> str | None:
    return None if value is None else _text(value)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"expected a list, found {value!r}")
    return value


def _explained(exc: Exception) -> str:
    return f"{exc.args[0]} is missing" if isinstance(exc, KeyError) else str(exc)

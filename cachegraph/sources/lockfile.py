"""An environment's ``spack.lock``, versions 1 to 8, with the environments that it includes."""

from collections.abc import Iterator
from typing import Any

from cachegraph.errors import FormatError, quoted
from cachegraph.model.spec import Root, SpecRecord, is_dag_hash
from cachegraph.sources import Document, ErrorHandler, FaultReporter, ParsedDocument
from cachegraph.sources.dag_hash import has_build_hash
from cachegraph.sources.faults import not_a_node
from cachegraph.sources.formats import (
    WRAPPED,
    Node,
    dependency_list,
    name_and_version_of,
    unwrap,
)
from cachegraph.sources.jsontext import first_key, has_entry, parse_json
from cachegraph.sources.node import NodeReader

_NEWEST = 8
_SPEC_FORMATS = {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 5, 7: 5, 8: 6}
_KEYED_BY_BUILD_HASH = (2, 3)
_KEYED_BY_DAG_HASH = 4
_WITH_GROUPS = 7
_DEFAULT_GROUP = "default"
_KEYS = frozenset({"_meta", "spack", "roots", "concrete_specs", "include_concrete"})


def accepts(document: Document) -> bool:
    """Whether the text begins with a key of a lock file, or has its specs after other keys."""
    data = document.data
    return first_key(data) in _KEYS or has_entry(data, "concrete_specs", rb"\{")


def read(document: Document, report: ErrorHandler) -> ParsedDocument:
    """The specs and the roots of an environment."""
    lock = parse_json(document)
    version = _version(document, lock)
    report_fault = FaultReporter(document.location, report)
    environment = _Environment(document.stack, lock, version, report_fault)
    roots, scopes = [*environment.roots()], [document.whole_stack]
    records, faults = environment.records(), report_fault.faults
    return ParsedDocument(
        "spack.lock", str(version), records, scopes, document.digest, roots, faults
    )


def _version(document: Document, lock: Any) -> int:
    try:
        meta = lock["_meta"]
        version = meta["lockfile-version"]
        is_lock = isinstance(lock["concrete_specs"], dict) and isinstance(lock["roots"], list)
    except (KeyError, TypeError) as exc:
        why = f"no {exc.args[0]}" if isinstance(exc, KeyError) else "_meta is not an object"
        hint = "a lock file has _meta.lockfile-version, roots and concrete_specs"
        raise FormatError(f"{document.location}: not a lock file: {why}", hint) from exc
    if not is_lock or type(version) is not int or version < 1:
        raise FormatError(
            f"{document.location}: not a lock file: lockfile-version {quoted(version)}, roots and "
            "concrete_specs are not a number, a list and an object"
        )
    if version > _NEWEST:
        raise document.newer_version(f"lock file version {version}", _NEWEST)
    return version


class _Environment:
    """The nodes and roots of a lock file and of the environments that it includes."""

    def __init__(self, stack: str, lock: Any, version: int, report_fault: FaultReporter) -> None:
        self._stack = stack
        self._version = version
        self._format = _SPEC_FORMATS[version]
        self._report_fault = report_fault
        self._environments = [*_with_included(lock)]
        self._nodes: dict[str, Any] = {}
        self._names: dict[str, tuple[str, str] | None] = {}
        for environment in self._environments:
            specs = environment.get("concrete_specs")
            for key, node in specs.items() if isinstance(specs, dict) else ():
                self._add_node(key, node)

    def _add_node(self, key: str, node: Any) -> None:
        try:
            node = unwrap(node) if self._format == WRAPPED else node
            name_and_version = name_and_version_of(node)
        except (AttributeError, TypeError, ValueError):
            self._report_fault(f"concrete_specs./{key}: {not_a_node(node)}")
        else:
            self._nodes.setdefault(key, node)
            self._names[self._dag_hash(key)] = name_and_version

    def hash_of(self, name: str, dependency: Node) -> str:
        return self._dag_hash(dependency.get("build_hash") or dependency["hash"])

    def _dag_hash(self, key: str) -> str:
        """The DAG hash of the node at a key; the key itself if there is none, or a bad one."""
        hash_ = self._nodes[key].get("hash", key) if key in self._nodes else key
        return hash_ if isinstance(hash_, str) and is_dag_hash(hash_) else key

    def name_and_version(self, hash_: str) -> tuple[str, str] | None:
        return self._names.get(hash_)

    def roots(self) -> Iterator[Root]:
        """The roots of the environment and of those that it includes."""
        for environment in self._environments:
            roots = environment.get("roots")
            for number, root in enumerate(roots if isinstance(roots, list) else ()):
                try:
                    key, request, group = root["hash"], root["spec"], root.get("group")
                    "".join((key, request, group or ""))  # TypeError unless all are text
                    hash_ = self._dag_hash(key)
                except (KeyError, TypeError, AttributeError):
                    fault = f"expected a hash and a spec, found {quoted(root)}"
                    self._report_fault(f"roots[{number}]: {fault}")
                    continue
                if group is None and self._version >= _WITH_GROUPS:
                    group = _DEFAULT_GROUP
                if key not in self._nodes:
                    fault = f"{request}: /{key} is not among concrete_specs"
                    self._report_fault(f"roots[{number}]: {fault}")
                if is_dag_hash(hash_):
                    yield Root(hash_, self._stack, request, group)

    def records(self) -> Iterator[SpecRecord]:
        """The specs of the environment, each once."""
        reader = NodeReader(self, self._format, "concrete_specs./{}", self._report_fault)
        stacks = (self._stack,)
        for key, differs in self._kept_nodes().items():
            node = self._nodes[key]
            if self._version >= _KEYED_BY_DAG_HASH and node.get("hash", key) != key:
                fault = f"its node has another hash, /{node['hash']}"
                self._report_fault(f"concrete_specs./{key}: {fault}")
            own_hash = None if self._version in _KEYED_BY_BUILD_HASH else key
            record = reader.read(node, stacks, key, own_hash)
            if record is None:
                continue
            is_checked = self._version in _KEYED_BY_BUILD_HASH and record.description.verified
            if is_checked and not has_build_hash(node["name"], node, key, self._format):
                fault = "the build hash recomputed from its node is another"
                self._report_fault(f"concrete_specs./{key}: {fault}")
            yield record._replace(differs=differs) if differs else record

    def _kept_nodes(self) -> dict[str, tuple[str, ...]]:
        """The keys of the nodes to read, each with what differs in others with its DAG hash.

        Until version 3 the DAG hash did not cover build dependencies, and several nodes may have
        one hash. As Spack does, this keeps the first that is reached from the roots.
        """
        if self._version not in _KEYED_BY_BUILD_HASH:
            return dict.fromkeys(self._nodes, ())
        first_keys: dict[str, str] = {}
        kept: dict[str, tuple[str, ...]] = {}
        for key in dict.fromkeys((*self._keys_from_roots(), *self._nodes)):
            first = first_keys.setdefault(self._dag_hash(key), key)
            if first == key:
                kept[key] = ()
            else:
                same = self._dependencies_of(first) == self._dependencies_of(key)
                kept[first] = ("details",) if same else ("dependencies",)
        return kept

    def _dependencies_of(self, key: str) -> set[str]:
        """The DAG hashes that a node depends on."""
        return {self._dag_hash(key) for key in _dependency_keys(self._nodes[key])}

    def _keys_from_roots(self) -> Iterator[str]:
        """The keys in Spack's order from the roots: each before its dependencies, by name."""
        seen: set[str] = set()
        roots = self._environments[0]["roots"]
        waiting = [root.get("hash") for root in roots if isinstance(root, dict)]
        waiting.reverse()
        while waiting:
            key = waiting.pop()
            if not isinstance(key, str) or key in seen or key not in self._nodes:
                continue
            seen.add(key)
            yield key
            waiting += reversed(_dependency_keys(self._nodes[key]))


def _with_included(lock: Any) -> Iterator[Any]:
    """The environment, and those that it includes at any depth."""
    waiting = [lock]
    while waiting:
        environment = waiting.pop(0)
        if isinstance(environment, dict):
            yield environment
            included = environment.get("include_concrete")
            waiting += included.values() if isinstance(included, dict) else ()


def _dependency_keys(node: Any) -> list[Any]:
    """The keys that a node of an old format refers to, by the names of the packages."""
    try:
        by_name = sorted(dependency_list(node), key=lambda dependency: str(dependency["name"]))
        return [dependency.get("build_hash") or dependency.get("hash") for dependency in by_name]
    except (AttributeError, KeyError, TypeError):  # reported when the node is read
        return []

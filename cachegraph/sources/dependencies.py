"""Reads the dependencies of the spec nodes of one document, of any spec format."""

from contextlib import suppress
from typing import Any, Protocol

import orjson

from cachegraph.errors import quoted
from cachegraph.model.spec import LANGUAGES, DependencyUse, is_dag_hash
from cachegraph.sources.faults import find_faults_of_dependency
from cachegraph.sources.formats import (
    WITH_COMPILER_NODES,
    WITH_PARAMETERS,
    Node,
    dependency_list,
)
from cachegraph.sources.unexpected import reason

Languages = tuple[str, ...]
Dependencies = tuple[dict[str, DependencyUse], list[tuple[str, Languages]]]
"""The dependencies of a node, and those among them that are its compilers."""
UNREADABLE = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""The exceptions of reading a node that does not have the shape of its format."""


class NodeLookup(Protocol):
    """Finds the nodes of a document that dependencies refer to."""

    def hash_of(self, name: str, dependency: Node) -> str:
        """The DAG hash that a dependency of an old format refers to; KeyError if unknown."""

    def name_and_version(self, hash_: str) -> tuple[str, str] | None:
        """Name and version of a node of the document; None if it is not there."""


class NeededHashes(dict[str, str]):
    """The DAG hashes that are needed, one object for all that are equal.

    ValueError for what is no DAG hash.
    """

    def __missing__(self, hash_: Any) -> str:
        self[hash_] = dag_hash(hash_)
        return self[hash_]

    def forget(self, count: int) -> None:
        """Forgets those that were added after there were so many."""
        while len(self) > count:
            self.popitem()


def dag_hash(value: Any) -> str:
    """The value; ValueError if it is not a DAG hash."""
    if not isinstance(value, str) or not is_dag_hash(value):
        raise ValueError(f"hash: expected a DAG hash, found {quoted(value)}")
    return value


class DependencyReader:
    """Reads the dependencies of nodes of one spec format."""

    def __init__(self, nodes: NodeLookup, version: int) -> None:
        self._nodes = nodes
        self._version = version
        self.needed = NeededHashes()
        """The hashes that dependencies refer to."""
        # Many dependencies have these in common: each is made once.
        self._uses: dict[tuple[str, ...], tuple[DependencyUse, Languages]] = {}
        # The same by the parameters as JSON, which is quicker to make than the tuple.
        self._known_uses: dict[bytes, tuple[DependencyUse, Languages]] = {}

    def read(self, node: Any, faults: list[str]) -> Dependencies:
        """The dependencies of a node; adds to ``faults`` those that cannot be read."""
        if self._version >= WITH_PARAMETERS:
            count = len(self.needed)
            with suppress(*UNREADABLE):
                return self._read_known(node)
            self.needed.forget(count)
        return self._read_one_by_one(node, faults)

    def _read_known(self, node: Any) -> Dependencies:
        """The dependencies of a node without faults whose uses are all known; else LookupError.

        It takes half the time, as it calls no function for a dependency.
        """
        needed, uses, to_json = self.needed, self._known_uses, orjson.dumps
        listed = dependency_list(node)
        found: dict[str, DependencyUse] = {}
        compiled_by = []
        for dependency in listed:
            hash_ = needed[dependency["hash"]]
            use, languages = uses[to_json(dependency["parameters"])]
            if languages:
                compiled_by.append((hash_, languages))
            found[hash_] = use
        if len(found) < len(listed):
            raise LookupError("a dependency that is listed twice")
        return found, compiled_by

    def _read_one_by_one(self, node: Any, faults: list[str]) -> Dependencies:
        dependencies: dict[str, DependencyUse] = {}
        compiled_by = []
        for number, dependency in enumerate(dependency_list(node)):
            try:
                hash_, (use, languages) = self._read_one(dependency)
            except UNREADABLE as exc:
                place = f"dependencies[{_place_of(node, number)}]"
                found = find_faults_of_dependency(place, dependency, self._version)
                faults.append(next(found, f"{place}: {reason(exc)}"))
                continue
            if languages:
                compiled_by.append((hash_, languages))
            if hash_ in dependencies:
                use = _merge_uses(dependencies[hash_], use)
            dependencies[hash_] = use
        return dependencies, compiled_by

    def _read_one(self, dependency: Any) -> tuple[str, tuple[DependencyUse, Languages]]:
        if self._version >= WITH_PARAMETERS:
            hash_ = dag_hash(dependency["hash"])
            parameters = dependency["parameters"]
            use = self._use(parameters["deptypes"], parameters["virtuals"])
            with suppress(TypeError):  # what is no JSON is not known by it
                self._known_uses[orjson.dumps(parameters)] = use
        else:
            name = dependency["name"]
            if not isinstance(name, str):
                raise TypeError(f"expected text, found {quoted(name)}")
            hash_ = dag_hash(self._nodes.hash_of(name, dependency))
            use = self._use(dependency["type"], None)
        return self.needed[hash_], use

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


def _place_of(node: Any, number: int) -> object:
    """The place of a dependency of a node: its number, or in format 1 its name."""
    dependencies = node["dependencies"]
    return [*dependencies][number] if isinstance(dependencies, dict) else number


def _merge_uses(left: DependencyUse, right: DependencyUse) -> DependencyUse:
    """The use of a dependency that a node lists twice."""
    deptypes = tuple(sorted({*left.deptypes, *right.deptypes}))
    virtuals = tuple(sorted({*(left.virtuals or ()), *(right.virtuals or ())}))
    return DependencyUse(deptypes, None if left.virtuals is None else virtuals)

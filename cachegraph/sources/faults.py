"""Finds what is wrong with a spec node, field by field: only for nodes that could not be read."""

from collections.abc import Iterator
from typing import Any

from cachegraph.errors import quoted
from cachegraph.model.spec import FLAGS, is_dag_hash
from cachegraph.sources.formats import WITH_PARAMETERS, Node

_TEXT, _OBJECT = (str, type(None)), (dict, type(None))
_REQUIRED: dict[str, Any] = {
    "name": str,
    "version": str,
    "arch": dict,
    "arch.platform": str,
    "arch.platform_os": str,
    "arch.target": (str, dict),
    "arch.target.name": str,
    "compiler.name": str,
    "compiler.version": str,
}
_EXPECTED: dict[str, Any] = {
    **_REQUIRED,
    "parameters": _OBJECT,
    "dependencies": (list, dict, type(None)),
    "compiler": _OBJECT,
    "namespace": _TEXT,
    "package_hash": _TEXT,
    "external": _OBJECT,
    "external.path": _TEXT,
    "external.module": (str, list, type(None)),
    "annotations": _OBJECT,
    "annotations.compiler": _TEXT,
}


def find_faults(node: Any) -> Iterator[str]:
    """The fields of a node that are missing or have a type other than its format promises."""
    if not isinstance(node, dict):
        yield not_a_node(node)
        return
    for path, types in _EXPECTED.items():
        *parents, field = path.split(".")
        parent: Any = node
        for name in parents:
            parent = parent.get(name) if isinstance(parent, dict) else None
        if isinstance(parent, dict) and field in parent:
            if not isinstance(parent[field], types):
                yield f"{path}: found {_shown(parent[field])}"
        elif isinstance(parent, dict) and path in _REQUIRED:
            yield f"{path} is missing"
    yield from _faults_of_lists(node)


def not_a_node(value: Any) -> str:
    """The fault of a value that stands where a spec node was expected."""
    return f"expected a spec node, found {_shown(value)}"


def _faults_of_lists(node: Node) -> Iterator[str]:
    """The faults of variants, compiler flags and virtual packages."""
    if not _is_list_of_text(node.get("provided_virtuals") or []):
        yield f"provided_virtuals: found {_shown(node['provided_virtuals'])}"
    parameters = node.get("parameters")
    for name, value in parameters.items() if isinstance(parameters, dict) else ():
        is_single_value = name not in FLAGS and isinstance(value, bool | str)
        if not (is_single_value or _is_list_of_text(value)):
            yield f"parameters.{name}: found {_shown(value)}"


def find_faults_of_dependency(place: str, dependency: Any, version: int) -> Iterator[str]:
    """What is wrong with one dependency of a node, at this place in it."""
    if not isinstance(dependency, dict):
        yield f"{place}: found {_shown(dependency)}"
        return
    if version < WITH_PARAMETERS:
        if not _is_list_of_text(dependency.get("type")):
            yield f"{place}.type: found {_shown(dependency.get('type'))}"
        return
    hash_, parameters = dependency.get("hash"), dependency.get("parameters")
    if not isinstance(hash_, str) or not is_dag_hash(hash_):
        yield f"{place}.hash: expected a DAG hash, found {_shown(hash_)}"
    elif not isinstance(parameters, dict):
        yield f"{place}.parameters: found {_shown(parameters)}"
    else:
        for field in ("deptypes", "virtuals"):
            if not _is_list_of_text(parameters.get(field)):
                yield f"{place}.parameters.{field}: found {_shown(parameters.get(field))}"


def _is_list_of_text(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    return quoted(value) if isinstance(value, str) else repr(quoted(value))

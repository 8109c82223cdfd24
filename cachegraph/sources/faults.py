"""What is wrong with a spec node, field by field: asked only of a node that could not be read."""

from collections.abc import Iterator, Mapping
from typing import Any

from cachegraph.model.spec import FLAGS, is_dag_hash

_WITH_PARAMETERS = 4
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
    "build_spec.hash": str,
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
    "build_spec": dict,
}


def faults(node: Any, version: int) -> Iterator[str]:
    """The fields of a node of a spec format that are missing, or of another type than it has."""
    if not isinstance(node, dict):
        yield f"expected a spec node, found {_shown(node)}"
        return
    for path, types in _EXPECTED.items():
        inside, field = _inside(node, path)
        if isinstance(inside, dict) and field in inside:
            if not isinstance(inside[field], types):
                yield f"{path}: found {_shown(inside[field])}"
        elif isinstance(inside, dict) and path in _REQUIRED:
            yield f"{path} is missing"
    yield from _of_parameters(node.get("parameters"))
    needed = node.get("dependencies") or ()
    places = needed.items() if isinstance(needed, dict) else enumerate(needed)
    for place, said in places:
        yield from _of_dependency(f"dependencies[{place}]", said, version)


def _inside(node: Mapping[str, Any], path: str) -> tuple[Any, str]:
    """What a field is a field of, and its name there."""
    *parents, field = path.split(".")
    inside: Any = node
    for parent in parents:
        inside = inside.get(parent) if isinstance(inside, dict) else None
    return inside, field


def _of_parameters(parameters: Any) -> Iterator[str]:
    for name, value in parameters.items() if isinstance(parameters, dict) else ():
        one = name not in FLAGS and isinstance(value, bool | str)
        if not (one or _are_texts(value)):
            yield f"parameters.{name}: found {_shown(value)}"


def _of_dependency(place: str, said: Any, version: int) -> Iterator[str]:
    if not isinstance(said, dict):
        yield f"{place}: found {_shown(said)}"
        return
    if version < _WITH_PARAMETERS:
        if not _are_texts(said.get("type")):
            yield f"{place}.type: found {_shown(said.get('type'))}"
        return
    hash_, parameters = said.get("hash"), said.get("parameters")
    if not isinstance(hash_, str) or not is_dag_hash(hash_):
        yield f"{place}.hash: expected a DAG hash, found {_shown(hash_)}"
    elif not isinstance(parameters, dict):
        yield f"{place}.parameters: found {_shown(parameters)}"
    else:
        for field in ("deptypes", "virtuals"):
            if not _are_texts(parameters.get(field)):
                yield f"{place}.parameters.{field}: found {_shown(parameters.get(field))}"


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _shown(value: Any) -> str:
    return "nothing" if value is None else f"{str(value)[:40]!r}"

"""The spec formats 1 to 6, and the shapes that spec nodes have in them."""

from collections.abc import Mapping
from typing import Any

# What is new in each format:
WRAPPED = 1  # a node is {name: {...}}, and so are its dependencies
FLAT = 2  # a node has a name; in lock files, dependencies refer to build hashes
HASHED_WHOLE = 3  # the DAG hash covers the whole node, recipe and build dependencies included
WITH_PARAMETERS = 4  # dependencies have parameters: deptypes and virtuals
WITH_COMPILER_NODES = 5  # compilers are dependencies
WITH_PROVIDED = 6  # a node has the virtual packages that it can provide
NEWEST = WITH_PROVIDED

Node = Mapping[str, Any]


def unwrap(node: Any) -> Any:
    """A node of format 1 in the shape of the later formats; ValueError unless it has one name."""
    ((name, fields),) = node.items()
    return {"name": name, **fields}


def guess_format(node: Node) -> int:
    """The format of a node, by its shape alone."""
    if "name" not in node:
        return WRAPPED
    if "provided_virtuals" in node:
        return WITH_PROVIDED
    dependencies = node.get("dependencies")
    for dependency in dependencies if isinstance(dependencies, list) else ():
        if not isinstance(dependency, dict) or "parameters" in dependency:
            break
        return FLAT if "build_hash" in dependency or "full_hash" in node else HASHED_WHOLE
    return WITH_PARAMETERS if node.get("compiler") else WITH_COMPILER_NODES


def name_and_version_of(node: Node) -> tuple[str, str] | None:
    """The name and the version of a node; None unless both are text."""
    name, version = node.get("name"), node.get("version")
    is_text = isinstance(name, str) and isinstance(version, str) and name and version
    return (str(name), str(version)) if is_text else None


def dependency_list(node: Node) -> Any:
    """The dependencies of a node of any format, each with its ``name``."""
    dependencies = node.get("dependencies") or ()
    if isinstance(dependencies, dict):
        return [
            {"name": name, **fields} if isinstance(fields, dict) else fields
            for name, fields in dependencies.items()
        ]
    return dependencies

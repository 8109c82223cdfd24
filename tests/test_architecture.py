"""Imports point one way, and the rooms stay small."""

import ast
from pathlib import Path

import pytest

import cachegraph
from cachegraph.schema import NODE_TYPES, RELATIONSHIP_TYPES, SPEC, VISIBLE
from cachegraph.spec import Description

ROOT = Path(cachegraph.__file__).parent
# What each room may import of ours, besides errors.
MAY_SEE = {
    "errors": set(),
    "spec": set(),
    "schema": set(),
    "elements": {"schema"},
    "graph": {"schema", "elements"},
    "targets": set(),
    "merging": {"elements", "schema", "spec"},
    "assemble": {"elements", "merging", "schema", "spec", "targets"},
    "sources": {"sources", "spec"},
    "decompress": set(),
    "session": set(),
    "remote": {"session"},
    "discover": {"remote", "sources"},
    "fetch": {"decompress", "discover", "remote", "sources"},
    "syntax": {"spec", "syntax", "targets"},
    "queries": {"graph", "queries", "schema", "spec", "syntax", "targets"},
    "exports": {"cypher", "elements", "exports", "schema"},
    "cyphertext": set(),
    "guard": {"cyphertext"},
    "cypher": {"schema"},
    "neo4j": {
        "cypher",
        "elements",
        "graph",
        "guard",
        "merging",
        "neo4j",
        "remote",
        "schema",
        "stores",  # a part of the graph is walked in memory
        "__init__",
    },
    "stores": {"neo4j", "stores", "graph", "elements", "schema"},
    "summary": {"spec"},
    "settling": {"elements", "graph", "schema", "sources", "spec", "stores", "targets"},
    "importer": {
        "assemble",
        "discover",
        "elements",
        "fetch",
        "merging",
        "schema",
        "settling",
        "sources",
        "spec",
        "stores",
        "summary",
    },
    "asking": {"graph", "queries"},
    "reading": {"discover", "fetch", "sources", "spec"},
    "api": {
        "asking",
        "exports",
        "guard",
        "importer",
        "neo4j",
        "queries",
        "reading",
        "stores",
        "summary",
    },
    "cells": {"schema"},
    "tables": {"cells", "schema", "tables"},
    "render": {"tables"},
    "options": {"api", "render", "schema", "tables"},
    "cli": {"api", "cli", "discover", "options", "__init__"},
    "__main__": {"cli"},
    "__init__": {"api"},
}
MODULES = sorted(ROOT.rglob("*.py"))


def room(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[0]


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
            if node.module == "cachegraph":
                names = [f"cachegraph.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            if name.startswith("cachegraph."):
                part = name.split(".")[1]
                found.add("__init__" if part.startswith("__") else part)
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path: Path) -> None:
    assert imports(path) - {"errors"} <= MAY_SEE[room(path)] | {room(path)}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_rooms_stay_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 350
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 60, node.name


def test_names_of_the_schema_are_unique_and_documented() -> None:
    assert len({type_.label for type_ in NODE_TYPES}) == len(NODE_TYPES)
    assert len({type_.name for type_ in RELATIONSHIP_TYPES}) == len(RELATIONSHIP_TYPES)
    for type_ in (*NODE_TYPES, *RELATIONSHIP_TYPES):
        assert type_.doc
        assert all(p.doc for p in type_.properties)


def test_one_kind_for_one_name() -> None:
    """GraphML has one type for an attribute, whichever label has it."""
    kinds: dict[str, str] = {}
    for type_ in NODE_TYPES:
        for p in (type_.key, *type_.properties):
            assert kinds.setdefault(p.name, p.kind.graphml) == p.kind.graphml


def test_a_description_is_the_properties_of_a_spec() -> None:
    assert {*Description._fields} | {"alike"} == {p.name for p in SPEC.properties}
    assert Description._fields[: len(VISIBLE)] == VISIBLE


def test_exported_names_are_there() -> None:
    assert all(hasattr(cachegraph, name) for name in cachegraph.__all__)

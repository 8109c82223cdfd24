"""Imports point one way, and the rooms stay small."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import networkx as nx
import pytest

import cachegraph
from cachegraph.model.schema import NODE_TYPES, RELATIONSHIP_TYPES, SPEC, VISIBLE
from cachegraph.model.spec import Description

ROOT = Path(cachegraph.__file__).parent
# The rooms, each of which may import those above it in this list, and no other.
ROOMS = (
    "errors",
    "sql",
    "environment",
    "model",
    "syntax",
    "sources",
    "reading",
    "stores",
    "neo4j",
    "importing",
    "opening",
    "open_stores",
    "analysis",
    "output",
    "answers",
    "questions",
    "exports",
    "plots",
    "spack_files",
    "question_methods",
    "file_names",
    "file_stacks",
    "asked",
    "web",
    "reports",
    "sbom",
    "exchange",
    "publishing",
    "api",
    "__init__",
    "console",
    "cli",
    "__main__",
)
# Of the rooms above it, what a room may import besides its own files; others may import them all.
MAY_SEE: dict[str, set[str]] = {
    "sql": set(),
    "environment": {"errors"},
    "model": {"errors"},
    "syntax": {"errors", "model"},
    "sources": {"errors", "model"},
    "reading": {"environment", "errors", "model", "sources"},
    "stores": {"errors", "model"},
    "neo4j": {"environment", "errors", "model", "stores"},
    "importing": {"errors", "model", "reading", "sources", "stores"},
    "analysis": {"errors", "model", "syntax"},
    "output": {"model"},
    "answers": {"errors", "model", "output"},
    "questions": {"analysis", "answers", "errors", "model", "output", "syntax"},
    "exports": {"errors", "model", "neo4j", "stores"},
    "plots": {"errors", "exports", "output"},
    "question_methods": {"model", "questions"},
    "sbom": {"analysis", "environment", "errors", "exports"},
}
MODULES = sorted(ROOT.rglob("*.py"))
MOST_LINES = 300
MOST_LINES_OF_A_FUNCTION = 40


def name_of(path: Path) -> str:
    """The dotted name of a module, without that of the package: ``stores.file.store``."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


FILES = {name_of(path): path for path in MODULES}


@cache
def imported(path: Path, *, typing: bool) -> set[str]:
    """The modules of ours that a module imports, anywhere in it; or all but those for types."""
    found = set()
    for node in nodes(ast.parse(path.read_text()), typing=typing):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cachegraph"):
            inside = (node.module or "").removeprefix("cachegraph").removeprefix(".")
            for alias in node.names:
                below = ".".join(filter(None, (inside, alias.name)))
                found.add(below if below in FILES else inside or "__init__")
        elif isinstance(node, ast.Import):
            names = (alias.name for alias in node.names)
            found |= {name.partition(".")[2] for name in names if name.startswith("cachegraph.")}
    return found


def nodes(tree: ast.AST, *, typing: bool) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if not typing and isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        yield from nodes(node, typing=typing)


def room(name: str) -> str:
    return name.partition(".")[0]


every_module = pytest.mark.parametrize("name", FILES)


@every_module
def test_imports_point_one_way(name: str) -> None:
    own = room(name)
    above = {*ROOMS[: ROOMS.index(own)]}
    seen = {room(other) for other in imported(FILES[name], typing=True)} - {own}
    assert seen <= MAY_SEE.get(own, above) & above


def test_no_files_import_each_other_in_a_circle() -> None:
    graph: nx.DiGraph[str] = nx.DiGraph(
        (name, other) for name in FILES for other in imported(FILES[name], typing=False)
    )
    assert [*nx.simple_cycles(graph)] == []


@every_module
def test_questions_do_not_import_each_other(name: str) -> None:
    if room(name) == "questions" and name != "questions":
        others = {
            other.partition(".")[2]
            for other in imported(FILES[name], typing=True)
            if room(other) == "questions"
        }
        assert others <= {"", "parameters"}


@every_module
def test_rooms_stay_small(name: str) -> None:
    assert len(FILES[name].read_text().splitlines()) <= MOST_LINES
    for node in ast.walk(ast.parse(FILES[name].read_text())):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < MOST_LINES_OF_A_FUNCTION, node.name


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

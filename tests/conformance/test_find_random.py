"""Random specs and random patterns, against what is judged one spec and one condition at a time."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cachegraph
from tests.support.corpus import lock, needs, node, write

Node = dict[str, Any]
PACKAGES = ("zlib", "hdf5", "gcc", "cmake")
# What is asked for, and which of the versions below fit.
VERSIONS = ("1.2", "1.2.3", "1.20", "2.0")
ASKED_VERSIONS = {
    "": VERSIONS,
    "@1.2": ("1.2", "1.2.3"),
    "@=1.2": ("1.2",),
    "@1.2.3:": ("1.2.3", "1.20", "2.0"),
    "@:1": ("1.2", "1.2.3", "1.20"),
    "@=1.20,2": ("1.20", "2.0"),
}
DEPTYPES = (("build",), ("link",), ("build", "run"))

made = st.tuples(
    st.sampled_from(PACKAGES),
    st.sampled_from(VERSIONS),
    st.booleans(),
    st.sampled_from([None, "gcc@1.2.3", "gcc@2.0", "clang@1.20"]),
    # Those before it that it depends on, what for, and whether as a provider of mpi.
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from(DEPTYPES), st.booleans()), max_size=3),
)
conditions = st.tuples(
    st.sampled_from(("", *PACKAGES)),
    st.sampled_from([*ASKED_VERSIONS]),
    st.sampled_from([None, True, False]),
)
dependencies = st.tuples(
    st.sampled_from("%^"),
    st.sampled_from(["", "[deptypes=build] ", "[deptypes=run virtuals=mpi] ", "mpi="]),
    conditions,
).filter(lambda wanted: wanted[1] != "mpi=" or bool(wanted[2][0]))  # mpi=* is a variant


def build(worlds: list[Any]) -> list[Node]:
    nodes: list[Node] = []
    for package, version, pic, compiler, below in worlds:
        wanted = {number % len(nodes): (types, mpi) for number, types, mpi in below if nodes}
        edges = [
            needs(nodes[number], *types, virtuals=["mpi"] if mpi else [])
            for number, (types, mpi) in wanted.items()
        ]
        fields: dict[str, Any] = {"version": version, "parameters": {"pic": pic}}
        if compiler:
            name, _, of = compiler.partition("@")
            fields |= {"spec_format": 4, "compiler": {"name": name, "version": of}}
        one = node(package, *edges, **fields)
        if one["hash"] not in {other["hash"] for other in nodes}:
            nodes.append(one)
    return nodes


def text_of(condition: Any) -> str:
    name, version, pic = condition
    return f"{name or '*'}{version}" + ("" if pic is None else "+pic" if pic else "~pic")


def fits(one: Node, condition: Any) -> bool:
    name, version, pic = condition
    return (
        name in ("", one["name"])
        and one["version"] in ASKED_VERSIONS[version]
        and pic in (None, one["parameters"]["pic"])
    )


def serves(edge: Node, how: str) -> bool:
    purpose = edge["parameters"]
    if "deptypes" in how and ("build" if "build" in how else "run") not in purpose["deptypes"]:
        return False
    return "mpi" not in how or "mpi" in purpose["virtuals"]


def has(one: Node, wanted: Any, nodes: dict[str, Node]) -> bool:
    sign, how, condition = wanted
    name, version, pic = condition
    # What follows a compiler may be meant for the spec, whatever the compiler is.
    if sign == "%" and name == "gcc" and pic is one["parameters"]["pic"]:
        condition = name, version, None
    for edge in one["dependencies"]:
        child = nodes[edge["hash"]]
        if fits(child, condition) and serves(edge, how):
            return True
        if sign == "^" and has(child, wanted, nodes):
            return True
    # Only by its name is a compiler found below; it has no variants.
    if sign == "^" and (not name or pic is not None):
        return False
    return by_compiler(one, how, condition)


def by_compiler(one: Node, how: str, condition: Any) -> bool:
    """A compiler that is no node: it has a name and a version, is there to build, and no mpi.

    What is asked after its name may be meant for the spec.
    """
    name, version, pic = condition
    compiler = one.get("compiler")
    if compiler is None or "mpi" in how:
        return False
    if pic is not None and (name != "gcc" or one["parameters"]["pic"] is not pic):
        return False
    return name in ("", compiler["name"]) and compiler["version"] in ASKED_VERSIONS[version]


@pytest.mark.slow
@given(
    worlds=st.lists(made, min_size=4, max_size=10),
    queries=st.lists(
        st.tuples(conditions, st.lists(dependencies, max_size=2)), min_size=8, max_size=8
    ),
)
def test_against_one_at_a_time(worlds: list[Any], queries: list[Any]) -> None:
    # All packages are there, or an unknown name would be an error.
    bare: list[Any] = [(name, "1.2", True, None, []) for name in PACKAGES]
    nodes = {one["hash"]: one for one in build([*bare, *worlds])}
    with TemporaryDirectory() as folder:
        path = write(Path(folder) / "a" / "spack.lock", lock(*nodes.values()))
        memory, file = cachegraph.open(":memory:"), cachegraph.open(Path(folder) / "graph.db")
        for graph in (memory, file):
            graph.import_(path)
        with file:
            for condition, wanted in queries:
                # What comes after ^ would else be asked of what is before it.
                ordered = sorted(wanted, key=lambda one: "%^".index(one[0]))
                parts = [f"{sign}{how}{text_of(of)}" for sign, how, of in ordered]
                asked = " ".join([text_of(condition), *parts])
                expected = {
                    hash_
                    for hash_, one in nodes.items()
                    if fits(one, condition) and all(has(one, of, nodes) for of in ordered)
                }
                for graph in (memory, file):
                    found = {row["hash"] for row in graph.find(asked)["specs"]}
                    assert found == expected, asked

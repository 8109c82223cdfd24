"""Spack's spec syntax: what fits, worked out by hand, the same on every store."""

import gzip
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from cachegraph.analysis.selection.specs import specs_matching
from cachegraph.model.schema import ROOT_OF, STACK
from tests.conftest import Load
from tests.support import realfiles
from tests.support.corpus import index, lock, needs, node, tiny_cache, write
from tests.support.expectations import repeated
from tests.support.known_answers import fixture

Node = dict[str, Any]


def variants(**fields: Any) -> dict[str, Any]:
    return {"parameters": {"build_system": "cmake", **fields}}


def compiler(name: str, version: str) -> dict[str, Any]:
    return {"spec_format": 4, "compiler": {"name": name, "version": version}}


def arch(os: str = "ubuntu22.04", target: str = "x86_64_v3") -> dict[str, Any]:
    return {"arch": {"platform": "linux", "platform_os": os, "target": target}}


def old_nodes() -> dict[str, Node]:
    """Format 4: a compiler is a property.

    ======  ==============  ===============  ===============================================
    hdf     hdf5@1.14.3     %gcc@11.4.0      +mpi api=v18; needs zlib, mpich for mpi, cmake
    mpich   mpich@4.1.2     %gcc@11.4.0      needs zlib
    cmake   cmake@3.27.9    %gcc@12.1.0      needs zlib2, to build
    zlib    zlib@1.2.13     %gcc@11.4.0      +pic
    zlib2   zlib@1.3        %oneapi@2023.2   ~pic target=zen3
    ======  ==============  ===============  ===============================================
    """
    gcc = compiler("gcc", "11.4.0")
    zlib = node("zlib", version="1.2.13", **gcc, **variants(pic=True))
    zlib2 = node(
        "zlib",
        version="1.3",
        **compiler("oneapi", "2023.2"),
        **variants(pic=False),
        **arch(target="zen3"),
    )
    cmake = node("cmake", needs(zlib2, "build"), version="3.27.9", **compiler("gcc", "12.1.0"))
    mpich = node("mpich", needs(zlib), version="4.1.2", **gcc)
    hdf = node(
        "hdf5",
        needs(zlib, "link"),
        needs(mpich, virtuals=["mpi"]),
        needs(cmake, "build"),
        version="1.14.3",
        **gcc,
        **variants(mpi=True, api="v18"),
    )
    return {"hdf": hdf, "mpich": mpich, "cmake": cmake, "zlib": zlib, "zlib2": zlib2}


def new_nodes() -> dict[str, Node]:
    """Format 5: a compiler is a dependency.

    ======  ===================================  ===========================================
    py      py-h5py@3.11                         needs HDF
    HDF     hdf5@1.14.10                         +mpi fabrics=ofi,verbs cflags="-O2 -g"; needs
                                                 ZLIB, OMPI for mpi, GCC for c and cxx
    OMPI    openmpi@5.0.3                        needs GCC for c and cxx
    ZLIB    zlib@1.3.1                           +pic; needs GCC for c
    ZLIB2   site.zlib@1.3.1                      ~pic os=sles15; needs ICX for c
    GCC     gcc@12.2.0                           +binutils
    ICX     intel-oneapi-compilers@2024.1.0
    ======  ===================================  ===========================================
    """
    gcc = node("gcc", version="12.2.0", **variants(binutils=True))
    icx = node("intel-oneapi-compilers", version="2024.1.0")
    zlib = node("zlib", needs(gcc, "build", virtuals=["c"]), version="1.3.1", **variants(pic=True))
    zlib2 = node(
        "zlib",
        needs(icx, "build", virtuals=["c"]),
        version="1.3.1",
        namespace="site",
        **variants(pic=False),
        **arch(os="sles15"),
    )
    ompi = node("openmpi", needs(gcc, "build", virtuals=["c", "cxx"]), version="5.0.3")
    hdf = node(
        "hdf5",
        needs(zlib, "link"),
        needs(ompi, virtuals=["mpi"]),
        needs(gcc, "build", virtuals=["c", "cxx"]),
        version="1.14.10",
        **variants(mpi=True, fabrics=["ofi", "verbs"], cflags=["-O2", "-g"]),
    )
    py = node("py-h5py", needs(hdf, "build", "link", "run"), version="3.11")
    return {
        "py": py,
        "HDF": hdf,
        "OMPI": ompi,
        "ZLIB": zlib,
        "ZLIB2": zlib2,
        "GCC": gcc,
        "ICX": icx,
    }


OLD, NEW = old_nodes(), new_nodes()
NODES = {**OLD, **NEW}
NAMES = {one["hash"]: name for name, one in NODES.items()}


@pytest.fixture
def world(load_once: Load, module_path: Path) -> cachegraph.Graph:
    """The stacks old and new, and a third with ZLIB and GCC of the new one."""
    return load_once(
        write(module_path / "old" / "spack.lock", lock(*OLD.values(), version=5)),
        write(module_path / "new" / "spack.lock", lock(*NEW.values())),
        write(module_path / "more" / "spack.lock", lock(NEW["ZLIB"], NEW["GCC"])),
    )


def found(graph: cachegraph.Graph, *asked: str, release: str | None = None) -> str:
    """The names of the specs that fit, sorted."""
    rows = graph.find(*asked, release=release)["specs"]
    return " ".join(sorted(NAMES[row["hash"]] for row in rows))


ANSWERS = {
    "zlib": "ZLIB ZLIB2 zlib zlib2",
    # versions
    "zlib@1.3": "ZLIB ZLIB2 zlib2",
    "zlib@=1.3": "zlib2",
    "zlib@:1.2": "zlib",
    "zlib@1.2.14:1.3.0": "zlib2",
    "zlib@1.2,=1.3.1": "ZLIB ZLIB2 zlib",
    "hdf5@1.14.1": "",
    "hdf5@1.14.3:1.14.9": "hdf",
    "@1.14": "HDF hdf",
    # variants and flags
    "zlib+pic": "ZLIB zlib",
    "~pic": "ZLIB2 zlib2",
    "+pic os=sles15": "",
    "fabrics=ofi": "HDF",
    "fabrics:=ofi": "",
    "fabrics:=verbs,ofi": "HDF",
    "api=*": "hdf",
    "cflags=-g": "HDF",
    'cflags="-g -O2" +mpi': "HDF",
    "zlib++pic": "ZLIB zlib",
    # all but what is ~pic, or needs what is: cmake needs zlib2, and hdf needs cmake
    "++pic": "GCC HDF ICX OMPI ZLIB mpich py zlib",
    "hdf5 ~~pic": "",
    # platform, operating system, target
    "os=sles15": "ZLIB2",
    "target=zen3": "zlib2",
    "target=zen2:": "zlib2",
    "target=:x86_64_v3 os=sles15": "ZLIB2",
    "zlib target=x86_64_v2:": "ZLIB ZLIB2 zlib zlib2",
    "zlib target=x86_64_v4:": "",
    "arch=linux-ubuntu22.04-zen3": "zlib2",
    "zlib platform=darwin": "",
    "site.zlib": "ZLIB2",
    "zlib namespace=builtin": "ZLIB zlib zlib2",
    # compilers of both kinds of specs, and other direct dependencies
    "%gcc": "HDF OMPI ZLIB cmake hdf mpich zlib",
    "%gcc@11": "hdf mpich zlib",
    "%gcc@12": "HDF OMPI ZLIB cmake",
    "%gcc@=12": "",
    "%oneapi": "ZLIB2 zlib2",
    "%intel-oneapi-compilers": "ZLIB2 zlib2",
    "%oneapi@2024": "ZLIB2",
    "%intel-oneapi-compilers@2023": "zlib2",
    "zlib %clang": "",
    "%cxx=gcc": "HDF OMPI cmake hdf mpich zlib",
    "%fortran=gcc": "cmake hdf mpich zlib",
    "%[virtuals=c,cxx] gcc@12": "HDF OMPI cmake",
    "%c": "HDF OMPI ZLIB ZLIB2 cmake hdf mpich zlib zlib2",
    "%cmake": "hdf",
    "%cmake@3.27 %gcc@11": "hdf",
    "%cmake@4": "",
    "%[deptypes=link] zlib": "HDF hdf mpich",
    "%/" + NEW["ZLIB"]["hash"][:9]: "HDF",
    # since Spack 1.0 gcc is asked for binutils, before it was zlib for pic
    "zlib %gcc +binutils": "ZLIB",
    "zlib %gcc +pic": "ZLIB zlib",
    "zlib %gcc@11 +pic os=ubuntu22.04": "zlib",
    # dependencies at any depth and of any type
    "^zlib": "HDF cmake hdf mpich py",
    "^zlib@1.3.1": "HDF py",
    "hdf5 ^zlib@1.3": "HDF hdf",
    "hdf5 ^zlib@=1.3": "hdf",
    "^zlib+pic %gcc@12": "HDF py",
    "^zlib %oneapi": "cmake hdf",
    "%gcc ^zlib %oneapi": "cmake hdf",
    "^[deptypes=build] zlib": "cmake hdf mpich",
    "^gcc": "HDF OMPI ZLIB cmake hdf mpich py zlib",
    "^gcc@12": "HDF OMPI ZLIB cmake hdf py",
    "^gcc@11 ^gcc@12": "hdf",
    "^gcc+binutils": "HDF OMPI ZLIB py",
    "^gcc ^cmake": "hdf",
    "^oneapi": "ZLIB2 cmake hdf zlib2",
    "^intel-oneapi-compilers@2023": "cmake hdf zlib2",
    "^clang": "",
    "^c": "HDF OMPI ZLIB ZLIB2 cmake hdf mpich py zlib zlib2",
    "^cxx": "HDF OMPI cmake hdf mpich py zlib zlib2",
    "^fortran": "cmake hdf mpich zlib zlib2",
    "^[deptypes=build] gcc": "HDF OMPI ZLIB cmake hdf mpich py zlib",
    "^[deptypes=link] gcc": "",
    "^cxx=gcc@11": "hdf mpich zlib",
    # without a name, what follows ^ is about specs: hdf5 is built with gcc@11
    "hdf5 ^@11": "",
    "py-h5py ^hdf5+mpi ^openmpi@5": "py",
    "^/" + OLD["zlib2"]["hash"][:9]: "cmake hdf",
    # virtual packages
    "^mpi": "HDF hdf py",
    "%mpi": "HDF hdf",
    "^mpi=openmpi@5:": "HDF py",
    "^mpi=zlib": "",
    # of what follows a virtual package its provider is asked, and that by itself
    "^mpi %gcc@12": "HDF py",
    "^mpi %gcc@11": "hdf",
    "^mpi ^zlib": "HDF hdf py",
    "^mpi os=sles15": "",
    "%mpi %gcc": "HDF hdf",
    "^cxx+binutils": "HDF OMPI py",
    "^mpi@3:": "",
    "^mpi/" + NEW["OMPI"]["hash"][:9]: "HDF py",
    "mpi": "OMPI mpich",
    "mpi %gcc@12": "OMPI",
    "mpi ^zlib+pic": "mpich",
    "builtin.mpi": "OMPI mpich",
    "mpi/" + NEW["OMPI"]["hash"][:9]: "OMPI",
    "cxx": "GCC",
    "c ~binutils": "",
    # patterns of names
    "*5": "HDF hdf",
    "[hm]*": "HDF hdf mpich",
    "*mpi*+mpi": "",
    "?lib@1.3+pic": "ZLIB",
    "builtin.zl*": "ZLIB zlib zlib2",
    "site.*": "ZLIB2",
    "^zl*~pic": "cmake hdf",
    "%g*@12": "HDF OMPI ZLIB cmake",
    "hdf5 ^mpi=open*": "HDF",
    "py-*/" + NEW["py"]["hash"][:9]: "py",
    # any that is known
    "zlib os=*": "ZLIB ZLIB2 zlib zlib2",
    "target=*": "GCC HDF ICX OMPI ZLIB ZLIB2 cmake hdf mpich py zlib zlib2",
    "platform=* os=sles15": "ZLIB2",
    "arch=linux-*-zen3": "zlib2",
    "arch=*-sles15-*": "ZLIB2",
    "zlib arch=*": "ZLIB ZLIB2 zlib zlib2",
    "zlib target=zen3,*": "ZLIB ZLIB2 zlib zlib2",
    "arch=linux-*-x": "",
    # hashes
    "/" + OLD["hdf"]["hash"][:9]: "hdf",
    "zlib/" + OLD["zlib"]["hash"][:9].upper(): "zlib",
    "~pic/" + OLD["zlib"]["hash"][:9]: "",
}


@pytest.mark.newest
def test_what_fits(world: cachegraph.Graph) -> None:
    assert {asked: found(world, asked) for asked in ANSWERS} == ANSWERS


def test_rows_and_their_stacks(world: cachegraph.Graph) -> None:
    answer = world.find("zlib@1.3.1", "new")
    assert answer == {
        "question": "find",
        "scope": {"text": "in local/new", "releases": ["local"], "stacks": 1, "everything": False},
        "spec": "zlib@1.3.1",
        "specs": sorted(
            [
                {
                    "hash": NEW[name]["hash"],
                    "package": "zlib",
                    "version": "1.3.1",
                    "variants": ["build_system=cmake", pic],
                    "flags": [],
                    "compiler": compiler,
                    "platform": "linux",
                    "os": os,
                    "target": "x86_64_v3",
                    "stacks": stacks,
                    "purl": f"pkg:spack/{namespace}/zlib@1.3.1?sha={NEW[name]['hash']}",
                }
                for name, namespace, pic, compiler, os, stacks in (
                    (
                        "ZLIB",
                        "builtin",
                        "+pic",
                        "gcc@12.2.0",
                        "ubuntu22.04",
                        ["local/more", "local/new"],
                    ),
                    (
                        "ZLIB2",
                        "site",
                        "~pic",
                        "intel-oneapi-compilers@2024.1.0",
                        "sles15",
                        ["local/new"],
                    ),
                )
            ],
            key=lambda row: row["hash"],
        ),
    }


def test_only_of_some_stacks(world: cachegraph.Graph) -> None:
    assert found(world, "zlib", "old") == "zlib zlib2"
    assert found(world, "zlib+pic", "old", "local/more") == "ZLIB zlib"
    assert found(world, "^zlib@=1.3", "new") == ""
    assert found(world, "zlib", release="local") == "ZLIB ZLIB2 zlib zlib2"
    with pytest.raises(cachegraph.NotFoundError, match="no stack odl"):
        world.find("zlib", "odl")
    with pytest.raises(cachegraph.NotFoundError, match="no release lokal"):
        world.find("zlib", release="lokal")


def test_a_release_is_all_of_its_stacks_and_the_root(load: Load, tmp_path: Path) -> None:
    graph = load(tiny_cache(tmp_path / "site"))
    assert len(graph.find("zlib", release="develop")["specs"]) == 4
    assert [row["hash"][:2] for row in graph.find("zlib@1.0", "right")["specs"]] == ["za"]
    assert [row["hash"][:2] for row in graph.find("%gcc@13")["specs"]] == ["ma", "zd"]


def test_a_group_of_a_stack(load: Load, tmp_path: Path) -> None:
    """What the group needs is in it: HDF, and with it OMPI, ZLIB and GCC."""
    roots = [{"hash": NEW["HDF"]["hash"], "spec": "hdf5", "group": "io"}]
    value = {**lock(*NEW.values(), version=7), "roots": roots}
    graph = load(write(tmp_path / "new" / "spack.lock", value))
    answer = graph.find("%gcc", "io", release="local")
    assert sorted(NAMES[row["hash"]] for row in answer["specs"]) == ["HDF", "OMPI", "ZLIB"]
    assert answer["notes"] == ["local has no stack io: answered for the group io of local/new"]


def test_anything_is_of_a_package(load: Load, tmp_path: Path) -> None:
    """Of a stub not even the package is known."""
    graph = load(write(tmp_path / "env" / "index.json", index(node("app", needs(node("lost"))))))
    for spec in ("*", "@:", "platform=linux"):
        assert [row["package"] for row in graph.find(spec)["specs"]] == ["app"]


def test_a_compiler_that_a_compiler_built(load: Load, tmp_path: Path) -> None:
    """gcc@14 is built with gcc@13, and that by way of a tool with gcc@12."""
    first = node("gcc", version="12.1")
    tool = node("gmake", needs(first, "build", virtuals=["c"]))
    second = node("gcc", needs(tool, "build"), version="13.1")
    third = node("gcc", needs(second, "build", virtuals=["c"]), version="14.1")
    graph = load(write(tmp_path / "a" / "spack.lock", lock(third, second, tool, first)))

    def versions(asked: str) -> list[str]:
        return [row["version"] for row in graph.find(asked)["specs"]]

    assert versions("gcc %gcc") == ["14.1"]
    assert versions("gcc ^gcc") == ["13.1", "14.1"]
    assert versions("gcc ^gcc@12") == ["13.1", "14.1"]
    assert versions("gcc ^gcc@14") == []
    assert versions("gmake ^gcc") == ["1.0"]


def test_two_readings_are_said(world: cachegraph.Graph) -> None:
    (note,) = world.find("zlib %gcc@11 +pic")["notes"]
    assert note.startswith("what follows %gcc may describe it (as since Spack 1.0) or zlib")
    assert "notes" not in world.find("zlib +pic %gcc@11")


@pytest.mark.parametrize(
    ("asked", "error", "message", "hint"),
    [
        ("zlibb", "NotFoundError", "no package zlibb", "did you mean zlib?"),
        ("hdf5 ^zlibb@1", "NotFoundError", "no package zlibb", "did you mean zlib?"),
        ("hdf5 %gccc", "NotFoundError", "no package gccc", "did you mean gcc?"),
        ("hdf5 ^mpj", "NotFoundError", "no package mpj", "mpi"),
        ("/zzzz", "NotFoundError", "no spec /zzzz", "a prefix will do"),
        ("w", "NotFoundError", "no package w", "a pattern, as in 'py-*', fits names"),
        ("p", "NotFoundError", "no package p", "did you mean py-h5py?"),
        ("mpy", "NotFoundError", "no package mpy", "did you mean mpi"),
        (OLD["zlib"]["hash"][:9], "NotFoundError", "no package", "a hash has a slash: /"),
        ("hdf5 ^" + OLD["zlib"]["hash"][:9], "NotFoundError", "no package", "a hash has a slash"),
        ("zlibb/abc", "NotFoundError", "no package zlibb", "did you mean zlib?"),
        ("pz-*", "NotFoundError", "no package fits pz-*", "* stands for any text"),
        ("zlibb*", "NotFoundError", "no package fits zlibb*", "did you mean zlib?"),
        ("hdf5 ^zlibb*", "NotFoundError", "no package fits zlibb*", "did you mean zlib?"),
        ("hdf5 when=+mpi", "UsageError", "when= (a condition) is not supported", "without it"),
        ("zlib@1@2", "UsageError", "character 7: a second version", "ask for one"),
        ("", "UsageError", "a spec is empty", "give a name"),
    ],
)
def test_errors(world: cachegraph.Graph, asked: str, error: str, message: str, hint: str) -> None:
    with pytest.raises(getattr(cachegraph, error)) as caught:
        world.find(asked)
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


def test_an_ambiguous_hash_lists_its_candidates(load: Load, tmp_path: Path) -> None:
    graph = load(tiny_cache(tmp_path / "site"))
    for asked in ("/z", "zlib/z", "hdf5 ^/z"):
        with pytest.raises(cachegraph.AmbiguousHashError, match=r"/zaxxxxx zlib@1\.0"):
            graph.find(asked)


def test_show_takes_a_spec(world: cachegraph.Graph) -> None:
    cards = world.show("zlib@1.3.1 %gcc")["specs"]
    assert [NAMES[card["hash"]] for card in cards] == ["ZLIB"]
    assert {"hash": NEW["GCC"]["hash"]}.items() <= cards[0]["dependencies"][0].items()
    with pytest.raises(cachegraph.NotFoundError, match="no spec fits zlib@7"):
        world.show("zlib@7")


LOCKS = [row.path for row in realfiles.SPEC_ROWS if row.format == "lock"]


@pytest.mark.slow
@pytest.mark.parametrize("path", [path for path in LOCKS if "legacy/v1" not in path])
def test_every_root_fits_what_was_asked_for(path: str) -> None:
    """Spack made the roots so; two that were asked for apart are one where they have one hash."""
    graph = cachegraph.open(":memory:")
    graph.import_(realfiles.found(path))
    unfit = [
        (request, root)
        for stack in graph.store.nodes(STACK)
        for (requests, _), roots in graph.store.starts_by_properties(ROOT_OF, stack)
        for request in requests or ()
        for root in {*roots} - {*specs_matching(graph.store, request)}
    ]
    assert len(unfit) <= repeated(path)


# Real files, against what is counted in their text the obvious way.

CUDA = "locks/e4s-24.11/amd64-gcc-cuda-ubuntu22.04/spack.lock"
ONEAPI = "locks/e4s-23.05/oneapi-x86_64/spack.lock"
RADIUSS = "spack-real/lockfiles/radiuss/spack.lock"


class Naive:
    """The specs of a lock file."""

    def __init__(self, path: str) -> None:
        data = fixture(path).read_bytes()
        text = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        self.nodes: dict[str, Node] = json.loads(text)["concrete_specs"]
        self.below = cache(self._below)

    def children(self, hash_: str, virtual: str | None = None) -> list[str]:
        return [
            one["hash"]
            for one in self.nodes[hash_].get("dependencies", ())
            if virtual is None or virtual in one["parameters"]["virtuals"]
        ]

    def _below(self, hash_: str) -> frozenset[str]:
        children = self.children(hash_)
        return frozenset(children).union(*map(self.below, children))

    def all(self, fits: Callable[[str, Node], bool]) -> set[str]:
        return {hash_ for hash_, one in self.nodes.items() if fits(hash_, one)}

    def above(self, fits: Callable[[str, Node], bool]) -> set[str]:
        ends = self.all(fits)
        return self.all(lambda hash_, _: not ends.isdisjoint(self.below(hash_)))

    def providers(self, virtual: str) -> set[str]:
        return {child for hash_ in self.nodes for child in self.children(hash_, virtual)}

    def using(self, virtual: str, providers: set[str]) -> set[str]:
        """All that use one of the providers for the virtual package, or depend on what does."""
        users = self.all(lambda at, _: not providers.isdisjoint(self.children(at, virtual)))
        return users | self.above(lambda at, _: at in users)


def is_new(_: str, one: Node) -> bool:
    return one["name"] == "zlib-ng" and one["parameters"]["new_strategies"] is True


@pytest.mark.slow
def test_real_specs_of_before_1_0(real: Load) -> None:
    graph = real(fixture(CUDA), fixture(ONEAPI))
    cuda, oneapi = Naive(CUDA), Naive(ONEAPI)

    def hashes(asked: str, *stacks: str) -> set[str]:
        return {row["hash"] for row in graph.find(asked, *stacks)["specs"]}

    (of_cuda, of_oneapi) = sorted(row["key"] for row in graph.stacks()["stacks"])
    assert hashes("^zlib-ng+new_strategies") == cuda.above(is_new)
    assert hashes("^mpi", of_cuda) == {
        one for one in cuda.nodes if any(cuda.children(at, "mpi") for at in (one, *cuda.below(one)))
    }
    for names in ("%oneapi", "%intel-oneapi-compilers"):
        assert hashes(names, of_oneapi) == oneapi.all(
            lambda _, one: one["compiler"]["name"] == "oneapi"
        )
    assert len(hashes("%oneapi", of_oneapi)) == 308
    assert hashes("%gcc", of_cuda) == {*cuda.nodes}
    assert hashes("+cuda", of_cuda) == cuda.all(
        lambda _, one: one["parameters"].get("cuda") is True
    )
    assert hashes("%cmake", of_cuda) == cuda.all(
        lambda at, _: any(cuda.nodes[child]["name"] == "cmake" for child in cuda.children(at))
    )
    # A compiler that is a property counts as a dependency, of all that is above as well.
    gcc_11 = oneapi.all(
        lambda _, one: one["compiler"]["name"] == "gcc" and one["compiler"]["version"][:3] == "11."
    )
    below = gcc_11 | oneapi.above(lambda at, _: at in gcc_11)
    assert hashes("^gcc@11", of_oneapi) == below
    assert 0 < len(below) < len(oneapi.nodes)
    for language in ("c", "cxx", "fortran"):
        assert hashes(f"^{language}", of_oneapi) == {*oneapi.nodes}
    # Virtual packages: what provides them, and what follows them.
    for virtual in ("mpi", "blas", "zlib-api"):
        providers = cuda.providers(virtual)
        assert hashes(virtual, of_cuda) == providers != set()
        assert hashes(f"^{virtual}") == cuda.using(virtual, providers)
        assert hashes(f"^{virtual} %gcc@11") == cuda.using(virtual, providers)
        shared = providers & cuda.all(lambda _, one: one["parameters"].get("shared") is True)
        assert hashes(f"^{virtual}+shared") == cuda.using(virtual, shared)
    # Patterns of names, and any that is known.
    assert hashes("py-*", of_cuda) == cuda.all(lambda _, one: one["name"].startswith("py-"))
    assert hashes("^py-*", of_cuda) == cuda.above(lambda _, one: one["name"].startswith("py-"))
    assert hashes("arch=linux-*-*", of_cuda) == hashes("os=*", of_cuda) == {*cuda.nodes}


def test_real_specs_since_1_0(real: Load) -> None:
    graph = real(fixture(RADIUSS))
    radiuss = Naive(RADIUSS)
    compilers = radiuss.all(lambda _, one: one["name"] == "gcc")

    def hashes(asked: str) -> set[str]:
        return {row["hash"] for row in graph.find(asked)["specs"]}

    assert hashes("%gcc") == radiuss.all(
        lambda at, _: not compilers.isdisjoint(radiuss.children(at))
    )
    assert hashes("%cxx=gcc") == radiuss.all(
        lambda at, _: not compilers.isdisjoint(radiuss.children(at, "cxx"))
    )
    assert hashes("%gcc %[virtuals=cxx] gcc ^zlib-ng+new_strategies") == (
        hashes("%cxx=gcc") & radiuss.above(is_new)
    )
    assert hashes("^gcc") == radiuss.above(lambda at, _: at in compilers)
    assert hashes("^c") == radiuss.using("c", compilers)
    assert hashes("cxx") == compilers
    for virtual in ("mpi", "zlib-api", "iconv"):
        providers = radiuss.providers(virtual)
        assert hashes(virtual) == providers != set()
        assert hashes(f"^{virtual}") == radiuss.using(virtual, providers)
        built = {at for at in providers if not compilers.isdisjoint(radiuss.children(at))}
        assert hashes(f"^{virtual} %gcc@12") == radiuss.using(virtual, built)

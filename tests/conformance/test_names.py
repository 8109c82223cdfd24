"""Virtual packages and patterns of names, asked in every question, the same on every store."""

from pathlib import Path
from typing import Any

import pytest

import cachegraph
from tests.conftest import Load
from tests.support.corpus import lock, needs, node, write

GCC = node("gcc", version="13.2")
NETLIB = node("netlib-lapack", provided_virtuals=["blas@3", "lapack"])
OPENBLAS = node(
    "openblas",
    needs(GCC, "build", virtuals=["c"]),
    parameters={"shared": True},
    provided_virtuals=["blas@4:5"],
)
NUMPY = node("py-numpy", needs(OPENBLAS, virtuals=["blas"]), version="2.1")
SCIPY = node("py-scipy", needs(NUMPY))
OLD: dict[str, Any] = {"spec_format": 4, "compiler": {"name": "intel", "version": "19.0"}}
MKL = node("intel-mkl", parameters={"shared": True}, **OLD)
NUMPY_1 = node("py-numpy", needs(MKL, virtuals=["blas"]), version="1.26", **OLD)
LAPACK = node("lapack", **OLD)
NAMES = {
    one["hash"]: name
    for name, one in {
        "GCC": GCC,
        "NETLIB": NETLIB,
        "OPENBLAS": OPENBLAS,
        "NUMPY": NUMPY,
        "SCIPY": SCIPY,
        "MKL": MKL,
        "NUMPY_1": NUMPY_1,
        "LAPACK": LAPACK,
    }.items()
}
BLAS = "blas is a virtual package, provided by intel-mkl, netlib-lapack, openblas"
UNVERSIONED = "no version of blas is recorded for 1 of the 3 specs that provide it"


@pytest.fixture
def world(load_once: Load, module_path: Path) -> cachegraph.Graph:
    """Three specs provide blas.

    ========  ===================  ========================================================
    OPENBLAS  openblas+shared      says that it provides blas 4 to 5, and does to NUMPY; needs GCC
    NETLIB    netlib-lapack        says that it provides blas 3 and lapack, and does to nobody
    MKL       intel-mkl+shared     is of format 4, built with intel, and provides it to NUMPY_1
    SCIPY     py-scipy             needs NUMPY
    LAPACK    lapack               is a package with the name of a virtual one
    ========  ===================  ========================================================
    """
    new = lock(SCIPY, NUMPY, OPENBLAS, NETLIB, GCC, version=8)
    return load_once(
        write(module_path / "new" / "spack.lock", new),
        write(module_path / "old" / "spack.lock", lock(NUMPY_1, MKL, LAPACK, version=5)),
    )


def names(rows: Any) -> str:
    return " ".join(sorted(NAMES[row["hash"]] for row in rows))


FOUND = {
    "blas": "MKL NETLIB OPENBLAS",
    "blas+shared": "MKL OPENBLAS",
    "blas %gcc@13": "OPENBLAS",
    "blas %intel": "MKL",
    "blas@4": "OPENBLAS",
    "blas@3:4": "NETLIB OPENBLAS",
    "blas@:3": "NETLIB",
    "blas@6:": "",
    "lapack": "LAPACK",
    "c": "GCC",
    "^blas": "NUMPY NUMPY_1 SCIPY",
    "%blas": "NUMPY NUMPY_1",
    "^blas+shared": "NUMPY NUMPY_1 SCIPY",
    "^blas %gcc@13": "NUMPY SCIPY",
    "^blas %intel@19": "NUMPY_1",
    "^blas@5": "NUMPY SCIPY",
    "^blas@3": "",
    "%blas@4+shared": "NUMPY",
    "^[deptypes=build] blas": "NUMPY NUMPY_1 SCIPY",
    "^[deptypes=run] blas": "",
    "^intel": "LAPACK MKL NUMPY_1",
    "^c": "LAPACK MKL NUMPY NUMPY_1 OPENBLAS SCIPY",
    "^fortran": "LAPACK MKL NUMPY_1",
    "py-*": "NUMPY NUMPY_1 SCIPY",
    "py-*@2:": "NUMPY",
    "^py-*": "SCIPY",
    "^*lapack": "",
    "^intel-*": "NUMPY_1",
}


@pytest.mark.newest
def test_what_fits(world: cachegraph.Graph) -> None:
    assert {asked: names(world.find(asked)["specs"]) for asked in FOUND} == FOUND


def test_notes(world: cachegraph.Graph) -> None:
    assert world.find("blas %gcc")["notes"] == [BLAS]
    first, second = world.find("blas@4")["notes"]
    assert (first, second) == (BLAS, f"{UNVERSIONED}: these do not fit")
    assert world.find("py-numpy ^blas@4")["notes"] == [second]
    assert world.find("py-numpy ^py-* %blas@4")["notes"] == [second]
    assert world.find("*-shared")["notes"] == [
        "*-shared is any package with ~shared; ?*-shared fits names that end in -shared"
    ]
    for text in ("lapack", "py-*", "^blas", "py-numpy@2", "%intel@19", "* -shared", "?*-lapack"):
        assert "notes" not in world.find(text)


def test_show_and_what_depends_on_it(world: cachegraph.Graph) -> None:
    shown = world.show("blas")
    assert names(shown["specs"]) == "MKL NETLIB OPENBLAS"
    assert shown["notes"] == [BLAS]
    assert "packages" not in shown
    assert names(world.show("py-*")["specs"]) == "NUMPY NUMPY_1 SCIPY"
    three = "3 specs fit blas: the answer covers all"
    direct = world.dependents("blas")
    assert names(direct["specs"]) == "NUMPY NUMPY_1"
    assert direct["notes"] == [BLAS, three]
    assert names(world.dependents("blas", transitive=True)["specs"]) == "NUMPY NUMPY_1 SCIPY"
    assert names(world.dependents("open*")["specs"]) == "NUMPY"
    assert names(world.deps("blas")["specs"]) == "GCC"
    reached = world.affected("blas")
    assert names(reached["matched"]) == "MKL NETLIB OPENBLAS"
    assert names(reached["specs"]) == "NUMPY NUMPY_1 SCIPY"
    assert reached["notes"] == [BLAS]
    assert names(world.affected("py-n*")["specs"]) == "SCIPY"


def test_a_path_to_a_virtual_package(world: cachegraph.Graph) -> None:
    down = world.deps("py-scipy", path="blas")
    assert [NAMES[step["hash"]] for step in down["path"]] == ["SCIPY", "NUMPY", "OPENBLAS"]
    assert down["notes"] == [BLAS]
    up = world.dependents("blas", path="py-s*")
    assert [NAMES[step["hash"]] for step in up["path"]] == ["SCIPY", "NUMPY", "OPENBLAS"]


def test_want(world: cachegraph.Graph) -> None:
    answer = world.want("blas+shared", on="linux-*-x86_64_v3")
    differs = {NAMES[row["hash"]]: row["differs"] for row in answer["candidates"]}
    lacks = {"what": "variant", "wanted": "+shared", "found": None}
    assert differs == {"MKL": [], "OPENBLAS": [], "NETLIB": [lacks]}
    assert all(row["runs"] for row in answer["candidates"])
    assert answer["notes"] == [BLAS]
    assert answer["wanted"]["os"] == "*"
    assert names(world.want("blas@4")["candidates"]) == "OPENBLAS"
    built = {NAMES[r["hash"]]: r["differs"] for r in world.want("blas %gcc@13")["candidates"]}
    assert [name for name, differs in built.items() if not differs] == ["OPENBLAS"]
    assert names(world.want("py-* os=* target=*")["candidates"]) == "NUMPY NUMPY_1 SCIPY"
    nothing = world.want("blas@6")
    assert nothing["candidates"] == []
    assert nothing["notes"][-1] == "no stack holds blas@6"
    elsewhere = world.want("blas %gcc", stacks=["old"])
    assert names(elsewhere["candidates"]) == "MKL"
    with pytest.raises(cachegraph.UsageError, match=r"asks for the os sles15, --on for debian12"):
        world.want("blas os=sles15", on="linux-debian12-*")


def test_coverage_and_history(world: cachegraph.Graph) -> None:
    answer = world.coverage("blas", by="stack")
    assert answer["rows"] == ["intel-mkl", "netlib-lapack", "openblas"]
    assert answer["cells"] == [[0, 1], [1, 0], [1, 0]]
    assert answer["notes"] == [BLAS]
    assert world.coverage("py-*", "lapack")["rows"] == ["lapack", "py-numpy", "py-scipy"]
    with pytest.raises(cachegraph.NotFoundError, match="no package fits q") as caught:
        world.coverage("q*")
    assert str(caught.value.hint).startswith("* stands for any text")
    for name, others in (("blas", "intel-mkl, netlib-lapack, openblas"), ("py-s*", "py-scipy")):
        with pytest.raises(cachegraph.NotFoundError, match="not the name of one package") as many:
            world.history(name)
        assert many.value.hint == f"ask for one of those it stands for: {others}"


@pytest.mark.parametrize("asked", ["w", "blass", "py-q*", "openblas2", "gcc13"])
def test_unknown_names_speak_of_the_package(world: cachegraph.Graph, asked: str) -> None:
    for question in (world.find, world.show, world.deps, world.dependents, world.affected):
        with pytest.raises(cachegraph.NotFoundError, match="no package") as caught:
            question(asked)
        assert caught.value.hint
    with pytest.raises(cachegraph.NotFoundError, match="no package"):
        world.want(asked)


def test_a_hash_without_a_slash(world: cachegraph.Graph) -> None:
    text = MKL["hash"][:7]
    for question in (world.find, world.deps, world.dependents, world.affected, world.want):
        with pytest.raises(cachegraph.NotFoundError, match=f"no package {text}") as caught:
            question(text)
        assert caught.value.hint == f"a hash has a slash: /{text}"
    assert names(world.show(text)["specs"]) == "MKL"
    with pytest.raises(cachegraph.NotFoundError, match=f"no package {text[:6]}"):
        world.show(text[:6])
    assert world.why("openblas", f"/{text}")["left"]["package"] == "openblas"  # there is only one


@pytest.mark.parametrize(
    ("pin", "what"),
    [
        ("py-* @2", "a pattern of names cannot be pinned"),
        ("py-numpy os=*", "a value of any kind cannot be pinned"),
        ("py-numpy target=*", "a value of any kind cannot be pinned"),
        ("py-numpy when=+x", r"when= \(a condition\) is not supported"),
    ],
)
def test_what_is_no_pin(pin: str, what: str) -> None:
    with cachegraph.open(":memory:") as graph, pytest.raises(cachegraph.UsageError, match=what):
        graph.what_if(pin)

"""What no real file at hand has: small documents by hand, with right hashes, in every store."""

import json
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from tests.conftest import Load
from tests.oracles import documents as oracle

Document = dict[str, Any]
ARCH = {"platform": "linux", "platform_os": "debian12", "target": "x86_64"}


def needs(child: Document, *deptypes: str, virtuals: tuple[str, ...] = ()) -> Document:
    parameters = {"deptypes": [*deptypes], "virtuals": [*virtuals]}
    return {"name": child["name"], "hash": child["hash"], "parameters": parameters}


def node(name: str, *dependencies: Document, **more: Any) -> Document:
    """A node of format 5 with its DAG hash."""
    made: Document = {
        "name": name,
        "version": "1",
        "arch": ARCH,
        "namespace": "builtin",
        "parameters": {},
    }
    made |= {"package_hash": f"{name}====", "dependencies": [*dependencies], **more}
    return {**made, "hash": oracle.recompute(made, 5)}


def lock(path: Path, *nodes: Document, version: int = 6, **more: Any) -> Path:
    """A lock file; its root is the first node unless ``roots`` says otherwise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(environment(*nodes, version=version, **more)))
    return path


def environment(*nodes: Document, version: int = 6, **more: Any) -> Document:
    return {
        "_meta": {"file-type": "spack-lockfile", "lockfile-version": version},
        "roots": [{"hash": nodes[0]["hash"], "spec": nodes[0]["name"]}],
        "concrete_specs": {each["hash"]: each for each in nodes},
        **more,
    }


def joined(graph: cachegraph.Graph, type_: str) -> dict[tuple[str, str], Any]:
    """The relationships of a type by the names of what they join."""
    copy = graph.networkx()
    names = {each: data.get("package") or data.get("name") for each, data in copy.nodes(data=True)}
    return {
        (names[start] or "", names[end] or ""): data
        for start, end, key, data in copy.edges(keys=True, data=True)
        if key == type_
    }


def test_the_compiler_of_two_is_that_of_c(load: Load, tmp_path: Path) -> None:
    gcc, nvhpc = node("gcc"), node("nvhpc")
    app = node(
        "app",
        needs(nvhpc, "build", virtuals=("fortran",)),
        needs(gcc, "build", virtuals=("c", "cxx")),
    )
    only = node("only", needs(nvhpc, "build", virtuals=("fortran",)), needs(gcc, "link", "run"))
    graph = load(lock(tmp_path / "spack.lock", app, only, gcc, nvhpc))
    assert joined(graph, "BUILT_WITH") == {
        ("app", "gcc@1"): {"languages": ("c", "cxx")},
        ("app", "nvhpc@1"): {"languages": ("fortran",)},
        ("only", "nvhpc@1"): {"languages": ("fortran",)},
    }
    said = {name: graph.show(name)["specs"][0].get("compiler") for name in ("app", "only", "gcc")}
    assert said == {"app": "gcc@1", "only": "nvhpc@1", "gcc": None}


def test_types_and_virtuals_are_sorted(load: Load, tmp_path: Path) -> None:
    mpich = node("mpich")
    app = node("app", needs(mpich, "run", "link", "build", virtuals=("mpi", "lapack")))
    graph = load(lock(tmp_path / "spack.lock", app, mpich))
    assert joined(graph, "DEPENDS_ON") == {
        ("app", "mpich"): {"deptypes": ("build", "link", "run"), "virtuals": ("lapack", "mpi")}
    }
    assert graph.verify()["sources"][0]["equal"] == 2


def test_two_builds_of_one_package_are_two_dependencies(load: Load, tmp_path: Path) -> None:
    builds = [node("cmake", parameters={"doc": doc}) for doc in (True, False)]
    app = node("app", *(needs(each, "build") for each in builds))
    graph = load(lock(tmp_path / "spack.lock", app, *builds))
    (card,) = graph.show("app")["specs"]
    assert {row["hash"] for row in card["dependencies"]} == {each["hash"] for each in builds}


def test_environments_inside_of_environments(load: Load, tmp_path: Path) -> None:
    zlib = node("zlib")
    inner = environment(node("inner", needs(zlib, "link")), zlib)
    middle = environment(node("middle"), include_concrete={"/inner": inner})
    outer = node("outer", needs(zlib, "link"))
    graph = load(lock(tmp_path / "env" / "spack.lock", outer, include_concrete={"/middle": middle}))
    names = {name for name, _ in joined(graph, "IN_STACK")}
    assert names == {"outer", "middle", "inner", "zlib"}
    assert joined(graph, "ROOT_OF").keys() == {(n, "env") for n in ("outer", "middle", "inner")}
    assert joined(graph, "DEPENDS_ON").keys() == {("inner", "zlib"), ("outer", "zlib")}
    assert graph.verify()["problems"] == []


def test_roots_with_requests_and_groups(load: Load, tmp_path: Path) -> None:
    app, tool = node("app"), node("tool")
    roots = [
        {"hash": app["hash"], "spec": "app+mpi", "group": "gpu"},
        {"hash": app["hash"], "spec": "app"},
        {"hash": app["hash"], "spec": "app", "group": "cpu"},
        {"hash": tool["hash"], "spec": "tool"},
    ]
    graph = load(lock(tmp_path / "env" / "spack.lock", app, tool, version=7, roots=roots))
    assert joined(graph, "ROOT_OF") == {
        ("app", "env"): {"requests": ("app", "app+mpi"), "group": "cpu, default, gpu"},
        ("tool", "env"): {"requests": ("tool",), "group": "default"},
    }


def test_a_spliced_spec_and_what_it_was_built_as(load: Load, tmp_path: Path) -> None:
    old, new = node("zlib"), node("zlib", version="2")
    built = node("app", needs(old, "link"))
    spliced = node("app", needs(new, "link"), build_spec={"name": "app", "hash": built["hash"]})
    spliced["hash"] = spliced["hash"][:-7] + built["hash"][-7:]
    graph = load(lock(tmp_path / "spack.lock", spliced, built, old, new))
    assert [
        (start, end)
        for start, end, type_ in graph.networkx().edges(keys=True)
        if type_ == "BUILT_AS"
    ] == [(f"Spec:{spliced['hash']}", f"Spec:{built['hash']}")]
    (source,) = graph.verify()["sources"]
    assert (source["equal"], source["reasons"]) == (3, {"spliced": 1})
    assert graph.verify()["problems"] == []


@pytest.mark.parametrize(
    ("module", "shown"),
    [(None, None), (["gcc/12", "cmake"], ["gcc/12", "cmake"]), ("gcc", ["gcc"])],
)
def test_externals(load: Load, tmp_path: Path, module: Any, shown: Any) -> None:
    gcc = node("gcc", external={"path": "/opt/gcc-\u00fc", "module": module})
    graph = load(lock(tmp_path / "spack.lock", gcc))
    (card,) = graph.show("gcc")["specs"]
    assert (card["external"], card["prefix"], card.get("modules")) == (
        True,
        "/opt/gcc-\u00fc",
        shown,
    )
    assert card["verified"]


def test_a_dependency_that_is_not_there(graph: cachegraph.Graph, tmp_path: Path) -> None:
    zlib = node("zlib")
    app = node("app", needs(zlib, "link"))
    path = lock(tmp_path / "spack.lock", app)
    assert graph.import_(path).stubs == 1
    (problem,) = graph.verify()["problems"]
    assert (problem["kind"], problem["package"]) == ("dangling", "app")
    assert problem["missing"] == zlib["hash"]
    assert graph.import_(lock(tmp_path / "other" / "spack.lock", zlib)).stubs == 0
    assert graph.verify()["problems"] == []


def test_records_that_are_no_members(load: Load, tmp_path: Path) -> None:
    # What a build cache does not hold, or what is not installed.
    zlib = node("zlib")
    app = node("app", needs(zlib, "link"))
    cached = {"in_buildcache": True}, {"in_buildcache": False}
    installed = {"installed": True, "explicit": True}, {"installed": False, "explicit": False}
    for name, said in (("cache", cached), ("db", installed)):
        records = {
            each["hash"]: {"spec": each, "ref_count": 1, **more}
            for each, more in zip((app, zlib), said, strict=True)
        }
        path = tmp_path / name / "index.json"
        path.parent.mkdir()
        path.write_text(json.dumps({"database": {"version": "8", "installs": records}}))
    graph = load(tmp_path / "cache" / "index.json", tmp_path / "db" / "index.json")
    assert joined(graph, "IN_STACK").keys() == {("app", "cache"), ("app", "db")}
    assert joined(graph, "ROOT_OF").keys() == {("app", "cache"), ("app", "db")}
    answer = graph.verify()
    assert [row["equal"] for row in answer["sources"]] == [2, 2]
    assert answer["problems"] == []


CHANGES: list[tuple[Document, list[str]]] = [
    ({"version": "2"}, ["version"]),
    ({"parameters": {"doc": True}}, ["variants"]),
    ({"parameters": {"cflags": ["-g"]}}, ["flags"]),
    ({"namespace": "mine"}, ["namespace"]),
    ({"package_hash": "other===="}, ["package_hash"]),
    ({"external": {"path": "/opt", "module": None}}, ["prefix"]),
    ({"external": {"path": "/usr", "module": ["app/2"]}}, ["modules"]),
    (
        {"external": {"path": "/usr", "module": ["app/1"], "extra_attributes": {"a": 1}}},
        ["details"],
    ),
]


@pytest.mark.parametrize(("change", "differs"), CHANGES)
def test_one_hash_with_other_contents(
    graph: cachegraph.Graph, tmp_path: Path, change: Document, differs: list[str]
) -> None:
    target = {"name": "x86_64", "features": ["sse"]}
    external = {"path": "/usr", "module": ["app/1"]}
    app = node("app", arch={**ARCH, "target": target}, external=external)
    graph.import_(lock(tmp_path / "1" / "spack.lock", app))
    before = graph.show("app")["specs"][0]
    second = graph.import_(lock(tmp_path / "2" / "spack.lock", {**app, **change}))
    assert (second.conflicts, len(second.warnings)) == (1, 1)
    (conflict,) = (each for each in graph.verify()["problems"] if each["kind"] == "conflict")
    assert conflict["differs"] == differs
    after = graph.show("app")["specs"][0]
    assert {**after, "stacks": [], "roots": [], "sources": []} == {
        **before, "stacks": [], "roots": [], "sources": [],
    }  # fmt: skip


def test_one_hash_with_other_features_of_its_target(
    graph: cachegraph.Graph, tmp_path: Path
) -> None:
    for number, features in enumerate((["sse"], ["sse", "sse2"])):
        target = {"name": "x86_64", "features": features}
        app = node("app", arch={**ARCH, "target": target})
        summary = graph.import_(lock(tmp_path / str(number) / "spack.lock", app))
        assert (summary.specs, summary.conflicts) == (1, 0)
    assert {each["kind"] for each in graph.verify()["problems"]} <= {"hash"}


def test_one_hash_with_other_dependencies(graph: cachegraph.Graph, tmp_path: Path) -> None:
    zlib = node("zlib")
    app = node("app", needs(zlib, "link"))
    graph.import_(lock(tmp_path / "1" / "spack.lock", app, zlib))
    changed = {**app, "dependencies": [needs(zlib, "build")]}
    assert graph.import_(lock(tmp_path / "2" / "spack.lock", changed, zlib)).conflicts == 1
    kinds = {each["kind"]: each for each in graph.verify()["problems"]}
    assert kinds.keys() == {"hash", "conflict"}
    assert joined(graph, "DEPENDS_ON")["app", "zlib"]["deptypes"] == ("link",)

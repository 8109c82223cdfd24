"""Merging across kinds of sources, and what a spec node may hold: the same in every store."""

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from tests.conformance.test_merging import everything
from tests.support.corpus import FLAGS, database, index, lock, needs, node, page, spec_file, write

GCC = node("gcc", version="11.4.0", external={"path": "/usr", "module": None})
CLANG = node("llvm", version="17.0")
ZLIB = node("zlib", needs(GCC, "build", virtuals=["c"]))


def only(graph: cachegraph.Graph, name: str) -> Any:
    (card,) = graph.show(name)["specs"]
    return card


def specs(graph: cachegraph.Graph) -> dict[str, Any]:
    """The nodes of specs with their properties."""
    nodes, _ = everything(graph)
    return {name: data for name, data in nodes.items() if data["kind"] == "Spec"}


def lock_of(folder: Path, *nodes: Any, **more: Any) -> Path:
    return write(folder / "env" / "spack.lock", lock(*nodes, **more))


PATCH = "8f2c1ab" + "0" * 57


def page_of(one: Any, *variants: str) -> dict[str, Any]:
    """What a page says of a node."""
    return {
        "compiler": "gcc@=11.4.0",
        "hash": one["hash"],
        "os": "ubuntu22.04",
        "platform": "linux",
        "size": "-",
        "stacks": ["root"],
        "target": "x86_64_v3",
        "variants": [*variants],
        "versions": ["1.0"],
    }


class TestPageAndLock:
    """A spec known from both is one node, and the richer source fills in."""

    parameters: dict[str, Any] = {  # noqa: RUF012
        "build_system": "cmake",
        "my-variant": True,
        "languages": ["fortran", "c"],
        "patches": [PATCH],
        **{flag: [] for flag in FLAGS},
        "cflags": ["-O2", "-g"],
    }
    shown = ("build_system=cmake", "languages:=c,fortran", "+my-variant", "patches:=8f2c1ab")

    @pytest.mark.parametrize("order", [1, -1])
    def test_it_is_one_node(self, graph: cachegraph.Graph, tmp_path: Path, order: int) -> None:
        hdf5 = node(
            "hdf5",
            needs(ZLIB, "build", "link"),
            needs(GCC, "build", virtuals=["c"]),
            parameters=self.parameters,
        )
        paths = [
            write(tmp_path / "specs.md", page("hdf5", [page_of(hdf5, *self.shown)]).encode()),
            lock_of(tmp_path, hdf5, ZLIB, GCC),
        ]
        for path in paths[::order]:
            assert graph.import_(path).conflicts == 0
        card = only(graph, "hdf5")
        assert card["variants"] == [
            "build_system=cmake",
            "languages=c,fortran",
            "+my-variant",
            f"patches={PATCH}",
        ]
        assert card["flags"] == ["cflags=-O2 -g"]
        assert (card["compiler"], card["namespace"], card["verified"]) == (
            "gcc@11.4.0",
            "builtin",
            True,
        )
        assert [row["package"] for row in card["dependencies"]] == ["gcc", "zlib"]
        assert card["stacks"] == ["develop/root", "local/env"]
        assert len(card["sources"]) == 2
        assert graph.verify()["problems"] == []

    def test_all_orders_are_equal(self, tmp_path: Path) -> None:
        hdf5 = node(
            "hdf5", needs(ZLIB), needs(GCC, "build", virtuals=["c"]), parameters=self.parameters
        )
        paths = [
            write(tmp_path / "specs.md", page("hdf5", [page_of(hdf5, *self.shown)]).encode()),
            lock_of(tmp_path, hdf5, ZLIB, GCC),
            write(tmp_path / "m" / "index.json", index(hdf5, outside=[ZLIB])),
            write(tmp_path / "zlib.spec.json", spec_file(ZLIB, GCC)),
        ]
        found = []
        for order in permutations(paths):
            graph = cachegraph.open(":memory:")
            for path in order:
                assert graph.import_(path).conflicts == 0
            found.append(everything(graph))
        together = cachegraph.open(":memory:")
        together.import_(*paths)
        found.append(everything(together))
        assert all(other == found[0] for other in found)

    def test_another_patch_is_a_conflict(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        hdf5 = node(
            "hdf5", parameters={"patches": [PATCH]}, annotations={"compiler": "gcc@=11.4.0"}
        )
        text = page("hdf5", [page_of(hdf5, "patches:=8f2c1ac")])
        graph.import_(lock_of(tmp_path, hdf5))
        assert graph.import_(write(tmp_path / "specs.md", text.encode())).conflicts == 1
        assert only(graph, "hdf5")["variants"] == [f"patches={PATCH}"]


class TestDependencies:
    def test_a_stub_is_filled_in_later(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        summary = graph.import_(lock_of(tmp_path, ZLIB))
        assert (summary.specs, summary.stubs) == (1, 1)
        (problem,) = graph.verify()["problems"]
        assert (problem["kind"], problem["package"]) == ("dangling", "zlib")
        assert problem["missing"] == GCC["hash"]
        assert [source["dangling"] for source in graph.verify()["sources"]] == [1]
        summary = graph.import_(write(tmp_path / "gcc.json", spec_file(GCC)))
        assert summary.stubs == 0
        assert graph.verify()["problems"] == []
        assert only(graph, "gcc")["dependents"] == 1

    def test_a_root_that_is_missing(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        value = lock(GCC)
        value["roots"].append({"hash": ZLIB["hash"], "spec": "zlib@1"})
        path = write(tmp_path / "env" / "spack.lock", value)
        summary = graph.import_(path)
        assert summary.warnings == [
            f"{path}: roots[1]: zlib@1: /{ZLIB['hash']} is not among concrete_specs"
        ]
        (problem,) = graph.verify()["problems"]
        expected = {"kind": "dangling", "stack": "local/env", "missing": ZLIB["hash"]}
        assert problem == expected

    def test_a_circle(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        first = {**node("a"), "dependencies": [needs({"name": "b", "hash": "b" * 32})]}
        second = {**node("b"), "hash": "b" * 32, "dependencies": [needs(first)]}
        graph.import_(lock_of(tmp_path, first, second))
        problems = graph.verify()["problems"]
        circles = [problem["hashes"] for problem in problems if problem["kind"] == "cycle"]
        assert circles == [sorted([first["hash"], "b" * 32])]

    def test_two_entries_of_one_package(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        """A build tool in two configurations: two dependencies."""
        tools = node("python", version="3.11"), node("python", version="3.12")
        both = node("app", needs(tools[0], "build"), needs(tools[1], "link", "run"))
        assert graph.import_(lock_of(tmp_path, both, *tools)).dependencies == 2
        found = [(row["version"], row["deptypes"]) for row in only(graph, "app")["dependencies"]]
        assert found == [("3.11", ["build"]), ("3.12", ["link", "run"])]

    def test_one_child_twice(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        mpi = node("openmpi")
        app = node("app", needs(mpi, "build", virtuals=["mpi"]), needs(mpi, "link", virtuals=["x"]))
        assert graph.import_(lock_of(tmp_path, app, mpi)).dependencies == 1
        (row,) = only(graph, "app")["dependencies"]
        assert (row["deptypes"], row["virtuals"]) == (["build", "link"], ["mpi", "x"])
        assert graph.verify()["sources"][0]["equal"] == 2


class TestCompilers:
    def test_two_in_one_node(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        app = node(
            "app",
            needs(GCC, "build", virtuals=["fortran"]),
            needs(CLANG, "build", virtuals=["c", "cxx"]),
        )
        assert graph.import_(lock_of(tmp_path, app, GCC, CLANG)).compilers == 1
        assert only(graph, "app")["compiler"] == "llvm@17.0"
        copy = graph.networkx()
        built = {
            end: data.get("languages")
            for start, end, kind, data in copy.edges(keys=True, data=True)
            if kind == "BUILT_WITH"
        }
        assert built == {"Compiler:llvm@17.0": ("c", "cxx"), "Compiler:gcc@11.4.0": ("fortran",)}

    def test_what_is_no_compiler(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        """Neither what provides C for running only, nor what is a package of the build."""
        wrapper = node("compiler-wrapper")
        app = node("app", needs(wrapper, "build"), needs(GCC, "link", virtuals=["c"]))
        graph.import_(lock_of(tmp_path, app, wrapper, GCC))
        assert "compiler" not in only(graph, "app")

    def test_carried_over(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        """A spec from before Spack 1.0: its hash is that of the node of format 4."""
        before = node("zlib", spec_format=4)
        carried = {key: value for key, value in before.items() if key not in ("compiler", "hash")}
        carried["annotations"] = {"original_specfile_version": 4, "compiler": "gcc@=11.4.0"}
        carried["hash"] = before["hash"]
        paths = [
            lock_of(tmp_path / "1", before, version=5),
            lock_of(tmp_path / "2", carried, version=6),
        ]
        for path in paths:
            assert graph.import_(path, add=True).conflicts == 0
        card = only(graph, "zlib")
        assert (card["compiler"], card["specfile_version"]) == ("gcc@11.4.0", 4)
        assert card["verified"] is True
        assert graph.verify()["problems"] == []
        other = cachegraph.open(":memory:")
        for path in reversed(paths):
            assert other.import_(path, add=True).conflicts == 0
        # Which of the two the stack has in full depends on the order.
        assert specs(other) == specs(graph)

    def test_spliced(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        fields = node("app", needs(ZLIB), build_spec={"name": "app", "hash": "a" * 32})
        spliced = {**fields, "hash": fields["hash"][:-7] + "a" * 7}
        built = {**node("app", needs(GCC)), "hash": "a" * 32}
        graph.import_(lock_of(tmp_path, spliced, built, ZLIB, GCC))
        copy = graph.networkx()
        assert copy.has_edge(f"Spec:{spliced['hash']}", f"Spec:{'a' * 32}", "BUILT_AS")
        (source,) = graph.verify()["sources"]
        assert source["reasons"] == {"spliced": 1, "unexplained": 1}
        assert [problem["hash"] for problem in graph.verify()["problems"]] == ["a" * 32]


class TestEnvironments:
    def test_included_twice_over(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        inner = lock(GCC)
        middle = lock(ZLIB, include_concrete={"/inner": inner})
        app = node("app", needs(ZLIB))
        path = lock_of(tmp_path, app, include_concrete={"/middle": middle, "/inner": inner})
        summary = graph.import_(path)
        assert (summary.specs, summary.roots, summary.stubs) == (3, 3, 0)
        assert [
            card["roots"] for name in ("app", "zlib", "gcc") for card in graph.show(name)["specs"]
        ] == [["local/env"]] * 3
        assert only(graph, "zlib")["compiler"] == "gcc@11.4.0"

    def test_abstract_specs_are_left_out(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        abstract = {"name": "app", "versions": [":"], "concrete": False}
        path = write(tmp_path / "find.json", [ZLIB, abstract, GCC])
        summary = graph.import_(path)
        assert summary.specs == 2
        assert summary.warnings == [f"{path}: nodes[1]: an abstract spec; left out"]

    def test_fields_that_nobody_knows(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        odd = node("odd", from_the_future={"x": [1]}, annotations={"new": None})
        value = lock(odd, more={"x": 1})
        value["_meta"]["also"] = value["roots"][0]["also"] = 1
        summary = graph.import_(write(tmp_path / "env" / "spack.lock", value))
        assert (summary.specs, summary.warnings) == (1, [])
        assert only(graph, "odd")["verified"] is True

    @pytest.mark.parametrize(
        ("module", "modules"),
        [
            (None, None),
            (["gcc/11", "x"], ["gcc/11", "x"]),
            ("gcc/11", ["gcc/11"]),
        ],
    )
    def test_modules(
        self, graph: cachegraph.Graph, tmp_path: Path, module: Any, modules: Any
    ) -> None:
        extra = {"environment": {"set": {"A": "b"}}}
        gcc = node("gcc", external={"path": "/usr", "module": module, "extra_attributes": extra})
        graph.import_(lock_of(tmp_path, gcc))
        card = only(graph, "gcc")
        assert card["external"] is True
        assert card["prefix"] == "/usr"
        assert card.get("modules") == modules

    def test_text_that_says_true(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        parameters = {"shared": "True", "pic": "false", "with-mpi": False, "a_b": "x,a", "n": "2"}
        graph.import_(lock_of(tmp_path, node("app", parameters=parameters)))
        expected = ["a_b=a,x", "n=2", "~pic", "+shared", "~with-mpi"]
        assert only(graph, "app")["variants"] == expected

    def test_a_database_and_its_environment(self, graph: cachegraph.Graph, tmp_path: Path) -> None:
        """The same specs; what a user asked for by name is not lost."""
        installed = write(tmp_path / "opt" / ".spack-db" / "index.json", database([ZLIB], GCC))
        graph.import_(lock_of(tmp_path, ZLIB, GCC), installed)
        assert only(graph, "zlib")["roots"] == ["local/env", "local/opt"]
        levels = graph.overlap("env", "opt")["levels"]
        assert (levels["hash"]["shared"], levels["hash"]["union"]) == (2, 2)

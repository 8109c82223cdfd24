"""What depends on what: answers worked out by hand, the same on every store."""

import random
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from cachegraph import questions
from cachegraph.model.elements import Pairs
from cachegraph.model.schema import DEPENDS_ON, SPEC
from cachegraph.opening import open_store
from cachegraph.questions.dependencies import Deps
from cachegraph.stores import Store
from tests.conftest import Load
from tests.oracles import documents as oracle
from tests.support.corpus import dag_hash, lock, needs, node, page, spec, write
from tests.support.known_answers import fixture
from tests.support.realfiles import lock as real_lock

GHOST = {"name": "ghost", "hash": dag_hash("ghost")}


def made() -> dict[str, dict[str, Any]]:
    """Seven specs and a stub: two diamonds, one below the other.

    ======  ====================================================
    spec    needs
    ======  ====================================================
    app     left (build link), right (run, as mpi), tool (build)
    left    base (link)
    right   base (build link, as blas and lapack)
    tool    base (run), libc (link)
    base    libc (link, as libc)
    other   base (test)
    libc    ghost (link), of which only the hash is known
    ======  ====================================================
    """
    libc = node("libc", needs(GHOST, "link"))
    base = node("base", needs(libc, "link", virtuals=["libc"]))
    left = node("left", needs(base, "link"))
    right = node("right", needs(base, "build", "link", virtuals=["blas", "lapack"]))
    tool = node("tool", needs(base, "run"), needs(libc, "link"))
    app = node(
        "app",
        needs(left, "build", "link"),
        needs(right, "run", virtuals=["mpi"]),
        needs(tool, "build"),
    )
    other = node("other", needs(base, "test"))
    return {one["name"]: one for one in (app, left, right, tool, base, other, libc)}


@pytest.fixture
def dag(load_once: Load, module_path: Path) -> cachegraph.Graph:
    """All but other are in stack one, whose root is app; stack two is other, base and libc."""
    specs = made()
    other = specs.pop("other")
    write(module_path / "all" / "envs" / "one" / "spack.lock", lock(*specs.values()))
    two = lock(other, specs["base"], specs["libc"])
    write(module_path / "all" / "envs" / "two" / "spack.lock", two)
    return load_once(module_path / "all")


def far(answer: Mapping[str, Any]) -> dict[str, int]:
    """How far away each package is."""
    return {row.get("package", "ghost"): row["depth"] for row in answer["specs"]}


def test_direct_dependencies(dag: cachegraph.Graph) -> None:
    answer = dag.deps("app")
    assert {name: value for name, value in answer.items() if name != "specs"} == {
        "question": "deps",
        "scope": {
            "text": "all specs, in envs: 2 stacks",
            "releases": ["envs"],
            "stacks": 2,
            "everything": True,
        },
        "spec": "app",
        "roots": [made()["app"]["hash"]],
        "deptypes": [],
        "transitive": False,
    }
    shown = [
        (row["package"], row["depth"], row["deptypes"], row.get("virtuals", []))
        for row in answer["specs"]
    ]
    assert shown == [
        ("left", 1, ["build", "link"], []),
        ("right", 1, ["run"], ["mpi"]),
        ("tool", 1, ["build"], []),
    ]
    assert answer["specs"][0]["hash"] == made()["left"]["hash"]
    assert answer["specs"][0]["target"] == "x86_64_v3"


def test_transitive_dependencies_are_sorted_by_depth(dag: cachegraph.Graph) -> None:
    answer = dag.deps("app", transitive=True)
    # libc is three away by way of base, but two by way of tool.
    assert [*far(answer).items()] == [
        ("left", 1),
        ("right", 1),
        ("tool", 1),
        ("base", 2),
        ("libc", 2),
        ("ghost", 3),
    ]
    assert answer["specs"][-1] == {"hash": GHOST["hash"], "depth": 3}
    assert ["deptypes" in row for row in answer["specs"]] == [True] * 3 + [False] * 3
    assert answer["notes"] == ["no source records the dependencies of 1 of these specs"]


@pytest.mark.parametrize(
    ("deptypes", "expected"),
    [
        (["link"], {"left": 1, "base": 2, "libc": 3, "ghost": 4}),
        (["build"], {"left": 1, "tool": 1}),
        (["run"], {"right": 1}),
        (["run", "build"], {"left": 1, "right": 1, "tool": 1, "base": 2}),
        (["link,run"], {"left": 1, "right": 1, "base": 2, "libc": 3, "ghost": 4}),
        (["test"], {}),
    ],
)
def test_only_some_deptypes(
    dag: cachegraph.Graph, deptypes: list[str], expected: dict[str, int]
) -> None:
    answer = dag.deps("app", transitive=True, deptypes=deptypes)
    assert far(answer) == expected
    direct = dag.deps("app", deptypes=deptypes)
    assert far(direct) == {name: depth for name, depth in expected.items() if depth == 1}
    assert all("deptypes" in row for row in direct["specs"])


@pytest.mark.parametrize(
    ("deptypes", "expected"),
    [
        ([], {"left": 1, "right": 1, "tool": 1, "other": 1, "app": 2}),
        (["link"], {"left": 1, "right": 1, "app": 2}),
        (["test"], {"other": 1}),
        (["run"], {"tool": 1}),
        (["run", "test", "link"], {"left": 1, "right": 1, "tool": 1, "other": 1, "app": 2}),
    ],
)
def test_dependents(dag: cachegraph.Graph, deptypes: list[str], expected: dict[str, int]) -> None:
    answer = dag.dependents("base", transitive=True, deptypes=deptypes)
    assert answer["question"] == "dependents"
    assert answer["deptypes"] == [name for name in oracle.TYPES if name in deptypes]
    assert far(answer) == expected
    needed = {row["package"]: row.get("virtuals", []) for row in answer["specs"]}
    assert needed.get("right", ["blas", "lapack"]) == ["blas", "lapack"]
    assert "notes" not in answer


def test_dependents_of_a_stub(dag: cachegraph.Graph) -> None:
    (row,) = dag.dependents("/ghost")["specs"]
    assert (row["package"], row["deptypes"]) == ("libc", ["link"])
    assert len(dag.dependents("/ghost", transitive=True)["specs"]) == 7
    assert dag.deps("/ghost")["specs"] == []
    assert dag.deps("/ghost")["notes"] == ["no source records the dependencies of 1 of these specs"]


@pytest.mark.newest
def test_dependents_that_stacks_hold(dag: cachegraph.Graph) -> None:
    assert far(dag.dependents("libc", transitive=True, stacks=["two"])) == {"base": 1, "other": 2}
    both = dag.dependents("libc", transitive=True, stacks=["one", "two"])
    assert far(both) == {"base": 1, "tool": 1, "left": 2, "right": 2, "app": 2, "other": 2}
    assert far(dag.dependents("libc", transitive=True, release="envs")) == far(both)
    with pytest.raises(cachegraph.NotFoundError) as caught:
        dag.dependents("libc", stacks=["twoo"])
    assert "two" in str(caught.value.hint)


def lines(answer: Mapping[str, Any]) -> list[str]:
    return [
        "  " * row["level"]
        + " ".join(
            [row.get("package", "ghost"), *row.get("deptypes", []), *row.get("virtuals", [])]
            + ["..."] * row.get("again", False)
        )
        for row in answer["tree"]
    ]


def test_tree_shows_each_spec_once(dag: cachegraph.Graph) -> None:
    answer = dag.deps("app", tree=True)
    assert lines(answer) == [
        "app",
        "  left build link",
        "    base link",
        "      libc link libc",
        "        ghost link",
        "  right run mpi",
        "    base build link blas lapack ...",
        "  tool build",
        "    base run ...",
        "    libc link ...",
    ]
    assert answer["specs"] == dag.deps("app", transitive=True)["specs"]
    assert answer["transitive"]


def test_tree_of_dependents(dag: cachegraph.Graph) -> None:
    assert lines(dag.dependents("base", tree=True, deptypes=["link", "run", "build"])) == [
        "base",
        "  left link",
        "    app build link",
        "  right build link blas lapack",
        "    app run mpi ...",
        "  tool run",
        "    app build ...",
    ]


def steps(answer: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (row.get("package", "ghost"), row.get("deptypes"), row.get("virtuals"))
        for row in answer["path"]
    ]


def test_shortest_path(dag: cachegraph.Graph) -> None:
    # By left, right or tool: the first of them. To libc only tool is as short.
    expected = [("app", ["build", "link"], None), ("left", ["link"], None), ("base", None, None)]
    answer = dag.deps("app", path="base")
    assert steps(answer) == expected
    assert steps(dag.dependents("base", path="app")) == expected
    assert (answer["to"], "specs" in answer, answer["transitive"]) == ("base", False, True)
    assert answer["path"][0]["hash"] == made()["app"]["hash"]
    assert steps(dag.deps("app", path="libc")) == [
        ("app", ["build"], None),
        ("tool", ["link"], None),
        ("libc", None, None),
    ]
    # Not by tool: app needs it to build alone.
    assert steps(dag.deps("app", path="libc", deptypes=["link,run"])) == [
        ("app", ["build", "link"], None),
        ("left", ["link"], None),
        ("base", ["link"], ["libc"]),
        ("libc", None, None),
    ]


def test_no_path(dag: cachegraph.Graph) -> None:
    assert dag.deps("base", path="app")["path"] == []
    assert dag.deps("app", path="other")["path"] == []
    assert dag.deps("other", path="libc", deptypes=["link"])["path"] == []
    assert [row["package"] for row in dag.deps("app", path="app")["path"]] == ["app"]


def test_no_path_that_is_known(dag: cachegraph.Graph) -> None:
    """What a stub needs, and what libc needs by way of it, no source says."""
    said = ["no source records the dependencies of 1 of these specs"]
    for start, end in (("/ghost", "app"), ("libc", "app"), ("base", "tool")):
        for answer in (dag.deps(start, path=end), dag.dependents(end, path=start)):
            assert answer["path"] == []
            assert answer["notes"] == said


def test_path_within_a_package(load: Load, tmp_path: Path) -> None:
    """One gcc is built by another: that is the path from gcc to gcc."""
    old = node("gcc", version="11.4.0")
    glue = node("glue", needs(old, "link"))
    new = node("gcc", needs(glue, "build"), version="13.2.0")
    graph = load(write(tmp_path / "spack.lock", lock(new, glue, old)))
    path = graph.deps("gcc", path="gcc")["path"]
    assert [(row["package"], row["version"]) for row in path] == [
        ("gcc", "13.2.0"),
        ("glue", "1.0"),
        ("gcc", "11.4.0"),
    ]
    # The new one is among the ends too, which is no reason to stop there.
    for text in ("gcc", f"/{old['hash']}"):
        assert graph.deps(f"/{new['hash']}", path=text)["path"] == path
    assert graph.deps(f"/{old['hash']}", path="gcc")["path"] == []
    answer = graph.deps("gcc", transitive=True)
    assert answer["notes"] == ["2 specs fit gcc: the answer covers all"]
    # A spec that was asked about is not among what it depends on.
    assert far(answer) == {"glue": 1}
    assert answer["roots"] == sorted([old["hash"], new["hash"]])


def test_needs_of_several_roots_are_put_together(load: Load, tmp_path: Path) -> None:
    base = node("base")
    first = node("app", needs(base, "link", virtuals=["lapack"]))
    second = node("app", needs(base, "build", virtuals=["blas"]), version="2.0")
    third = node("app", needs(base, "run"), version="3.0")
    graph = load(write(tmp_path / "spack.lock", lock(first, second, third, base)))
    (row,) = graph.deps("app")["specs"]
    assert (row["deptypes"], row["virtuals"]) == (["build", "link", "run"], ["blas", "lapack"])
    (row,) = graph.deps("app", deptypes=["link"])["specs"]
    assert (row["deptypes"], row["virtuals"]) == (["link"], ["lapack"])


def test_circles_end(load: Load, tmp_path: Path) -> None:
    """No DAG has any, but a file may: a needs b, b needs c, and c needs a and itself."""
    names = ("aa", "ab", "ac")
    stubs = [{"name": name, "hash": dag_hash(name)} for name in names]
    needed = ([stubs[1]], [stubs[2]], [stubs[0], stubs[2]])
    nodes = [
        {**node(stub["name"], *map(needs, below)), "hash": stub["hash"]}
        for stub, below in zip(stubs, needed, strict=True)
    ]
    graph = load(write(tmp_path / "spack.lock", lock(*nodes)))
    assert far(graph.deps("aa", transitive=True)) == {"ab": 1, "ac": 2}
    assert far(graph.dependents("aa", transitive=True)) == {"ac": 1, "ab": 2}
    assert [(row["package"], row["level"]) for row in graph.deps("aa", tree=True)["tree"]] == [
        ("aa", 0),
        ("ab", 1),
        ("ac", 2),
        ("aa", 3),
        ("ac", 3),
    ]
    assert [row["package"] for row in graph.deps("aa", path="ac")["path"]] == ["aa", "ab", "ac"]
    assert [row["package"] for row in graph.affected("ab")["specs"]] == ["aa", "ac"]


LAYERS, WIDE = 30, 10


def test_many_diamonds_have_an_answer(load: Load, tmp_path: Path) -> None:
    """Every spec of a layer needs all of the next: there are 10 ** 29 ways down.

    Whatever looked at each of them would not end.
    """
    below: list[dict[str, Any]] = []
    nodes: list[dict[str, Any]] = []
    for layer in reversed(range(LAYERS)):
        needed = [needs(one, "link") for one in below]
        below = [node(f"p{layer:02}-{place}", *needed) for place in range(WIDE)]
        nodes = below + nodes
    graph = load(write(tmp_path / "spack.lock", lock(*nodes)))
    down = far(graph.deps("p00-0", transitive=True, deptypes=["link"]))
    up = far(graph.dependents("p29-9", transitive=True))
    path = graph.deps("p00-3", path="p29-7")["path"]
    shown = graph.deps("p00-0", tree=True)["tree"]
    affected = graph.affected("p29-0", deptypes=["link"])
    assert down == {f"p{layer:02}-{n}": layer for layer in range(1, 30) for n in range(WIDE)}
    assert up == {f"p{layer:02}-{n}": 29 - layer for layer in range(29) for n in range(WIDE)}
    assert [row["package"] for row in path] == [
        "p00-3",
        *(f"p{layer:02}-0" for layer in range(1, 29)),
        "p29-7",
    ]
    # Each of the 28 layers is unfolded once by each of its ten, whatever leads there.
    assert len(shown) == 1 + WIDE + 28 * WIDE * WIDE
    assert (len(affected["specs"]), len(affected["roots"])) == (290, 1)


def test_errors(dag: cachegraph.Graph) -> None:
    for wrong in ("lnk", "link,lnk"):
        with pytest.raises(cachegraph.UsageError, match="no deptype lnk") as caught:
            dag.deps("app", deptypes=[wrong])
        assert caught.value.hint == "deptypes are build, link, run, test"
    with pytest.raises(cachegraph.UsageError, match="no deptype lnk"):
        dag.affected("app", deptypes=["lnk"])
    for ask in (dag.deps, dag.dependents, dag.affected):
        with pytest.raises(cachegraph.NotFoundError, match="no package bas") as missing:
            ask("bas")
        assert missing.value.hint == "did you mean base?"
    with pytest.raises(cachegraph.NotFoundError, match="no package ap"):
        dag.deps("base", path="ap")
    with pytest.raises(cachegraph.UsageError, match="a tree or a path"):
        dag.deps("app", path="base", tree=True)


@pytest.mark.parametrize("transitive", [False, True])
def test_answers_for_tables_say_the_same(dag: cachegraph.Graph, transitive: bool) -> None:
    rows = dag.deps("app", transitive=transitive)
    question = Deps(spec="app", transitive=transitive, for_table=True)
    assert question.columns[:4] == ("depth", "package", "version", "hash")
    left_out = {"flags", "platform"} | ({"deptypes", "virtuals"} if transitive else set())
    assert [
        {
            name: [*value] if isinstance(value, tuple) else value
            for name, value in zip(question.columns, values, strict=True)
            if value not in (None, "")
        }
        for values in questions.answer(question, dag.store)["specs"]
    ] == [
        {name: value for name, value in row.items() if name not in left_out}
        for row in rows["specs"]
    ]


# Blast radius


def test_affected(dag: cachegraph.Graph) -> None:
    answer = dag.affected("libc")
    specs = made()
    assert [(row["package"], row["stacks"]) for row in answer["matched"]] == [
        ("libc", ["envs/one", "envs/two"])
    ]
    assert "depth" not in answer["matched"][0]
    assert [(row["package"], row["depth"], row["stacks"]) for row in answer["specs"]] == [
        ("base", 1, ["envs/one", "envs/two"]),
        ("tool", 1, ["envs/one"]),
        ("app", 2, ["envs/one"]),
        ("left", 2, ["envs/one"]),
        ("other", 2, ["envs/two"]),
        ("right", 2, ["envs/one"]),
    ]
    assert answer["stacks"] == [
        {"key": "envs/one", "matched": 1, "specs": 5, "roots": 1},
        {"key": "envs/two", "matched": 1, "specs": 2, "roots": 1},
    ]
    # app depends on tool, which is as near as left and right are not; left, right, other on base.
    assert [(row["package"], row["via"]["package"]) for row in answer["specs"]] == [
        ("base", "libc"),
        ("tool", "libc"),
        ("app", "tool"),
        ("left", "base"),
        ("other", "base"),
        ("right", "base"),
    ]
    assert answer["roots"] == [
        {
            "hash": specs[name]["hash"],
            "package": name,
            "version": "1.0",
            "stack": stack,
            "depth": 2,
            "via": {"hash": specs[via]["hash"], "package": via, "version": "1.0"},
        }
        for name, stack, via in (("app", "envs/one", "tool"), ("other", "envs/two", "base"))
    ]
    assert answer["releases"] == ["envs"]
    assert (answer["question"], answer["spec"], answer["deptypes"]) == ("affected", "libc", [])


def test_affected_through_a_lens(dag: cachegraph.Graph) -> None:
    answer = dag.affected("libc", deptypes=["link"])
    # other needs base only to test it.
    assert far(answer) == {"base": 1, "tool": 1, "left": 2, "right": 2, "app": 3}
    via = {row["package"]: row["via"]["package"] for row in answer["specs"]}
    # app needs left to build and link, right and tool not to link.
    assert via == {"base": "libc", "tool": "libc", "left": "base", "right": "base", "app": "left"}
    assert [root["stack"] for root in answer["roots"]] == ["envs/one"]
    assert answer["stacks"][1] == {"key": "envs/two", "matched": 1, "specs": 1, "roots": 0}
    assert answer["deptypes"] == ["link"]


def test_a_root_that_matches_is_affected(dag: cachegraph.Graph) -> None:
    answer = dag.affected("app")
    assert (answer["specs"], len(answer["matched"])) == ([], 1)
    assert [(root["package"], root["depth"]) for root in answer["roots"]] == [("app", 0)]
    assert answer["stacks"] == [{"key": "envs/one", "matched": 1, "specs": 0, "roots": 1}]


def test_affected_by_a_stub(dag: cachegraph.Graph) -> None:
    answer = dag.affected("/ghost")
    assert answer["matched"] == [{"hash": GHOST["hash"], "stacks": []}]
    assert len(answer["specs"]) == 7
    assert [stack["specs"] for stack in answer["stacks"]] == [6, 3]


@pytest.mark.newest
def test_package_urls(load: Load, tmp_path: Path) -> None:
    odd = node("odd", version="git.v1/2=1.0+b c", namespace="my.repo")
    plain = node("plain", needs(odd), version="1:2")
    graph = load(write(tmp_path / "spack.lock", lock(plain, odd)))
    answer = graph.affected("odd")
    assert [row["purl"] for row in (*answer["matched"], *answer["specs"])] == [
        f"pkg:spack/my.repo/odd@git.v1%2F2%3D1.0%2Bb%20c?sha={odd['hash']}",
        f"pkg:spack/builtin/plain@1:2?sha={plain['hash']}",
    ]
    for specs in (graph.find("odd")["specs"], graph.show("odd")["specs"]):
        assert specs[0]["purl"] == answer["matched"][0]["purl"]


def test_pages_tell_no_namespace_and_so_no_package_url(load: Load, tmp_path: Path) -> None:
    (tmp_path / "zlib.md").write_text(page("zlib", [spec("za", "e4s")]))
    graph = load(tmp_path)
    answer = graph.affected("zlib")
    said = ["only pages record 1 of these specs, without their dependencies"]
    assert answer["notes"] == graph.dependents("zlib")["notes"] == said
    # The namespace is required in a package URL.
    rows = [*answer["matched"], *graph.find("zlib")["specs"], *graph.show("zlib")["specs"]]
    assert [row.get("purl") for row in rows] == [None] * 3
    assert [stack["key"] for stack in answer["stacks"]] == ["develop/e4s", "develop/root"]


# Real files, walked again by what reads them independently

Edges = Mapping[str, Mapping[str, Iterable[str]]]


def walked(edges: Edges, starts: set[str], deptypes: set[str]) -> dict[str, int]:
    """How far away everything is."""
    found = dict.fromkeys(starts, 0)
    waiting = [*starts]
    while waiting:
        here = waiting.pop(0)
        for there, types in edges.get(here, {}).items():
            if there not in found and (not deptypes or deptypes & {*types}):
                found[there] = found[here] + 1
                waiting.append(there)
    return {node: depth for node, depth in found.items() if depth}


RADIUSS = fixture(real_lock("radiuss"))


@pytest.mark.slow
@pytest.mark.parametrize("package", ["zlib-ng", "gcc", "conduit", "glibc"])
def test_real_lock_file(real: Load, package: str) -> None:
    reading = oracle.read(RADIUSS)
    down = {
        start: {end: types for end, (types, _) in one["deps"].items()}
        for start, one in reading.specs.items()
    }
    up: dict[str, dict[str, Iterable[str]]] = {}
    for start, ends in down.items():
        for end, types in ends.items():
            up.setdefault(end, {})[start] = types
    starts = {hash_ for hash_, one in reading.specs.items() if one["name"] == package}
    graph = real(RADIUSS)
    for deptypes in ((), ("link", "run"), ("build",)):
        for ask, edges in ((graph.deps, down), (graph.dependents, up)):
            answer = ask(package, transitive=True, deptypes=deptypes)
            assert {*answer["roots"]} == starts
            depth = {row["hash"]: row["depth"] for row in answer["specs"]}
            assert depth == walked(edges, starts, {*deptypes})
        affected = graph.affected(package, deptypes=deptypes)
        check_via(affected["specs"], down, depth, {*deptypes})
        assert {row["hash"]: row["depth"] for row in affected["specs"]} == depth
        reached = {*depth} | starts
        asked_for = {root.hash for root in reading.roots}
        assert {root["hash"] for root in affected["roots"]} == reached & asked_for
        assert [stack["specs"] for stack in affected["stacks"]] == [len(depth)]


def check_via(rows: Any, down: Edges, depth: Mapping[str, int], deptypes: set[str]) -> None:
    """Each is the first by name of the direct dependencies that are one step nearer."""
    named = {row["hash"]: (row["package"], row["version"], row["hash"]) for row in rows}
    for row in rows:
        nearer = [
            end
            for end, types in down[row["hash"]].items()
            if depth.get(end, 0) == row["depth"] - 1 and (not deptypes or deptypes & {*types})
        ]
        if row["depth"] > 1:
            assert row["via"]["hash"] == min(nearer, key=named.__getitem__)
        else:
            assert row["via"]["hash"] in nearer


@pytest.mark.newest
def test_figures_of_a_real_lock_file(real: Load) -> None:
    """Of 164 specs in radiuss 126 need one of the two zlib-ng, and all 15 roots do."""
    answer = real(RADIUSS).affected("zlib-ng")
    (stack,) = answer["stacks"]
    assert stack == {"key": "local/radiuss", "matched": 2, "specs": 126, "roots": 15}


# The word that all of this is made of


@pytest.fixture(scope="module")
def tangle() -> dict[str, dict[str, tuple[str, ...]]]:
    """600 specs that need three others each: enough for several blocks of a file."""
    chance = random.Random(6)
    names = [f"t{number:031d}" for number in range(600)]
    kinds = (("build",), ("link",), ("build", "link"), ())
    return {name: {chance.choice(names): chance.choice(kinds) for _ in range(3)} for name in names}


@pytest.mark.parametrize("kind", ["memory", "file"])
@pytest.mark.parametrize("having", [(), ("link",), ("build", "run")])
@pytest.mark.parametrize("reverse", [False, True])
def test_levels(
    tangle: dict[str, dict[str, tuple[str, ...]]],
    tmp_path: Path,
    kind: str,
    having: tuple[str, ...],
    reverse: bool,
) -> None:
    edges: dict[str, dict[str, Iterable[str]]] = {}
    for start, ends in tangle.items():
        for end, types in ends.items():
            first, second = (end, start) if reverse else (start, end)
            edges.setdefault(first, {})[second] = types
    store = open_store(tmp_path / "graph.db" if kind == "file" else ":memory:", write=True)
    with store.writing():
        for start, ends in tangle.items():
            store.load(
                Pairs(DEPENDS_ON, [start], [end], {"deptypes": t}) for end, t in ends.items()
            )
    for starts in ([], [*tangle][:1], [*tangle][3:300:40], [*tangle][:400]):
        nodes = [store.find(SPEC, key) for key in starts]
        found = [
            keys(store, level)
            for level in store.breadth_first(DEPENDS_ON, nodes, reverse=reverse, any_of=having)
        ]
        expected: dict[int, set[str]] = {}
        for key, depth in walked(edges, {*starts}, {*having}).items():
            expected.setdefault(depth, set()).add(key)
        assert found == [expected[depth] for depth in sorted(expected)]
    store.close()


def keys(store: Store, nodes: Iterable[Any]) -> set[str]:
    return {key for (key,) in store.values(SPEC, [*nodes], ("hash",))}

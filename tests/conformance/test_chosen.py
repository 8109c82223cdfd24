"""Names that are stacks no more but groups of one, and what --ignore-runtime leaves out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from tests.conftest import Load
from tests.support.corpus import index, lock, needs, node, write
from tests.support.known_answers import fixture

# What Spack's machine-learning stack became: one environment, where there were three.
ZLIB, CUDA = node("zlib"), node("cuda")
PYTHON = node("python", needs(ZLIB))
TORCH = node("py-torch", needs(PYTHON))
TORCH_CUDA = node("py-torch", needs(PYTHON), needs(CUDA), package_hash="cuda")
JAX, RCCL = node("py-jax", needs(PYTHON)), node("rccl", needs(ZLIB))
OLD_TORCH = node("py-torch", needs(ZLIB), version="0.9")
HEP = node("hep", needs(ZLIB))

ML, CPU = "ml-linux-x86_64", "ml-linux-x86_64-cpu"
GROUP = {"key": f"develop/{CPU}", "specs": 4, "group_of": f"develop/{ML}"}
NOTE = (
    f"develop has no stack {CPU}: answered for the group {CPU} of develop/{ML}; "
    "it is a stack in v2025.11"
)


def environment(path: Path, *nodes: Any, **groups: list[Any]) -> Path:
    """A lock file with these specs; those of each group are roots, once for every group."""
    roots = [
        {"hash": root["hash"], "spec": root["name"], "group": group.replace("_", "-")}
        for group, members in groups.items()
        for root in members
    ]
    made = lock(*nodes, version=7, roots=roots) if groups else lock(*nodes)
    return write(path / "spack.lock", made)


def releases(folder: Path) -> Path:
    """Two releases in which a stack was, and develop with a group of that name.

    ==================  ====================  =====================================================
    release             stack                 specs; and the groups of develop
    ==================  ====================  =====================================================
    v2025.10, v2025.11  nuclear               hep zlib
    v2025.11            ml-linux-x86_64-cpu   py-torch@0.9 zlib
    develop             ml-linux-x86_64       all others, in three groups, and what these need:
                                              ml-linux-x86_64-cpu   torch jax   python zlib
                                              ml-linux-x86_64-cuda  torch' jax  python zlib cuda
                                              rocm                  rccl        zlib
    develop             hep                   hep zlib; nuclear, with both
    ==================  ====================  =====================================================
    """
    for release in ("v2025.10", "v2025.11"):
        environment(folder / release / "nuclear", HEP, ZLIB)
    environment(folder / "v2025.11" / CPU, OLD_TORCH, ZLIB)
    ml = {f"{ML}-cpu": [TORCH, JAX], f"{ML}-cuda": [TORCH_CUDA, JAX], "rocm": [RCCL]}
    roots = [
        {"hash": root["hash"], "spec": root["name"], "group": group}
        for group, members in ml.items()
        for root in members
    ]
    specs = (TORCH, TORCH_CUDA, JAX, PYTHON, ZLIB, CUDA, RCCL)
    write(folder / "develop" / ML / "spack.lock", lock(*specs, version=7, roots=roots))
    environment(folder / "develop" / "hep", HEP, ZLIB, nuclear=[HEP])
    return folder


@pytest.fixture
def cache(load_once: Load, module_path: Path) -> cachegraph.Graph:
    return load_once(releases(module_path / "locks"))


def chosen(graph: cachegraph.Graph, name: str, release: str | None = None) -> Any:
    """The row of a stack or group, and what is said of it."""
    answer = graph.duplicates(name, release=release)
    return answer["stacks"], answer.get("notes", [])


def test_what_a_name_stands_for(cache: cachegraph.Graph) -> None:
    old = {"key": f"v2025.11/{CPU}", "specs": 2}
    # Only v2025.11 has a stack of that name, which a bare name means.
    assert chosen(cache, CPU) == ([old], [])
    assert chosen(cache, CPU, "v2025.11") == ([old], [])
    assert chosen(cache, f"v2025.11/{CPU}", "develop") == ([old], [])
    for name, release in (
        (CPU, "develop"),
        (f"develop/{CPU}", None),
        (f"develop/{CPU}", "develop"),
    ):
        assert chosen(cache, name, release) == ([GROUP], [NOTE])
    # A name in full is exact, whatever the release.
    assert chosen(cache, f"develop/{CPU}", "v2025.11") == ([GROUP], [NOTE])
    # No release has such a stack.
    (row,), (note,) = chosen(cache, f"{ML}-cuda")
    assert row == {"key": f"develop/{ML}-cuda", "specs": 5, "group_of": f"develop/{ML}"}
    assert (
        note == f"develop has no stack {ML}-cuda: answered for the group {ML}-cuda of develop/{ML}"
    )
    # Several have, but develop has a group.
    (row,), (note,) = chosen(cache, "nuclear")
    assert row == {"key": "develop/nuclear", "specs": 2, "group_of": "develop/hep"}
    assert note == (
        "develop has no stack nuclear: answered for the group nuclear of develop/hep; "
        "it is a stack in v2025.10, v2025.11"
    )


def test_a_group_goes_by_its_own_name_and_after_that_of_its_stack(cache: cachegraph.Graph) -> None:
    for name in ("rocm", f"{ML}-rocm"):
        (row,), (note,) = chosen(cache, name)
        assert row == {"key": f"develop/{name}", "specs": 2, "group_of": f"develop/{ML}"}
        assert note == f"develop has no stack {name}: answered for the group rocm of develop/{ML}"
    # Two names of one group are one stack.
    assert len(cache.duplicates("rocm", f"{ML}-rocm", "hep")["stacks"]) == 2
    with pytest.raises(cachegraph.UsageError, match="two or more different stacks"):
        cache.overlap("rocm", f"{ML}-rocm")


def test_a_name_that_is_neither(cache: cachegraph.Graph) -> None:
    for name, release, message, hint in (
        (f"{ML}-cpuu", "develop", f"no stack {ML}-cpuu in develop", f"did you mean {CPU}, "),
        (
            f"develop/{ML}-cdua",
            None,
            f"no stack develop/{ML}-cdua",
            f"did you mean develop/{ML}-cuda",
        ),
        (f"develop/{ML}-cdua", "v2025.11", f"no stack develop/{ML}-cdua", "did you mean develop/"),
        # A group of develop is none of an earlier release, where the stack was.
        (CPU, "v2025.10", f"no stack {CPU} in v2025.10", f"did you mean v2025.11/{CPU}?"),
        (f"v2025.10/{CPU}", None, f"no stack v2025.10/{CPU}", f"did you mean v2025.11/{CPU}"),
        (CPU, "v2025.12", "no release v2025.12", "did you mean v2025.11"),
        ("", None, "no stack ", "list them: cachegraph stacks"),
    ):
        with pytest.raises(cachegraph.NotFoundError) as caught:
            chosen(cache, name, release)
        assert caught.value.message == message
        assert (caught.value.hint or "").startswith(hint), caught.value.hint


def test_a_name_of_several_groups(load: Load, tmp_path: Path) -> None:
    """In v1 two stacks have a group cpu, in v2 one; and there is no develop."""
    for stack in ("v1/a", "v1/b", "v2/a"):
        environment(tmp_path / "locks" / stack, TORCH, PYTHON, ZLIB, cpu=[TORCH])
    graph = load(tmp_path / "locks")
    for name, release, stacks, example in (
        ("cpu", "v1", "cpu of v1/a, cpu of v1/b", "v1/a-cpu"),
        ("cpu", None, "cpu of v1/a, cpu of v1/b, cpu of v2/a", "v1/a-cpu"),
        ("a-cpu", None, "cpu of v1/a, cpu of v2/a", "v1/a-cpu"),
    ):
        with pytest.raises(cachegraph.UsageError) as caught:
            chosen(graph, name, release)
        assert caught.value.message == (
            f"{name} is no stack, and there are several groups of that name: {stacks}"
        )
        assert caught.value.hint == f"name one of them in full, as in {example}"
    for name, release in (("b-cpu", None), ("cpu", "v2"), ("v1/a-cpu", None), ("a-cpu", "v2")):
        assert chosen(graph, name, release)[0][0]["specs"] == 3


def packages(rows: Any) -> list[str]:
    return [row["package"] for row in rows]


# What each question says of the group, which holds torch, jax, python and zlib, and the old stack,
# which holds an older torch and zlib; or, where it is about one stack, of the group alone.
OLD = f"v2025.11/{CPU}"
EACH: dict[str, tuple[Callable[[cachegraph.Graph, str], Any], Callable[[Any], Any], Any]] = {
    "overlap": (
        lambda graph, name: graph.overlap(name, OLD, release="develop"),
        lambda said: (said["stacks"][0], said["levels"]["hash"], packages(said["shared"])),
        (GROUP, {"shared": 1, "union": 5, "jaccard": 0.2}, ["zlib"]),
    ),
    "matrix": (
        lambda graph, name: graph.matrix(name, OLD, release="develop"),
        lambda said: (said["stacks"], said["shared"]),
        ([f"develop/{CPU}", OLD], [[4, 1], [1, 2]]),
    ),
    "shared": (
        lambda graph, name: graph.shared(name, OLD, release="develop"),
        lambda said: (said["stacks"][0], [(r["package"], r["stacks"]) for r in said["specs"]]),
        (GROUP, [("zlib", [f"develop/{CPU}", OLD])]),
    ),
    "unique": (  # jax is in another group as well, python is needed by that, zlib by all
        lambda graph, name: graph.unique(name, release="develop"),
        lambda said: (said["stack"], said["among"], packages(said["specs"])),
        (GROUP, ["develop/hep", f"develop/{ML}"], ["py-torch"]),
    ),
    "diff": (
        lambda graph, name: graph.diff(OLD, name, release="develop"),
        lambda said: (said["right"], said["kept"], packages(said["added"]), said["removed"]),
        (GROUP, 1, ["py-jax", "python"], []),
    ),
    "duplicates": (  # against the other group: the two of torch look alike
        lambda graph, name: graph.duplicates(name, f"{ML}-cuda", release="develop"),
        lambda said: (said["stacks"][0], packages(said["groups"]), said["groups"][0]["stacks"]),
        (GROUP, ["py-torch"], [f"develop/{CPU}", f"develop/{ML}-cuda"]),
    ),
    "blame": (
        lambda graph, name: graph.blame(name, f"{ML}-cuda", release="develop"),
        lambda said: (
            said["stacks"][0],
            said["groups"],
            [(r["package"], r["kind"], r["stacks"], r["roots"]) for r in said["causes"]],
        ),
        (
            GROUP,
            1,
            [
                ("py-torch", kind, [f"develop/{CPU}", f"develop/{ML}-cuda"], ["py-torch"])
                for kind in ("recipe", "dependency")
            ],
        ),
    ),
    "what-if": (  # the two of torch would be one: four and five specs, three of them in both
        lambda graph, name: graph.what_if(
            "py-torch@1.0", stacks=(name, f"{ML}-cuda"), release="develop"
        ),
        lambda said: (said["stacks"][0], said["builds"], said["after"]),
        (GROUP, 6, 5),
    ),
    "coverage": (
        lambda graph, name: graph.coverage(by="stack", stacks=(name, OLD), release="develop"),
        lambda said: (said["stacks"], said["rows"], said["cells"]),
        (
            [f"develop/{CPU}", OLD],
            ["py-jax", "python", "py-torch", "zlib"],
            [[1, 0], [1, 0], [1, 1], [1, 1]],
        ),
    ),
    "find": (
        lambda graph, name: graph.find("py-torch", name, release="develop"),
        lambda said: [(row["hash"], row["stacks"]) for row in said["specs"]],
        [(TORCH["hash"], [f"develop/{ML}"])],
    ),
    "want": (
        lambda graph, name: graph.want("py-torch", stacks=(name,), release="develop"),
        lambda said: (said["stacks"], [row["hash"] for row in said["candidates"]]),
        ([f"develop/{CPU}"], [TORCH["hash"]]),
    ),
    "deps": (
        lambda graph, name: graph.deps("cuda", stacks=(name,), release="develop"),
        lambda said: said["specs"],
        [],
    ),
    "dependents": (
        lambda graph, name: graph.dependents("python", stacks=(name,), release="develop"),
        lambda said: packages(said["specs"]),
        ["py-jax", "py-torch"],
    ),
}


@pytest.mark.newest
def test_every_question_takes_a_group(cache: cachegraph.Graph) -> None:
    for question, (ask, seen, expected) in EACH.items():
        for name in (CPU, f"develop/{CPU}"):
            answer = ask(cache, name)
            assert (question, seen(answer)) == (question, expected)
            assert answer["notes"][0] == NOTE, question


def test_roots_are_groups_of_the_stacks(cache: cachegraph.Graph) -> None:
    rows = cache.stacks()["stacks"]
    assert {row["key"]: row.get("groups") for row in rows} == {
        "develop/hep": ["nuclear"],
        f"develop/{ML}": [CPU, f"{ML}-cuda", "rocm"],
        f"v2025.11/{CPU}": None,
        "v2025.10/nuclear": None,
        "v2025.11/nuclear": None,
    }
    assert cache.stacks("develop")["stacks"][1] == {
        "key": f"develop/{ML}",
        "release": "develop",
        "name": ML,
        "specs": 7,
        "roots": 4,
        "groups": [CPU, f"{ML}-cuda", "rocm"],
    }


def test_a_group_holds_of_its_stack_what_its_roots_need(load: Load, tmp_path: Path) -> None:
    """All of app's ways: by mpi, which is outside of the stack, and to what nobody describes.

    The lock file has app, zlib and tool; app needs mpi and a spec that is nowhere, mpi needs zlib.
    What mpi is only another stack says. The last root is not in the lock file.
    """
    mpi, nowhere = node("mpi", needs(ZLIB), external={"path": "/usr"}), node("nowhere")
    app, tool = node("app", needs(mpi), needs(nowhere)), node("tool")
    inner = environment(
        tmp_path / "inner", app, ZLIB, tool, cpu=[app], gpu=[tool, app], far=[mpi], none=[nowhere]
    )
    graph = load(inner, write(tmp_path / "outer" / "index.json", index(ZLIB, outside=[mpi])))
    wanted = {"cpu": ["app", "zlib"], "gpu": ["app", "tool", "zlib"], "far": ["zlib"], "none": []}
    for group, held in wanted.items():
        found = graph.shared(group, at_least=1)
        assert packages(found["specs"]) == held
        assert found["stacks"][0]["specs"] == len(held)
        # These questions ask a part of the graph, which has no groups and nothing that is outside.
        assert graph.blame(group)["stacks"] == found["stacks"]
        said = graph.diff("outer", group)
        assert (said["right"], said["kept"]) == (found["stacks"][0], len({"zlib"} & {*held}))


def test_radiuss(real: Load) -> None:
    """A real environment with two groups: of 9 and 7 roots, one in both; counted in its JSON."""
    graph = real(fixture("spack-real/lockfiles/radiuss/spack.lock"))
    (row,) = graph.stacks()["stacks"]
    assert (row["specs"], row["roots"], row["groups"]) == (164, 15, ["radiuss-cpu", "radiuss-cuda"])
    matrix = graph.matrix(*row["groups"])
    assert matrix["stacks"] == ["local/radiuss-cpu", "local/radiuss-cuda"]
    assert matrix["shared"] == [[142, 93], [93, 115]]  # 142 + 115 - 93 is all there is


def test_a_stack_that_holds_nothing(load: Load, tmp_path: Path) -> None:
    """Its environment asked for zlib, of which its lock file knows no more."""
    roots = [{"hash": ZLIB["hash"], "spec": "zlib"}]
    empty = write(tmp_path / "empty" / "spack.lock", lock(roots=roots))
    graph = load(empty, write(tmp_path / "full" / "index.json", index(ZLIB)))
    none, full = {"key": "local/empty", "specs": 0}, {"key": "local/full", "specs": 1}
    diff = graph.diff("empty", "full")
    assert (diff["left"], packages(diff["added"])) == (none, ["zlib"])
    assert graph.blame()["stacks"] == [none, full]
    saved = graph.what_if("zlib@1", stacks=("empty", "full"))
    assert (saved["stacks"], saved["builds"]) == ([none, full], 1)
    assert graph.overlap("empty", "full")["stacks"] == [none, full]


# Two builds of one app, since two of its compiler wrapper: with the runtime packages in and out.
WRAPPERS = [node("compiler-wrapper", package_hash=text) for text in ("a", "b")]
RUNTIME = [node("gcc-runtime"), node("glibc")]
APPS = [node("app", *map(needs, (wrapper, *RUNTIME, ZLIB))) for wrapper in WRAPPERS]


@pytest.mark.parametrize("out", [False, True], ids=["with", "without"])
def test_runtime(load: Load, tmp_path: Path, *, out: bool) -> None:
    """Each stack holds an app, its wrapper, gcc-runtime, glibc and zlib: three of five are in both.

    Without the runtime packages that is an app and zlib, one of two.
    """
    graph = load(
        *(
            write(tmp_path / name / "index.json", index(app, wrapper, *RUNTIME, ZLIB))
            for name, app, wrapper in zip(("one", "two"), APPS, WRAPPERS, strict=True)
        )
    )
    held, both, union = (2, 1, 3) if out else (5, 3, 7)
    sizes = [{"key": f"local/{name}", "specs": held} for name in ("one", "two")]
    twice = ["app"] if out else ["app", "compiler-wrapper"]
    overlap = graph.overlap("one", "two", ignore_runtime=out)
    assert overlap["stacks"] == sizes
    assert overlap["levels"]["hash"] == {
        "shared": both,
        "union": union,
        "jaccard": round(both / union, 4),
    }
    assert packages(overlap["apart"]) == twice
    causes = [] if out else ["compiler-wrapper"]
    assert packages(overlap["causes"]) == causes
    matrix = graph.matrix(ignore_runtime=out)
    assert matrix["shared"] == [[held, both], [both, held]]
    shared = graph.shared(ignore_runtime=out)
    assert (shared["stacks"], len(shared["specs"])) == (sizes, both)
    unique = graph.unique("one", ignore_runtime=out)
    assert (unique["stack"], packages(unique["specs"])) == (sizes[0], twice)
    duplicates = graph.duplicates(ignore_runtime=out)
    assert (duplicates["stacks"], packages(duplicates["groups"])) == (sizes, twice)
    assert duplicates["redundant"] == duplicates["specs"] - len(twice) == len(twice)
    blame = graph.blame(ignore_runtime=out)
    assert (blame["stacks"], blame["groups"], blame["redundant"]) == (sizes, *2 * [len(twice)])
    assert packages(blame["causes"]) == causes
    saved = graph.what_if("compiler-wrapper@1.0", ignore_runtime=out)
    assert (saved["stacks"], saved["builds"], saved["saved"]) == (sizes, union, len(twice))
    assert packages(saved["packages"]) == twice
    diff = graph.diff("one", "two", ignore_runtime=out)
    assert (diff["left"], diff["right"], diff["kept"]) == (*sizes, both)
    assert packages(diff["rebuilt"]) == twice
    assert held == diff["kept"] + len(diff["rebuilt"])
    coverage = graph.coverage(ignore_runtime=out)
    assert sum(map(sum, coverage["cells"])) == union
    assert coverage["rows"] == sorted(
        {*twice, "zlib"} | ({*()} if out else {"gcc-runtime", "glibc"})
    )


def test_a_group_without_runtime_packages(load: Load, tmp_path: Path) -> None:
    app, wrapper = APPS[0], WRAPPERS[0]
    path = environment(tmp_path / "env", app, wrapper, *RUNTIME, ZLIB, cpu=[app], gpu=[RUNTIME[0]])
    graph = load(path)
    for out, size in ((False, 5), (True, 2)):
        said = (
            graph.blame("cpu", ignore_runtime=out)["stacks"],
            graph.what_if("zlib@1", stacks=("cpu",), ignore_runtime=out)["stacks"],
        )
        assert [rows[0]["specs"] for rows in said] == [size, size]
    assert graph.matrix("cpu", "gpu", ignore_runtime=True)["shared"] == [[2, 0], [0, 0]]

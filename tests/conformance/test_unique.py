"""What one stack alone holds: answers worked out by hand, the same on every store."""

from pathlib import Path

import pytest

import cachegraph
from cachegraph.questions.unique import UniqueAnswer
from tests.conformance.groups import grouped
from tests.conftest import Load
from tests.support.corpus import dag_hash, index, needs, node, spec, tiny_cache, write, write_page

LEFT, RIGHT, AUX = (f"develop/{name}" for name in ("left", "right", "aux"))


@pytest.fixture
def tiny(load_once: Load, module_path: Path) -> cachegraph.Graph:
    return load_once(tiny_cache(module_path / "site"))


def test_what_only_left_holds(tiny: cachegraph.Graph) -> None:
    answer = tiny.unique("left")
    # left: za zb zc ha ca; right: za zd hb hc; aux: za hc ma
    assert answer["stack"] == {"key": LEFT, "specs": 5}
    assert answer["among"] == [AUX, RIGHT]
    assert answer["specs"][0] == {
        "hash": dag_hash("ca"),
        "package": "curl",
        "version": "8.1",
        "variants": ["build_system=cmake"],
        "compiler": "gcc@11.4.0",
        "platform": "linux",
        "os": "ubuntu22.04",
        "target": "x86_64_v3",
        "stacks": [LEFT],
    }
    assert hashes(answer) == ["ca", "ha", "zb", "zc"]
    # zlib@1.0 and @1.2 and hdf5@2.0 are in right too.
    assert answer["versions"] == [{"package": "curl", "version": "8.1"}]
    assert answer["cells"] == [{"package": "curl", "target": "x86_64_v3"}]
    assert answer["roots"] == []
    assert "notes" not in answer


def hashes(answer: UniqueAnswer) -> list[str]:
    return [row["hash"].rstrip("x") for row in answer["specs"]]


@pytest.mark.parametrize(
    ("level", "found"),
    [
        # zb looks as za, ha as hb, which right holds; its zlib@1.2 is another.
        ("alike", {"curl": ["ca"], "zlib": ["zc"]}),
        ("spec", {"curl": ["ca"]}),
        ("package", {"curl": ["ca"]}),
    ],
)
def test_levels(tiny: cachegraph.Graph, level: str, found: dict[str, list[str]]) -> None:
    answer = tiny.unique("left", level=level)
    rows = {row["package"]: [h.rstrip("x") for h in row["hashes"]] for row in answer["specs"]}
    assert rows == found
    assert all(row["stacks"] == [LEFT] for row in answer["specs"])
    assert answer["versions"] == [{"package": "curl", "version": "8.1"}]


def test_root_is_no_holder_but_can_be_asked(tiny: cachegraph.Graph) -> None:
    answer = tiny.unique("root")
    assert (answer["specs"], answer["among"]) == ([], [AUX, LEFT, RIGHT])


def test_cells_are_of_packages_and_targets(load: Load, tmp_path: Path) -> None:
    """Both build zlib; only one for zen3, and that in two versions."""
    entries = [
        spec("a", "one", "two"),
        spec("b", "one", target="zen3"),
        spec("c", "one", target="zen3", versions=["2.0"]),
    ]
    graph = load(write_page(tmp_path, "zlib", entries))
    answer = graph.unique("one")
    assert answer["cells"] == [{"package": "zlib", "target": "zen3"}]
    assert answer["versions"] == [{"package": "zlib", "version": "2.0"}]
    assert graph.unique("two")["cells"] == []


def test_other_releases(load: Load, tmp_path: Path) -> None:
    entries = [spec("a", "e4s", "hep"), spec("b", "e4s"), spec("c", "e4s")]
    write_page(tmp_path, "zlib", entries)
    write_page(tmp_path, "zlib", [spec("b", "hep")], tag="v1")
    graph = load(tmp_path)
    assert hashes(graph.unique("develop/e4s")) == ["b", "c"]
    answer = graph.unique("develop/e4s", all_releases=True)
    assert hashes(answer) == ["c"]
    assert answer["among"] == ["develop/hep", "v1/hep"]
    # Nothing of its own release is there to compare with.
    alone = graph.unique("hep", release="v1")
    assert (hashes(alone), alone["among"]) == (["b"], [])
    assert alone["notes"] == ["v1/hep was compared with nothing: no other stack is in its release"]


ZLIB = node("zlib")
OPENSSL = node("openssl", needs(ZLIB))
CMAKE = node("cmake", needs(OPENSSL))
CURL = node("curl", needs(ZLIB))
APP = node("app", needs(CMAKE, "build"), needs(ZLIB))


@pytest.mark.newest
def test_roots_of_others_are_left_dangling(load: Load, tmp_path: Path) -> None:
    """Caches that do not hold all that their specs need.

    full holds zlib, openssl (which needs zlib) and cmake (openssl); thin holds app, which needs
    cmake to be built, and zlib; other holds curl and zlib, which is all that curl needs.
    """
    caches = {
        "full": index(ZLIB, OPENSSL, CMAKE),
        "thin": index(APP, outside=[CMAKE, OPENSSL, ZLIB]),
        "other": index(CURL, ZLIB),
    }
    paths = [write(tmp_path / name / "index.json", made) for name, made in caches.items()]
    graph = load(*paths)
    answer = graph.unique("full")
    assert answer["among"] == ["local/other", "local/thin"]
    assert [row["package"] for row in answer["specs"]] == ["cmake", "openssl"]
    assert answer["roots"] == [
        {
            "hash": APP["hash"],
            "package": "app",
            "version": "1.0",
            "stack": "local/thin",
            "missing": sorted([CMAKE["hash"], OPENSSL["hash"]]),
        }
    ]
    # Both others hold all that is needed of them elsewhere.
    assert graph.unique("thin")["roots"] == graph.unique("other")["roots"] == []


def test_a_circle_on_the_way_to_what_is_lost(load: Load, tmp_path: Path) -> None:
    """No Spack writes one; app needs one of two that need each other, and one of them zlib."""
    left, right = ({"name": name, "hash": dag_hash(name)} for name in ("left", "right"))
    nodes = [
        {**node("left", needs(right)), **left},
        {**node("right", needs(left), needs(ZLIB)), **right},
    ]
    app = node("app", needs(left))
    paths = [
        write(tmp_path / name / "index.json", made)
        for name, made in (("thin", index(app, outside=[*nodes, ZLIB])), ("full", index(ZLIB)))
    ]
    roots = load(*paths).unique("full")["roots"]
    assert [(row["package"], row["missing"]) for row in roots] == [("app", [ZLIB["hash"]])]


def test_a_root_that_its_own_stack_does_not_hold(load: Load, tmp_path: Path) -> None:
    """What was asked for in a cache, and is only in another one."""
    asked = index(CURL, outside=[ZLIB])
    asked["database"]["installs"][ZLIB["hash"]]["explicit"] = True
    paths = [
        write(tmp_path / name / "index.json", made)
        for name, made in (("asked", asked), ("full", index(ZLIB)))
    ]
    answer = load(*paths).unique("full")
    assert [(row["hash"], row["stack"], row["missing"]) for row in answer["roots"]] == [
        (ZLIB["hash"], "local/asked", [ZLIB["hash"]])
    ]


def test_a_group_is_compared_with_the_rest_of_its_stack(load: Load, tmp_path: Path) -> None:
    other = write(tmp_path / "other" / "index.json", index(node("cuda")))
    graph = load(grouped(tmp_path), other)
    # In cpu app, which needs zlib; in gpu tool, which needs zlib and cuda; in both base.
    answer = graph.unique("gpu")
    assert answer["stack"] == {"key": "local/gpu", "specs": 4, "group_of": "local/env"}
    assert answer["among"] == ["local/env", "local/other"]
    assert [row["package"] for row in answer["specs"]] == ["tool"]
    assert len(answer["notes"]) == 1


def test_runtime_packages_are_left_out(load: Load, tmp_path: Path) -> None:
    runtime, app = node("gcc-runtime"), node("app")
    graph = load(
        write(tmp_path / "one" / "index.json", index(runtime, app)),
        write(tmp_path / "two" / "index.json", index(ZLIB)),
    )
    found = [len(graph.unique("one", ignore_runtime=x)["specs"]) for x in (False, True)]
    assert found == [2, 1]


def test_what_is_not_there(tiny: cachegraph.Graph) -> None:
    with pytest.raises(cachegraph.NotFoundError, match="no stack lfet") as caught:
        tiny.unique("lfet")
    assert caught.value.hint == "did you mean left?"
    with pytest.raises(cachegraph.UsageError, match="no level binary"):
        tiny.unique("left", level="binary")

"""What a pin would save: by hand, by the READMEs and by an oracle that hashes everything again."""

from pathlib import Path
from typing import Any

import pytest

import cachegraph
from tests.conformance.test_why import remembered
from tests.conftest import Load
from tests.oracles.causes import World, blame, classes, variant
from tests.oracles.test_causes import CUDA, DOCUMENTS
from tests.support.corpus import lock, needs, node, tiny_cache, write
from tests.support.expectations import held
from tests.support.made_up_pairs import Made, variants
from tests.support.realfiles import found, read
from tests.support.realfiles import lock as lock_file

PIN = "zlib-ng ~new_strategies"
PINS_OF_EACH = 4
"""Variants that are tried of each document, most costly first."""


def ask(graph: cachegraph.Graph, *pins: str, **options: Any) -> tuple[int, int, int]:
    """Builds, how many there would be after, and saved; what must hold of every answer does."""
    answer: Any = graph.what_if(*pins, **options)
    assert answer["question"] == "what-if"
    assert answer["upper_bound"]
    assert len(answer["pins"]) == len(pins) or options.get("best")
    assert answer["builds"] - answer["after"] == answer["saved"] >= 0
    return answer["builds"], answer["after"], answer["saved"]


def stack(folder: Path, *nodes: Made, name: str = "tiny") -> Path:
    return write(folder / name / "spack.lock", lock(*nodes))


# By hand --------------------------------------------------------------------------------------


@pytest.fixture
def tiny(load_once: Load, module_path: Path) -> cachegraph.Graph:
    """Seven builds: zlib ~pic and +pic, xz ~pic and +pic, and three apps.

    =====  ====  ===
    app    zlib  xz
    =====  ====  ===
    one    ~pic  ~pic
    two    +pic  ~pic
    three  ~pic  +pic
    =====  ====  ===
    """
    zlibs, xzs = (
        [node(name, parameters=variants(pic=pic)) for pic in (False, True)]
        for name in ("zlib", "xz")
    )
    apps = [node("app", needs(zlibs[z]), needs(xzs[x])) for z, x in ((0, 0), (1, 0), (0, 1))]
    return load_once(stack(module_path, *apps, *zlibs, *xzs))


@pytest.mark.parametrize(
    ("pins", "after"),
    [
        # One zlib, two xz, and the first two apps are one.
        (["zlib ~pic"], 5),
        (["zlib +pic"], 5),
        (["zlib~pic"], 5),
        # Two zlib, one xz, and the first and the third app are one.
        (["xz ~pic"], 5),
        # One zlib, one xz, one app.
        (["zlib ~pic", "xz ~pic"], 3),
        # All apps have it.
        (["app build_system=cmake"], 7),
    ],
)
def test_one_pin_or_two(tiny: cachegraph.Graph, pins: list[str], after: int) -> None:
    assert ask(tiny, *pins) == (7, after, 7 - after)
    assert ask(tiny, *pins, stacks=("tiny",)) == (7, after, 7 - after)


def test_what_differs_otherwise_too_is_not_saved(load: Load, tmp_path: Path) -> None:
    """Zlib without pic was made by another recipe: with pic pinned there still are two."""
    zlibs = [
        node("zlib", parameters=variants(pic=pic), package_hash=f"{pic}====")
        for pic in (False, True)
    ]
    apps = [node("app", needs(zlib)) for zlib in zlibs]
    assert ask(load(stack(tmp_path, *apps, *zlibs)), "zlib ~pic") == (4, 4, 0)


def test_only_that_package(load: Load, tmp_path: Path) -> None:
    """A variant of the same name is that of another package."""
    nodes = [
        node(name, parameters=variants(pic=pic)) for name in ("zlib", "xz") for pic in (False, True)
    ]
    assert ask(load(stack(tmp_path, *nodes)), "zlib ~pic") == (4, 3, 1)


def test_a_version(load: Load, tmp_path: Path) -> None:
    zlibs = [node("zlib", version=version) for version in ("1.2", "1.3")]
    apps = [node("app", needs(zlib)) for zlib in zlibs]
    assert ask(load(stack(tmp_path, *apps, *zlibs)), "zlib@1.3") == (4, 2, 2)


def test_in_some_stacks(load: Load, tmp_path: Path) -> None:
    """What a stack does not hold is no build of it; both together hold two of each."""
    paths = []
    for name, pic in (("one", False), ("two", True)):
        zlib = node("zlib", parameters=variants(pic=pic))
        paths.append(stack(tmp_path, node("app", needs(zlib)), zlib, name=name))
    graph = load(*paths)
    assert ask(graph, "zlib ~pic", stacks=("one",)) == (2, 2, 0)
    assert ask(graph, "zlib ~pic", stacks=("one", "two")) == (4, 2, 2)
    assert ask(graph, "zlib ~pic") == (4, 2, 2)


def test_the_best(tiny: cachegraph.Graph) -> None:
    """Either pin saves two, both save four."""
    assert ask(tiny, best=2) == (7, 3, 4)


@pytest.mark.parametrize("pin", ["zlig ~pic", "zlib ~pix", "zlib pix=yes"])
def test_nothing_of_that_name(tiny: cachegraph.Graph, pin: str) -> None:
    with pytest.raises(cachegraph.NotFoundError, match=r"zlig|pix") as caught:
        tiny.what_if(pin)
    assert caught.value.hint


def test_a_package_without_variants(load: Load, tmp_path: Path) -> None:
    graph = load(stack(tmp_path, node("zlib", parameters={})))
    with pytest.raises(cachegraph.NotFoundError, match="zlib has no variant pic") as caught:
        graph.what_if("zlib +pic")
    assert caught.value.hint == "it has none"


def test_circles_end(load: Load, tmp_path: Path) -> None:
    """No DAG has any, but a file may: two rings of aa and ab. The aa have two recipes."""
    nodes: list[Made] = []
    for recipe in ("a", "b"):
        first, second = node("aa", package_hash=recipe), node("ab", platform=recipe)
        first["dependencies"], second["dependencies"] = [needs(second)], [needs(first)]
        nodes += [first, second]
    graph = load(stack(tmp_path, *nodes))
    assert ask(graph, "os=sles15") == (4, 4, 0)
    assert (graph.blame()["groups"], graph.blame()["redundant"]) == (2, 2)
    assert graph.diff("tiny", "local")["kept"] == 4


def test_a_virtual_that_nobody_needs(load: Load, tmp_path: Path) -> None:
    mpi = node("openmpi")
    path = stack(tmp_path, node("app", needs(mpi, virtuals=["mpi"])), mpi)
    old = write(tmp_path / "old" / "spack.lock", lock(node("zlib", spec_format=4), version=4))
    graph = load(path, old)
    assert ask(graph, "^mpi=mpich", stacks=["tiny"]) == (2, 2, 0)
    for name, hint in (("tiny", "virtual packages are mpi"), ("old", "none is recorded: pages")):
        with pytest.raises(cachegraph.NotFoundError, match="to use a virtual mpii") as caught:
            graph.what_if("^mpii=openmpi", stacks=[name])
        assert str(caught.value.hint).startswith(hint)


def test_pages_do_not_tell_what_a_pin_saves(load: Load, tmp_path: Path) -> None:
    """Four specs, and nobody knows what any of them needs: the bound is none."""
    graph = load(tiny_cache(tmp_path / "site"))
    answer: Any = graph.what_if("hdf5@2", stacks=["right"])
    assert (answer["builds"], answer["saved"]) == (4, 0)
    assert answer["notes"] == [
        "no dependencies are recorded of 4 of 4 specs: "
        "what a pin would save of these cannot be known"
    ]


def test_misspelt_stack(load: Load, tmp_path: Path) -> None:
    graph = load(tiny_cache(tmp_path / "site"))
    with pytest.raises(cachegraph.NotFoundError, match="no stack rihgt"):
        graph.what_if("zlib build_system=cmake", stacks=("rihgt",))


# Real files -----------------------------------------------------------------------------------


def test_cuda(real: Load) -> None:
    assert ask(real(found(CUDA)), PIN) == (412, 381, 31)


@pytest.mark.newest
def test_radiuss(real: Load) -> None:
    """27 packages and zlib-ng itself; no other pin saves as much."""
    graph = real(found(lock_file("radiuss")))
    assert ask(graph, PIN) == (164, 136, 28)
    answer: Any = graph.what_if(best=1)
    assert (answer["builds"], answer["after"], answer["saved"]) == (164, 136, 28)
    (pin,) = answer["pins"]
    assert "zlib-ng" in str(pin)
    assert "new_strategies" in str(pin)


@pytest.mark.slow
@pytest.mark.parametrize("path", DOCUMENTS)
def test_as_hashing_everything_again(path: str) -> None:
    world, members = World.of(read(path)), held(path).members
    costly = sorted(blame(world, members).items(), key=lambda row: -row[1].redundant)
    pins = [
        (key[0], key[2], one.values[0]) for key, one in costly if key[1] == "variant" and one.values
    ]
    builds = len({*classes(world, members).values()})
    pins = [a_pin(world), *pins[:PINS_OF_EACH]]
    for package, attribute, text in pins:
        after = len({*classes(world, members, [(package, attribute)]).values()})
        answer = ask(remembered(path), f"{package} {text}")
        assert answer == (builds, after, builds - after), (package, text)


def a_pin(world: World) -> tuple[str, str, str]:
    """Package, name and text of some variant, whether or not it makes anything differ."""
    return min(
        (spec["name"], name, variant(name, value))
        for spec in world.specs.values()
        for name, value in spec["variants"].items()
    )

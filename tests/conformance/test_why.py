"""Why two hashes differ: answers worked out by hand, by an oracle and by Spack itself.

The pairs made by hand, with their answers, are in ``tests.support.made_up_pairs``; that the oracle
agrees with all of this is seen to in ``tests.oracles.test_causes``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations, islice
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from tests.conftest import Kept, Load
from tests.oracles.causes import World, groups, why
from tests.oracles.test_causes import DOCUMENTS, EXAMPLES, SAID, SPACK, in_spack_diff, spack_diff
from tests.support.corpus import (
    dag_hash,
    index,
    lock,
    needs,
    node,
    spec,
    tiny_cache,
    write,
    write_page,
)
from tests.support.known_answers import LOOK_ALIKES, LookAlike
from tests.support.made_up_pairs import MADE_UP, Asked, Made, depth_four, recipe_only, tell
from tests.support.realfiles import DATA, found, here, imported, read
from tests.support.realfiles import lock as lock_file

AT_MOST = 120 if DATA else 40
"""Pairs of near-duplicates that are compared of each document."""
ROW = ["hash", "package", "version", "variants", "flags", "compiler", "platform", "os", "target"]


# What people choose first, what follows from that after it: as the contract names them.
KINDS = [
    *("version", "variant", "flag", "compiler", "os", "target", "external", "recipe"),
    *("namespace", "dependency", "provider", "deptypes"),
]


def ask(graph: cachegraph.Graph, left: str, right: str) -> Any:
    """The answer; what must hold of every answer does."""
    answer: Any = graph.why(f"/{left}", f"/{right}")
    assert answer["question"] == "why"
    assert answer["left"]["hash"].startswith(left)
    assert answer["right"]["hash"].startswith(right)
    for cause in answer["causes"]:
        assert {*cause} == {*["package", "kind", "attribute", "left", "right", "path", "depth"]}
        assert cause["package"] == cause["path"][-1]
        assert cause["path"][0] == answer["left"]["package"]
        assert cause["depth"] == len(cause["path"]) - 1
        assert cause["left"] != cause["right"]
    assert answer["causes"] or answer.get("notes")
    order = [
        (cause["depth"], cause["path"], KINDS.index(cause["kind"]), cause["attribute"])
        for cause in answer["causes"]
    ]
    assert order == sorted(order)
    return answer


def told(answer: Any) -> list[tuple[str, ...]]:
    """The causes as they are written out in the tests, by name; ``ask`` looks at their order."""
    rows = [
        tell(cause["path"], cause["kind"], cause["attribute"], cause["left"], cause["right"])
        for cause in answer["causes"]
    ]
    return by_name(dict.fromkeys(rows))


def by_name(causes: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(causes, key=lambda cause: [str(part) for part in cause])


def swapped(causes: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return [(*cause[:3], cause[4], cause[3]) for cause in causes]


def test_what_cannot_be_told_apart_is_told_in_order(load: Load, tmp_path: Path) -> None:
    """Both dependencies have two hashes because of what no graph holds; xz is met first."""
    sides = []
    for side in ("a", "b"):
        xz, curl = (node(name, unheard_of=side) for name in ("xz", "curl"))
        sides.append((node("app", needs(xz), needs(curl)), xz, curl))
    graph = load(write(tmp_path / "env" / "spack.lock", lock(*sides[0], *sides[1])))
    answer = ask(graph, *(side[0]["hash"] for side in sides))
    assert not answer["causes"]
    assert answer["notes"] == [
        f"{name}: /{sides[0][place]['hash'][:7]} and /{sides[1][place]['hash'][:7]} "
        "differ in nothing that is recorded"
        for name, place in (("curl", 2), ("xz", 1))
    ]


def test_before_virtuals_were_recorded(load: Load, tmp_path: Path) -> None:
    """Of a lock file of format 4 nobody knows who provides mpi: that is no difference."""
    mpi, other, zlib = (node(name, spec_format=4) for name in ("openmpi", "mpich", "zlib"))
    types = ["build", "link"]
    old = [
        node("app", spec_format=4, dependencies=dependencies, package_hash="old====")
        for dependencies in (
            [{"name": one["name"], "hash": one["hash"], "type": types} for one in (zlib, needed)]
            for needed in (mpi, other)
        )
    ]
    new = node("app", needs(zlib), needs(mpi, *types, virtuals=["mpi"]), spec_format=4)
    graph = load(
        write(tmp_path / "old" / "spack.lock", lock(*old, mpi, other, zlib, version=4)),
        write(tmp_path / "new" / "spack.lock", lock(new, mpi, zlib, version=5)),
    )
    recipe = ("app", "recipe", "package_hash", "old====", "app====")
    assert told(ask(graph, old[0]["hash"], new["hash"])) == [recipe]
    assert told(ask(graph, old[1]["hash"], new["hash"])) == [
        ("app", "dependency", "mpich", "mpich@1.0", "-"),
        ("app", "dependency", "openmpi", "-", "openmpi@1.0"),
        recipe,
    ]


# By hand --------------------------------------------------------------------------------------


@pytest.mark.parametrize("made_up", MADE_UP, ids=lambda made: made.__name__)
def test_by_hand(load: Load, tmp_path: Path, made_up: Callable[[], Asked]) -> None:
    pair = made_up()
    nodes = {one["hash"]: one for root in (pair.left, pair.right) for one in pair.side(root)}
    document = lock(*nodes.values(), version=pair.spec_format + 1)
    graph = load(write(tmp_path / "both" / "spack.lock", document))
    hashes = pair.left["hash"], pair.right["hash"]
    assert told(ask(graph, *hashes)) == by_name(pair.causes)
    assert told(ask(graph, *reversed(hashes))) == by_name(swapped(pair.causes))


def test_across_two_stacks(load: Load, tmp_path: Path) -> None:
    pair = depth_four()
    graph = load(
        write(tmp_path / "left" / "spack.lock", lock(*pair.side(pair.left))),
        write(tmp_path / "right" / "spack.lock", lock(*pair.side(pair.right))),
    )
    (cause,) = ask(graph, pair.left["hash"], pair.right["hash"])["causes"]
    assert cause == {
        "package": "perl",
        "kind": "version",
        "attribute": "version",
        "left": "3.1",
        "right": "3.2",
        "path": ["hdf5", "cmake", "curl", "openssl", "perl"],
        "depth": 4,
    }


def test_compiler_of_another_family(load: Load, tmp_path: Path) -> None:
    """It is told as a compiler; the compilers are no dependencies more or less."""
    gcc, llvm = node("gcc", version="12.3.0"), node("llvm", version="17.0.1")
    cmakes = [node("cmake", needs(one, "build", virtuals=["c", "cxx"])) for one in (gcc, llvm)]
    left, right = (node("app", needs(cmake, "build")) for cmake in cmakes)
    document = lock(left, right, *cmakes, gcc, llvm)
    causes = told(ask(load(write(tmp_path / "spack.lock", document)), left["hash"], right["hash"]))
    assert ("app > cmake", "compiler", "compiler", "gcc@12.3.0", "llvm@17.0.1") in causes
    assert {cause[1] for cause in causes} <= {"compiler", "provider"}


def test_another_compiler_is_one_cause(load: Load, tmp_path: Path) -> None:
    """The gcc below is another version, of another recipe: that is what the compiler says."""
    gccs = [node("gcc", version=version, package_hash=version) for version in ("12.3.0", "13.2.0")]
    left, right = (node("app", needs(gcc, "build", virtuals=["c", "cxx"])) for gcc in gccs)
    graph = load(write(tmp_path / "spack.lock", lock(left, right, *gccs)))
    assert told(ask(graph, left["hash"], right["hash"])) == [
        ("app", "compiler", "compiler", "gcc@12.3.0", "gcc@13.2.0")
    ]


@pytest.mark.parametrize(("twice", "once"), ["ab", "ba"])  # whichever look sorts first
def test_several_of_one_package_are_paired_by_their_looks(
    load: Load, tmp_path: Path, twice: str, once: str
) -> None:
    """Of x one look is twice on the left, one once on both sides, and c only on the right.

    Each is rebuilt as what looks like it; what is left over on both sides is another variant.
    """

    def x(look: str, recipe: str) -> Made:
        return node("x", parameters={"look": look}, package_hash=recipe)

    left = [x(twice, "1"), x(twice, "2"), x(once, "1")]
    right = [x(twice, "3"), x(once, "2"), x("c", "3")]
    apps = [node("app", *map(needs, side)) for side in (left, right)]
    graph = load(write(tmp_path / "spack.lock", lock(*apps, *left, *right)))
    causes = ask(graph, *(app["hash"] for app in apps))["causes"]
    looks = [cause for cause in causes if cause["kind"] == "variant"]
    assert [(one["left"], one["right"]) for one in looks] == [(f"look={twice}", "look=c")]
    assert ("1", "2") in [(one["left"], one["right"]) for one in causes]  # that of the other


def test_rows_of_both_sides(load: Load, tmp_path: Path) -> None:
    pair = recipe_only()
    nodes = pair.left, pair.right, *pair.nodes
    graph = load(write(tmp_path / "spack.lock", lock(*nodes)))
    answer = ask(graph, pair.left["hash"], pair.right["hash"])
    for side, made in (("left", pair.left), ("right", pair.right)):
        row: Any = graph.show(f"/{made['hash']}")["specs"][0]
        assert answer[side] == {name: row[name] for name in ROW if name in row}
    assert not answer.get("notes")


def test_one_hash_twice(load: Load, tmp_path: Path) -> None:
    app = node("app")
    graph = load(write(tmp_path / "spack.lock", lock(app)))
    answer = ask(graph, app["hash"], app["hash"][:7])
    assert answer["causes"] == []
    assert answer.get("notes")


def test_what_pages_cannot_tell(load: Load, tmp_path: Path) -> None:
    """No dependencies, recipes and flags: two that look the same differ in one of these."""
    answer = ask(load(tiny_cache(tmp_path / "site")), "za", "zb")
    assert answer["causes"] == []
    assert answer.get("notes")


def test_what_pages_tell(load: Load, tmp_path: Path) -> None:
    left = spec("za", "one", variants=["+shared", "build_system=cmake"])
    right = spec("zb", "one", compiler="gcc@13.2.0", variants=["build_system=cmake", "~shared"])
    write_page(tmp_path / "site", "zlib", [left, right])
    answer = ask(load(tmp_path / "site"), "za", "zb")
    assert told(answer) == [
        ("zlib", "compiler", "compiler", "gcc@11.4.0", "gcc@13.2.0"),
        ("zlib", "variant", "shared", "+shared", "~shared"),
    ]
    assert answer.get("notes")


def test_what_is_not_recorded(load: Load, tmp_path: Path) -> None:
    """Two externals that differ in what the graph does not keep: no cause, and that is said."""
    found_as = [
        node("gcc", external={"path": "/usr", "module": None, "extra_attributes": {"n": n}})
        for n in (1, 2)
    ]
    left, right = (node("app", needs(gcc)) for gcc in found_as)
    graph = load(write(tmp_path / "spack.lock", lock(left, right, *found_as)))
    answer = ask(graph, left["hash"], right["hash"])
    assert answer["causes"] == []
    assert answer.get("notes")


def test_dependencies_that_are_not_there(load: Load, tmp_path: Path) -> None:
    """Of what is known only by its hash it cannot be said what differs."""
    libs = [node("lib", version=version) for version in ("1", "2")]
    left, right = (node("app", needs(lib)) for lib in libs)
    graph = load(write(tmp_path / "index.json", index(left, right)))
    answer = ask(graph, left["hash"], right["hash"])
    assert answer["causes"] == []
    assert answer.get("notes")


def test_no_such_hash(load: Load, tmp_path: Path) -> None:
    app, zlib = node("app"), node("zlib")
    graph = load(write(tmp_path / "spack.lock", lock(app, zlib)))
    with pytest.raises(cachegraph.NotFoundError, match="no spec"):
        graph.why(app["hash"], "/" + "7" * 32)
    with pytest.raises(cachegraph.NotFoundError, match="no spec"):
        graph.why("/" + "7" * 32, app["hash"])


def test_a_prefix_that_fits_several(load: Load, tmp_path: Path) -> None:
    graph = load(tiny_cache(tmp_path / "site"))
    with pytest.raises(cachegraph.AmbiguousHashError):
        graph.why("/z", "/ha")


def test_specs_that_only_one_fits(load: Load, tmp_path: Path) -> None:
    """Left has one curl and one hdf5 of that version with mpi, and of zlib several."""
    graph = load(tiny_cache(tmp_path))
    answer = graph.why("curl", "hdf5 +mpi")
    assert (answer["left"]["hash"], answer["right"]["hash"]) == (dag_hash("ca"), dag_hash("hc"))
    assert graph.why("/ca", "hdf5/hc")["right"] == answer["right"]
    with pytest.raises(cachegraph.AmbiguousHashError) as caught:
        graph.why("curl", "zlib@1.0")
    assert str(caught.value) == "zlib@1.0 fits 2 specs: /zaxxxxx zlib@1.0, /zbxxxxx zlib@1.0"
    assert (
        caught.value.hint == "give one of the hashes; all are listed by: cachegraph find zlib@1.0"
    )


def test_a_name_is_no_beginning_of_a_hash(load: Load, tmp_path: Path) -> None:
    """The package ``za`` comes before the hash of zlib that begins so."""
    pages = tiny_cache(tmp_path)
    write_page(pages, "za", [spec("other", "left")])
    assert load(pages).why("za", "zb")["left"]["hash"] == dag_hash("other")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hdf6", "no package hdf6"),
        ("zlib@3", "no spec fits zlib@3"),
        ("abcdefg", "no spec abcdefg"),
        ("zlib/7", "no spec zlib/7"),
    ],
)
def test_a_spec_that_is_none(load: Load, tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(cachegraph.NotFoundError, match=f"^{message}$"):
        load(tiny_cache(tmp_path)).why("curl", text)


# Real files -----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.newest
@pytest.mark.parametrize("pair", LOOK_ALIKES, ids=lambda pair: pair.package)
def test_worked_examples(real: Load, pair: LookAlike) -> None:
    causes = told(ask(real(found(pair.path)), pair.left, pair.right))
    assert [cause[:3] if cause[1] == "recipe" else cause for cause in causes] == EXAMPLES[
        pair.package
    ]


@pytest.mark.parametrize(("name", "locks", "causes"), SPACK, ids=lambda each: str(each)[:20])
def test_spack_diff(real: Load, name: str, locks: tuple[str, ...], causes: Any) -> None:
    said = spack_diff(name)
    hashes = [said[side].rpartition("/")[2] for side in ("a_name", "b_name")]
    answer = told(ask(real(*(found(lock_file(each)) for each in locks)), *hashes))
    assert answer == causes
    assert {cause[1:3] for cause in answer} <= {*in_spack_diff(said)}


@cache
def remembered(*paths: str) -> cachegraph.Graph:
    """Documents in one graph in memory; nothing may be added to it."""
    if len(paths) == 1:
        return imported(*paths).graph
    graph = cachegraph.open(":memory:")
    for number, path in enumerate(paths):
        graph.import_(found(path), release=f"r{number}")
    return graph


@pytest.mark.slow
def test_every_pair_that_spack_was_asked_about() -> None:
    for paths, left, right, expected in SAID:
        causes = ask(remembered(*paths), left, right)["causes"]
        named = {(cause["package"], cause["kind"], cause["attribute"]) for cause in causes}
        assert named == expected, (paths, left, right)


Values = set[tuple[str, ...]]


@pytest.mark.parametrize("path", DOCUMENTS)
def test_every_near_duplicate_in_memory(path: str) -> None:
    agree(remembered(path), path)


@pytest.mark.slow
@pytest.mark.parametrize("path", DOCUMENTS)
def test_every_near_duplicate_in_a_file(path: str, kept: Kept) -> None:
    agree(kept.graph("file", found(path)), path)


def agree(graph: cachegraph.Graph, *paths: str) -> None:
    """The program and the oracle tell the same causes, and the same way down to them."""
    world = World.of(*map(read, paths))
    for left, right in islice(near_duplicates(world), AT_MOST):
        answer = ask(graph, left, right)
        expected = why(world, left, right)
        assert values(map(told_of, expected)) == values(answer["causes"]), (left, right)
        ways = {cause.path for cause in expected}
        assert {tuple(cause["path"]) for cause in answer["causes"]} == ways, (left, right)
        assert not answer.get("notes")


def near_duplicates(world: World) -> Iterator[tuple[str, str]]:
    """Pairs of the same look, those of the first group before those of the next."""
    for group in groups(world, world.specs):
        yield from islice(combinations(group, 2), 6)


def told_of(cause: Any) -> dict[str, Any]:
    names = ("package", "kind", "attribute", "left", "right")
    return dict(zip(names, cause.told, strict=True))


def values(causes: Any) -> Values:
    """Package, kind, attribute, left and right of each."""
    return {of(cause) for cause in causes}


def of(cause: Mapping[str, Any]) -> tuple[str, ...]:
    return tell(
        [cause["package"]], cause["kind"], cause["attribute"], cause["left"], cause["right"]
    )


BETWEEN = [
    ("developer-tools", "build_systems"),
    ("developer-tools", "radiuss"),
    ("build_systems", "radiuss"),
    ("bcA", "bcB"),
]


@pytest.mark.parametrize("names", BETWEEN)
def test_every_near_duplicate_of_two_stacks(names: tuple[str, str]) -> None:
    paths = (*map(lock_file, names),)
    assert here(*paths)
    agree(remembered(*paths), *paths)

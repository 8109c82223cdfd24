"""Two real files in one graph share what is known; and the order of imports makes no difference."""

from collections.abc import Callable
from functools import cache
from itertools import combinations, permutations, product
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from tests.oracles import documents as oracle
from tests.support.expectations import held, repeated
from tests.support.known_answers import PAIRS, Pair
from tests.support.realfiles import (
    DATA,
    SPEC_ROWS,
    Edges,
    Nodes,
    everything,
    found,
    here,
    imported,
    lock,
    read,
    truth,
)

TOLD_APART: dict[str, Callable[[str, oracle.Spec], object]] = {
    "hash": lambda key, spec: key,
    "alike": lambda key, spec: oracle.look(spec),
    "spec": lambda key, spec: (spec["name"], spec["version"], sorted(spec["variants"].items())),
    "version": lambda key, spec: (spec["name"], spec["version"]),
    "package": lambda key, spec: spec["name"],
}

pytestmark = pytest.mark.slow  # a sweep over real files


def both(graph: cachegraph.Graph, left: str, right: str) -> tuple[str, str]:
    """Imports two documents, each into a release of its own; the keys of their stacks."""
    graph.import_(found(left), release="left")
    graph.import_(found(right), release="right")
    one, other = (row["key"] for row in graph.stacks()["stacks"])
    return one, other


def classes(path: str, level: str) -> set[str]:
    """What the members of a document are at a level, by the oracle alone."""
    specs = read(path).specs
    return {repr(TOLD_APART[level](key, specs[key])) for key in held(path).members}


@pytest.mark.parametrize(
    "pair", [pair for pair in PAIRS if here(pair.left, pair.right)], ids=lambda p: p[0] + " " + p[1]
)
def test_overlap_of_pairs_is_the_known_one(pair: Pair) -> None:
    graph = cachegraph.open(":memory:")
    stacks = both(graph, pair.left, pair.right)
    answer = graph.overlap(*stacks)
    sides = [held(path).members for path in (pair.left, pair.right)]
    assert [row["specs"] for row in answer["stacks"]] == [len(side) for side in sides]
    assert {row["hash"] for row in answer["shared"]} == sides[0] & sides[1]
    for level, said in answer["levels"].items():
        one, other = classes(pair.left, level), classes(pair.right, level)
        assert (said["shared"], said["union"]) == (len(one & other), len(one | other)), level
    if [len(side) for side in sides] == [pair.left_specs, pair.right_specs]:
        shared = {level: said["shared"] for level, said in answer["levels"].items()}
        assert (shared["hash"], shared["package"]) == (pair.hashes, pair.packages)
        assert pair.versions in {None, shared["version"]}
    matrix = graph.matrix(*stacks)
    shared_hashes = answer["levels"]["hash"]["shared"]
    assert matrix["shared"] == [
        [len(sides[0]), shared_hashes],
        [shared_hashes, len(sides[1])],
    ]
    assert graph.stats()["nodes"]["Spec"] == len({*read(pair.left).specs, *read(pair.right).specs})


LOCKS = [name for name in truth()["lockfiles"] if here(lock(name))]


@cache
def all_locks() -> cachegraph.Graph:
    graph = cachegraph.open(":memory:")
    graph.import_(*(found(lock(name)) for name in LOCKS))
    return graph


@pytest.mark.parametrize("names", [*combinations(LOCKS, 2)], ids=" x ".join)
def test_overlap_is_what_spack_says(names: tuple[str, str]) -> None:
    left, right = names
    said = truth()["pairs"][f"{left} x {right}"]
    answer = all_locks().overlap(left, right)
    assert sorted(row["hash"] for row in answer["shared"]) == sorted(said["shared_hashes"])
    assert answer["levels"]["hash"] == {
        "shared": said["shared"],
        "union": said["union"],
        "jaccard": said["jaccard"],
    }
    assert answer["levels"]["package"]["shared"] == said["names_in_both"]


@pytest.mark.parametrize("names", [*combinations(LOCKS, 2)], ids=" x ".join)
def test_near_duplicates_of_pairs_are_what_spack_says(names: tuple[str, str]) -> None:
    said = truth()["pairs"][" x ".join(names)]
    left, right = ({*read(lock(name)).specs} for name in names)
    alike = {key.removeprefix("Spec:"): data.get("alike") for key, data in locks_copy().items()}
    found_pairs = {(a, b) for a, b in product(left - right, right - left) if alike[a] == alike[b]}
    assert found_pairs == {(each["a"], each["b"]) for each in said["near_duplicates"]}


@cache
def locks_copy() -> dict[str, dict[str, Any]]:
    return everything(all_locks().networkx())[0]


def test_matrix_is_what_spack_says() -> None:
    matrix = all_locks().matrix()
    names = [key.removeprefix("local/") for key in matrix["stacks"]]
    assert sorted(names) == sorted(LOCKS)
    for one, left in enumerate(names):
        assert matrix["shared"][one][one] == truth()["lockfiles"][left]["specs"]
        for other, right in enumerate(names):
            pairs = truth()["pairs"]
            said = pairs.get(f"{left} x {right}") or pairs.get(f"{right} x {left}")
            if said:
                assert matrix["shared"][one][other] == said["shared"]
                assert matrix["jaccard"][one][other] == said["jaccard"]


# Orders ---------------------------------------------------------------------------------------

UNSIGNED = "buildcache-v2/unsigned/build_cache"
SIGNED = "buildcache-v2/signed/build_cache"
LIBDWARF = "test-debian6-m1-gcc-10.2.1-libdwarf-20130729-u5uz3dcch5if4eve4sef67o2rf2lbfgh.spec.json"
LIBELF = "test-debian6-m1-gcc-10.2.1-libelf-0.8.13-jr3yipyxyjulcdvckwwwjrrumis7glpa.spec.json.sig"

AGREEING = [
    (lock("bcA"), lock("bcB"), lock("build_systems")),
    (lock("bcA"), "spack-real/buildcache", "spack-real/spack-json/find.json"),
    ("spack-real/spack-json/db-index.json", lock("bcB"), "spack-real/spack-json/spec-libxml2.json"),
    ("locks/all-pythons/2025-07-25a/spack.lock", "locks/all-pythons/2025-07-25b/spack.lock",
     "locks/durrantlab/2025-05-26b/spack.lock"),
    ("locks/oktal/spack.lock", "locks/gmgpolar/spack.lock", "locks/crayenv/spack.lock"),
    ("locks/spack-tutorial-env/2021-01-30/spack.lock",
     "locks/spack-tutorial-env/2021-02-19/spack.lock", "locks/playground/spack.lock"),
    ("locks/legacy/v1.lock", "locks/legacy/v2.lock", "locks/legacy/v3.lock"),
    (f"{UNSIGNED}/index.json", f"{UNSIGNED}/{LIBDWARF}", f"{SIGNED}/{LIBELF}"),
]  # fmt: skip


THREES = [three for three in AGREEING if here(*three)]


def in_order(order: tuple[str, ...], store: str | Path) -> tuple[Nodes, Edges]:
    """Everything in a graph after one import after the other, none in conflict with another."""
    with cachegraph.open(store) as graph:
        for path in order:
            assert graph.import_(found(path)).conflicts == repeated(path)
        return everything(graph.networkx())


@pytest.mark.parametrize("three", THREES, ids=lambda three: three[0])
def test_sources_that_agree_come_in_any_order(three: tuple[str, str, str]) -> None:
    graphs = [in_order(order, ":memory:") for order in permutations(three)]
    assert all(other == graphs[0] for other in graphs[1:])


@pytest.mark.parametrize("three", THREES[1:2] + THREES[-1:], ids=lambda three: three[0])
def test_and_in_a_file_too(three: tuple[str, str, str], tmp_path: Path) -> None:
    expected = in_order(three, ":memory:")
    for number, order in enumerate(permutations(three)):
        assert in_order(order, tmp_path / f"{number}.db") == expected


@pytest.mark.parametrize("three", THREES, ids=lambda three: three[0])
def test_importing_all_of_them_again_changes_nothing(three: tuple[str, str, str]) -> None:
    assert in_order((*three, *three), ":memory:") == in_order(three, ":memory:")


SMALL = [row.path for row in SPEC_ROWS if row.specs < (1300 if DATA else 40)]
SHARING = [
    pair
    for pair in combinations(SMALL, 2)
    if read(pair[0]).specs.keys() & read(pair[1]).specs.keys()
]


@pytest.mark.parametrize("pair", SHARING, ids=" ".join)
def test_any_two_files_that_share_specs_agree(pair: tuple[str, str]) -> None:
    graphs = []
    for order in (pair, pair[::-1]):
        graph = cachegraph.open(":memory:")
        for path in order:
            summary = graph.import_(found(path), release=f"of-{SMALL.index(path)}")
            assert summary.conflicts == repeated(path)
        graphs.append(everything(graph.networkx()))
    assert graphs[0] == graphs[1]


@pytest.mark.parametrize("three", THREES, ids=lambda three: three[0])
def test_one_import_of_several_is_several_imports(three: tuple[str, str, str]) -> None:
    together, apart = cachegraph.open(":memory:"), cachegraph.open(":memory:")
    summary = together.import_(*map(found, three))
    for path in three:
        apart.import_(found(path))
    assert everything(together.networkx()) == everything(apart.networkx())
    assert summary.specs == len({key for path in three for key in read(path).specs})
    assert (summary.conflicts, summary.stubs) == (sum(map(repeated, three)), 0)


def test_what_is_shared_is_one_node() -> None:
    graph = cachegraph.open(":memory:")
    graph.import_(found(lock("bcA")), found(lock("bcB")))
    specs = {name for name, data in graph.networkx().nodes(data=True) if data["kind"] == "Spec"}
    of_each = [
        {
            name
            for name, data in imported(lock(name)).copy.nodes(data=True)
            if data["kind"] == "Spec"
        }
        for name in ("bcA", "bcB")
    ]
    assert specs == of_each[0] | of_each[1]
    assert len(of_each[0] & of_each[1]) == 22

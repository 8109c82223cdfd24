"""What makes near-duplicates, and what it costs: by hand, by the READMEs and by an oracle."""

from itertools import count
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from tests.conformance.test_why import remembered
from tests.conftest import Kept, Load
from tests.oracles import documents as oracle
from tests.oracles.causes import RankedCauses, World, blame
from tests.oracles.test_causes import CUDA, DOCUMENTS
from tests.support.corpus import lock, needs, node, tiny_cache, write
from tests.support.expectations import held
from tests.support.made_up_pairs import UNSAID, Made, variants
from tests.support.realfiles import found, read
from tests.support.realfiles import lock as lock_file

Costs = dict[tuple[str, str, str], RankedCauses]


def ask(graph: cachegraph.Graph, *stacks: str, **options: Any) -> Any:
    """The answer; what must hold of every answer does."""
    answer: Any = graph.blame(*stacks, **options)
    assert answer["question"] == "blame"
    redundant = [cause["redundant"] for cause in answer["causes"]]
    assert redundant == sorted(redundant, reverse=True)
    for cause in answer["causes"]:
        assert 1 <= cause["groups"] <= answer["groups"]
        assert cause["groups"] <= cause["redundant"] <= answer["redundant"]
        assert cause["values"] == sorted({*cause["values"]})
        assert cause["stacks"] == sorted({*cause["stacks"]}) != []
    return answer


def costs(answer: Any) -> Costs:
    """Groups, redundant builds and values of each cause."""
    found_costs = {
        (cause["package"], cause["kind"], cause["attribute"]): RankedCauses(
            cause["groups"], cause["redundant"], tuple(cause["values"])
        )
        for cause in answer["causes"]
    }
    assert len(found_costs) == len(answer["causes"])
    return agreed(found_costs)


def agreed(some: Costs) -> Costs:
    """Without the values on which no one has agreed."""
    return {key: one._replace(values=()) if key[1:] in UNSAID else one for key, one in some.items()}


def stack(folder: Path, *nodes: Made, name: str = "tiny") -> Path:
    return write(folder / name / "spack.lock", lock(*nodes))


# By hand --------------------------------------------------------------------------------------


def consumers(*versions_of: Made) -> list[Made]:
    """A libpng and a curl for each of these."""
    return [node(name, needs(one)) for one in versions_of for name in ("libpng", "curl")]


def test_two_causes_of_three_groups(load: Load, tmp_path: Path) -> None:
    """Of zlib, libpng and curl there are two each, because of zlib's variant; of perl by recipe.

    The two of zlib do not look alike: they are no group.
    """
    zlibs = [node("zlib", parameters=variants(pic=pic)) for pic in (False, True)]
    perls = [node("perl", package_hash=f"{recipe}====") for recipe in ("new", "old")]
    answer = ask(load(stack(tmp_path, *zlibs, *consumers(*zlibs), *perls)))
    assert (answer["groups"], answer["redundant"]) == (3, 3)
    assert answer["causes"] == [
        {
            "package": "zlib",
            "kind": "variant",
            "attribute": "pic",
            "values": ["+pic", "~pic"],
            "groups": 2,
            "redundant": 2,
            "alone": 2,
            "stacks": ["local/tiny"],
            "roots": [],
        },
        {
            "package": "perl",
            "kind": "recipe",
            "attribute": "package_hash",
            "values": ["new====", "old===="],
            "groups": 1,
            "redundant": 1,
            "alone": 1,
            "stacks": ["local/tiny"],
            "roots": [],
        },
    ]


def test_a_group_of_three_has_two_to_spare(load: Load, tmp_path: Path) -> None:
    zlibs = [node("zlib", version=version) for version in ("1.1", "1.2", "1.3")]
    answer = ask(load(stack(tmp_path, *zlibs, *consumers(*zlibs))))
    # libpng and curl, three each: two groups, four builds to spare.
    assert (answer["groups"], answer["redundant"]) == (2, 4)
    assert costs(answer) == {
        ("zlib", "version", "version"): RankedCauses(2, 4, ("1.1", "1.2", "1.3"))
    }


@pytest.mark.parametrize(
    ("order", "pic", "recipe"),
    [
        # Second: plain differs from wrap by pic. Third: other, nearest to wrap, by recipe.
        (("plain", "wrap", "other"), 1, 1),
        # Second: other differs from plain by both. Third: wrap, one cause from each: the first.
        (("plain", "other", "wrap"), 2, 1),
    ],
)
def test_the_nearest_one_before_it(
    load: Load, tmp_path: Path, order: tuple[str, ...], pic: int, recipe: int
) -> None:
    """Three apps; plain and wrap differ by zlib's pic, wrap and other by the recipe of xz."""
    zlibs = [node("zlib", parameters=variants(pic=pic)) for pic in (False, True)]
    xzs = [node("xz", package_hash=f"{recipe}====") for recipe in ("new", "old")]
    below = {"plain": (0, 0), "wrap": (1, 0), "other": (1, 1)}
    for salt in count():
        apps = {
            name: node("app", needs(zlibs[zlib]), needs(xzs[xz]), package_hash=f"{salt}====")
            for name, (zlib, xz) in below.items()
        }
        if sorted(apps, key=lambda name: str(apps[name]["hash"])) == [*order]:
            break
    answer = ask(load(stack(tmp_path, *apps.values(), *zlibs, *xzs)))
    assert (answer["groups"], answer["redundant"]) == (2, 3)
    assert costs(answer) == {
        ("zlib", "variant", "pic"): RankedCauses(1, pic, ("+pic", "~pic")),
        # And the two of xz are a group themselves.
        ("xz", "recipe", "package_hash"): RankedCauses(2, recipe + 1, ("new====", "old====")),
    }


def test_a_provider_whoever_needs_it(load: Load, tmp_path: Path) -> None:
    mpis = [node("mpich", version="4.1"), node("openmpi", version="5.0")]
    users = [node(name, needs(mpi, virtuals=["mpi"])) for mpi in mpis for name in ("fftw", "hdf5")]
    answer = ask(load(stack(tmp_path, *mpis, *users)))
    assert costs(answer) == {
        ("mpi", "provider", "mpi"): RankedCauses(2, 2, ("mpich@4.1", "openmpi@5.0")),
    }


def test_across_stacks_but_only_of_those_chosen(load: Load, tmp_path: Path) -> None:
    zlibs = [node("zlib", version=version) for version in ("1.1", "1.2", "1.3")]
    paths = [
        stack(tmp_path, zlib, *consumers(zlib), name=name)
        for zlib, name in zip(zlibs, ("one", "two", "three"), strict=True)
    ]
    graph = load(*paths)
    alone = ask(graph, "one")
    assert (alone["groups"], alone["redundant"], alone["causes"]) == (0, 0, [])
    two = ask(graph, "one", "two")
    assert (two["groups"], two["redundant"]) == (2, 2)
    assert costs(two) == {("zlib", "version", "version"): RankedCauses(2, 2, ("1.1", "1.2"))}
    assert {*two["causes"][0]["stacks"]} <= {"local/one", "local/two"}
    assert costs(ask(graph)) == {
        ("zlib", "version", "version"): RankedCauses(2, 4, ("1.1", "1.2", "1.3")),
    }


def test_what_is_shared_is_not_redundant(load: Load, tmp_path: Path) -> None:
    """One hash in two stacks is one build."""
    zlib = node("zlib")
    graph = load(*(stack(tmp_path, zlib, name=name) for name in ("one", "two")))
    answer = ask(graph)
    assert (answer["groups"], answer["redundant"], answer["causes"]) == (0, 0, [])


def test_without_the_runtime(load: Load, tmp_path: Path) -> None:
    """Of gcc-runtime nothing is said, nor is it a cause; what it doubles stays counted."""
    runtimes = [node("gcc-runtime", package_hash=f"{recipe}====") for recipe in ("new", "old")]
    apps = [node("app", needs(runtime)) for runtime in runtimes]
    graph = load(stack(tmp_path, *runtimes, *apps))
    key, values = ("gcc-runtime", "recipe", "package_hash"), ("new====", "old====")
    assert costs(ask(graph)) == {key: RankedCauses(2, 2, values)}
    without = ask(graph, ignore_runtime=True)
    assert costs(without) == {}
    assert (without["groups"], without["redundant"], without["unknown"]) == (1, 1, 0)


def test_pages_know_no_causes(load: Load, tmp_path: Path) -> None:
    """Of zlib za and zb, of hdf5 ha and hb look the same; the left stack has only the first two."""
    graph = load(tiny_cache(tmp_path / "site"))
    everywhere, left = ask(graph), ask(graph, "left")
    assert (everywhere["groups"], everywhere["redundant"], everywhere["causes"]) == (2, 2, [])
    assert (left["groups"], left["redundant"], left["causes"]) == (1, 1, [])
    assert (everywhere["unknown"], left["unknown"]) == (2, 1)
    assert [answer["notes"] for answer in (everywhere, left)] == [
        [
            f"the dependencies of {count} of the near-duplicates are not recorded: "
            "their causes are unknown"
        ]
        for count in (4, 2)
    ]


def test_misspelt_stack(load: Load, tmp_path: Path) -> None:
    graph = load(tiny_cache(tmp_path / "site"))
    with pytest.raises(cachegraph.NotFoundError, match="no stack rihgt"):
        graph.blame("rihgt")


# Real files -----------------------------------------------------------------------------------


@pytest.mark.newest
def test_radiuss(real: Load) -> None:
    answer = ask(real(found(lock_file("radiuss"))))
    assert (answer["groups"], answer["redundant"]) == (27, 27)
    assert answer["causes"] == [
        {
            "package": "zlib-ng",
            "kind": "variant",
            "attribute": "new_strategies",
            "values": ["+new_strategies", "~new_strategies"],
            "groups": 27,
            "redundant": 27,
            "alone": 27,
            "stacks": ["local/radiuss"],
            "roots": needing_one_of_two(lock_file("radiuss")),
        }
    ]


def needing_one_of_two(path: str) -> list[str]:
    """The roots, by name, that need a near-duplicate: a plain walk from each."""
    reading = read(path)
    doubled = {key for group in oracle.near_duplicates(reading.specs) for key in group}
    needing = set()
    for root in reading.roots:
        below, waiting = {root.hash}, [root.hash]
        while waiting:
            new = {*reading.specs[waiting.pop()]["deps"]} - below
            below |= new
            waiting += new
        if below & doubled:
            needing.add(reading.specs[root.hash]["name"])
    return sorted(needing)


def test_developer_tools_and_build_systems(real: Load) -> None:
    graph = real(*(found(lock_file(name)) for name in ("developer-tools", "build_systems")))
    answer = ask(graph, "developer-tools", "build_systems")
    # cmake (thrice), curl, krb5, py-pip, py-setuptools, python-venv and uncrustify.
    assert (answer["groups"], answer["redundant"]) == (7, 8)
    assert costs(answer)["openssl", "variant", "certs"] == RankedCauses(
        4, 4, ("certs=mozilla", "certs=system")
    )
    assert {cause["package"] for cause in answer["causes"][:2]} == {"openssl"}
    # Each of these builds differs in openssl alone, in a variant and what that brings along.
    assert [cause["alone"] for cause in answer["causes"][:2]] == [4, 4]
    both = {"local/build_systems", "local/developer-tools"}
    assert all({*cause["stacks"]} <= both for cause in answer["causes"])


def test_cuda(real: Load) -> None:
    answer = ask(real(found(CUDA)))
    assert (answer["groups"], answer["redundant"]) == (39, 40)
    first = answer["causes"][0]
    assert (first["package"], first["kind"], first["attribute"], first["groups"]) == (
        "zlib-ng",
        "variant",
        "new_strategies",
        32,
    )


@pytest.mark.slow
@pytest.mark.parametrize("path", DOCUMENTS)
def test_as_the_oracle_in_memory(path: str) -> None:
    agree(remembered(path), path)


@pytest.mark.slow
@pytest.mark.parametrize("path", DOCUMENTS)
def test_as_the_oracle_in_a_file(path: str, kept: Kept) -> None:
    agree(kept.graph("file", found(path)), path)


PAIRS = [("developer-tools", "build_systems"), ("developer-tools", "radiuss"), ("bcA", "bcB")]


@pytest.mark.parametrize("names", PAIRS)
def test_two_stacks_as_the_oracle(names: tuple[str, str]) -> None:
    paths = [*map(lock_file, names)]
    agree(remembered(*paths), *paths)


def agree(graph: cachegraph.Graph, *paths: str) -> None:
    members = {key for path in paths for key in held(path).members}
    stacks = [row["key"] for row in graph.stacks()["stacks"]]
    assert costs(ask(graph, *stacks)) == agreed(blame(World.of(*map(read, paths)), members))

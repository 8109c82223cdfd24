"""The oracle of causes and the READMEs of the real files agree, before it is used to judge."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from tests.oracles import documents as oracle
from tests.oracles.causes import Cause, World, blame, classes, diff, groups, why
from tests.support.corpus import lock as lock_file
from tests.support.expectations import held
from tests.support.known_answers import LOOK_ALIKES, PAIRS, Pair
from tests.support.made_up_pairs import MADE_UP, Asked, tell
from tests.support.realfiles import SPEC_ROWS, found, here, lock, read, truth

CUDA = "locks/e4s-24.11/amd64-gcc-cuda-ubuntu22.04/spack.lock.gz"
STRATEGIES = ("zlib-ng", "variant", "new_strategies")
MASKED = [("zlib-ng", "new_strategies")]
DOCUMENTS = [row.path for row in SPEC_ROWS if row.groups and row.format in {"lock", "index"}]


@cache
def world(*paths: str) -> World:
    return World.of(*map(read, paths))


def asked(paths: tuple[str, ...], left: str, right: str) -> list[tuple[str, ...]]:
    """The causes as texts: the way down, kind, attribute, left and right."""
    some = world(*paths)
    (a,), (b,) = ([key for key in some.specs if key.startswith(x)] for x in (left, right))
    return [told(cause) for cause in why(some, a, b)]


def told(cause: Cause) -> tuple[str, ...]:
    left, right = cause.difference[2:]
    return (" > ".join(cause.path), *cause.difference[:2], left or "-", right or "-")


# By package of the worked examples; the hashes of recipes are left out.
EXAMPLES = {
    "autoconf": [
        (
            "autoconf > perl > zlib-ng",
            "variant",
            "new_strategies",
            "~new_strategies",
            "+new_strategies",
        )
    ],
    "fftw": [("fftw", "provider", "mpi", "cray-mpich@8.1.25", "openmpi@5.0.0")],
    "cp2k": [
        (
            "cp2k > cray-mpich",
            "external",
            "prefix",
            "/opt/cray/pe/mpich/8.1.25/ofi/gnu/9.1",
            "/opt/cray/pe/mpich/8.1.27/ofi/gnu/9.1",
        ),
        ("cp2k > cray-mpich", "version", "version", "8.1.25", "8.1.27"),
    ],
    "esmf": [
        ("esmf", "dependency", "gmake", "-", "gmake@4.2.1"),
        ("esmf", "recipe", "package_hash"),
        ("esmf > parallelio > mpi-serial", "dependency", "autoconf", "-", "autoconf@2.71"),
        ("esmf > parallelio > mpi-serial", "dependency", "automake", "-", "automake@1.16.5"),
        ("esmf > parallelio > mpi-serial", "dependency", "libtool", "-", "libtool@2.4.7"),
        ("esmf > parallelio > mpi-serial", "recipe", "package_hash"),
        ("esmf > parallelio > mpi-serial", "version", "version", "2.3.0", "2.5.0"),
    ],
}


@pytest.mark.parametrize("pair", LOOK_ALIKES, ids=lambda pair: pair.package)
def test_worked_examples(pair: Any) -> None:
    causes = asked((pair.path,), pair.left, pair.right)
    assert [cause[:3] if cause[1] == "recipe" else cause for cause in causes] == EXAMPLES[
        pair.package
    ]
    assert {cause[0] for cause in causes} == {path for path, _ in pair.causes}


SPACK = [
    ("diff-libxml2", ("bcA", "bcB"), [("libxml2 > xz", "variant", "pic", "~pic", "+pic")]),
    (
        "diff-cmake-build_systems-developer-tools",
        ("build_systems", "developer-tools"),
        [
            (
                "cmake > curl > openssl",
                "dependency",
                "ca-certificates-mozilla",
                "ca-certificates-mozilla@2026-03-19",
                "-",
            ),
            ("cmake > curl > openssl", "variant", "certs", "certs=mozilla", "certs=system"),
        ],
    ),
    (
        "diff-cmake-radiuss",
        ("radiuss",),
        [("cmake > zlib-ng", "variant", "new_strategies", "~new_strategies", "+new_strategies")],
    ),
]


@pytest.mark.parametrize(("name", "locks", "causes"), SPACK)
def test_what_spack_diff_says(name: str, locks: tuple[str, ...], causes: Any) -> None:
    said = spack_diff(name)
    hashes = [said[side].rpartition("/")[2] for side in ("a_name", "b_name")]
    assert asked(tuple(map(lock, locks)), *hashes) == causes
    assert {cause[1:3] for cause in causes} <= set(in_spack_diff(said))


def spack_diff(name: str) -> dict[str, Any]:
    path = found(f"spack-real/spack-json/{name}.json")
    said: dict[str, Any] = json.loads(oracle.text(path.read_bytes()))
    return said


def in_spack_diff(said: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Kinds and attributes that a diff of Spack names."""
    for what, text in (*said["a_not_b"], *said["b_not_a"]):
        words = text.split(" ")
        if what == "variant_value":
            yield "variant", words[1]
        elif what == "depends_on":
            yield "dependency", words[1]
        elif what == "version":
            yield "version", "version"
        elif what == "package_hash":
            yield "recipe", "package_hash"


Said = tuple[tuple[str, ...], str, str, set[tuple[str, str, str]]]


def spack_says() -> Iterator[Said]:
    """All pairs of ``truth.json``: lock files, two hashes, and package, kind, attribute."""
    for name, row in truth()["lockfiles"].items():
        for group in row["near_duplicates"]:
            yield (lock(name),), *group["hashes"][:2], attributes(group["cause_first_pair"])
    for names, row in truth()["pairs"].items():
        locks = tuple(map(lock, names.split(" x ")))
        for pair in row["near_duplicates"]:
            yield locks, pair["a"], pair["b"], attributes(pair["cause"])


def attributes(texts: list[str]) -> set[tuple[str, str, str]]:
    """``openssl certs: 'mozilla' -> 'system', dep x only in a`` as package, kind, attribute."""
    named = set()
    for text in texts:
        package, _, rest = text.partition(" ")
        for part in rest.split(", "):
            if part == "package_hash":
                named.add((package, "recipe", "package_hash"))
            elif only := re.fullmatch(r"dep (\S+) only in [ab]", part):
                named.add((package, "dependency", only[1]))
            else:
                name = part.partition(":")[0]
                named.add((package, "version" if name == "version" else "variant", name))
    return named


SAID = [row for row in spack_says() if here(*row[0])]


def test_every_pair_that_spack_was_asked_about() -> None:
    assert len([*spack_says()]) == 100
    for paths, left, right, expected in SAID:
        causes = why(world(*paths), left, right)
        assert {cause.told[:3] for cause in causes} == expected, (paths, left, right)


@pytest.mark.parametrize("path", DOCUMENTS)
def test_every_near_duplicate_has_a_cause(path: str) -> None:
    some = world(path)
    for group in groups(some, some.specs):
        for left, right in pairwise(group):
            causes, back = why(some, left, right), why(some, right, left)
            assert causes, (left, right)
            assert {cause.told for cause in causes} == {
                (*cause.told[:3], cause.told[4], cause.told[3]) for cause in back
            }


def test_what_radiuss_holds_twice() -> None:
    some = world(lock("radiuss"))
    found_groups = groups(some, some.specs)
    assert [len(group) for group in found_groups] == [2] * 27
    assert blame(some, some.specs) == {
        STRATEGIES: (27, 27, ("+new_strategies", "~new_strategies")),
    }
    # 27 packages, and zlib-ng itself.
    assert len({*classes(some, some.specs).values()}) == 164
    assert len({*classes(some, some.specs, MASKED).values()}) == 164 - 28


def test_what_developer_tools_has_a_second_time() -> None:
    some = world(lock("developer-tools"), lock("build_systems"))
    costs = blame(some, some.specs)
    assert costs["openssl", "variant", "certs"] == (4, 4, ("certs=mozilla", "certs=system"))
    blamed = {
        some.specs[group[0]]["name"]
        for group in groups(some, some.specs)
        if any(
            cause.told[:3] == ("openssl", "variant", "certs")
            for member in group[1:]
            for cause in why(some, group[0], member)
        )
    }
    assert blamed == {"cmake", "curl", "krb5", "uncrustify"}


def test_what_cuda_costs() -> None:
    some = world(CUDA)
    found_groups = groups(some, some.specs)
    assert (len(some.specs), len(found_groups), sum(map(len, found_groups))) == (412, 39, 79)
    assert blame(some, some.specs)[STRATEGIES].groups == 32
    assert len({*classes(some, some.specs).values()}) == 412
    assert len({*classes(some, some.specs, MASKED).values()}) == 381


@pytest.mark.parametrize(
    "pair", [pair for pair in PAIRS if here(pair.left, pair.right)], ids=lambda p: p[0] + " " + p[1]
)
def test_sums_of_pairs_add_up(pair: Pair) -> None:
    left, right = held(pair.left).members, held(pair.right).members
    counts = diff(world(pair.left, pair.right), left, right)
    gone, come = (sum(side[i] for side in counts.changed.values()) for i in (0, 1))
    assert len(left) == counts.kept + counts.removed + counts.rebuilt + gone
    assert len(right) == counts.kept + counts.added + counts.rebuilt + come


@pytest.mark.parametrize("made_up", MADE_UP, ids=lambda made: made.__name__)
def test_what_was_worked_out_by_hand(made_up: Callable[[], Asked]) -> None:
    pair = made_up()
    nodes = {one["hash"]: one for root in (pair.left, pair.right) for one in pair.side(root)}
    made = oracle.interpret(lock_file(*nodes.values(), version=pair.spec_format + 1))
    causes = why(World.of(made), pair.left["hash"], pair.right["hash"])
    rows = [tell(cause.path, *cause.difference) for cause in causes]
    assert [*dict.fromkeys(rows)] == pair.causes

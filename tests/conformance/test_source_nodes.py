"""Node by node, an import of a real file says what the oracle reads there."""

from typing import Any

import pytest

from tests.oracles import documents as oracle
from tests.support.expectations import compilers, needs, properties, stacks
from tests.support.known_answers import Known
from tests.support.realfiles import SPEC_ROWS, imported, read

pytestmark = pytest.mark.slow  # a sweep over real files

# What of a Spec node cannot be seen in the file; each has tests of its own.
DERIVED = {"kind", "hash", "alike", "target_features", "verified", "recomputed", "size"}

every_row = pytest.mark.parametrize("row", SPEC_ROWS, ids=lambda row: row.path)


def joined(path: str, type_: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The relationships of a type by the keys of both ends."""
    return {
        (_key(start), _key(end)): data
        for start, end, key, data in imported(path).copy.edges(keys=True, data=True)
        if key == type_
    }


def _key(name: str) -> str:
    return name.partition(":")[2]


def specs(path: str) -> dict[str, dict[str, Any]]:
    nodes = imported(path).copy.nodes(data=True)
    return {data["hash"]: data for _, data in nodes if data["kind"] == "Spec"}


@every_row
def test_specs_say_what_is_in_the_file(row: Known) -> None:
    reading = read(row.path)
    said = {
        key: {name: value for name, value in data.items() if name not in DERIVED}
        for key, data in specs(row.path).items()
    }
    assert said == {key: properties(reading, key) for key in reading.specs}


@every_row
def test_specs_are_joined_with_what_they_say(row: Known) -> None:
    reading = read(row.path)
    said: dict[str, dict[str, Any]] = {key: {**spec} for key, spec in reading.specs.items()}
    for type_, field in (("OF_PACKAGE", "name"), ("RUNS_ON", "os"), ("BUILT_FOR", "target")):
        assert [*joined(row.path, type_).values()] == len(said) * [{}]
        assert joined(row.path, type_).keys() == {(key, spec[field]) for key, spec in said.items()}
    assert joined(row.path, "BUILT_WITH") == {
        (key, compiler): used
        for key, spec in reading.specs.items()
        for compiler, used in compilers(spec).items()
    }


@every_row
def test_dependencies_with_types_and_virtuals(row: Known) -> None:
    said = {
        pair: {name: {*values} for name, values in data.items()}
        for pair, data in joined(row.path, "DEPENDS_ON").items()
    }
    assert said == needs(row.path)


@every_row
def test_lists_are_sorted_and_have_nothing_twice(row: Known) -> None:
    for type_ in ("DEPENDS_ON", "BUILT_WITH", "ROOT_OF"):
        for data in joined(row.path, type_).values():
            for value in data.values():
                assert isinstance(value, str) or [*value] == sorted({*value})


@every_row
def test_members_and_roots_with_requests_and_groups(row: Known) -> None:
    expected = stacks(row.path)
    if "" in expected:
        (stack,) = (each["key"] for each in imported(row.path).graph.stacks()["stacks"])
        expected = {stack: expected[""]}
    members = {(key, stack) for stack, held in expected.items() for key in held.members}
    assert joined(row.path, "IN_STACK").keys() == members
    assert joined(row.path, "ROOT_OF") == {
        (key, stack): asked for stack, held in expected.items() for key, asked in held.roots.items()
    }


@every_row
def test_targets_are_told_apart_by_all_that_is_said_of_them(row: Known) -> None:
    digests: dict[str, set[Any]] = {}
    for key, data in specs(row.path).items():
        node = read(row.path).nodes.get(key)
        target = node["arch"]["target"] if node else ""
        digests.setdefault(repr(target), set()).add(data.get("target_features"))
        assert ("target_features" in data) == isinstance(target, dict)
    found = [digest for (digest,) in digests.values() if digest]
    assert len(found) == len({*found})


SHOWN = [row for row in SPEC_ROWS if row.format != "page" and row.specs < 100]


@pytest.mark.parametrize("row", SHOWN, ids=lambda row: row.path)
def test_cards_show_the_same(row: Known) -> None:
    reading, said = read(row.path), needs(row.path)
    for key in [*reading.specs][:5]:
        (card,) = imported(row.path).graph.show(f"/{key}")["specs"]
        shown: dict[str, Any] = {**card}
        for name, value in properties(reading, key).items():
            assert shown[name] == ([*value] if isinstance(value, tuple) else value)
        assert {dep["hash"]: {*dep["deptypes"]} for dep in card["dependencies"]} == {
            child: said[parent, child]["deptypes"] for parent, child in said if parent == key
        }
        assert card["dependents"] == sum(child == key for _, child in said)
        assert card["sources"]


def test_a_root_of_two_groups() -> None:
    roots = joined("spack-real/lockfiles/radiuss/spack.lock", "ROOT_OF").values()
    mfem = [data for data in roots if data["requests"] == ("mfem",)]
    assert [data["group"] for data in mfem] == ["radiuss-cpu, radiuss-cuda"]


def test_of_two_entries_with_one_hash_the_one_met_first_is_described() -> None:
    path = "locks/legacy/v2.lock"
    lost = read(path).lost_edges
    assert lost
    assert oracle.pairs(read(path).specs) == joined(path, "DEPENDS_ON").keys()


RUNS_ON_TOO = [
    ("locks/julea/2025-11-26/spack.lock", {("skylake", "x86_64")}),
    ("buildcache-v2/unsigned/build_cache/index.json", {("m1", "aarch64")}),
    ("spack-real/lockfiles/bcA/spack.lock", set()),
]


@pytest.mark.parametrize(("path", "extended"), RUNS_ON_TOO)
def test_targets_extend_the_nearest_that_is_there(
    path: str, extended: set[tuple[str, str]]
) -> None:
    assert joined(path, "EXTENDS").keys() == extended

"""What ``verify`` says of real files: how many hashes are found again, and why not the others."""

from pathlib import Path

import pytest

import cachegraph
from tests.conftest import Load
from tests.support.expectations import reasons, repeated
from tests.support.known_answers import VERIFIED, Known
from tests.support.realfiles import PACKED, SPEC_ROWS, found, here, imported

PROVED = [path for path in VERIFIED if here(path)]
BEFORE, AFTER = "locks/julea/2025-11-26/spack.lock", "locks/julea/2025-12-11/spack.lock"
REWRITTEN = "rewritten by a later Spack"


@pytest.mark.slow
@pytest.mark.parametrize("path", PROVED)
def test_as_many_hashes_are_found_again_as_is_known(path: str) -> None:
    known = VERIFIED[path]
    answer = imported(path).graph.verify()
    top = [row for row in answer["sources"] if len(answer["sources"]) == 1 or _is_top(row)]
    (row,) = top
    equal = known.plain + known.indented
    assert row["specs"] == known.nodes
    assert (row["equal"], row["different"], row["unknown"]) == (equal, known.nodes - equal, 0)
    assert row["reasons"] == reasons(path, known)
    assert [problem["kind"] for problem in answer["problems"]] == ["conflict"] * repeated(path)


def _is_top(row: object) -> bool:
    location = row["location"]  # type: ignore[index]  # a row of the answer
    return str(location).endswith("manifests/index/index.manifest.json")


@pytest.mark.slow
@pytest.mark.parametrize("row", SPEC_ROWS, ids=lambda row: row.path)
def test_nothing_in_a_real_file_is_unexplained(row: Known) -> None:
    answer = imported(row.path).graph.verify()
    known = {"external", "carried over", "test package", REWRITTEN}
    for source in answer["sources"]:
        assert source["reasons"].keys() <= known
        assert (source["dangling"], source["conflicts"]) == (0, repeated(row.path))
        assert source["equal"] + source["different"] + source["unknown"] == source["specs"]
        assert source["unknown"] == (source["specs"] if row.format == "page" else 0)
    assert {problem["kind"] for problem in answer["problems"]} <= {"conflict"}


@pytest.mark.parametrize("row", SPEC_ROWS, ids=lambda row: row.path)
def test_specs_say_whether_they_are_verified(row: Known) -> None:
    nodes = imported(row.path).copy.nodes(data=True)
    said = [data.get("verified") for _, data in nodes if data["kind"] == "Spec"]
    if row.format == "page":
        assert {*said} == {None}
    elif row.path not in VERIFIED:
        assert row.path.startswith(PACKED)
    else:
        assert said.count(True) == VERIFIED[row.path].plain + VERIFIED[row.path].indented
        assert said.count(None) == 0


@pytest.mark.newest
def test_a_later_spack_wrote_other_features(real: Load) -> None:
    answer = real(found(AFTER)).verify()
    (source,) = answer["sources"]
    assert source["reasons"] == {"external": 2, REWRITTEN: 103}
    assert answer["problems"] == []


@pytest.mark.parametrize("order", [(BEFORE, AFTER), (AFTER, BEFORE)], ids=["before", "after"])
def test_one_hash_with_other_features_is_one_spec(
    order: tuple[str, str], graph: cachegraph.Graph
) -> None:
    first, second = (graph.import_(found(path)) for path in order)
    assert (first.conflicts, second.conflicts) == (0, 0)
    assert (second.specs, second.warnings) == (105, [])
    answer = graph.verify()
    by_location = {Path(row["location"]).parent.name: row for row in answer["sources"]}
    before, after = by_location["2025-11-26"], by_location["2025-12-11"]
    assert (before["equal"], before["reasons"]) == (103, {"external": 2})
    assert (after["equal"], after["reasons"]) == (0, {"external": 2, REWRITTEN: 103})
    assert (before["conflicts"], after["conflicts"], answer["problems"]) == (0, 0, [])


def test_the_first_of_two_contents_is_kept(graph: cachegraph.Graph) -> None:
    kept = []
    for path in (BEFORE, AFTER):
        graph.import_(found(path))
        specs = graph.networkx().nodes(data=True)
        kept.append({data["hash"]: data for _, data in specs if data["kind"] == "Spec"})
    assert kept[0] == kept[1]

"""Every real file of the known answers gives the known graph, the same in every store."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from tests.oracles import documents as oracle
from tests.support.expectations import by_type, needs, repeated, stacks
from tests.support.known_answers import Known
from tests.support.realfiles import (
    DATA,
    HOLD_NO_SPEC,
    ROWS,
    SPEC_ROWS,
    everything,
    found,
    imported,
    read,
)


def named(row: Known) -> str:
    return row.path


every_row = pytest.mark.parametrize("row", SPEC_ROWS, ids=named)


@every_row
def test_the_summary_of_an_import_has_the_known_numbers(row: Known) -> None:
    summary, expected = imported(row.path).summary, stacks(row.path).values()
    assert {
        "specs": summary.specs,
        "packages": summary.packages,
        "package_versions": summary.package_versions,
        "compilers": summary.compilers,
        "operating_systems": summary.operating_systems,
        "targets": summary.targets,
        "edges": summary.dependencies,
    } == {
        "specs": row.specs,
        "packages": row.packages,
        "package_versions": row.package_versions,
        "compilers": row.compilers,
        "operating_systems": len(row.operating_systems),
        "targets": len(row.targets),
        "edges": row.kept_edges,
    }
    assert summary.roots == sum(len(stack.roots) for stack in expected)
    assert summary.memberships == sum(len(stack.members) for stack in expected)
    assert summary.stubs == summary.kept == summary.removed == 0
    assert summary.conflicts == len(summary.warnings) == repeated(row.path)


@pytest.mark.slow
@every_row
def test_the_graph_has_the_known_numbers(row: Known) -> None:
    copy = imported(row.path).copy
    kinds = Counter(data["kind"] for _, data in copy.nodes(data=True))
    assert (kinds["Spec"], kinds["Package"]) == (row.specs, row.packages)
    specs = [data for _, data in copy.nodes(data=True) if data["kind"] == "Spec"]
    assert len({(spec["package"], spec["version"]) for spec in specs}) == row.package_versions
    assert kinds["Compiler"] == row.compilers
    for label, names in (("OperatingSystem", row.operating_systems), ("Target", row.targets)):
        assert sorted(_keys(copy, label)) == [*names]
    assert sum(spec.get("external", False) for spec in specs) == row.externals
    assert sum("compiler" not in spec for spec in specs) == row.without_compiler
    assert kinds["Stack"] == len(stacks(row.path))


def _keys(copy: Any, label: str) -> list[str]:
    return [data["name"] for _, data in copy.nodes(data=True) if data["kind"] == label]


@every_row
def test_dependencies_have_the_known_types(row: Known) -> None:
    edges = [data for _, _, type_, data in imported(row.path).copy.edges(keys=True, data=True)
             if type_ == "DEPENDS_ON"]  # fmt: skip
    assert len(edges) == row.kept_edges
    types = Counter(deptype for edge in edges for deptype in edge["deptypes"])
    virtual = sum(bool(edge.get("virtuals")) for edge in edges)
    counted = {**{deptype: types[deptype] for deptype in oracle.TYPES}, "virtual": virtual}
    assert counted == by_type(needs(row.path))
    assert counted == {name: getattr(row, name) for name in counted}


@every_row
def test_near_duplicates_are_the_known_ones(row: Known) -> None:
    alike: dict[str, set[str]] = {}
    for _, data in imported(row.path).copy.nodes(data=True):
        if data["kind"] == "Spec":
            alike.setdefault(data["alike"], set()).add(data["hash"])
    groups = [group for group in alike.values() if len(group) > 1]
    assert (len(groups), sum(map(len, groups))) == (row.groups, row.grouped)
    expected = oracle.near_duplicates(read(row.path).specs)
    assert sorted(map(sorted, groups)) == sorted(map(sorted, expected))


@every_row
def test_members_and_roots_are_the_known_ones(row: Known) -> None:
    sizes = {each["key"]: each for each in imported(row.path).graph.stacks()["stacks"]}
    expected = stacks(row.path)
    if "" not in expected:
        assert sizes.keys() == expected.keys()
    counted = sorted((each["specs"], each["roots"]) for each in sizes.values())
    assert counted == sorted((len(held.members), len(held.roots)) for held in expected.values())
    if row.format == "lock":
        assert counted == [(row.members, row.distinct_roots)]
    if row.in_buildcache is not None:
        assert row.in_buildcache in [specs for specs, _ in counted]


def test_what_is_no_longer_installed_is_no_member() -> None:
    # 31 of its records say that they are not installed.
    graph = imported("index/derecho-db/index.json.gz").graph
    (stack,) = graph.stacks()["stacks"]
    assert (stack["specs"], graph.stats()["nodes"]["Spec"]) == (1223, 1254)


def test_of_entries_with_one_hash_the_first_is_kept_and_a_conflict_counted() -> None:
    # Its 30 entries have 27 hashes; of openssl the other entry needs another perl.
    known = imported("locks/spack-tutorial-env/2021-01-30/spack.lock")
    problems = known.graph.verify()["problems"]
    assert known.summary.conflicts == len(known.summary.warnings) == 3
    assert {problem["kind"] for problem in problems} == {"conflict"}
    assert {problem["package"]: problem["differs"] for problem in problems} == {
        "openssl": ["dependencies"],
        "py-setuptools": ["details"],
        "python": ["details"],
    }


@pytest.mark.parametrize("row", [row for row in ROWS if row.format in HOLD_NO_SPEC], ids=named)
def test_what_holds_no_spec_is_an_error(row: Known, graph: cachegraph.Graph) -> None:
    with pytest.raises(cachegraph.CacheGraphError):
        graph.import_(found(row.path))


@pytest.mark.slow
@every_row
def test_a_file_keeps_what_memory_keeps(row: Known, tmp_path: Path) -> None:
    there, expected = cachegraph.open(tmp_path / "graph.db"), imported(row.path)
    assert there.import_(found(row.path)) == expected.summary
    assert everything(there.networkx()) == everything(expected.copy)
    assert there.stats() == expected.graph.stats()
    assert there.stacks() == expected.graph.stacks()
    there.close()


EXPORTED = [row for row in SPEC_ROWS if row.version in {7, 2, "0.9.2"} or row.format == "find"]


@pytest.mark.parametrize("row", EXPORTED, ids=named)
@pytest.mark.parametrize("ending", ["graphml", "graphml.gz"])
def test_an_export_keeps_what_memory_keeps(row: Known, ending: str, tmp_path: Path) -> None:
    expected = imported(row.path)
    expected.graph.export(tmp_path / f"graph.{ending}")
    there = cachegraph.open(tmp_path / f"graph.{ending}")
    assert everything(there.networkx()) == everything(expected.copy)
    assert there.stats() == expected.graph.stats()
    assert there.stacks() == expected.graph.stacks()
    assert there.verify() == expected.graph.verify()


@pytest.mark.slow
@pytest.mark.parametrize("row", [row for row in SPEC_ROWS if DATA or row.specs < 400], ids=named)
def test_importing_again_changes_nothing(row: Known) -> None:
    graph = cachegraph.open(":memory:")
    graph.import_(found(row.path))
    again = graph.import_(found(row.path))
    assert again.kept == again.removed == 0
    assert again.conflicts == repeated(row.path)
    assert (again.specs, again.dependencies) == (row.specs, row.kept_edges)
    assert everything(graph.networkx()) == everything(imported(row.path).copy)

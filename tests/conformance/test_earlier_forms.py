"""Files that a later Spack, or a tool, wrote anew: the same specs, proved, and no conflict."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import archspec.cpu
import pytest

import cachegraph
from tests.oracles import documents as oracle
from tests.support.corpus import lock, node, write
from tests.support.expectations import raw
from tests.support.known_answers import FIXTURES
from tests.support.realfiles import SPEC_ROWS, found

CASES = FIXTURES.parent / "cases"
LOCK_ROWS = [row for row in SPEC_ROWS if row.format == "lock" and row.specs < 150]
LOCKS = [row.path for row in LOCK_ROWS]
BEFORE_1_0 = [row.path for row in LOCK_ROWS if int(row.version) < 6]
SINCE_0_18 = [row.path for row in LOCK_ROWS if int(row.version) > 3]
LATEST = {"_meta": {"file-type": "spack-lockfile", "lockfile-version": 6, "specfile-version": 5}}

Node = Mapping[str, Any]


def imported_both(path: Path, document: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """What ``verify`` says of a document that was written anew, beside the original."""
    graph = cachegraph.open(":memory:")
    first = graph.import_(path)
    anew = write(folder / "anew" / "spack.lock", document)
    second = graph.import_(anew, release="anew")
    assert second.conflicts in (0, first.conflicts)
    answer = graph.verify()
    assert {problem["kind"] for problem in answer["problems"]} <= {"conflict"}
    assert len(answer["problems"]) == first.conflicts + second.conflicts
    (row,) = (row for row in answer["sources"] if row["location"] == str(anew))
    return dict(row)


def carried_over(hashed: dict[str, Any], form: int) -> dict[str, Any]:
    """A node of formats 1 to 4 as Spack 1.0 and later write it, by Spack's documents."""
    anew = {name: value for name, value in hashed.items() if name not in {"compiler", "hash"}}
    anew.pop("full_hash", None)
    anew.pop("build_hash", None)
    if dependencies := oracle.dependencies(hashed):
        anew["dependencies"] = [_use(one, form) for one in dependencies]
    compiler = f"{hashed['compiler']['name']}@={hashed['compiler']['version']}"
    anew["annotations"] = {"original_specfile_version": min(form, 4), "compiler": compiler}
    return {**anew, "hash": hashed["hash"]}


def _use(dependency: Node, form: int) -> dict[str, Any]:
    if form == 4:
        parameters = {**dependency["parameters"], "direct": True}
    else:
        parameters = {"deptypes": dependency["type"], "virtuals": [], "direct": True}
    return {"name": dependency["name"], "hash": dependency["hash"], "parameters": parameters}


@pytest.mark.parametrize("path", BEFORE_1_0)
def test_specs_that_a_later_spack_carries_over(path: str, tmp_path: Path) -> None:
    reading = oracle.read(found(path))
    nodes = {
        key: carried_over({**fields, "hash": key}, reading.node_format)
        for key, fields in reading.nodes.items()
    }
    document = {**LATEST, "roots": [], "concrete_specs": nodes}
    row = imported_both(found(path), document, tmp_path)
    assert (row["equal"], row["unknown"]) == (0, 0)
    assert row["reasons"].keys() <= {"carried over", "external"}


@pytest.mark.parametrize("path", LOCKS)
def test_a_file_whose_keys_were_sorted(path: str, tmp_path: Path) -> None:
    document = json.loads(json.dumps(raw(path), sort_keys=True))
    row = imported_both(found(path), document, tmp_path)
    assert row["equal"] == 0
    assert row["reasons"]["keys sorted"] >= row["specs"] - 2  # two externals cannot be proved


def described_by_archspec(arch: Node, *, part: bool) -> dict[str, Any]:
    """The arch of a node with the description that the installed archspec gives of its target."""
    if isinstance(arch["target"], str):
        return {**arch}
    target = archspec.cpu.TARGETS[arch["target"]["name"]]
    described = target.to_dict()
    fields = ("name", "vendor", "features", "generation", "parents", *(("cpupart",) * part))
    return {**arch, "target": {name: described.get(name, "") for name in fields}}


@pytest.mark.parametrize("part", [False, True])
@pytest.mark.parametrize("path", SINCE_0_18)
def test_targets_that_another_archspec_describes(path: str, tmp_path: Path, *, part: bool) -> None:
    document = raw(path)
    nodes = {
        key: {**fields, "arch": described_by_archspec(fields["arch"], part=part)}
        for key, fields in document["concrete_specs"].items()
    }
    row = imported_both(found(path), {**document, "concrete_specs": nodes}, tmp_path)
    assert row["unknown"] == 0
    assert row["reasons"].keys() <= {"external", "carried over", "rewritten by a later Spack"}


def test_the_original_and_the_rewritten_file_are_one(graph: cachegraph.Graph) -> None:
    for name in ("carried-over-original-v5-min", "carried-over-direct-true-min"):
        summary = graph.import_(CASES / f"{name}.lock", stack="env")
        assert (summary.specs, summary.conflicts, summary.warnings) == (5, 0, [])
    answer = graph.verify()
    told = {Path(row["location"]).name: (row["equal"], row["reasons"]) for row in answer["sources"]}
    assert told["carried-over-direct-true-min.lock"] == (0, {"carried over": 5})
    assert answer["problems"] == []
    (bzip2,) = graph.show("bzip2")["specs"]
    assert (bzip2["compiler"], bzip2["verified"]) == ("apple-clang@16.0.0", True)


@pytest.mark.parametrize(
    ("name", "specs"), [("rewritten-external-min.lock", 5), ("open-r1-cpupart-min.lock", 6)]
)
def test_nodes_that_name_the_features_of_a_newer_archspec(
    name: str, specs: int, graph: cachegraph.Graph
) -> None:
    graph.import_(CASES / name)
    answer = graph.verify()
    (row,) = answer["sources"]
    assert row["reasons"] == {"rewritten by a later Spack": specs}
    assert answer["problems"] == []


def test_fresh_and_carried_over_specs_of_one_target(
    graph: cachegraph.Graph, tmp_path: Path
) -> None:
    """What makes their hashes differ is the description of the target that was hashed."""
    old = {"name": "skylake", "vendor": "GenuineIntel", "features": ["aes"], "parents": []}
    new = {**old, "features": ["abm", "aes", "cx16", "lahf_lm", "xsave"], "cpupart": ""}
    arch = {"platform": "linux", "platform_os": "rocky9"}
    before, fresh = (node("zlib", arch={**arch, "target": target}) for target in (old, new))
    rewritten = {**fresh, "hash": before["hash"]}
    graph.import_(write(tmp_path / "spack.lock", lock(fresh, rewritten)))
    answer = graph.verify()
    (row,) = answer["sources"]
    assert (row["equal"], row["reasons"]) == (1, {"rewritten by a later Spack": 1})
    assert answer["problems"] == []
    why = graph.why(f"/{before['hash']}", f"/{fresh['hash']}")
    assert [(cause["kind"], cause["attribute"]) for cause in why["causes"]] == [
        ("target", "features")
    ]


def test_a_field_that_was_changed_by_hand_stays_a_problem(
    graph: cachegraph.Graph, tmp_path: Path
) -> None:
    document = json.loads((CASES / "carried-over-direct-true-min.lock").read_text())
    changed = next(iter(document["concrete_specs"].values()))
    changed["parameters"]["pic"] = True
    graph.import_(write(tmp_path / "spack.lock", document))
    (problem,) = graph.verify()["problems"]
    assert (problem["kind"], problem["package"], problem["reason"]) == (
        "hash",
        "bzip2",
        "carried over",
    )


@pytest.mark.parametrize("name", ["format-8.lock", "format-6.spec.json", "format-9-index.json"])
def test_formats_of_spack_1_3(name: str, graph: cachegraph.Graph) -> None:
    summary = graph.import_(CASES / name)
    (source,) = summary.sources
    assert (source.format_version, summary.specs) == (name.partition("-")[2][0], 1)
    (spec,) = graph.show("zlib-ng")["specs"]
    assert spec["provides"] == ["zlib-api"]
    assert spec["specfile_version"] == 6


def test_what_a_spec_provides_is_in_its_hash(graph: cachegraph.Graph, tmp_path: Path) -> None:
    bare, provider = node("gcc-runtime"), node("gcc-runtime", provided_virtuals=["libgfortran@5"])
    document = lock(bare, provider, version=8)
    graph.import_(write(tmp_path / "spack.lock", document))
    answer = graph.verify()
    (row,) = answer["sources"]
    assert (row["equal"], answer["problems"]) == (2, [])
    why = graph.why(f"/{bare['hash']}", f"/{provider['hash']}")
    assert [(cause["kind"], cause["attribute"], cause["right"]) for cause in why["causes"]] == [
        ("recipe", "provides", "libgfortran@5")
    ]


def test_what_a_carried_over_spec_provides_is_not(graph: cachegraph.Graph, tmp_path: Path) -> None:
    """Spack 1.3 writes what a spec of Spack 1.2 provides, which its hash does not cover."""
    before = node("zlib-ng")
    anew = {**before, "provided_virtuals": ["zlib-api"]}
    graph.import_(write(tmp_path / "before" / "spack.lock", lock(before)))
    second = graph.import_(write(tmp_path / "anew" / "spack.lock", lock(anew, version=8)))
    answer = graph.verify()
    assert (second.conflicts, answer["problems"]) == (0, [])
    (spec,) = graph.show("zlib-ng")["specs"]
    assert spec["provides"] == ["zlib-api"]


def test_records_of_an_installation_that_are_not_installed(graph: cachegraph.Graph) -> None:
    graph.import_(CASES / "installdb-uninstalled-records.json", stack="site")
    (stack,) = graph.stacks()["stacks"]
    assert (stack["specs"], stack["roots"]) == (3, 2)
    by_version = {spec["version"]: spec for spec in graph.show("zlib")["specs"]}
    old, new = by_version["1.2.11"], by_version["1.3.1"]
    assert (old["stacks"], new["stacks"]) == ([], ["local/site"])
    assert old["deprecated_for"] == new["hash"]
    assert {spec["package"] for spec in graph.deps("hdf5")["specs"]} == {"zlib", "gmake"}


def test_what_is_not_installed_is_not_available(graph: cachegraph.Graph, tmp_path: Path) -> None:
    installed = CASES / "installdb-uninstalled-records.json"
    graph.import_(installed, stack="site")
    records = json.loads(installed.read_text())["database"]["installs"]
    wanted = write(tmp_path / "spack.lock", lock(*(record["spec"] for record in records.values())))
    rows = graph.want_lock(wanted)["specs"]
    assert {(row["package"], row["version"]): row["available"] for row in rows} == {
        ("zlib", "1.2.11"): False,
        ("zlib", "1.3.1"): True,
        ("gmake", "4.4.1"): False,
        ("hdf5", "1.14.5"): True,
    }

"""The oracle and the READMEs of the real files agree, before either is used to judge an import."""

import hashlib
import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.oracles import documents as oracle
from tests.support.known_answers import (
    CONFLICTS,
    FIXTURES,
    LOOK_ALIKES,
    PAIRS,
    VERIFIED,
    Conflict,
    Known,
    LookAlike,
    Pair,
)
from tests.support.realfiles import HOLD_NO_SPEC, ROWS, found, here, lock, read, truth


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.path)
def test_a_file_holds_what_is_known_of_it(row: Known) -> None:
    if row.format in HOLD_NO_SPEC:
        assert not row.specs
        return
    known = row._asdict()
    assert oracle.count(read(row.path)) == {key: known[key] for key in known if key != "path"}


@pytest.mark.slow
@pytest.mark.parametrize("path", [path for path in VERIFIED if here(path)])
def test_hashes_are_found_again(path: str) -> None:
    reading = read(path)
    proofs = [oracle.proof(key, node, reading.node_format) for key, node in reading.nodes.items()]
    kinds = ("plain", "indented", "restored")
    assert (len(proofs), *map(proofs.count, kinds)) == VERIFIED[path]


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if here(pair.left, pair.right)])
def test_pairs_share_what_is_known(pair: Pair) -> None:
    left, right = read(pair.left).specs, read(pair.right).specs
    assert (len(left), len(right)) == (pair.left_specs, pair.right_specs)
    assert len(left.keys() & right.keys()) == pair.hashes
    both = [[*specs.values()] for specs in (left, right)]
    names, twin_names = ({spec["name"] for spec in specs} for specs in both)
    assert len(names & twin_names) == pair.packages
    versions, twins = ({(spec["name"], spec["version"]) for spec in specs} for specs in both)
    assert pair.versions in {None, len(versions & twins)}


@pytest.mark.parametrize("conflict", [c for c in CONFLICTS if here(c.left, c.right)])
def test_one_hash_with_two_contents(conflict: Conflict) -> None:
    left, right = read(conflict.left), read(conflict.right)
    shared = left.specs.keys() & right.specs.keys()
    assert len(shared) == conflict.hashes
    assert differences(shared, left.nodes, right.nodes) == conflict.nodes
    assert differences(shared, left.specs, right.specs) == conflict.normal


def differences(shared: set[str], left: Any, right: Any) -> dict[str, int]:
    """In how many shared hashes each field differs."""
    counts: dict[str, int] = {}
    for key in shared:
        for name in left[key].keys() | right[key].keys():
            if left[key].get(name) != right[key].get(name):
                counts[name] = counts.get(name, 0) + 1
    return counts


@pytest.mark.parametrize("pair", LOOK_ALIKES, ids=lambda pair: f"{pair.package}@{pair.version}")
def test_look_alikes_are_near_duplicates(pair: LookAlike) -> None:
    specs = read(pair.path).specs
    (left,), (right,) = (
        {key for key in specs if key.startswith(start)} for start in (pair.left, pair.right)
    )
    assert (specs[left]["name"], specs[left]["version"]) == (pair.package, pair.version)
    assert any({left, right} <= group for group in oracle.near_duplicates(specs))
    for path, _ in pair.causes:
        for key in (left, right):
            assert reaches(specs, key, path.split(" > ")[1:]), (path, key)


def reaches(specs: dict[str, oracle.Spec], key: str, names: list[str]) -> bool:
    """Whether dependencies of these names lead on from a spec."""
    children = [child for child in specs[key]["deps"] if specs[child]["name"] == (names or [""])[0]]
    return not names or any(reaches(specs, child, names[1:]) for child in children)


@pytest.mark.parametrize("name", [name for name in truth()["lockfiles"] if here(lock(name))])
def test_near_duplicates_are_those_that_spack_agrees_on(name: str) -> None:
    said = [set(group["hashes"]) for group in truth()["lockfiles"][name]["near_duplicates"]]
    groups = oracle.near_duplicates(read(lock(name)).specs)
    assert sorted(map(sorted, groups)) == sorted(map(sorted, said))


@pytest.mark.parametrize(
    "pair", [pair for pair in truth()["pairs"] if here(*map(lock, pair.split(" x ")))]
)
def test_hashes_and_near_duplicates_of_pairs(pair: str) -> None:
    said = truth()["pairs"][pair]
    left, right = (read(lock(name)).specs for name in pair.split(" x "))
    assert sorted(left.keys() & right.keys()) == sorted(said["shared_hashes"])
    alike = {
        (a, b)
        for a, b in product(left.keys() - right.keys(), right.keys() - left.keys())
        if oracle.look(left[a]) == oracle.look(right[b])
    }
    assert alike == {(each["a"], each["b"]) for each in said["near_duplicates"]}


MIRROR = "spack-real/buildcache"


def test_a_mirror_says_the_same_with_and_without_its_index() -> None:
    index, mirror = read(MIRROR), oracle.manifested(found(MIRROR))
    assert mirror.specs == index.specs
    assert mirror.members == index.members
    assert mirror.entries == 26


def test_views_are_parts_of_the_top_index_and_the_lock_files_that_were_pushed() -> None:
    views = oracle.views(found(MIRROR))
    assert sorted(views) == ["root", "view-bcA", "view-bcB"]
    for name in ("bcA", "bcB"):
        assert views[f"view-{name}"].specs == read(lock(name)).specs
        assert views[f"view-{name}"].members < views["root"].members


def test_the_digest_beside_an_index_is_the_index_files() -> None:
    for signing in ("signed", "unsigned"):
        folder = found(f"buildcache-v2/{signing}/build_cache")
        said = (folder / "index.json.hash").read_text().strip()
        assert hashlib.sha256((folder / "index.json").read_bytes()).hexdigest() == said


def test_signed_and_unsigned_are_one() -> None:
    folder = "buildcache-v2/unsigned/build_cache"
    for path in sorted(found(folder).glob("*.spec.json")):
        signed = oracle.read(found("buildcache-v2/signed/build_cache") / f"{path.name}.sig")
        assert signed == oracle.read(path)


def test_of_two_entries_with_one_hash_the_one_met_first_is_kept() -> None:
    reading = read("locks/legacy/v2.lock")
    (top,) = {root.hash for root in reading.roots}
    children = {reading.specs[child]["name"]: child for child in reading.specs[top]["deps"]}
    assert reading.specs[children["dtbuild1"]]["version"] == "0.5"
    assert [reading.specs[child]["version"] for _, child in reading.lost_edges] == ["1.0"]


def test_references_by_other_hashes_are_resolved() -> None:
    for path in ("specfiles/hdf5.v013.json", "specfiles/hdf5.v017.json"):
        specs = read(path).specs
        assert all(child in specs for spec in specs.values() for child in spec["deps"])


def test_a_root_of_two_groups() -> None:
    roots = read(lock("radiuss")).roots
    assert {root.group for root in roots if root.request == "mfem"} == {
        "radiuss-cpu",
        "radiuss-cuda",
    }
    assert len({root.hash for root in roots if root.request == "mfem"}) == 1


def test_every_file_kept_here_is_accounted_for() -> None:
    kept = {str(path.relative_to(FIXTURES)) for path in FIXTURES.rglob("*") if path.is_file()}
    rows = (FIXTURES / "README.md").read_text().splitlines()
    listed = {row.split("|")[1].strip() for row in rows if row.startswith("| ")} - {"file here"}
    assert kept - {"README.md", ".gitattributes"} == listed


# What no real file here has, by hand ----------------------------------------------------------


def node(name: str, *deps: tuple[str, list[str]], **more: Any) -> dict[str, Any]:
    """A node of format 5 whose hash is its name; dependencies build it and provide virtuals."""
    dependencies = [
        {"name": child, "hash": child, "parameters": {"deptypes": ["build"], "virtuals": virtuals}}
        for child, virtuals in deps
    ]
    arch = {"platform": "linux", "platform_os": "debian12", "target": "x86_64"}
    fields = {"name": name, "version": "1", "arch": arch, "parameters": {}, "hash": name}
    return {**fields, "dependencies": dependencies, **more}


def lock_file(*nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    specs = {each["hash"]: each for each in nodes}
    roots = [{"hash": nodes[0]["hash"], "spec": nodes[0]["name"]}]
    meta = {"lockfile-version": 6}
    return {"_meta": meta, "roots": roots, "concrete_specs": specs, **more}


def test_the_compiler_of_two_is_that_of_c() -> None:
    app = node("app", ("nvhpc", ["fortran"]), ("gcc", ["c", "cxx"]))
    spec = oracle.interpret(lock_file(app, node("gcc"), node("nvhpc"))).specs["app"]
    assert spec["languages"] == {"c": "gcc@1", "cxx": "gcc@1", "fortran": "nvhpc@1"}
    assert spec["compiler"] == "gcc@1"


def test_what_looks_alike_has_the_same_flags() -> None:
    plain = node("app", parameters={"cflags": []})
    flagged = node("app", parameters={"cflags": ["-g"]}, hash="other")
    assert not oracle.near_duplicates(oracle.interpret(lock_file(plain, flagged)).specs)


def test_environments_inside_of_environments() -> None:
    inner = lock_file(node("inner"))
    middle = lock_file(node("middle"), include_concrete={"/inner": inner})
    reading = oracle.interpret(lock_file(node("outer"), include_concrete={"/middle": middle}))
    assert [*reading.specs] == ["outer"]
    assert [*reading.included["/middle"].included["/inner"].specs] == ["inner"]


def test_a_mark_before_the_text_and_more_text_after_it(tmp_path: Path) -> None:
    path = tmp_path / "spack.lock"
    path.write_text(f"\ufeff{json.dumps(lock_file(node('app')))}\nmore", encoding="utf-8")
    assert [*oracle.read(path).specs] == ["app"]


def test_dashes_at_the_start_of_signed_lines() -> None:
    signed = b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n- -a\nb\n"
    assert oracle.text(signed + b"-----BEGIN PGP SIGNATURE-----\n") == "-a\nb"

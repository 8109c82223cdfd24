"""``specs_data.json`` and ``package_data.json``: what each knows, together and beside others."""

import json
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from cachegraph.api import Graph
from tests.support.corpus import PACK, dag_hash, lock, needs, node, write

GCC = node("gcc", version="12.3.0")
ZLIB = node(
    "zlib",
    needs(GCC, "build", virtuals=["c"]),
    parameters={"libs": ["static", "shared"], "pic": True, "cflags": ["-O2", "-g"], "fflags": []},
)
CURL = node("curl", needs(ZLIB, "link", "run"), needs(GCC, "build", virtuals=["cxx", "c"]))
NODES = (GCC, ZLIB, CURL)
RELEASES = {"gcc": ["develop"], "zlib": ["develop", "v1.0"], "curl": ["develop", "v1.0"]}
STACKS = {"gcc": ["e4s"], "zlib": ["e4s"], "curl": ["e4s", "ml"]}


def entry(one: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A spec as the site writes it: each value of a variant by itself, dependencies as they are."""
    variants = []
    for name, value in one["parameters"].items():
        if isinstance(value, bool):
            variants.append(f"{'+' if value else '~'}{name}")
        else:
            values = value if isinstance(value, list) else [value]
            variants += [f"{name}={each}" for each in values]
    return {
        "hash": one["hash"],
        "version": one["version"],
        "variants": variants,
        "platform": one["arch"]["platform"],
        "os": one["arch"]["platform_os"],
        "target": one["arch"]["target"],
        "dependencies": one["dependencies"],
        "stacks": STACKS[one["name"]],
        "releases": RELEASES[one["name"]],
        **fields,
    }


SPECS = {one["hash"]: entry(one) for one in NODES}
PACKAGES = {
    one["name"]: {
        "uid": one["name"],
        "url": f"https://packages.example/package.html?name={one['name']}",
        "specs": {release: [one["hash"]] for release in RELEASES[one["name"]]},
        "releases": RELEASES[one["name"]],
    }
    for one in NODES
}


def imported(*locations: Path, **options: Any) -> Graph:
    graph = cachegraph.open(":memory:")
    assert graph.import_(*locations, **options).warnings == []
    return graph


def spec_of(graph: Graph, one: dict[str, Any]) -> dict[str, Any]:
    (found,) = graph.show(f"/{one['hash']}")["specs"]
    return found  # type: ignore[return-value]  # a plain dictionary


def write_site(folder: Path, ending: str = ".gz", name: str = "") -> Path:
    write(folder / f"{name}package_data.json{ending}", PACKAGES)
    return write(folder / f"{name}specs_data.json{ending}", SPECS)


@pytest.mark.parametrize("ending", ["", *PACK])
@pytest.mark.parametrize("name", ["", "spack-cache-site-"])
def test_the_two_files_make_whole_specs(tmp_path: Path, ending: str, name: str) -> None:
    specs = write_site(tmp_path, ending, name)
    for location in (specs, tmp_path):
        graph = imported(location)
        found = spec_of(graph, ZLIB)
        assert found["package"] == "zlib"
        assert found["version"] == "1.0"
        assert found["variants"] == ["libs=shared,static", "+pic"]
        assert found["flags"] == ["cflags=-O2 -g"]
        assert found["compiler"] == "gcc@12.3.0"
        assert (found["platform"], found["os"], found["target"]) == (
            "linux",
            "ubuntu22.04",
            "x86_64_v3",
        )
        assert found["stacks"] == ["develop/e4s", "v1.0/e4s"]
        curl = spec_of(graph, CURL)
        assert curl["package"] == "curl"
        assert curl["stacks"] == ["develop/e4s", "develop/ml", "v1.0/e4s", "v1.0/ml"]
        assert {(d["package"], *d["deptypes"]) for d in curl["dependencies"]} == {
            ("zlib", "link", "run"),
            ("gcc", "build"),
        }


def test_a_spec_that_only_dependents_name(tmp_path: Path) -> None:
    path = write(tmp_path / "specs_data.json", SPECS)
    graph = imported(path)
    assert spec_of(graph, ZLIB)["package"] == "zlib"
    curl = spec_of(graph, CURL)
    assert "package" not in curl
    assert curl["version"] == "1.0"
    assert curl["stacks"] == ["develop/e4s", "develop/ml", "v1.0/e4s", "v1.0/ml"]
    graph.import_(write(tmp_path / "package_data.json", PACKAGES))
    assert spec_of(graph, CURL)["package"] == "curl"


def test_the_packages_alone_are_in_no_stack(tmp_path: Path) -> None:
    graph = imported(write(tmp_path / "package_data.json", PACKAGES))
    assert graph.stacks()["stacks"] == []
    assert spec_of(graph, CURL)["package"] == "curl"


@pytest.mark.parametrize("order", [1, -1])
def test_what_a_lock_file_says_of_the_same_specs_is_no_conflict(tmp_path: Path, order: int) -> None:
    site = write_site(tmp_path)
    locked = write(tmp_path / "env" / "spack.lock", lock(*reversed(NODES)))
    graph = cachegraph.open(":memory:")
    for location in [site, locked][::order]:
        assert graph.import_(location).conflicts == 0
    found = spec_of(graph, ZLIB)
    assert found["verified"] is True
    assert found["stacks"] == ["develop/e4s", "local/env", "v1.0/e4s"]


def test_specs_are_near_duplicates_only_of_a_known_package(tmp_path: Path) -> None:
    fields = {"dependencies": [], "stacks": ["e4s"], "releases": ["develop"], "version": "1"}
    alike = {dag_hash(name): entry(GCC, hash=dag_hash(name), **fields) for name in "abc"}
    write(tmp_path / "specs_data.json", alike)
    graph = imported(tmp_path)
    assert graph.duplicates()["groups"] == []
    packages = {
        "gcc": {"specs": [dag_hash("a"), dag_hash("b")]},
        "zlib": {"specs": [dag_hash("c")]},
    }
    graph.import_(write(tmp_path / "package_data.json", packages))
    (group,) = graph.duplicates()["groups"]
    assert group["hashes"] == [dag_hash("a"), dag_hash("b")]


def test_names_that_the_user_gives(tmp_path: Path) -> None:
    graph = imported(write_site(tmp_path), release="mine", stack="other")
    assert [row["key"] for row in graph.stacks()["stacks"]] == ["mine/e4s", "mine/ml"]


def test_the_first_form_of_the_site(tmp_path: Path) -> None:
    # Releases were tags, dependencies labels, and the specs of a package one list.
    old: dict[str, Any] = entry(CURL, dependencies=[{"label": "%c=gcc@12.3.0", "link": None}])
    old["tags"] = old.pop("releases")
    write(tmp_path / "specs_data.json", {CURL["hash"]: old})
    write(tmp_path / "package_data.json", {"curl": {"uid": "curl", "specs": [CURL["hash"]]}})
    graph = imported(tmp_path)
    found = spec_of(graph, CURL)
    assert found["package"] == "curl"
    assert found["stacks"] == ["develop/e4s", "develop/ml", "v1.0/e4s", "v1.0/ml"]
    assert "compiler" not in found
    assert graph.stats()["relationships"]["DEPENDS_ON"] == 0


@pytest.mark.parametrize("missing", ["hash", *list(SPECS[ZLIB["hash"]])[1:]])
def test_every_field_may_be_missing(tmp_path: Path, missing: str) -> None:
    one = {name: value for name, value in SPECS[ZLIB["hash"]].items() if name != missing}
    graph = imported(write(tmp_path / "specs_data.json", {ZLIB["hash"]: one}))
    found = spec_of(graph, ZLIB)
    expected = [] if missing == "stacks" else ["develop/e4s", "v1.0/e4s"]
    assert found["stacks"] == (["local/e4s"] if missing == "releases" else expected)
    assert (missing in found) is (missing in ("hash", "stacks", "dependencies"))


def test_other_fields_and_any_order(tmp_path: Path) -> None:
    one = dict(reversed(entry(ZLIB, tarball="x", size={"a": 1}).items()))
    graph = imported(write(tmp_path / "specs_data.json", {ZLIB["hash"]: one}))
    assert spec_of(graph, ZLIB)["flags"] == ["cflags=-O2 -g"]


BAD = [
    ({"hash": GCC["hash"]}, f".hash: found text: '{GCC['hash']}'"),
    ({"version": 1}, ".version: expected text, found a number: 1"),
    ({"variants": "x"}, ".variants: expected a list, found text: 'x'"),
    ({"variants": [1]}, ".variants: expected text in the list, found a number: 1"),
    ({"variants": ["=1"]}, ".variants: expected variants, found text: '=1'"),
    ({"variants": [""]}, ".variants: expected variants, found text: ''"),
    ({"variants": ["+"]}, ".variants: expected variants, found text: '+'"),
    ({"platform": ["linux"]}, ".platform: expected text, found a list"),
    ({"os": {}}, ".os: expected text, found an object"),
    ({"target": {"name": "zen3"}}, ".target: expected text, found an object"),
    ({"stacks": "e4s"}, ".stacks: expected a list, found text: 'e4s'"),
    ({"releases": [None]}, ".releases: expected text in the list, found null: None"),
    ({"dependencies": {}}, ".dependencies: expected a list, found an object"),
    ({"dependencies": [7]}, ".dependencies[0]: expected a name and a DAG hash, found a number"),
    ({"dependencies": [{"name": "a", "hash": "b"}]}, ".dependencies[0]: expected a name"),
    ({"dependencies": [{"hash": "b" * 32}]}, ".dependencies[0]: expected a name and a DAG hash"),
    (
        {"dependencies": [{"name": "a", "hash": "b" * 32, "parameters": {"deptypes": [1]}}]},
        ".dependencies[0]: expected a name and a DAG hash",
    ),
]


@pytest.mark.parametrize(("fields", "said"), BAD)
def test_a_bad_spec_is_named_and_the_others_are_read(
    tmp_path: Path, fields: dict[str, Any], said: str
) -> None:
    specs = {**SPECS, ZLIB["hash"]: entry(ZLIB, **fields)}
    graph = cachegraph.open(":memory:")
    path = write(tmp_path / "specs_data.json", specs)
    summary = graph.import_(path)
    assert summary.specs == 2
    warning, lacking = summary.warnings
    assert warning.startswith(f"{path}: /{ZLIB['hash']}{said}")
    assert f" not read from it: /{ZLIB['hash']} (" in lacking
    with pytest.raises(cachegraph.FormatError):
        graph.import_(path, strict=True)


@pytest.mark.parametrize("nothing", [{}, {"x": {"y": []}}, {"name": None, "stacks": ["e4s"]}])
def test_an_object_that_says_nothing_of_a_spec(tmp_path: Path, nothing: dict[str, Any]) -> None:
    path = write(tmp_path / "specs_data.json", {**SPECS, ZLIB["hash"]: nothing})
    summary = cachegraph.open(":memory:").import_(path)
    assert summary.specs == len(SPECS) - 1
    assert summary.warnings[0].startswith(
        f"{path}: /{ZLIB['hash']}: expected a spec with version, variants, platform"
    )


@pytest.mark.parametrize(
    "other", [{"about": {"x": 1}}, {"zz": 1}, {dag_hash("d"): []}, {dag_hash("d"): None}]
)
@pytest.mark.parametrize("at_end", [True, False])
def test_an_entry_that_is_no_spec(tmp_path: Path, other: dict[str, Any], at_end: bool) -> None:
    (key,) = other
    (first, second, third) = SPECS.items()
    items = [first, second, third, (key, other[key])] if at_end else [first, (key, other[key])]
    path = write(tmp_path / "specs_data.json", dict(items))
    summary = cachegraph.open(":memory:").import_(path)
    assert summary.specs == (3 if at_end else 1)
    assert summary.warnings == [f"{path}: text: {key!r}: expected a DAG hash and an object"]


@pytest.mark.parametrize(
    ("entry_", "said"),
    [
        ([1], "zlib.specs: expected DAG hashes, found"),
        ({"specs": "x"}, "zlib.specs: expected DAG hashes, found text: 'x'"),
        ({"specs": {"develop": ["x"]}}, "zlib.specs.develop: expected DAG hashes, found a list"),
        ({"specs": {"develop": None}}, "zlib.specs.develop: expected DAG hashes, found null"),
    ],
)
def test_a_bad_package_is_named_and_the_others_are_read(
    tmp_path: Path, entry_: Any, said: str
) -> None:
    path = write(tmp_path / "package_data.json", {**PACKAGES, "zlib": entry_})
    summary = cachegraph.open(":memory:").import_(path)
    assert summary.specs == 2
    (warning,) = summary.warnings
    assert warning.startswith(f"{path}: {said}")


def test_cut_off(tmp_path: Path) -> None:
    for name, value in (("specs_data.json", SPECS), ("package_data.json", PACKAGES)):
        path = write(tmp_path / name, json.dumps(value).encode()[:-9])
        with pytest.raises(cachegraph.FormatError, match=rf"{name}: line 1, column .*not JSON"):
            imported(path)


@pytest.mark.parametrize(
    "value",
    [{"a": {"specs": ["x"]}}, {"a": {"specs": {"b": {"c": 1}}}}, {dag_hash("a"): {"stacks": 1}}],
)
def test_json_of_others(tmp_path: Path, value: Any) -> None:
    with pytest.raises(cachegraph.FormatError, match="none of Spack's"):
        imported(write(tmp_path / "x.json", value))

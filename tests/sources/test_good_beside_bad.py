"""Every good record beside a bad one goes in with its good edges; every bad one is named."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from tests.support.corpus import (
    hash_of,
    index,
    lock,
    needs,
    node,
    page,
    spec,
    spec_file,
    write,
    write_page,
)

ZLIB = node("zlib")
CURL = node("curl", needs(ZLIB))
CMAKE = node("cmake", needs(CURL))


def imported(path: Path) -> tuple[set[str], list[str]]:
    """The packages that are described in the graph, and the warnings of the import."""
    graph = cachegraph.open(":memory:")
    summary = graph.import_(path)
    nodes = graph.networkx().nodes(data=True)
    specs = [data for _, data in nodes if data["kind"] == "Spec"]
    return {data["package"] for data in specs if "package" in data}, summary.warnings


def unread(path: Path, *uses: tuple[str, int], more: int = 0) -> str:
    """The warning of the dependencies on specs that a document lacks."""
    count = sum(n for _, n in uses) + more
    first = ", ".join(f"/{hash_} ({n})" for hash_, n in uses)
    first += f" and {more} more" if more else ""
    what = "1 dependency leads" if count == 1 else f"{count} dependencies lead"
    return f"{path}: {what} to specs that were not read from it: {first}"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("nothing", "not JSON"),
        ("[1, 2", "not JSON"),
        ("5", "expected a record with a spec"),
        ("null", "expected a record with a spec"),
    ],
)
@pytest.mark.parametrize("bad", [ZLIB, CURL, CMAKE], ids=lambda one: one["name"])
def test_index_with_a_value_that_is_no_record(
    tmp_path: Path, bad: dict[str, Any], value: str, said: str
) -> None:
    document = index(ZLIB, CURL, CMAKE)
    installs = document["database"]["installs"]
    entries = [
        f'"{key}": {value if key == bad["hash"] else json.dumps(record)}'
        for key, record in installs.items()
    ]
    text = f'{{"database": {{"version": "8", "installs": {{{", ".join(entries)}}}}}}}'
    path = tmp_path / "index.json"
    path.write_text(text)
    if bad is CMAKE and "not JSON" in said:
        # Nothing tells where the last entry ends: the document as a whole is no JSON.
        with pytest.raises(cachegraph.FormatError, match="not JSON"):
            imported(path)
        return
    packages, (warning, *more) = imported(path)
    assert packages == {"zlib", "curl", "cmake"} - {bad["name"]}
    assert bad["hash"] in warning
    assert said in warning
    assert more == ([] if bad is CMAKE else [unread(path, (bad["hash"], 1))])


@pytest.mark.parametrize("key", ["", "not a hash", "a" * 31, "A" * 32])
def test_index_with_a_key_that_is_no_hash(tmp_path: Path, key: str) -> None:
    document = index(ZLIB, CURL, CMAKE)
    installs = document["database"]["installs"]
    other = {key: {"spec": {"name": "other"}, "ref_count": 0, "in_buildcache": True}}
    first = ZLIB["hash"]
    document["database"]["installs"] = {first: installs[first]} | other | installs
    packages, warnings = imported(write(tmp_path / "index.json", document))
    assert packages == {"zlib", "curl", "cmake"}
    (warning,) = warnings
    assert f"installs./{key}" in warning


@pytest.mark.parametrize("hash_", [None, "", "bad", 5, [], {}])
@pytest.mark.parametrize("version", [4, 5, 6, 8])
def test_lock_file_with_a_bad_hash_inside(tmp_path: Path, hash_: object, version: int) -> None:
    form = 5 if version >= 6 else 4
    zlib = node("zlib", spec_format=form)
    curl = node("curl", _needs(zlib, version), spec_format=form)
    document = lock(curl, zlib, version=version)
    document["concrete_specs"][zlib["hash"]] = {**zlib, "hash": hash_}
    path = write(tmp_path / "spack.lock", document)
    packages, warnings = imported(path)
    assert packages == {"curl"}
    assert [warning for warning in warnings if f"concrete_specs./{zlib['hash']}: hash" in warning]
    assert warnings[-1] == unread(path, (zlib["hash"], 1))


def _needs(child: dict[str, Any], version: int) -> dict[str, Any]:
    if version > 4:
        return needs(child)
    return {"name": child["name"], "hash": child["hash"], "type": ["build", "link"]}


@pytest.mark.parametrize("hash_", [None, "", "bad", 5])
def test_spec_file_of_format_2_with_a_bad_hash(tmp_path: Path, hash_: object) -> None:
    """Its dependencies have build hashes, and are found by name."""
    names = ("curl", "zlib", "cmake")
    nodes = [{**node(name, spec_format=4), "full_hash": hash_of({"full": name})} for name in names]
    needed = [
        {"name": name, "build_hash": hash_of({"build": name}), "type": ["build"]}
        for name in names[1:]
    ]
    nodes[0]["dependencies"] = needed
    nodes[2]["hash"] = hash_
    document = {"spec": {"_meta": {"version": 2}, "nodes": nodes}}
    packages, warnings = imported(write(tmp_path / "curl.spec.json", document))
    assert packages == {"curl", "zlib"}
    assert [warning for warning in warnings if "nodes[2]: hash" in warning]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (None, ": found nothing"),
        ({}, ".hash: expected a DAG hash, found nothing"),
        ({"name": "x", "hash": "x"}, ".hash: expected a DAG hash, found 'x'"),
        ({"name": "x", "hash": "a" * 32}, ".parameters: found nothing"),
        (
            {"name": "x", "hash": "a" * 32, "parameters": {"deptypes": [1], "virtuals": []}},
            ".parameters.deptypes: found '[1]'",
        ),
    ],
)
def test_one_bad_dependency_costs_itself_alone(
    tmp_path: Path, bad: dict[str, Any] | None, said: str
) -> None:
    """The node goes in with its other dependencies; nobody can tell whether its hash is right."""
    app = {**node("app"), "dependencies": [needs(ZLIB), bad, needs(CURL)], "hash": "b" * 32}
    path = write(tmp_path / "spack.lock", lock(app, CURL, ZLIB))
    graph = cachegraph.open(":memory:")
    (warning,) = graph.import_(path).warnings
    assert warning == f"{path}: concrete_specs./{'b' * 32}: dependencies[1]{said}"
    (card,) = graph.show("app")["specs"]
    assert {one["package"] for one in card["dependencies"]} == {"zlib", "curl"}
    assert "verified" not in card


def test_a_bad_build_spec_costs_itself_alone(tmp_path: Path) -> None:
    app = {**node("app", needs(ZLIB)), "build_spec": {"hash": "x"}}
    path = write(tmp_path / "spack.lock", lock(app, ZLIB))
    packages, (warning,) = imported(path)
    assert packages == {"app", "zlib"}
    assert warning.endswith("build_spec: hash: expected a DAG hash, found 'x'")


@pytest.mark.parametrize("value", [b"\xff", b"\\ud800", b'", "x": NaN, "y": "'])
def test_a_value_that_is_no_json_costs_its_record_alone(tmp_path: Path, value: bytes) -> None:
    """A text that is no UTF-8, half of a surrogate pair, and what Python's JSON has besides."""
    text = json.dumps(lock(CMAKE, CURL, ZLIB)).encode()
    name = b'{"name": "zlib", "version": "'
    assert text.count(name) == 1
    path = write(tmp_path / "spack.lock", text.replace(name, name + value))
    packages, (warning, *more) = imported(path)
    assert packages >= {"cmake", "curl"}
    assert f"concrete_specs./{ZLIB['hash']}: " in warning
    assert more == ([] if "zlib" in packages else [unread(path, (ZLIB["hash"], 1))])


@pytest.mark.parametrize("depth", [900, 1010, 100_000])
@pytest.mark.parametrize("make", [lock, index, spec_file])
def test_a_node_that_is_nested_more_deeply_than_json_is_read(
    tmp_path: Path, make: Callable[..., Any], depth: int
) -> None:
    good, bad = node("good"), node("bad")
    bad["parameters"]["deep"] = "DEEP"
    text = json.dumps(make(good, bad)).replace('"DEEP"', "[" * depth + "]" * depth)
    name = "x.spec.json" if make is spec_file else "spack.lock"
    packages, (warning,) = imported(write(tmp_path / name, text.encode()))
    assert packages == {"good"}
    assert "parameters.deep: found '[[[" in warning


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("depth", [200, 500, 900])
def test_a_node_that_is_nested_deeply(tmp_path: Path, version: int, depth: int) -> None:
    """Spec formats 1 and 2, whose hashes are recomputed from another text."""
    deep = json.loads("[" * depth + "]" * depth)
    arch: Any = {"platform": "linux", "platform_os": "l", "target": "t"}
    good: dict[str, Any] = {"version": "1", "arch": arch, "parameters": {}}
    bad = {**good, "external": {"path": "/usr", "extra_attributes": deep}}
    nodes: dict[str, Any] = {"a" * 32: ("good", good), "b" * 32: ("bad", bad)}
    if version == 1:
        listed = [{name: {**one, "hash": hash_}} for hash_, (name, one) in nodes.items()]
        value: Any = {"spec": listed}
    else:
        nodes_2 = [{"name": name, **one, "hash": h} for h, (name, one) in nodes.items()]
        value = {"spec": {"_meta": {"version": 2}, "nodes": nodes_2}}
    packages, warnings = imported(write(tmp_path / "x.spec.json", value))
    assert "good" in packages
    assert packages == {"good", "bad"} or "nodes[1]: nested too deeply" in warnings[0]


@pytest.mark.parametrize(
    "text",
    [
        "!!timestamp x",
        "!!bool x",
        "!!int x",
        "!!float {}",
        "!!binary x",
        "!!set {a}",
        "!!omap [x]",
        "!!python/object/apply:os.system [true]",
        "{? [a] : b}",
        "&a [*a]",
        "<<",
        "=",
        "{<<: x}",
    ],
)
def test_yaml_of_any_kind_is_an_error_with_its_place(tmp_path: Path, text: str) -> None:
    page = f"---\ntitle: {text}\nlayout: cache\nspec_details: []\n---"
    path = write(tmp_path / "specs.md", page.encode())
    with pytest.raises(cachegraph.FormatError) as caught:
        cachegraph.open(":memory:").import_(path)
    assert caught.value.message.startswith(f"{path}: line 2, column ")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("num_specs", [""]),
        ("num_specs", {}),
        ("versions", {"a": 1}),
        ("stacks", 5),
        ("stacks", "e4s"),
        ("compilers", [[]]),
        ("num_specs_by_stack", [""]),
        ("num_specs_by_stack", {"": [], "e4s": {}}),
    ],
)
def test_meta_of_any_shape_costs_no_record(tmp_path: Path, field: str, value: object) -> None:
    path = write_page(tmp_path, "zlib", [spec("a", "e4s")], **{field: value})
    packages, (warning,) = imported(path)
    assert packages == {"zlib"}
    assert f"line 5: meta.{field}: " in warning


def test_page_of_2021_with_versions_that_are_no_list(tmp_path: Path) -> None:
    page = 'title: "zlib"\nmeta: {"num_specs": 1, "versions": 5}\nspec_files: \n- x: spec-0.json'
    write(tmp_path / "zlib" / "spec-0.json", spec_file(ZLIB))
    path = write(tmp_path / "zlib" / "index.md", f"---\n{page}\n---".encode())
    packages, (warning,) = imported(path)
    assert packages == {"zlib"}
    assert "meta.versions: says 5" in warning


def test_many_bad_entries_are_counted(tmp_path: Path) -> None:
    text = page("zlib", [spec("a", "e4s")])
    many = text.replace("spec_details: [", f"spec_details: [{'1, ' * 100_000}")
    path = write(tmp_path / "specs.md", many.encode())
    packages, warnings = imported(path)
    assert packages == {"zlib"}
    assert len(warnings) == 21
    assert "spec_details[19]: expected an object, found a number" in warnings[19]
    assert warnings[20] == f"{path}: 99,980 more faults like these"


def test_what_is_found_is_quoted_in_part(tmp_path: Path) -> None:
    entries = [spec("a"), spec("b", os=["x" * 200_000])]
    path = write_page(tmp_path, "zlib", [spec("a"), spec("c")])
    path.write_text(
        page("zlib", [spec("a"), spec("c")]).replace(json.dumps(spec("c")), json.dumps(entries[1]))
    )
    packages, (warning,) = imported(path)
    assert packages == {"zlib"}
    assert len(warning) < len(str(path)) + 200


@pytest.mark.parametrize("name", [None, [], {}, 5])
def test_a_dependency_without_a_name_in_a_lock_file_of_version_3(
    tmp_path: Path, name: object
) -> None:
    arch = {"platform": "linux", "platform_os": "l", "target": "t"}
    top: dict[str, Any] = {"name": "top", "version": "1", "arch": arch, "hash": "b" * 32}
    top["dependencies"] = [{"name": name, "build_hash": "c" * 32, "type": ["build"]}]
    low = {"name": "low", "version": "1", "arch": arch, "hash": "d" * 32}
    specs = {"a" * 32: top, "c" * 32: low}
    document = lock(version=3, concrete_specs=specs)
    packages, warnings = imported(write(tmp_path / "spack.lock", document))
    assert packages == {"top", "low"}
    (warning,) = [one for one in warnings if "dependencies[0]" in one]
    assert f"concrete_specs./{'a' * 32}: dependencies[0]" in warning


@pytest.mark.parametrize("version", [2, 3])
def test_dependencies_on_bad_records_by_build_hash(tmp_path: Path, version: int) -> None:
    """The stub has the DAG hash of the bad node, which the edge does not name."""
    arch = {"platform": "linux", "platform_os": "l", "target": "t"}
    top: dict[str, Any] = {"version": "1", "arch": arch, "hash": "b" * 32}
    low = {"version": 5, "arch": arch, "hash": "d" * 32}
    use = {"build_hash": "c" * 32, "type": ["build"]}
    if version == 2:
        top["dependencies"] = {"low": {**use, "hash": "c" * 32}}
        specs: dict[str, Any] = {"a" * 32: {"top": top}, "c" * 32: {"low": low}}
    else:
        top |= {"name": "top", "dependencies": [{"name": "low", **use}]}
        specs = {"a" * 32: top, "c" * 32: {"name": "low", **low}}
    path = write(tmp_path / "spack.lock", lock(version=version, concrete_specs=specs))
    packages, warnings = imported(path)
    assert packages == {"top"}
    assert warnings[-1] == unread(path, ("d" * 32, 1))


A, B, C, D, E = (node(name) for name in "abcde")
# A is needed twice, the others once.
NEEDED = (A, B, C, D)
TOP = node("top", *map(needs, NEEDED))
SIDE = node("side", needs(A))


def lacking(form: str, *bad: str) -> Any:
    """A document of a form with seven specs, some of them without what they must have."""
    nodes = [TOP, SIDE, *NEEDED, E]
    nodes = [{**one, "version": 5} if one["name"] in bad else one for one in nodes]
    if form == "lock":
        return lock(*nodes)
    if form == "index":
        return index(*nodes)
    if form == "spec file":
        return {"spec": {"_meta": {"version": 4}, "nodes": nodes}}
    if form == "find --json":
        return nodes
    return {
        one["hash"]: {
            "version": one["version"],
            "dependencies": one.get("dependencies", []),
            "stacks": ["x"],
            "releases": ["r"],
        }
        for one in nodes
    }


@pytest.mark.parametrize("form", ["lock", "index", "spec file", "find --json", "specs_data"])
def test_dependencies_on_bad_records(tmp_path: Path, form: str) -> None:
    """Each becomes a stub, and one warning counts what leads to them."""
    path = tmp_path / ("specs_data.json" if form == "specs_data" else "x.json")
    for bad, last in (
        ("e", None),
        ("b", unread(path, (B["hash"], 1))),
        ("ba", unread(path, (A["hash"], 2), (B["hash"], 1))),
        ("abcd", unread(path, (A["hash"], 2), (B["hash"], 1), (C["hash"], 1), more=1)),
    ):
        write(path, lacking(form, *bad))
        graph = cachegraph.open(":memory:")
        warnings = graph.import_(path, stack="x").warnings
        assert len([one for one in warnings if "version" in one]) == len(bad)
        assert warnings[len(bad) :] == ([last] if last else [])
        edges = graph.networkx().out_edges(f"Spec:{TOP['hash']}", keys=True)
        ends = {end for _, end, key in edges if key == "DEPENDS_ON"}
        assert ends == {f"Spec:{one['hash']}" for one in NEEDED}

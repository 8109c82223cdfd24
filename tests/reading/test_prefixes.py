"""Install prefixes, trees of them, and views: what their hidden ``.spack`` says."""

import os
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from cachegraph.api import Graph
from tests.support.corpus import database, lock, needs, node, spec_file, with_dependencies, write

ZLIB = node("zlib")
CURL = node("curl", needs(ZLIB, "link"))
HDF5 = node("hdf5", needs(ZLIB, "link"), needs(CURL, "build"))
NODES = (ZLIB, CURL, HDF5)


def install(tree: Path, *nodes: Any) -> Path:
    """Prefixes as Spack lays them out, each with what else is in ``.spack`` and in a prefix."""
    for one in nodes:
        prefix = tree / "linux-x86_64_v3" / f"{one['name']}-{one['version']}-{one['hash']}"
        hidden = prefix / ".spack"
        write(hidden / "spec.json", spec_file(one, *with_dependencies(one, NODES)))
        write(hidden / "install_environment.json", {"host_os": "ubuntu22.04", "spack": {}})
        write(hidden / "install_manifest.json", {"/opt": {"mode": 1, "type": "dir"}})
        write(hidden / "archived-files" / "spec.json", lock(ZLIB))
        write(hidden / "repos" / "builtin" / "packages" / one["name"] / "package.py", b"class A: 0")
        write(prefix / "share" / "spack.lock", lock(node("other")))
    return tree


def prefix_of(tree: Path, name: str) -> Path:
    (prefix,) = tree.glob(f"*/{name}-*")
    return prefix


def imported(*locations: str | Path, **options: Any) -> Graph:
    graph = cachegraph.open(":memory:")
    assert graph.import_(*locations, **options).warnings == []
    return graph


def members(graph: Graph) -> dict[str, set[str]]:
    """The packages in each stack."""
    found: dict[str, set[str]] = {}
    whole = graph.networkx()
    for spec, stack, type_ in whole.edges(keys=True):
        if type_ == "IN_STACK":
            key = stack.removeprefix("Stack:")
            found.setdefault(key, set()).add(whole.nodes[spec]["package"])
    return found


def test_a_prefix_is_a_stack_called_like_its_folder(tmp_path: Path) -> None:
    prefix = prefix_of(install(tmp_path / "opt", *NODES), "hdf5")
    for place in (prefix, prefix / ".spack", prefix / ".spack" / "spec.json", f"{prefix}/"):
        graph = imported(place)
        assert members(graph) == {f"local/{prefix.name}": {"hdf5", "curl", "zlib"}}
        (stack,) = graph.stacks()["stacks"]
        assert stack["roots"] == 1
    assert [*members(imported(prefix, release="r", stack="s"))] == ["r/s"]


def test_a_prefix_by_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = prefix_of(install(tmp_path / "opt", ZLIB), "zlib")
    monkeypatch.chdir(prefix)
    for place in (".", ".spack", ".spack/spec.json"):
        assert [*members(imported(place))] == [f"local/{prefix.name}"]
    monkeypatch.chdir(prefix / ".spack")
    for place in (".", "..", "spec.json"):
        assert [*members(imported(place))] == [f"local/{prefix.name}"]


def test_a_tree_is_one_stack_with_one_spec_for_each_prefix(tmp_path: Path) -> None:
    # zlib is known only from what depends on it: it is in the graph, but not in the tree.
    tree = install(tmp_path / "opt", CURL, HDF5)
    for place in (tree, f"{tree}/", tmp_path / "opt"):
        graph = imported(place)
        assert members(graph) == {"local/opt": {"curl", "hdf5"}}
        assert graph.stats()["nodes"]["Spec"] == 3
        needed = graph.deps("hdf5")["specs"]
        assert {spec["package"] for spec in needed} == {"curl", "zlib"}
    install(tree, ZLIB)
    assert members(imported(tree)) == {"local/opt": {"curl", "hdf5", "zlib"}}
    assert members(imported(tmp_path)) == {f"local/{tmp_path.name}": {"curl", "hdf5", "zlib"}}


def test_prefixes_at_any_depth(tmp_path: Path) -> None:
    for depth, one in enumerate(NODES):
        folders = ["a"] * (depth + 1)
        value = spec_file(one, *with_dependencies(one, NODES))
        write(tmp_path.joinpath("t", *folders, one["name"], ".spack", "spec.json"), value)
    assert members(imported(tmp_path / "t")) == {"local/t": {"curl", "hdf5", "zlib"}}


def test_two_prefixes_are_two_stacks(tmp_path: Path) -> None:
    tree = install(tmp_path / "opt", *NODES)
    curl, zlib = prefix_of(tree, "curl"), prefix_of(tree, "zlib")
    expected = {f"local/{curl.name}": {"curl", "zlib"}, f"local/{zlib.name}": {"zlib"}}
    assert members(imported(curl, zlib)) == expected


def test_two_prefixes_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for folder, one in (("a", ZLIB), ("b", CURL)):
        write(tmp_path / folder / "same" / ".spack" / "spec.json", spec_file(one))
    with pytest.raises(cachegraph.UsageError) as caught:
        imported(tmp_path / "a" / "same", tmp_path / "b" / "same")
    for folder in ("a", "b"):
        assert f"{tmp_path}/{folder}/same/.spack/spec.json" in str(caught.value)


def test_a_database_is_read_instead_of_the_prefixes(tmp_path: Path) -> None:
    tree = install(tmp_path / "opt", ZLIB, CURL)
    write(tree / ".spack-db" / "index.json", database([ZLIB]))
    assert members(imported(tree)) == {"local/opt": {"zlib"}}


def test_other_documents_beside_prefixes(tmp_path: Path) -> None:
    install(tmp_path / "top" / "opt", ZLIB)
    write(tmp_path / "top" / "env" / "spack.lock", lock(CURL))
    assert members(imported(tmp_path / "top")) == {"local/top": {"zlib"}, "local/env": {"curl"}}


@pytest.mark.parametrize("folder", [".git", ".spack-env", ".cache"])
def test_other_hidden_folders_are_read_only_when_named(tmp_path: Path, folder: str) -> None:
    write(tmp_path / "env" / "spack.lock", lock(CURL))
    install(tmp_path / "env" / folder, ZLIB)
    assert members(imported(tmp_path / "env")) == {"local/env": {"curl"}}
    assert members(imported(tmp_path / "env" / folder)) == {f"local/{folder}": {"zlib"}}


@pytest.mark.parametrize("kind", ["settings", "empty", "file"])
def test_a_folder_of_that_name_without_a_spec(tmp_path: Path, kind: str) -> None:
    # As in a home folder, where Spack keeps the user's settings.
    if kind == "settings":
        write(tmp_path / "home" / ".spack" / "linux" / "compilers.yaml", b"compilers: []")
    elif kind == "empty":
        (tmp_path / "home" / ".spack").mkdir(parents=True)
    else:
        write(tmp_path / "home" / ".spack", b"x")
    write(tmp_path / "home" / "spack.lock", lock(CURL))
    assert members(imported(tmp_path / "home")) == {"local/home": {"curl"}}


def test_a_prefix_of_an_old_spack(tmp_path: Path) -> None:
    text = (
        "spec:\n- zlib:\n    version: 1.2.11\n    arch:\n      platform: linux\n"
        "      platform_os: centos7\n      target: haswell\n    namespace: builtin\n"
        "    hash: t5mczux3tfqpxwmg7egp7axy2jvyulqk\n"
    )
    write(tmp_path / "zlib-1.2.11-t5mczux" / ".spack" / "spec.yaml", text.encode())
    assert members(imported(tmp_path / "zlib-1.2.11-t5mczux")) == {
        "local/zlib-1.2.11-t5mczux": {"zlib"}
    }


def test_a_view_is_a_stack_of_what_it_links(tmp_path: Path) -> None:
    tree = install(tmp_path / "opt", *NODES)
    for name in ("curl", "zlib"):
        link = tmp_path / "view" / ".spack" / name
        link.parent.mkdir(parents=True, exist_ok=True)
        os.symlink(prefix_of(tree, name) / ".spack", link)  # noqa: PTH211  # as Spack does
    write(tmp_path / "view" / "share" / "spack.lock", lock(node("other")))
    assert members(imported(tmp_path / "view")) == {"local/view": {"curl", "zlib"}}


def test_a_bad_spec_file_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    tree = install(tmp_path / "opt", ZLIB, CURL)
    bad = prefix_of(tree, "curl") / ".spack" / "spec.json"
    bad.write_bytes(b'{"spec": {')
    graph = cachegraph.open(":memory:")
    (warning,) = graph.import_(tree).warnings
    assert warning.startswith(f"{bad}: line 1, column ")
    assert members(graph) == {"local/opt": {"zlib"}}


def test_a_prefix_that_went_is_removed_from_its_tree(tmp_path: Path) -> None:
    tree = install(tmp_path / "opt", ZLIB, CURL)
    graph = imported(tree)
    (prefix_of(tree, "curl") / ".spack" / "spec.json").unlink()
    graph.import_(tree, replace=True)
    assert members(graph) == {"local/opt": {"zlib"}}

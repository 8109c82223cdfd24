"""A base as files for Spack: what they hold, and when there is no lock file."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

import cachegraph
from cachegraph.cli import cli
from cachegraph.model.schema import SPEC
from cachegraph.spack_files.nodes import lock_nodes
from cachegraph.spack_files.texts import comment, pins_by_package, scalar, spec_text
from tests.conformance.test_base import BASE, CURL, HELD, ZLIB, stack
from tests.support.corpus import lock, needs, node, write
from tests.support.made_up_pairs import variants
from tests.support.realfiles import found
from tests.support.realfiles import lock as lock_file

NAMES = ("build_systems", "developer-tools")


def loaded(*paths: Path) -> cachegraph.Graph:
    graph = cachegraph.open(":memory:")
    graph.import_(*paths)
    return graph


def read_yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text())["spack"]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is written of the two real environments."""
    folder = tmp_path_factory.mktemp("real") / "out"
    graph = loaded(*(found(lock_file(name)) for name in NAMES))
    assert graph.write_base(graph.base(unify="developer-tools"), folder) == []
    return folder


@pytest.fixture(scope="module")
def spack() -> Any:
    """The lock file of that base, as Spack concretized it."""
    return json.loads(gzip.decompress(found(BASE).read_bytes()))


def test_the_lock_file_has_what_spack_wrote(real: Path, spack: Any) -> None:
    made = json.loads((real / "base" / "spack.lock").read_bytes())
    assert made["concrete_specs"] == spack["concrete_specs"]
    assert made["roots"] == spack["roots"]
    assert made["_meta"] == spack["_meta"]


def test_the_lock_file_can_be_imported(real: Path) -> None:
    graph = loaded(real / "base" / "spack.lock")
    (verified,) = graph.verify()["sources"]
    assert (verified["specs"], verified["equal"]) == (59, 59)
    assert graph.stacks()["stacks"][0]["roots"] == 14


def test_spack_yaml(real: Path, spack: Any) -> None:
    made = read_yaml(real / "base" / "spack.yaml")
    assert made["specs"] == [root["spec"] for root in spack["roots"]]
    assert made["concretizer"] == {"unify": True, "reuse": False}
    assert made["view"] is False
    packages = made["packages"]
    assert packages.pop("all") == {"require": ["target=x86_64_v3"]}
    assert packages["openssl"] == {
        "require": ["@=3.6.1~docs+shared build_system=generic certs=system"]
    }
    # All but the roots, the two externals, and what a compiler brings with it.
    outside = {"gcc", "glibc", "gcc-runtime", "compiler-wrapper"}
    assert len(packages) == 59 - 14 - len(outside)
    assert not outside & packages.keys()


def test_additions(real: Path) -> None:
    path = real / "build_systems" / "additions.yaml"
    assert read_yaml(path) == {
        "include": ["../base/spack.lock"],
        "concretizer": {"reuse": {"from": [{"type": "environment", "path": "../base"}]}},
    }
    assert "# It keeps curl@=8.20.0: +libidn2 needed by r\n" in path.read_text()
    assert (real / "developer-tools" / "additions.yaml").exists()


def test_groups(real: Path) -> None:
    base, *others = read_yaml(real / "groups.yaml")["specs"]
    assert (base["group"], len(base["specs"])) == ("base", 14)
    assert [(one["group"], one["needs"], len(one["specs"])) for one in others] == [
        ("build_systems", ["base"], 9),
        ("developer-tools", ["base"], 61),
    ]


def test_all_are_roots(tmp_path: Path) -> None:
    graph = loaded(*(found(lock_file(name)) for name in NAMES))
    graph.write_base(graph.base(unify="developer-tools"), tmp_path / "out", every_root=True)
    made = read_yaml(tmp_path / "out" / "base" / "spack.yaml")
    assert len(made["specs"]) == 59 - 4
    assert made["packages"] == {"all": {"require": ["target=x86_64_v3"]}}


# When there is no lock file ---------------------------------------------------------------------


def test_nodes_of_documents_that_are_gone_are_made_anew(tmp_path: Path) -> None:
    """As Spack wrote them, but for externals, and for packages with patches in an order."""
    path = write(
        tmp_path / "spack.lock.gz", gzip.decompress(found(lock_file(NAMES[1])).read_bytes())
    )
    specs = json.loads(gzip.decompress(path.read_bytes()))["concrete_specs"]
    graph = loaded(path)
    store = graph.store
    assert lock_nodes(store, store.nodes(SPEC)) == specs
    path.unlink()
    made = lock_nodes(store, store.nodes(SPEC))
    assert all(specs[hash_] == one for hash_, one in made.items())
    missing = {specs[hash_]["name"] for hash_ in specs.keys() - made.keys()}
    assert missing == {"bash", "berkeley-db", "gcc", "glibc", "readline", "unzip"}


def test_a_hash_that_cannot_be_reproduced(tmp_path: Path) -> None:
    """Of an external the store does not keep everything: once its document is gone, it is gone."""
    gcc = node("gcc", external={"path": "/usr", "module": None, "extra_attributes": {"a": "b"}})
    app = node("app", needs(gcc, "build", virtuals=["c"]))
    paths = [stack(tmp_path, name, app, gcc) for name in ("one", "two")]
    graph = loaded(*paths)
    assert graph.write_base(graph.base(), tmp_path / "first") == []
    for path in paths:  # another file of the same name
        write(path, lock(node("other")))
    fault = (
        "no spack.lock: of 1 spec, such as gcc, the hash cannot be reproduced from what the store "
        "knows"
    )
    assert graph.write_base(graph.base(), tmp_path / "second") == [fault]
    assert not (tmp_path / "second" / "base" / "spack.lock").exists()
    text = (tmp_path / "second" / "base" / "spack.yaml").read_text()
    assert f"# {fault}\n" in text
    assert "# An external, to be configured: gcc@=1.0 in /usr\n" in text


def test_with_pins(tmp_path: Path) -> None:
    pairs = []
    for opt in (True, False):
        zlib = node("zlib", parameters=variants(opt=opt, pic=True))
        pairs.append((node("curl", needs(zlib)), zlib))
    graph = loaded(*(stack(tmp_path, name, *pair) for name, pair in zip("ab", pairs, strict=True)))
    answer = graph.base(pins=1)
    (note,) = graph.write_base(answer, tmp_path / "out")
    assert note.startswith("no spack.lock: with the pins")
    value = answer["pins"][0]["pin"].split()[1]
    made = read_yaml(tmp_path / "out" / "base" / "spack.yaml")
    assert made["packages"]["zlib"] == {"require": ["@=1.0+pic build_system=cmake", value]}
    assert made["specs"] == ["curl@=1.0 build_system=cmake"]
    additions = read_yaml(tmp_path / "out" / "a" / "additions.yaml")
    assert additions["packages"] == {"zlib": {"require": [value]}}


def test_several_specs_of_a_name_are_all_roots(tmp_path: Path) -> None:
    zlibs = [node("zlib", version=version) for version in ("1", "2")]
    apps = [node(name, needs(zlib)) for name, zlib in zip(("one", "two"), zlibs, strict=True)]
    graph = loaded(*(stack(tmp_path, name, *apps, *zlibs) for name in "ab"))
    graph.write_base(graph.base(), tmp_path / "out")
    made = read_yaml(tmp_path / "out" / "base" / "spack.yaml")
    assert sorted(text.partition(" ")[0] for text in made["specs"]) == [
        *("one@=1.0", "two@=1.0", "zlib@=1", "zlib@=2")
    ]
    assert made["concretizer"]["unify"] is False


# The folder -------------------------------------------------------------------------------------


def test_a_folder_that_is_not_empty(tmp_path: Path) -> None:
    graph = loaded(*(stack(tmp_path / "in", name, *nodes) for name, nodes in HELD.items()))
    (tmp_path / "out").mkdir()
    graph.write_base(graph.base(), tmp_path / "out")
    with pytest.raises(cachegraph.StoreError, match="is not an empty folder"):
        graph.write_base(graph.base(), tmp_path / "out")


def test_nothing_to_share(tmp_path: Path) -> None:
    graph = loaded(stack(tmp_path, "a", ZLIB), stack(tmp_path, "b", node("xz")))
    with pytest.raises(cachegraph.UsageError, match="no spec is in several"):
        graph.write_base(graph.base(), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_names_of_folders(tmp_path: Path) -> None:
    """A stack may be called base, and two releases may have a stack of one name."""
    nodes = (CURL, ZLIB)
    paths = [
        stack(tmp_path / "r" / release, name, *nodes)
        for release, name in (("x", "base"), ("x", "s"), ("y", "s"))
    ]
    graph = loaded(tmp_path / "r")
    assert len(paths) == 3
    graph.write_base(graph.base(all_releases=True), tmp_path / "out")
    folders = {path.parent.name for path in (tmp_path / "out").glob("*/additions.yaml")}
    assert folders == {"base-", "x-s", "y-s"}


def test_the_command(tmp_path: Path) -> None:
    store = tmp_path / "graph.db"
    paths = [stack(tmp_path, name, *nodes) for name, nodes in HELD.items()]
    cachegraph.open(store).import_(*paths)
    words = ["base", "--store", str(store), "--spack-yaml", str(tmp_path / "out")]
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 0
    assert done.stderr == f"The environments are in {tmp_path / 'out'}\n"
    assert (tmp_path / "out" / "base" / "spack.lock").exists()
    refused = CliRunner().invoke(cli, words)
    assert (refused.exit_code, "is not an empty folder" in refused.stderr) == (2, True)


# Texts ------------------------------------------------------------------------------------------


def made_node(**parameters: Any) -> Mapping[str, Any]:
    return {"name": "a", "version": "1.2", "parameters": parameters}


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({}, "a@=1.2"),
        ({"x": True, "y": False}, "a@=1.2+x~y"),
        ({"b": "c", "x": True}, "a@=1.2+x b=c"),
        ({"libs": ["shared", "static"]}, "a@=1.2 libs:=shared,static"),
        ({"patches": ["0" * 64], "cflags": [], "ldlibs": ["-lm"]}, "a@=1.2"),
        ({"b": "two words"}, 'a@=1.2 b="two words"'),
    ],
)
def test_spec_text(parameters: dict[str, Any], text: str) -> None:
    assert spec_text(made_node(**parameters)) == text


def test_what_pins_decide_is_left_out() -> None:
    assert spec_text(made_node(x=True, b="c"), {"x", "version"}) == "a b=c"
    assert pins_by_package(["zlib-ng ~opt", "python@=3.13", "^mpi=openmpi", "r %gcc@12"]) == {
        "zlib-ng": ["~opt"],
        "python": ["@=3.13"],
        "mpi": ["openmpi"],
        "r": ["%gcc@12"],
    }


@pytest.mark.parametrize("text", ["it's", "a: b", "x\ny: 1", "'", "# no", "\u202e", "- a", '"'])
def test_texts_stay_texts(text: str) -> None:
    assert yaml.safe_load(f"- {scalar(text)}\n") == [text]
    assert yaml.safe_load(f"{comment(text)}- a\n") == ["a"]

"""Values survive every store and export, whatever characters are in them."""

from pathlib import Path

import pytest

import cachegraph
from cachegraph.model.merging import alike
from tests.support.corpus import FLAGS, lock, node, write
from tests.support.realfiles import everything

ODD = ["\x1f", "\x1e", "a\x1fb", "\x1e[]", "", "\x00", "\x01\x1f", "\ufffd", "\ufffd001f", "\uffff"]
ODD += ["\r\n", "\t", '"', "<&>", "😀", "\u2028", "\x85", "\x7f"]


@pytest.fixture(params=ODD, ids=ascii)
def odd(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A lock file with an odd character in a variant, a flag, a request and a package."""
    text = request.param
    parameters = {"one": text or "x", "list": ["a", text], **{flag: [] for flag in FLAGS}}
    parameters["cflags"] = [text]
    app = node(f"app{text}", parameters=parameters)
    roots = [{"hash": app["hash"], "spec": f"app{text}"}]
    return write(tmp_path / "spack.lock", lock(app, node("app"), roots=roots))


def test_in_every_store(odd: Path, tmp_path: Path) -> None:
    memory, file = cachegraph.open(":memory:"), cachegraph.open(tmp_path / "graph.db")
    memory.import_(odd)
    file.import_(odd)
    assert everything(file.networkx()) == everything(memory.networkx())
    assert file.import_(odd).conflicts == 0
    file.export(tmp_path / "graph.graphml")
    with cachegraph.open(tmp_path / "graph.graphml") as exported:
        assert everything(exported.networkx()) == everything(memory.networkx())


def test_separators_in_values_do_not_make_two_specs_alike() -> None:
    pairs = ("a\x1fb", "c"), ("a", "b\x1fc")
    first, second = ({"package": package, "version": version} for package, version in pairs)
    assert alike(first) != alike(second)

"""A single bit changed in a lock file is found: an error, a warning, or a problem of verify."""

import json
import random
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from tests.oracles import documents as oracle
from tests.support.realfiles import DATA, found, lock

pytestmark = pytest.mark.slow  # a sweep over real files

LOCKS = {
    2: "locks/spack-tutorial-env/2021-02-19/spack.lock",
    3: "locks/chronolog-ci/spack.lock",
    4: "locks/playground/spack.lock",
    5: "locks/durrantlab/2025-05-26a/spack.lock",
    6: lock("bcA"),
    7: lock("radiuss"),
}
SAMPLED = {2: 10, 3: 10, 4: 12, 5: 12, 6: 12, 7: 2}  # bytes, each with its eight bits
SEED = 20261121
# Nothing but these is anybody's word: the rest is a hash, or what a hash covers.
COVERED = ("concrete_specs", "include_concrete")

every_version = pytest.mark.parametrize("version", LOCKS)


@cache
def whole(version: int) -> bytes:
    return oracle.text(found(LOCKS[version]).read_bytes()).encode()


def parsed(data: bytes) -> Any:
    """The first JSON value, whatever bytes its texts have; None without one."""
    try:
        return json.JSONDecoder().raw_decode(data.decode(errors="surrogateescape"))[0]
    except ValueError:
        return None


def proved(document: Any) -> Any:
    """What of a lock file hashes vouch for: nothing of _meta, spack, and the requests of roots."""
    if not isinstance(document, dict) or not isinstance(document.get("roots"), list):
        return None
    roots = [root.get("hash") if isinstance(root, dict) else None for root in document["roots"]]
    return roots, {name: document.get(name) for name in COVERED}


def flipped(data: bytes, bit: int) -> bytes:
    place, shift = divmod(bit, 8)
    return data[:place] + bytes([data[place] ^ 1 << shift]) + data[place + 1 :]


def noticed(path: Path, data: bytes) -> bool:
    """Whether an import of the bytes, or a look at the graph after it, says that all is not well.

    What is missing is no news here: of most nodes these files have no dependencies.
    """
    path.write_bytes(data)
    graph = cachegraph.open(":memory:")
    try:
        if graph.import_(path).warnings:
            return True
    except cachegraph.CacheGraphError:
        return True
    return any(problem["kind"] != "dangling" for problem in graph.verify()["problems"])


def unnoticed(path: Path, data: bytes, bits: Iterable[int]) -> Iterator[str]:
    """The flips that nobody notices, though what hashes vouch for is not what it was."""
    before = proved(parsed(data))
    assert before is not None
    assert not noticed(path, data)
    for bit in bits:
        changed = flipped(data, bit)
        if proved(parsed(changed)) != before and not noticed(path, changed):
            place = bit // 8
            around = slice(max(0, place - 30), place + 30)
            yield f"bit {bit % 8} of byte {place}: {data[around]!r} -> {changed[around]!r}"


@every_version
def test_any_bit_of_a_lock_file(version: int, tmp_path: Path) -> None:
    data = whole(version)
    places = random.Random(SEED).sample(range(len(data)), SAMPLED[version] * (20 if DATA else 1))
    bits = [8 * place + bit for place in places for bit in range(8)]
    assert [*unnoticed(tmp_path / "spack.lock", data, bits)] == []


def alone(version: int, key: str) -> bytes:
    """The lock file with one of its nodes, as it is written there."""
    document = json.loads(whole(version))
    document["concrete_specs"] = {key: document["concrete_specs"][key]}
    document["roots"] = [{"hash": key, "spec": "it"}]
    return json.dumps(document, separators=(",", ":")).encode()


def shortest(version: int, **wanted: bool) -> str:
    """The key of the shortest node that has, or has not, each of some fields."""
    nodes: dict[str, Any] = json.loads(whole(version))["concrete_specs"]
    fitting = {
        key: len(json.dumps(node))
        for key, node in nodes.items()
        if all(bool(node.get(field)) == there for field, there in wanted.items())
    }
    return min(fitting, key=fitting.__getitem__)


NODES: list[tuple[int, dict[str, bool]]] = [(6, {})]
if DATA:
    NODES += [
        (4, {}),
        (5, {"dependencies": True}),
        (6, {"external": True}),
        (6, {"dependencies": True}),
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("version", "wanted"), NODES)
def test_every_bit_of_a_node(version: int, wanted: dict[str, bool], tmp_path: Path) -> None:
    data = alone(version, shortest(version, **wanted))
    bits = range(8 * data.index(b'"roots"'), 8 * len(data))
    assert [*unnoticed(tmp_path / "spack.lock", data, bits)] == []


def test_what_is_not_hashed_is_not_missed(tmp_path: Path) -> None:
    # The measure of the tests above: what they let pass, and what they would not.
    data = whole(6)
    request = data.index(b'"spec":"') + len(b'"spec":"')
    version = data.index(b'"version":"') + len(b'"version":"')
    assert proved(parsed(flipped(data, 8 * request))) == proved(parsed(data))
    assert proved(parsed(flipped(data, 8 * version))) == proved(parsed(data))
    hashed = data.index(b'"package_hash":"') + len(b'"package_hash":"')
    assert proved(parsed(flipped(data, 8 * hashed))) != proved(parsed(data))


@pytest.mark.parametrize("version", [version for version in LOCKS if DATA or version < 7])
def test_the_key_of_a_node_that_is_no_root(version: int, tmp_path: Path) -> None:
    data = whole(version)
    document = json.loads(data)
    roots = {root["hash"] for root in document["roots"]}
    key = next(key for key in document["concrete_specs"] if key not in roots)
    start = data.index(key.encode(), data.index(b'"concrete_specs"'))
    while not data[start + len(key) + 1 :].lstrip().startswith(b":"):
        start = data.index(key.encode(), start + 1)
    bits = [8 * (start + place) + place % 7 for place in range(len(key))]
    assert [*unnoticed(tmp_path / "spack.lock", data, bits)] == []


@pytest.mark.parametrize("version", [2, 3])
def test_what_only_builds_is_covered_by_the_key(version: int, tmp_path: Path) -> None:
    # The DAG hashes of these versions cover neither it nor the keys.
    document = json.loads(whole(version))
    nodes = {key: oracle.flat(node) for key, node in document["concrete_specs"].items()}
    key, needed = next(
        (key, dep)
        for key, node in nodes.items()
        for dep in oracle.dependencies(node)
        if dep["type"] == ["build"]
    )
    text = json.dumps(document)
    start = text.index(oracle.reference(needed), text.index(f'"{key}": '))
    path = tmp_path / "spack.lock"
    path.write_text(text[:start] + text[start:].replace('["build"]', '["build", "test"]', 1))
    (warning,) = cachegraph.open(":memory:").import_(path).warnings
    assert f"/{key}: the build hash recomputed from its node is another" in warning


def test_the_namespace_of_an_external_that_was_hashed_without(tmp_path: Path) -> None:
    data = oracle.text(found("locks/oktal/spack.lock").read_bytes()).encode()
    nodes = json.loads(data)["concrete_specs"]
    for key in (key for key, node in nodes.items() if node.get("external")):
        start = data.index(b'"namespace":"builtin"', data.index(f'"{key}":{{'.encode())) + 13
        bits = [8 * (start + place) + bit for place in range(7) for bit in (0, place)]
        assert [*unnoticed(tmp_path / "spack.lock", data, bits)] == []

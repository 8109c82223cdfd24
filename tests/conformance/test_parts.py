"""Parts of a graph, exported from every store: what is in them, and what they answer."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

import cachegraph
from cachegraph.reading.discover import SAMPLE
from tests.conformance.groups import grouped
from tests.conftest import Load
from tests.support.corpus import lock, needs, node, write
from tests.support.known_answers import fixture


def chain(folder: Path) -> tuple[Path, dict[str, str]]:
    """a -> b -> c -> d in the stack long, e -> c in the stack short; and what each hash names."""
    d = node("d")
    c = node("c", needs(d))
    b = node("b", needs(c))
    a, e = node("a", needs(b)), node("e", needs(c))
    write(folder / "long/spack.lock", lock(a, b, c, d))
    write(folder / "short/spack.lock", lock(e, c, d))
    return folder, {one["hash"]: one["name"] for one in (a, b, c, d, e)}


def part(graph: cachegraph.Graph, folder: Path, **asked: Any) -> "nx.MultiDiGraph[str]":
    """What an export of a part holds."""
    path = folder / "part.graphml"
    count = graph.export(path, **asked)
    found = cachegraph.open(path).networkx()
    assert count == len(found) + found.number_of_edges()
    return found


def named(found: "nx.MultiDiGraph[str]", label: str) -> set[str]:
    key = {"Spec": "package", "Stack": "key"}.get(label, "name")
    return {data[key] for _, data in found.nodes(data=True) if data["kind"] == label}


def uses(found: Any, type_: str = "DEPENDS_ON") -> set[str]:
    """The relationships of a type, as ``ab`` for a on b."""
    names = {n: data.get("package", data.get("key", "")) for n, data in found.nodes(data=True)}
    ends = found.edges(keys=True)
    return {names[start] + names[end] for start, end, of in ends if of == type_}


PARTS: list[tuple[dict[str, Any], str, str, str]] = [
    ({"around": "c"}, "bcde", "bc cd ec", "bl cl dl es cs ds"),
    ({"around": "c", "hops": 0}, "c", "", "cl cs"),
    ({"around": "c", "hops": 2}, "abcde", "ab bc cd ec", "al bl cl dl es cs ds"),
    ({"around": "b"}, "abc", "ab bc", "al bl cl cs"),
    ({"around": "d", "hops": 1}, "cd", "cd", "cl dl cs ds"),
    ({"around": "d", "hops": 9}, "abcde", "ab bc cd ec", "al bl cl dl es cs ds"),
    # e needs what b needs, but neither needs the other.
    ({"around": "e", "hops": 9}, "cde", "cd ec", "es cl cs dl ds"),
    # Neither through another stack, nor into it.
    ({"around": "c", "stacks": "long"}, "bcd", "bc cd", "bl cl dl"),
    ({"around": "d", "hops": 2, "stacks": ["short"]}, "cde", "cd ec", "es cs ds"),
    ({"stacks": "short"}, "cde", "cd ec", "es cs ds"),
    ({"stacks": "local/*"}, "abcde", "ab bc cd ec", "al bl cl dl es cs ds"),
    ({"release": "local"}, "abcde", "ab bc cd ec", "al bl cl dl es cs ds"),
    ({"all_releases": True}, "abcde", "ab bc cd ec", "al bl cl dl es cs ds"),
]


def test_what_is_in_a_part(load: Load, tmp_path: Path) -> None:
    """The specs, the dependencies, and the members of the stacks long and short."""
    folder, names = chain(tmp_path / "locks")
    graph = load(folder)
    stacks = {"l": "local/long", "s": "local/short"}
    for asked, specs, dependencies, members in PARTS:
        found = part(graph, tmp_path, **asked)
        assert named(found, "Spec") == {*specs}, asked
        assert uses(found) == {*dependencies.split()}, asked
        belong = {member[0] + stacks[member[1]] for member in members.split()}
        assert uses(found, "IN_STACK") == belong, asked
        assert named(found, "Stack") == {stacks[member[1]] for member in members.split()}
        assert uses(found, "ROOT_OF") == belong & {"alocal/long", "elocal/short"}
        # And what these refer to.
        assert named(found, "Package") == {*specs}
        assert named(found, "Release") == {"local"}
        assert named(found, "OperatingSystem") == {"ubuntu22.04"}
        assert named(found, "Target") == {"x86_64_v3"}
        assert {names[n.removeprefix("Spec:")] for n in found if n.startswith("Spec:")} == {*specs}


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"stacks": "lang"}, "no stack lang"),
        ({"release": "v1"}, "no release v1"),
        ({"around": "x"}, "no package x"),
        ({"around": "c@9"}, "no spec fits c@9"),
        ({"around": "a", "stacks": "short"}, "no spec fits a in these stacks"),
        ({"around": "a", "hops": -1}, "-1 steps"),
        ({"around": "a ~"}, "a ~"),
    ],
)
def test_a_part_that_is_not_there(tmp_path: Path, asked: dict[str, Any], message: str) -> None:
    with cachegraph.open(":memory:") as graph:
        graph.import_(chain(tmp_path / "locks")[0])
        with pytest.raises(cachegraph.CacheGraphError, match=message):
            graph.export(tmp_path / "part.graphml", **asked)
    assert [path.name for path in tmp_path.iterdir()] == ["locks"]


def test_specs_that_no_stack_holds_come_with_what_needs_them(load: Load, tmp_path: Path) -> None:
    """A dependency outside of the stack, and one of which only the hash is known."""
    unknown = node("unknown")
    outside = node("outside", needs(unknown))
    inside = node("inside", needs(outside))
    other = node("other", needs(inside))
    write(tmp_path / "locks/one/spack.lock", lock(inside))
    write(tmp_path / "locks/two/spack.lock", lock(other, outside))
    found = part(load(tmp_path / "locks"), tmp_path, stacks="one")
    specs = {f"Spec:{one['hash']}" for one in (inside, outside, unknown)}
    assert {name for name in found if name.startswith("Spec:")} == specs
    assert uses(found, "IN_STACK") == {"insidelocal/one"}


def test_a_group_is_the_part_of_its_stack(load: Load, tmp_path: Path) -> None:
    notes: list[str] = []
    graph = load(grouped(tmp_path))
    found = part(graph, tmp_path, stacks="cpu", notify=notes.append)
    assert notes == ["local has no stack cpu: answered for the group cpu of local/env"]
    assert named(found, "Spec") == {"app", "base", "zlib"}
    assert uses(found, "IN_STACK") == {"applocal/env", "baselocal/env", "zliblocal/env"}
    assert uses(found, "ROOT_OF") == {"applocal/env", "baselocal/env"}
    with cachegraph.open(tmp_path / "part.graphml") as exported:
        assert exported.find("*", stacks="cpu")["specs"] == graph.find("*", stacks="cpu")["specs"]


# Questions about the stacks that were exported


def questions(graph: cachegraph.Graph, left: str, right: str) -> Iterator[Callable[[], Any]]:
    both: Any = {"stacks": [left, right]}
    specs = graph.find("*", stacks=left)["specs"]
    packages = sorted({row["package"] for row in specs})[:: max(1, len(specs) // 6)]
    hashes = [row["hash"] for row in specs[:: max(1, len(specs) // 5)]]
    yield partial(graph.stacks, **both)
    for ask in (graph.overlap, graph.matrix, graph.diff, graph.impact, graph.shared):
        yield partial(ask, left, right)
    for compare in (graph.duplicates, graph.blame, graph.base):
        yield partial(compare, left, right)
    yield partial(graph.find, "*", **both)
    for name in packages:
        yield partial(graph.find, name, stacks=left)
        for of_spec in (graph.coverage, graph.affected, graph.want):
            yield partial(of_spec, name, **both)
    for one, other in pairwise(hashes):
        yield partial(graph.deps, f"/{one}", **both)
        yield partial(graph.dependents, f"/{one}", **both)
        yield partial(graph.why, one, other)


def about(answer: Any, stacks: set[str]) -> Any:
    """An answer, without what it tells of other stacks, and of all specs of the graph."""
    if isinstance(answer, dict):
        if isinstance(answer.get("stacks"), list):
            answer = {**answer, "stacks": [one for one in answer["stacks"] if _is_in(one, stacks)]}
        return {k: about(v, stacks) for k, v in answer.items() if k not in ("scope", "notes")}
    return [about(one, stacks) for one in answer] if isinstance(answer, list) else answer


def _is_in(one: Any, stacks: set[str]) -> bool:
    return not isinstance(one, str) or one in stacks


E4S = [fixture("locks/e4s-24.11"), fixture("locks/e4s-23.05")]


@pytest.mark.parametrize(
    ("locations", "left", "right"),
    [
        ([SAMPLE], "e4s-24.11/gcc-cpu", "e4s-24.11/gcc-cuda"),
        ([SAMPLE], "develop/ml-linux-x86_64-cpu", "develop/ml-linux-x86_64-cuda"),
        (E4S, "local/amd64-gcc-rocm-ubuntu22.04", "local/oneapi-x86_64"),
    ],
)
def test_exported_stacks_answer_as_the_whole_graph_does(
    real: Load, tmp_path: Path, locations: list[Path], left: str, right: str
) -> None:
    whole = real(*locations)
    path = tmp_path / "part.graphml.gz"
    whole.export(path, stacks=[left, right])
    with cachegraph.open(path) as exported:
        of_whole, of_part = questions(whole, left, right), questions(exported, left, right)
        for ask, ask_part in zip(of_whole, of_part, strict=True):
            assert about(ask_part(), {left, right}) == about(ask(), {left, right})
        assert [row["key"] for row in exported.stacks(all_releases=True)["stacks"]] == [left, right]
        assert exported.verify()["problems"] == []

"""Values that travel as texts arrive as they are, also those that have what divides texts."""

from itertools import product
from typing import Any

import pytest

from cachegraph.model.elements import Nodes, Pairs
from cachegraph.model.schema import DEPENDS_ON, PACKAGE, SPEC
from cachegraph.neo4j import texts
from cachegraph.neo4j.store import Neo4jStore

A, B, C, D, E = (letter * 32 for letter in "abcde")
LISTS: list[tuple[str, ...] | None] = [None, (), ("",), ("a", "b"), ("a\x02b",), ("\x1f", "\x03")]
PLAIN = {"package": "zlib", "variants": ("+a", "~b"), "flags": (), "external": True, "size": 7}
ODD = {"package": "z\x1fa", "variants": ("+a\x02~b",), "flags": ("",), "external": False}
# In the text of a page these look like one spec more, a second time.
POSING: dict[str, dict[str, Any]] = {
    D: {"package": "zlib", "compiler": f"gcc\x1f\x04{A}\x1fgcc"},
    E: {"package": f"zlib\x1f\x04{A}\x1fgcc"},
}
NAMES = ("hash", "package", "variants", "flags", "external", "size", "version")


@pytest.mark.parametrize("value", LISTS)
def test_a_token_tells_its_values(value: tuple[str, ...] | None) -> None:
    token = texts.token_of(value, "x")
    properties = [p for p in SPEC.properties if p.name in ("variants", "compiler")]
    assert texts.values_of(token, properties) == (value, "x")


def test_tokens_of_other_values_differ() -> None:
    every = [*product(LISTS, LISTS)]
    assert len({texts.token_of(*pair) for pair in every}) == len(every)


@pytest.fixture
def store(neo4j_emptied: str) -> Any:
    """A store with values that have marks, and others that have none."""
    opened = Neo4jStore(neo4j_emptied, write=True)
    with opened.writing():
        opened.load(
            [
                Nodes.of(SPEC, [A], PLAIN),
                Nodes.of(SPEC, [B], ODD),
                *(Nodes.of(SPEC, [key], values) for key, values in POSING.items()),
                Nodes.of(PACKAGE, ["z\x03\x1f"], {}),
                *(
                    Pairs(DEPENDS_ON, [A], [end], {"deptypes": types, "virtuals": virtuals})
                    for end, types, virtuals in (
                        (B, ("build", "link"), ("c",)),
                        (C, ("build",), ()),
                    )
                ),
                Pairs(DEPENDS_ON, [B], [C], {"deptypes": ("build\x02",), "virtuals": None}),
            ]
        )
    yield opened
    opened.close()


@pytest.mark.newest
@pytest.mark.parametrize("kept", [False, True])
def test_all_is_read_as_it_was_written(store: Neo4jStore, kept: bool) -> None:
    expected = [
        (A, "zlib", ("+a", "~b"), (), True, 7, None),
        (B, "z\x1fa", ("+a\x02~b",), ("",), False, None, None),
        (C, None, None, None, None, None, None),
    ]
    uses = {
        (A, B): (("build", "link"), ("c",)),
        (A, C): (("build",), ()),
        (B, C): (("build\x02",), None),
    }
    if kept:
        with store.snapshot():
            for _ in range(2):  # from the server, then from what is kept
                assert [*store.values(SPEC, [A, B, C], NAMES)] == expected
                assert used(store) == uses
            assert [*store.breadth_first(DEPENDS_ON, [A])] == [{B, C}]
    else:
        assert [*store.values(SPEC, [C, A], NAMES)] == [expected[2], expected[0]]
        assert used(store) == uses
    assert [*store.nodes(PACKAGE)] == ["z\x03\x1f"]


def used(store: Neo4jStore) -> dict[tuple[str, str], tuple[Any, ...]]:
    """The dependencies of all specs, with their values."""
    return {
        (start, end): store.relationship_values(DEPENDS_ON, token)
        for start, (ends, tokens) in zip(
            (A, B, C), store.adjacent(DEPENDS_ON, [A, B, C]), strict=True
        )
        for end, token in zip(ends, tokens, strict=True)
    }


@pytest.mark.parametrize("asked", [[A, D], [A, E], [D], [A, B, C, D, E]])
def test_a_value_cannot_pose_as_a_node(store: Neo4jStore, asked: list[str]) -> None:
    names = ("package", "compiler")
    written: dict[str, dict[str, Any]] = {A: PLAIN, B: ODD, C: {}, **POSING}
    expected = [tuple(map(written[key].get, names)) for key in asked]
    assert [*store.values(SPEC, asked, names)] == expected

"""Random graphs of specs, changed in a few places, against the oracle of causes."""

from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cachegraph
from tests.conformance import test_blame, test_diff, test_pins, test_why
from tests.oracles import documents as oracle
from tests.oracles.causes import World, blame, diff, why
from tests.oracles.pins import needed_by, pinned
from tests.support.corpus import lock, needs, node, write
from tests.support.made_up_pairs import Made, tell, variants

PACKAGES = 6
FORMAT = {4: 5, 5: 6}
"""Of a lock file by that of its nodes."""

Choice = dict[str, Any]

choices = st.fixed_dictionaries(
    {
        "version": st.sampled_from(["1.9", "1.10"]),
        "pic": st.booleans(),
        "recipe": st.sampled_from(["old====", "new===="]),
        "gcc": st.sampled_from(["11.4.0", "12.3.0"]),
        "needs": st.sets(st.integers(1, PACKAGES - 1), max_size=3),
        "types": st.sampled_from([("build",), ("build", "link"), ("run",)]),
        "provider": st.none() | st.integers(0, 2),
    }
)
bases = st.lists(choices, min_size=PACKAGES, max_size=PACKAGES)
changes = st.dictionaries(st.integers(0, PACKAGES - 1), choices, max_size=2)


def grown(chosen: list[Choice], form: int) -> list[Made]:
    """The specs of all packages; each depends on packages with a higher number only."""
    made: dict[int, Made] = {}
    for number in reversed(range(PACKAGES)):
        choice = chosen[number]
        below = sorted(child for child in choice["needs"] if child > number)
        # One of the dependencies, if any, is needed for a virtual.
        provider = below[choice["provider"] % len(below)] if below and choice["provider"] else None
        deps = [
            needs(made[child], *choice["types"], virtuals=["mpi"] if child == provider else [])
            for child in below
        ]
        fields = {"compiler": {"name": "gcc", "version": choice["gcc"]}} if form == 4 else {}
        made[number] = node(
            f"p{number}",
            *deps,
            spec_format=form,
            version=choice["version"],
            parameters=variants(pic=choice["pic"]),
            package_hash=choice["recipe"],
            **fields,
        )
    return [*made.values()]


@pytest.mark.slow
@given(base=bases, left=changes, right=changes, form=st.sampled_from([4, 5]))
def test_against_the_oracle(
    base: list[Choice], left: dict[int, Choice], right: dict[int, Choice], form: int
) -> None:
    documents = {
        name: lock(
            *grown([changed.get(number, base[number]) for number in range(PACKAGES)], form),
            version=FORMAT[form],
        )
        for name, changed in (("left", left), ("right", right))
    }
    with TemporaryDirectory() as folder:
        paths = [
            write(Path(folder) / name / "spack.lock", document)
            for name, document in documents.items()
        ]
        memory, file = cachegraph.open(":memory:"), cachegraph.open(Path(folder) / "graph.db")
        with file:
            for graph in (memory, file):
                graph.import_(*paths)
                check(graph, *map(oracle.interpret, documents.values()))


def check(graph: cachegraph.Graph, left: oracle.Reading, right: oracle.Reading) -> None:
    """All four questions have the oracle's answers."""
    world = World.of(left, right)
    for a, b in permutations(world.specs, 2):
        if world.specs[a]["name"] == world.specs[b]["name"]:
            expected = [tell(cause.path, *cause.difference) for cause in why(world, a, b)]
            assert test_why.told(test_why.ask(graph, a, b)) == test_why.by_name(expected)
    assert test_blame.costs(test_blame.ask(graph)) == blame(world, world.specs)
    expected_counts = diff(world, left.members, right.members)
    answer = test_diff.ask(graph, "left", "right")
    assert test_diff.counts(answer) == expected_counts
    check_pins(graph, left, right)


def check_pins(graph: cachegraph.Graph, left: oracle.Reading, right: oracle.Reading) -> None:
    """Pins come to what the oracle says, of both and of the left alone; so do those who need it."""
    for pins in ([("p5", "pic", "+pic")], [("p3", "pic", "+pic"), ("p4", "pic", "~pic")]):
        texts = [f"{package} {text}" for package, _, text in pins]
        answer: Any = graph.what_if(*texts)
        expected = pinned([left, right], [], pins)
        assert test_pins.told(answer) == expected
        assert answer["builds"] == len(left.members | right.members)
        alone: Any = graph.what_if(*texts, stacks="left")
        assert test_pins.told(alone) == pinned([left], [right], pins)
        for step, (package, name, text) in zip(answer["steps"], pins, strict=True):
            values = needed_by([left, right], package, name)
            assert {one["package"] for one in step["needed_by"]} == values.get(text, set())

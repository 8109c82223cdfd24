"""The root causes of many pairs found in arrays are those that are found pair by pair."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import permutations
from pathlib import Path
from random import Random
from typing import Any

import pytest

import cachegraph
from cachegraph.analysis.comparison import ranked_causes
from cachegraph.analysis.comparison.facts import Pair
from cachegraph.analysis.comparison.many_causes import ManyCauses
from cachegraph.analysis.comparison.root_causes import CauseSet, RootCauses
from cachegraph.model.elements import Element, Nodes, Pairs
from cachegraph.model.graph import ArrayGraph
from cachegraph.model.schema import DEPENDS_ON, SPEC
from cachegraph.opening import open_store
from cachegraph.stores.file.store import FileStore
from tests.support.corpus import lock, write
from tests.support.made_up_pairs import MADE_UP

PACKAGES = 7
SPECS = 84
Spec = dict[str, Any]
USES: list[dict[str, tuple[str, ...]]] = [
    {"deptypes": ("build", "link"), "virtuals": ()},
    {"deptypes": ("link", "run"), "virtuals": ("mpi",)},
    {"deptypes": ("build",), "virtuals": ("c", "cxx")},
    {"deptypes": ("run",)},
]
CHANGES: list[tuple[str, list[Any]]] = [
    ("version", ["2"]),
    ("specfile_version", [None, 2, 4]),
    ("package_hash", ["new", None]),
    ("compiler", ["gcc@12"]),
    ("external", [True]),
]


def random_spec(random: Random, number: int) -> Spec:
    """A spec of one of the packages, described in a format or not at all, that differs a bit."""
    if random.random() < 0.03:
        return {}  # a stub
    spec: Spec = {
        "package": f"p{number % PACKAGES}",
        "version": "1",
        "specfile_version": 5,
        "package_hash": "old",
        "compiler": "gcc@11",
    }
    if random.random() < 0.25:
        name, values = random.choice(CHANGES)
        spec[name] = random.choice(values)
    return spec


def random_graph(seed: int, *, cycles: bool) -> Iterator[Element]:
    """Specs of a few packages that depend on others, mostly on one of each package."""
    random = Random(seed)
    specs = [random_spec(random, number) for number in range(SPECS)]
    keys = [f"{number:032d}" for number in range(SPECS)]
    for key, spec in zip(keys, specs, strict=True):
        yield Nodes.of(SPEC, [key], spec)
    for number, spec in enumerate(specs):
        # Of a package only those of a higher number, so that there are no cycles.
        below = range(SPECS) if cycles else range(number - number % PACKAGES + PACKAGES, SPECS)
        is_even = random.random() < 0.9
        for package in range(PACKAGES) if spec.get("specfile_version") else ():
            ends = [one for one in below if one % PACKAGES == package and one != number]
            count = 1 if is_even else random.choice([0, 1, 2])
            for end in random.sample(ends[:5], min(len(ends), count)):
                use = USES[package % 4] if is_even else random.choice(USES)
                yield Pairs(DEPENDS_ON, [keys[number]], [keys[end]], use)


def told(causes: list[CauseSet]) -> list[Any]:
    return [(one.causes, dict(one.common)) for one in causes]


@pytest.mark.parametrize("seed", range(10))
def test_of_random_graphs(tmp_path: Path, seed: int) -> None:
    with closing(open_store(str(tmp_path / "graph.db"), write=True)) as store:
        assert isinstance(store, FileStore)
        with store.writing():
            store.load(random_graph(seed, cycles=seed % 6 == 5))
        assert isinstance(store, ArrayGraph)
        every = permutations(sorted(store.nodes(SPEC)), 2)
        pairs = [(one, other) for one, other in every if one % PACKAGES == other % PACKAGES]
        few, many = RootCauses(store), ManyCauses(store)
        expected = few.of(pairs)
        assert told(many.of(pairs)) == told(expected)
        one_by_one = len(many.differences.compared), len(few.differences.compared)
        # Simple pairs and others; with pairs that depend on themselves all are compared again.
        assert 0 < one_by_one[0] < one_by_one[1] or seed % 6 == 5
        assert len({id(one) for one in expected}) > 20


def test_questions_answer_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, make in enumerate(MADE_UP):
        asked = make()
        for side, root in (("left", asked.left), ("right", asked.right)):
            document = lock(*asked.side(root), version={4: 5, 5: 6}[asked.spec_format])
            write(tmp_path / "r" / f"{side}{number}" / "spack.lock", document)
    with cachegraph.open(tmp_path / "graph.db") as graph:
        graph.import_(tmp_path / "r")
        expected = answers(graph)
        assert expected[0]["causes"]
        counts: list[int] = []
        of = ManyCauses.of

        def counted(self: ManyCauses, pairs: Iterable[Pair]) -> list[CauseSet]:
            found = of(self, pairs)
            counts.append(len(found))
            return found

        monkeypatch.setattr(ranked_causes, "_MANY_PAIRS", 0)
        monkeypatch.setattr(ManyCauses, "of", counted)
        assert answers(graph) == expected
        assert counts and all(counts)  # noqa: PT018  # both say that it was asked


def answers(graph: cachegraph.Graph) -> list[Any]:
    return [
        graph.blame(all_releases=True),
        graph.what_if(best=3, all_releases=True),
        graph.overlap(all_releases=True),
    ]


def test_without_numpy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then pairs are compared one by one, and so are few of them."""
    with closing(open_store(str(tmp_path / "graph.db"), write=True)) as store:
        with store.writing():
            store.load(random_graph(0, cycles=False))
        many = ranked_causes._MANY_PAIRS
        assert type(ranked_causes.root_causes_for(store, many - 1)) is RootCauses
        assert type(ranked_causes.root_causes_for(store, many)) is ManyCauses
        monkeypatch.setattr(ranked_causes, "find_spec", lambda _: None)
        assert type(ranked_causes.root_causes_for(store, many)) is RootCauses

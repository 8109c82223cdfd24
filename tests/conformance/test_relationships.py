"""Relationships in a store, loaded and taken out in any order, against plain dictionaries."""

import random
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cachegraph.exports.graphml import export as export_graphml
from cachegraph.model.elements import Element, Nodes, Pairs, Properties, Relationships
from cachegraph.model.graph import relationships
from cachegraph.model.schema import (
    BUILT_AS,
    BUILT_WITH,
    DEPENDS_ON,
    EXTENDS,
    IN_STACK,
    NODE_TYPES,
    RECORDED_IN,
    RELATIONSHIP_TYPES,
    SPEC,
    NodeType,
    RelationshipType,
)
from cachegraph.opening import open_store
from cachegraph.stores import Store

Values = tuple[Any, ...]
# Keys that are far apart, so that they are in different blocks when there are nodes between.
PLACES = (0, 255, 256)
MANY = [f"k{number:031d}" for number in range(max(PLACES) + 1)]
KEYS = [MANY[place] for place in PLACES]
CHAIN = [f"c{number:031d}" for number in range(1000)]
TYPES = (DEPENDS_ON, BUILT_AS, EXTENDS, RECORDED_IN, BUILT_WITH, IN_STACK)


def values(type_: RelationshipType, properties: Properties) -> Values:
    return tuple(properties.get(p.name) for p in type_.properties)


class Oracle:
    """What a store should hold, written the obvious way."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[NodeType, str], dict[str, Any]] = {}
        self.relationships: dict[tuple[RelationshipType, str, str], Values] = {}

    def copy(self) -> "Oracle":
        made = Oracle()
        made.nodes = {name: {**said} for name, said in self.nodes.items()}
        made.relationships = {**self.relationships}
        return made

    def load(self, element: Element) -> None:
        if isinstance(element, Nodes):
            for key in element.keys:
                self.nodes.setdefault((element.type, key), {}).update(element.properties)
            return
        type_ = element.type
        if isinstance(element, Relationships):
            self.nodes.setdefault((type_.end, element.end), {})
            pairs = [(start, element.end) for start in element.starts]
        else:
            pairs = [*zip(element.starts, element.ends, strict=True)]
        said = values(type_, element.properties)
        for start, end in pairs:
            self.nodes.setdefault((type_.start, start), {})
            self.nodes.setdefault((type_.end, end), {})
            known = self.relationships.get((type_, start, end))
            if known is None or all(value is None for value in known):
                self.relationships[type_, start, end] = said

    def discard(self, type_: RelationshipType, starts: Iterable[str], end: str) -> None:
        for start in starts:
            self.relationships.pop((type_, start, end), None)

    def remove(self, label: NodeType, keys: Iterable[str]) -> None:
        for key in keys:
            del self.nodes[label, key]
            for type_, start, end in [*self.relationships]:
                if (type_.start, start) == (label, key) or (type_.end, end) == (label, key):
                    del self.relationships[type_, start, end]


keys = st.sampled_from(KEYS)
some_keys = st.lists(keys, max_size=6)
# Those with properties more often: they have more laws.
types = st.sampled_from([DEPENDS_ON, DEPENDS_ON, RECORDED_IN, RECORDED_IN, *TYPES])
PROPERTIES: dict[RelationshipType, st.SearchStrategy[Properties]] = {
    DEPENDS_ON: st.fixed_dictionaries(
        {},
        optional={
            "deptypes": st.sampled_from([("build",), ("build", "link"), ()]),
            "virtuals": st.sampled_from([None, (), ("mpi", "lapack")]),
        },
    ),
    RECORDED_IN: st.fixed_dictionaries(
        {},
        optional={
            "verified": st.sampled_from([None, True, False]),
            "reason": st.sampled_from([None, "spliced", 'a<"b">&c']),
            "differs": st.sampled_from([None, ("compiler",), ("os", "é\U0001f600")]),
        },
    ),
    BUILT_WITH: st.sampled_from([{}, {"languages": ("c", "cxx")}, {"languages": ("fortran",)}]),
}


@st.composite
def related(draw: st.DrawFn) -> Element:
    type_ = draw(types)
    properties = draw(PROPERTIES.get(type_, st.just({})))
    if draw(st.booleans()):
        return Relationships(type_, draw(some_keys), draw(keys), properties)
    pairs = draw(st.lists(st.tuples(keys, keys), max_size=8))
    return Pairs(type_, [s for s, _ in pairs], [e for _, e in pairs], properties)


described = st.builds(
    lambda some, package, version: Nodes.of(
        SPEC, some, {"package": package, "version": version, "external": version == "2" or None}
    ),
    some_keys,
    st.sampled_from([None, "zlib", "hdf5"]),
    st.sampled_from([None, "1", "2"]),
)
steps = st.one_of(
    st.tuples(st.just("load"), st.lists(related() | described, min_size=1, max_size=6)),
    st.tuples(st.just("flush"), st.none()),
    st.tuples(st.just("discard"), st.tuples(types, some_keys, keys)),
    st.tuples(st.just("remove"), st.tuples(st.sampled_from([SPEC, *NODE_TYPES]), some_keys)),
)
Step = tuple[str, Any]
transactions = st.tuples(st.lists(steps, max_size=8), st.sampled_from([True, True, False]))


@pytest.mark.slow
@given(spread=st.booleans(), history=st.lists(transactions, max_size=3))
def test_against_dictionaries(spread: bool, history: list[tuple[list[Step], bool]]) -> None:
    with TemporaryDirectory() as folder:
        path = f"{folder}/graph.db"
        oracle, memory = Oracle(), open_store(":memory:")
        file = open_store(path, write=True)
        if spread:
            history = [([("load", [Nodes(SPEC, MANY)])], True), *history]
        for transaction, succeeds in history:
            tried = oracle.copy()
            with suppress(ZeroDivisionError), memory.writing(), file.writing():
                for step in transaction:
                    act(tried, (memory, file), *step)
                oracle = tried if succeeds or 1 / 0 else oracle
        for store in (memory, file):
            check(store, oracle)
        file.close()
        # Without a transaction that succeeded there is no store to read.
        is_new = not any(succeeds for _, succeeds in history)
        with closing(open_store(path, write=is_new)) as file:
            check(file, oracle)
            check_copies(file, oracle, Path(folder))


def check_copies(store: Store, oracle: Oracle, folder: Path) -> None:
    """Whether GraphML and another file take the whole graph over."""
    exported = folder / "graph.graphml.gz"
    count = export_graphml(store.elements(), exported)
    assert count == len(oracle.nodes) + len(oracle.relationships)
    check(open_store(exported), oracle)
    with closing(open_store(folder / "copy.db", write=True)) as copy:
        with copy.writing():
            copy.load([*store.elements()][::-1])
        check(copy, oracle)


def act(oracle: Oracle, stores: tuple[Store, ...], word: str, what: Any) -> None:
    """One step, in the oracle and in each store."""
    if word == "load":
        for element in what:
            oracle.load(element)
        known = {key: said for (of, key), said in oracle.nodes.items() if of is SPEC and said}
        for store in stores:
            store.load(what)
            assert store.known([*KEYS, "none"]) == known
        return
    for store in stores:
        store.flush()
        check(store, oracle)
    if word == "discard" and (what[0].end, what[2]) in oracle.nodes:
        discard(oracle, stores, *what)
    elif word == "remove":
        label, leaving = what
        leaving = {key for key in leaving if (label, key) in oracle.nodes}
        oracle.remove(label, leaving)
        for store in stores:
            store.remove(label, [store.find(label, key) for key in leaving])


def discard(
    oracle: Oracle, stores: tuple[Store, ...], type_: RelationshipType, some: list[str], end: str
) -> None:
    """Takes the relationships from those of the starts that are there out of all."""
    starts = [key for key in some if (type_.start, key) in oracle.nodes]
    oracle.discard(type_, starts, end)
    for store in stores:
        nodes = [store.find(type_.start, key) for key in starts]
        store.discard(type_, nodes, store.find(type_.end, end))


def check(store: Store, oracle: Oracle) -> None:
    """Whether a store says all that the oracle holds, and no more."""
    for label in NODE_TYPES:
        assert store.count(label) == sum(of is label for of, _ in oracle.nodes)
    for type_ in RELATIONSHIP_TYPES:
        held = {key[1:]: said for key, said in oracle.relationships.items() if key[0] is type_}
        assert store.count(type_) == len(held)
        if type_ not in TYPES:
            continue
        check_type(store, type_, held, {key for label, key in oracle.nodes if label is type_.start})
        for end in {*KEYS} & {key for label, key in oracle.nodes if label is type_.end}:
            node = store.find(type_.end, end)
            of = {start: said for (start, other), said in held.items() if other == end}
            assert named(store, type_.start, store.starts_of(type_, node)) == {*of}
            groups = [*store.starts_by_properties(type_, node)]
            assert len({said for said, _ in groups}) == len(groups)
            found = {
                key: said for said, starts in groups for key in named(store, type_.start, starts)
            }
            assert found == of
    nodes, relationships = everything(store)
    assert nodes == oracle.nodes
    assert relationships == oracle.relationships


def check_type(
    store: Store,
    type_: RelationshipType,
    held: dict[tuple[str, str], Values],
    nodes: set[str],
) -> None:
    """The relationships of a type from each start, and from all at once."""
    starts = sorted(nodes & {*KEYS})
    for some in (*([key] for key in starts), starts):
        handles = [store.find(type_.start, key) for key in some]
        wanted = {pair: said for pair, said in held.items() if pair[0] in some}
        assert named(store, type_.end, store.ends_of(type_, handles)) == {end for _, end in wanted}
        joined = [*relationships(store, type_, handles)]
        of_start = keys_of(store, type_.start, [start for start, _, _ in joined])
        of_end = keys_of(store, type_.end, [end for _, end, _ in joined])
        found = [*zip(zip(of_start, of_end, strict=True), (j[2] for j in joined), strict=True)]
        assert len(found) == len(wanted)
        assert dict(found) == wanted


def named(store: Store, label: NodeType, nodes: Iterable[Any]) -> set[str]:
    """The keys of nodes, as a set."""
    return {*keys_of(store, label, nodes)}


def keys_of(store: Store, label: NodeType, nodes: Iterable[Any]) -> list[str]:
    """The keys of nodes, in their order."""
    return [key for (key,) in store.values(label, nodes, [label.key.name])]


def everything(store: Store) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """The elements of a store, one by one, each there once."""
    nodes: dict[Any, Any] = {}
    relationships: dict[Any, Any] = {}
    for element in store.elements():
        if isinstance(element, Nodes):
            assert not relationships
            new = {(element.type, key): element.properties for key in element.keys}
            assert not new.keys() & nodes.keys()
            nodes |= new
            continue
        count = len(element.starts)
        ends = element.ends if isinstance(element, Pairs) else [element.end] * count
        said = values(element.type, element.properties)
        for start, end in zip(element.starts, ends, strict=True):
            assert (element.type, start, end) not in relationships
            relationships[element.type, start, end] = said
    return nodes, relationships


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    location = ":memory:" if request.param == "memory" else tmp_path / "graph.db"
    with closing(open_store(location, write=True)) as store:
        yield store


@pytest.mark.parametrize(
    ("type_", "first", "second"),
    [
        (DEPENDS_ON, {"deptypes": ("link",)}, {"deptypes": ("build",), "virtuals": ("mpi",)}),
        (RECORDED_IN, {"verified": False}, {"verified": True, "reason": "spliced"}),
        (BUILT_WITH, {"languages": ("c",)}, {"languages": ("fortran",)}),
    ],
)
@pytest.mark.parametrize("between", [True, False], ids=["flushed", "at-once"])
def test_first_properties_stay(
    store: Store, type_: RelationshipType, first: Properties, second: Properties, between: bool
) -> None:
    def load(*elements: Element) -> None:
        for element in elements:
            store.load([element])
            if between:
                store.flush()

    with store.writing():
        load(
            Relationships(type_, ["x"], "z", second),
            Relationships(type_, ["a", "b"], "z"),
            Relationships(type_, ["a"], "z", first),
            Pairs(type_, ["a", "b", "c", "x"], ["z", "z", "z", "y"], second),
            Pairs(type_, ["a", "b", "x"], ["z", "z", "z"], first),
            Relationships(type_, ["a", "b", "c"], "z"),
        )
    groups = store.starts_by_properties(type_, store.find(type_.end, "z"))
    assert {said: named(store, SPEC, starts) for said, starts in groups} == {
        values(type_, first): {"a"},
        values(type_, second): {"b", "c", "x"},
    }


def test_many_blocks(store: Store) -> None:
    """A thousand specs that depend on others in every block, in several flushes."""
    numbers = random.Random(7)
    needed = {key: {*numbers.choices(CHAIN, k=9)} for key in CHAIN}
    with store.writing():
        for first in range(0, len(CHAIN), 100):
            pairs = [(key, end) for key in CHAIN[first : first + 100] for end in needed[key]]
            starts, ends = zip(*pairs, strict=True)
            store.load([Pairs(DEPENDS_ON, starts, ends, {"deptypes": (f"{first}",)})])
            if first % 300 == 0:
                store.flush()
    node = {key: store.find(SPEC, key) for key in CHAIN}
    for key in CHAIN[::50]:
        assert named(store, SPEC, store.ends_of(DEPENDS_ON, [node[key]])) == needed[key]
        users = {start for start, ends in needed.items() if key in ends}
        assert named(store, SPEC, store.starts_of(DEPENDS_ON, node[key])) == users
    everywhere = {node[end] for ends in needed.values() for end in ends}
    assert {*store.ends_of(DEPENDS_ON, node.values())} == everywhere
    assert store.count(DEPENDS_ON) == sum(map(len, needed.values()))


def test_what_is_loaded_is_taken_out_without_a_flush(store: Store) -> None:
    with store.writing():
        store.load([Pairs(DEPENDS_ON, ["a", "b"], ["b", "c"])])
        store.flush()
        store.load([Pairs(DEPENDS_ON, ["c", "d"], ["a", "b"])])
        store.remove(SPEC, [store.find(SPEC, "a")])
        store.load([Pairs(DEPENDS_ON, ["d"], ["b"]), Relationships(BUILT_AS, ["a"], "d")])
    assert store.count(SPEC) == 4
    assert store.count(DEPENDS_ON) == 2
    b, d = store.find(SPEC, "b"), store.find(SPEC, "d")
    assert named(store, SPEC, store.starts_of(BUILT_AS, d)) == {"a"}
    assert named(store, SPEC, store.starts_of(DEPENDS_ON, b)) == {"d"}


def test_rows_come_to_stubs_and_new_specs_alike(store: Store) -> None:
    with store.writing():
        store.load([Pairs(DEPENDS_ON, ["a", "b"], ["b", "c"])])
        assert store.known(["a", "b", "c", "d"]) == {}
        properties = {"package": "zlib", "external": False}
        store.load([Nodes.of(SPEC, ["d", "b", "e", "b"], properties)])
        assert store.known(["a", "b", "d"]) == {"b": properties, "d": properties}
        store.flush()
        store.load([Nodes.of(SPEC, ["a", "b", "f"], {"version": "1"})])
        assert store.known(["a", "b", "c"]) == {
            "a": {"version": "1"},
            "b": {**properties, "version": "1"},
        }
    assert store.count(SPEC) == 6

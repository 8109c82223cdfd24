"""Stores with right checksums and wrong contents, and GraphML that no export wrote: errors."""

import gzip
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from cachegraph import questions
from cachegraph.errors import StoreError
from cachegraph.model.elements import Nodes
from cachegraph.model.schema import DEPENDS_ON, IN_STACK, PACKAGE, SPEC, STACK
from cachegraph.opening import open_store
from cachegraph.questions import UNEXPECTED
from cachegraph.questions.stats import Stats
from cachegraph.stores import Store
from cachegraph.stores.file.adjacency import BLOCK_BITS
from cachegraph.stores.file.blocks import Blocks
from cachegraph.stores.file.database import Database
from cachegraph.stores.file.keys import encode_leaf
from cachegraph.stores.file.packing import are_below, encode, join_parts, pack, pack_texts, unpack
from tests.support.corpus import lock, needs, node, write
from tests.support.sample import PAGES

HUGE = 1 << 62
Ask = Callable[[Store], Any]


def craft(path: Path, area: str, number: int, data: bytes, size: int = 1) -> None:
    """Writes a block as a store does, under all its checksums."""
    with closing(Database(str(path), write=True)) as database, database.transaction(0, print):
        blocks = Blocks(database)
        blocks.write(area, [(number, size, data)])
        blocks.seal()


def nodes(store: Store) -> Any:
    return [*store.nodes(SPEC)]


def starts(store: Store) -> Any:
    return [*store.starts_of(IN_STACK, 0)]


def everything(store: Store) -> Any:
    return [*store.elements()]


def values(name: str) -> Ask:
    return lambda store: [*store.values(SPEC, [0], (name,))]


def ends(store: Store) -> Any:
    return [*store.ends_of(DEPENDS_ON, [0])]


def every_end(store: Store, starts: Iterable[int]) -> Any:
    return [*store.adjacent(DEPENDS_ON, starts)]


def arrays(store: Any) -> Any:
    return store.adjacent_arrays(DEPENDS_ON)


def neighbour(id_: int, *places: int) -> bytes:
    """A block in which the first node has one neighbour, and no other has any."""
    return encode([0] + [1] * (1 << BLOCK_BITS), [id_], [0], places)


def texts(*values: str) -> bytes:
    """A block of texts, of which the first is number 1."""
    return pack_texts(["", *values])


CRAFTED: list[tuple[str, int, bytes, Ask]] = [
    ("Spec keys", HUGE, pack_texts(["a"]), nodes),
    ("Spec keys", 0, pack_texts(["a", None]), lambda s: [*s.values(SPEC, [1], ("hash",))]),
    ("Spec keys", 0, b"j" + b"[" * 5000, nodes),
    ("Spec keys", 0, b'j{"a": 1}', nodes),
    ("Spec keys", 0, b"j[1]", nodes),
    ("Spec keys", 0, b"t\xff", nodes),
    ("Spec keys", 0, b"x", nodes),
    ("Spec index", 0, join_parts([pack_texts(["", "a"]), pack([1])]), lambda s: s.find(SPEC, "a")),
    ("Spec index", 0, join_parts([pack_texts([""]), pack([77])]), lambda s: s.find(SPEC, "a")),
    ("Spec index", 0, join_parts([pack_texts(["", "0"]), pack([1, 2])]), lambda s: s.keys(SPEC)),
    ("Stack index", 1, join_parts([pack_texts(["b", "a"]), pack([1, 2])]), lambda s: s.keys(STACK)),
    ("Spec index", 1, b"\xff\xff\xff\xff", lambda store: store.find(SPEC, "a")),
    ("IN_STACK", 0, b"n" + pack([1, HUGE]), starts),
    ("IN_STACK", 0, b"b" + bytes(5000) + b"\x01", starts),
    ("IN_STACK", 0, b"n", starts),
    ("IN_STACK", 0, b"n" + b"I123", starts),
    ("IN_STACK", 0, b"n" + b"d" + bytes(8), starts),
    ("IN_STACK", HUGE, b"n" + pack([1]), everything),
    ("IN_STACK", HUGE, b"n" + pack([1]), lambda store: [*store.ends_of(IN_STACK, [1])]),
    ("IN_STACK", HUGE, b"n" + pack([1]), lambda store: [*store.adjacent(IN_STACK, [1])]),
    ("DEPENDS_ON out", 0, encode([0] * (1 << BLOCK_BITS) + [1], [HUGE], [0], []), everything),
    ("DEPENDS_ON out", 0, neighbour(1 << 20), ends),
    ("DEPENDS_ON out", 0, neighbour(1 << 9), ends),
    ("DEPENDS_ON out", 0, neighbour(0, 1), lambda store: every_end(store, [0])),
    ("DEPENDS_ON out", 0, neighbour(1 << 9), arrays),
    ("DEPENDS_ON out", 0, neighbour(0, 1), arrays),
    ("DEPENDS_ON out", 0, encode([2] + [1] * (1 << BLOCK_BITS), [0], [0], []), arrays),
    ("DEPENDS_ON out", 77, neighbour(0), lambda s: every_end(s, [77 << BLOCK_BITS])),
    ("DEPENDS_ON in", 0, neighbour(HUGE), lambda s: [*s.starts_of(DEPENDS_ON, 0)]),
    ("DEPENDS_ON out", 0, encode([0]), lambda store: [*store.ends_of(DEPENDS_ON, [0])]),
    ("Spec.version", 0, pack([HUGE]), values("version")),
    ("Spec.version", 0, b"Q", values("version")),
    ("Spec.specfile_version", 0, pack([1]), values("specfile_version")),
    ("Spec.external", 0, pack([1]), values("external")),
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "graph.db"
    cachegraph.open(path).import_(PAGES)
    return path.read_bytes()


@pytest.mark.parametrize(("area", "number", "data", "ask"), CRAFTED)
def test_block_that_no_store_has(
    tmp_path: Path, whole: bytes, area: str, number: int, data: bytes, ask: Ask
) -> None:
    path = tmp_path / "graph.db"
    path.write_bytes(whole)
    craft(path, area, number, data)
    with closing(open_store(path)) as store, pytest.raises(StoreError, match="is damaged"):
        ask(store)


@pytest.mark.parametrize(
    ("property_", "text"),
    [
        ("size", "1" * 5000),
        ("size", str(1 << 63)),
        ("size", "many"),
        ("external", "maybe"),
        ("variants", '\x1e{"a": "b"}'),
        ("variants", "\x1e[[]]"),
        ("variants", "\x1e" + "[" * 5000),
        ("variants", "\x1e[1]"),
    ],
)
def test_value_that_is_not_of_its_type(
    tmp_path: Path, whole: bytes, property_: str, text: str
) -> None:
    path = tmp_path / "graph.db"
    path.write_bytes(whole)
    craft(path, "texts", 0, texts(text))
    craft(path, f"Spec.{property_}", 0, pack([1] * 390))
    with closing(open_store(path)) as store, pytest.raises(StoreError, match="is damaged"):
        values(property_)(store)


def test_groups_without_names(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "graph.db"
    path.write_bytes(whole)
    craft(path, "Spec.version", 0, pack([0, 1] * 195))
    craft(path, "Spec.package", 0, pack([1] * 390))
    craft(path, "Spec.alike", 0, pack([*range(1, 14)] * 30))
    with cachegraph.open(path) as graph:
        found = graph.duplicates()["groups"]
    assert {one["alike"] for one in found} == {f"{n:016x}" for n in range(1, 14)}


def test_a_value_of_a_wrong_type_is_told_in_an_import(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "graph.db"
    path.write_bytes(whole)
    with cachegraph.open(path) as graph:
        hashes = [row["hash"] for row in graph.find("*")["specs"]]
    craft(path, "Spec.size", 0, pack([1] * 390))  # the first text, which is no number
    with (
        closing(open_store(path, write=True)) as store,
        pytest.raises(StoreError, match="is damaged"),
        store.writing(),
    ):
        store.known(hashes)


def test_a_key_of_no_node_is_told_in_an_import(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "graph.db"
    path.write_bytes(whole)
    craft(path, "Package index", 1, encode_leaf(["py-ml-dtypes", "py-mpi4py"], [0, 77]))
    top = encode_leaf(["py-ml-dtypes"], [1])
    craft(path, "Package index", 0, top)
    with (
        closing(open_store(path, write=True)) as store,
        pytest.raises(StoreError, match="is damaged"),
        store.writing(),
    ):
        store.load([Nodes.of(PACKAGE, ["py-mpi4py"], {})])


def test_a_spec_whose_hash_is_empty(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "graph.db"
    path.write_bytes(whole)
    with cachegraph.open(path) as graph:
        keys = [row["hash"] for row in graph.find("*")["specs"]]
    craft(path, "Spec keys", 0, pack_texts(["", *keys[1:128]]), 128)
    with cachegraph.open(path) as graph:
        assert {row["hash"] for row in graph.find("*")["specs"]} >= {""}


def test_a_path_that_only_one_direction_has(tmp_path: Path) -> None:
    zlib = node("zlib")
    app = node("app", needs(zlib))
    path = tmp_path / "graph.db"
    with cachegraph.open(path) as graph:
        graph.import_(write(tmp_path / "env" / "spack.lock", lock(app, zlib)))
        assert len(graph.deps("app", path="zlib")["path"]) == 2
    craft(path, "DEPENDS_ON out", 0, encode([0] * ((1 << BLOCK_BITS) + 1), [], [0], []), 0)
    with cachegraph.open(path) as graph, pytest.raises(StoreError, match="is damaged"):
        graph.deps("app", path="zlib")


def test_what_contradicts_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The edge of all questions: whatever one raises of such a store becomes the store's error."""
    monkeypatch.setattr(questions, "UNEXPECTED", UNEXPECTED)

    def walk(*_: object) -> None:
        raise KeyError(0)

    monkeypatch.setattr(Stats, "walk", walk)
    with cachegraph.open(":memory:") as graph, pytest.raises(StoreError) as caught:
        graph.stats()
    assert caught.value.message == "what the store holds contradicts itself (KeyError: 0)"


def test_bounds_after_the_end_of_a_block(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "graph.db"
    path.write_bytes(whole)
    bounds = [0, 1 << 40] + [1] * ((1 << BLOCK_BITS) - 1)
    craft(path, "DEPENDS_ON out", 0, encode(bounds, [5], [0], []))
    with closing(open_store(path)) as store:
        assert [[*ids] for ids, _ in store.adjacent(DEPENDS_ON, [0])] == [[5]]


def test_numbers_below_a_limit() -> None:
    for limit in (1, 200, 256, 300, 1 << 16, 70_000, 1 << 24, 1 << 31):
        assert are_below(unpack(memoryview(pack([0, limit - 1]))), limit)
        largest = 256 * limit if limit > 1 else 1
        assert not are_below(unpack(memoryview(pack([0, largest]))), limit)
    assert are_below(unpack(memoryview(pack([]))), 0)
    assert not are_below(unpack(memoryview(pack([200]))), 200)


def test_the_largest_integers_are_values(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "graph.db"
    path.write_bytes(whole)
    craft(path, "texts", 0, texts(str((1 << 63) - 1)))
    craft(path, "Spec.size", 0, pack([1] * 390))
    with closing(open_store(path)) as store:
        assert values("size")(store) == [((1 << 63) - 1,)]


SPEC_NODE = '<node id="Spec:a"><data key="k">Spec</data><data key="h">a</data>{}</node>'
STACK_NODE = '<node id="Stack:r/s"><data key="k">Stack</data><data key="y">r/s</data></node>'
EDGE = '<edge source="{}" target="{}"><data key="e">{}</data>{}</edge>'


def graphml(body: str, **types: str) -> str:
    """A GraphML file with the declarations that the nodes above need, and others by name."""
    named = {"k": "kind", "h": "hash", "y": "key", "v": "version", "s": "size", "l": "variants"}
    keys = "".join(
        f'<key id="{id_}" for="node" attr.name="{name}" attr.type="{types.get(name, "string")}"/>'
        for id_, name in [*named.items(), ("x", "external")]
    )
    return (
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
        f'{keys}<key id="e" for="edge" attr.name="kind" attr.type="string"/>'
        '<key id="d" for="edge" attr.name="deptypes" attr.type="string"/>'
        f'<graph edgedefault="directed">{body}</graph></graphml>'
    )


def data(key: str, text: str) -> str:
    return SPEC_NODE.format(f'<data key="{key}">{text}</data>')


BAD_GRAPHML = [
    (graphml(data("v", "5"), version="int"), "version that is no string: '5'"),
    (graphml(data("v", "1e999"), version="double"), "version that is no string: 'inf'"),
    (graphml(data("s", "5")), "size that is no integer: '5'"),
    (graphml(data("s", str(1 << 63)), size="long"), "an integer of 64 bits expected"),
    (graphml(data("s", "9" * 5000), size="long"), "not GraphML of cachegraph"),
    (graphml(data("s", "true"), size="boolean"), "size that is no integer: 'True'"),
    (graphml(data("x", "2"), external="int"), "external that is no boolean: '2'"),
    (graphml(data("l", "zlib")), "Spec:a"),
    (graphml(data("l", "null")), "a list of texts expected, not null"),
    (graphml(data("l", "[null]")), "a list of texts expected"),
    (graphml(data("l", "[[]]")), "a list of texts expected"),
    (graphml(data("l", "[" * 5000)), "node Spec:a"),
    (graphml(data("l", "5"), variants="int"), "variants that is no list of strings: '5'"),
    (graphml(data("h", "b")), "not named after its label and key"),
    (graphml(data("k", "Spack")), "unknown kind 'Spack'"),
    (graphml(data("k", "5"), kind="int"), "not GraphML of cachegraph|unknown kind"),
    (
        graphml(SPEC_NODE.format("") + EDGE.format("Spec:a", "Spec:b", "DEPENDS_ON", "")),
        "Spec:b is without 'kind'",
    ),
    (graphml(SPEC_NODE.format("") + EDGE.format("Spec:a", "Spec:a", "OWNS", "")), "unknown kind"),
    (
        graphml(
            SPEC_NODE.format("") + STACK_NODE + EDGE.format("Stack:r/s", "Spec:a", "IN_STACK", "")
        ),
        "Stack:r/s is no Spec",
    ),
    (graphml('<node id="a"><graph/></node>'), "node a is without 'kind'"),
    (graphml("<hyperedge/>"), "not GraphML of cachegraph"),
    (graphml('<edge source="a"/>'), "node a is without 'kind'"),
    (graphml("<node/>"), "GraphML"),
    (graphml("<data>" * 100_000), "not GraphML of cachegraph"),
    ('<?xml version="1.0" encoding="nonsense"?>' + graphml(""), "not GraphML of cachegraph"),
    ('<?xml version="1.0" encoding="big5"?>' + graphml(""), "not GraphML of cachegraph"),
    ('<?xml version="1.0" encoding="hex"?>' + graphml(""), "not GraphML of cachegraph"),
    (graphml("", kind="nonsense"), "not GraphML of cachegraph"),
]


@pytest.mark.parametrize(("text", "message"), BAD_GRAPHML)
def test_graphml_that_no_export_wrote(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "graph.graphml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StoreError, match=message) as caught:
        cachegraph.open(path).stats()
    assert caught.value.message.startswith(str(path))
    assert len(caught.value.message) < 500


def test_graphml_that_unpacks_hugely(tmp_path: Path) -> None:
    path = tmp_path / "graph.graphml.gz"
    path.write_bytes(gzip.compress(graphml(data("h", "a" * 8_000_000)).encode()))
    with pytest.raises(
        StoreError, match=r"larger than 4,[0-9,]+ bytes when decompressed"
    ) as caught:
        cachegraph.open(path).stats()
    assert caught.value.hint == "if it is what you mean, decompress it first (gunzip)"


def test_graphml_of_another_program_with_our_names(tmp_path: Path) -> None:
    path = tmp_path / "graph.graphml"
    belongs = EDGE.format("Spec:a", "Stack:r/s", "IN_STACK", "")
    path.write_text(graphml(data("s", "5") + STACK_NODE + belongs, size="long"), encoding="utf-8")
    with cachegraph.open(path) as graph:
        assert [*graph.store.values(SPEC, ["Spec:a"], ("hash", "size"))] == [("a", 5)]
        assert graph.store.keys(STACK) == ["r/s"]
        assert graph.store.count(IN_STACK) == 1

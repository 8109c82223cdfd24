"""What is read in another way in large graphs, here with everything taken for large."""

import random
from contextlib import closing
from itertools import chain
from pathlib import Path

import pytest
from click.testing import CliRunner

import cachegraph
from cachegraph.analysis.comparison import near_duplicates, shared_counts
from cachegraph.cli import cli
from cachegraph.model import long_rows
from cachegraph.model.schema import RECORDED_IN, SOURCE, SPEC
from cachegraph.opening import open_store
from cachegraph.output import render, tables
from cachegraph.stores.file import id_sets, keys, packing, spans
from cachegraph.stores.file.id_sets import IdSet, ends_of_range, intersects, members_in
from cachegraph.stores.file.store import FileStore
from tests.support.corpus import dag_hash, spec, write_page
from tests.support.sample import PAGES

NAMES = [f"{letter}{last}" for letter in "abcdefgh" for last in "abcdefgh"]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Eight packages of eight specs, of each package two by two alike."""
    for place in range(8):
        specs = [
            spec(name, "e4s" if number % 2 else "hep", versions=[f"{number // 2}"])
            for number, name in enumerate(NAMES[place * 8 : place * 8 + 8])
        ]
        write_page(tmp_path / "site", f"package-{place}", specs)
    with cachegraph.open(tmp_path / "graph.db") as graph:
        graph.import_(tmp_path / "site", PAGES)
    return tmp_path / "graph.db"


@pytest.mark.parametrize(
    "words",
    [
        ["find", "os=*"],
        ["find", "os=*", "--json"],
        ["find", "os=*", "--csv", "--limit", "5"],
        ["find", "os=*", "--section", "specs", "--json"],
        ["find", "os=*", "--markdown"],
        ["duplicates"],
        ["duplicates", "--json"],
        ["duplicates", "--within", "--csv"],
    ],
    ids=" ".join,
)
def test_rows_made_some_at_a_time_are_the_same(
    store: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setattr(render, "_LONG_ANSWER", 0)
    asked = [*words, "--store", str(store)]
    at_once = CliRunner().invoke(cli, asked, catch_exceptions=False)
    monkeypatch.setattr(long_rows, "_AT_ONCE", 3)
    monkeypatch.setattr(near_duplicates, "_AT_ONCE", 2)
    monkeypatch.setattr(tables, "CHUNK", 3)
    monkeypatch.setattr(render, "CHUNK", 3)
    monkeypatch.setattr(keys, "_MANY", 0)
    one_by_one = CliRunner().invoke(cli, asked, catch_exceptions=False)
    assert one_by_one.exit_code == 0
    assert one_by_one.output == at_once.output
    assert len(at_once.output.splitlines()) > 5


def test_an_answer_of_the_library_is_all_there(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_rows, "_AT_ONCE", 3)
    with cachegraph.open(store) as graph:
        answer = graph.find("package-3")
    assert isinstance(answer["specs"], list)
    pairs = [NAMES[first : first + 2] for first in range(24, 32, 2)]
    hashes = [sorted(map(dag_hash, pair)) for pair in pairs]
    assert [row["hash"] for row in answer["specs"]] == [*chain.from_iterable(hashes)]


def test_spans_leave_out_no_set(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans, "_MANY", 2)

    def sources() -> list[tuple[int, ...]]:
        with closing(open_store(str(store))) as opened:
            return [
                tuple(sorted(opened.ends_of(RECORDED_IN, [node]))) for node in [*opened.nodes(SPEC)]
            ]

    def span_block() -> bytes:
        with closing(FileStore(str(store))) as opened:
            return opened.blocks.read("RECORDED_IN spans", 0)

    before = sources()
    assert not span_block()
    with closing(open_store(str(store), write=True)) as opened, opened.writing():
        pass
    assert span_block()
    assert sources() == before
    assert {len(found) for found in before} == {1}
    # One package anew, with another spec; and one stack gone.
    specs = [spec("new", "e4s"), *(spec(name, "e4s") for name in NAMES[:4])]
    write_page(store.parent / "site", "package-0", specs)
    with cachegraph.open(store) as graph:
        graph.import_(store.parent / "site")
        graph.remove("develop/hep")
    with closing(FileStore(str(store))) as opened:
        for node in opened.nodes(SPEC):
            wanted = {
                end for end in opened.nodes(SOURCE) if node in opened.starts_of(RECORDED_IN, end)
            }
            assert {*opened.ends_of(RECORDED_IN, [node])} == wanted


def test_spans_of_other_sets_leave_out_nothing(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spans, "_MANY", 2)
    with closing(open_store(str(store), write=True)) as opened, opened.writing():
        pass
    # As by an earlier cachegraph, which knows nothing of them.
    monkeypatch.setattr(spans, "_SPANNED", ())
    with cachegraph.open(store) as graph:
        graph.remove("develop/hep")
        card = graph.show(f"/{dag_hash(NAMES[0])}")["specs"][0]
    assert [source["format"] for source in card["sources"]] == ["page"]


SETS = [(0, 0), (1, 10), (5, 1 << 20), (16, 40), (17, 90), (4096, 1 << 16), (4097, 1 << 16)]


@pytest.mark.parametrize(("count", "below"), [*SETS, (30_000, 200_000)])
def test_forms_of_a_set_hold_the_same(count: int, below: int) -> None:
    members = random.Random(count).sample(range(below), count)
    some = IdSet(members)
    from_bits = id_sets.decode(b"b" + some.bits.to_bytes(below + 7 >> 3, "little"), below)
    assert [*from_bits] == [*some] == sorted(members)
    assert {*some.bitmap()} == {*from_bits.bitmap()} == {*members}
    wanted = [*members[:3], *range(0, below, below // 5 + 1)]
    for blob in (some.encode(), b"b" + from_bits.encode()[1:]) if members else ():
        if blob[:1] == b"b" and some.encode()[:1] != b"b":
            continue
        for asked in (IdSet(wanted), IdSet(range(100))):
            found = {*members} & {*asked}
            assert {*members_in(blob, asked)} == found
            assert intersects(blob, asked) == bool(found)
        assert ends_of_range(blob) == (min(members), max(members))


def test_counts_of_pairs_are_those_of_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    random_ = random.Random(3)
    ids = [random_.sample(range(100_000), random_.randint(0, 9000)) for _ in range(6)]
    wanted = [
        [len({*one} & {*other}) for other in ids[: place + 1]] for place, one in enumerate(ids)
    ]
    as_texts = [frozenset(map(str, one)) for one in ids]
    for few in (100, 0):
        monkeypatch.setattr(shared_counts, "_FEW", few)
        assert shared_counts.shared_counts([*map(IdSet, ids)]) == wanted
        assert shared_counts.shared_counts(as_texts) == wanted


@pytest.mark.parametrize(
    "texts",
    [["aa", "bb", "cc"], ["a", "bb"], ["", "", ""], ["äa", "bb"], [None, "aa"], ["aa"], ["a", ""]],
)
def test_texts_are_taken_as_they_were_packed(texts: list[str | None]) -> None:
    data = packing.pack_texts(texts)
    taken = packing.texts_in(data)
    assert [taken[place] for place in range(len(texts))] == texts
    with pytest.raises(IndexError):
        taken[len(texts)]

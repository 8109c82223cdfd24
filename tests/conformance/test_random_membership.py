"""What stacks hold, of random caches, against sets counted the obvious way."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cachegraph
from tests.conformance.test_random import STACKS, VISIBLE, caches, normal
from tests.support.corpus import page

LEVELS = {
    "hash": ("hash",),
    "alike": VISIBLE,
    "spec": ("package", "version", "variants"),
    "version": ("package", "version"),
    "package": ("package",),
}
Specs = Mapping[str, Mapping[str, Any]]
Held = Mapping[str, set[str]]


@pytest.mark.slow
@given(cache=caches, chosen=st.sets(st.sampled_from(STACKS), min_size=1))
def test_against_sets(cache: dict[str, list[dict[str, Any]]], chosen: set[str]) -> None:
    specs: dict[str, dict[str, Any]] = {}
    with TemporaryDirectory() as folder:
        for package, entries in cache.items():
            new = {entry["hash"]: entry for entry in entries if entry["hash"] not in specs}
            specs |= {hash_: normal(entry, package) for hash_, entry in new.items()}
            (Path(folder) / f"{package}.md").write_text(page(package, new.values()))
        held = {
            f"develop/{stack}": {h for h, entry in specs.items() if stack in entry["stacks"]}
            for stack in sorted(chosen)
        }
        held = {key: members for key, members in held.items() if members}
        for store in (":memory:", str(Path(folder) / "graph.db")):
            with cachegraph.open(store) as graph:
                graph.import_(folder)
                if held:
                    check_shared(graph, specs, held)
                    check_duplicates(graph, specs, held)
                    check_unique(graph, specs)


def told_apart(specs: Specs, hashes: set[str], names: Sequence[str]) -> dict[Any, set[str]]:
    """The hashes by what they have in these properties."""
    found = defaultdict(set)
    for hash_ in hashes:
        found[tuple(specs[hash_][name] for name in names)].add(hash_)
    return found


def check_shared(graph: cachegraph.Graph, specs: Specs, held: Held) -> None:
    every = {*chain.from_iterable(held.values())}
    for level, names in LEVELS.items():
        sides = {key: told_apart(specs, members, names).keys() for key, members in held.items()}
        for at_least in range(1, len(held) + 1):
            expected = []
            for equal, hashes in told_apart(specs, every, names).items():
                stacks = sorted(key for key, side in sides.items() if equal in side)
                if len(stacks) >= at_least:
                    expected.append((sorted(hashes), stacks))
            rows: Any = graph.shared(*held, at_least=at_least, level=level)["specs"]
            found = [(row.get("hashes") or [row["hash"]], row["stacks"]) for row in rows]
            assert sorted(found) == sorted(expected)
            for row, (same, _) in zip(rows, found, strict=True):
                assert all(shown(row.get(n)) == shown(specs[same[0]][n]) for n in names)


def shown(value: Any) -> Any:
    return None if value == "none" else value if isinstance(value, str | None) else sorted(value)


def check_duplicates(graph: cachegraph.Graph, specs: Specs, held: Held) -> None:
    every = {*chain.from_iterable(held.values())}
    groups = [group for group in told_apart(specs, every, VISIBLE).values() if len(group) > 1]
    for within in (False, True):
        expected = []
        for group in groups:
            in_one = {key: len(group & members) for key, members in held.items()}
            if max(in_one.values()) > within:
                stacks = sorted(key for key, count in in_one.items() if count)
                expected.append((sorted(group), stacks, max(in_one.values()), len(group) - 1))
        answer = graph.duplicates(*held, within=within)
        rows = answer["groups"]
        found = [(g["hashes"], g["stacks"], g["within"], g["redundant"]) for g in rows]
        assert sorted(found) == sorted(expected)
        assert answer["specs"] == sum(len(group) for group, *_ in expected)
        assert answer["redundant"] == sum(redundant for *_, redundant in expected)
        ranked = [(-g["redundant"], g["package"], g["version"], g["alike"]) for g in rows]
        assert ranked == sorted(ranked)


def check_unique(graph: cachegraph.Graph, specs: Specs) -> None:
    everything = {stack for entry in specs.values() for stack in entry["stacks"]} - {"root"}
    for stack in everything:
        mine = {h for h, entry in specs.items() if stack in entry["stacks"]}
        rest = everything - {stack}
        others = {h for h, entry in specs.items() if rest & {*entry["stacks"]}}
        for level, names in LEVELS.items():
            own, theirs = (told_apart(specs, hashes, names) for hashes in (mine, others))
            expected = sorted(sorted(own[equal]) for equal in own.keys() - theirs.keys())
            answer: Any = graph.unique(stack, level=level)
            assert sorted(r.get("hashes") or [r["hash"]] for r in answer["specs"]) == expected
            for section, pair in (("versions", "version"), ("cells", "target")):
                sides = (told_apart(specs, hashes, ("package", pair)) for hashes in (mine, others))
                lost = sorted(next(sides).keys() - next(sides).keys())
                assert [(r["package"], r[pair]) for r in answer[section]] == lost

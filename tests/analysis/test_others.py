"""The builds that pins lead to are looked up in other stacks layer by layer, not one by one."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

import cachegraph
from cachegraph.model.schema import OF_PACKAGE, RelationshipType
from cachegraph.stores.networkx import NetworkXStore
from tests.support.corpus import lock, needs, node, write
from tests.support.made_up_pairs import Made, variants

LAYERS = ("abcde", "fghij", "klmno")


def stack(*, pic: bool) -> list[Made]:
    """zlib, five packages that need it, five that need each of these, and again."""
    layers = [[node("zlib", parameters=variants(pic=pic))]]
    for names in LAYERS:
        below = layers[-1]
        layers.append([node(name, *map(needs, below)) for name in names])
    return [one for layer in layers for one in layer]


def test_a_server_is_asked_once_for_each_layer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    read = NetworkXStore.starts_of_any

    def counted(self: NetworkXStore, type_: RelationshipType, ends: Iterable[str]) -> Any:
        ends = [*ends]
        asked.extend([len(ends)] if type_ is OF_PACKAGE else [])
        return read(self, type_, ends)

    for name, pic in (("ours", False), ("theirs", True)):
        write(tmp_path / "r" / name / "spack.lock", lock(*stack(pic=pic)))
    with cachegraph.open(":memory:") as graph:
        graph.import_(tmp_path / "r")
        monkeypatch.setattr(NetworkXStore, "starts_of_any", counted)
        answer = graph.what_if("zlib +pic", stacks=("ours",))
    # The other stack has all sixteen as they become.
    assert (answer["builds"], answer["after"], answer["new"]) == (16, 16, 0)
    assert answer["others"]["shared_after"] == 16
    # The first is what the value needs, which no spec of ours has.
    assert asked == [1, *map(len, LAYERS)]

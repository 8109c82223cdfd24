"""The table of ids finds what a dict finds."""

import pytest

from cachegraph.model import id_table
from cachegraph.model.id_table import IdTable


@pytest.mark.parametrize("bits", [32, 64])
def test_the_same_as_a_dict(monkeypatch: pytest.MonkeyPatch, bits: int) -> None:
    monkeypatch.setattr(id_table, "_LEAST", 2)
    if bits < 64:
        monkeypatch.setattr(id_table, "key_hash", id_table._digest)
    table, known = IdTable(), dict[str, int]()
    assert table.find(["0"]) == {}
    for first in range(0, 3000, 100):
        new = {str(number): number for number in range(first, first + 100)}
        table.add(new.items(), len(new))
        known |= new
        asked = [str(number) for number in range(first + 150)]
        assert table.find(asked) == known


def test_keys_in_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(id_table, "key_hash", lambda key: int(key) << 20)
    table = IdTable()
    table.add(((str(number), number) for number in range(8)), 8)
    assert table.find(map(str, range(9))) == {str(number): number for number in range(8)}

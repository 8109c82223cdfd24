"""A short run of each program that tries to break a store; by hand they run for an hour."""

from pathlib import Path

import pytest

from cachegraph.exports import FORMATS
from tests.torture import beside, craft, damage, exports, kill

pytestmark = pytest.mark.slow


def test_damaged_stores(tmp_path: Path) -> None:
    asked = set()
    for kind, number, outcomes in damage.torture(tmp_path, seed=1, seconds=600, most=40):
        asked.add(kind)
        for outcome in outcomes:
            assert outcome.what in ("right", "told"), (kind, number, outcome)
    assert len(asked) == len(damage.KINDS)


def test_crafted_stores(tmp_path: Path) -> None:
    found = [*craft.torture(tmp_path, seed=1, seconds=600, most=40)]
    assert found == [*range(40)]


def test_killed_imports(tmp_path: Path) -> None:
    found = [*kill.torture(tmp_path, seed=1, seconds=600, most=5)]
    assert [one for one in found if one.fault] == []


def test_killed_exports(tmp_path: Path) -> None:
    found = [*exports.torture(tmp_path, seed=1, seconds=600, most=len(FORMATS))]
    assert [one for one in found if one.fault] == []
    assert {one.form for one in found} == {*FORMATS}


def test_readers_beside_writers(tmp_path: Path) -> None:
    found = [*beside.torture(tmp_path, seed=1, seconds=4)]
    assert [detail for what, detail in found if what == "fault"] == []
    assert {"read", "written"} <= {what for what, _ in found}

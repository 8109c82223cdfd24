"""A few seconds of the hostile server of ``tests.torture.server``."""

import pytest

from tests.reading import test_remote
from tests.torture.server import torture

cache = test_remote.cache


@pytest.mark.slow
def test_a_hostile_server() -> None:
    outcomes, faults = torture(14, 6)
    assert faults == []
    assert outcomes["imported"]
    assert outcomes["FetchError"]

"""What is sent to a server does not stay in memory: a load sends a whole graph."""

import gc
from contextlib import closing
from typing import Any
from weakref import ref

import pytest

from cachegraph.neo4j.connection import Connection


class Sent(list[str]):
    """Rows of which it is seen whether they are in memory."""


@pytest.fixture
def without_collector() -> Any:
    """As in a command, which has no collector running."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("without_collector")
def test_what_was_written_is_not_kept(neo4j_emptied: str) -> None:
    rows = [Sent(["one", "two"])]
    kept = ref(rows[0])
    with closing(Connection(neo4j_emptied)) as connection:
        text = "RETURN size($rows)"
        found = connection.write(lambda tx: tx.run(text, {"rows": rows.pop()}).values())
        assert found == [[2]]
        assert kept() is None

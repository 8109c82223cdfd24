"""Short runs of the torture, always the same ones."""

from collections.abc import Iterator

import pytest
from neo4j import Session

from cachegraph.neo4j.connection import Connection
from tests.torture import arguments, documents, statements


@pytest.mark.slow
def test_mutated_documents() -> None:
    torture = documents.Torture(seed=0)
    torture.run(seconds=3600, most=300)
    assert torture.failures == {}


@pytest.mark.slow
def test_arguments() -> None:
    torture = arguments.Torture(seed=0)
    torture.run(seconds=3600, most=300)
    assert torture.failures == {}


@pytest.fixture
def session(neo4j_store: str) -> Iterator[Session]:
    connection = Connection(neo4j_store)
    with connection.session() as session:
        yield session
    connection.close()


@pytest.mark.slow
@pytest.mark.newest
def test_random_statements(session: Session) -> None:
    counts, bad = statements.torture(session, seed=0, seconds=3600, most=1000)
    assert bad == []
    assert counts["refused, more"]  # the statements are such that some would write

"""The Neo4j of the tests: it is emptied, asks for its password, and is missed in CI."""

import os
from dataclasses import replace

import pytest
from neo4j.exceptions import AuthError

from tests.support.server import Database, UnavailableError
from tests.support.server.plugin import missing


def test_a_store_is_empty_whatever_was_there(neo4j_store: str, neo4j_server: Database) -> None:
    def left() -> list[int]:
        asked = ("MATCH (n)", "MATCH ()-[n]->()", "SHOW CONSTRAINTS YIELD name AS n")
        return [len(neo4j_server.run(f"{what} RETURN n")) for what in asked]

    neo4j_server.run("UNWIND range(1, 6000) AS i CREATE (:One {key: i})-[:TO]->(:Other)")
    neo4j_server.run("CREATE CONSTRAINT `a``b` FOR (n:One) REQUIRE n.key IS UNIQUE")
    neo4j_server.run("CREATE INDEX other FOR (n:Other) ON (n.name)")
    assert left() == [12000, 6000, 1]
    neo4j_server.wipe()
    assert left() == [0, 0, 0]
    kinds = neo4j_server.run("SHOW INDEXES YIELD type RETURN DISTINCT type")
    assert kinds == [{"type": "LOOKUP"}]


def test_the_credentials_of_a_store_are_in_the_environment(neo4j_store: str) -> None:
    names = ("NEO4J_USERNAME", "NEO4J_PASSWORD", "NEO4J_DATABASE")
    told = Database(neo4j_store, *(os.environ[name] for name in names))
    assert told.run("RETURN 1 AS one") == [{"one": 1}]


def test_another_password_is_refused(neo4j_server: Database) -> None:
    with pytest.raises(AuthError):
        replace(neo4j_server, password="not-the-password").size()


@pytest.mark.parametrize(
    ("uri", "loopback"),
    [
        ("bolt://localhost:7687", True),
        ("neo4j://127.0.0.2", True),
        ("bolt://[::1]:7687", True),
        ("bolt://localhost.example.org", False),
        ("neo4j+s://127.0.0.1.example.org", False),
        ("bolt://192.168.0.1:7687", False),
    ],
)
def test_only_a_database_of_this_machine_is_emptied_unasked(uri: str, loopback: bool) -> None:
    assert Database(uri).loopback is loopback


@pytest.mark.parametrize(
    ("ci", "required", "kind"),
    [
        ("", "", pytest.skip.Exception),
        ("false", "0", pytest.skip.Exception),
        ("true", "", pytest.fail.Exception),
        ("", "1", pytest.fail.Exception),
    ],
)
def test_without_a_server_ci_fails(
    monkeypatch: pytest.MonkeyPatch, ci: str, required: str, kind: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("CACHEGRAPH_REQUIRE_SERVER", required)
    assert type(missing(UnavailableError("no Java"))) is kind

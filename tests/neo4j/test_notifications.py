"""The server has nothing to remark on our statements: no notification, and no careless plan."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from neo4j import Driver

from cachegraph.model.schema import MARKER, NODE_TYPES, RELATIONSHIP_TYPES, SPEC
from cachegraph.neo4j import cypher_files, statements
from cachegraph.neo4j.own_statements import OWN_STATEMENTS
from cachegraph.neo4j.prepare import prepare
from cachegraph.neo4j.store import Neo4jStore
from tests.neo4j.test_cypher import (
    GIVEN,
    GIVEN_TO_OWN,
    REPLAN,
    TEXTS,
    WITH_PARAMETERS,
    fill,
    languages,
    names,
    parameters,
)
from tests.support.loading import in_environment
from tests.support.server import Database

pytestmark = pytest.mark.newest
CARELESS = {"AllNodesScan", "CartesianProduct"}
GIVEN_TO_ALL = {**GIVEN, **GIVEN_TO_OWN, "prefix": "a", "limit": 1}


def all_texts() -> Iterator[tuple[str, Callable[[], str]]]:
    """Every statement that is made from the schema, with a name for it."""
    yield from ((name, text) for name, (text, _) in TEXTS.items())
    for label in (*NODE_TYPES, MARKER):
        for build in (
            statements.all_keys,
            statements.all_nodes,
            statements.clear,
            statements.count,
            statements.create_nodes,
            statements.keys_with_prefix,
            statements.remove_up_to,
        ):
            yield f"{build.__name__} {label.label}", partial(build, label)
    for type_ in RELATIONSHIP_TYPES:
        for build_ in (
            statements.all_relationships,
            statements.count,
            statements.starts_of_any,
        ):
            yield f"{build_.__name__} {type_.name}", partial(build_, type_)
    of_specs = tuple(type_ for type_ in RELATIONSHIP_TYPES if type_.end is SPEC)
    yield "has size", partial(statements.has_values, SPEC, "size")
    yield "unreferenced", partial(statements.unreferenced, of_specs)
    yield from ((f"own {name}", partial(str, text)) for name, text in OWN_STATEMENTS.items())


@pytest.fixture(scope="module")
def heard(neo4j_server: Database) -> Iterator[Driver]:
    """A driver that is told of everything, and prints nothing."""
    with neo4j_server.driver(warn_notification_severity="OFF") as driver:
        yield driver


@pytest.fixture(scope="module", params=["empty", "sample"])
def prepared(
    request: pytest.FixtureRequest, neo4j_server: Database, heard: Driver
) -> Iterator[Driver]:
    """A driver of a database that cachegraph has prepared, before and after an import."""
    neo4j_server.wipe()
    with in_environment(neo4j_server):
        if request.param == "empty":
            store = Neo4jStore(neo4j_server.uri, write=True)
            prepare(store.connection)
            store.close()
            # A server knows this name from the first import on; the others have an index.
            neo4j_server.run(f"CREATE (n:{MARKER.label} {{model: 0}}) DELETE n")
        else:
            fill(neo4j_server.uri)
    heard.execute_query(REPLAN)
    yield heard
    neo4j_server.wipe()


def told(driver: Driver, text: str, given: dict[str, Any]) -> list[str]:
    """The notifications on a statement, and the careless operators of its plan."""
    summary = driver.execute_query(text, given).summary
    plan: Any = summary.plan or summary.profile
    found = [name for name in names(plan) if name in CARELESS] if plan else []
    remarks = [one for one in summary.gql_status_objects if one.is_notification]
    return [*found, *(one.status_description for one in remarks)]


def test_a_remark_is_heard(prepared: Driver) -> None:
    text = "EXPLAIN MATCH (a:Spec), (b:Nosuch) RETURN a, b"
    found = told(prepared, text, {})
    assert found[0] == "CartesianProduct"
    assert any("Nosuch" in remark for remark in found[1:])


def test_files_raise_no_notification(prepared: Driver) -> None:
    found = {
        f"{language}{begin}{name}": remarks
        for name in WITH_PARAMETERS
        for language in languages(prepared)
        for begin in ("", "EXPLAIN ", "PROFILE ")
        if (text := cypher_files.read(name))
        if (remarks := told(prepared, f"{language}{begin}{text}", parameters(prepared, text)))
    }
    assert found == {}


def test_statements_of_the_program_raise_no_notification(prepared: Driver) -> None:
    found = {
        f"{language}{name}": remarks
        for name, text in all_texts()
        for language in languages(prepared)
        if (remarks := told(prepared, f"{language}EXPLAIN {text()}", GIVEN_TO_ALL))
        # A relationship is made between one start and one end: that product is of one row.
        if not (name.startswith("merge_relationships ") and remarks == ["CartesianProduct"])
    }
    assert found == {}


def test_the_schema_raises_no_notification(neo4j_store: str, heard: Driver) -> None:
    """When it is made; made again, the server says that it is there."""
    assert neo4j_store
    for language in languages(heard):
        for statement in cypher_files.schema_statements():
            assert told(heard, f"{language}EXPLAIN {statement}", {}) == []

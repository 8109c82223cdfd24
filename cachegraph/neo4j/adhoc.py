"""Runs a person's own Cypher so that it can only read: four walls, each of which holds by itself.

The text is looked at, then the server's plan; the session only reads; the transaction is never
committed. And it ends: by the server's clock, and by ours when the server does not keep its own.
"""

import re
from collections.abc import Callable, Mapping
from itertools import islice
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

from cachegraph.errors import CacheGraphError, StoreError, UsageError
from cachegraph.neo4j.guard import refuse_plan, refuse_text
from cachegraph.neo4j.json_values import plain

if TYPE_CHECKING:
    from neo4j import Session

    from cachegraph.neo4j.connection import Connection

_GRACE = 5.0  # seconds that the server may be late
_PREFETCHED = 1000
_PLACE = re.compile(r" \(line (\d+), column (\d+) \(offset: \d+\)\)")
_WIDEST = 300

Parameters = Mapping[str, Any]
Result = TypeVar("Result")


class QueryAnswer(TypedDict):
    """The rows of a person's own Cypher; ``truncated`` when there were more."""

    question: str
    columns: list[str]
    rows: list[list[Any]]
    truncated: bool


def ask(
    connection: "Connection", text: str, parameters: Parameters, *, limit: int, timeout: float
) -> QueryAnswer:
    """The first rows of a statement that reads; UsageError for any other statement."""
    refuse_text(text)
    return within(
        timeout + _GRACE, lambda: _ask(connection, text, parameters, limit=limit, timeout=timeout)
    )


def within(seconds: float, work: Callable[[], Result]) -> Result:
    """What the work returns or raises; StoreError when it takes longer, and it is left alone."""
    done: SimpleQueue[tuple[Result | None, BaseException | None]] = SimpleQueue()

    def run() -> None:
        try:
            done.put((work(), None))
        except BaseException as exc:  # it is raised where it is waited for
            done.put((None, exc))

    Thread(target=run, daemon=True).start()
    try:
        result, error = done.get(timeout=seconds)
    except Empty:
        raise StoreError(
            f"the server has not ended the query after {seconds:g} seconds",
            "it may still be at work; ask for less, or for longer with --timeout",
        ) from None
    if error is not None:
        raise error
    return result  # type: ignore[return-value]  # None only where the work returns it


def _ask(
    connection: "Connection", text: str, parameters: Parameters, *, limit: int, timeout: float
) -> QueryAnswer:
    from neo4j import READ_ACCESS

    connection.version()  # what is no Neo4j may not know of transactions that only read
    session = connection.driver.session(
        database=connection.database,
        default_access_mode=READ_ACCESS,
        fetch_size=min(limit + 1, _PREFETCHED),
    )
    try:
        with connection.explained(), session:
            check(session, text, parameters, timeout)
            return read(session, text, parameters, limit=limit, timeout=timeout)
    except StoreError as exc:
        raise _clearer(exc, text) from exc.__cause__
    except (OverflowError, TypeError, ValueError) as exc:
        raise UsageError(f"a parameter cannot be sent: {exc}") from exc


def check(session: "Session", text: str, parameters: Parameters, timeout: float) -> None:
    """UsageError when the server's plan of the statement does more than read the graph."""
    transaction = session.begin_transaction(timeout=timeout)
    try:
        # A line of its own leaves the columns of the text as they are.
        summary = transaction.run(f"EXPLAIN\n{text}", dict(parameters)).consume()
        refuse_plan(summary.query_type, summary.plan)
    finally:
        transaction.close()


def read(
    session: "Session", text: str, parameters: Parameters, *, limit: int, timeout: float
) -> QueryAnswer:
    """The rows of a statement in a transaction that is rolled back, whatever happens."""
    transaction = session.begin_transaction(timeout=timeout)
    try:
        result = transaction.run(text, dict(parameters))
        columns = [*result.keys()]
        rows = [[plain(value) for value in record.values()] for record in islice(result, limit + 1)]
        counters = result.consume().counters
        if counters.contains_updates or counters.contains_system_updates:
            raise UsageError("refused: it would have written; it was rolled back")
    finally:
        transaction.close()  # never committed: this rolls it back
    return QueryAnswer(
        question="query", columns=columns, rows=rows[:limit], truncated=len(rows) > limit
    )


def _clearer(error: StoreError, text: str) -> CacheGraphError:
    """The error in the words that fit a person's own Cypher, with the line where it is."""
    code = str(getattr(error.__cause__, "code", None) or "")
    message = str(getattr(error.__cause__, "message", None) or "").partition("\n")[0]
    if code.endswith("ParameterMissing"):
        return UsageError(message, "give each with --param NAME=VALUE")
    if "Statement" not in code or code.endswith("AccessMode"):
        return error
    found = _PLACE.search(message)
    said = _PLACE.sub("", message)
    if len(said) > _WIDEST:
        said = f"{said[:_WIDEST]}\u2026"
    if found is None:
        return UsageError(f"the query: {said}")
    return UsageError(*_marked(said, text, int(found[1]), int(found[2])))


def _marked(said: str, text: str, line: int, column: int) -> tuple[str]:
    """The message, and below it the line of the query with a mark."""
    lines = text.splitlines()
    line -= 1  # EXPLAIN has the first
    where = f"the query, line {line}, column {column}: {said}"
    if not 1 <= line <= len(lines):
        return (where,)
    return (f"{where}\n  {lines[line - 1]}\n  {' ' * (column - 1)}^",)

"""Runs the user's own Cypher so that it can only read.

Four walls stop a write, each by itself: the text is checked, then the server's plan of it; the
session only reads; and the transaction is never committed. The server stops a query that takes too
long; if the server does not, this client stops waiting.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from itertools import islice
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

from cachegraph.errors import CacheGraphError, StoreError, UsageError
from cachegraph.neo4j.guard import refuse_plan, refuse_text
from cachegraph.neo4j.json_values import to_json

if TYPE_CHECKING:
    from neo4j import Session

    from cachegraph.neo4j.connection import Connection

_GRACE = 5.0  # seconds to wait for the server after its own timeout
_MOST_FETCHED = 1000
_POSITION = re.compile(r" \(line (\d+), column (\d+) \(offset: \d+\)\)")
_LONGEST_MESSAGE = 300

Parameters = Mapping[str, Any]
Result = TypeVar("Result")


class QueryAnswer(TypedDict):
    """The rows of the user's own Cypher; ``truncated`` if there were more."""

    question: str
    columns: list[str]
    rows: list[list[Any]]
    truncated: bool


def run_query(
    connection: "Connection", text: str, parameters: Parameters, *, limit: int, timeout: float
) -> QueryAnswer:
    """The first rows of a statement that reads; UsageError for any other statement."""
    refuse_text(text)
    work = partial(_check_and_read, connection, text, parameters, limit=limit, timeout=timeout)
    return run_with_deadline(timeout + _GRACE, work)


def run_with_deadline(seconds: float, work: Callable[[], Result]) -> Result:
    """What the work returns or raises; StoreError if it takes longer, while its thread goes on."""
    done: SimpleQueue[tuple[Result | None, BaseException | None]] = SimpleQueue()

    def run() -> None:
        try:
            done.put((work(), None))
        except BaseException as exc:  # raised again by the thread that waits
            done.put((None, exc))

    Thread(target=run, daemon=True).start()
    try:
        result, error = done.get(timeout=seconds)
    except Empty:
        hint = "it may still be running; ask for less, or allow more time with --timeout"
        message = f"the server has not ended the query after {seconds:g} seconds"
        raise StoreError(message, hint) from None
    if error is not None:
        raise error
    return result  # type: ignore[return-value]  # None only where the work returns it


def _check_and_read(
    connection: "Connection", text: str, parameters: Parameters, *, limit: int, timeout: float
) -> QueryAnswer:
    connection.version()  # a server that is not Neo4j may ignore that a transaction only reads
    fetch_size = min(limit + 1, _MOST_FETCHED)
    try:
        with connection.store_errors(), connection.session(fetch_size=fetch_size) as session:
            check_plan(session, text, parameters, timeout)
            return read_rows(session, text, parameters, limit=limit, timeout=timeout)
    except StoreError as exc:
        raise _query_error(exc, text) from exc.__cause__
    except (OverflowError, TypeError, ValueError) as exc:
        raise UsageError(f"a parameter cannot be sent: {exc}") from exc


def check_plan(session: "Session", text: str, parameters: Parameters, timeout: float) -> None:
    """UsageError if the server's plan of the statement does more than read the graph."""
    transaction = session.begin_transaction(timeout=timeout)
    try:
        # On a line of its own, EXPLAIN does not shift the columns in error messages.
        summary = transaction.run(f"EXPLAIN\n{text}", dict(parameters)).consume()
        refuse_plan(summary.query_type, summary.plan)
    finally:
        transaction.close()


def read_rows(
    session: "Session", text: str, parameters: Parameters, *, limit: int, timeout: float
) -> QueryAnswer:
    """The first rows of a statement, in a transaction that is always rolled back."""
    transaction = session.begin_transaction(timeout=timeout)
    try:
        result = transaction.run(text, dict(parameters))
        columns = [*result.keys()]
        rows = [to_json(record.values()) for record in islice(result, limit + 1)]
        counters = result.consume().counters
        if counters.contains_updates or counters.contains_system_updates:
            raise UsageError("refused: the query would have written; it was rolled back")
    finally:
        transaction.close()  # without a commit this rolls it back
    more = len(rows) > limit
    return QueryAnswer(question="query", columns=columns, rows=rows[:limit], truncated=more)


def _query_error(error: StoreError, text: str) -> CacheGraphError:
    """The error as a UsageError with the line of the query, if the query is to blame."""
    code = str(getattr(error.__cause__, "code", None) or "")
    message = str(getattr(error.__cause__, "message", None) or "").partition("\n")[0]
    if code.endswith("ParameterMissing"):
        return UsageError(message, "give each with --param NAME=VALUE")
    if "Statement" not in code or code.endswith("AccessMode"):
        return error
    position = _POSITION.search(message)
    message = _POSITION.sub("", message)
    if len(message) > _LONGEST_MESSAGE:
        message = f"{message[:_LONGEST_MESSAGE]}\u2026"
    if position is None:
        return UsageError(f"the query: {message}")
    return UsageError(_with_line(message, text, int(position[1]), int(position[2])))


def _with_line(message: str, text: str, line: int, column: int) -> str:
    """The message, and below it the line of the query with a mark under the column."""
    lines = text.splitlines()
    line -= 1  # the first line is EXPLAIN
    message = f"the query, line {line}, column {column}: {message}"
    if not 1 <= line <= len(lines):
        return message
    return f"{message}\n  {lines[line - 1]}\n  {' ' * (column - 1)}^"

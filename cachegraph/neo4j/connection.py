"""A connection to one Neo4j database: sessions, transactions, and what errors mean.

Only this module opens the driver, and imports it when a connection is made.
"""

import gc
import logging
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from cachegraph import environment
from cachegraph.errors import StoreError
from cachegraph.neo4j.settings import ADDRESS_HINT, CREDENTIALS_HINT, DATABASE, read_settings

if TYPE_CHECKING:
    from neo4j import Driver, ManagedTransaction, Session, Transaction
    from neo4j import Result as Neo4jResult
    from neo4j.exceptions import Neo4jError

_OLDEST_VERSION = (5, 26)
_UNREACHABLE_HINT = (
    "check that it runs and that the port is that of Bolt (7687 by default), then run it again"
)
_PLAIN_HINT = "if it has no TLS, write bolt:// or neo4j:// without +s or +ssc"
_CERTIFICATE_HINT = "bolt+ssc:// and neo4j+ssc:// accept any certificate, also one of its own"
_FOR_FRAMES = {"numpy", "pandas", "pyarrow"}
_NO_LOG = logging.NullHandler()
_CONNECT_TIMEOUT = 5.0  # seconds
_RETRY_TIME = 30.0
# The errors of a statement that the server stops while it waits for another transaction.
_LOCK_TIMEOUTS = ("TransactionTimedOut", "LockClientStopped", "LockAcquisitionTimeout")

Parameters = dict[str, Any]
Result = TypeVar("Result")
Rows = list[list[Any]]


class Connection:
    """One database of a server; the driver retries transactions where that is safe.

    ``NEO4J_USERNAME``, ``NEO4J_PASSWORD`` and ``NEO4J_DATABASE`` are read from the environment, or
    else from the file that ``NEO4J_CREDENTIALS`` names. A path in the address is the name of the
    database. Every failure is a StoreError with a hint.
    """

    def __init__(self, location: str) -> None:
        address, self.location, self.database, auth = read_settings(location)
        self._transaction: Transaction | None = None
        from importlib.metadata import version

        with _without_frames():
            from neo4j import GraphDatabase
            from neo4j.exceptions import ConfigurationError

        # Without a handler, Python prints the driver's warnings on the terminal.
        logging.getLogger("neo4j").addHandler(_NO_LOG)
        seconds = environment.server_timeout() or _RETRY_TIME
        with self.store_errors():
            try:
                self.driver: Driver = GraphDatabase.driver(
                    address,
                    auth=auth,
                    user_agent=f"cachegraph/{version('cachegraph')}",
                    connection_timeout=_CONNECT_TIMEOUT,
                    connection_acquisition_timeout=seconds,
                    max_transaction_retry_time=seconds,
                    notifications_min_severity="OFF",
                    telemetry_disabled=True,
                )
            except (ConfigurationError, ValueError) as exc:  # its text may repeat the query
                why = "its query is not NAME=VALUE" if "?" in address else _first_line(exc)
                raise StoreError(f"{self.location}: {why}", ADDRESS_HINT) from exc

    @property
    def is_writing(self) -> bool:
        """Whether a transaction is open, in which one statement must follow another."""
        return self._transaction is not None

    def session(self, *, write: bool = False, fetch_size: int = 10_000) -> "Session":
        """A driver session, to use in ``with``; it only reads unless ``write`` is true."""
        from neo4j import READ_ACCESS, WRITE_ACCESS

        mode = WRITE_ACCESS if write else READ_ACCESS
        return self.driver.session(
            database=self.database, default_access_mode=mode, fetch_size=fetch_size
        )

    def rows(self, text: str, parameters: Parameters | None = None) -> Rows:
        """All rows of a statement, in the current transaction, or else in one that only reads."""
        return self._run(text, parameters, lambda result: result.values())

    def records(self, text: str, parameters: Parameters | None = None) -> list[dict[str, Any]]:
        """All rows of a statement, each a dictionary by column."""
        return self._run(text, parameters, lambda result: [{**row} for row in result])

    def _run(
        self, text: str, parameters: Parameters | None, read: Callable[["Neo4jResult"], Result]
    ) -> Result:
        with self.store_errors():
            if self._transaction is not None:
                return read(self._transaction.run(text, parameters))
            with self.session() as session:
                return session.execute_read(lambda tx: read(tx.run(text, parameters)))

    def stream(self, text: str, parameters: Parameters | None = None) -> Iterator[list[Any]]:
        """The rows of a statement one by one; for results too large for memory."""
        with self.store_errors(), ExitStack() as stack:
            transaction = self._transaction
            if transaction is None:
                session = stack.enter_context(self.session())
                transaction = stack.enter_context(session.begin_transaction())
            result = transaction.run(text, parameters)
            yield from (record.values() for record in result)

    def change_schema(self, *statements: str) -> None:
        """Runs statements that change the schema, each in its own transaction.

        Two processes that do so at the same time may deadlock: Neo4j stops one, which is retried.
        """
        with self.store_errors(), self.session(write=True) as session:
            for text in statements:
                _change_schema(session, text)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction for every statement in the block; commits at its end if nothing fails."""
        with ExitStack() as stack:
            with self.store_errors():
                session = stack.enter_context(self.session(write=True))
                transaction = stack.enter_context(session.begin_transaction())
            self._transaction = transaction
            try:
                yield
            finally:
                self._transaction = None
            with self.store_errors():
                transaction.commit()

    def write(self, work: Callable[["ManagedTransaction"], Result]) -> Result:
        """Does work in a transaction, and returns its result; retried after transient errors.

        A commit of unknown outcome is retried too, so work must be right if it was already done.
        """
        from neo4j.exceptions import IncompleteCommit

        try:
            with self.store_errors(), self.session(write=True) as session:
                try:
                    return session.execute_write(work)
                except IncompleteCommit:  # the connection broke before the commit was confirmed
                    return session.execute_write(work)
        finally:
            # What was sent is part of a cycle in the driver, and the command has no collector
            # running: 130 MB of 100,000 specs with a million dependencies. This looks at what is
            # new since the last time.
            gc.collect(0)

    def try_write(self, text: str, parameters: Parameters, seconds: float) -> bool:
        """Whether a statement gets its locks within some seconds; it is rolled back."""
        from neo4j.exceptions import Neo4jError

        limit = max(seconds, 0.001)  # the driver takes 0 for no limit
        with self.store_errors(), self.session(write=True) as session:
            try:
                with session.begin_transaction(timeout=limit) as transaction:
                    transaction.run(text, parameters).consume()
                    transaction.rollback()
            except Neo4jError as exc:
                if any(name in (exc.code or "") for name in _LOCK_TIMEOUTS):
                    return False
                raise
        return True

    def version(self) -> str:
        """The version of the server; StoreError if it is too old, or not Neo4j."""
        with self.store_errors():
            agent = self.driver.get_server_info().agent
        product, _, version = agent.partition("/")
        # Such as 5.26.0, 2026.09.0, and 5.26-aura.
        numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
        if product != "Neo4j" or numbers < _OLDEST_VERSION:
            hint = "cachegraph needs Neo4j 5.26 or newer; the Community edition is enough"
            raise StoreError(f"{self.location}: the server is {agent}", hint)
        return version

    def close(self) -> None:
        """Closes all connections to the server."""
        self.driver.close()

    @contextmanager
    def store_errors(self) -> Iterator[None]:
        """Turns errors of the driver into StoreErrors with hints."""
        from neo4j.exceptions import ConfigurationError, DriverError, Neo4jError

        try:
            yield
        except Neo4jError as exc:
            message, hint = _explain(exc)
            raise StoreError(f"{self.location}: {message}", hint) from exc
        except ConfigurationError as exc:
            raise StoreError(f"{self.location}: {_first_line(exc)}", ADDRESS_HINT) from exc
        except DriverError as exc:
            message, hint = _explain_silence(exc)
            raise StoreError(f"{self.location}: {message}", hint) from exc


_MEMORY_HINT = (
    "give the server more heap (server.memory.heap.max_size), or import into a file and copy that "
    "in parts: cachegraph load"
)
_READ_ONLY_HINT = "does the server have server.databases.read_only, or is it a replica?"
_TIMEOUT_HINT = "see --timeout and the server's settings"
_RESTART_HINT = "make room there, restart the server, and run it again"
_TOO_LARGE = "the transaction is too large for the server's memory"
_UNAVAILABLE = "the database is not available: its disk may be full, or it is starting"
# Part of the code or message of an error of the server; what it means, if the message does not say;
# and what to try.
_ERRORS = (
    ("Security.Unauthorized", "wrong user or password", CREDENTIALS_HINT),
    ("AuthenticationRateLimit", "too many wrong passwords; the server waits", CREDENTIALS_HINT),
    ("Security.CredentialsExpired", "the password must be changed first", "use cypher-shell"),
    ("Security.Forbidden", "", "this user lacks the permission"),
    ("DatabaseNotFound", "", f"name another with {DATABASE}; SHOW DATABASES lists them"),
    ("AccessMode", "the statement would write, in a session that only reads", None),
    ("ReadOnly", "the database is read-only", _READ_ONLY_HINT),
    ("NotALeader", "", "this member of the cluster does not write: use neo4j://"),
    ("MemoryPoolOutOfMemory", _TOO_LARGE, _MEMORY_HINT),
    ("TransactionOutOfMemory", _TOO_LARGE, _MEMORY_HINT),
    ("OutOfMemory", "the server is out of memory", _MEMORY_HINT),
    ("TransactionTimedOut", "the transaction took too long", _TIMEOUT_HINT),
    ("TransactionLogError", "the server cannot write its log: its disk may be full", _RESTART_HINT),
    ("needs to be restarted", "", "make room if its disk is full, restart it, and run it again"),
    ("No space left", "the server's disk is full", "make room there and run it again"),
    ("DatabaseUnavailable", _UNAVAILABLE, "see the server's logs/debug.log; then run it again"),
    ("ConstraintValidationFailed", "", "another process wrote at the same time: run it again"),
    ("Neo.TransientError", "", "run it again"),
)


def _change_schema(session: "Session", text: str) -> None:
    """Runs one statement; once more if another process did the same before this one committed."""
    from neo4j.exceptions import Neo4jError

    try:
        session.execute_write(lambda tx: tx.run(text).consume())
    except Neo4jError as exc:
        if "AlreadyExists" not in (exc.code or ""):
            raise
        session.execute_write(lambda tx: tx.run(text).consume())


def _explain(error: "Neo4jError") -> tuple[str, str | None]:
    """What an error of the server means, and what to try."""
    code = error.code or ""
    message = _first_line(error.message or code)
    for name, meaning, hint in _ERRORS:
        if name in code or name in message:
            return meaning or message, hint
    return message, f"the error code of Neo4j is {code}"


def _explain_silence(error: BaseException) -> tuple[str, str]:
    """Why no server answers, and what to try."""
    import ssl

    waiting = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted: {one.verify_message}", _CERTIFICATE_HINT
        if isinstance(one, ssl.SSLError):
            reason = _first_line(one.reason or one)
            return f"a server answers there, but not with TLS ({reason})", _PLAIN_HINT
        waiting += getattr(one, "exceptions", ())
        waiting += [cause for cause in (one.__cause__ or one.__context__,) if cause]
    return f"no Neo4j server answers: {_first_line(error)}", _UNREACHABLE_HINT


@contextmanager
def _without_frames() -> Iterator[None]:
    """While it lasts, a command cannot import NumPy, pandas and PyArrow.

    The driver imports them where they are installed, to return data frames, which no command asks
    for. They take two thirds of the time of its import, and 80 MB.
    """
    hidden = _FOR_FRAMES - sys.modules.keys() if environment.is_command else set()
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: cannot be imported
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def _first_line(error: object) -> str:
    return str(error).strip().partition("\n")[0][:300] or type(error).__name__

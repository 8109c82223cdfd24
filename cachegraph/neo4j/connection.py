"""A connection to one Neo4j database: who asks, how long, and what the server's errors mean.

The only module that sees the driver; the driver is imported when a connection is made.
"""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

from cachegraph.environment import neo4j_setting, server_timeout
from cachegraph.errors import StoreError

if TYPE_CHECKING:
    from neo4j import Driver, ManagedTransaction, Session, Transaction
    from neo4j import Result as Neo4jResult
    from neo4j.exceptions import Neo4jError

_OLDEST = (5, 26)
_USER = "NEO4J_USERNAME"
_PASSWORD = "NEO4J_PASSWORD"  # the name of a variable
_DATABASE = "NEO4J_DATABASE"
_FILE = "NEO4J_CREDENTIALS"
_WHO = (
    f"set {_USER} (neo4j when not set) and {_PASSWORD}, or {_FILE} to a file with lines such as "
    f"{_PASSWORD}=..."
)
_RUNNING = (
    "is it running, and is the port that of Bolt (7687 unless set otherwise)? Then run it again"
)
_EXAMPLE = "such as neo4j://localhost:7687"
_SILENT = logging.NullHandler()
_CONNECT = 5.0  # seconds
_RETRY = 30.0
# What a statement ends with that is stopped while it waits for somebody else's transaction.
_STOPPED = ("TransactionTimedOut", "LockClientStopped", "LockAcquisitionTimeout")

Parameters = dict[str, Any]
Result = TypeVar("Result")
Rows = list[list[Any]]


class Connection:
    """One database of a server, asked in transactions that the driver tries again when it may.

    ``NEO4J_USERNAME``, ``NEO4J_PASSWORD`` and ``NEO4J_DATABASE`` come from the environment, else
    from the file that ``NEO4J_CREDENTIALS`` names; a path in the address names the database too.
    StoreError, with what to try, for whatever goes wrong.
    """

    def __init__(self, location: str) -> None:
        self.location, database = _address(location)
        given = _credentials()
        self.database = database or given.get(_DATABASE) or None
        self._transaction: Transaction | None = None
        from importlib.metadata import version

        from neo4j import GraphDatabase

        # Else what the driver logs is on the terminal, of a program that logs nothing.
        logging.getLogger("neo4j").addHandler(_SILENT)
        password = given.get(_PASSWORD)
        seconds = server_timeout() or _RETRY
        with self.explained():
            try:
                self.driver: Driver = GraphDatabase.driver(
                    self.location,
                    auth=None if password is None else (given.get(_USER) or "neo4j", password),
                    user_agent=f"cachegraph/{version('cachegraph')}",
                    connection_timeout=_CONNECT,
                    connection_acquisition_timeout=seconds,
                    max_transaction_retry_time=seconds,
                    notifications_min_severity="OFF",
                    telemetry_disabled=True,
                )
            except ValueError as exc:
                raise StoreError(f"{location}: {exc}", _EXAMPLE) from exc

    def session(self, *, write: bool = False) -> "Session":
        """A session of the driver with this database; to be used in ``with``."""
        from neo4j import READ_ACCESS, WRITE_ACCESS

        mode = WRITE_ACCESS if write else READ_ACCESS
        return self.driver.session(
            database=self.database, default_access_mode=mode, fetch_size=10_000
        )

    def rows(self, text: str, parameters: Parameters | None = None) -> Rows:
        """All rows of a statement, within the current transaction or in one that only reads."""
        return self._asked(text, parameters, lambda result: result.values())

    def named(self, text: str, parameters: Parameters | None = None) -> list[dict[str, Any]]:
        """The rows of a statement by the names of its columns."""
        return self._asked(text, parameters, lambda result: [{**row} for row in result])

    def _asked(
        self, text: str, parameters: Parameters | None, taken: Callable[["Neo4jResult"], Result]
    ) -> Result:
        with self.explained():
            if self._transaction is not None:
                return taken(self._transaction.run(text, parameters))
            with self.session() as session:
                return session.execute_read(lambda tx: taken(tx.run(text, parameters)))

    def stream(self, text: str, parameters: Parameters | None = None) -> Iterator[list[Any]]:
        """The rows of a statement one by one, for what is too much to keep."""
        with self.explained():
            if self._transaction is not None:
                result = self._transaction.run(text, parameters)
                yield from (record.values() for record in result)
                return
            with self.session() as session, session.begin_transaction() as transaction:
                result = transaction.run(text, parameters)
                yield from (record.values() for record in result)

    def change(self, *statements: str) -> None:
        """Runs statements that change the schema, each in a transaction of its own.

        Two that do so at once may wait for one another: Neo4j stops one, which is tried again.
        """
        with self.explained(), self.session(write=True) as session:
            for text in statements:
                session.execute_write(lambda tx, text=text: tx.run(text).consume())  # type: ignore[misc]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction for all that is asked in it: it is done, or nothing when it fails."""
        with ExitStack() as stack:
            with self.explained():
                session = stack.enter_context(self.session(write=True))
                transaction = stack.enter_context(session.begin_transaction())
            self._transaction = transaction
            try:
                yield
            finally:
                self._transaction = None
            with self.explained():
                transaction.commit()

    def write(self, work: Callable[["ManagedTransaction"], Result]) -> Result:
        """What the work returns, done in a transaction that is tried again when that may help.

        Work has to look at what is there: it may have been done already.
        """
        from neo4j.exceptions import IncompleteCommit

        with self.explained(), self.session(write=True) as session:
            try:
                return session.execute_write(work)
            except IncompleteCommit:  # the server went away before it said whether it was done
                return session.execute_write(work)

    def attempt(self, text: str, parameters: Parameters, seconds: float) -> bool:
        """Whether a statement that is not kept could be done in time, and need not wait longer."""
        from neo4j.exceptions import Neo4jError

        # No time at all would be all the time in the world.
        limit = max(seconds, 0.001)
        with self.explained(), self.session(write=True) as session:
            try:
                with session.begin_transaction(timeout=limit) as transaction:
                    transaction.run(text, parameters).consume()
                    transaction.rollback()
            except Neo4jError as exc:
                if any(part in (exc.code or "") for part in _STOPPED):
                    return False
                raise
        return True

    def version(self) -> str:
        """The version of the server; StoreError when it is too old, or no Neo4j."""
        with self.explained():
            agent = self.driver.get_server_info().agent
        product, _, version = agent.partition("/")
        # Such as 5.26.0, 2026.09.0, and 5.26-aura.
        numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
        if product != "Neo4j" or numbers < _OLDEST:
            raise StoreError(
                f"{self.location}: the server is {agent}",
                "cachegraph needs Neo4j 5.26 or newer; the Community edition is enough",
            )
        return version

    def close(self) -> None:
        """Lets go of the server."""
        self.driver.close()

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turns the driver's errors into StoreError, with what to try."""
        from neo4j.exceptions import DriverError, Neo4jError

        try:
            yield
        except Neo4jError as exc:
            raise self._explained(exc) from exc
        except DriverError as exc:
            raise StoreError(*self._unreachable(exc)) from exc

    def _unreachable(self, error: Exception) -> tuple[str, str]:
        from neo4j.exceptions import ConfigurationError

        if isinstance(error, ConfigurationError):
            return f"{self.location}: {_first_line(error)}", _EXAMPLE
        where = f"{self.location}: no Neo4j server answers: {_first_line(error)}"
        return where, _RUNNING

    def _explained(self, error: "Neo4jError") -> StoreError:
        code = error.code or ""
        message = _first_line(error.message or code)
        for part, said, hint in _MEANINGS:
            if part in code or part in message:
                return StoreError(f"{self.location}: {said or message}", hint)
        return StoreError(f"{self.location}: {message}", f"Neo4j calls it {code}")


_SMALL = (
    "give the server more heap (server.memory.heap.max_size), or import into a file and copy that "
    "in parts: cachegraph load"
)
_MEANINGS = (
    ("Security.Unauthorized", "wrong user or password", _WHO),
    ("Security.AuthenticationRateLimit", "too many wrong passwords; the server waits", _WHO),
    ("Security.CredentialsExpired", "the password must be changed first", "in cypher-shell"),
    ("Security.Forbidden", "", "this user may not do that"),
    ("DatabaseNotFound", "", f"name another with {_DATABASE}; SHOW DATABASES lists them"),
    ("AccessMode", "the statement would write, in a session that only reads", None),
    (
        "ReadOnly",
        "the database is read-only",
        "does the server have server.databases.read_only, or is it a replica?",
    ),
    ("NotALeader", "", "this member of the cluster does not write: use neo4j://"),
    ("MemoryPoolOutOfMemory", "the transaction is too large for the server's memory", _SMALL),
    ("TransactionOutOfMemory", "the transaction is too large for the server's memory", _SMALL),
    ("OutOfMemory", "the server is out of memory", _SMALL),
    ("TransactionTimedOut", "the transaction took too long", "--timeout, or server settings"),
    (
        "TransactionLogError",
        "the server cannot write its log: its disk may be full",
        "make room there, restart the server, and run it again",
    ),
    ("needs to be restarted", "", "make room if its disk is full, restart it, and run it again"),
    ("No space left", "the server's disk is full", "make room there and run it again"),
    (
        "DatabaseUnavailable",
        "the database is not available: its disk may be full, or it is starting",
        "look into the server's logs/debug.log; then run it again",
    ),
    (
        "ConstraintValidationFailed",
        "",
        "somebody else wrote at the same moment: run it again",
    ),
    ("Neo.TransientError", "", "run it again"),
)


def _address(location: str) -> tuple[str, str]:
    """The address without the name of the database, which its path may be."""
    scheme, _, rest = location.partition("://")
    shown = f"{scheme}://{rest.rpartition('@')[2]}"
    try:
        parts = urlsplit(location)
        has_host = parts.port != 0 and bool(parts.hostname)
    except ValueError:  # its text repeats what may be a password
        raise StoreError(f"{shown}: not an address", _EXAMPLE) from None
    if "@" in parts.netloc:
        raise StoreError(f"{shown}: a user or password does not belong into the address", _WHO)
    if not has_host:
        raise StoreError(f"{shown}: not an address: no host, or no port", _EXAMPLE)
    return urlunsplit(parts._replace(path="")), parts.path.strip("/")


def _credentials() -> dict[str, str]:
    """User, password and database, from the environment and the file that it names."""
    names = (_USER, _PASSWORD, _DATABASE)
    given = {name: value for name in names if (value := neo4j_setting(name)) is not None}
    if path := neo4j_setting(_FILE):
        try:
            text = Path(path).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as exc:
            raise StoreError(f"{_FILE} names {path}, which cannot be read: {exc}", _WHO) from exc
        lines = (line.partition("=") for line in text.splitlines() if "=" in line)
        found = {name.strip(): value.strip().strip("'\"") for name, _, value in lines}
        given = {**{name: found[name] for name in names if name in found}, **given}
    return given


def _first_line(error: object) -> str:
    return str(error).strip().partition("\n")[0][:300] or type(error).__name__

"""Where a Neo4j answers, and how it is emptied."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from neo4j import Driver, GraphDatabase


@dataclass(frozen=True)
class Database:
    """One database of a server, and the credentials for it."""

    uri: str
    user: str | None = None
    password: str | None = None
    name: str = "neo4j"

    @property
    def auth(self) -> tuple[str, str] | None:
        return (self.user or "neo4j", self.password) if self.password is not None else None

    @property
    def loopback(self) -> bool:
        host = urlsplit(self.uri).hostname or ""
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    def driver(self, **options: Any) -> Driver:
        """A driver of its own; the caller closes it."""
        return GraphDatabase.driver(self.uri, auth=self.auth, **options)

    def run(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        """The rows of one statement, in a transaction of its own."""
        with self.driver() as driver:
            return self._run(driver, statement, **parameters)

    def _run(self, driver: Driver, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        with driver.session(database=self.name) as session:
            return session.run(statement, parameters).data()

    def size(self) -> int:
        """How many nodes there are."""
        return int(self.run("MATCH (n) RETURN count(n) AS nodes")[0]["nodes"])

    def last_change(self) -> frozenset[str]:
        """What names its last change: a bookmark, which is another after each."""
        with self.driver() as driver, driver.session(database=self.name) as session:
            session.run("RETURN 1").consume()
            return frozenset(session.last_bookmarks().raw_values)

    def empty(self) -> None:
        """Leaves no node; constraints and indexes stay, which take most of the time of a wipe."""
        self.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS")

    def wipe(self) -> None:
        """Leaves no node, no constraint and no index but those that every database has."""
        self.empty()
        with self.driver() as driver:
            for statement in self._drops(driver):
                self._run(driver, statement)

    def _drops(self, driver: Driver) -> Iterator[str]:
        for row in self._run(driver, "SHOW CONSTRAINTS YIELD name"):
            yield f"DROP CONSTRAINT {_quoted(row['name'])}"
        # Asked after the constraints have gone, and their indexes with them.
        for row in self._run(driver, "SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP'"):
            yield f"DROP INDEX {_quoted(row['name'])}"


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"

"""A real Neo4j for the tests: one that is given, else a container, else one made of its jars."""

from tests.support.server.database import Database
from tests.support.server.java import UnavailableError
from tests.support.server.process import Server

__all__ = ["Database", "Server", "UnavailableError"]

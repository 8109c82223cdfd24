"""A server in a container, where a Docker engine answers."""

import gc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex

from tests.server.database import Database
from tests.server.process import VERSION

IMAGES = {VERSION: "neo4j:5.26.28-community"}  # the line's newest image; its jars are ahead
SECONDS = 2


@contextmanager
def container(version: str) -> Iterator[Database | None]:
    """A container of the version; nothing without an engine, or an image of that version."""
    if version not in IMAGES or not _engine():
        yield None
        return
    from testcontainers.community.neo4j import Neo4jContainer

    user, password = "neo4j", token_hex(12)
    with Neo4jContainer(IMAGES[version], username=user, password=password) as running:
        yield Database(running.get_connection_url(), user, password)


def _engine() -> bool:
    """Whether a Docker engine answers soon."""
    import docker
    from docker.errors import DockerException

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # docker 7 leaks the socket that fails
        try:
            docker.from_env(timeout=SECONDS).close()  # it asks the engine for its version
        except DockerException:
            answers = False
        else:
            answers = True
        gc.collect()
    return answers

"""A server in a container, where a Docker engine answers."""

import gc
import warnings
from contextlib import ExitStack
from secrets import token_hex

from tests.support.server.database import Database
from tests.support.server.process import VERSION

IMAGES = {VERSION: "neo4j:5.26.28-community"}  # the line's newest image; its jars are ahead
SECONDS = 2


def container(version: str, until: ExitStack) -> Database | None:
    """A container of the version; none without an engine that has or gets the image."""
    if version not in IMAGES or not _engine():
        return None
    from docker.errors import DockerException
    from testcontainers.community.neo4j import Neo4jContainer

    user, password = "neo4j", token_hex(12)
    try:
        made = Neo4jContainer(IMAGES[version], username=user, password=password)
        uri = until.enter_context(made).get_connection_url()
    except DockerException:  # such as an engine that reaches no registry: the jars may do
        return None
    return Database(uri, user, password)


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

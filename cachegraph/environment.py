"""Every variable of the environment that cachegraph reads.

``REQUESTS_CA_BUNDLE`` and the variables of proxies are read by the libraries below.
"""

import os
from typing import TYPE_CHECKING

from cachegraph.errors import FetchError

if TYPE_CHECKING:
    from pathlib import Path


def default_store() -> str:
    """The store of a command that names none: ``CACHEGRAPH_STORE``, else a file in the data folder.

    The data folder is the user's, as platformdirs names it.
    """
    if location := os.environ.get("CACHEGRAPH_STORE"):
        return location
    from platformdirs import user_data_path

    return str(user_data_path("cachegraph", appauthor=False) / "graph.db")


def cache_folder() -> "Path":
    """The folder that keeps what servers sent: ``CACHEGRAPH_CACHE``, else the user's cache."""
    if given := os.environ.get("CACHEGRAPH_CACHE"):
        from pathlib import Path

        return Path(given)
    from platformdirs import user_cache_path

    return user_cache_path("cachegraph", appauthor=False)


def server_timeout() -> float | None:
    """The seconds to wait for a server, from ``CACHEGRAPH_TIMEOUT``; None when it is not set.

    FetchError when the value is no positive number.
    """
    given = os.environ.get("CACHEGRAPH_TIMEOUT")
    if not given:
        return None
    try:
        seconds = float(given)
    except ValueError:
        seconds = 0
    if not 0 < seconds < float("inf"):
        hint = "set it to a number of seconds, like 60"
        raise FetchError(f"CACHEGRAPH_TIMEOUT: {given!r} is not a time", hint)
    return seconds


def s3_endpoint() -> str | None:
    """The server of s3 addresses: ``AWS_ENDPOINT_URL_S3``, else ``AWS_ENDPOINT_URL``, if set."""
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")


def neo4j_setting(name: str) -> str | None:
    """The value of ``NEO4J_USERNAME``, ``_PASSWORD``, ``_DATABASE`` or ``_CREDENTIALS``."""
    return os.environ.get(name)


def wants_colour() -> bool:
    """Whether a terminal may be written to in colour: not if ``NO_COLOR`` is set."""
    return "NO_COLOR" not in os.environ

"""Every environment variable that cachegraph reads.

The network libraries read some themselves: ``REQUESTS_CA_BUNDLE`` and the proxy variables.
"""

import os
from typing import TYPE_CHECKING

from cachegraph.errors import FetchError

if TYPE_CHECKING:
    from pathlib import Path


def default_store() -> str:
    """The store of a command that names none: ``CACHEGRAPH_STORE``, else in your data folder."""
    if location := os.environ.get("CACHEGRAPH_STORE"):
        return location
    from platformdirs import user_data_path

    return str(user_data_path("cachegraph", appauthor=False) / "graph.db")


def store_origin() -> str:
    """Where the store of a command that names none comes from: the variable, or ``default``."""
    return "CACHEGRAPH_STORE" if os.environ.get("CACHEGRAPH_STORE") else "default"


def cache_folder() -> "Path":
    """The folder for cached downloads: ``CACHEGRAPH_CACHE``, else the user's cache folder."""
    if folder := os.environ.get("CACHEGRAPH_CACHE"):
        from pathlib import Path

        return Path(folder)
    from platformdirs import user_cache_path

    return user_cache_path("cachegraph", appauthor=False)


def server_timeout() -> float | None:
    """The seconds to wait for a server, from ``CACHEGRAPH_TIMEOUT``; None if it is not set.

    FetchError if the value is not a positive number.
    """
    value = os.environ.get("CACHEGRAPH_TIMEOUT")
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0
    if not 0 < seconds < float("inf"):
        hint = "set it to a number of seconds, like 60"
        raise FetchError(f"CACHEGRAPH_TIMEOUT: {value!r} is not a time", hint)
    return seconds


def s3_endpoint() -> str | None:
    """The server for s3 addresses: ``AWS_ENDPOINT_URL_S3``, else ``AWS_ENDPOINT_URL``; or None."""
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")


def neo4j_setting(name: str) -> str | None:
    """The value of ``NEO4J_USERNAME``, ``_PASSWORD``, ``_DATABASE`` or ``_CREDENTIALS``."""
    return os.environ.get(name)


def wants_colour() -> bool:
    """Whether output to a terminal may be coloured: not if ``NO_COLOR`` is set."""
    return "NO_COLOR" not in os.environ

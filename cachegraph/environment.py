"""Every environment variable that cachegraph reads, and whether the process runs a command.

The network libraries read some themselves: ``REQUESTS_CA_BUNDLE`` and the proxy variables.
"""

import os
from typing import TYPE_CHECKING

from cachegraph.errors import FetchError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

is_command = False
"""Whether the process runs the command ``cachegraph``: then no other code uses its libraries."""

# More seconds than a thread can wait, and more MiB than there are.
_MOST = 1e9
_DIGITS_OF_TIME = 11


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
    return _positive("CACHEGRAPH_TIMEOUT", "a time", "a number of seconds, like 60")


def total_timeout() -> float:
    """The seconds in which all must come that a command fetches: ``CACHEGRAPH_TOTAL_TIMEOUT``.

    An hour if it is not set; FetchError if the value is not a positive number.
    """
    seconds = _positive("CACHEGRAPH_TOTAL_TIMEOUT", "a time", "a number of seconds, like 3600")
    return seconds or 3600.0


def largest_document() -> int | None:
    """The bytes of the largest document, from the MiB in ``CACHEGRAPH_LARGEST``; or None.

    FetchError if the value is not a positive number.
    """
    size = _positive("CACHEGRAPH_LARGEST", "a size", "a number of MiB, like 4096")
    return None if size is None else int(size * (1 << 20))


def _positive(name: str, what: str, example: str) -> float | None:
    value = os.environ.get(name)
    if not value:
        return None
    try:
        number = float(value)
    except ValueError:
        number = 0
    if not 0 < number < _MOST:
        raise FetchError(f"{name}: {value!r} is not {what}", f"set it to {example}")
    return number


def source_date_epoch() -> float | None:
    """The time that written files are said to be of, from ``SOURCE_DATE_EPOCH``; None if not set.

    It is in seconds since 1970. UsageError if the value is no number.
    """
    value = os.environ.get("SOURCE_DATE_EPOCH")
    if not value:
        return None
    if not value.isdecimal() or len(value) > _DIGITS_OF_TIME:
        hint = "set it to seconds since 1970, like 1767225600"
        raise UsageError(f"SOURCE_DATE_EPOCH: {value!r} is not a time", hint)
    return float(value)


def local_hosts() -> set[str]:
    """The hosts of private networks that documents may name: ``CACHEGRAPH_LOCAL_HOSTS``."""
    hosts = os.environ.get("CACHEGRAPH_LOCAL_HOSTS", "").lower().split(",")
    return {host.strip() for host in hosts} - {""}


def s3_endpoint() -> str | None:
    """The server for s3 addresses: ``AWS_ENDPOINT_URL_S3``, else ``AWS_ENDPOINT_URL``; or None."""
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")


def neo4j_setting(name: str) -> str | None:
    """The value of ``NEO4J_USERNAME``, ``_PASSWORD``, ``_DATABASE`` or ``_CREDENTIALS``."""
    return os.environ.get(name)


def uses_pager() -> bool:
    """Whether long output to a terminal goes to a pager: not if ``PAGER`` is empty or ``cat``."""
    return os.environ.get("PAGER", "less") not in ("", "cat") and os.environ.get("TERM") != "dumb"


def prepare_pager() -> None:
    """Has ``less`` show colours and leave the text on the screen, unless ``LESS`` is set."""
    os.environ.setdefault("LESS", "FRX")


def wants_colour() -> bool:
    """Whether output to a terminal may be coloured: not if ``NO_COLOR`` is set."""
    return "NO_COLOR" not in os.environ

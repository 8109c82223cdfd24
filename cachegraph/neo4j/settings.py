"""Where a Neo4j database is, and with which credentials: from an address and the environment."""

import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from cachegraph.environment import neo4j_setting
from cachegraph.errors import StoreError

_USER = "NEO4J_USERNAME"
_PASSWORD = "NEO4J_PASSWORD"  # the name of a variable
DATABASE = "NEO4J_DATABASE"
_CREDENTIALS_FILE = "NEO4J_CREDENTIALS"
CREDENTIALS_HINT = (
    f"set {_USER} (neo4j when not set) and {_PASSWORD}, or {_CREDENTIALS_FILE} to a file with "
    f"lines such as {_PASSWORD}=..."
)
ADDRESS_HINT = "such as neo4j://localhost:7687"


class Settings(NamedTuple):
    """The address of a server, the name of a database, and who connects.

    Without a name it is the server's default database.
    """

    address: str
    location: str
    """The address in messages: without the values of its query."""
    database: str | None
    user_and_password: tuple[str, str] | None


def read_settings(location: str) -> Settings:
    """The settings for a location; StoreError if it is no address or the file cannot be read.

    Variables of the environment win over the file that ``NEO4J_CREDENTIALS`` names, and the path of
    the address over both.
    """
    address, database = _split_path(location)
    values = _file_values()
    for name in (_USER, _PASSWORD, DATABASE):
        if (value := neo4j_setting(name)) is not None:
            values[name] = value
    password = values.get(_PASSWORD)
    auth = None if password is None else (values.get(_USER) or "neo4j", password)
    location = f"{address.partition('?')[0]}?..." if "?" in address else address
    return Settings(address, location, database or values.get(DATABASE) or None, auth)


def _split_path(location: str) -> tuple[str, str]:
    """The address without its path, and the path, which is the name of the database."""
    scheme, _, rest = location.partition("://")
    shown = f"{scheme}://{re.split('[?#]', rest.rpartition('@')[2])[0]}"
    try:
        parts = urlsplit(location)
        has_host = parts.port != 0 and bool((parts.hostname or "").encode("idna"))
    except ValueError:  # its text may repeat a password
        raise StoreError(f"{shown}: not an address", ADDRESS_HINT) from None
    if "@" in rest:  # not only in the host: a password may begin with digits, as a port, and /
        message = f"{shown}: a user or password does not belong in the address"
        raise StoreError(message, CREDENTIALS_HINT)
    if not has_host:
        raise StoreError(f"{shown}: not an address: no host, or no port", ADDRESS_HINT)
    return urlunsplit(parts._replace(path="", fragment="")), parts.path.strip("/")


def _file_values() -> dict[str, str]:
    path = neo4j_setting(_CREDENTIALS_FILE)
    if not path:
        return {}
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        message = f"{_CREDENTIALS_FILE} names {path}, which cannot be read: {exc}"
        raise StoreError(message, CREDENTIALS_HINT) from exc
    lines = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {name.strip(): value.strip().strip("'\"") for name, _, value in lines}

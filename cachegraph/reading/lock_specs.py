"""Reads a document without importing it: what a lock file says of its specs, as plain data."""

import os
from typing import Any

from cachegraph.errors import CacheGraphError, FormatError, UsageError
from cachegraph.model.spec import Description
from cachegraph.reading.discover import discover
from cachegraph.reading.documents import documents
from cachegraph.sources import Names, lockfile


def read_lock_specs(location: str | os.PathLike[str]) -> tuple[list[dict[str, Any]], list[str]]:
    """The specs of a lock file, each once, and what could not be read of it.

    A spec is its hash and what is known of it, by name. FetchError or FormatError when nothing
    could be read; UsageError when the location holds more than one document.
    """
    said: list[CacheGraphError] = []
    found = documents(discover([location], said.append), Names(), said.append, set())
    read = [one for one in found if one is not None]
    if not read and said:
        raise said[0]
    if len(read) != 1:
        raise UsageError(f"{location}: {len(read)} documents; one lock file was expected")
    ((document, source),) = read
    if source is not lockfile:
        hint = "name an environment's spack.lock; other sources can be imported and compared"
        raise FormatError(f"{location}: not a lock file", hint)
    specs = {
        record.hash: _plain(record.hash, record.description)
        for record in source.read(document, said.append).records
    }
    return [*specs.values()], [error.message for error in said]


def _plain(hash_: str, description: Description) -> dict[str, Any]:
    known = {name: value for name, value in description._asdict().items() if value is not None}
    return {"hash": hash_, **known}

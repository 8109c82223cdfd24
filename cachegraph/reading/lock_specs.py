"""Reads the specs of a lock file without an import, as plain data."""

import os
from typing import Any

from cachegraph.errors import CacheGraphError, FormatError, UsageError
from cachegraph.model.elements import without_none
from cachegraph.reading.discover import LOOKED_FOR, discover
from cachegraph.reading.documents import read_documents
from cachegraph.reading.downloads import keeping_downloads
from cachegraph.reading.secrets import without_secrets
from cachegraph.sources import StackNames

_LOCK_FILE = (
    "a lock file is the spack.lock that spack concretize writes beside the spack.yaml of an "
    "environment; other sources can be imported and compared"
)


def read_lock_specs(location: str | os.PathLike[str]) -> tuple[list[dict[str, Any]], list[str]]:
    """The specs of a lock file, each once, and messages for those that could not be read.

    A spec is its ``hash`` and its known properties, by name. FetchError or FormatError if nothing
    could be read; UsageError if the location has more than one document.
    """
    errors: list[CacheGraphError] = []
    with keeping_downloads():
        places = discover([location], errors.append)
        documents = [d for d in read_documents(places, StackNames(), errors.append, set()) if d]
    if not documents and errors:
        if errors[0].hint == LOOKED_FOR:
            raise FormatError(errors[0].message, _LOCK_FILE)
        raise errors[0]
    shown = without_secrets(os.fspath(location))
    if len(documents) != 1:
        message = f"{shown}: {len(documents)} documents; one lock file was expected"
        raise UsageError(message, _LOCK_FILE)
    ((document, source, _),) = documents
    if not source.is_environment:
        message = f"{document.location}: not a lock file: its format is {source.description}"
        raise FormatError(message, _LOCK_FILE)
    specs = {}
    for record in source.read(document, errors.append).records:
        properties = without_none(record.description._asdict())
        specs[record.hash] = {"hash": record.hash, **properties}
    return [*specs.values()], [error.message for error in errors]

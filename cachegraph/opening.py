"""Opens the store that a location names."""

import os
from typing import Any

from cachegraph.errors import StoreError
from cachegraph.stores import Store

MEMORY = ":memory:"
_PATH_HINT = (
    "write ./NAME if it is the name of a file; the address of a Neo4j server is as in "
    "neo4j://localhost"
)
_SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")


def is_neo4j(location: str) -> bool:
    """Whether a location is the address of a Neo4j server."""
    scheme, separator, _ = location.partition("://")
    return bool(separator) and scheme.lower() in _SCHEMES


def open_store(location: str | os.PathLike[str], *, write: bool = False, **options: Any) -> Store:
    """Opens a file, a Neo4j server, an exported GraphML file, or a new graph in ``:memory:``.

    A store is read-only unless ``write`` is true; StoreError if there is none at the location, or
    if it is an address of something else.
    """
    text = os.fspath(location)
    if is_neo4j(text):
        from cachegraph.neo4j.store import Neo4jStore

        return Neo4jStore(text, write=write, **options)
    check_is_path(text)
    if text == MEMORY or text.endswith((".graphml", ".graphml.gz")):
        if write and text != MEMORY:
            raise StoreError(
                f"{text}: an exported file is read-only",
                "import into another store and export it again",
            )
        from cachegraph.stores.networkx import NetworkXStore

        return NetworkXStore() if text == MEMORY else NetworkXStore.read(text)
    from cachegraph.stores.file.store import FileStore

    return FileStore(text, write=write, **options)


def check_is_path(text: str) -> None:
    """StoreError, without the secrets of the text, if it is rather an address than a path."""
    if ":" in text:
        from cachegraph.reading.secrets import is_like_address, shown_as_typed

        if is_like_address(text):
            raise StoreError(f"{shown_as_typed(text)}: an address, not a path", _PATH_HINT)

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
_STORES = (
    "a file, a Neo4j server as in neo4j://localhost, an exported .graphml, or a folder of Parquet"
)
_IMPORT_ADDRESS = (
    "import what is there into a store: cachegraph import ADDRESS; write ./NAME if it is a file"
)
_SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")


def is_neo4j(location: str) -> bool:
    """Whether a location is the address of a Neo4j server."""
    scheme, separator, _ = location.partition("://")
    return bool(separator) and scheme.lower() in _SCHEMES


def is_export(location: str) -> bool:
    """Whether a location is that of an exported file or folder, which is read-only."""
    return location.endswith((".graphml", ".graphml.gz")) or _is_parquet(location)


def _is_parquet(location: str) -> bool:
    """Whether a location is a folder in which there is an export, or what is left of one."""
    # pathlib is slow to import
    return os.path.isdir(location) and any(  # noqa: PTH112
        os.path.exists(os.path.join(location, name))  # noqa: PTH110, PTH118
        for name in ("schema.json", "nodes", "relationships")
    )


def open_store(location: str | os.PathLike[str], *, write: bool = False, **options: Any) -> Store:
    """Opens a file, a Neo4j server, an export, or a new graph in ``:memory:``.

    A store is read-only unless ``write`` is true; StoreError if there is none at the location, or
    if it is an address of something else.
    """
    text = os.fspath(location)
    if is_neo4j(text):
        from cachegraph.neo4j.store import Neo4jStore

        return Neo4jStore(text, write=write, **options)
    if ":" in text and text != MEMORY:
        from cachegraph.reading.secrets import is_like_address, shown_as_typed

        if is_like_address(text):
            shown = shown_as_typed(text)
            raise StoreError(f"{shown}: not a store, which is {_STORES}", _IMPORT_ADDRESS)
    if not is_file(text):
        if write and text != MEMORY:
            raise StoreError(
                f"{text}: an exported {'folder' if _is_parquet(text) else 'file'} is read-only",
                "import into another store and export it again",
            )
        if _is_parquet(text):
            from cachegraph.stores.parquet import ParquetStore

            return ParquetStore(text)
        from cachegraph.stores.networkx import NetworkXStore

        return NetworkXStore() if text == MEMORY else NetworkXStore.read(text)
    from cachegraph.stores.file.store import FileStore

    return FileStore(text, write=write, **options)


def is_file(location: str) -> bool:
    """Whether a location is that of a file store."""
    return not (location == MEMORY or is_neo4j(location) or is_export(location))


def check_is_path(text: str) -> None:
    """StoreError, without the secrets of the text, if it is rather an address than a path."""
    if ":" in text:
        from cachegraph.reading.secrets import is_like_address, shown_as_typed

        if is_like_address(text):
            raise StoreError(f"{shown_as_typed(text)}: an address, not a path", _PATH_HINT)

"""Opens the store that a location names, for as many threads as ask it."""

import os
import threading
from typing import Any
from weakref import WeakSet

from cachegraph.errors import StoreError
from cachegraph.stores import Store

MEMORY = ":memory:"
_PATH_HINT = (
    "write ./NAME if it is the name of a file; the address of a Neo4j server is as in "
    "neo4j://localhost"
)
_STORES = "a file, a Neo4j server as in neo4j://localhost, or an exported .graphml"
_IMPORT_ADDRESS = (
    "import what is there into a store: cachegraph import ADDRESS; write ./NAME if it is a file"
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
    if ":" in text and text != MEMORY:
        from cachegraph.reading.secrets import is_like_address, shown_as_typed

        if is_like_address(text):
            shown = shown_as_typed(text)
            raise StoreError(f"{shown}: not a store, which is {_STORES}", _IMPORT_ADDRESS)
    if not is_file(text):
        if write and text != MEMORY:
            raise StoreError(
                f"{text}: an exported file is read-only",
                "import into another store and export it again",
            )
        from cachegraph.stores.networkx import NetworkXStore

        return NetworkXStore() if text == MEMORY else NetworkXStore.read(text)
    from cachegraph.stores.file.store import FileStore

    return FileStore(text, write=write, **options)


def is_file(location: str) -> bool:
    """Whether a location is that of a file store."""
    others = location == MEMORY or location.endswith((".graphml", ".graphml.gz"))
    return not (others or is_neo4j(location))


class _Opened(threading.local):
    """The store that a thread has opened, and the number of the opening."""

    store: Store | None = None
    opening = 0


class OpenStore:
    """The store of a graph, opened to read when a thread first needs it.

    Of a file each thread has a store of its own: a connection with its snapshot, and what was read
    so far. Any other store is shared by all threads.
    """

    def __init__(self, location: str) -> None:
        self.location = location
        self._is_file = is_file(location)
        self._own = _Opened()
        self._of_threads: WeakSet[Any] = WeakSet()  # file stores
        self._shared: Store | None = None
        self._opening = 0
        self._lock = threading.Lock()

    def get(self) -> Store:
        """The store that this thread reads; StoreError if there is none."""
        if self._is_file:
            own = self._own
            if own.store is None or own.opening != self._opening:
                self._close_own()
                # If another thread changes the file from here on, it is opened again.
                own.opening = self._opening
                own.store = open_store(self.location)
                with self._lock:
                    self._of_threads.add(own.store)
            return own.store
        with self._lock:
            if self._shared is None:
                self._shared = open_store(self.location)
            return self._shared

    def renew(self) -> None:
        """Makes every thread see what is in the file now, from its next question on."""
        with self._lock:
            self._opening += 1
        self._close_own()

    def close(self) -> None:
        """Closes the store; a thread that is asking just now closes its own when it asks again."""
        self.renew()
        with self._lock:
            for store in self._of_threads:
                store.close_if_idle()
            if self._shared is not None and self.location != MEMORY:
                self._shared.close()
                self._shared = None

    def _close_own(self) -> None:
        if self._own.store is not None:
            self._own.store.close()
            self._own.store = None


def check_is_path(text: str) -> None:
    """StoreError, without the secrets of the text, if it is rather an address than a path."""
    if ":" in text:
        from cachegraph.reading.secrets import is_like_address, shown_as_typed

        if is_like_address(text):
            raise StoreError(f"{shown_as_typed(text)}: an address, not a path", _PATH_HINT)

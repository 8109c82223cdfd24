"""The open store of a graph, for as many threads as ask it."""

import threading
from typing import TYPE_CHECKING, NamedTuple, cast

from cachegraph.opening import MEMORY, is_file, open_store
from cachegraph.stores import Store

if TYPE_CHECKING:
    from cachegraph.stores.file.store import FileStore


class _Opened(NamedTuple):
    """The store that a thread has opened, and the number of the opening."""

    store: "FileStore"
    opening: int


class OpenStore:
    """The store of a graph, opened to read when a thread first needs it.

    Of a file each thread has a store of its own: a connection with its snapshot, and what was read
    so far. Any other store is shared by all threads.
    """

    def __init__(self, location: str) -> None:
        self.location = location
        self._is_file = is_file(location)
        self._of_threads: dict[threading.Thread, _Opened] = {}
        self._shared: Store | None = None
        self._opening = 0
        self._lock = threading.Lock()

    def get(self) -> Store:
        """The store that this thread reads; StoreError if there is none."""
        if self._is_file:
            own = self._of_threads.get(threading.current_thread())
            return own.store if own and own.opening == self._opening else self._open_own()
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
            for thread, opened in [*self._of_threads.items()]:
                if opened.store.close_if_idle():
                    del self._of_threads[thread]
            if self._shared is not None and self.location != MEMORY:
                self._shared.close()
                self._shared = None

    def _open_own(self) -> Store:
        """The store of this thread, opened anew; closes what it and threads that ended had open."""
        with self._lock:
            self._close_own()
            for thread in [one for one in self._of_threads if not one.is_alive()]:
                self._of_threads.pop(thread).store.close()
        # If another thread changes the file from here on, it is opened again.
        opening = self._opening
        store = cast("FileStore", open_store(self.location))
        store.share()
        with self._lock:
            self._of_threads[threading.current_thread()] = _Opened(store, opening)
        return store

    def _close_own(self) -> None:
        """Closes the store of this thread, under the lock.

        The log of a file goes with its last connection, and stays if two are closed at once. And
        whoever closes the store afterwards waits until the log is gone.
        """
        own = self._of_threads.pop(threading.current_thread(), None)
        if own:
            own.store.close()

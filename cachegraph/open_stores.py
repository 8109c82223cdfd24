"""The open store of a graph, for as many threads as ask it."""

import threading
from typing import Any
from weakref import WeakSet

from cachegraph.opening import MEMORY, is_file, open_store
from cachegraph.stores import Store


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
                opened: Any = open_store(self.location)  # a file store
                opened.share()
                own.store = opened
                with self._lock:
                    self._of_threads.add(opened)
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

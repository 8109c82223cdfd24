"""Asks the questions of a graph for pages, and keeps the last answers while the store is the same.

Several threads may ask at the same time; of equal questions one is asked, and the others wait.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from cachegraph.model.schema import PACKAGE
from cachegraph.model.stack_key import StackKey
from cachegraph.opening import is_neo4j
from cachegraph.output.tables import Table
from cachegraph.questions import Question, answer, question_class
from cachegraph.stores import Store
from cachegraph.web.hiding import without_local_paths

_MOST_ROWS = 300_000
"""The rows of all answers that are kept: some 200 MB."""
_WITH_LOCATIONS = ("show", "verify", "want")
"""The questions in whose answers there are places of sources."""
_LONGEST_KEPT = 60.0
"""Seconds that the answers of a server are kept, which does not tell when it changes."""


class PagedGraph(Protocol):
    """A graph whose pages are shown: the store that it is in, opened for each thread."""

    location: str

    @property
    def store(self) -> Store:
        """The store that is open for this thread; StoreError if there is none."""

    def close(self) -> None:
        """Closes the store; the next question opens it again."""


class Asked(NamedTuple):
    """A question with its answer, in which there are no paths of this machine."""

    question: Question[Any, Any]
    answer: Mapping[str, Any]

    def tables(self) -> list[Table]:
        """The sections of the answer."""
        return [*self.question.tables(self.answer)]


class Asker:
    """Asks a graph; keeps the answers to the last questions."""

    def __init__(self, graph: PagedGraph) -> None:
        self.graph = graph
        self._lock = threading.Lock()
        self._refreshing = threading.Lock()
        self._kept: OrderedDict[Any, Future[Asked]] = OrderedDict()
        self._rows: dict[Any, int] = {}
        self._state = self._state_of_store()

    def ask(self, name: str, **parameters: Any) -> Asked:
        """The answer of a question by its name and parameters; CacheGraphError as it raises."""
        key = name, repr(sorted(parameters.items()))
        with self._lock:
            future = self._kept.get(key)
            if is_new := future is None:
                future = self._kept[key] = Future()
            self._kept.move_to_end(key)
        assert future is not None
        if is_new:
            self._answer(key, future, name, parameters)
        return future.result()

    def _answer(
        self, key: Any, future: Future[Asked], name: str, parameters: Mapping[str, Any]
    ) -> None:
        try:
            question = question_class(name)(**parameters)
            found: Mapping[str, Any] = answer(question, self.graph.store)
            if name in _WITH_LOCATIONS:
                found = without_local_paths(found)
        except BaseException as exc:
            with self._lock:
                self._forget(key, future)
            future.set_exception(exc)
            return
        future.set_result(Asked(question, found))
        with self._lock:
            if self._kept.get(key) is future:
                self._rows[key] = 100 + sum(len(v) for v in found.values() if isinstance(v, list))
                self._make_room()

    def _make_room(self) -> None:
        """Forgets the answers that were not asked for the longest time."""
        total = sum(self._rows.values())
        for key in [*self._kept]:
            if total <= _MOST_ROWS:
                return
            total -= self._rows.get(key, 0)
            if key in self._rows:  # else it is not answered yet
                self._forget(key, self._kept[key])

    def _forget(self, key: Any, future: Future[Asked]) -> None:
        if self._kept.get(key) is future:
            del self._kept[key]
            self._rows.pop(key, None)

    def refresh(self) -> None:
        """Forgets all answers if the store has changed, and lets go of what it was."""
        # One at a time: the log of a file goes with the last that is closed.
        with self._refreshing:
            state = self._state_of_store()
            if state == self._state:
                return
            if not is_neo4j(self.graph.location):  # whose connections are always of now
                self.graph.close()
            # Only now: an answer that is kept from here on is of what is there now, or newer.
            with self._lock:
                self._state = state
                self._kept.clear()
                self._rows.clear()

    def _state_of_store(self) -> Any:
        """Something that differs when the store has changed."""
        if is_neo4j(self.graph.location):
            return time.monotonic() // _LONGEST_KEPT
        found = []
        for ending in ("", "-wal"):
            with suppress(OSError, ValueError):
                status = Path(f"{self.graph.location}{ending}").stat()
                # Readers make an empty log, and take it away.
                if status.st_size:
                    found.append((ending, status.st_ino, status.st_mtime_ns, status.st_size))
        return found

    # What most pages need.

    def stacks(self) -> Mapping[str, Mapping[str, Any]]:
        """The stacks by key, with their sizes, ``root`` too."""
        return {row["key"]: row for row in self.ask("stacks").answer["stacks"]}

    def releases(self) -> list[Mapping[str, Any]]:
        """The releases with the numbers of their stacks and specs."""
        found: list[Mapping[str, Any]] = self.ask("releases").answer["releases"]
        return found

    def stacks_of(self, release: str) -> list[str]:
        """The keys of the stacks of a release."""
        return [key for key in self.stacks() if StackKey.parse(key).release == release]

    def packages(self, prefix: str = "") -> list[str]:
        """The names of the packages that begin so, sorted."""
        with self.graph.store.snapshot():
            return sorted(self.graph.store.keys(PACKAGE, prefix))

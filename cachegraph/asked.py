"""A store that is asked questions, in which files may stand for stacks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self, TypeVar, cast

from cachegraph.file_names import named_files
from cachegraph.opening import open_store
from cachegraph.questions import Answer, Question, answer
from cachegraph.stores import Store

Asked = TypeVar("Asked", bound=Question[Any, Any])


class AskedStore:
    """The store at a location, which is open from the first question on, to be asked."""

    def __init__(self, location: str) -> None:
        self.location = location
        self._store: Store | None = None

    @property
    def store(self) -> Store:
        """The open store, a ``SpecGraph``; StoreError if there is none."""
        if self._store is None:
            self._store = open_store(self.location)
        return self._store

    def ask(self, question: Question[Any, Answer], *, lazily: bool = False) -> Answer:
        """The answer of a question; files that it names as stacks are read for it, and not saved.

        A file is a path such as ``./spack.lock``, a folder, or ``git:REVISION:PATH``. ``lazily``
        makes rows of very long answers only as they are gone through, while the graph is open.

        >>> from cachegraph.questions.overlap import Overlap
        >>> graph.ask(Overlap(stacks=["./spack.lock", "e4s-24.11/gcc-cpu"]))["levels"]["hash"]
        {'shared': 30, 'union': 49, 'jaccard': 0.6122}
        """
        with self._with_files(question) as (asked, store, warnings):
            # A store with files is closed before its rows would be made.
            found: Any = answer(asked, store, lazily=lazily and asked is question)
        if warnings:
            found["notes"] = [*found.get("notes", ()), *warnings]
        return found  # type: ignore[no-any-return]  # of the same type

    @contextmanager
    def _with_files(self, question: Asked) -> Iterator[tuple[Asked, Store, list[str]]]:
        """A question, a store that has the stacks it names, files too, and warnings of reading.

        It is the question that was given, and the store of this graph, if it names no file.
        """
        files = named_files(question, lambda: self.store)
        if not files:
            yield question, self.store, []
            return
        from cachegraph.file_stacks import file_stacks, stores_with_files

        with stores_with_files(question, file_stacks(files), lambda: self.store) as found:
            yield cast("tuple[Asked, Store, list[str]]", found)

    def close(self) -> None:
        """Closes the store; the next question opens it again."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

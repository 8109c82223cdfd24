"""The library's front door: a graph to ask, with a method for each command.

What a method needs is imported when it is called: the cold start is a feature.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any, Self

from cachegraph.environment import default_store
from cachegraph.errors import CacheGraphError, StoreError, UsageError
from cachegraph.opening import MEMORY, check_is_path, is_neo4j, open_store
from cachegraph.question_methods import QuestionMethods
from cachegraph.question_methods.base import Names, listed
from cachegraph.stores import Store

if TYPE_CHECKING:
    import networkx

    from cachegraph.importing.importer import Progress
    from cachegraph.importing.inventory import InfoAnswer
    from cachegraph.importing.removing import RemoveAnswer
    from cachegraph.importing.summary import ImportSummary
    from cachegraph.neo4j.adhoc import QueryAnswer
    from cachegraph.neo4j.load import LoadAnswer
    from cachegraph.neo4j.load import Progress as CopyProgress
    from cachegraph.questions.want import WantAnswer

_WAIT = 30.0


def open(store: str | os.PathLike[str] | None = None) -> "Graph":  # noqa: A001  # cachegraph.open() reads well
    """The graph in a store: a file, an exported ``.graphml``, or ``:memory:``.

    Without a location it is the store that the commands use. Nothing is read yet.
    """
    return Graph(default_store() if store is None else os.fspath(store))


class Graph(QuestionMethods):
    """A graph of specs in a store. Answers are what the commands print as JSON."""

    def __init__(self, location: str) -> None:
        self.location = location
        self._store: Store | None = None

    @property
    def store(self) -> Store:
        """The open store, a ``SpecGraph``; StoreError if there is none."""
        if self._store is None:
            self._store = open_store(self.location)
        return self._store

    def import_(  # noqa: PLR0913  # one for each option
        self,
        *locations: str | os.PathLike[str],
        release: str | None = None,
        stack: str | None = None,
        only: Sequence[str] = (),
        add: bool = False,
        replace: bool = True,
        strict: bool = False,
        wait: float = _WAIT,
        progress: "Progress | None" = None,
        notify: Callable[[str], None] = lambda _: None,
    ) -> "ImportSummary":
        """Imports what Spack writes: files, folders, addresses, and ``-`` for standard input.

        All good records go in, in one transaction; with ``strict`` a bad one is an error and
        nothing goes in. A stack becomes what a source lists in full; ``add`` keeps what it held.
        ``only`` are the releases, stacks, or ``release/stack`` wanted of several; ``*`` stands for
        anything. ``notify`` is told when it waits for another import, ``wait`` seconds at most.
        """
        del replace  # the default, and no choice: accepted for scripts
        from cachegraph.importing.importer import import_into

        with self._opened_to_write(wait=wait, notify=notify) as store:
            return import_into(
                store,
                locations,
                release=release,
                stack=stack,
                only=only,
                add=add,
                strict=strict,
                **({} if progress is None else {"progress": progress}),
            )

    def remove(
        self,
        *names: str,
        dry_run: bool = False,
        wait: float = _WAIT,
        notify: Callable[[str], None] = lambda _: None,
    ) -> "RemoveAnswer":
        """Removes stacks and releases, by name, ``release/stack`` or pattern, in one transaction.

        What only they held is removed too. ``dry_run`` changes nothing. NotFoundError or UsageError
        if one of the names is unknown or may mean several stacks: then nothing is removed.
        """
        from cachegraph.analysis.selection.removal import stacks_named
        from cachegraph.answers.commands import answer_of_command
        from cachegraph.importing.removing import remove

        if not names:
            raise UsageError("nothing to remove", "name a stack or a release: cachegraph stacks")
        if self.location != MEMORY and not self.location.endswith((".graphml", ".graphml.gz")):
            stacks_named(self.store, names)  # before a store is made, or another writer awaited
        with self._opened_to_write(wait=wait, notify=notify) as store:
            removed = remove(store, lambda: stacks_named(store, names), dry_run=dry_run)
        return answer_of_command(removed)  # type: ignore[no-any-return]

    def info(self, *, documents: bool = False) -> "InfoAnswer":
        """Where the store is, how large it is, what is in it, and when that was imported.

        With ``documents`` also every source.
        """
        from cachegraph.answers.commands import answer_of_command
        from cachegraph.importing.inventory import describe

        releases, stacks = self.releases()["releases"], self.stacks()["stacks"]
        described = describe(self.store, self.stats(), releases, stacks, documents=documents)
        return answer_of_command(described)  # type: ignore[no-any-return]

    @contextmanager
    def _opened_to_write(self, **options: Any) -> Iterator[Store]:
        """The store, opened so that it can be changed, and closed at the end."""
        if self.location == MEMORY:
            yield self.store
            return
        self.close()
        with closing(open_store(self.location, write=True, **options)) as store:
            yield store

    def want_lock(
        self,
        location: str | os.PathLike[str],
        *,
        on: str | None = None,
        stacks: Names = (),
        release: Names = None,
        all_releases: bool = False,
    ) -> "WantAnswer":
        """Which specs of a lock file the stacks have, and the nearest binaries to the others."""
        from cachegraph.questions import answer
        from cachegraph.questions.want import Want
        from cachegraph.reading.lock_specs import read_lock_specs
        from cachegraph.reading.secrets import without_secrets

        specs, warnings = read_lock_specs(location)
        lock = without_secrets(os.fspath(location))
        want = Want(
            spec="",
            on=on,
            stacks=listed(stacks),
            release=release,
            all_releases=all_releases,
            lock=lock,
            lock_specs=specs,
        )
        found = answer(want, self.store)
        if warnings:
            found["notes"] = [*found.get("notes", ()), *warnings]
        return found

    def query(
        self,
        text: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        limit: int = 1000,
        timeout: float = 30.0,
    ) -> "QueryAnswer":
        """The first rows of a statement of Cypher that only reads, asked of a Neo4j store.

        UsageError for whatever would write, administer, or read the server's files; ``timeout``
        is in seconds. Nodes, relationships and paths are dictionaries.
        """
        from cachegraph.neo4j.guard import refuse_text

        refuse_text(text)
        if not is_neo4j(self.location):
            check_is_path(self.location)
            raise StoreError(
                f"{self.location}: Cypher needs a Neo4j store", "copy it there: cachegraph load URI"
            )
        from cachegraph.answers.commands import answer_of_command
        from cachegraph.neo4j.adhoc import run_query
        from cachegraph.neo4j.connection import Connection

        with closing(Connection(self.location)) as connection:
            found = run_query(connection, text, parameters or {}, limit=limit, timeout=timeout)
        return answer_of_command(found)  # type: ignore[no-any-return]

    def networkx(self) -> "networkx.MultiDiGraph[str]":
        """A copy of the whole graph for NetworkX.

        Nodes are named ``Label:key``, know their properties and, as ``kind``, their label; the key
        of an edge is its relationship type. Lists are tuples.
        """
        from cachegraph.stores.networkx import NetworkXStore

        copy = NetworkXStore()
        copy.load(self.store.elements())
        return copy.graph

    def export(self, path: str | os.PathLike[str], format: str | None = None) -> int:  # noqa: A002  # as the option is named
        """Writes the graph as GraphML, compressed when the name ends in ``.gz``.

        The format ``neo4j-admin`` writes a folder for Neo4j's bulk import. Without a format the
        name's ending decides. Returns the number of nodes and relationships written.
        The path appears only when it is complete.
        """
        from cachegraph.exports import exporter

        check_is_path(os.fspath(path))
        if self._is_store(path):
            raise UsageError(f"{os.fspath(path)}: this is the store itself", "name another file")
        return exporter(os.fspath(path), format).export(self.store.elements(), path)

    def _is_store(self, path: str | os.PathLike[str]) -> bool:
        """Whether the path leads to the file in which the store is, or to its log."""
        target = os.path.realpath(path)
        files = [os.path.realpath(f"{self.location}{ending}") for ending in ("", "-wal", "-shm")]
        with suppress(OSError):
            return target in files or os.path.samefile(target, self.location)  # noqa: PTH121
        return False

    def load(
        self, uri: str, *, replace: bool = False, progress: "CopyProgress | None" = None
    ) -> "LoadAnswer":
        """Adds the graph to a Neo4j database; returns how much there was and how much was new.

        May be stopped at any moment and be run again. With ``replace`` all nodes that cachegraph
        has put there are taken out first.
        """
        if not is_neo4j(uri):
            from cachegraph.reading.secrets import shown_as_typed

            message = f"{shown_as_typed(uri)}: not the address of a Neo4j server"
            raise UsageError(message, "such as neo4j://localhost")
        from cachegraph.answers.commands import answer_of_command
        from cachegraph.neo4j.connection import Connection
        from cachegraph.neo4j.load import clear, copy

        with closing(Connection(uri)) as connection:
            connection.version()
            removed = clear(connection) if replace else 0
            copied = copy(
                self.store, connection, **({} if progress is None else {"progress": progress})
            )
        about = {"question": "load", "location": connection.location, "removed": removed}
        return answer_of_command(about | copied._asdict())  # type: ignore[no-any-return]

    def _repr_html_(self) -> str:
        """Where the store is, its nodes and its releases, for a notebook; an error as text."""
        from cachegraph.output.html import as_html, error_as_html
        from cachegraph.output.tables import Table, table_of

        try:
            facts, nodes = self.store.facts(), [*self.stats()["nodes"].items()]
            releases = self.releases()["releases"]
        except CacheGraphError as error:
            return error_as_html(error.message, error.hint)
        tables = [
            Table("nodes", ("label", "nodes"), nodes),
            table_of("releases", ("name", "stacks", "specs"), releases),
        ]
        return as_html(tables, f"cachegraph: {facts['store']} ({facts['kind']})")

    def close(self) -> None:
        """Closes the store; the next question opens it again."""
        if self._store is not None and self.location != MEMORY:
            self._store.close()
            self._store = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

"""The library's front door: a graph to ask, with a method for each command.

What a method needs is imported when it is called: the cold start is a feature.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from cachegraph.environment import default_store
from cachegraph.errors import CacheGraphError, StoreError, UsageError
from cachegraph.exchange import ignore
from cachegraph.open_stores import OpenStore
from cachegraph.opening import MEMORY, is_export, open_store
from cachegraph.publishing import PublishingMethods
from cachegraph.question_methods.base import Names, listed
from cachegraph.stores import Store

if TYPE_CHECKING:
    from cachegraph.importing.importer import Progress
    from cachegraph.importing.removing import RemoveAnswer
    from cachegraph.importing.summary import ImportSummary
    from cachegraph.questions.affected import AffectedAnswer
    from cachegraph.questions.want import WantAnswer
    from cachegraph.stores.file.upgrade import UpgradeAnswer

_WAIT = 30.0


def open(store: str | os.PathLike[str] | None = None) -> "Graph":  # noqa: A001  # cachegraph.open() reads well
    """The graph in a store: a file, an exported ``.graphml`` or folder, or ``:memory:``.

    Without a location it is the store that the commands use. Nothing is read yet.
    """
    return Graph(default_store() if store is None else os.fspath(store))


class Graph(PublishingMethods):
    """A graph of specs in a store. Answers are what the commands print as JSON.

    Several threads may use it at the same time. An answer is of the graph before a change or after
    it, never of one half made. On a server it may take several statements, with a change between
    them, and a change that is being committed may be seen in part.
    """

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self._opened = OpenStore(location)

    @property
    def store(self) -> Store:
        """The open store, a ``SpecGraph``, for this thread only; StoreError if there is none."""
        return self._opened.get()

    def close(self) -> None:
        """Closes the store; the next question opens it again.

        >>> with cachegraph.open("graph.db") as graph:  # closes it at the end
        ...     graph.stats()["nodes"]["Release"]
        3
        """
        self._opened.close()

    def import_(  # noqa: PLR0913  # one for each option
        self,
        *locations: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
        release: str | None = None,
        stack: str | None = None,
        only: Sequence[str] = (),
        add: bool = False,
        replace: bool = True,
        strict: bool = False,
        wait: float = _WAIT,
        progress: "Progress | None" = None,
        notify: Callable[[str], None] | None = None,
    ) -> "ImportSummary":
        """Imports what Spack writes: files, folders, addresses, and ``-`` for standard input.

        Locations may be given one by one or in lists.
        All good records go in, in one transaction; with ``strict`` a bad one is an error and
        nothing goes in. A stack becomes what a source lists in full; ``add`` keeps what it held.
        ``only`` are the releases, stacks, or ``release/stack`` wanted of several; ``*`` stands for
        anything. ``notify`` is told when it waits for another import, ``wait`` seconds at most.

        >>> with cachegraph.open(":memory:") as mine:
        ...     mine.import_("spack.lock", release="24.11", stack="mine").specs
        44
        """
        del replace  # the default, and no choice: accepted for scripts
        from cachegraph.importing.importer import import_into

        with self._opened_to_write(wait, notify) as store:
            return import_into(
                store,
                [*_each(locations)],
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
        notify: Callable[[str], None] | None = None,
    ) -> "RemoveAnswer":
        """Removes stacks and releases, by name, ``release/stack`` or pattern, in one transaction.

        What only they held is removed too. ``dry_run`` changes nothing. NotFoundError or UsageError
        if one of the names is unknown or may mean several stacks: then nothing is removed.

        >>> graph.remove("e4s-24.02", dry_run=True)["stacks"]
        [{'key': 'e4s-24.02/gcc-cuda', 'specs': 27, 'removed': 27}]
        """
        from cachegraph.analysis.selection.removal import stacks_named
        from cachegraph.answers.commands import answer_of_command
        from cachegraph.importing.removing import remove

        if not names:
            raise UsageError("nothing to remove", "name a stack or a release: cachegraph stacks")
        if self.location != MEMORY and not is_export(self.location):
            stacks_named(self.store, names)  # before a store is made, or another writer awaited
        with self._opened_to_write(wait, notify) as store:
            removed = remove(store, lambda: stacks_named(store, names), dry_run=dry_run)
        return answer_of_command(removed)  # type: ignore[no-any-return]

    def upgrade(
        self, *, wait: float = _WAIT, notify: Callable[[str], None] | None = None
    ) -> "UpgradeAnswer":
        """Brings a file that an earlier cachegraph wrote to the newest version, in one transaction.

        Returns the version before and now. StoreError if the store is no file.

        >>> graph.upgrade()["version"]
        4
        """
        from cachegraph.answers.commands import answer_of_command
        from cachegraph.opening import check_is_path, is_file
        from cachegraph.stores.file.upgrade import upgrade

        if not is_file(self.location):
            from cachegraph.reading.secrets import shown_as_typed

            shown = shown_as_typed(self.location)
            message = f"{shown}: not a file that imports write, so it has no store version"
            raise StoreError(message, "load or export the graph again")
        check_is_path(self.location)
        self._opened.renew()
        try:
            answer = upgrade(self.location, wait, notify or ignore)
        finally:
            self._opened.renew()
        return answer_of_command(answer)  # type: ignore[no-any-return]

    @contextmanager
    def _opened_to_write(
        self, wait: float, notify: Callable[[str], None] | None
    ) -> Iterator[Store]:
        """The store, opened so that it can be changed, and closed at the end."""
        if self.location == MEMORY:
            yield self.store
            return
        self._opened.renew()
        try:
            with closing(
                open_store(self.location, write=True, wait=wait, notify=notify or ignore)
            ) as store:
                yield store
        finally:
            self._opened.renew()

    def want_lock(
        self,
        location: str | os.PathLike[str],
        *,
        on: str | None = None,
        stacks: Names = (),
        release: Names = None,
        all_releases: bool = False,
    ) -> "WantAnswer":
        """Which specs of a lock file the stacks have, and the nearest binaries to the others.

        >>> answer = graph.want_lock("spack.lock", release="e4s-24.11")
        >>> answer["available"], answer["missing"], answer["external"]
        (41, 0, 3)
        """
        from cachegraph.file_stacks import local_file
        from cachegraph.questions.want import Want
        from cachegraph.reading.lock_specs import read_lock_specs
        from cachegraph.reading.secrets import without_secrets

        with local_file(location) as path:
            specs, warnings = read_lock_specs(path)
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
        found = self.ask(want)
        if warnings:
            found["notes"] = [*found.get("notes", ()), *warnings]
        return found

    def affected_by(
        self,
        location: str | os.PathLike[str],
        *,
        deptypes: Sequence[str] = (),
        stacks: Names = (),
        release: Names = None,
        all_releases: bool = False,
    ) -> "AffectedAnswer":
        """What the advisories in a document of OSV or CycloneDX VEX reach, as ``affected`` tells.

        >>> import pathlib
        >>> text = '{"id": "X-1", "affected": [{"package": {"ecosystem": "", "name": "Umpire"}}]}'
        >>> pathlib.Path("x-1.json").write_text(text)
        77
        >>> answer = graph.affected_by("x-1.json")
        >>> answer["advisories"][0]["packages"], [row["package"] for row in answer["roots"]]
        (['umpire'], ['axom'])
        """
        from cachegraph.analysis.advisories import advisories_of
        from cachegraph.questions.affected import Affected
        from cachegraph.reading.advisories import read_json

        shown = os.fspath(location)
        question = Affected(
            spec=shown,
            deptypes=deptypes,
            stacks=listed(stacks),
            release=release,
            all_releases=all_releases,
            advisories=advisories_of(read_json(location), shown),
        )
        return self.ask(question)

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


def _each(
    locations: Iterable[str | os.PathLike[str] | Iterable[str | os.PathLike[str]]],
) -> Iterator[str | os.PathLike[str]]:
    """The locations, those in lists too."""
    for location in locations:
        if isinstance(location, (str, os.PathLike)):
            yield location
        else:
            yield from location

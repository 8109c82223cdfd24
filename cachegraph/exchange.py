"""What takes a graph out of its store, as methods: NetworkX, files, Neo4j and its Cypher."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from cachegraph.asked import AskedStore
from cachegraph.errors import StoreError, UsageError
from cachegraph.opening import check_is_path, is_neo4j
from cachegraph.question_methods import QuestionMethods
from cachegraph.question_methods.base import Names, listed

if TYPE_CHECKING:
    import networkx

    from cachegraph.importing.inventory import InfoAnswer
    from cachegraph.model.elements import Element
    from cachegraph.neo4j.adhoc import QueryAnswer
    from cachegraph.neo4j.load import LoadAnswer, Progress
    from cachegraph.questions.parameters import ScopeQuestion
    from cachegraph.questions.prune import PruneAnswer

_OF_RELEASES = ("name", "stacks", "specs")
"""What ``info`` tells of each release."""


def ignore(_: str) -> None:
    """Tells nobody."""


class ExchangeMethods(AskedStore, QuestionMethods):
    """Methods that take a graph out of its store, or ask the store itself."""

    def info(self, *, documents: bool = False) -> "InfoAnswer":
        """Where the store is, how large it is, what is in it, and when that was imported.

        With ``documents`` also every source.

        >>> answer = graph.info()
        >>> answer["kind"], len(answer["stacks"])
        ('file', 17)
        """
        from cachegraph.answers.commands import answer_of_command
        from cachegraph.importing.inventory import describe

        store = self.store
        with store.snapshot():
            releases, stacks = self.releases()["releases"], self.stacks()["stacks"]
            releases = [{name: row[name] for name in _OF_RELEASES} for row in releases]  # type: ignore[literal-required, misc]
            described = describe(store, self.stats(), releases, stacks, documents=documents)
        return answer_of_command(described)  # type: ignore[no-any-return]

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

        >>> graph = cachegraph.open("neo4j://localhost")
        >>> text = "MATCH (s:Stack {release: $r}) RETURN s.name ORDER BY s.name"
        >>> graph.query(text, {"r": "e4s-24.11"})["rows"]
        [['gcc-cpu'], ['gcc-cuda']]
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

        >>> everything = graph.networkx()
        >>> everything.nodes["Stack:e4s-24.11/gcc-cpu"]["release"]
        'e4s-24.11'
        >>> sum(kind == "Stack" for _, kind in everything.nodes(data="kind"))
        17
        """
        from cachegraph.stores.networkx import NetworkXStore

        copy, store = NetworkXStore(), self.store
        with store.snapshot():
            copy.load(store.elements())
        return copy.graph

    def export(  # noqa: PLR0913  # one for each option
        self,
        path: str | os.PathLike[str],
        format: str | None = None,  # noqa: A002  # as the option is named
        *,
        stacks: Names = (),
        release: Names = None,
        all_releases: bool = False,
        around: str | None = None,
        hops: int = 1,
        plain: bool = False,
        notify: Callable[[str], None] | None = None,
    ) -> int:
        """Writes the graph to a file, or to a folder for ``neo4j-admin`` or ``parquet``.

        Without a format the name's ending decides; ``plain`` is for ``.sqlite``. With stacks or
        releases only these, their specs and what those depend on; with ``around`` what the specs
        that fit depend on, and what depends on them, in ``hops`` steps at most. ``notify`` is told
        how names were read. Returns the number of nodes and relationships written. The path
        appears only when it is complete.

        >>> count = graph.export("graph.graphml.gz")
        >>> cachegraph.open("graph.graphml.gz").stats() == graph.stats()
        True
        >>> graph.export("hdf5.gexf", stacks="e4s-24.11/gcc-cpu", around="hdf5", hops=2)
        145
        """
        from cachegraph.exports import exporter, format_of
        from cachegraph.questions.parameters import ScopeQuestion

        self._check_target(path)
        form = exporter(format_of(os.fspath(path), format, plain=plain))
        named = ScopeQuestion[Any, Any](
            stacks=listed(stacks), release=listed(release), all_releases=all_releases
        )
        with self._part(named, around, hops, notify or ignore) as elements:
            return form.export(elements, path)

    @contextmanager
    def _part(
        self,
        named: "ScopeQuestion[Any, Any]",
        around: str | None,
        hops: int,
        notify: Callable[[str], None],
    ) -> "Iterator[Iterator[Element]]":
        """The elements of the stacks that are named, and of what is around specs; or of all."""
        from cachegraph.analysis.subgraph import PartAsked, part_of

        with self._with_files(named) as (chosen, store, warnings), store.snapshot():
            given = chosen.stacks, listed(chosen.release), chosen.all_releases
            asked = PartAsked(*given, around, hops)
            if asked.is_everything:
                yield store.elements()
                return
            part = part_of(store, asked)
            for note in (*part.notes, *warnings):
                notify(note)
            yield part.elements

    def write_keeplist(self, answer: "PruneAnswer", path: str | os.PathLike[str]) -> int:
        """Writes what stays, by an answer of ``prune``, for ``spack buildcache prune --keeplist``.

        One hash a line; returns how many. UsageError if the answer was refused, or nothing stays:
        Spack takes no empty list.

        >>> graph.write_keeplist(graph.prune(drop="e4s-24.02"), "keep.txt")
        439
        """
        from pathlib import Path

        from cachegraph.analysis.pruning import check_not_refused
        from cachegraph.exports.files import atomic_file

        self._check_target(path)
        check_not_refused(answer)
        if not answer["keep"]:
            raise UsageError("nothing stays: a keep list is never empty", "drop fewer stacks")
        with atomic_file(Path(path)) as write:
            write("".join([f"{hash_}\n" for hash_ in answer["keep"]]))
        return len(answer["keep"])

    def write_base(
        self,
        answer: Mapping[str, Any],
        folder: str | os.PathLike[str],
        *,
        every_root: bool = False,
    ) -> list[str]:
        """Writes an answer of ``base`` as environments for Spack; returns notes on what is missing.

        ``base/spack.yaml``, ``base/spack.lock`` if all hashes can be reproduced, lines to add for
        each stack, and ``groups.yaml`` with all in one environment. The topmost specs are roots,
        with pins of what is below, or all are. The folder must be new or empty.

        >>> graph.write_base(graph.base(release="e4s-24.11"), "environments")[0].split(":")[0]
        'no spack.lock'
        """
        from pathlib import Path

        from cachegraph.spack_files.folder import write_base

        self._check_target(folder)
        return write_base(self.store, answer, Path(folder), every_root=every_root)

    def _check_target(self, path: str | os.PathLike[str]) -> None:
        """UsageError if the path is an address, no name, or leads to the store itself."""
        check_is_path(os.fspath(path))
        if os.fspath(path) in ("", "-") or "\0" in os.fspath(path):
            hint = "write /dev/stdout for standard output, and ./- for a file of that name"
            raise UsageError(f"{os.fspath(path)!r}: not the name of a file", hint)
        if self._is_store(path):
            raise UsageError(f"{os.fspath(path)}: this is the store itself", "name another file")

    def _is_store(self, path: str | os.PathLike[str]) -> bool:
        """Whether the path leads to the file in which the store is, or to its log.

        Of a store that is a folder: whether it leads to that, or into it.
        """
        from pathlib import Path

        target, store = Path(os.path.realpath(path)), Path(os.path.realpath(self.location))
        if target in (store, *map(Path, (f"{store}-wal", f"{store}-shm"))):
            return True
        with suppress(OSError):
            inside = (target, *target.parents) if store.is_dir() else (target,)
            return any(one.samefile(store) for one in inside if one.exists())
        return False

    def load(
        self, uri: str, *, replace: bool = False, progress: "Progress | None" = None
    ) -> "LoadAnswer":
        """Adds the graph to a Neo4j database; returns how much there was and how much was new.

        May be stopped at any moment and be run again. With ``replace`` all nodes that cachegraph
        has put there are taken out first.

        >>> answer = graph.load("neo4j://localhost")
        >>> answer["nodes"], answer["removed"]
        (554, 0)
        """
        if not is_neo4j(uri):
            from cachegraph.reading.secrets import shown_as_typed

            message = f"{shown_as_typed(uri)}: not the address of a Neo4j server"
            raise UsageError(message, "such as neo4j://localhost")
        from cachegraph.answers.commands import answer_of_command
        from cachegraph.neo4j.connection import Connection
        from cachegraph.neo4j.load import clear, copy

        store = self.store
        with closing(Connection(uri)) as connection, store.snapshot():
            connection.version()
            removed = clear(connection) if replace else 0
            copied = copy(store, connection, **({} if progress is None else {"progress": progress}))
        about = {"question": "load", "location": connection.location, "removed": removed}
        return answer_of_command(about | copied._asdict())  # type: ignore[no-any-return]

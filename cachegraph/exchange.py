"""What takes a graph out of its store, as methods: NetworkX, files, Neo4j and its Cypher."""

import os
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

from cachegraph.errors import StoreError, UsageError
from cachegraph.opening import check_is_path, is_neo4j
from cachegraph.question_methods import QuestionMethods
from cachegraph.question_methods.base import Names
from cachegraph.stores import Store

if TYPE_CHECKING:
    import networkx

    from cachegraph.neo4j.adhoc import QueryAnswer
    from cachegraph.neo4j.load import LoadAnswer, Progress
    from cachegraph.questions.prune import PruneAnswer
    from cachegraph.web.site import Written


class ExchangeMethods(QuestionMethods):
    """Methods that take a graph out of its store, or ask the store itself."""

    location: str

    @property
    def store(self) -> Store:
        """The store that is open for this thread."""
        raise NotImplementedError

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

    def export(self, path: str | os.PathLike[str], format: str | None = None) -> int:  # noqa: A002  # as the option is named
        """Writes the graph as GraphML, compressed when the name ends in ``.gz``.

        The format ``neo4j-admin`` writes a folder for Neo4j's bulk import. Without a format the
        name's ending decides. Returns the number of nodes and relationships written.
        The path appears only when it is complete.

        >>> count = graph.export("graph.graphml.gz")
        >>> cachegraph.open("graph.graphml.gz").stats() == graph.stats()
        True
        """
        from cachegraph.exports import exporter

        self._check_target(path)
        store = self.store
        with store.snapshot():
            return exporter(os.fspath(path), format).export(store.elements(), path)

    def plot(
        self, answer: Mapping[str, Any], path: str | os.PathLike[str], *, dark: bool = False
    ) -> None:
        """Makes a picture of an answer; the file's name ends in .svg, .png, .pdf or .html.

        Of ``deps``, ``dependents`` and ``why`` also in .dot for Graphviz or .mmd for Mermaid.
        UsageError if the question has no picture, or the answer nothing to be shown.

        >>> graph.plot(graph.why("/kc2bmnx", "/tqdtzdz"), "why.mmd")
        """
        from pathlib import Path

        from cachegraph.plots import plot

        self._check_target(path)
        plot(answer, Path(path), dark=dark)

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

    def report(
        self,
        path: str | os.PathLike[str],
        *,
        stacks: Names = (),
        release: Names = None,
        all_releases: bool = False,
    ) -> None:
        """Writes a report on stacks as one HTML file that asks for no other file.

        What they share, what is built twice and why, which pins would stop it, holes, what changed
        since the release before, and how far hashes are proved. The extra ``plots`` adds pictures.

        >>> graph.report("report.html", release="e4s-24.11")
        """
        from pathlib import Path

        from cachegraph.reports import write_report

        self._check_target(path)
        chosen = {"stacks": stacks, "release": release, "all_releases": all_releases}
        write_report(self, Path(path), chosen)

    def site(self, folder: str | os.PathLike[str], *, replace: bool = False) -> "Written":
        """Writes the pages of ``serve`` as files; needs the extra ``serve``.

        Returns the number of pages, the bytes of all files, and notes on what is left out. The
        folder must not be there, or with ``replace`` be an earlier site.

        >>> graph.site("public").pages
        703
        """
        from cachegraph.web.needed import check_extra

        check_extra()
        from cachegraph.web.site import write_site

        return write_site(self, folder, replace=replace)

    def serve(
        self, *, host: str = "127.0.0.1", port: int = 8000, host_names: Sequence[str] = ()
    ) -> None:
        """Serves the pages until the process is interrupted; needs the extra ``serve``.

        ``host_names`` are those under which clients may ask, besides the address; port 0 is any
        that is free. CacheGraphError if the port cannot be had.

        >>> graph.serve(port=8080)
        """
        from cachegraph.web.needed import check_extra

        check_extra()
        from cachegraph.web.server.running import make_server

        server, bound, _ = make_server(self, host, port, host_names)
        with bound:
            server.run([bound])

    def close(self) -> None:
        """Closes the store; the next question opens it again."""
        raise NotImplementedError

    def sbom(
        self,
        name: str,
        path: str | os.PathLike[str] | None = None,
        *,
        format: str | None = None,  # noqa: A002  # as the option is named
        release: Names = None,
        timestamp: str | None = None,
    ) -> dict[str, Any]:
        """The bill of materials of a stack, or of the one spec that fits; written if to a path.

        In the form ``cyclonedx`` (1.6) or ``spdx`` (2.3); without one the name's ending decides,
        ``.cdx.json`` or ``.spdx.json``. It is the same for the same contents and time, which is
        that of ``SOURCE_DATE_EPOCH`` if that is set. UsageError without the extra ``sbom``.

        >>> bill = graph.sbom("e4s-24.11/gcc-cpu")
        >>> bill["specVersion"], len(bill["components"])
        ('1.6', 35)
        >>> len(graph.sbom("/kc2bmnx", "cmake.spdx.json")["packages"])
        18
        """
        from cachegraph.analysis.bill_of_materials import bill_of
        from cachegraph.sbom import document, format_of, time_asked, write_document

        if path is not None:
            self._check_target(path)
        created = time_asked(timestamp)
        store = self.store
        with store.snapshot():
            bill = bill_of(store, name, release)
        made = document(bill, format or format_of(os.fspath(path or "")), created)
        if path is not None:
            write_document(path, made)
        return made

    def _check_target(self, path: str | os.PathLike[str]) -> None:
        """UsageError if the path is an address, or leads to the store itself."""
        check_is_path(os.fspath(path))
        if self._is_store(path):
            raise UsageError(f"{os.fspath(path)}: this is the store itself", "name another file")

    def _is_store(self, path: str | os.PathLike[str]) -> bool:
        """Whether the path leads to the file in which the store is, or to its log."""
        target = os.path.realpath(path)
        files = [os.path.realpath(f"{self.location}{ending}") for ending in ("", "-wal", "-shm")]
        with suppress(OSError):
            return target in files or os.path.samefile(target, self.location)  # noqa: PTH121
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

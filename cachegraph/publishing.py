"""What shows a graph to others, as methods: pictures, reports, pages, bills of materials."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cachegraph.exchange import ExchangeMethods
from cachegraph.question_methods.base import Names

if TYPE_CHECKING:
    from cachegraph.web.site import Written


class PublishingMethods(ExchangeMethods):
    """Methods that write what others look at, or serve it."""

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

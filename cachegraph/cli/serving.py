"""The commands that serve pages, and that write them as files."""

import gc
from typing import TYPE_CHECKING

import click

from cachegraph.api import Graph
from cachegraph.cli.options import STORE
from cachegraph.console.streams import say
from cachegraph.web.needed import check_extra

if TYPE_CHECKING:
    import socket

    import uvicorn

_HOST = "127.0.0.1"


@click.command("serve", params=[STORE])
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0: any free."
)
@click.option(
    "--host",
    metavar="ADDRESS",
    default=_HOST,
    show_default=True,
    help="The address to listen on; any other than this machine's own lets others read the store.",
)
@click.option(
    "--name",
    "names",
    metavar="HOST",
    multiple=True,
    help="A host name under which clients ask, besides the address; may be repeated.",
)
@click.option("--open", "is_opened", is_flag=True, help="Open the first page in a browser.")
def serve_command(
    *, host: str, port: int, names: tuple[str, ...], is_opened: bool, store: str
) -> None:
    """Serve pages to look around in: releases, stacks, packages, specs, and every question.

    The server only reads. It is reached from this machine alone unless --host says otherwise, and
    answers only requests that name it by its address, localhost, or --name. Each page has its JSON
    document beside it, index.json. It needs the extra serve.

    \b
    Examples:
      cachegraph serve --open
      cachegraph serve --store neo4j://localhost --port 8080
    """
    check_extra()
    from cachegraph.reading.secrets import without_secrets
    from cachegraph.web.server.running import is_loopback, make_server

    gc.enable()  # which a command that ends soon does without
    with Graph(store) as graph:
        server, bound, address = make_server(graph, host, port, names)
        if not is_loopback(host):
            say(
                f"Warning: {host} can be reached from other machines: whoever reaches it can read "
                "all of the store, without a password and without encryption"
            )
        say(f"Serving {without_secrets(store)} at {address} (Ctrl-C ends it)")
        if is_opened:
            _open(address)
        with bound:
            _run(server, bound)


def _run(server: "uvicorn.Server", bound: "socket.socket") -> None:
    """Runs a server until Ctrl-C, the usual way to end it, or another signal."""
    try:
        server.run([bound])
    except KeyboardInterrupt:
        pass
    except SystemExit as ended:
        # Python would wait for threads that still answer; this way the process ends at once.
        click.get_current_context().exit(ended.code if isinstance(ended.code, int) else 1)


def _open(address: str) -> None:
    """Opens a page in a browser, which may run in the terminal and end last."""
    import webbrowser
    from threading import Thread

    Thread(target=webbrowser.open, args=(address,), daemon=True).start()


@click.command("site", params=[STORE])
@click.argument("folder", metavar="FOLDER", type=click.Path())
@click.option("--replace", is_flag=True, help="Replace an earlier site in the folder.")
def site_command(folder: str, *, replace: bool, store: str) -> None:
    """Write the pages as files, for GitHub Pages or any other file server.

    Links are relative, each page has its JSON document beside it, and search runs in the browser.
    Pages that take parameters, such as what-if with other pins, are left out. A folder that is
    there already is left as it is, unless it holds an earlier site and --replace is given.
    It needs the extra serve.

    \b
    Examples:
      cachegraph site public
    """
    with Graph(store) as graph:
        written = graph.site(folder, replace=replace)
    for note in written.notes:
        say(f"Note: {note}")
    say(f"The site is in {folder}: {written.pages:,} pages, {written.bytes / 1e6:,.1f} MB")

"""What all commands share: where the store is, completion, progress."""

import sys
from collections.abc import Callable, Iterator
from typing import Any

import click

from cachegraph.api import Graph
from cachegraph.cli.streams import is_terminal
from cachegraph.environment import default_store
from cachegraph.errors import CacheGraphError
from cachegraph.model.schema import STACK, NodeType
from cachegraph.model.stack_key import StackKey


def names_of(label: NodeType) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """A function that completes the keys of nodes with this label, read from the store."""

    def complete(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
        try:
            with Graph(store_of(ctx, None, ctx.params.get("store"))) as graph:
                keys = graph.store.keys(label)
        except CacheGraphError:
            return []
        if label is STACK and "/" not in incomplete:
            keys = sorted({StackKey.parse(key).name for key in keys})
        # What is not printable could not be typed, and a shell might obey it.
        return [key for key in keys if key.startswith(incomplete) and key.isprintable()]

    return complete


def store_of(ctx: click.Context, _: click.Parameter | None, store: str | None) -> str:
    """The store of a command: its own option, else that before the command, else the default."""
    return store or ctx.find_root().params.get("store") or default_store()


STORE_HELP = (
    "Where the graph lives: a file, a Neo4j server, or an exported .graphml. "
    "[default: $CACHEGRAPH_STORE, else a file in your data folder]"
)
STORE = click.Option(["--store"], metavar="LOCATION", callback=store_of, help=STORE_HELP)


def progress_bar(label: str, *, in_steps: bool = False) -> Callable[[Any, int], Iterator[Any]]:
    """A function that hands on items, with a progress bar where standard error is a terminal.

    With ``in_steps`` each item is a number: how far the bar moves.
    """

    def shown(items: Any, length: int) -> Iterator[Any]:
        if not is_terminal(sys.stderr):
            yield from items
            return
        with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
            for item in items:
                yield item
                bar.update(item if in_steps else 1)

    return shown

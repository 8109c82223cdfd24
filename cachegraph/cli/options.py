"""What all commands share: where the store is, in which form answers are printed, completion."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from cachegraph.api import Graph
from cachegraph.cli.streams import is_terminal, say, write
from cachegraph.environment import default_store, wants_colour
from cachegraph.errors import CacheGraphError
from cachegraph.model.schema import STACK, NodeType
from cachegraph.model.stack_key import StackKey
from cachegraph.output.printable import printable

if TYPE_CHECKING:
    from cachegraph.output.tables import Table


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
OUTPUT = [
    STORE,
    click.Option(["--json", "form"], flag_value="json", help="Print one JSON document."),
    click.Option(["--csv", "form"], flag_value="csv", help="Print CSV; ' stands before a formula."),
    click.Option(["--markdown", "form"], flag_value="markdown", help="Print Markdown, to paste."),
    click.Option(["--section"], metavar="NAME", help="Only this section of the answer."),
    click.Option(["--all", "everything"], is_flag=True, help="Show all rows on a terminal."),
]
OUTPUT_NAMES = ("form", "section", "everything")
"""The parameters of ``OUTPUT`` that ``show_answer`` takes."""


def show_answer(
    answer: Mapping[str, Any],
    tables: "Callable[[Any], Iterable[Table]]",
    form: str | None,
    section: str | None,
    *,
    everything: bool,
) -> None:
    """Prints an answer in the form that was asked for, else the one that suits where it goes."""
    from cachegraph.output import render

    for note in answer.get("notes", ()):
        say(f"Note: {note}")
    if form == "json":
        write(render.as_json(answer))
        return
    shown = [*tables(answer)]
    if section is not None:
        sections = [table.section for table in shown]
        shown = [table for table in shown if table.section == section]
        if not shown:
            raise click.UsageError(f"no section {section}; there are {', '.join(sections)}")
    scope = answer.get("scope")
    heading = "" if scope is None or scope["everything"] else _capitalized(scope["text"])
    if form == "csv":
        parts = render.as_csv(shown)
    elif form == "markdown":
        parts = render.as_markdown(shown, heading)
    elif is_terminal(sys.stdout):
        parts = render.for_terminal(shown, heading, colour=wants_colour(), everything=everything)
    else:
        parts = render.as_tsv(shown)
    # Tables for a terminal are made of printable cells; their heads have its colours.
    obeyed = is_terminal(sys.stdout) and form in ("csv", "markdown")
    write(map(printable, parts) if obeyed else parts)


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


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

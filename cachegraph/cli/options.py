"""What all commands share: where the store is, completion, progress."""

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import click

from cachegraph.console import output
from cachegraph.console.output import OPTIONS
from cachegraph.console.streams import is_terminal
from cachegraph.console.words import names_of
from cachegraph.environment import default_store
from cachegraph.model.schema import NodeType
from cachegraph.questions.parameters import Option

Complete = Callable[[click.Context, click.Parameter, str], list[Any]]


class Output(output.Output):
    """How an answer is to be printed; Click prints its errors with the usage of the command."""

    error = click.UsageError


def names_in_store(*labels: NodeType) -> Complete:
    """A function that completes the names of nodes with these labels, read from the store."""

    def complete(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[Any]:
        from cachegraph.cli.completion import names

        return names(labels, store_of(ctx, None, ctx.params.get("store")), ctx, incomplete)

    return complete


def files(_: click.Context, __: click.Parameter, incomplete: str) -> list[Any]:
    """Has the shell complete files."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def one_of(words: Sequence[str]) -> Complete:
    """A function that completes one of these words, also after a comma."""

    def complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[Any]:
        before, comma, last = incomplete.rpartition(",")
        return [f"{before}{comma}{word}" for word in words if word.startswith(last)]

    return complete


def store_of(ctx: click.Context, _: click.Parameter | None, store: str | None) -> str:
    """The store of a command: its own option, else that before the command, else the default."""
    return store or ctx.find_root().params.get("store") or default_store()


STORE_HELP = (
    "Where the graph lives: a file, a Neo4j server, an exported .graphml or folder of Parquet. "
    "[default: $CACHEGRAPH_STORE, else a file in your data folder]"
)
STORE = click.Option(
    ["--store"], metavar="LOCATION", callback=store_of, help=STORE_HELP, shell_complete=files
)


def option_of(field: str, option: Option, default: Any, many: bool) -> click.Option:
    """The option of Click for one that is declared; ``many`` is whether it may be repeated."""
    complete = names_in_store(*option.completes) if option.completes else None
    if option.words:
        complete = one_of(option.words)
    type_: Any = click.Choice(option.choices) if option.choices else None
    if option.least is not None or option.most is not None:
        type_ = click.IntRange(option.least, option.most)
    elif isinstance(default, int) and not isinstance(default, bool):
        type_ = click.INT
    return click.Option(
        [*names_of(field, option), field],
        help=option.help,
        metavar=option.metavar,
        type=type_,
        default=None if many else default,
        show_default=type_ is not None,
        multiple=many,
        is_flag=default is False,
        shell_complete=complete,
    )


def options_for(sections: Sequence[str], *, limit: bool = True) -> list[click.Option]:
    """The options for an answer with these sections, which are in the help; perhaps no --limit."""
    made = []
    for name, option, default, many in OPTIONS:
        declared = option
        if name == "section" and sections:
            text = f"Only this section of the answer: {', '.join(sections)}."
            declared = Option(text, option.metavar, words=sections)
        if limit or name != "limit":
            made.append(option_of(name, declared, default, many))
    return made


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

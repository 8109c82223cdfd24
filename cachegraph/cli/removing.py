"""The command that takes stacks and releases out of a store."""

from typing import Any

import click

from cachegraph.api import Graph
from cachegraph.cli.options import STORE, Output, names_in_store, options_for
from cachegraph.console.streams import say
from cachegraph.model.schema import RELEASE, STACK
from cachegraph.output.store_tables import remove_tables


@click.command("remove", params=[STORE, *options_for(("stacks", "counts"))])
@click.argument(
    "names",
    nargs=-1,
    required=True,
    metavar="STACK|RELEASE...",
    shell_complete=names_in_store(STACK, RELEASE),
)
@click.option("--dry-run", is_flag=True, help="Print what would be removed; change nothing.")
@click.option("--wait", default=30.0, show_default=True, help="Seconds to wait for an import.")
def remove_command(
    names: tuple[str, ...], *, dry_run: bool, wait: float, store: str, **output: Any
) -> None:
    """Remove stacks and releases, and all that only they held.

    A name of a release removes all its stacks; a bare name of a stack must be in one release only.
    A pattern with a slash fits release/stack, another pattern fits releases. Specs that another
    stack holds, or that a spec of another stack depends on, stay. It is one transaction: nothing is
    removed if one of the names is unknown. Prints for each stack the number of its specs, and how
    many of them left the graph.

    \b
    Examples:
      cachegraph remove e4s-24.02 --dry-run
      cachegraph remove 'e4s-24.*' '*/e4s' --dry-run
    """
    printed = Output(output)
    answer = Graph(store).remove(*names, dry_run=dry_run, wait=wait, notify=say)
    printed.show(answer, remove_tables)
    if dry_run:
        say("Nothing was removed: this was a dry run")

"""The command that tells where the store is and what was imported into it."""

from typing import Any

import click

from cachegraph.api import Graph
from cachegraph.cli.options import STORE, Output, options_for
from cachegraph.environment import store_origin
from cachegraph.output.store_tables import info_tables


@click.command("info", params=[STORE, *options_for(("store", "releases", "stacks", "sources"))])
@click.option("--sources", is_flag=True, help="List every source too, with what it lists.")
@click.pass_context
def info_command(ctx: click.Context, /, *, sources: bool, store: str, **output: Any) -> None:
    """Show where the store is, how large it is, and what was imported when.

    Prints the facts of the store and its counts, then the releases and the stacks with the number
    of sources that list them and the last import that brought one. Importing a source again
    unchanged does not count. Of a stack that only pages name, these are the pages of its specs.

    \b
    Examples:
      cachegraph info
      cachegraph info --sources
    """
    printed = Output(output)
    with Graph(store) as graph:
        answer = {**graph.info(documents=sources), "chosen_by": _chosen_by(ctx)}
    printed.show(answer, info_tables)


def _chosen_by(ctx: click.Context) -> str:
    """``--store``, the variable that names the store, or ``default``."""
    given = ctx.get_parameter_source("store") is click.core.ParameterSource.COMMANDLINE
    return "--store" if given or ctx.find_root().params.get("store") else store_origin()
